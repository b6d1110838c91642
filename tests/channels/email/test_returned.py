"""Mail that came back is told by its form, never guessed from its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.returned import What, read_returned, what_of_status
from tests.channels.email.returned_mails import HOLIDAY, LETTER, QMAIL, complaint, report


@pytest.mark.parametrize(
    ("status", "what"),
    [
        ("5.1.1", What.HARD),
        ("5.1.2", What.HARD),
        ("5.1.10", What.HARD),
        ("5.2.1", What.HARD),
        ("5.2.2", What.SOFT),
        ("4.2.2", What.SOFT),
        ("4.4.1", What.SOFT),
        ("5.7.1", What.SOFT),
        ("5.7.26", What.SOFT),
        ("5.0.0", What.SOFT),
        ("", What.SOFT),
        ("2.0.0", What.OTHER),
    ],
)
def test_a_status_says_whether_it_is_for_good(status: str, what: What) -> None:
    assert what_of_status(status) is what


def test_a_report_names_reader_status_words_and_the_mail_it_is_about() -> None:
    (found,) = read_returned(report(to="bounce+token@news.example.org"))
    assert (found.what, found.address, found.status) == (What.HARD, "ann@example.org", "5.1.1")
    assert found.words == "550 5.1.1 no such user"
    assert found.message_id == "<abc@news.example.org>"
    assert "bounce+token@news.example.org" in found.sent_to


@pytest.mark.parametrize(
    ("action", "what"), [("delayed", What.DELAYED), ("relayed", What.OTHER), ("delivered", What.OTHER)]
)
def test_what_is_still_on_its_way_or_has_arrived_is_no_bounce(action: str, what: What) -> None:
    (found,) = read_returned(report(action=action, status="4.4.1"))
    assert found.what is what


@pytest.mark.parametrize(
    ("kind", "what"), [("abuse", What.COMPLAINT), ("fraud", What.COMPLAINT), ("not-spam", What.OTHER)]
)
def test_a_feedback_report_is_a_complaint(kind: str, what: What) -> None:
    (found,) = read_returned(complaint(kind=kind))
    assert found.what is what
    if what is What.COMPLAINT:
        assert found.address == "ann@example.org"


def test_a_holiday_note_and_a_persons_letter_are_no_bounces() -> None:
    assert [one.what for one in read_returned(HOLIDAY)] == [What.REPLY]
    assert [one.what for one in read_returned(LETTER)] == [What.OTHER]


def test_a_server_that_writes_letters_of_its_own_is_understood() -> None:
    (found,) = read_returned(QMAIL)
    assert (found.what, found.address) == (What.HARD, "ann@example.org")


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"From", b"\xff\xfe\x00", b"Content-Type: multipart/report\r\n\r\n"])
def test_anything_else_is_nothing_we_know(raw: bytes) -> None:
    assert [one.what for one in read_returned(raw)] == [What.OTHER]


def test_a_fault_inside_the_library_that_knows_bounces_is_written_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    assert [one.what for one in read_returned(b"no header at all\n")] == [What.OTHER]
    assert caplog.records == []


@given(cut=st.integers(0, 900), junk=st.binary(max_size=30))
def test_no_damage_ever_raises(cut: int, junk: bytes) -> None:
    for whole in (report(), complaint(), QMAIL):
        assert read_returned(whole[:cut] + junk + whole[cut:])
        assert read_returned(whole[:cut])
