"""Mail that came back, read: a delivery report, a complaint, a holiday note, or something else. Pure.

A report in the form of RFC 3464 is read as such, before anything else; a complaint in the form of RFC 5965. Where a
server wrote a letter of its own instead, flufl.bounce knows its ways. "delayed" is no bounce, and a refusal of our
mail as such (5.7.x) says nothing against the reader.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from urllib.parse import quote

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLIES = frozenset({"auto-replied", "auto-notified"})
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
_WORDS = 300
_LEAVING = re.compile(r"\s*unsubscribe\s+([0-9a-f]+-[A-Za-z0-9_-]+)\s*", re.IGNORECASE)


class What(StrEnum):
    """What a returned mail is."""

    HARD = "hard bounce"  # there is no such mailbox: nothing more is sent there
    SOFT = "soft bounce"  # full, away, or a fault that may pass
    COMPLAINT = "complaint"  # the reader pressed "spam"
    DELAYED = "delayed"  # still on its way: no bounce
    LEAVING = "unsubscribe"  # by mail, or by a mail service's own link
    REPLY = "auto-reply"  # a holiday note: no bounce
    OTHER = "other"  # a person's letter, or nothing we know


@dataclass(frozen=True, slots=True)
class Returned:
    """One reader's mail that came back. ``sent_to`` are the addresses it returned to, which may name the copy."""

    what: What
    address: str = ""
    status: str = ""
    words: str = ""
    sent_to: tuple[str, ...] = ()
    message_id: str = ""


def leaving_address(bounces: str, token: str) -> str:
    """The mailto address with which mail programs leave by mail (RFC 2369); its subject holds the reader's token."""
    return f"mailto:{quote(bounces, safe='@+=')}?subject=unsubscribe%20{token}"


def leaving_token(raw: bytes) -> str:
    """The token of a mail that ``leaving_address`` made; "" for any other, an answer to one included."""
    message = message_from_bytes(raw)
    subject = message.get("Subject", "")
    found = _LEAVING.fullmatch("".join(str(subject).splitlines()))
    machine = str(message.get("Auto-Submitted", "no")).strip().lower() in _REPLIES
    return found[1] if found is not None and not machine else ""


def read_returned(raw: bytes) -> tuple[Returned, ...]:
    """What a mail to the bounce address says, one for each reader it is about; never empty, never raises."""
    message = message_from_bytes(raw)
    sent_to = tuple(
        address
        for name in _TO
        for _, address in getaddresses([str(one) for one in message.get_all(name, [])])
        if address
    )
    original = _original(message)
    message_id = str(original.get("Message-ID", "")).strip() if original is not None else ""
    kind = str(message.get_param("report-type", "")).lower() if message.get_content_type() == "multipart/report" else ""
    if kind == "feedback-report":
        found = list(_complaints(message, original))
    elif kind in ("delivery-status", ""):
        found = list(_reports(message))
    else:
        found = []
    if not found:
        found = [_unwritten(message)]
    return tuple(Returned(one.what, one.address, one.status, one.words, sent_to, message_id) for one in found)


def what_of_status(status: str, *, delayed: bool = False) -> What:
    """RFC 3463: 5.1.x (no such mailbox or domain) and 5.2.1 (closed) are for good, everything else may pass."""
    if delayed:
        return What.DELAYED
    found = _STATUS.search(status)
    if found is None or found[1] == "4":
        return What.SOFT
    if found[1] == "2":
        return What.OTHER
    return What.HARD if found[2] == "1" or found[2] + "." + found[3] == "2.1" else What.SOFT


def _reports(message: Message) -> Iterator[Returned]:
    """The per-recipient fields of every delivery-status part (RFC 3464 section 2.3)."""
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in _inner(part):
            action = str(block.get("Action", "")).strip().lower()
            address = _typed(block.get("Original-Recipient")) or _typed(block.get("Final-Recipient"))
            if not action or not address:
                continue
            status, words = str(block.get("Status", "")).strip(), _typed(block.get("Diagnostic-Code"))
            if action in ("failed", "delayed"):
                what = what_of_status(status or words, delayed=action == "delayed")
                yield Returned(what, address, _digits(status or words), words[:_WORDS])
            else:  # relayed, delivered, expanded: good news
                yield Returned(What.OTHER, address, _digits(status), action)


def _complaints(message: Message, original: Message | None) -> Iterator[Returned]:
    for part in message.walk():
        if part.get_content_type() != "message/feedback-report":
            continue
        fields = next(_inner(part), None) or message_from_bytes(_octets(part))
        kind = str(fields.get("Feedback-Type", "")).strip().lower()
        if kind in ("not-spam", "auth-failure", "dmarc"):
            yield Returned(What.OTHER, words=kind)
            continue
        named = _typed(fields.get("Original-Rcpt-To")) or _typed(fields.get("Removal-Recipient"))
        if not named and original is not None:
            named = next((address for _, address in getaddresses([str(original.get("To", ""))])), "")
        yield Returned(What.COMPLAINT, named.strip("<>"), words=kind)


def _unwritten(message: Message) -> Returned:
    """What is no report: a machine's reply, a bounce in words of its own, or a person's letter."""
    automatic = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    replies = automatic in _REPLIES or message.get("X-Autoreply") or message.get("X-Autorespond")
    if replies or str(message.get("Precedence", "")).strip().lower() == "auto_reply":
        return Returned(What.REPLY)
    try:
        from flufl.bounce import all_failures

        logging.getLogger("flufl.bounce").disabled = True  # it writes the tracebacks of its own faults on the screen
        passing, lasting = all_failures(message)
    except Exception:  # it trips over some of what servers write; then nothing is known
        return Returned(What.OTHER)
    for what, addresses in ((What.HARD, lasting), (What.SOFT, passing)):
        for address in addresses:
            return Returned(what, address.decode("utf-8", "replace") if isinstance(address, bytes) else str(address))
    return Returned(What.OTHER)


def _original(message: Message) -> Message | None:
    """Our own mail inside, or its headers."""
    for part in message.walk():
        if part.get_content_type() in ("message/rfc822", "message/rfc822-headers") and part is not message:
            return next(_inner(part), None) or message_from_bytes(_octets(part))
        if part.get_content_type() == "text/rfc822-headers":
            return message_from_bytes(_octets(part))
    return None


def _inner(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    for one in payload if isinstance(payload, list) else []:
        if isinstance(one, Message):
            yield one


def _octets(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content.lstrip() if isinstance(content, bytes) else b""


def _typed(value: object) -> str:
    """``rfc822; ann@example.org`` without its type, on one line."""
    text = " ".join(str(value or "").split())
    return (text.partition(";")[2] if ";" in text else text).strip().strip("<>")


def _digits(text: str) -> str:
    found = _STATUS.search(text)
    return found.group() if found else ""
