"""What a filter of the log leaves to look at: few deliveries by their numbers, or conditions to meet on a walk.

A filter that few rows meet would have a walk through an index touch nearly all the others. The numbers of those few cost
next to nothing to find, and any order puts them in place. Of a filter that many meet, a walk soon meets some.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from db.log_view import LogFilter
from db.records import SubjectKind, Verb
from db.tables import articles, attempts, free_posts, issue_articles
from db.tables import deliveries as t
from db.word_index import holding, numbered
from db.word_search import holds_all

FEW = 10_000
"""So many rows are still picked by number: 10 to 30 ms."""
_READ_ONE_BY_ONE = 1_000
"""Of so few rows the texts are read without asking the index."""


@dataclass(slots=True)
class Left:
    """``numbers``: no other row meets the filter, None: many do. Beside those every condition must hold.

    ``span`` bounds the moment, ``read`` is met in each of the log's indexes, ``dear`` has to read texts.
    """

    numbers: set[int] | None = None
    span: list[ColumnElement[bool]] = field(default_factory=list)
    read: list[ColumnElement[bool]] = field(default_factory=list)
    dear: list[ColumnElement[bool]] = field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        """Whether no row meets the filter."""
        return self.numbers is not None and not self.numbers

    def keep(self, few: set[int]) -> None:
        """Only these of the rows are left."""
        self.numbers = few if self.numbers is None else self.numbers & few


class walked(FunctionElement[Any]):
    """A column that SQLite must not look up in an index of its own.

    Without figures on what a table holds it would fetch and sort every row in a state rather than walk the newest.
    PostgreSQL has the figures and decides for itself.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(walked)
def _plain(element: walked, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(walked, "sqlite")
def _unindexed(element: walked, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


def left_by(tx: Connection, wanted: LogFilter, by: str = "") -> Left:
    """What the filter leaves. ``by``: the column whose index a walk would go through, "" for the one by time alone.

    Where nothing but that column is asked for, its rows are not counted: each that the walk comes by belongs to the page.
    """
    left = Left()
    if wanted.story is not None:
        left.keep(set(tx.execute(select(t.c.id).where(_about(wanted.story))).scalars()))
    filters = _columns(wanted)
    if set(filters) != {by} or wanted.text.split() or wanted.cause:
        for queries in filters.values():
            if not left.is_nothing and (few := _few(tx, queries)) is not None:
                left.keep(few)
    if wanted.by_whom is not None:
        left.read.append(or_(*(walked(one) == wanted.by_whom for one in _PEOPLE)))
    if wanted.mode is not None:
        left.read.append(walked(t.c.mode) == wanted.mode)
    if wanted.text.split() and not left.is_nothing:
        _speaks_of(tx, wanted.text, left)
    if wanted.cause:
        left.dear.append(_ended_by(wanted.cause))
    if wanted.since is not None:
        left.span.append(t.c.due_at >= wanted.since)
    if wanted.until is not None:
        left.span.append(t.c.due_at < wanted.until)
    return left


_TITLES = {SubjectKind.ARTICLE: articles.c.headline, SubjectKind.POST: free_posts.c.text}
"""Where the words of a delivery's subject stand."""
_PEOPLE = (t.c.ordered_by, t.c.approved_by)


def _columns(wanted: LogFilter) -> dict[str, list[Select[Any]]]:
    """Each filter that looks at columns, with where its rows are found."""
    numbers = select(t.c.id)
    asked: dict[str, list[Select[Any]]] = {}
    if wanted.by_whom is not None:
        asked["person"] = [numbers.where(one == wanted.by_whom) for one in _PEOPLE]
    if wanted.mode is not None:
        asked["mode"] = [numbers.where(t.c.mode == wanted.mode)]
    if wanted.channel is not None:
        asked["channel"] = [numbers.where(t.c.channel == wanted.channel)]
    if wanted.states:
        asked["state"] = [numbers.where(t.c.state == state) for state in sorted(set(wanted.states))]
    return asked


def places(wanted: LogFilter, but: str = "") -> list[ColumnElement[bool]]:
    """The channel and the states asked for, ``but`` the one by which the walk goes, read on the way."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.channel is not None and but != "channel":
        conditions.append(walked(t.c.channel) == wanted.channel)
    if wanted.states and but != "state":
        conditions.append(walked(t.c.state).in_(wanted.states))
    return conditions


def _few(tx: Connection, queries: list[Select[Any]]) -> set[int] | None:
    """What the queries find together, None where that is more than ``FEW``."""
    room = FEW
    for query in queries:
        counted = select(func.count()).select_from(query.limit(room + 1).subquery())
        room -= tx.execute(counted).scalar_one()
        if room < 0:
            return None
    return {number for query in queries for number in tx.execute(query).scalars()}


def _speaks_of(tx: Connection, words: str, left: Left) -> None:
    """Only rows one of whose tries, or whose story's headline, holds all these words."""
    if left.numbers is None or len(left.numbers) > _READ_ONE_BY_ONE:
        few = _found(tx, words)
        if few is not None:
            left.keep(few)
            return
    said = exists().where(attempts.c.delivery_id == t.c.id, holds_all(attempts.c.text, words)).correlate(t)
    titled = [
        and_(walked(t.c.subject_kind) == kind, exists().where(of.table.c.id == t.c.subject_id, holds_all(of, words)))
        for kind, of in _TITLES.items()
    ]
    left.dear.append(or_(said, *titled))


def _found(tx: Connection, words: str) -> set[int] | None:
    """The rows that the index of words finds, None where it cannot tell or they are many."""
    queries: list[Select[Any]] = []
    for kind, title in _TITLES.items():
        titled = holding(tx, title, words, FEW)
        if titled is None:
            return None
        subjects = tx.execute(select(title.table.c.id).where(titled).limit(FEW + 1)).scalars().all()
        if len(subjects) > FEW:
            return None
        if subjects:
            queries.append(select(t.c.id).where(t.c.subject_kind == kind, numbered(tx, t.c.subject_id, subjects)))
    said = holding(tx, attempts.c.text, words, FEW)
    if said is None:
        return None
    queries.append(select(attempts.c.delivery_id).where(said))
    found: set[int] = set()
    for query in queries:
        if len(found) <= FEW:
            found.update(tx.execute(query.limit(FEW + 1)).scalars())
    return found if len(found) <= FEW else None


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
