"""One story with one delivery in one state, straight through the stores: a cell of the matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection, update

from channels.email.channel import EmailChannel
from db import articles, attempts, deliveries, embargoes, issues, posts, recipients, stops, teasers
from db.records import (
    Article,
    Delivery,
    Failure,
    Issue,
    IssueWords,
    KnownBy,
    Money,
    Outcome,
    Receipt,
    Recipient,
    Scope,
    State,
    SubjectKind,
    Teaser,
    Verb,
)
from db.tables import deliveries as table
from scheduler import newsroom
from scheduler.newsroom import Reach, Refused
from scheduler.work import attempt_for, read_work
from tests.scheduler.house import House

CHANNELS = {"x": "x-main", "facebook": "fb-main", "email": "mail"}
OUT = (State.SENT,)
MAYBE = (State.SENDING, State.UNCERTAIN, State.UNSETTLED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Cell:
    """A story and the delivery that the verb meets."""

    story: int
    delivery: Delivery


Ask = Callable[[House, Cell, str], object]
WHY = "the source withdrew it"

VERBS: dict[str, Ask] = {
    "approve": lambda h, cell, name: (
        newsroom.approve_issue(h.app, cell.delivery.id, actor="ben")
        if name == "mail"
        else newsroom.approve(h.app, cell.story, actor="ben", channels=[name])
    ),
    "edit": lambda h, cell, name: newsroom.edit(h.app, cell.story, name, "Other words", actor="ben"),
    "schedule": lambda h, cell, name: newsroom.schedule(
        h.app, cell.story, h.clock.now() + timedelta(hours=2), actor="ben", channels=[name]
    ),
    "now": lambda h, cell, name: newsroom.now(h.app, cell.story, actor="ben", channels=[name]),
    "cancel": lambda h, cell, name: newsroom.cancel(h.app, cell.delivery.id, actor="ben", reason=WHY),
    "skip": lambda h, cell, name: newsroom.skip(h.app, cell.story, actor="ben", reason=WHY),
    "again": lambda h, cell, name: newsroom.again(h.app, cell.story, name, actor="ben", text="Once more"),
    "settle --out": lambda h, cell, name: newsroom.settle(h.app, cell.delivery.id, State.SENT, actor="ben"),
    "hold": lambda h, cell, name: _hold(h, Reach(Scope.DELIVERY, str(cell.delivery.id))),
    "hold STORY": lambda h, cell, name: _hold(h, Reach(Scope.STORY, str(cell.story))),
    "embargo": lambda h, cell, name: newsroom.embargo(
        h.app, cell.story, h.clock.now() + timedelta(days=1), actor="ben", reason=WHY
    ),
    "breaking": lambda h, cell, name: newsroom.declare_breaking(h.app, cell.story, actor="ben"),
    "correct": lambda h, cell, name: (newsroom.correct_mail if name == "mail" else newsroom.correct)(
        h.app, cell.story, name, "Right words", actor="ben", reason=WHY
    ),
    "takedown": lambda h, cell, name: newsroom.take_down(h.app, cell.delivery.id, actor="ben", reason=WHY),
    "kill": lambda h, cell, name: newsroom.kill(h.app, cell.story, actor="ben", reason=WHY),
}


def _hold(h: House, reach: Reach) -> object:
    return newsroom.hold(h.app, reach, actor="ben", reason=WHY)


def outcome(h: House, cell: Cell, name: str, ask: Ask) -> str:
    """What the verb made of the cell, in the words of the page."""
    before = cell.delivery
    try:
        ask(h, cell, name)
    except Refused:
        assert h.see(before) == before, "what is refused changes nothing"
        return "refused"
    with h.app.ground.reading() as tx:
        after = deliveries.get(tx, before.id)
        more = [
            one.purpose.partition("-")[0]
            for one in [*deliveries.of_subject(tx, before.subject_kind, before.subject_id), *_corrections(tx, before)]
            if one.id > before.id
        ]
        held = bool(stops.over(tx, after, h.clock.now())) or embargoes.keeps(tx, after, h.clock.now())
    said = []
    if after.state is not before.state:
        said.append(str(after.state))
    if after.wish is not before.wish:
        said.append("wish")
    if not said and after.next_at != before.next_at:
        said.append("moved")
    if not said and held and after.state not in _ENDED:
        said.append("held")
    if not said and after.fingerprint != before.fingerprint:
        said.append("new words")
    said += [f"+ {one}" for one in more]
    return " ".join(said) or "–"


def _corrections(tx: Connection, before: Delivery) -> list[Delivery]:
    """A correction of an issue is an issue of its own."""
    if before.subject_kind is not SubjectKind.ISSUE:
        return []
    put_right = issues.corrections_of(tx, before.subject_id)
    return [one for issue in put_right for one in deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id)]


_ENDED = (State.SENT, State.FAILED, State.UNKNOWN, State.EXPIRED, State.CANCELLED)


def cell(h: House, kind: str, state: State, number: int) -> Cell:
    """A story of its own whose one delivery of this kind stands in ``state``, with the log that such a row has."""
    name, now = CHANNELS[kind], h.clock.now()
    with h.app.ground.transaction() as tx:
        article = articles.add(
            tx,
            Article(
                headline=f"Story number {number} of the matrix",
                paragraphs=(f"What happened in the matter of number {number} is told here at some length.",),
                source="desk",
                url=f"https://news.example.org/{number}",
                language="en",
                published_at=now,
            ),
            url_key=f"news.example.org/{number}",
            actor="ada",
            now=now,
        )
        words = Teaser(
            channel=name,
            kind=kind,
            text=f"Words of {number}",
            article_id=article.id,
            revision=1,
            headline=article.headline,
            link=article.url,
        )
        teaser = teasers.add(tx, SubjectKind.ARTICLE, article.id, words, actor="ada", now=now)
        promise = _issue(h, tx, teaser, number) if kind == "email" else _post(h, tx, teaser)
        delivery = deliveries.add(tx, replace(promise, state=State.PLANNED), actor="ada", now=now)
        _tried(h, tx, delivery, state)
        if kind == "email" and state not in (State.WAITING, State.PLANNED, State.EXPIRED, State.CANCELLED):
            _readers(h, tx, delivery, state)
        claim = {"claim_owner": "w", "claim_machine": "m", "claim_boot_id": "b", "claim_until_boot": 1e12}
        values = claim | {"claim_until_at": now + timedelta(hours=1)} if state is State.SENDING else {}
        yes = {} if state is not State.WAITING else {"approved_fingerprint": None, "approved_by": None}
        tx.execute(update(table).where(table.c.id == delivery.id).values(state=state, **values, **yes))
        return Cell(article.id, deliveries.get(tx, delivery.id))


def _post(h: House, tx: Connection, teaser: Teaser) -> Delivery:
    outlet = h.app.outlets[teaser.channel]
    post = posts.add(tx, h.app.silent(outlet).compose(teaser), (), teaser_id=teaser.id, actor="ada", now=h.clock.now())
    return _promise(h, teaser.channel, SubjectKind.ARTICLE, teaser.article_id, "first", post.id, post.fingerprint)


def _issue(h: House, tx: Connection, teaser: Teaser, number: int) -> Delivery:
    channel = h.app.silent(h.app.outlets["mail"])
    assert isinstance(channel, EmailChannel)
    words = IssueWords("mail", "Morning briefing", f"2026-{number}", "Subject", "More", (teaser,), "en")
    post = posts.add(tx, channel.compose_issue(words), (), teaser_id=None, actor="ada", now=h.clock.now())
    outlet = h.app.outlets["mail"]
    issue = Issue(outlet.mode, "mail", f"2026-{number}", cut_at=h.clock.now(), post_id=post.id)
    cut = issues.add(tx, issue, [teaser], actor="ada", now=h.clock.now())
    assert cut is not None
    return _promise(h, "mail", SubjectKind.ISSUE, cut.id, "digest", post.id, post.fingerprint)


def _promise(
    h: House, name: str, kind: SubjectKind, subject: int, purpose: str, post: int, fingerprint: str
) -> Delivery:
    outlet, soon = h.app.outlets[name], h.clock.now() + timedelta(minutes=30)
    return Delivery(
        mode=outlet.mode,
        subject_kind=kind,
        subject_id=subject,
        channel=name,
        kind=outlet.kind,
        purpose=purpose,
        post_id=post,
        fingerprint=fingerprint,
        state=State.PLANNED,
        due_at=soon,
        next_at=soon,
        latest_at=soon + timedelta(hours=12),
        ordered_by="daily run",
        approved_by="ada",
        approved_at=h.clock.now(),
        approved_fingerprint=fingerprint,
    )


def _tried(h: House, tx: Connection, delivery: Delivery, state: State) -> None:
    """The one try that a row in this state has behind it."""
    if state not in (*OUT, *MAYBE, State.FAILED):
        return
    now = h.clock.now()
    row = attempt_for(read_work(tx, delivery), Verb.SEND, 0, worker="w", cost=Money())
    attempt = attempts.open_attempt(tx, row, actor="w", now=now)
    if state is State.SENT:
        attempts.close_sent(tx, attempt, Receipt(id=f"p{delivery.id}"), known_by=KnownBy.ANSWERED, now=now)
    elif state is not State.SENDING:
        how = Outcome.REJECTED if state is State.FAILED else Outcome.UNCERTAIN
        attempts.close_failed(tx, attempt, Failure(how, "test", "no clear answer"), now=now)


def _readers(h: House, tx: Connection, delivery: Delivery, state: State) -> None:
    """Two readers: one who has the mail, where the issue's state says that some may have it."""
    first = State.SENT if state in (*OUT, State.SENDING) else State.UNSETTLED
    second = State.SENT if state is State.SENT else State.PLANNED
    states = (State.FAILED, State.FAILED) if state is State.FAILED else (first, second)
    rows = [
        Recipient(delivery.subject_id, delivery.id, number, delivery.fingerprint, one, h.clock.now())
        for number, one in enumerate(states, 1)
    ]
    recipients.add(tx, rows, actor="w", now=h.clock.now())
    issues.note_prepared(tx, delivery.subject_id, actor="w", now=h.clock.now())
