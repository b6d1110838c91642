"""The variants of an issue: what readers with different choices get, composed once each.

A variant is made of the issue's own words, by the templates the whole issue was made with. Where these have changed
since it was cut, nobody gets what no editor saw: see ``TemplatesChanged``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from db import articles, issue_corrections, issue_variants, issues, posts, teasers
from db.records import CorrectionBox, Issue, Teaser
from scheduler.lineup import Lineup, words_of
from scheduler.periodical import Periodical

if TYPE_CHECKING:
    from channels.email.channel import EmailChannel


class TemplatesChanged(Exception):
    """The issue's words come out otherwise than when it was cut; ``str()`` says what to do."""

    exit_code = 1


def lineup_of(tx: Connection, issue: Issue) -> Lineup:
    """A stored issue's stories in order with their sections, and the corrections that stand before them."""
    stories = tuple(issues.stories(tx, issue.id))
    return Lineup(
        window=issue.window,
        frequency=issue.frequency,
        stories=stories,
        articles={one.id: one for one in articles.several(tx, [one.article_id for one in stories])},
        corrections=boxes(tx, issue),
        corrected=issue.corrects is not None,
        own=issue.own,
    )


def put_right(tx: Connection, issue: Issue) -> Lineup:
    """A stored issue as it should have read: each story in the words of its newest correction in this issue."""
    lineup = lineup_of(tx, issue)
    right = {one.article_id: one.teaser_id for one in issue_corrections.of_issue(tx, issue.id)}
    stories = (teasers.get(tx, right[one.article_id]) if one.article_id in right else one for one in lineup.stories)
    return replace(lineup, stories=tuple(stories))


def boxes(tx: Connection, issue: Issue) -> tuple[CorrectionBox, ...]:
    """What the issue's box says: earlier issues' mistakes, or what a correction is about."""
    if issue.corrects is None:
        notes = issue_corrections.told_in(tx, issue.id)
    else:
        every = issue_corrections.of_issue(tx, issue.corrects)
        notes = [one for one in every if one.article_id in issue.article_ids][-1:]
    return tuple(box(note.note, teasers.get(tx, note.teaser_id)) for note in notes)


def box(note: str, teaser: Teaser) -> CorrectionBox:
    """One correction as readers see it."""
    return CorrectionBox(headline=teaser.headline, note=note, link=teaser.link)


class Composer:
    """Composes an issue's variants inside the transactions that freeze its audience; each is stored once."""

    def __init__(self, letter: Periodical, channel: EmailChannel, issue: Issue, lineup: Lineup, whole: str) -> None:
        """``whole`` is the fingerprint of the issue as it was cut and approved."""
        self._letter, self._channel, self._issue, self._lineup = letter, channel, issue, lineup
        self._known: dict[tuple[int, ...], str] = {tuple(one.article_id for one in lineup.stories): whole}
        self._whole, self._same = whole, False

    def fingerprint(self, tx: Connection, article_ids: tuple[int, ...], *, actor: str, now: datetime) -> str:
        """The name of the variant with these stories. Raises ``TemplatesChanged``."""
        if article_ids not in self._known:
            self._check()
            post = self._channel.compose_issue(words_of(self._letter, self._lineup.only(article_ids)))
            stored = posts.by_fingerprint(tx, self._channel.name, post.fingerprint)
            if stored is None:
                stored = posts.add(tx, post, (), teaser_id=None, actor=actor, now=now)
            issue_variants.add(tx, self._issue.id, stored, article_ids, actor=actor, now=now)
            self._known[article_ids] = post.fingerprint
        return self._known[article_ids]

    def forget(self) -> None:
        """Forgets what a transaction that came to nothing stored."""
        whole = {ids: name for ids, name in self._known.items() if name == self._whole}
        self._known = whole

    def _check(self) -> None:
        if self._same:
            return
        again = self._channel.compose_issue(words_of(self._letter, self._lineup)).fingerprint
        if again != self._whole:
            raise TemplatesChanged(
                f"the templates or settings of {self._letter.name} have changed since issue {self._issue.id} was cut, so "
                "its readers would get what nobody saw; look at it and say yes anew: "
                f"pressrun issue send {self._issue.id} --recompose"
            )
        self._same = True
