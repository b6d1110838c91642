"""A mail to the desk itself: plain text, no list, nobody to unsubscribe."""

from __future__ import annotations

import hashlib
import quopri
from datetime import datetime
from email.utils import format_datetime

from channels.email.addresses import Mailbox
from channels.email.headers import exact_line, mailbox_line, text_line

_SUBJECT = 150


def desk_mail(sender: Mailbox, to: Mailbox, subject: str, text: str, key: str, at: datetime) -> bytes:
    """The whole message, 7-bit, CRLF line ends. ``key`` names it for life: told twice, the Message-ID is the same.

    Marked as sent by a machine (RFC 3834), so that no holiday note answers it. Raises ``UnsafeHeader`` for a sender
    or reader that no header may carry.
    """
    name = hashlib.sha256(key.encode()).hexdigest()[:32]
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in subject).split())
    body = quopri.encodestring("\n".join(text.splitlines()).encode()).replace(b"\n", b"\r\n")
    return b"".join(
        (
            mailbox_line("From", sender.name, sender.address),
            mailbox_line("To", to.name, to.address),
            text_line("Subject", plain if len(plain) <= _SUBJECT else plain[: _SUBJECT - 1] + "…"),
            exact_line("Date", format_datetime(at)),
            exact_line("Message-ID", f"<{name}@{sender.address.domain}>"),
            exact_line("Auto-Submitted", "auto-generated"),
            exact_line("MIME-Version", "1.0"),
            exact_line("Content-Type", "text/plain; charset=utf-8"),
            exact_line("Content-Transfer-Encoding", "quoted-printable"),
            b"\r\n",
            body,
            b"\r\n",
        )
    )
