"""The promises: one row a delivery, moved only by ``move``, which compares state and version."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from db import happenings
from db.moves import IN_FLIGHT, check_move
from db.records import MACHINE, Claim, Delivery, KnownBy, Mode, Money, Priority, State, SubjectKind, Wish
from db.tables import deliveries as t
from db.tables import issue_articles


class Stale(Exception):
    """Somebody else moved the row first: read it again before deciding anything."""

    exit_code = 3


class Taken(Exception):
    """The key or the slot already belongs to another delivery."""


class NoDelivery(LookupError):
    """No delivery has this number; ``str()`` says so for a person."""

    exit_code = 2


def from_row(row: Row[Any]) -> Delivery:
    """A delivery from a row of the deliveries table (or any row that carries its columns)."""
    return Delivery(
        id=row.id,
        mode=Mode(row.mode),
        subject_kind=SubjectKind(row.subject_kind),
        subject_id=row.subject_id,
        channel=row.channel,
        kind=row.kind,
        purpose=row.purpose,
        post_id=row.post_id,
        fingerprint=row.fingerprint,
        state=State(row.state),
        due_at=row.due_at,
        next_at=row.next_at,
        latest_at=row.latest_at,
        priority=Priority(row.priority),
        slot_at=row.slot_at,
        section=row.section,
        tries=row.tries,
        looks=row.looks,
        claim=claim_from_row(row),
        look_at=row.look_at,
        uncertain_at=row.uncertain_at,
        wish=Wish(row.wish) if row.wish else None,
        ordered_by=row.ordered_by,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        approved_fingerprint=row.approved_fingerprint,
        reason=row.reason,
        known_by=KnownBy(row.known_by) if row.known_by else None,
        cost=Money(row.cost_micros),
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def claim_from_row(row: Row[Any]) -> Claim | None:
    """The claim a row of any claimable table carries, or None."""
    if row.claim_owner is None:
        return None
    return Claim(
        owner=row.claim_owner,
        machine=row.claim_machine,
        boot_id=row.claim_boot_id,
        until_boot=row.claim_until_boot,
        until_at=row.claim_until_at,
    )


def claim_values(claim: Claim | None) -> dict[str, Any]:
    """The columns of a claim, all None to give it back."""
    return {
        "claim_owner": claim.owner if claim else None,
        "claim_machine": claim.machine if claim else None,
        "claim_boot_id": claim.boot_id if claim else None,
        "claim_until_boot": claim.until_boot if claim else None,
        "claim_until_at": claim.until_at if claim else None,
    }


def add(tx: Connection, delivery: Delivery, *, actor: str, now: datetime) -> Delivery:
    """Stores a new promise. Raises ``Taken`` where its key or its slot is somebody else's."""
    values = {
        "mode": delivery.mode,
        "subject_kind": delivery.subject_kind,
        "subject_id": delivery.subject_id,
        "channel": delivery.channel,
        "kind": delivery.kind,
        "purpose": delivery.purpose,
        "post_id": delivery.post_id,
        "fingerprint": delivery.fingerprint,
        "state": delivery.state,
        "due_at": delivery.due_at,
        "next_at": delivery.next_at,
        "latest_at": delivery.latest_at,
        "priority": delivery.priority,
        "slot_at": delivery.slot_at,
        "section": delivery.section,
        "ordered_by": delivery.ordered_by,
        "approved_by": delivery.approved_by,
        "approved_at": delivery.approved_at,
        "approved_fingerprint": delivery.approved_fingerprint,
        "reason": delivery.reason,
        "cost_micros": delivery.cost.micros,
        "actor": actor,
        "created_at": now,
        "updated_at": now,
    }
    try:
        with tx.begin_nested():
            row_id = tx.execute(t.insert().values(**values).returning(t.c.id)).scalar_one()
    except IntegrityError as error:
        if "UNIQUE" in str(error.orig).upper():
            raise Taken(f"{delivery.key} or its slot is already promised") from error
        raise
    made = get(tx, row_id)
    happenings.note(tx, made, None, actor=actor, now=now, reason=made.reason)
    return made


def get(tx: Connection, delivery_id: int) -> Delivery:
    """The delivery with this number. Raises ``NoDelivery``."""
    row = tx.execute(select(t).where(t.c.id == delivery_id)).one_or_none()
    if row is None:
        raise NoDelivery(f"there is no delivery {delivery_id}; list them with: pressrun log")
    return from_row(row)


def locked(tx: Connection, delivery_id: int) -> Delivery:
    """The same, and nobody moves the row or leaves a wish on it before this transaction ends."""
    row = tx.execute(select(t).where(t.c.id == delivery_id).with_for_update()).one_or_none()
    if row is None:
        raise NoDelivery(f"there is no delivery {delivery_id}; list them with: pressrun log")
    return from_row(row)


def find(
    tx: Connection, mode: Mode, subject_kind: SubjectKind, subject_id: int, channel: str, purpose: str
) -> Delivery | None:
    """The delivery under this key, or None."""
    row = tx.execute(
        select(t).where(
            t.c.mode == mode,
            t.c.subject_kind == subject_kind,
            t.c.subject_id == subject_id,
            t.c.channel == channel,
            t.c.purpose == purpose,
        )
    ).one_or_none()
    return from_row(row) if row else None


def of_subject(
    tx: Connection,
    subject_kind: SubjectKind,
    subject_id: int,
    *,
    mode: Mode | None = None,
    channel: str | None = None,
    states: Collection[State] | None = None,
) -> list[Delivery]:
    """A subject's deliveries, oldest first, narrowed as told."""
    query = select(t).where(t.c.subject_kind == subject_kind, t.c.subject_id == subject_id).order_by(t.c.id)
    if mode is not None:
        query = query.where(t.c.mode == mode)
    if channel is not None:
        query = query.where(t.c.channel == channel)
    if states is not None:
        query = query.where(t.c.state.in_(states))
    return [from_row(row) for row in tx.execute(query)]


def looked_at_first(tx: Connection, article_id: int, reason: str) -> list[Delivery]:
    """The planned deliveries of a story, and of issues that carry it, that wait for this reason."""
    carries = select(issue_articles.c.issue_id).where(issue_articles.c.article_id == article_id)
    own = or_(
        and_(t.c.subject_kind == SubjectKind.ARTICLE, t.c.subject_id == article_id),
        and_(t.c.subject_kind == SubjectKind.ISSUE, t.c.subject_id.in_(carries)),
    )
    query = select(t).where(t.c.state == State.PLANNED, t.c.reason == reason, own)
    return [from_row(row) for row in tx.execute(query.order_by(t.c.id))]


def in_states(tx: Connection, states: Collection[State], *, limit: int | None = None) -> list[Delivery]:
    """Every delivery in one of these states, the next one first."""
    query = select(t).where(t.c.state.in_(states)).order_by(t.c.next_at, t.c.id)
    return [from_row(row) for row in tx.execute(query.limit(limit) if limit else query)]


def taken_since(tx: Connection, mode: Mode, channel: str, since: datetime) -> list[Delivery]:
    """What occupies a channel's time from ``since`` on: all but what was called off or never went."""
    query = select(t).where(*_taken(mode, channel, since)).order_by(t.c.next_at)
    return [from_row(row) for row in tx.execute(query)]


def slots_taken(tx: Connection, mode: Mode, channel: str, since: datetime) -> set[datetime]:
    """The slots that what occupies a channel's time from ``since`` on holds."""
    query = select(t.c.slot_at).where(*_taken(mode, channel, since), t.c.slot_at.is_not(None))
    return set(tx.execute(query).scalars())


def _taken(mode: Mode, channel: str, since: datetime) -> tuple[ColumnElement[bool], ...]:
    """The states are named one by one: "not these two" would walk through all that the channel ever sent."""
    states = [state for state in State if state not in (State.CANCELLED, State.EXPIRED)]
    return t.c.mode == mode, t.c.channel == channel, t.c.state.in_(states), t.c.next_at >= since


def move(
    tx: Connection,
    delivery: Delivery,
    after: State,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
    claim: Claim | None = None,
    **changes: Any,
) -> Delivery:
    """Moves a row from where the caller saw it. The claim goes unless one is given.

    ``changes`` are further columns. Raises ``IllegalMove`` for a move no rule allows and ``Stale`` when the row
    is no longer in the state and version that ``delivery`` shows.
    """
    check_move(delivery.state, after)
    result = tx.execute(
        update(t)
        .where(t.c.id == delivery.id, t.c.state == delivery.state, t.c.version == delivery.version)
        .values(
            state=after,
            version=delivery.version + 1,
            actor=actor,
            reason=reason,
            updated_at=now,
            **claim_values(claim),
            **changes,
        )
        .returning(*t.c)
    )
    row = result.one_or_none()
    if row is None:
        raise Stale(f"delivery {delivery.id} was moved by somebody else; read it again")
    moved = from_row(row)
    happenings.note(tx, moved, delivery.state, actor=actor, now=now, reason=reason)
    return moved


def renew(tx: Connection, delivery: Delivery, claim: Claim) -> bool:
    """Extends the owner's claim; False when the row is no longer theirs. Leaves the version alone."""
    result = tx.execute(
        update(t)
        .where(
            t.c.id == delivery.id,
            t.c.state == delivery.state,
            t.c.version == delivery.version,
            t.c.claim_owner == claim.owner,
        )
        .values(**claim_values(claim))
    )
    return result.rowcount == 1


def release(tx: Connection, delivery: Delivery, *, now: datetime) -> None:
    """Takes a dead claim off a row that stays where it is; a claim that was renewed meanwhile stays."""
    tx.execute(
        update(t)
        .where(t.c.id == delivery.id, t.c.version == delivery.version)
        .where(t.c.claim_until_boot == (delivery.claim.until_boot if delivery.claim else None))
        .values(updated_at=now, **claim_values(None))
    )


def wish(tx: Connection, delivery_id: int, wanted: Wish, *, actor: str, now: datetime, reason: str) -> Delivery:
    """Leaves a wish on a row whose words may be out already; its next move obeys (design rule 6).

    Raises ``Stale`` when the row has settled meanwhile. The version stays: the worker that holds the claim must
    still be able to record how its call ended.
    """
    result = tx.execute(
        update(t)
        .where(t.c.id == delivery_id, t.c.state.in_(IN_FLIGHT))
        .values(wish=wanted, actor=actor, reason=reason, updated_at=now)
    )
    if result.rowcount != 1:
        raise Stale(f"delivery {delivery_id} has settled meanwhile; read it again")
    wished = get(tx, delivery_id)
    happenings.note(tx, wished, wished.state, actor=actor, now=now, event=happenings.WISHED, reason=reason)
    return wished


def breaking_mail_open(tx: Connection, now: datetime) -> bool:
    """Whether somebody alive is sending a breaking issue to its readers at this moment."""
    mine = [
        t.c.state == State.SENDING,
        t.c.kind == "email",
        t.c.priority == Priority.BREAKING,
        t.c.claim_until_at > now,
    ]
    return tx.execute(select(t.c.id).where(*mine).limit(1)).first() is not None


def claimed(tx: Connection, states: Collection[State]) -> list[Delivery]:
    """Rows in these states that somebody claims or, for ``sending``, should."""
    query = select(t).where(t.c.state.in_(states), or_(t.c.claim_owner.is_not(None), t.c.state == State.SENDING))
    return [from_row(row) for row in tx.execute(query)]


def to_look_at(tx: Connection, channels: Iterable[tuple[Mode, str]], now: datetime) -> list[Delivery]:
    """Rows whose look is due on one of these channels, unclaimed, oldest first."""
    places = [and_(t.c.mode == mode, t.c.channel == channel) for mode, channel in channels]
    if not places:
        return []
    query = (
        select(t)
        .where(
            or_(*places),
            t.c.state.in_((State.UNCERTAIN, State.FAILED)),
            t.c.look_at.is_not(None),
            t.c.look_at <= now,
            t.c.claim_owner.is_(None),
        )
        .order_by(t.c.look_at, t.c.id)
    )
    return [from_row(row) for row in tx.execute(query)]


def overdue(tx: Connection, now: datetime) -> list[Delivery]:
    """Planned and waiting rows past their latest time."""
    query = select(t).where(t.c.state.in_((State.PLANNED, State.WAITING)), t.c.latest_at <= now)
    return [from_row(row) for row in tx.execute(query)]


def next_moment(
    tx: Connection,
    channels: Iterable[tuple[Mode, str]],
    *,
    begun_only: bool = False,
    after: datetime | None = None,
) -> datetime | None:
    """The next moment at which something on these channels wants a worker, or None.

    ``begun_only``: leaves out what has never been tried, and what only waits for a person. ``after``: leaves out
    what was due by then.
    """
    places = [and_(t.c.mode == mode, t.c.channel == channel) for mode, channel in channels]
    if not places:
        return None
    due = select(func.min(t.c.next_at)).where(or_(*places), t.c.state == State.PLANNED)
    look = select(func.min(t.c.look_at)).where(
        or_(*places), t.c.state.in_((State.UNCERTAIN, State.FAILED)), t.c.look_at.is_not(None)
    )
    late = select(func.min(t.c.latest_at)).where(or_(*places), t.c.state == State.WAITING)
    if begun_only:
        due = due.where(or_(t.c.tries > 0, t.c.looks > 0, t.c.due_at <= t.c.updated_at))
    if after is not None:
        due, look, late = (
            due.where(t.c.next_at > after),
            look.where(t.c.look_at > after),
            late.where(t.c.latest_at > after),
        )
    queries = (due, look) if begun_only else (due, look, late)
    moments = [moment for query in queries if (moment := tx.execute(query).scalar()) is not None]
    return min(moments, default=None)


def next_planned(tx: Connection, mode: Mode, channel: str) -> datetime | None:
    """When the channel's next planned post goes; None where none is planned."""
    query = select(func.min(t.c.next_at)).where(t.c.mode == mode, t.c.channel == channel, t.c.state == State.PLANNED)
    moment: datetime | None = tx.execute(query).scalar()
    return moment


def approved_by_people(tx: Connection, mode: Mode, channel: str, since: datetime, *, most: int) -> int:
    """How many posts of a channel carry a person's yes given since then, counted up to ``most``."""
    yes = (
        select(t.c.id)
        .where(
            t.c.mode == mode,
            t.c.channel == channel,
            t.c.approved_at >= since,
            t.c.approved_by != MACHINE,
            t.c.approved_fingerprint == t.c.fingerprint,
            t.c.state.not_in((State.CANCELLED, State.EXPIRED)),
            t.c.purpose.not_like("takedown-%"),
        )
        .limit(most)
    )
    return tx.execute(select(func.count()).select_from(yes.subquery())).scalar_one()


def open_on(
    tx: Connection, mode: Mode, channel: str, states: Collection[State], *, limit: int, after: int = 0
) -> list[Delivery]:
    """A channel's deliveries in these states, by number from behind ``after`` on, at most ``limit``."""
    here = (t.c.mode == mode, t.c.channel == channel, t.c.state.in_(states), t.c.id > after)
    return [from_row(row) for row in tx.execute(select(t).where(*here).order_by(t.c.id).limit(limit))]


def count_by_state(tx: Connection, mode: Mode | None = None) -> dict[State, int]:
    """How many deliveries stand in each state; states without any are left out."""
    query = select(t.c.state, func.count()).group_by(t.c.state)
    if mode is not None:
        query = query.where(t.c.mode == mode)
    return {State(state): number for state, number in tx.execute(query)}


def count_by_channel(tx: Connection) -> dict[tuple[str, str, str], int]:
    """How many deliveries there are by mode, channel and state."""
    query = select(t.c.mode, t.c.channel, t.c.state, func.count()).group_by(t.c.mode, t.c.channel, t.c.state)
    return {(row[0], row[1], row[2]): row[3] for row in tx.execute(query)}


def oldest_due(tx: Connection, now: datetime) -> datetime | None:
    """Since when the oldest planned delivery is due; None where none is."""
    query = select(func.min(t.c.next_at)).where(t.c.state == State.PLANNED, t.c.next_at <= now)
    moment: datetime | None = tx.execute(query).scalar()
    return moment
