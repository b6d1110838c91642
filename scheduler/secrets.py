"""Secrets, read only when asked, from the file that a channel's ``secret_file`` names: one KEY=value a line.

The file must be the owner's alone (mode 0600). No value ever stands in an error, a repr or a log.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from db.records import Mode
from scheduler.settings import AnyChannel, Bounces, MailServer, Notices, Webhook, WebhookSource
from scheduler.settings_faults import suggest

_MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Names:
    """The keys of one kind's secret file."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()


SECRET_NAMES: Mapping[str, Names] = MappingProxyType(
    {
        "x": Names(("CONSUMER_KEY", "CONSUMER_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET")),
        "facebook": Names(("PAGE_TOKEN",), ("APP_ID", "APP_SECRET")),
        "email": Names(("USERNAME", "PASSWORD")),
        "bounces": Names(
            (),
            (
                "IMAP_PASSWORD",
                "SES_TOPIC",
                "POSTMARK_SECRET",
                "MAILGUN_SIGNING_KEY",
                "SENDGRID_PUBLIC_KEY",
                "BREVO_SECRET",
            ),
        ),
        "notices": Names(("WEBHOOK_SECRET",)),
        "webhook": Names(("WEBHOOK_SECRET",)),
        "webhooks": Names(("WEBHOOK_SECRET",), ("WEBHOOK_SECRET_BEFORE",)),
    }
)
"""What each kind reads. E-mail needs a file only where the mail server wants a log-in."""


class SecretError(Exception):
    """A secret file cannot be used. ``str()`` says which, why and what to do; it never holds a value."""

    exit_code = 2


class Secret:
    """A value that shows itself only through ``reveal()``."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: for the call that needs it, never for a message."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


def read_secrets(
    channel: AnyChannel | Notices | WebhookSource | Webhook | MailServer | Bounces,
) -> Mapping[str, Secret]:
    """The secrets of a channel, of the notices or of a source, by name.

    Empty where no file is named, and for a channel in rehearsal.
    Raises ``SecretError`` when the file is missing, too open, not readable, or lacks a key.
    """
    if isinstance(channel, MailServer):
        kind = "email"
    elif isinstance(channel, Bounces):
        kind = "bounces"
    elif isinstance(channel, Webhook):
        kind = "webhooks"
    else:
        kind = "notices" if isinstance(channel, Notices) else channel.kind
    rehearses = (
        not isinstance(channel, Notices | WebhookSource | Webhook | MailServer | Bounces)
        and channel.mode is Mode.REHEARSAL
    )
    if channel.secret_file is None or rehearses:
        return MappingProxyType({})
    return MappingProxyType(_parse(channel.secret_file, _read(channel.secret_file), SECRET_NAMES[kind]))


def read_keys(path: Path, names: tuple[str, ...]) -> Mapping[str, Secret]:
    """Keys of these names, as far as a file holds them, for the call that connects a channel. Raises ``SecretError``."""
    return MappingProxyType(_parse(path, _read(path), Names((), names)))


def why_unusable(path: Path) -> str | None:
    """Why a secret file cannot be used, as a sentence with its remedy, without reading it; None when it can."""
    try:
        found = path.stat()
    except OSError as error:
        return f"the secret file {path} cannot be found ({error.strerror}); create it with mode 0600"
    if (fault := _why_open(path, found)) is not None:
        return fault
    if not os.access(path, os.R_OK):
        return f"the secret file {path} cannot be read by this user; give it to the user that runs Pressrun"
    return None


def _why_open(path: Path, found: os.stat_result) -> str | None:
    if not stat.S_ISREG(found.st_mode):
        return f"{path} is not a file; name a file of KEY=value lines"
    mode = stat.S_IMODE(found.st_mode)
    if os.name == "posix" and mode & 0o077:
        return f"others may read the secret file {path} (mode {mode:04o}); run: chmod 600 {path}"
    return None


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            # Asked of the open file, so that nobody can change it between the question and the reading.
            if (fault := _why_open(path, os.fstat(file.fileno()))) is not None:
                raise SecretError(fault)
            held = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise SecretError(
            f"the secret file {path} cannot be read ({error.strerror}); create it with mode 0600 for this user"
        ) from None
    if len(held) > _MOST_BYTES:
        raise SecretError(f"{path} is too long for a secret file; it holds KEY=value lines only")
    try:
        return held.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SecretError(f"{path} is not UTF-8 text; write it anew as KEY=value lines") from None


def _parse(path: Path, text: str, names: Names) -> dict[str, Secret]:
    known = names.needed + names.optional
    secrets: dict[str, Secret] = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        key, value = key.strip(), value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        if not equals:
            raise SecretError(f"{path}, line {number} is not KEY=value; the keys are {', '.join(known)}")
        if key not in known:
            meant = suggest(key, known) if key.isidentifier() else None
            cure = f"did you mean {meant}?" if meant else f"the keys are {', '.join(known)}"
            raise SecretError(f"{path}, line {number} has a key that is not used here; {cure}")
        if key in secrets:
            raise SecretError(f"{path}, line {number} gives {key} a second time; keep one")
        if not value:
            raise SecretError(f"{path}, line {number}: {key} is empty; write its value after the =")
        secrets[key] = Secret(value)
    missing = [key for key in names.needed if key not in secrets]
    if missing:
        raise SecretError(f"{path} lacks {', '.join(missing)}; add a line KEY=value for each")
    return secrets
