"""What a person may do with a webhook: try it, pause it, resume it, let it hear again what it missed."""

from __future__ import annotations

import secrets
from datetime import datetime

from db import audit, notices, webhooks
from scheduler.app import App
from scheduler.newsroom.grounds import Refused
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.secrets import SecretError
from scheduler.webhooks.lane import cause_of, tell_webhooks
from scheduler.webhooks.message import trial_body
from scheduler.webhooks.signing import headers_of
from scheduler.webhooks.targets import know_webhooks, target_of
from scheduler.webhooks.wire import Answer, post


@needs(Permission.CHANNELS)
def try_webhook(app: App, name: str, *, actor: str) -> Answer:
    """One signed call of the type ``webhook.test`` at once, paused or not; it changes nothing. Raises ``Refused``."""
    _named(app, name)
    now = app.clock.now()
    body = trial_body(app.settings.newsroom.name, now).encode()
    try:
        target = target_of(app, name)
    except SecretError as error:
        raise Refused(str(error)) from None
    answer = post(target, headers_of(target.secrets, f"evt_{secrets.token_hex(16)}", now, body), body)
    with app.ground.transaction() as tx:
        audit.write(tx, "try webhook", f"webhook {name}", actor=actor, now=now, after=answer.sentence)
    return answer


@needs(Permission.CHANNELS)
def pause_webhook(app: App, name: str, *, actor: str, reason: str) -> None:
    """It is called no more until it is resumed; what happens meanwhile is kept for it. Raises ``Refused``."""
    _named(app, name)
    if not reason.strip():
        raise Refused(f"say why {name} is paused: everybody sees it")
    now = app.clock.now()
    with app.ground.transaction() as tx:
        if not webhooks.pause(tx, name, reason.strip(), actor=actor, now=now):
            raise Refused(f"the webhook {name} is paused already")
        audit.write(tx, "pause webhook", f"webhook {name}", actor=actor, now=now, reason=reason.strip())


@needs(Permission.CHANNELS)
def resume_webhook(app: App, name: str, *, actor: str, reason: str = "") -> None:
    """It is told again, beginning with what was kept for it. Raises ``Refused``."""
    _named(app, name)
    now = app.clock.now()
    with app.ground.transaction() as tx:
        webhooks.resume(tx, name, actor=actor, now=now)
        notices.clear(tx, cause_of(name), now=now)
        audit.write(tx, "resume webhook", f"webhook {name}", actor=actor, now=now, reason=reason.strip())
    tell_webhooks(app)


@needs(Permission.CHANNELS)
def replay_webhook(
    app: App,
    name: str,
    *,
    actor: str,
    since: datetime | None = None,
    event_id: str | None = None,
    everything: bool = False,
    reason: str = "",
) -> int:
    """Owes a webhook again what was given up; with ``everything`` also what it heard, under the same event ids.

    Gives how many events that are. Raises ``Refused``.
    """
    _named(app, name)
    now = app.clock.now()
    with app.ground.transaction() as tx:
        number = webhooks.replay(tx, name, since=since, event_id=event_id, everything=everything, actor=actor, now=now)
        audit.write(
            tx,
            "replay webhook",
            f"webhook {name}",
            actor=actor,
            now=now,
            reason=reason.strip(),
            after=f"{number} events",
        )
    if event_id is not None and not number:
        raise Refused(f"the webhook {name} has no event {event_id} that is done with; pressrun webhooks shows them")
    tell_webhooks(app)
    return number


def _named(app: App, name: str) -> None:
    if name not in app.settings.webhooks:
        known = ", ".join(app.settings.webhooks) or "none"
        raise Refused(f"there is no webhook {name} in the settings; they name {known}")
    know_webhooks(app)
