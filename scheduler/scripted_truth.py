"""Does the log of the scripted day say what the rehearsal platforms show, post by post and mail by mail?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from channels.rehearsal.published import Published
from db import attempts, deliveries, issue_counts
from db.records import Delivery, State, SubjectKind, Verb
from scheduler import correction, takedown
from scheduler.app import App
from scheduler.scripted_day import BREAKING, EMBARGOED, KILLED, LOST, Day, sent_posts


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that must hold: what, what the log says, what the platforms show. ``holds`` where they agree."""

    what: str
    log: str
    shown: str

    @property
    def holds(self) -> bool:
        """Whether both say the same."""
        return self.log == self.shown


def compare(app: App, day: Day) -> list[Point]:
    """Every point of the day, those that do not hold among them."""
    sent = sent_posts(app)
    points = [_of_platform(app, sent, kind, name) for kind, name in (("x", "x-main"), ("facebook", "fb-main"))]
    points += [_mails(app), _sheet(app, day, sent), _once(app), _paused(app, day), _spaced(app, day)]
    points += [_lost(app, day), _embargo(app, day), _killed(app, day), _words(app, sent)]
    return points


def posted_at(app: App) -> dict[str, list[datetime]]:
    """When each platform accepted its posts."""
    return {kind: [one.created_at for one in _everything(app, kind)] for kind in ("x", "facebook", "email")}


def _everything(app: App, kind: str) -> list[Published]:
    return list(reversed(app.rehearsal.platforms.published(kind)))


def _receipts(app: App, delivery: Delivery) -> list[str]:
    with app.ground.reading() as tx:
        return [known.receipt.id for known in attempts.receipts_of(tx, delivery.id)]


def _of_platform(app: App, sent: list[Delivery], kind: str, name: str) -> Point:
    """Post for post: the same numbers are there, the same ones are gone."""
    mine = [one for one in sent if one.channel == name and not takedown.is_takedown(one)]
    posts = {number: one for one in mine if not correction.is_edit(one) for number in _receipts(app, one)}
    removed = {takedown.taken_back(one) for one in sent if takedown.is_takedown(one) and one.channel == name}
    ours = {(number, one.id in removed) for number, one in posts.items()}
    theirs = {(one.id, one.deleted_at is not None) for one in _everything(app, kind)}
    if ours == theirs:
        gone = sum(one for _, one in ours)
        told = f"{len(ours) - gone} up, {gone} down"
        return Point(f"posts on {name}", told, told)
    strange = len(theirs - ours)
    return Point(f"posts on {name}", f"{len(ours)} posts", f"{strange} of {len(theirs)} differ")


def _mails(app: App) -> Point:
    with app.ground.reading() as tx:
        issues = {one.subject_id for one in deliveries.in_states(tx, tuple(State)) if one.subject_kind == "issue"}
        sent = sum(issue_counts.counts(tx, issue).sent for issue in issues)
    return Point("mails accepted", str(sent), str(len(_everything(app, "email"))))


def _sheet(app: App, day: Day, sent: list[Delivery]) -> Point:
    """The day's sheet counts what went out: posts, corrections, take-downs, issues."""
    assert day.sheet is not None
    shown = len(_everything(app, "x")) + len(_everything(app, "facebook"))
    edits = sum(one.edited_at is not None for one in _everything(app, "facebook"))
    gone = sum(one.deleted_at is not None for kind in ("x", "facebook") for one in _everything(app, kind))
    issues = len({one.subject for one in _everything(app, "email")})
    return Point("sent on the sheet: posts, changes, issues", str(day.sheet.sent), str(shown + edits + gone + issues))


def _once(app: App) -> Point:
    twice = 0
    for kind in ("x", "facebook"):
        links = [one.link for one in _everything(app, kind) if one.link is not None and one.reply_to is None]
        twice += len(links) - len(set(links))
    return Point("stories that went out twice", "0", str(twice))


def _paused(app: App, day: Day) -> Point:
    """While everything was paused only the breaking story went out."""
    assert day.paused is not None
    begin, end = day.paused
    link = f"/2026/{BREAKING:02}"
    others = [
        one
        for kind in ("x", "facebook", "email")
        for one in _everything(app, kind)
        if begin < one.created_at < end and not (one.link or "").endswith(link)
    ]
    return Point("posts during the pause, breaking aside", "0", str(len(others)))


def _spaced(app: App, day: Day) -> Point:
    """After the pause no two posts of a channel left within a minute."""
    assert day.paused is not None
    close = 0
    for kind in ("x", "facebook"):
        after = [
            one.created_at for one in _everything(app, kind) if one.created_at >= day.paused[1] and not one.reply_to
        ]
        close += sum(late - early < timedelta(minutes=1) for early, late in pairwise(after))
    return Point("posts in a burst after it", "0", str(close))


def _lost(app: App, day: Day) -> Point:
    with app.ground.reading() as tx:
        mine = deliveries.of_subject(tx, SubjectKind.ARTICLE, day.stories[LOST], channel="x-main")
        tries = [one for one in attempts.of_delivery(tx, mine[0].id) if one.verb is Verb.SEND]
    link = f"/2026/{LOST:02}"
    there = sum((one.link or "").endswith(link) for one in _everything(app, "x"))
    return Point("the post whose answer was lost", f"{len(tries)} time", f"{there} time")


def _embargo(app: App, day: Day) -> Point:
    from scheduler.scripted_day import ZONE, at

    link = f"/2026/{EMBARGOED:02}"
    out = [
        one.created_at
        for kind in ("x", "facebook")
        for one in _everything(app, kind)
        if (one.link or "").endswith(link)
    ]
    ends = at(19, 30)
    first = min(out).astimezone(ZONE) if out else None
    told = "not before" if first is not None and min(out) >= ends else f"out at {first:%H:%M}" if first else "never out"
    return Point(f"the embargo, until {ends.astimezone(ZONE):%H:%M}", "not before", told)


def _killed(app: App, day: Day) -> Point:
    link = f"/2026/{KILLED:02}"
    standing = [
        one
        for kind in ("x", "facebook")
        for one in _everything(app, kind)
        if (one.link or "").endswith(link) and one.deleted_at is None
    ]
    return Point("posts of the killed story that stand", "0", str(len(standing)))


def _words(app: App, sent: list[Delivery]) -> Point:
    """A post that was changed in place shows the corrected words."""
    shown = {one.id: one.text for one in _everything(app, "facebook")}
    right = wrong = 0
    for one in sent:
        if correction.is_edit(one):
            with app.ground.reading() as tx:
                (tried, *_) = attempts.of_delivery(tx, one.id)
            answered = _receipts(app, one)
            right += 1
            wrong += not all(shown.get(number, "") == tried.text.splitlines()[0] for number in answered)
    return Point("corrected in place, in the right words", str(right), str(right - wrong))
