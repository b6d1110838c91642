"""Header lines: short enough, decodable by others, closed to injection."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.addresses import parse_address
from channels.email.headers import UnsafeHeader, exact_line, list_id_line, mailbox_line, text_line

ADDRESS = parse_address("reader@example.org")
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=200).filter(
    lambda text: text == text.strip() and bool(text)
)


def checked(line: bytes) -> bytes:
    assert line.endswith(b"\r\n")
    assert line.isascii()
    for piece in line[:-2].split(b"\r\n"):
        assert piece.strip()
        assert len(piece) <= 998
        assert b"=?" not in piece or len(piece) <= 76
        for word in piece.split():
            assert not word.startswith(b"=?") or len(word) <= 75
    for later in line[:-2].split(b"\r\n")[1:]:
        assert later.startswith(b" ")
    return line


@given(WORDS)
def test_any_subject_arrives_as_it_was_written(subject: str) -> None:
    line = checked(text_line("Subject", subject))
    value = line.partition(b":")[2].decode("ascii").replace("\r\n", "").removeprefix(" ")
    assert str(make_header(decode_header(value))) == subject


@given(WORDS)
def test_any_display_name_arrives_as_it_was_written(name: str) -> None:
    line = checked(mailbox_line("From", name, ADDRESS))
    parsed = message_from_bytes(line + b"\r\n", policy=policy.default)["From"]
    (address,) = parsed.addresses
    assert address.addr_spec == "reader@example.org"
    assert not parsed.defects
    if b"=?" in line:  # the email package joins encoded words of a name with spaces, decode_header does not
        phrase = line.decode("ascii").removeprefix("From: ").replace("\r\n", "").rpartition("<")[0]
        assert str(make_header(decode_header(phrase.strip()))) == name
    else:
        assert address.display_name.split() == name.split()


def test_plain_ascii_stays_readable_and_folds_between_words() -> None:
    line = text_line("Subject", "Council votes to keep the night bus and the last tram for one more year at least")
    assert b"=?" not in line
    assert max(len(piece) for piece in line.split(b"\r\n")) <= 76


def test_a_subject_that_looks_encoded_is_encoded_so_that_nobody_decodes_it() -> None:
    line = text_line("Subject", "How =?utf-8?q?words?= are written")
    assert str(make_header(decode_header(line[9:-2].decode()))) == "How =?utf-8?q?words?= are written"


def test_cyrillic_goes_as_base64_and_french_as_quoted() -> None:
    assert b"?b?" in text_line("Subject", "Совет сохранил ночной автобус")
    assert b"?q?" in text_line("Subject", "Le conseil garde le bus de nuit à Orléans")


@pytest.mark.parametrize("mark", ["\r", "\n", "\r\n", "\0", "\x0b", "\x85", "\u2028", "\u2029", "\x7f", "\ud800"])
def test_nothing_that_could_end_a_header_gets_into_one(mark: str) -> None:
    value = f"News{mark}Bcc: other@example.org"
    with pytest.raises(UnsafeHeader, match="U\\+"):
        text_line("Subject", value)
    with pytest.raises(UnsafeHeader):
        mailbox_line("To", value, ADDRESS)
    with pytest.raises(UnsafeHeader):
        list_id_line(value, "daily.example.org")
    with pytest.raises(UnsafeHeader):
        exact_line("List-Unsubscribe", value)


def test_a_link_stands_byte_for_byte_however_long() -> None:
    link = "<https://n.example.org/u/" + "x" * 900 + ">"
    assert exact_line("List-Unsubscribe", link) == f"List-Unsubscribe: {link}\r\n".encode()


def test_a_line_over_998_octets_is_refused() -> None:
    with pytest.raises(UnsafeHeader, match="998"):
        exact_line("List-Unsubscribe", "x" * 1000)


def test_quotes_and_backslashes_in_a_name_are_escaped() -> None:
    line = mailbox_line("From", 'The "Daily" \\ Post', ADDRESS)
    assert line == b'From: "The \\"Daily\\" \\\\ Post" <reader@example.org>\r\n'


def test_a_list_is_named_by_an_identifier_that_no_title_can_break() -> None:
    assert list_id_line("Morning, daily", "daily.example.org") == (
        b'List-Id: "Morning, daily"\r\n <daily.example.org>\r\n'
    )
