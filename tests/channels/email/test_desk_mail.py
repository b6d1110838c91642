"""A mail to the desk is a whole, plain, 7-bit message that says what it was given."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.addresses import parse_mailbox
from channels.email.desk_mail import desk_mail

AT = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
SENDER = parse_mailbox("Zeitung für Alle <news@news.example.org>")
DESK = parse_mailbox("desk@news.example.org")


def made(subject: str = "x-main is stopped", text: str = "Words.\n", key: str = "notice 1") -> bytes:
    return desk_mail(SENDER, DESK, subject, text, key, AT)


def test_it_says_who_to_whom_when_and_that_a_machine_wrote_it() -> None:
    mail = message_from_bytes(made("Größer als gedacht"), policy=policy.default)
    assert mail["from"] == "Zeitung für Alle <news@news.example.org>"
    assert mail["to"] == "desk@news.example.org"
    assert mail["subject"] == "Größer als gedacht"
    assert mail["date"].datetime == AT
    assert mail["auto-submitted"] == "auto-generated"
    assert "list-unsubscribe" not in mail


def test_told_twice_it_is_the_same_message() -> None:
    one, other = (message_from_bytes(made(key=key))["message-id"] for key in ("notice 1", "notice 2"))
    assert one == message_from_bytes(made(text="Other words."))["message-id"] != other


def test_a_subject_cannot_begin_another_header() -> None:
    mail = message_from_bytes(made("Stopped\r\nBcc: all@example.org\n\nHello\x00"), policy=policy.default)
    assert mail["bcc"] is None
    assert mail["subject"] == "Stopped Bcc: all@example.org Hello"


@pytest.mark.parametrize("length", [149, 150, 151, 5_000])
def test_a_long_subject_is_cut(length: int) -> None:
    subject = str(message_from_bytes(made("a" * length), policy=policy.default)["subject"])
    assert len(subject) == min(length, 150)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_arrives_in_seven_bits_and_short_lines(text: str) -> None:
    raw = made(text=text)
    assert raw.isascii()
    lines = raw.split(b"\r\n")
    assert all(len(line) <= 998 for line in lines)
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    body = message_from_bytes(raw, policy=policy.default).get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode().splitlines() == (text.splitlines() or [""])
