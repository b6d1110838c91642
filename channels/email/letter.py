"""A letter to one person who asked for it: text and HTML, no list, nobody to unsubscribe, no name of anybody's choosing."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.utils import format_datetime

from channels.email.addresses import Address, Mailbox
from channels.email.bodies import compile_body
from channels.email.headers import check_value, exact_line, mailbox_line, text_line


def letter(
    sender: Mailbox,
    reply_to: Mailbox | None,
    to: Address,
    *,
    subject: str,
    text: str,
    page: str,
    key: str,
    at: datetime,
) -> bytes:
    """The whole message, CRLF line ends. ``key`` names it for life: the Message-ID is the same at every try.

    Marked as sent by a machine (RFC 3834). Raises ``UnsafeHeader`` for what no header may carry, ``UnknownSlot`` for
    words that look like a slot.
    """
    check_value("the reader's address", to.text)
    name = hashlib.sha256(key.encode()).hexdigest()[:32]
    boundary = f"=_{name[:24]}"
    parts = [
        mailbox_line("From", sender.name, sender.address),
        mailbox_line("Reply-To", reply_to.name, reply_to.address) if reply_to else b"",
        mailbox_line("To", "", to),
        text_line("Subject", subject),
        exact_line("Date", format_datetime(at)),
        exact_line("Message-ID", f"<{name}@{sender.address.domain}>"),
        exact_line("Auto-Submitted", "auto-generated"),
        exact_line("MIME-Version", "1.0"),
        exact_line("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
        b"\r\n",
    ]
    for media_type, words in (("text/plain", text), ("text/html", page)):
        body = compile_body(words)
        head = f"--{boundary}\r\nContent-Type: {media_type}; charset=utf-8\r\n"
        head += f"Content-Transfer-Encoding: {body.encoding}\r\n\r\n"
        parts += [head.encode("ascii"), body.fill({}), b"\r\n"]
    return b"".join([*parts, f"--{boundary}--\r\n".encode("ascii")])
