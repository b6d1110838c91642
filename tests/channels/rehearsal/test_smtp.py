"""The rehearsal mail server, as smtplib meets it."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from channels.rehearsal import accounts
from channels.rehearsal.platforms import RehearsalPlatforms
from channels.rehearsal.rules import Rules, SmtpRules
from tests.channels.rehearsal.conftest import Clock

FROM, TO = "desk@news.example", "reader@mail.example"


def mail(subject: str = "Morning", text: str = "The tower stands.\n") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = f"Desk <{FROM}>", TO, subject
    message["Message-ID"] = "<1@news.example>"
    message.set_content(text)
    return message


@pytest.fixture
def line(platforms: RehearsalPlatforms) -> Iterator[smtplib.SMTP]:
    client = smtplib.SMTP(platforms.addresses.smtp_host, platforms.addresses.smtp_port, "test.example", timeout=60)
    yield client
    client.close()


def talk(platforms: RehearsalPlatforms, text: bytes, answers: int) -> list[bytes]:
    """Sends all at once, as a pipelining client may, and reads so many reply lines."""
    with socket.create_connection((platforms.addresses.smtp_host, platforms.addresses.smtp_port), 5) as raw:
        reader = raw.makefile("rb")
        raw.sendall(text)
        lines = [reader.readline() for _ in range(answers)]
        reader.close()
        return lines


def test_a_mail_is_kept_byte_for_byte(platforms: RehearsalPlatforms, line: smtplib.SMTP, clock: Clock) -> None:
    message = mail("Grüße", ".A dot begins this line.\n..two\nÜmlaut\n")
    message.add_alternative("<html><head><title>T</title></head><body><p>Hello&nbsp;you</p></body></html>", "html")
    whole = message.as_bytes()
    line.send_message(message, FROM, [TO, "second@mail.example"])
    (kept,) = platforms.published("email")
    assert kept.raw == whole
    assert kept.to == (TO, "second@mail.example")
    assert (kept.account, kept.account_name, kept.subject) == (FROM, f"Desk <{FROM}>", "Grüße")
    assert kept.text.startswith(".A dot begins")
    assert "<p>Hello" in kept.html
    assert kept.preheader == "Hello you"
    assert kept.message_id == "<1@news.example>"
    assert kept.created_at == clock.at


def test_the_last_reply_names_the_queue_id(platforms: RehearsalPlatforms, line: smtplib.SMTP) -> None:
    line.ehlo()
    line.mail(FROM)
    line.rcpt(TO)
    code, text = line.data(mail().as_bytes())
    assert code == 250
    assert text.decode() == f"2.0.0 Ok: queued as {platforms.published('email')[0].id}"


def test_ehlo_offers_what_the_server_can(line: smtplib.SMTP) -> None:
    line.ehlo()
    assert {"pipelining", "size", "8bitmime", "enhancedstatuscodes", "auth"} <= set(line.esmtp_features)


def test_several_mails_go_over_one_line(platforms: RehearsalPlatforms, line: smtplib.SMTP) -> None:
    for number in range(3):
        line.send_message(mail(f"Number {number}"))
    assert line.noop()[0] == 250
    assert [one.subject for one in platforms.published("email")] == ["Number 2", "Number 1", "Number 0"]


def test_pipelined_commands_are_answered_in_order(platforms: RehearsalPlatforms) -> None:
    text = (
        b"HELO me\r\nMAIL FROM:<a@b.example> BODY=8BITMIME\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e>\r\nDATA\r\n"
        b"Subject: p\r\n\r\n..dot\r\n.\r\nRSET\r\nQUIT\r\n"
    )
    codes = [reply[:3] for reply in talk(platforms, text, 9)]
    assert codes == [b"220", b"250", b"250", b"250", b"501", b"354", b"250", b"250", b"221"]
    assert platforms.published("email")[0].raw == b"Subject: p\r\n\r\n.dot\r\n"


def test_a_bare_line_feed_dot_does_not_end_a_mail(platforms: RehearsalPlatforms) -> None:
    text = b"HELO me\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nA: b\n.\nMAIL FROM:<x@y.example>\r\n.\r\n"
    talk(platforms, text, 6)
    (kept,) = platforms.published("email")
    assert kept.account == ""
    assert b"MAIL FROM:<x@y.example>" in kept.raw


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"MAIL FROM:<a@b.example>\r\n", b"503"),
        (b"EHLO \r\n", b"501"),
        (b"HELO me\r\nMAIL FROM:a@b.example\r\n", b"501"),
        (b"HELO me\r\nMAIL FROM:<a@b.example> COLOUR=red\r\n", b"555"),
        (b"HELO me\r\nMAIL FROM:<a@b.example> SIZE=99999999\r\n", b"552"),
        (b"HELO me\r\nRCPT TO:<c@d.example>\r\n", b"503"),
        (b"HELO me\r\nMAIL FROM:<a@b.example>\r\nMAIL FROM:<a@b.example>\r\n", b"503"),
        (b"HELO me\r\nMAIL FROM:<a@b.example>\r\nDATA\r\n", b"554"),
        ("HELO me\r\nMAIL FROM:<ä@b.example>\r\n".encode(), b"501"),
        (b"HELO me\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example> NOTIFY=NEVER\r\n", b"555"),
        (b"SING\r\n", b"500"),
        (b"NOOP " + b"a" * 5_000 + b"\r\n", b"500"),
        (b"VRFY someone\r\n", b"252"),
    ],
)
def test_what_is_out_of_order_or_not_understood_is_refused(
    platforms: RehearsalPlatforms, text: bytes, code: bytes
) -> None:
    replies = talk(platforms, text, text.count(b"\r\n") + 1)
    assert replies[-1][:3] == code


def test_a_mail_too_big_or_with_too_long_lines_is_refused(platforms: RehearsalPlatforms, line: smtplib.SMTP) -> None:
    platforms.rules = Rules(smtp=SmtpRules(size=2_000))
    with pytest.raises(smtplib.SMTPSenderRefused, match=r"5\.3\.4"):
        line.send_message(mail(text="line\n" * 1_000))
    line.ehlo_or_helo_if_needed()
    line.mail(FROM)
    line.rcpt(TO)
    assert line.data(b"a: b\r\n" * 500)[0] == 552
    line.mail(FROM)
    line.rcpt(TO)
    assert line.data(b"a" * 1_100)[0] == 554
    assert platforms.published("email") == ()


def test_a_refused_recipient_leaves_the_others(platforms: RehearsalPlatforms, line: smtplib.SMTP) -> None:
    platforms.rules = Rules(smtp=SmtpRules(refused=("nobody@",)))
    refused = line.send_message(mail(), FROM, ["nobody@mail.example", TO])
    assert refused["nobody@mail.example"][0] == 550
    assert platforms.published("email")[0].to == (TO,)


def test_too_many_recipients_are_452(platforms: RehearsalPlatforms, line: smtplib.SMTP) -> None:
    platforms.rules = Rules(smtp=SmtpRules(recipients=1))
    assert line.send_message(mail(), FROM, [TO, "b@mail.example"])["b@mail.example"][0] == 452


@pytest.mark.parametrize("method", ["auth_plain", "auth_login"])
def test_log_in_works_where_it_is_needed(platforms: RehearsalPlatforms, line: smtplib.SMTP, method: str) -> None:
    platforms.rules = Rules(smtp=SmtpRules(needs_login=True))
    with pytest.raises(smtplib.SMTPSenderRefused, match=r"5\.7\.0"):
        line.send_message(mail())
    line.user, line.password = accounts.SMTP_USER, accounts.SMTP_PASSWORD
    line.ehlo()
    line.auth(method[5:].upper(), getattr(line, method))
    line.send_message(mail())
    assert len(platforms.published("email")) == 1
    assert all("rehearsalMailPassword" not in one.what for one in platforms.requests("email"))


def test_a_wrong_password_is_535(line: smtplib.SMTP) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError) as raised:
        line.login(accounts.SMTP_USER, "wrong")
    assert raised.value.smtp_code == 535


def test_a_mail_of_any_bytes_can_be_shown(platforms: RehearsalPlatforms, line: smtplib.SMTP) -> None:
    line.ehlo()
    line.mail(FROM)
    line.rcpt(TO)
    line.data(
        b"Subject: =?utf-99?q?x?=\r\nContent-Type: text/plain; charset=nonsense\r\nFrom: <<>>\r\n\r\n\xff\xfe\r\n"
    )
    (kept,) = platforms.published("email")
    assert "\ufffd" in kept.text
