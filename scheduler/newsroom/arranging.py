"""The editor's hand on an issue: the order of its stories, what is left out, the words above it; cut already or to come."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from db import articles, audit, deliveries, issue_pins, issue_variants, issue_wishes, issues, posts, recipients
from db.records import Frequency, Issue, OwnWords, SubjectKind, Teaser
from scheduler.app import App, Outlet
from scheduler.cutting import waiting_for
from scheduler.lineup import pins_for
from scheduler.newsroom.grounds import MAY_CHANGE, Changed, Refused, outlet_named
from scheduler.newsroom.issuing import remade
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.ready_stories import ready_stories

LONGEST = 300
"""So many characters a person's subject or preheader may have; inboxes show far fewer."""


@needs(Permission.WORD)
def order_next(app: App, channel: str, article_ids: Sequence[int], frequency: Frequency, *, actor: str) -> list[int]:
    """Puts the stories that wait for a newsletter's next issue in this order; the numbers as they stand now.

    It pins as few as that needs. Stories that are not named follow in their usual order. Raises ``Refused`` for a story
    that does not wait for it.
    """
    outlet, now = _newsletter(app, channel), app.clock.now()
    with app.ground.transaction() as tx:
        waiting = waiting_for(tx, outlet, frequency, now)
        there = [one.article_id for one in waiting.stories]
        for number in article_ids:
            if number not in there:
                raise Refused(f"story {number} does not wait for the next issue of {channel}; see: pressrun issue")
        wanted = list(dict.fromkeys(article_ids))
        wanted += [number for number in there if number not in wanted]
        if wanted == there:
            return there
        pinned = pins_for(wanted, [one.article_id for one in waiting.unpinned])
        elsewhere = [number for number in issue_pins.pinned(tx, channel) if number not in there]
        issue_pins.put(tx, channel, [*pinned, *elsewhere], actor=actor, now=now)
        before, after = (", ".join(map(str, one)) for one in (there, wanted))
        audit.write(tx, "order", f"next issue of {channel}", actor=actor, now=now, before=before, after=after)
        return wanted


@needs(Permission.WORD)
def leave_out(app: App, channel: str, article_id: int, *, actor: str, back: bool = False, reason: str = "") -> bool:
    """Leaves a story out of a newsletter's issues to come, or (``back``) puts it back; False when it stood so already.

    Alerts go their own way. Raises ``Refused`` for what is no newsletter, ``NotThere`` for no story.
    """
    _newsletter(app, channel)
    now = app.clock.now()
    with app.ground.transaction() as tx:
        articles.get(tx, article_id)
        if back:
            changed = issue_wishes.put_back(tx, channel, article_id)
        else:
            changed = issue_wishes.leave_out(tx, channel, article_id, actor=actor, now=now, reason=reason)
            issue_pins.unpin(tx, channel, [article_id])
        if changed:
            verb, subject = "put back" if back else "leave out", f"story {article_id}"
            audit.write(tx, verb, subject, actor=actor, now=now, reason=reason, after=f"issues of {channel}")
        return changed


@needs(Permission.WORD)
def word_next(
    app: App, channel: str, frequency: Frequency, subject: str, preheader: str, *, actor: str
) -> OwnWords | None:
    """A person's subject and preheader for the next issue, "" for what its stories say; None where both are empty.

    They hold while the story leads that leads now. Raises ``Refused`` where no story waits, and for words too long.
    """
    outlet, now = _newsletter(app, channel), app.clock.now()
    with app.ground.transaction() as tx:
        stories = waiting_for(tx, outlet, frequency, now).stories
        if not stories:
            raise Refused(f"no story waits for the next {frequency} issue of {channel}; see: pressrun queue")
        own = _own(stories[0].article_id, subject, preheader, actor)
        before = issue_wishes.words(tx, channel, frequency)
        issue_wishes.word(tx, channel, frequency, own, actor=actor, now=now)
        named = f"next issue of {channel}"
        audit.write(tx, "word issue", named, actor=actor, now=now, before=_told(before), after=_told(own))
        return own


@needs(Permission.WORD)
def arrange_issue(
    app: App,
    delivery_id: int,
    article_ids: Sequence[int] | None = None,
    *,
    actor: str,
    subject: str | None = None,
    preheader: str | None = None,
    seen: str = "",
    reason: str = "",
) -> Changed:
    """Gives an issue that was cut these stories in this order, and these words above it; it waits for a yes to that.

    What is None stays; an empty subject or preheader is what the stories say. A story that is not named is left out of
    the newsletter until it is put back; one that waits for it may be named, too. ``seen`` is the fingerprint the person
    looked at: where the issue is another one by now, nothing is changed. Raises ``Refused`` once readers have begun to
    get it, for a correction, and for a story that may not come.
    """
    now = app.clock.now()
    with app.ground.transaction() as tx:
        delivery = deliveries.locked(tx, delivery_id)
        if delivery.subject_kind is not SubjectKind.ISSUE:
            raise Refused(f"delivery {delivery_id} is no issue of a newsletter")
        if delivery.state not in MAY_CHANGE or recipients.in_line(tx, delivery):
            raise Refused("readers have it, or are about to; put it right with: pressrun issue correct")
        if seen and seen != delivery.fingerprint:
            raise Refused("somebody changed this issue while you looked at it; look again, then say it anew")
        issue = issues.get(tx, delivery.subject_id)
        if issue.corrects is not None:
            raise Refused(f"issue {issue.id} is a correction: it says what was wrong and nothing else")
        if issue.is_alert and article_ids is not None:
            raise Refused(f"issue {issue.id} is an alert, of one story; only the words above it can be others")
        outlet = outlet_named(app, delivery.channel)
        stories = _stories(tx, outlet, issue, article_ids, app)
        own = issue.own
        if subject is not None or preheader is not None:
            kept = issue.own or OwnWords(0)
            said = (kept.subject if subject is None else subject, kept.preheader if preheader is None else preheader)
            own = _own(stories[0].article_id, *said, actor)
        numbers = tuple(one.article_id for one in stories)
        if numbers == issue.article_ids and _said(own) == _said(issue.own):
            return Changed(delivery, posts.problems(tx, delivery.post_id))
        for number in set(issue.article_ids) - set(numbers):
            issue_wishes.leave_out(tx, outlet.name, number, actor=actor, now=now, reason=reason)
        for number in numbers:
            issue_wishes.put_back(tx, outlet.name, number)
        if not issues.arrange(tx, issue, stories, own, actor=actor, now=now, reason=reason):
            raise Refused("another issue took one of these stories in this very moment; look again")
        issue_variants.forget(tx, issue.id)
        before, after = (
            f"{', '.join(map(str, ids))} {_told(words)}".strip()
            for ids, words in ((issue.article_ids, issue.own), (numbers, own))
        )
        named = f"issue {issue.id} of {outlet.name}"
        audit.write(tx, "arrange", named, actor=actor, now=now, reason=reason, before=before, after=after)
        why = reason or f"{actor} changed it; it waits for a person's yes."
        return remade(app, tx, outlet, issues.get(tx, issue.id), delivery, actor, now, why)


def _newsletter(app: App, channel: str) -> Outlet:
    outlet = outlet_named(app, channel)
    if outlet.letter is None:
        raise Refused(f"{channel} is no newsletter")
    return outlet


def _stories(
    tx: Connection, outlet: Outlet, issue: Issue, article_ids: Sequence[int] | None, app: App
) -> tuple[Teaser, ...]:
    has = {one.article_id: one for one in issues.stories(tx, issue.id)}
    if article_ids is None:
        return tuple(has.values())
    if len(set(article_ids)) != len(article_ids):
        raise Refused("a story stands in it twice; name each once")
    if not article_ids:
        raise Refused("an issue is never empty; to call it off: pressrun issue cancel")
    further: dict[int, Teaser] = {}
    if set(article_ids) - set(has):
        ready, _ = ready_stories(tx, outlet, issue.frequency, app.clock.now())
        further = {one.article_id: one for one in ready}
    for number in article_ids:
        if number not in has and number not in further:
            raise Refused(f"story {number} does not wait for {outlet.name}: it came already, is held, or has no words")
    return tuple(has.get(number) or further[number] for number in article_ids)


def _own(lead_id: int, subject: str, preheader: str, by: str) -> OwnWords | None:
    said = [" ".join(text.split()) for text in (subject, preheader)]
    for name, text in zip(("subject", "preheader"), said, strict=True):
        if len(text) > LONGEST:
            raise Refused(f"the {name} has {len(text)} characters; at most {LONGEST}, and inboxes show far fewer")
        if not text.isprintable():
            raise Refused(f"the {name} holds a character that cannot be printed; write it anew")
    return OwnWords(lead_id, said[0], said[1], str(by)) if any(said) else None


def _said(own: OwnWords | None) -> tuple[int, str, str] | None:
    return (own.lead_id, own.subject, own.preheader) if own is not None else None


def _told(own: OwnWords | None) -> str:
    return f"“{own.subject}” “{own.preheader}”" if own is not None else ""
