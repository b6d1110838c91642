"""When a story's open posts go: at an exact moment, or at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import articles, audit, deliveries, embargoes, posts
from db.records import Delivery, Mode, State, SubjectKind
from scheduler import takedown
from scheduler.app import App, Outlet
from scheduler.newsroom.approving import approve
from scheduler.newsroom.four_eyes import mind_four_eyes
from scheduler.newsroom.grounds import MAY_CHANGE, Changed, Refused, current, outlet_named
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.rule_guard import kept_by_rule
from scheduler.slots import next_slots

_INSTANT = timedelta(microseconds=1)


@needs(Permission.APPROVE)
def schedule(
    app: App,
    article_id: int,
    at: datetime,
    *,
    actor: str,
    channels: Collection[str] = (),
    reason: str = "",
    only: int | None = None,
) -> list[Changed]:
    """Gives a story's open posts an exact moment in place of their slot. A post that waits for a yes still waits.

    ``only``: this delivery and no other. A moment that is a free slot of the channel takes that slot. Raises ``Refused`` for a moment that is past or before the embargo.
    """
    now = app.clock.now()
    if at <= now:
        raise Refused(f"{app.told(at)} is past; give a moment to come, or use: pressrun now {article_id}")
    return _at(
        app, article_id, lambda outlet: at, actor=actor, channels=channels, verb="schedule", reason=reason, only=only
    )


@needs(Permission.APPROVE)
def now(
    app: App,
    article_id: int,
    *,
    actor: str,
    channels: Collection[str] = (),
    reason: str = "",
    override_embargo: bool = False,
    seen: Mapping[str, str] | None = None,
) -> list[Changed]:
    """Sends a story's open posts at once: past slots, spacing and quiet hours, with the actor's yes to each.

    On a live channel "at once" leaves the span of ``[newsroom] undo`` to call it off again. ``override_embargo`` lets
    exactly these posts go before the story's embargo ends, by name and for a reason. ``seen``: for a channel the
    fingerprint of the post that the person saw; where it has changed nothing is done. Raises ``Refused`` for that, under
    an embargo without its override, and where a problem stands.
    """
    if override_embargo and not reason.strip():
        raise Refused("an embargo is passed only for a reason; give it with --why")
    moment, undo = app.clock.now(), app.settings.newsroom.undo
    with app.ground.reading() as tx:
        for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id, states=MAY_CHANGE):
            if (channels and one.channel not in channels) or not current(app, one):
                continue
            if (seen or {}).get(one.channel, one.fingerprint) != one.fingerprint:
                raise Refused(f"delivery {one.id} has changed since you saw it; look at it again")
            if one.state is State.WAITING:
                mind_four_eyes(app, tx, one, actor)
    changed = _at(
        app,
        article_id,
        lambda outlet: moment + undo if outlet.mode is Mode.LIVE else moment,
        actor=actor,
        channels=channels,
        verb="now",
        reason=reason,
        override_embargo=override_embargo,
    )
    waiting = {one.delivery.channel: one.delivery.fingerprint for one in changed if one.delivery.state is State.WAITING}
    if not waiting:
        return changed
    marks = {channel: (seen or {}).get(channel, mark) for channel, mark in waiting.items()}
    yes = approve(app, article_id, actor=actor, at_once=True, seen=marks)
    approved = {one.delivery.channel: one for one in yes}
    return [approved.get(one.delivery.channel, one) for one in changed]


def _at(
    app: App,
    article_id: int,
    when: Callable[[Outlet], datetime],
    *,
    actor: str,
    channels: Collection[str],
    verb: str,
    reason: str,
    override_embargo: bool = False,
    only: int | None = None,
) -> list[Changed]:
    moment, why = app.clock.now(), reason
    for channel in channels:
        outlet_named(app, channel)
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        found = [
            one
            for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id, states=MAY_CHANGE)
            if (not channels or one.channel in channels) and current(app, one) and not takedown.is_takedown(one)
            if only in (None, one.id)
        ]
        if not found:
            raise Refused(f"story {article_id} has nothing left to send there; see: pressrun show {article_id}")
        changed = []
        for one in found:
            outlet = app.outlets[one.channel]
            at = when(outlet)
            if article.embargo_at is not None and at < article.embargo_at:
                if not override_embargo:
                    hint = f'; to pass it by name: pressrun now {article_id} --override-embargo --why "…"'
                    until = app.told(article.embargo_at)
                    raise Refused(f"story {article_id} is under embargo until {until}{hint if verb == 'now' else ''}")
                embargoes.let_pass(tx, one, article.embargo_at, actor=actor, now=moment, reason=reason)
                reason = f"{actor} passed the embargo: {why}"
            latest = outlet.rules.latest
            ordered = replace(one, ordered_by=actor, due_at=at, next_at=at)
            kept = kept_by_rule(app, tx, outlet, ordered, at)
            if kept is not None:
                raise Refused(f"{one.channel}: {kept.reason}; give a moment after it, or see: pressrun rules")
            moved = deliveries.move(
                tx,
                one,
                one.state,
                actor=actor,
                now=moment,
                reason=one.reason if one.state is State.WAITING else reason,
                due_at=at,
                next_at=at,
                latest_at=at + latest if latest is not None else None,
                slot_at=_free_slot(tx, outlet, one, at),
                ordered_by=actor,
            )
            changed.append(Changed(moved, posts.problems(tx, moved.post_id)))
            subject = f"delivery {one.id}"
            before, after = app.told(one.due_at), app.told(at)
            audit.write(tx, verb, subject, actor=actor, now=moment, reason=why, before=before, after=after)
        return changed


def _free_slot(tx: Connection, outlet: Outlet, delivery: Delivery, at: datetime) -> datetime | None:
    """``at`` where it is a slot of the channel that nothing else holds: the post takes it, so nothing is planned there."""
    rules = outlet.rules
    if next(next_slots(rules.slots, rules.zone, at - _INSTANT, except_dates=rules.except_dates), None) != at:
        return None
    taken = deliveries.taken_since(tx, outlet.mode, outlet.name, at)
    return None if any(one.slot_at == at and one.id != delivery.id for one in taken) else at
