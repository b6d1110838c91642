"""A mail service calls us: what came back from readers is checked, read and taken in."""

from __future__ import annotations

from collections.abc import Mapping

from channels.email.hooks import KNOWN, NoReport, NotSigned, Told, read_hook
from scheduler.app import App
from scheduler.feedback import Taken, take_returned
from scheduler.intake.wanted import Wanted
from scheduler.secrets import read_secrets

__all__ = ["NoReport", "NoSuchService", "NotSigned", "take_hook"]

SECRET_OF = {
    "ses": "SES_TOPIC",
    "postmark": "POSTMARK_SECRET",
    "mailgun": "MAILGUN_SIGNING_KEY",
    "sendgrid": "SENDGRID_PUBLIC_KEY",
    "brevo": "BREVO_SECRET",
}


class NoSuchService(Exception):
    """No mail service of this name is listened to here."""


def take_hook(app: App, service: str, body: bytes, headers: Mapping[str, str], given: str) -> list[Taken]:
    """Takes in one call. Raises ``NoSuchService``, ``NotSigned``, ``NoReport``, ``SecretError``, ``GroundLost``."""
    secret = read_secrets(app.settings.bounces).get(SECRET_OF[service]) if service in KNOWN else None
    if secret is None:
        raise NoSuchService(f"No mail service of this name may call: put {SECRET_OF.get(service, 'its secret')} into "
                            "the secret file of [bounces].")  # fmt: skip

    def fetch(address: str) -> bytes:
        return app.fetch(Wanted(address)).body

    told = read_hook(service, body, headers, secret.reveal(), given=given, now=app.clock.now(), fetch=fetch)
    return [_take(app, service, one, fetch) for one in told]


def _take(app: App, service: str, told: Told, fetch: object) -> Taken:
    if told.confirm:
        assert callable(fetch)
        fetch(told.confirm)
        return Taken(told.returned.what, followed="confirmed")
    return take_returned(app, told.returned, told.event, source=service, receipt=told.receipt, at=told.at)
