"""The exact bytes of one reader's mail.

``compile_issue`` does the work that is the same for all readers of a variant, once; ``Compiled.for_recipient`` joins
bytes. Lines end in CRLF, header lines are at most 998 octets, everything is 7-bit unless the reader's own address
needs SMTPUTF8. One recipient a message; text first, HTML last (RFC 2046 §5.1.4).
"""

from __future__ import annotations

import hashlib
import html
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

from channels.email.addresses import Address, Mailbox
from channels.email.bodies import LINK_ROOM, Body, compile_body
from channels.email.counting import OPEN_SLOT, Counting, HitLinks, slot_values, with_slots
from channels.email.headers import (
    LINE_OCTETS,
    UnsafeHeader,
    check_value,
    exact_line,
    list_id_line,
    mailbox_line,
    text_line,
)
from db.records import Part


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all mail of one newsletter has in common.

    ``list_id`` is ``label.domain``, stable for ever; ``feedback_id`` the whole field or "" to leave it out. ``form`` and
    ``archive`` are the list's public pages, "" where it has none; ``owner`` whom people write to.
    """

    sender: Mailbox
    reply_to: Mailbox | None
    title: str
    list_id: str
    feedback_id: str = ""
    form: str = ""
    archive: str = ""
    owner: Address | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """One recipient: whom to, the one-click address made for them, and the key that names them for life.

    ``choices`` is the address of the page on which they choose, ``hits`` what makes their counted links; without it
    nothing of their copy is counted, whatever the issue. ``by_mail`` is the mailto address to leave by, "" without.
    """

    address: Address
    name: str
    unsubscribe: str
    key: str
    choices: str = ""
    hits: HitLinks | None = None
    by_mail: str = ""


@dataclass(frozen=True, slots=True)
class Compiled:
    """An issue in bytes, all but its readers."""

    issue_key: str
    domain: str
    opening: bytes  # From
    closing: bytes  # from Reply-To down to the first part's headers, but for what is the reader's
    between: bytes
    ending: bytes
    text: Body
    html: Body
    counting: Counting | None = None

    def for_recipient(self, reader: Reader, at: datetime) -> bytes:
        """The whole message for ``reader``, dated ``at``. Same reader, same Message-ID, whenever it is tried.

        Raises ``UnsafeHeader`` for a name, address or link that no header may carry.
        """
        check_value("the reader's name", reader.name)
        check_value("the reader's address", reader.address.text)
        link = reader.unsubscribe
        if len(link) > LINK_ROOM:
            raise UnsafeHeader(
                f"the unsubscribe address is {len(link)} characters long, {LINK_ROOM} is the most; "
                "use a shorter public_url or list name"
            )
        values = _values(reader)
        if self.counting is not None:
            values |= slot_values(self.counting, reader.hits, at)
        return b"".join(
            (
                self.opening,
                mailbox_line("To", "" if len(reader.name) > 100 else reader.name, reader.address),
                _date_line(at.replace(microsecond=0)),
                exact_line("Message-ID", self.message_id(reader)),
                _leave_line(link, reader.by_mail),
                self.closing,
                self.text.fill({slot: values[slot].encode() for slot in self.text.names}),
                self.between,
                self.html.fill({slot: html.escape(values[slot]).encode() for slot in self.html.names}),
                self.ending,
            )
        )

    def message_id(self, reader: Reader) -> str:
        """``<…@domain>``, the same for every try of this issue to this reader."""
        name = hashlib.sha256(f"{self.issue_key}\0{reader.key}".encode()).hexdigest()[:32]
        return f"<{name}@{self.domain}>"

    def html_size(self, reader: Reader) -> int:
        """The octets of the HTML part as sent to this reader: what mail programs clip by."""
        values = _values(reader)
        if self.counting is not None:  # a preview has the links themselves, and a reader's are seldom shorter
            base = reader.unsubscribe.rpartition("/u/")[0]
            hits = reader.hits or HitLinks(base, b"as long as any", "0" * 32, 0)
            values |= slot_values(self.counting, hits, _ANY_MOMENT)
        return len(self.html.fill({slot: html.escape(values[slot]).encode() for slot in self.html.names}))


def compile_issue(part: Part, letterhead: Letterhead, issue_key: str) -> Compiled:
    """Compiles one variant. ``issue_key`` names the issue for life. Raises ``UnsafeHeader`` and ``UnknownSlot``."""
    counting = None
    if part.count_opens or part.count_clicks:
        counting = with_slots(part.html, opens=part.count_opens, clicks=part.count_clicks)
        page = compile_body(counting.page, {OPEN_SLOT, *counting.targets})
    else:
        page = compile_body(part.html)
    text = compile_body(part.text)
    mark = hashlib.sha256("\0".join((issue_key, part.text, part.html)).encode()).hexdigest()[:24]
    boundary = f"=_{mark}"
    closing = [
        mailbox_line("Reply-To", letterhead.reply_to.name, letterhead.reply_to.address) if letterhead.reply_to else b"",
        text_line("Subject", part.subject),
        list_id_line(letterhead.title, letterhead.list_id),
        exact_line("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        *_list_lines(letterhead),
        exact_line("Feedback-ID", letterhead.feedback_id) if letterhead.feedback_id else b"",
        exact_line("Auto-Submitted", "auto-generated"),
        exact_line("Precedence", "bulk"),
        exact_line("MIME-Version", "1.0"),
        exact_line("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
        b"\r\n",
        _part_head(boundary, "text/plain", text),
    ]
    return Compiled(
        issue_key=issue_key,
        domain=letterhead.sender.address.domain,
        opening=mailbox_line("From", letterhead.sender.name, letterhead.sender.address),
        closing=b"".join(closing),
        between=b"\r\n" + _part_head(boundary, "text/html", page),
        ending=f"\r\n--{boundary}--\r\n".encode("ascii"),
        text=text,
        html=page,
        counting=counting,
    )


def _leave_line(link: str, by_mail: str) -> bytes:
    """The one-click address first (RFC 8058), then the way by mail where both fit on a line that nothing folds."""
    if by_mail and len(link) + len(by_mail) < LINE_OCTETS - 40:
        return exact_line("List-Unsubscribe", f"<{link}>, <{by_mail}>")
    return exact_line("List-Unsubscribe", f"<{link}>")


def _list_lines(letterhead: Letterhead) -> list[bytes]:
    """What RFC 2369 says of a list: how to join it, read it again, get help, and whom to write to."""
    owner = f"mailto:{quote(letterhead.owner.wire, safe='@+=')}" if letterhead.owner is not None else ""
    pairs = (
        ("List-Help", letterhead.form),
        ("List-Subscribe", letterhead.form),
        ("List-Archive", letterhead.archive),
        ("List-Owner", owner),
    )
    return [exact_line(name, f"<{address}>") for name, address in pairs if address]


def _values(reader: Reader) -> dict[str, str]:
    """What fills a reader's own slots. One that has no page to choose on chooses where they leave."""
    return {
        "UNSUBSCRIBE": reader.unsubscribe,
        "CHOICES": reader.choices or reader.unsubscribe,
        "NAME": reader.name,
        "ADDRESS": reader.address.text,
    }


_ANY_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=16)
def _date_line(at: datetime) -> bytes:
    return exact_line("Date", format_datetime(at))


def _part_head(boundary: str, media_type: str, body: Body) -> bytes:
    return (
        f"--{boundary}\r\nContent-Type: {media_type}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: {body.encoding}\r\n\r\n"
    ).encode("ascii")
