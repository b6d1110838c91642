"""One webhook's own lane: tells it what it is owed, writes down every call, and leaves it alone where it fails.

It runs on an engine of its own that nothing waits for, so that no slow receiver ever delays a post.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from db import leases, notices, webhooks
from db.records import MACHINE
from db.webhooks import GIVEN_UP, TOLD, Owed, Webhook
from scheduler.app import App
from scheduler.secrets import SecretError
from scheduler.webhooks.message import body_of
from scheduler.webhooks.pauses import event_pause, has_failed_for_long, webhook_pause
from scheduler.webhooks.signing import headers_of
from scheduler.webhooks.targets import target_of
from scheduler.webhooks.wire import GONE, Answer, Target, post, shown

LEASE_SPAN = timedelta(seconds=60)
KEPT_FOR = timedelta(days=30)
_FORGOTTEN_AT_ONCE = 1_000
_TIDY_EVERY = 3600.0
LAST_CALLS = 15.0
"""Seconds that a run waits at its end for the webhooks; what is not told by then is told by the next."""


def tell_webhooks(app: App) -> None:
    """Wakes the lane of every webhook; returns at once."""
    for name in app.settings.webhooks:
        app.webhook_engine.hand(f"webhook {name}", partial(work_webhook, app, name))


def work_webhook(app: App, name: str) -> None:
    """Tells a webhook all that is due, in order, until something fails. Raises ``GroundLost``."""
    if not _owes(app, name) or not _take_lease(app, name):
        return
    try:
        while not app.stopping() and _step(app, name):
            pass
    finally:
        with app.ground.transaction() as tx:
            leases.give_back(tx, _lease(name), app.worker, now=app.clock.now())


def cause_of(name: str) -> str:
    """Under which cause the desk is told that a webhook is paused."""
    return f"webhook {name}"


def _owes(app: App, name: str) -> bool:
    now = app.clock.now()
    with app.ground.reading() as tx:
        one = webhooks.get(tx, name)
        if one is None or one.paused_at is not None or one.next_at > now:
            return False
        return webhooks.next_owed(tx, name, now) is not None


def _step(app: App, name: str) -> bool:
    """Tells one event. False where nothing more is to be told for now."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        one = webhooks.get(tx, name)
        if one is None or one.paused_at is not None or one.next_at > now:
            return False
        owed = webhooks.next_owed(tx, name, now)
        if owed is None or not leases.renew(tx, _lease(name), app.claim(LEASE_SPAN), now=now):
            return False
        body = owed.body or body_of(tx, owed, app.settings.newsroom.name)
        number = webhooks.open_try(tx, owed, body, worker=app.worker, now=now)
    answer = _call(app, name, owed, body, now)
    _write_down(app, one, owed, number, answer)
    return answer.is_yes


def _call(app: App, name: str, owed: Owed, body: str, now: datetime) -> Answer:
    try:
        target: Target = target_of(app, name)
    except SecretError as error:
        return Answer(None, str(error))
    sent = body.encode()
    return post(target, headers_of(target.secrets, owed.event_id, now, sent), sent)


def _write_down(app: App, one: Webhook, owed: Owed, number: int, answer: Answer) -> None:
    now, name = app.clock.now(), one.name
    with app.ground.transaction() as tx:
        webhooks.close_try(tx, owed, number, status=answer.status, sentence=answer.sentence, now=now)
        if answer.is_yes:
            webhooks.done(tx, owed, TOLD, now=now)
            webhooks.answered(tx, name, answer.sentence, now=now)
            notices.clear(tx, cause_of(name), now=now)
            return
        pause = event_pause(owed.tries + 1, app.jitter())
        if pause is None:
            webhooks.done(tx, owed, GIVEN_UP, now=now)
        else:
            webhooks.later(tx, owed, now + max(pause, answer.again_after or pause), now=now)
        aside = max(webhook_pause(one.failures + 1, app.jitter()), answer.again_after or timedelta())
        stands = webhooks.failed(tx, name, answer.sentence, again_at=now + aside, now=now)
        if stands is None:
            return
        why = ""
        if answer.status == GONE:
            why = f"{shown(app.settings.webhooks[name].url)} says that it is gone (410)"
        elif has_failed_for_long(stands.failures, stands.failing_since, now):
            why = f"it has said nothing but no since {app.told(stands.failing_since)}: {answer.sentence}"
        if why and webhooks.pause(tx, name, why, actor=MACHINE, now=now):
            sentence = f"the webhook {name} is paused: {why}. What happens meanwhile is kept for it"
            notices.tell_once(tx, cause_of(name), sentence, f"pressrun webhooks resume {name}", now=now)


def forget_old(app: App) -> None:
    """Once an hour: deletes what was told long ago. Raises ``GroundLost``."""
    if not app.settings.webhooks or app.clock.boot() < app.webhooks_tidied:
        return
    app.webhooks_tidied = app.clock.boot() + _TIDY_EVERY
    with app.ground.transaction() as tx:
        webhooks.forget(tx, app.clock.now() - KEPT_FOR, most=_FORGOTTEN_AT_ONCE)


def _lease(name: str) -> str:
    return f"webhook {name}"


def _take_lease(app: App, name: str) -> bool:
    """False while another process tells this webhook."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        holder = leases.holder(tx, _lease(name))
        if holder is not None and not app.is_dead(holder):
            return False
        return leases.take(tx, _lease(name), app.claim(LEASE_SPAN), instead_of=holder, now=now)
