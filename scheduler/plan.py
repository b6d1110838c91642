"""Planning: which delivery, when, and whether it waits for a person. Pure: no wire, no table, no clock.

Two planners may choose the same slot; the database lets one have it (unique mode, channel, slot) and the other
plans again with what is taken now.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from db.records import (
    MACHINE,
    Article,
    Delivery,
    Mode,
    Post,
    Priority,
    Problem,
    Publish,
    State,
    SubjectKind,
)
from scheduler import story_rules
from scheduler.slots import Quiet, Slots, end_of_quiet, next_slots, start_of_day
from scheduler.story_rules import Fit, StoryRule

HORIZON = timedelta(days=366)
"""How far ahead a free place is looked for."""

FLOOD_GAP = timedelta(minutes=1)
"""The least time between two posts that were held back, where the channel asks for no longer spacing."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one channel's settings say of time and of approval.

    ``publish`` is the channel's own word, ``sections`` the sections' (by name, any case), ``stories`` the newsroom's
    rules about stories. ``latest`` None: its deliveries never expire. ``daily_cap`` counts per local day of ``zone``.
    ``first_posts``: so many of the first posts since the channel went live still need a person's yes, whatever
    ``publish`` says.
    """

    channel: str
    mode: Mode
    zone: ZoneInfo
    slots: Slots = field(default_factory=Slots)
    quiet: Quiet | None = None
    spacing: timedelta = timedelta(0)
    latest: timedelta | None = None
    daily_cap: int | None = None
    except_dates: frozenset[date] = frozenset()
    breaking_latest: timedelta = timedelta(hours=1)
    publish: Publish = Publish.APPROVE
    sections: Mapping[str, Publish] = field(default_factory=dict)
    stories: tuple[StoryRule, ...] = ()
    first_posts: int = 0

    @property
    def asks(self) -> Publish:
        """The channel's word on approval as it holds now: the first posts of a channel need a person."""
        return Publish.APPROVE if self.first_posts else self.publish


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in a channel's time: when it is due, until when it makes sense, the slot it occupies if any."""

    due_at: datetime
    latest_at: datetime | None
    slot_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A post and what ``Channel.validate`` found in it; ``asks`` says why a person must read it although nothing is wrong."""

    post: Post
    problems: tuple[Problem, ...] = ()
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be written down for one channel. ``reason`` says why it waits; empty when it goes by itself.

    ``publish`` APPROVE: it needs a person's yes to exactly this post; AUTO: the machine's yes is enough, which
    the caller writes down as the approval when ``state`` is planned.
    """

    mode: Mode
    subject_kind: SubjectKind
    subject_id: int
    channel: str
    post: Post
    due_at: datetime
    latest_at: datetime | None
    slot_at: datetime | None
    state: State
    reason: str
    priority: Priority
    section: str
    publish: Publish
    purpose: str = "first"

    def delivery(self, *, ordered_by: str = MACHINE) -> Delivery:
        """The record to store. One that goes by itself carries the machine's approval of its fingerprint."""
        goes = self.state is State.PLANNED
        return Delivery(
            mode=self.mode,
            subject_kind=self.subject_kind,
            subject_id=self.subject_id,
            channel=self.channel,
            kind=self.post.kind,
            purpose=self.purpose,
            post_id=self.post.id,
            fingerprint=self.post.fingerprint,
            state=self.state,
            due_at=self.due_at,
            next_at=self.due_at,
            latest_at=self.latest_at,
            priority=self.priority,
            slot_at=self.slot_at,
            section=self.section,
            ordered_by=ordered_by,
            approved_by=MACHINE if goes else None,
            approved_fingerprint=self.post.fingerprint if goes else None,
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True)
class Release:
    """What is proposed for one held delivery: a moment, or None when it would be stale by then."""

    delivery: Delivery
    moment: Moment | None


def plan_deliveries(
    article: Article,
    posts: Iterable[Checked],
    rules: Mapping[str, Rules],
    taken: Iterable[Delivery],
    now: datetime,
) -> tuple[Planned, ...]:
    """One ``Planned`` for each post, in the order given.

    ``rules`` has every post's channel (``KeyError`` else). ``taken`` are the deliveries that occupy the channels'
    time from ``taken_from(rules, now)`` on; what is planned here is never put on top of another. Breaking news
    jumps slots, spacing, quiet hours and the cap; nothing passes the embargo.
    """
    taken = tuple(taken)
    return tuple(_plan_one(article, checked, rules[checked.post.channel], taken, now) for checked in posts)


def publish_of(article: Article, channel: Publish, sections: Mapping[str, Publish]) -> Publish:
    """Whether a post of this story needs a person: source, section and channel are asked, the strictest wins."""
    section = article.section.strip().casefold()
    words = [channel, article.publish, *(word for name, word in sections.items() if name.casefold() == section)]
    return Publish.APPROVE if Publish.APPROVE in words else Publish.AUTO


def asked_by(article: Article, rules: Rules, channel: Publish | None = None) -> str:
    """Why a post of this story needs a person, as a sentence; "" where it does not.

    ``channel`` stands in for the channel's own word: AUTO where it is asked elsewhere (an issue's yes is for the whole
    issue).
    """
    if article.wants_yes:
        return "It waits for a person's yes: that was asked for when it was taken in."
    found = story_rules.asks(story_rules.fits(rules.stories, article, rules.channel), article.priority)
    if found is not None:
        return f'It waits for a person\'s yes: rule "{found.rule.name}", {found.because}.'
    publish = publish_of(article, rules.asks if channel is None else channel, rules.sections)
    return yes_wanted(rules) if publish is Publish.APPROVE else ""


def taken_from(rules: Rules, now: datetime) -> datetime:
    """The moment back to which ``taken`` must reach: the start of the local day, and one spacing."""
    return min(start_of_day(now.astimezone(rules.zone).date(), rules.zone), now - rules.spacing)


def find_moment(
    rules: Rules,
    taken: Iterable[Delivery],
    not_before: datetime,
    priority: Priority = Priority.NORMAL,
    found: Sequence[Fit] = (),
) -> Moment | None:
    """The first free moment from ``not_before`` on; None when there is none within ``HORIZON``.

    ``found`` are the rules that fit the story; the moment is one at which each of them lets it go.
    """
    not_before = not_before.astimezone(UTC)
    if priority is Priority.BREAKING:
        opening = story_rules.opens(found, not_before, priority).at
        if opening is None or opening > not_before + HORIZON:
            return None
        return Moment(opening, opening + rules.breaking_latest)
    places = _Places(rules, taken, found=found, priority=priority)
    due = places.free_slot(not_before) if not rules.slots.immediately else places.free_moment(not_before)
    if due is None:
        return None
    latest_at = None if rules.latest is None else due + rules.latest
    return Moment(due, latest_at, None if rules.slots.immediately else due)


def reschedule(
    delivery: Delivery, rules: Rules, taken: Iterable[Delivery], now: datetime, *, not_before: datetime | None = None
) -> Moment | None:
    """The next free moment for a delivery that was held or moved; its own place does not stand in its way."""
    others = [other for other in taken if other.id != delivery.id]
    return find_moment(rules, others, max(now, not_before or now), delivery.priority)


def spread(held: Iterable[Delivery], rules: Rules, now: datetime, taken: Iterable[Delivery] = ()) -> list[Release]:
    """A release without a flood for what one channel held back in an outage or under a stop.

    Breaking first, then the newest due. Each keeps its latest time: what would be late by its turn is proposed as
    stale. Slots are passed over, spacing (at least ``FLOOD_GAP``), quiet hours and the daily cap are kept;
    breaking keeps the gap only from other breaking.
    """
    held = sorted(held, key=lambda one: (one.priority is not Priority.BREAKING, -one.due_at.timestamp(), one.id))
    gap = max(rules.spacing, FLOOD_GAP)
    ids = {one.id for one in held}
    places = _Places(rules, [other for other in taken if other.id not in ids], spacing=gap)
    releases = []
    breaking_from = now.astimezone(UTC)
    for one in held:
        due: datetime | None
        if one.priority is Priority.BREAKING:
            due = breaking_from
        else:
            due = places.free_moment(now)
        if due is None or (one.latest_at is not None and due >= one.latest_at):
            releases.append(Release(one, None))
            continue
        if one.priority is Priority.BREAKING:
            breaking_from += FLOOD_GAP
        places.take(due)
        releases.append(Release(one, Moment(due, one.latest_at)))
    return releases


def _plan_one(article: Article, checked: Checked, rules: Rules, taken: Sequence[Delivery], now: datetime) -> Planned:
    start = max(now, article.embargo_at) if article.embargo_at else now
    found = story_rules.fits(rules.stories, article, rules.channel)
    second_look, _ = story_rules.not_before(found, article.taken_in_at or now, article.priority)
    moment = find_moment(rules, taken, max(start, second_look), article.priority, found)
    asked = asked_by(article, rules) or checked.asks
    reason = _why_waiting(article, checked.problems, asked, rules)
    if moment is None:
        reason = (
            f"{rules.channel} has no free place within a year: widen its slots, quiet hours, daily_cap or the rules "
            f"that fit this story in settings.toml, or schedule it by hand."
        )
        moment = Moment(start.astimezone(UTC), None if rules.latest is None else start + rules.latest)
    return Planned(
        mode=rules.mode,
        subject_kind=SubjectKind.ARTICLE,
        subject_id=article.id,
        channel=rules.channel,
        post=checked.post,
        due_at=moment.due_at,
        latest_at=moment.latest_at,
        slot_at=moment.slot_at,
        state=State.WAITING if reason else State.PLANNED,
        reason=reason,
        priority=article.priority,
        section=article.section,
        publish=Publish.APPROVE if asked else Publish.AUTO,
    )


def _why_waiting(article: Article, problems: Iterable[Problem], asked: str, rules: Rules) -> str:
    """Every reason why a person is needed, as sentences; empty when none is."""
    reasons = [problem.message for problem in problems if problem.stops]
    if rules.mode is Mode.LIVE:
        if not article.url and not article.no_link:
            reasons.append("The story has no address: give it one, or release it without a link.")
        if article.published_at is None:
            reasons.append("The story has no date: approve it if it is news.")
    if asked:
        reasons.append(asked)
    return " ".join(reasons)


def yes_wanted(rules: Rules) -> str:
    """Why a post waits for a yes, as the desk reads it."""
    if rules.first_posts and rules.publish is Publish.AUTO:
        return f"{rules.channel} went live lately: its next {rules.first_posts} posts wait for a person's yes."
    return "It waits for a person's yes."


class _Places:
    """A channel's time as it is occupied; grows as places are taken."""

    def __init__(
        self,
        rules: Rules,
        taken: Iterable[Delivery],
        *,
        spacing: timedelta | None = None,
        found: Sequence[Fit] = (),
        priority: Priority = Priority.NORMAL,
    ) -> None:
        self._rules, self._found, self._priority = rules, found, priority
        self._spacing = rules.spacing if spacing is None else spacing
        mine = [one for one in taken if one.channel == rules.channel and one.mode is rules.mode]
        self._slots: Collection[datetime] = {one.slot_at for one in mine if one.slot_at is not None}
        self._times: list[datetime] = []
        self._days: dict[date, int] = {}
        for one in mine:
            self.take(one.next_at)

    def take(self, at: datetime) -> None:
        """Marks ``at`` as occupied."""
        insort(self._times, at)
        day = self._local(at)
        self._days[day] = self._days.get(day, 0) + 1

    def free_slot(self, start: datetime) -> datetime | None:
        """The first slot from ``start`` on that nobody has and where nothing stands against it."""
        rules = self._rules
        just_before = start - timedelta(microseconds=1)
        for slot in next_slots(rules.slots, rules.zone, just_before, except_dates=rules.except_dates):
            if slot > start + HORIZON:
                return None
            if slot not in self._slots and self._allowed_from(slot) == slot:
                return slot
        return None

    def free_moment(self, start: datetime) -> datetime | None:
        """The first moment from ``start`` on where nothing stands against it."""
        at = start.astimezone(UTC)
        while at <= start + HORIZON:
            allowed = self._allowed_from(at)
            if allowed == at:
                return at
            at = allowed
        return None

    def _allowed_from(self, at: datetime) -> datetime:
        """``at`` itself when every rule agrees, else a later moment before which one of them does not."""
        day = self._local(at)
        cap = self._rules.daily_cap
        if day in self._rules.except_dates or (cap is not None and self._days.get(day, 0) >= cap):
            return self._after_day(at, day)
        before = bisect_left(self._times, at + self._spacing)
        if before and self._times[before - 1] > at - self._spacing:
            return self._times[before - 1] + self._spacing
        after_quiet = end_of_quiet(self._rules.quiet, self._rules.zone, at)
        if after_quiet > at or not self._found:
            return after_quiet
        return story_rules.opens(self._found, at, self._priority).at or at + HORIZON + timedelta(days=1)

    def _after_day(self, at: datetime, day: date) -> datetime:
        """The first moment after ``at`` that begins another local day."""
        while True:
            day += timedelta(days=1)
            starts = start_of_day(day, self._rules.zone), start_of_day(day, self._rules.zone, again=True)
            later = [start for start in starts if start > at]
            if later:
                return min(later)

    def _local(self, at: datetime) -> date:
        return at.astimezone(self._rules.zone).date()
