"""A raw mail read for people: subject, plain part, HTML part, and the inbox's second line."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage
from html.parser import HTMLParser

_SILENT = frozenset({"style", "script", "title", "head"})
_PREHEADER_LENGTH = 140
_FILLING = "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
"""Characters that newsletters put behind the preheader to push the body out of the inbox's line."""


@dataclass(frozen=True, slots=True)
class MailText:
    """What a reader's mail program would show."""

    subject: str
    sender: str
    text: str
    html: str
    preheader: str
    message_id: str


class _Words(HTMLParser):
    """Collects the text of an HTML part, hidden preheader included, as an inbox does."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Counts into parts that are never read."""
        self._silent += tag in _SILENT

    def handle_endtag(self, tag: str) -> None:
        """Counts out of them."""
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        """Keeps what is read."""
        if not self._silent:
            self.pieces.append(data)


def _preheader(text: str, html: str) -> str:
    words = text
    if html:
        reader = _Words()
        reader.feed(html)
        words = " ".join(reader.pieces)
    words = words.translate(dict.fromkeys(map(ord, _FILLING)))
    return re.sub(r"\s+", " ", words).strip()[:_PREHEADER_LENGTH]


def _body(message: EmailMessage, kind: str) -> str:
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and part.get_content_disposition() != "attachment":
            try:
                return str(part.get_content())
            except (LookupError, ValueError):  # a charset nobody knows, or bytes that are not in it
                payload = part.get_payload(decode=True)
                return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    return ""


def read_mail(raw: bytes) -> MailText:
    """Reads any bytes as a mail; what is malformed is shown as far as it goes, nothing raises."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    text, html = _body(message, "plain"), _body(message, "html")
    return MailText(
        subject=_header(message, "subject"),
        sender=_header(message, "from"),
        text=text,
        html=html,
        preheader=_preheader(text, html),
        message_id=_header(message, "message-id"),
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, IndexError, AttributeError):  # the standard parser gives up on some malformed headers
        return ""
