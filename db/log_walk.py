"""Which deliveries stand on a page of the log, and in what order.

A page of a million rows never touches more of them than it shows: each order is walked in an index of its own which
carries every column that a filter asks for, from the mark on where the page before ended. An order by state, channel or
story is walked group by group, so that no page has to sort; a state or channel asked for is looked up in the same way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, and_, exists, func, or_, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from db.records import Delivery, Mode, State, SubjectKind, Verb
from db.tables import articles, attempts, free_posts, issue_articles
from db.tables import deliveries as t
from db.word_search import holds_all

BY_NEED = (
    State.UNSETTLED,
    State.WAITING,
    State.FAILED,
    State.UNCERTAIN,
    State.EXPIRED,
    State.UNKNOWN,
    State.SENDING,
    State.PLANNED,
    State.SENT,
    State.CANCELLED,
)
"""The states in their order: what waits for a person, what went wrong, what is under way, what is over."""

BY_KIND = (SubjectKind.ARTICLE, SubjectKind.ISSUE, SubjectKind.POST)
"""Stories come before issues, and those before posts without a story."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What to show. Everything given must hold; a field left as it is asks for nothing.

    ``story`` is an article's number and includes the issues it was in. ``since`` counts in, ``until`` does not;
    both look at the moment promised. ``by_whom`` ordered or approved. ``text`` is words, all of which one attempt's
    text, the headline or a free post's own words hold, case-blind. ``cause`` is why the latest try did not end well, by the platform's code, or
    by its outcome where it gave none; what is sent is left out then, unless ``states`` asks for it.
    """

    story: int | None = None
    channel: str | None = None
    states: Collection[State] = ()
    by_whom: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    mode: Mode | None = None
    cause: str = ""


class LogOrder(StrEnum):
    """How the log is sorted. Its values are the words of the address bar and of the API.

    By state and by channel, one state or channel stands after the other, each with the moment promised last first:
    states in the order of ``BY_NEED``, channels by name. By story the newest story comes first with all its deliveries,
    the last first. A minus turns the order: of states, of channels, or of all there is by story.
    """

    NEWEST = "newest"
    OLDEST = "oldest"
    STATE = "state"
    STATE_BACK = "-state"
    CHANNEL = "channel"
    CHANNEL_BACK = "-channel"
    STORY = "story"
    STORY_BACK = "-story"

    @property
    def column(self) -> str:
        """What it sorts by: ``time``, ``state``, ``channel`` or ``story``."""
        return "time" if self in (LogOrder.NEWEST, LogOrder.OLDEST) else self.removeprefix("-")

    @property
    def backwards(self) -> bool:
        """Whether it is the other of its column's two ways."""
        return self is LogOrder.OLDEST or self.startswith("-")


@dataclass(frozen=True, slots=True)
class PageMark:
    """Where a page ended; the next one begins after it.

    ``group`` is the state, the channel or the kind of subject it ended in, empty in an order by time; ``subject_id``
    counts in an order by story only.
    """

    due_at: datetime
    delivery_id: int
    group: str = ""
    subject_id: int = 0


def mark_of(delivery: Delivery, order: LogOrder) -> PageMark:
    """The mark of a page that ends with this delivery."""
    groups = {"time": "", "state": delivery.state, "channel": delivery.channel, "story": delivery.subject_kind}
    subject_id = delivery.subject_id if order.column == "story" else 0
    return PageMark(delivery.due_at, delivery.id, str(groups[order.column]), subject_id)


def ids_of_page(
    tx: Connection, wanted: LogFilter, limit: int, after: PageMark | None = None, order: LogOrder = LogOrder.NEWEST
) -> list[int]:
    """The numbers of a page's deliveries, in order."""
    if wanted.cause and not wanted.states:
        wanted = replace(wanted, states=[state for state in State if state is not State.SENT])
    conditions = conditions_of(tx, wanted)
    if order.column == "time":
        return list(tx.execute(page_by_time(wanted, conditions, limit, after, order)).scalars())
    ids: list[int] = []
    for group in _groups(tx, wanted, after, order):
        begun = after if after is not None and after.group == group else None
        page = page_of_group(wanted, conditions, limit - len(ids), group, begun, order)
        ids += tx.execute(page).scalars()
        if len(ids) >= limit:
            break
    return ids


def page_by_time(
    wanted: LogFilter,
    conditions: Collection[ColumnElement[bool]],
    limit: int,
    after: PageMark | None = None,
    order: LogOrder = LogOrder.NEWEST,
) -> Select[int]:
    """The statement for a page in the order of time.

    States asked for are walked each in its own part of an index and then merged: to look for a rare one among all the
    others would touch every row.
    """
    keys = (t.c.due_at, t.c.id)
    conditions = [*conditions, *(_past(keys, (after.due_at, after.delivery_id), order.backwards) if after else ())]
    if wanted.story is not None or not (wanted.states or wanted.channel):
        page = select(t.c.id).where(*conditions, *_places(wanted))
        return page.order_by(*_turned(keys, order.backwards)).limit(limit)
    if not wanted.states:
        page = select(t.c.id).where(*conditions, t.c.channel == wanted.channel)
        return page.order_by(*_turned(keys, order.backwards)).limit(limit)
    narrowed = [*conditions, *_places(wanted, but="state")]
    runs = [
        select(*keys).where(*narrowed, t.c.state == state).order_by(*_turned(keys, order.backwards)).limit(limit)
        for state in sorted(set(wanted.states))
    ]
    both = union_all(*(select(run.subquery()) for run in runs)).subquery()
    return select(both.c.id).order_by(*_turned((both.c.due_at, both.c.id), order.backwards)).limit(limit)


def page_of_group(
    wanted: LogFilter,
    conditions: Collection[ColumnElement[bool]],
    limit: int,
    group: str,
    begun: PageMark | None,
    order: LogOrder,
) -> Select[int]:
    """The statement for what a page shows of one state, channel or kind of subject, from ``begun`` on."""
    column: ColumnElement[str] = {"state": t.c.state, "channel": t.c.channel, "story": t.c.subject_kind}[order.column]
    place = (walked(column) if wanted.story is not None else column) == group
    page = select(t.c.id).where(*conditions, place, *_places(wanted, but=order.column))
    if order.column == "story":
        keys: tuple[ColumnElement[Any], ...] = (t.c.subject_id, t.c.due_at, t.c.id)
        up = order.backwards
    else:
        keys, up = (t.c.due_at, t.c.id), False
    if begun is not None:
        values = (begun.subject_id, begun.due_at, begun.delivery_id)
        page = page.where(*_past(keys, values[-len(keys) :], up))
    return page.order_by(*_turned(keys, up)).limit(limit)


# --- groups and keys ---------------------------------------------------------------------------


def _groups(tx: Connection, wanted: LogFilter, after: PageMark | None, order: LogOrder) -> Iterator[str]:
    """The groups in their order, from the one on in which the page before ended."""
    if order.column == "channel":
        yield from _channels(tx, wanted, after, order.backwards)
        return
    every: list[str] = list(BY_KIND if order.column == "story" else BY_NEED)
    if order.backwards:
        every.reverse()
    first = every.index(after.group) if after is not None and after.group in every else 0
    for group in every[first:]:
        if order.column == "story" or not wanted.states or group in wanted.states:
            yield group


def _channels(tx: Connection, wanted: LogFilter, after: PageMark | None, backwards: bool) -> Iterator[str]:
    """Channel by channel as the database sorts their names: a jump in the index each, however many rows they have."""
    if wanted.channel is not None:
        yield wanted.channel
        return
    one = after.group if after is not None else None
    if one is not None:
        yield one
    while True:
        following = select(t.c.channel).order_by(t.c.channel.desc() if backwards else t.c.channel).limit(1)
        if one is not None:
            following = following.where(t.c.channel < one if backwards else t.c.channel > one)
        one = tx.execute(following).scalar()
        if one is None:
            return
        yield one


def _turned(keys: Collection[ColumnElement[Any]], up: bool) -> list[ColumnElement[Any]]:
    return [key.asc() if up else key.desc() for key in keys]


def _past(keys: tuple[ColumnElement[Any], ...], values: tuple[Any, ...], up: bool) -> list[ColumnElement[bool]]:
    """True for the rows behind these values: first the range that an index is entered with, then the rows it cuts off."""
    first, value = keys[0], values[0]
    beyond = keys[-1] > values[-1] if up else keys[-1] < values[-1]
    for key, there in zip(reversed(keys[:-1]), reversed(values[:-1]), strict=True):
        further = key > there if up else key < there
        beyond = or_(further, and_(key == there, beyond))
    return [first >= value if up else first <= value, beyond]


# --- filters -----------------------------------------------------------------------------------


_FEW = 2_000
"""So many hits of a search are still picked by number."""


class walked(FunctionElement[str]):
    """A column that SQLite must not look up in an index of its own.

    Without figures on what a table holds it would fetch and sort every row in a state rather than walk the newest.
    PostgreSQL has the figures and decides for itself.
    """

    type = String()
    inherit_cache = True


@compiles(walked)
def _plain(element: walked, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(walked, "sqlite")
def _unindexed(element: walked, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


def _places(wanted: LogFilter, but: str = "") -> list[ColumnElement[bool]]:
    """The channel and the states asked for, ``but`` the one by which the walk goes, read on the way."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.channel is not None and but != "channel":
        conditions.append(walked(t.c.channel) == wanted.channel)
    if wanted.states and but != "state":
        conditions.append(walked(t.c.state).in_(wanted.states))
    return conditions


def conditions_of(tx: Connection, wanted: LogFilter) -> list[ColumnElement[bool]]:
    """All that is asked for, channel and states excepted."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.story is not None:
        conditions.append(_about(wanted.story))
    if wanted.by_whom is not None:
        conditions.append(or_(t.c.ordered_by == wanted.by_whom, t.c.approved_by == wanted.by_whom))
    if wanted.since is not None:
        conditions.append(t.c.due_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(t.c.due_at < wanted.until)
    if wanted.mode is not None:
        conditions.append(walked(t.c.mode) == wanted.mode)
    if wanted.text.split():
        conditions.append(_speaks_of(tx, wanted.text))
    if wanted.cause:
        conditions.append(_ended_by(wanted.cause))
    return conditions


def _speaks_of(tx: Connection, words: str) -> ColumnElement[bool]:
    """True for a row one of whose tries, whose story's headline, or whose own words hold all these words.

    Few hits are collected first and then picked by number; many are met soon enough on the walk. The wrong way round,
    either takes seconds on a million rows.
    """
    said = select(attempts.c.delivery_id).where(holds_all(attempts.c.text, words))
    titled = {
        SubjectKind.ARTICLE: select(articles.c.id).where(holds_all(articles.c.headline, words)),
        SubjectKind.POST: select(free_posts.c.id).where(holds_all(free_posts.c.text, words)),
    }
    few = {key: list(tx.execute(query.limit(_FEW + 1)).scalars()) for key, query in (("", said), *titled.items())}
    if all(len(hits) <= _FEW for hits in few.values()):
        of_title = [and_(walked(t.c.subject_kind) == kind, t.c.subject_id.in_(few[kind])) for kind in titled]
        return or_(t.c.id.in_(few[""]), *of_title)
    return or_(
        exists(said.where(attempts.c.delivery_id == t.c.id).correlate(t)),
        *(
            and_(
                walked(t.c.subject_kind) == kind,
                exists(query.where(query.selected_columns[0] == t.c.subject_id).correlate(t)),
            )
            for kind, query in titled.items()
        ),
    )


_CALLS = (Verb.SEND, Verb.CORRECT, Verb.DELETE)


def _ended_by(cause: str) -> ColumnElement[bool]:
    """True for a row whose latest try ended with this code, or without one in this outcome.

    What looked for a post after it failed, and what a person said of it, tells nothing of why: both are passed by.
    """
    others = attempts.alias()
    tries = select(func.max(others.c.number)).where(others.c.delivery_id == t.c.id, others.c.verb.in_(_CALLS))
    last = tries.correlate(t).scalar_subquery()
    told = or_(attempts.c.code == cause, and_(attempts.c.code == "", attempts.c.outcome == cause))
    return exists(
        select(attempts.c.id).where(attempts.c.delivery_id == t.c.id, attempts.c.number == last, told).correlate(t)
    )


def _about(article_id: int) -> ColumnElement[bool]:
    inside = select(issue_articles.c.issue_id).where(issue_articles.c.article_id == article_id)
    return or_(
        and_(t.c.subject_kind == SubjectKind.ARTICLE, t.c.subject_id == article_id),
        and_(t.c.subject_kind == SubjectKind.ISSUE, t.c.subject_id.in_(inside)),
    )
