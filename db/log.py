"""Reading the delivery log: which post went where, in what words, and did it arrive?

The pages here stay quick over a million deliveries: ``db.log_walk`` finds their numbers in an index, and only the rows
of the page itself are fetched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from db import attempts as attempts_store
from db import deliveries as deliveries_store
from db.log_picks import walked
from db.log_view import LogFilter, LogOrder, PageMark, mark_of
from db.log_walk import ids_of, walk
from db.records import Attempt, Delivery, Mode, State, SubjectKind
from db.tables import articles, attempts, free_posts, issue_articles, issues, posts, receipts
from db.tables import deliveries as t

WORDS_OF_A_FREE_POST = 80


@dataclass(frozen=True, slots=True)
class LogRow:
    """A delivery with what a reader of the log asks next.

    ``headline`` is the story's, an issue's subject line, or the first words of a free post. ``attempt`` is the
    latest try. ``url`` is where the first part can be read, None while no receipt names it.
    """

    delivery: Delivery
    headline: str
    attempt: Attempt | None
    url: str | None

    @property
    def sentence(self) -> str:
        """How the latest try ended in plain words; before any try, or where it needs none, why the row stands."""
        return (self.attempt.sentence if self.attempt else "") or self.delivery.reason

    def mark(self, order: LogOrder = LogOrder.NEWEST) -> PageMark:
        """For ``deliveries(after=…)``: the page that begins below this row in that order."""
        return mark_of(self.delivery, order)


@dataclass(frozen=True, slots=True)
class LogPage:
    """``rows`` of a page. ``further`` is where the search ended before it was full: what is behind is found from there
    on. None: the page is full, or nothing comes behind it."""

    rows: list[LogRow]
    further: PageMark | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What became of one story on one channel: the delivery that decides, and how many others there are."""

    delivery: Delivery
    url: str | None
    taken_down: bool
    others: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One story's line of the matrix: channel name -> cell; a channel it never was on is left out."""

    article_id: int
    headline: str
    cells: dict[str, Cell]


def page_of(
    tx: Connection,
    wanted: LogFilter,
    limit: int,
    after: PageMark | None = None,
    order: LogOrder = LogOrder.NEWEST,
) -> LogPage:
    """A page of the log, in less than a tenth of a second over a million deliveries.

    ``after`` is the ``mark`` of the row above it, taken for the same order, or ``further`` of the page above it.
    """
    found = walk(tx, wanted, limit, after, order)
    return LogPage(rows_of(tx, found.ids), found.further)


def deliveries(
    tx: Connection,
    wanted: LogFilter,
    limit: int,
    after: PageMark | None = None,
    order: LogOrder = LogOrder.NEWEST,
) -> list[LogRow]:
    """So many rows of the log, fewer only where there are no more, however far the walk to them is."""
    return rows_of(tx, ids_of(tx, wanted, limit, after, order))


def rows_of(tx: Connection, ids: Sequence[int]) -> list[LogRow]:
    """The lines of the deliveries with these numbers, in this order."""
    rows = {row.id: deliveries_store.from_row(row) for row in tx.execute(select(t).where(t.c.id.in_(ids)))}
    return _log_rows(tx, [rows[delivery_id] for delivery_id in ids])


def row_of(tx: Connection, delivery_id: int) -> LogRow:
    """One delivery's line of the log. Raises ``NoDelivery``."""
    return _log_rows(tx, [deliveries_store.get(tx, delivery_id)])[0]


def matrix(
    tx: Connection,
    article_ids: Collection[int] | None = None,
    *,
    since: datetime | None = None,
    mode: Mode | None = None,
    limit: int = 200,
) -> list[MatrixRow]:
    """Story × channel. Given stories, else those promised a post from ``since`` on, else the newest ones.

    The newest story comes first, at most ``limit`` of them; e-mail counts through the issues a story was in. What
    may be out decides a cell before what is still to go, and that before what never went; of equals the newest.
    Live comes before rehearsal where ``mode`` leaves both in.
    """
    stories = select(articles.c.id, articles.c.headline).order_by(articles.c.id.desc()).limit(limit)
    if article_ids is not None:
        stories = stories.where(articles.c.id.in_(set(article_ids)))
    elif since is not None:
        stories = stories.where(articles.c.id.in_(_promised(since, mode)))
    titles: dict[int, str] = {row.id: row.headline for row in tx.execute(stories)}
    by_place: dict[tuple[int, str], list[Delivery]] = {}
    for article_id, delivery in _of_stories(tx, titles, mode):
        by_place.setdefault((article_id, delivery.channel), []).append(delivery)
    deciding = {place: min(there, key=_rank) for place, there in by_place.items()}
    urls = _urls(tx, {delivery.id for delivery in deciding.values()})
    cells: dict[int, dict[str, Cell]] = {article_id: {} for article_id in titles}
    for (article_id, channel), delivery in sorted(deciding.items(), key=lambda item: item[0]):
        there = by_place[article_id, channel]
        cells[article_id][channel] = Cell(delivery, urls.get(delivery.id), _taken_down(delivery, there), len(there) - 1)
    return [MatrixRow(article_id, headline, cells[article_id]) for article_id, headline in titles.items()]


# --- a page's rows -----------------------------------------------------------------------------


def _log_rows(tx: Connection, page: Sequence[Delivery]) -> list[LogRow]:
    ids = {delivery.id for delivery in page}
    titles = headlines(tx, {(one.subject_kind, one.subject_id) for one in page})
    latest, urls = _latest(tx, ids), _urls(tx, ids)
    return [
        LogRow(
            delivery,
            titles.get((delivery.subject_kind, delivery.subject_id), ""),
            latest.get(delivery.id),
            urls.get(delivery.id),
        )
        for delivery in page
    ]


def headlines(tx: Connection, subjects: Iterable[tuple[SubjectKind, int]]) -> dict[tuple[SubjectKind, int], str]:
    """What each of these is called in the log; a subject that there is not is left out."""
    ids: dict[SubjectKind, set[int]] = {kind: set() for kind in SubjectKind}
    for kind, number in subjects:
        ids[kind].add(number)
    subject_line = posts.c.parts[0]["subject"].as_string()
    words = func.substr(free_posts.c.text, 1, WORDS_OF_A_FREE_POST)
    queries: dict[SubjectKind, Select[Any]] = {
        SubjectKind.ARTICLE: select(articles.c.id, articles.c.headline.label("headline")),
        SubjectKind.ISSUE: select(issues.c.id, func.coalesce(subject_line, issues.c.window).label("headline")).join(
            posts, posts.c.id == issues.c.post_id
        ),
        SubjectKind.POST: select(free_posts.c.id, words.label("headline")),
    }
    return {
        (kind, row.id): row.headline
        for kind, query in queries.items()
        if ids[kind]
        for row in tx.execute(query.where(query.selected_columns[0].in_(ids[kind])))
    }


def _latest(tx: Connection, delivery_ids: Collection[int]) -> dict[int, Attempt]:
    others, more = attempts.alias(), receipts.alias()
    last = select(func.max(others.c.number)).where(others.c.delivery_id == attempts.c.delivery_id)
    first = select(func.min(more.c.id)).where(more.c.attempt_id == attempts.c.id)
    query = (
        select(
            attempts,
            receipts.c.platform_id.label("receipt_platform_id"),
            receipts.c.url.label("receipt_url"),
            receipts.c.known_by.label("receipt_known_by"),
        )
        .select_from(attempts.outerjoin(receipts, receipts.c.id == first.scalar_subquery()))
        .where(attempts.c.delivery_id.in_(delivery_ids), attempts.c.number == last.scalar_subquery())
    )
    return {row.delivery_id: attempts_store.from_row(row) for row in tx.execute(query)}


def _urls(tx: Connection, delivery_ids: Collection[int]) -> dict[int, str]:
    """Each delivery's address: of its first part that has one, the receipt known first."""
    query = (
        select(receipts.c.delivery_id, receipts.c.url)
        .where(receipts.c.delivery_id.in_(delivery_ids), receipts.c.url.is_not(None))
        .order_by(receipts.c.part.desc(), receipts.c.id.desc())
    )
    return {row.delivery_id: row.url for row in tx.execute(query)}


# --- the matrix --------------------------------------------------------------------------------

_DECIDES = (
    State.UNSETTLED,
    State.UNCERTAIN,
    State.SENDING,
    State.SENT,
    State.PLANNED,
    State.WAITING,
    State.UNKNOWN,
    State.FAILED,
    State.EXPIRED,
    State.CANCELLED,
)
"""Which state decides a cell: what needs eyes and what may be out, then what is to come, then what never went."""

_TAKEDOWN = "takedown-"
_CORRECTION = "correction-"


def _rank(delivery: Delivery) -> tuple[bool, bool, int, int]:
    aside = delivery.purpose.startswith((_TAKEDOWN, _CORRECTION))
    return aside, delivery.mode is not Mode.LIVE, _DECIDES.index(delivery.state), -delivery.id


def _taken_down(delivery: Delivery, there: Iterable[Delivery]) -> bool:
    return any(
        other.purpose.startswith(_TAKEDOWN)
        and other.state is State.SENT
        and other.mode is delivery.mode
        and other.id > delivery.id
        for other in there
    )


def _promised(since: datetime, mode: Mode | None) -> Any:
    """The numbers of stories with a delivery of their own, or in an issue, promised from ``since`` on."""
    late = [t.c.due_at >= since] + ([walked(t.c.mode) == mode] if mode is not None else [])
    own = select(t.c.subject_id).where(walked(t.c.subject_kind) == SubjectKind.ARTICLE, *late)
    inside = (
        select(issue_articles.c.article_id)
        .join(t, and_(t.c.subject_kind == SubjectKind.ISSUE, t.c.subject_id == issue_articles.c.issue_id))
        .where(*late)
    )
    return own.union(inside)


def _of_stories(tx: Connection, ids: Collection[int], mode: Mode | None) -> list[tuple[int, Delivery]]:
    """(story, delivery) for every delivery of these stories, those of the issues they were in included."""
    in_mode = [t.c.mode == mode] if mode is not None else []
    own = select(t.c.subject_id.label("story"), t).where(
        t.c.subject_kind == SubjectKind.ARTICLE, t.c.subject_id.in_(ids), *in_mode
    )
    inside = (
        select(issue_articles.c.article_id.label("story"), t)
        .join(t, and_(t.c.subject_kind == SubjectKind.ISSUE, t.c.subject_id == issue_articles.c.issue_id))
        .where(issue_articles.c.article_id.in_(ids), *in_mode)
    )
    return [(row.story, deliveries_store.from_row(row)) for query in (own, inside) for row in tx.execute(query)]
