"""The ways to the desk that the settings name: e-mail and a webhook.

The desk's mail takes the mail server of the first live e-mail channel and counts to its day, though it never waits for
the next; while no channel at all is live, it takes the rehearsal's.
In rehearsal a webhook that is not on this machine is left out: nothing leaves it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from db.records import Mode
from scheduler.app import App
from scheduler.desk_messages import Message, json_of, subject_of, text_of
from scheduler.periodical import channels_as_used
from scheduler.secrets import SecretError, read_secrets
from scheduler.setting_types import is_loopback
from scheduler.settings import EmailChannel

if TYPE_CHECKING:
    from channels.email.smtp import RelayConfig
    from channels.notice_wire import WebhookConfig

EMAIL, WEBHOOK = "e-mail", "webhook"

_PATIENCE = timedelta(seconds=15)
_AFTER_THE_DOT = timedelta(seconds=60)


class NotCarried(Exception):
    """What was to be told did not get there; ``str()`` says why and what to do."""


class Carrier(Protocol):
    """One way to the desk."""

    @property
    def together(self) -> bool:
        """Whether it takes all there is to tell at once."""
        ...

    def carry(self, messages: Sequence[Message], at: datetime) -> None:
        """Tells these, all or none. Raises ``NotCarried``."""
        ...


def mode_of(app: App) -> Mode:
    """Live as soon as one channel is: until then nothing of this newsroom leaves the machine."""
    return Mode.LIVE if any(outlet.mode is Mode.LIVE for outlet in app.outlets.values()) else Mode.REHEARSAL


def carrier_names(app: App) -> tuple[str, ...]:
    """The ways that are open to this newsroom now; empty where nobody is to be told."""
    asked = app.settings.notices
    away = not is_loopback(urlsplit(asked.webhook).hostname or "")
    by_hook = asked.webhook and not (away and mode_of(app) is Mode.REHEARSAL)
    return tuple(name for name, wanted in ((EMAIL, asked.email), (WEBHOOK, by_hook)) if wanted)


def carrier(app: App, name: str) -> Carrier:
    """The way of this name, made for one use. Raises ``NotCarried`` where the settings lack something."""
    try:
        return _mail(app) if name == EMAIL else _webhook(app)
    except SecretError as error:
        raise NotCarried(str(error)) from None


@dataclass(frozen=True, slots=True)
class _Mail:
    relay: RelayConfig
    sender: str
    to: str
    newsroom: str
    mode: Mode
    count: Callable[[RelayConfig, datetime], None] = field(repr=False)
    together: bool = field(default=True)

    def carry(self, messages: Sequence[Message], at: datetime) -> None:
        from channels.email.addresses import BadAddress, parse_mailbox
        from channels.email.desk_mail import desk_mail
        from channels.email.headers import UnsafeHeader
        from channels.email.smtp import Relay
        from channels.errors import ChannelError

        key = "; ".join(message.key for message in messages)
        try:
            sender, to = parse_mailbox(self.sender), parse_mailbox(self.to)
            subject, text = subject_of(messages, self.mode), text_of(messages, self.newsroom)
            mail = desk_mail(sender, to, subject, text, f"{key} {self.to}", at)
            with Relay(self.relay) as relay:
                relay.open()
                self.count(self.relay, at)
                relay.deliver(sender.address, to.address, mail)
        except ChannelError as error:
            raise NotCarried(error.failure.sentence) from None
        except (BadAddress, UnsafeHeader) as error:
            raise NotCarried(f"{error}; mend the address in settings.toml") from None


@dataclass(frozen=True, slots=True)
class _Hook:
    config: WebhookConfig
    newsroom: str
    mode: Mode
    together: bool = field(default=False)

    def carry(self, messages: Sequence[Message], at: datetime) -> None:
        from channels.notice_wire import NotTold, post_json

        for message in messages:
            try:
                post_json(self.config, json_of(message, self.newsroom, self.mode), at)
            except NotTold as fault:
                raise NotCarried(str(fault)) from None


def _mail(app: App) -> Carrier:
    from channels.email.providers import PROVIDERS
    from channels.email.smtp import Deadlines, RelayConfig
    from scheduler.mail_allowance import Allowance

    settings, mode = app.settings, mode_of(app)
    used = channels_as_used(settings).items()
    ours = [(name, one) for name, one in used if isinstance(one, EmailChannel) and one.mode is mode]
    patience = Deadlines(connect=_PATIENCE, before=_PATIENCE, dot=_AFTER_THE_DOT)
    server, first = ours[0] if ours else ("", None)
    sender = first.sender if first is not None else settings.newsroom.contact or settings.notices.email
    if mode is Mode.REHEARSAL:
        addresses = app.rehearsal.addresses()
        relay = RelayConfig(addresses.smtp_host, addresses.smtp_port, tls="none", deadlines=patience)
    elif first is not None:
        secret = read_secrets(first) if first.secret_file else {}
        relay = RelayConfig(
            first.host,
            first.port,
            tls=first.tls,
            username=secret["USERNAME"].reveal() if "USERNAME" in secret else "",
            password=secret["PASSWORD"].reveal() if "PASSWORD" in secret else "",
            loopback_only=False,
            deadlines=patience,
            per_day=first.per_day or PROVIDERS[first.provider].per_day,
            name=f"channels.{server}",
        )
    else:
        raise NotCarried(
            "no e-mail channel is live, so there is no mail server for the desk's mail; make one live, or name a "
            "webhook in [notices] instead of email"
        )

    def count(server: RelayConfig, at: datetime) -> None:
        with app.ground.transaction() as tx:
            Allowance(settings.newsroom.zone).count_one(tx, mode, server, at)

    return _Mail(relay, sender, settings.notices.email, settings.newsroom.name, mode, count)


def _webhook(app: App) -> Carrier:
    from channels.notice_wire import WebhookConfig

    asked, mode = app.settings.notices, mode_of(app)
    secret = read_secrets(asked)
    key = secret["WEBHOOK_SECRET"].reveal() if "WEBHOOK_SECRET" in secret else ""
    return _Hook(WebhookConfig(asked.webhook, mode, key), app.settings.newsroom.name, mode)
