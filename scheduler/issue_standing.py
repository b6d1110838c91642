"""How an issue stands: its delivery, its four numbers, the reasons behind them, its variants. Reads only."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from db import deliveries, exclusions, hits, issue_corrections, issue_counts, issue_variants, issues, posts
from db.hit_totals import HitTally, LinkTally
from db.issue_counts import Counts
from db.moves import OPEN
from db.records import Delivery, Issue, IssueCorrection, State, SubjectKind, Variant
from scheduler.app import App, Outlet
from scheduler.hit_book import links_in
from scheduler.newsroom.grounds import Refused

_NUMBER = re.compile(r"[i#]?([0-9]{1,18})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why so many copies stand where they stand; ``code`` is the server's, "" for what we decided ourselves."""

    state: str
    code: str
    sentence: str
    number: int


@dataclass(frozen=True, slots=True)
class FollowedLink:
    """One link of an issue: where it leads, whose headline it stands under, and in how many copies it was followed."""

    address: str
    headline: str
    clicked: int
    clicked_by_machine: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of an issue. ``signs`` are (what, sign, copies) of the machines."""

    opens: bool
    clicks: bool
    tally: HitTally
    signs: tuple[tuple[str, str, int], ...]
    links: tuple[FollowedLink, ...]


@dataclass(frozen=True, slots=True)
class IssueStanding:
    """One issue as it stands. ``finished``: no copy is open or unknown. ``counted`` is None where nothing is, or was asked."""

    issue: Issue
    delivery: Delivery
    counts: Counts
    frozen: bool
    reasons: tuple[Reason, ...]
    variants: tuple[Variant, ...]
    corrections: tuple[IssueCorrection, ...]
    corrected_by: tuple[Issue, ...]
    counted: Counted | None = None

    @property
    def finished(self) -> bool:
        """Whether everybody's copy has an outcome that is known."""
        return self.frozen and not self.counts.open and not self.counts.unknown


def find_issue(app: App, tx: Connection, name: str) -> Issue:
    """The issue that a person names: ``12`` or ``i12``, a newsletter (its newest) or ``morning/2026-09-21``.

    Raises ``Refused`` or ``NotThere``.
    """
    said = name.strip()
    if found := _NUMBER.fullmatch(said):
        return issues.get(tx, int(found[1]))
    channel, _, window = said.partition("/")
    outlet = newsletter_named(app, channel)
    issue = issues.find(tx, outlet.mode, channel, window) if window else issues.latest(tx, outlet.mode, channel)
    if issue is None:
        what = f"no issue of {channel} for {window}" if window else f"no issue of {channel} yet"
        raise Refused(f"there is {what}; see what is cut, and when: pressrun issue")
    return issue


def newsletter_named(app: App, name: str) -> Outlet:
    """The newsletter of this name. Raises ``Refused`` that lists those there are."""
    outlet = app.outlets.get(name)
    if outlet is None or outlet.letter is None:
        known = ", ".join(one.name for one in app.outlets.values() if one.letter is not None) or "none"
        raise Refused(f'there is no newsletter "{name}" in settings.toml; there are: {known}')
    return outlet


def not_begun(tx: Connection, outlet: Outlet) -> Issue | None:
    """A newsletter's newest issue where it is cut and has not begun to go; None where the next is still to be cut."""
    newest = issues.latest(tx, outlet.mode, outlet.name)
    if newest is None or delivery_of(tx, newest).state not in (State.WAITING, State.PLANNED):
        return None
    return newest if issues.prepared_at(tx, newest.id) is None else None


def delivery_of(tx: Connection, issue: Issue) -> Delivery:
    """The delivery behind an issue: the one that is open, else the last. There always is one."""
    every = deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id)
    return next((one for one in every if one.state in OPEN), every[-1])


def standing_of(
    tx: Connection,
    issue: Issue,
    counts: Counts | None = None,
    reasons: Sequence[Reason] | None = None,
    *,
    counted: bool = False,
) -> IssueStanding:
    """How one issue stands at this moment; with ``counted`` its opens and clicks too.

    With ``counts`` and ``reasons`` given its copies are not counted here.
    """
    return IssueStanding(
        issue=issue,
        delivery=delivery_of(tx, issue),
        counts=counts if counts is not None else issue_counts.counts(tx, issue.id),
        frozen=issues.prepared_at(tx, issue.id) is not None,
        reasons=tuple(reasons if reasons is not None else reasons_of(tx, issue)),
        variants=tuple(issue_variants.of_issue(tx, issue.id)),
        corrections=tuple(issue_corrections.of_issue(tx, issue.id)),
        corrected_by=tuple(issues.corrections_of(tx, issue.id)),
        counted=counted_of(tx, issue) if counted else None,
    )


def counted_of(tx: Connection, issue: Issue) -> Counted | None:
    """Opens and clicks of an issue, people and machines apart; None where its newsletter counts none."""
    (part,) = posts.get(tx, issue.post_id).parts
    if not part.count_opens and not part.count_clicks:
        return None
    followed: list[FollowedLink] = []
    if part.count_clicks:
        every = [posts.get(tx, one.post_id).parts[0].html for one in issue_variants.of_issue(tx, issue.id)]
        targets = links_in([part.html, *every])
        headlines = {one.link: one.headline for one in issues.stories(tx, issue.id) if one.link}
        counts = {one.link: one for one in hits.by_link(tx, issue.id)}
        for name, address in targets.items():
            one = counts.get(name, LinkTally(name, 0, 0))
            followed.append(FollowedLink(address, headlines.get(address, ""), one.clicked, one.clicked_by_machine))
    return Counted(
        opens=part.count_opens,
        clicks=part.count_clicks,
        tally=hits.tallies(tx, [issue.id]).get(issue.id, HitTally()),
        signs=tuple(hits.machine_signs(tx, issue.id)),
        links=tuple(sorted(followed, key=lambda one: -one.clicked)),
    )


def reasons_of(tx: Connection, issue: Issue, states: Collection[State] | None = None) -> Sequence[Reason]:
    """Why an issue's copies stand where they stand, those of ``states`` alone where some are named; and exclusions."""
    left_out = [Reason("excluded", "", why, number) for why, number in exclusions.reasons(tx, issue.id)]
    copies = [
        Reason(_WORDS.get(state, state.value), code, sentence, number)
        for state, code, sentence, number in issue_counts.state_reasons(tx, issue.id, states)
        if sentence or code or state not in (State.PLANNED, State.SENDING)
    ]
    return [*copies, *left_out]


_WORDS = {
    State.FAILED: "refused",
    State.UNCERTAIN: "unknown",
    State.UNSETTLED: "unknown",
    State.PLANNED: "open",
    State.SENDING: "open",
}
