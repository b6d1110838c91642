"""One reader's mail: exact bytes, stable ids, both one-click headers, nothing that can be injected."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.addresses import BadAddress, Mailbox, parse_address, parse_mailbox
from channels.email.headers import UnsafeHeader
from channels.email.message import Letterhead, Reader, compile_issue
from db.records import Part
from tests.channels.email.strict import raw_header, read_strictly, text_of

AT = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
LETTERHEAD = Letterhead(
    sender=parse_mailbox('"The Harbour Post" <morning@news.example.org>'),
    reply_to=parse_mailbox("desk@example.org"),
    title="Morning Briefing",
    list_id="morning.news.example.org",
    feedback_id="issue-7:morning:digest:harbourpost",
)
PART = Part(
    text="Good morning %%NAME%%\n\nUnsubscribe: %%UNSUBSCRIBE%%\n",
    html='<p>Good morning %%NAME%%</p>\n<a href="%%UNSUBSCRIBE%%">Unsubscribe</a>\n',
    subject="Council keeps the night bus",
)
LINK = "https://n.example.org/u/" + "a1b2c3d4" * 22
assert len(LINK) == 200

NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=90)


def reader(name: str = "Ann", address: str = "ann@example.org", key: str = "17", link: str = LINK) -> Reader:
    return Reader(parse_address(address), name, link, key)


def mail(to: Reader, part: Part = PART, at: datetime = AT) -> bytes:
    return compile_issue(part, LETTERHEAD, "live/issue-7").for_recipient(to, at)


def test_a_one_click_link_of_200_characters_stands_byte_for_byte() -> None:
    raw = mail(reader())
    read_strictly(raw)
    assert raw_header(raw, "List-Unsubscribe") == f"<{LINK}>".encode()
    assert raw_header(raw, "List-Unsubscribe-Post") == b"List-Unsubscribe=One-Click"


def test_every_header_a_bulk_sender_owes_is_there() -> None:
    message = read_strictly(mail(reader()))
    assert str(message["From"]) == "The Harbour Post <morning@news.example.org>"
    assert str(message["To"]) == "Ann <ann@example.org>"
    assert str(message["Reply-To"]) == "desk@example.org"
    assert str(message["Subject"]) == PART.subject
    assert parsedate_to_datetime(str(message["Date"])) == AT
    assert message["List-Id"].split() == ["Morning", "Briefing", "<morning.news.example.org>"]
    assert message["Feedback-ID"] == "issue-7:morning:digest:harbourpost"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["MIME-Version"] == "1.0"
    assert message["Return-Path"] is None


def test_the_list_says_how_to_join_read_again_get_help_and_whom_to_write_to() -> None:
    form = "https://n.example.org/n/morning"
    letterhead = replace(LETTERHEAD, form=form, archive=f"{form}/archive", owner=parse_address("desk@example.org"))
    raw = compile_issue(PART, letterhead, "live/issue-7").for_recipient(reader(), AT)
    read_strictly(raw)
    for name, value in (
        ("List-Help", form),
        ("List-Subscribe", form),
        ("List-Archive", f"{form}/archive"),
        ("List-Owner", "mailto:desk@example.org"),
    ):
        assert raw_header(raw, name) == f"<{value}>".encode()


@pytest.mark.parametrize(("length", "by_mail"), [(200, True), (395, False)])
def test_the_way_to_leave_by_mail_stands_behind_the_one_click_address_where_the_line_has_room(
    length: int, by_mail: bool
) -> None:
    link = LINK[:20] + "a" * (length - 20)
    mailto = f"mailto:bounce@news.example.org?subject=unsubscribe%20{'b' * 560}"
    raw = mail(replace(reader(link=link), by_mail=mailto))
    read_strictly(raw)
    assert raw_header(raw, "List-Unsubscribe") == (f"<{link}>, <{mailto}>" if by_mail else f"<{link}>").encode()


def test_text_comes_first_and_html_last() -> None:
    message = read_strictly(mail(reader()))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_the_id_is_the_same_for_every_try_and_another_for_every_reader_and_issue() -> None:
    later = datetime(2026, 9, 21, 9, 0, tzinfo=UTC)
    first, again = read_strictly(mail(reader())), read_strictly(mail(reader(), at=later))
    assert first["Message-ID"] == again["Message-ID"]
    assert first["Message-ID"].endswith("@news.example.org>")
    other_reader = read_strictly(mail(reader(key="18")))
    other_issue = read_strictly(compile_issue(PART, LETTERHEAD, "live/issue-8").for_recipient(reader(), AT))
    assert len({first["Message-ID"], other_reader["Message-ID"], other_issue["Message-ID"]}) == 3


def test_a_readers_name_cannot_become_markup() -> None:
    message = read_strictly(mail(reader(name='<script>alert("x")</script>')))
    page = text_of(message, "html")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<script>" in text_of(message, "plain")


@settings(max_examples=150)
@given(NAMES, NAMES.filter(str.strip), st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=300))
def test_any_name_subject_and_text_make_a_valid_mail(name: str, subject: str, words: str) -> None:
    words = words.replace("%", "")
    part = Part(
        text=f"{words}\n%%NAME%% %%UNSUBSCRIBE%%\n",
        html=f"<p>{words}</p><a href='%%UNSUBSCRIBE%%'>x</a>",
        subject=" ".join(subject.split()) or "x",
    )
    raw = mail(reader(name=name), part)
    message = read_strictly(raw)
    assert raw_header(raw, "List-Unsubscribe") == f"<{LINK}>".encode()
    text = text_of(message, "plain")
    assert text.rstrip("\n").endswith(f"{name} {LINK}")
    assert text.startswith(words)
    assert str(message["Subject"]).split() == part.subject.split()


@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\0"])
def test_no_reader_can_add_a_header(mark: str) -> None:
    with pytest.raises(UnsafeHeader):
        mail(reader(name=f"Ann{mark}Bcc: all@example.org"))
    with pytest.raises(UnsafeHeader):
        mail(reader(link=f"https://n.example.org/u/x>{mark}Bcc: all@example.org"))
    with pytest.raises(UnsafeHeader):
        mail(reader(), Part(text="x", html="x", subject=f"News{mark}Bcc: all@example.org"))


def test_an_address_that_needs_smtputf8_is_the_only_thing_beyond_seven_bits() -> None:
    raw = mail(reader(address="użytkownik@bücher.example.org"))
    outside = [line for line in raw.split(b"\r\n") if not line.isascii()]
    assert outside == ["To: Ann <użytkownik@xn--bcher-kva.example.org>".encode()]


def test_a_link_too_long_for_a_line_of_the_body_is_refused_with_the_cure() -> None:
    with pytest.raises(UnsafeHeader, match="shorter public_url"):
        mail(reader(link="https://n.example.org/" + "x" * 500))


LETTERS = st.sampled_from("abz09йжώأبתआকกあ漢字한Ǆßéñøłğ")
LOCAL = st.text(LETTERS | st.sampled_from("!#$%&'*+/=?^_`{|}~-"), min_size=1, max_size=24)
LABEL = st.text(LETTERS, min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(LOCAL, st.lists(LABEL, min_size=1, max_size=3), NAMES)
def test_an_address_in_any_script_is_written_to_rightly_or_refused(local: str, labels: list[str], name: str) -> None:
    try:
        to = reader(name=name, address=f"{local}@{'.'.join(labels)}.example.org")
    except BadAddress:
        return  # told in a sentence, to whoever subscribes it
    raw = mail(to)
    message = read_strictly(raw, seven_bit=not to.address.needs_smtputf8)
    assert to.address.domain.isascii()
    beyond = [line for line in raw.split(b"\r\n") if not line.isascii()]
    assert bool(beyond) == to.address.needs_smtputf8
    assert all(to.address.wire.encode() in line for line in beyond)
    assert raw_header(raw, "List-Unsubscribe") == f"<{LINK}>".encode()
    if not beyond:
        assert to.address.wire in str(message["To"])


@settings(max_examples=60, deadline=None)
@given(NAMES.filter(str.strip), NAMES.filter(str.strip))
def test_any_sender_and_title_make_a_valid_head(name: str, title: str) -> None:
    sender = Mailbox(name, parse_address("morning@news.example.org"))
    letterhead = replace(LETTERHEAD, sender=sender, reply_to=sender, title=title)
    message = read_strictly(compile_issue(PART, letterhead, "live/issue-7").for_recipient(reader(), AT))
    for field in ("From", "Reply-To"):
        assert "morning@news.example.org" in str(message[field])
    assert str(message["List-Id"]).rstrip().endswith("<morning.news.example.org>")
