"""A strict reader of mail: what a receiving server may rely on, checked octet by octet."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

ONCE = ("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")
_WORD = re.compile(rb"=\?[^? ]+\?[bqBQ]\?[^? ]*\?=")


def read_strictly(raw: bytes, *, seven_bit: bool = True) -> EmailMessage:
    """Parses ``raw`` after checking its lines; fails the test on the first octet that no standard allows."""
    assert raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\0" not in raw
    if seven_bit:
        assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    head = raw.partition(b"\r\n\r\n")[0]
    for line in head.split(b"\r\n"):
        assert line.strip(), "a folded line of white space alone"
        words = _WORD.findall(line)
        assert all(len(word) <= 75 for word in words)
        assert not words or len(line) <= 76
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    for name in ONCE:
        assert len(message.get_all(name, [])) == 1, name
    return message


def raw_header(raw: bytes, name: str) -> bytes:
    """The one line of a header that must stand unfolded, without its name."""
    (line,) = [line for line in raw.split(b"\r\n") if line.lower().startswith(name.lower().encode() + b": ")]
    return line.partition(b": ")[2]


def text_of(message: EmailMessage, subtype: str) -> str:
    """The decoded text of one alternative, line ends as in the source."""
    (part,) = [part for part in message.walk() if part.get_content_subtype() == subtype]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode("utf-8").replace("\r\n", "\n")
