"""E-mail as a channel: what stops an issue before it goes, and what its calls answer."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.email.channel import TEST_SEED, EmailChannel, EmailConfig, deadlines_within, list_label, sender_id_of
from channels.email.links import read_token
from channels.email.providers import PROVIDERS, SMTP
from channels.errors import Rejected, Unauthorized
from db.records import IssueWords, Mode, Part, Post, Problem, Receipt, Subscriber, Teaser
from scheduler.settings import EmailChannel as EmailSettings
from templates.issue import IssueTemplates
from tests.channels.email.scripted_server import Script, ScriptedServer
from tests.channels.email.strict import raw_header, read_strictly, text_of

CONFIG = EmailConfig(
    name="daily-mail",
    mode=Mode.REHEARSAL,
    list_name="daily",
    newsletter="The Daily",
    sender="The Daily <daily@news.example.org>",
    reply_to="desk@example.org",
    host="127.0.0.1",
    port=9,
    tls="none",
    public_url="https://news.example.org/",
    link_key=b"link-key-s3cret",
    suppression_key=b"suppression-s3cret",
    render=IssueTemplates().render,
    password="pass-s3cret",
    postal_address="1 Quay Street",
    newsroom="The Harbour Post",
    language="en",
    feedback_id="harbourpost",
)
TEASER = Teaser(
    channel="daily-mail",
    kind="email",
    text="The last bolt went in at noon.",
    headline="Bridge opens early",
    link="https://news.example.org/bridge",
    subject="Bridge opens",
)


def channel(**changes: object) -> EmailChannel:
    return EmailChannel(replace(CONFIG, **changes))  # type: ignore[arg-type]


def post(**changes: object) -> Post:
    made = channel().compose(TEASER)
    return replace(made, parts=(replace(made.parts[0], **changes),))  # type: ignore[arg-type]


def told(made: Post, *, stops: bool = True, **changes: object) -> list[str]:
    return [problem.code for problem in channel(**changes).validate(made) if problem.stops is stops]


def test_a_good_issue_has_nothing_to_fix_in_either_mode() -> None:
    for mode in Mode:
        assert channel(mode=mode).validate(post()) == ()


def test_an_issue_is_composed_from_its_words_alone() -> None:
    words = IssueWords("daily-mail", "The Daily", "2026-09-21", "Two\n stories", "pre", (TEASER, TEASER), "en")
    first, again = channel().compose_issue(words), channel().compose_issue(words)
    assert first == again
    (part,) = first.parts
    assert (part.subject, part.preheader) == ("Two stories", "pre")
    assert "%%UNSUBSCRIBE%%" in part.text
    assert "%%UNSUBSCRIBE%%" in part.html
    assert "The Harbour Post" in part.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subject": " "}, "no subject"),
        ({"subject": "x" * 151}, "long subject"),
        ({"subject": "News\r\nBcc: all@example.org"}, "subject characters"),
        ({"text": " "}, "no text"),
        ({"html": ""}, "no HTML"),
        ({"text": "no way out"}, "no unsubscribe link"),
        ({"html": "<p>no way out</p>"}, "no unsubscribe link"),
        ({"text": "%%UNSUBSCRIBE%% %%FIRSTNAME%%"}, "unknown slot"),
    ],
)
def test_what_an_editor_must_fix_stops_the_issue(change: dict[str, str], code: str) -> None:
    assert told(post(**change)) == [code]


def test_a_long_subject_is_mentioned_before_it_stops() -> None:
    assert told(post(subject="x" * 100), stops=False) == ["long subject"]


@pytest.mark.parametrize(
    ("mode", "change", "code"),
    [
        (Mode.LIVE, {"public_url": ""}, "public_url"),
        (Mode.LIVE, {"public_url": "http://news.example.org"}, "public_url"),
        (Mode.LIVE, {"postal_address": " "}, "postal address"),
        (Mode.LIVE, {"sender": "The Daily <daily@gmail.com>"}, "free mail"),
        (Mode.REHEARSAL, {"sender": "The Daily"}, "bad from"),
        (Mode.REHEARSAL, {"sender": "użytkownik@example.org"}, "bad from"),
        (Mode.REHEARSAL, {"sender": "The\x07Daily <daily@example.org>"}, "bad from"),
        (Mode.REHEARSAL, {"reply_to": "nobody"}, "bad reply_to"),
        (Mode.REHEARSAL, {"feedback_id": "no"}, "feedback_id"),
    ],
)
def test_settings_that_would_harm_the_list_stop_it(mode: Mode, change: dict[str, Any], code: str) -> None:
    assert told(post(), mode=mode, **change) == [code]


def test_rehearsal_needs_no_address_of_the_newsroom() -> None:
    assert told(post(), public_url="", postal_address="") == []
    assert told(post(), stops=False, public_url="", postal_address="") == ["postal address"]


@pytest.mark.parametrize(
    ("size", "stops", "codes"),
    [(80_000, True, []), (95_000, False, ["nearly clipped"]), (95_000, True, []), (103_000, True, ["clipped"])],
)
def test_a_page_that_would_be_clipped_is_refused_and_a_near_one_told(size: int, stops: bool, codes: list[str]) -> None:
    page = "<p>%%UNSUBSCRIBE%%</p>\n" + ("x" * 79 + "\n") * (size // 80)
    assert told(post(html=page), stops=stops) == codes


def test_size_is_counted_as_sent_not_as_written() -> None:
    cyrillic = "<p>%%UNSUBSCRIBE%%</p>\n" + "Совет сохранил автобус\n" * 1_900
    assert len(cyrillic) < 50_000
    assert told(post(html=cyrillic)) == ["clipped"]


def test_two_parts_are_no_issue() -> None:
    (part,) = post().parts
    assert told(Post("daily-mail", "email", (part, part))) == ["parts"]


def test_the_test_mail_goes_to_the_desk_and_is_what_the_crowd_gets() -> None:
    with ScriptedServer() as server:
        mouth = channel(port=server.port)
        part = mouth.compose(TEASER).parts[0]
        receipt = mouth.send(part, "rehearsal/issue-1", None)
    (mail,) = server.taken
    assert (mail.sender, mail.recipient, receipt.id) == ("daily@news.example.org", "desk@example.org", "Q00001")
    message = read_strictly(mail.raw)
    link = raw_header(mail.raw, "List-Unsubscribe").decode().strip("<>")
    assert link.startswith("https://news.example.org/u/")
    choices = link.replace("/u/", "/p/")
    for subtype, words in (("html", part.html), ("plain", part.text)):
        filled = words.replace("%%UNSUBSCRIBE%%", link).replace("%%CHOICES%%", choices)
        assert text_of(message, subtype) == filled


def test_a_readers_link_is_signed_for_them_and_their_list() -> None:
    reader = channel().reader(Subscriber("lea@example.org", id=7, token_seed="ab" * 16))
    leaving = read_token(reader.unsubscribe.rpartition("/")[2], [CONFIG.link_key])
    assert (leaving.list_name, leaving.seed, reader.key) == ("daily", "ab" * 16, "7")


def test_the_check_signs_in_and_posts_nothing() -> None:
    with ScriptedServer(Script(users={"desk": "pass-s3cret"})) as server:
        health = channel(port=server.port, username="desk").check()
    assert (health.ok, health.account_name) == (True, "The Daily")
    assert "PIPELINING" in health.notes[0]
    assert not any(command.startswith("MAIL") for command in server.commands)


def test_the_check_tells_a_wrong_password_and_a_wrong_setting() -> None:
    with ScriptedServer(Script(users={"desk": "other"})) as server:
        health = channel(port=server.port, username="desk").check()
        assert (health.ok, health.problems[0].code) == (False, "535 5.7.8")
        assert "s3cret" not in repr(health)
    with ScriptedServer() as server:
        health = channel(port=server.port, sender="nobody").check()
    assert [problem.code for problem in health.problems] == ["bad from"]
    assert not health.ok


def test_a_live_channel_does_not_pass_before_a_press_of_its_one_click_address_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pressed: list[str] = []

    def refused(public_url: str, token: str) -> Problem:
        pressed.append(f"{public_url} {token}")
        return Problem("one-click", "it does not work")

    monkeypatch.setattr("channels.email.one_click.press", refused)
    with ScriptedServer() as server:
        live: dict[str, object] = {"port": server.port, "mode": Mode.LIVE, "password": "", "host": "127.0.0.1"}
        health = channel(**live).check()
        assert not health.ok
        assert [problem.code for problem in health.problems if problem.stops] == ["one-click"]
        monkeypatch.setattr("channels.email.one_click.press", lambda public_url, token: None)
        assert channel(**live).check().ok
        assert channel(port=server.port).check().ok, "a rehearsal needs no address of its own"
    (asked,) = pressed
    url, token = asked.split()
    assert url == "https://news.example.org"
    assert read_token(token, [CONFIG.link_key]).seed == TEST_SEED, "it was somebody's own link"


def test_rehearsal_never_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = [(2, 1, 6, "", ("192.0.2.7", 25))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **more: elsewhere)
    mouth = channel(host="mail.example.org")
    with pytest.raises(Unauthorized, match="this machine only"):
        mouth.send(mouth.compose(TEASER).parts[0], "key", None)


def test_what_a_mail_cannot_do_is_said_in_a_sentence() -> None:
    with pytest.raises(Rejected, match="cannot be changed"):
        channel().correct(Receipt("Q1"), post())
    with pytest.raises(Rejected, match="cannot be taken back"):
        channel().delete(Receipt("Q1"))


def test_no_secret_is_shown() -> None:
    assert "s3cret" not in f"{CONFIG!r} {channel()!r} {channel().relay()!r}"


@pytest.mark.parametrize(
    ("name", "label"),
    [("daily", "daily"), ("Morning Mail", "morning-mail-"), ("ニュース", ""), ("x" * 80, "x" * 50 + "-")],
)
def test_a_list_has_a_stable_label_of_its_own(name: str, label: str) -> None:
    made = list_label(name)
    assert made.startswith(label)
    assert made == list_label(name)
    assert 0 < len(made) <= 63
    assert list_label("morning.mail") != list_label("Morning Mail")


def test_the_channel_needs_no_file_but_the_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert channel().compose(TEASER).parts[0].subject == "Bridge opens"


def test_feedback_is_told_apart_by_issue_list_and_lane() -> None:
    compiled = channel().compile(Part(text="%%UNSUBSCRIBE%%", html="%%UNSUBSCRIBE%%", subject="s"), "issue-1")
    raw = compiled.for_recipient(channel().preview_reader(), datetime(2026, 9, 21, tzinfo=UTC))
    assert read_strictly(raw)["Feedback-ID"] == "issue-1:daily:digest:harbourpost"


@pytest.mark.parametrize(
    "domain", ["news.example.org", "a.de", "letters.harbour-post.example.org", "x.co", "bücher.example", "n.example"]
)
def test_feedback_names_the_sender_even_where_the_settings_do_not(domain: str) -> None:
    made = sender_id_of(domain)
    assert re.fullmatch(r"[a-z0-9]{5,15}", made)
    assert made == sender_id_of(domain.upper())
    part = Part(text="%%UNSUBSCRIBE%%", html="%%UNSUBSCRIBE%%", subject="s")
    some = channel(feedback_id="", sender="News <news@news.example.org>")
    raw = some.compile(part, "issue-1").for_recipient(some.preview_reader(), datetime(2026, 9, 21, tzinfo=UTC))
    assert read_strictly(raw)["Feedback-ID"] == "issue-1:daily:digest:newsexampleorg"


def test_a_letter_that_cannot_be_delivered_comes_back_to_where_it_is_read() -> None:
    ours = channel(bounce_address="bounce@news.example.org")
    assert ours.letters_return_path(SMTP).wire == "bounce@news.example.org"
    assert ours.letters_return_path(PROVIDERS["ses"]).wire == "daily@news.example.org"
    assert channel().letters_return_path(SMTP).wire == "daily@news.example.org"


def test_the_wait_after_the_dot_is_the_standards_ten_minutes_unless_the_settings_say_less() -> None:
    spans = deadlines_within(EmailSettings.model_fields["deadline"].default)
    assert spans.dot >= timedelta(minutes=10)  # RFC 5321 section 4.5.3.2.6: a shorter one makes doubles
    assert spans.connect + spans.before + spans.dot <= EmailSettings.model_fields["claim"].default
