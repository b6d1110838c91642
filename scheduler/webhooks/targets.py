"""From the settings to the webhooks as the database and the wire know them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from urllib.parse import urlsplit

from db import webhooks
from db.webhooks import Webhook as Row
from scheduler.app import App
from scheduler.secrets import read_secrets
from scheduler.setting_types import is_loopback
from scheduler.settings import Webhook
from scheduler.webhooks.wire import Target

SECRET, SECRET_BEFORE = "WEBHOOK_SECRET", "WEBHOOK_SECRET_BEFORE"


def know_webhooks(app: App) -> None:
    """Lets the database know which webhooks the settings name: from here on each is owed what happens.

    Raises ``GroundLost``.
    """
    now = app.clock.now()
    wanted = [_row(name, asked, now) for name, asked in app.settings.webhooks.items()]
    with app.ground.reading() as tx:
        known = {one.name: one for one in webhooks.every(tx)}
    if {one.name: _asks(one) for one in wanted} == {name: _asks(one) for name, one in known.items()}:
        return
    with app.ground.transaction() as tx:
        webhooks.keep(tx, wanted, now=now)


def target_of(app: App, name: str) -> Target:
    """Where the webhook is called. Raises ``SecretError``."""
    asked = app.settings.webhooks[name]
    found = read_secrets(asked)
    secrets = [found[key].reveal() for key in (SECRET, SECRET_BEFORE) if key in found]
    return Target(name, asked.url, secrets, asked.local)


def _row(name: str, asked: Webhook, now: datetime) -> Row:
    return Row(
        name=name,
        address_hash=hashlib.sha256(asked.url.encode()).hexdigest(),
        home=is_loopback(urlsplit(asked.url).hostname or ""),
        events=tuple(asked.events),
        next_at=now,
    )


def _asks(one: Row) -> tuple[str, bool, tuple[str, ...]]:
    return one.address_hash, one.home, one.events
