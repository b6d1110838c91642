"""Signatures: dkimpy, which shares no line with ours, must verify each, and nothing may be added to what is signed."""

from __future__ import annotations

import base64
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import dkim  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from channels.email.addresses import BadAddress, parse_address, parse_mailbox
from channels.email.bodies import compile_body
from channels.email.dkim import BadKey, Signer, read_signer
from channels.email.headers import UnsafeHeader
from channels.email.message import Letterhead, Reader, compile_issue
from db.records import Part
from tests.channels.email.strict import raw_header, read_strictly

AT = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
SIGNER = Signer("news.example.org", "s2026", KEY)
LINK = f"https://n.example.org/u/{'k' * 176}"  # 200 characters
LETTERHEAD = Letterhead(
    sender=parse_mailbox("The Harbour Post <briefing@news.example.org>"),
    reply_to=parse_mailbox("desk@news.example.org"),
    title="Morning briefing",
    list_id="morning.news.example.org",
    feedback_id="issue-7:morning:digest:harbour",
)


def dns(name: bytes, timeout: int = 5) -> bytes:
    """The record that a receiver would find."""
    octets = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(octets).decode()}".encode()


def verifies(message: bytes) -> bool:
    return bool(dkim.verify(message, dnsfunc=dns))


def mail(subject: str = "Bridge opens", text: str = "Hello\n%%UNSUBSCRIBE%%", name: str = "Ann") -> bytes:
    part = Part(text=text, html=f"<p>{text}</p>", subject=subject)
    reader = Reader(parse_address("ann@example.org"), name, LINK, "1")
    return compile_issue(part, LETTERHEAD, "live/issue-7").for_recipient(reader, AT)


def test_a_receiver_verifies_it_and_finds_the_one_click_headers_signed() -> None:
    signed = SIGNER.sign(mail(), AT)
    assert verifies(signed)
    named = raw_header(b"\r\n".join([b"".join(signed.partition(b"\r\n bh=")[0].split(b"\r\n "))]), "DKIM-Signature")
    fields = named.partition(b"h=")[2].rstrip(b";").replace(b" ", b"").split(b":")
    for name in (b"from", b"subject", b"to", b"date", b"list-unsubscribe", b"list-unsubscribe-post"):
        assert fields.count(name) == 2, name
    assert {b"list-id", b"message-id", b"feedback-id", b"content-type"} <= set(fields)
    read_strictly(signed)


@pytest.mark.parametrize(
    "line", [b"From: x@y.example\r\n", b"Subject: win\r\n", b"List-Unsubscribe: <https://e.vil>\r\n"]
)
def test_nobody_adds_a_second_field_and_still_verifies(line: bytes) -> None:
    assert not verifies(line + SIGNER.sign(mail(), AT))
    head, gap, body = SIGNER.sign(mail(), AT).partition(b"\r\n\r\n")
    assert not verifies(head + b"\r\n" + line.rstrip() + gap + body)


def test_nobody_changes_a_word_and_still_verifies() -> None:
    signed = SIGNER.sign(mail(), AT)
    assert not verifies(signed.replace(b"Hello", b"Hallo"))
    assert not verifies(signed.replace(b"Bridge opens", b"Bridge closes"))
    assert verifies(signed.replace(b"Subject: Bridge opens", b"subject:  Bridge\r\n\topens"))  # relaxed


@pytest.mark.parametrize("body", [b"", b"\r\n", b"a  b\t c \r\n\r\n\r\n", b" \t\r\nx", b"x\r\n \r\n", b".\r\n..\r\n"])
def test_any_body_is_relaxed_as_the_standard_has_it(body: bytes) -> None:
    head = mail().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert verifies(SIGNER.sign(head + body, AT))


_ANY = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=120)


@given(subject=_ANY, name=_ANY, text=_ANY)
def test_names_subjects_and_texts_in_every_script_pass_a_strict_reader_and_verify(
    subject: str, name: str, text: str
) -> None:
    raw = SIGNER.sign(mail(subject, f"{text}\n%%NAME%% %%UNSUBSCRIBE%%", name), AT)
    message = read_strictly(raw)
    assert raw_header(raw, "List-Unsubscribe") == f"<{LINK}>".encode()
    assert verifies(raw)
    if subject.strip() == subject and "  " not in subject and unicodedata.is_normalized("NFC", subject):
        assert str(message["Subject"]) == subject


@given(
    where=st.sampled_from(["subject", "name"]),
    mark=st.sampled_from("\r\n\0\x0b\x0c\x1b\x7f\x85\u2028\u2029\ud800"),
    text=_ANY,
    at=st.integers(0, 120),
)
def test_line_breaks_and_controls_are_refused_wherever_they_stand(where: str, mark: str, text: str, at: int) -> None:
    bad = text[:at] + mark + text[at:]
    with pytest.raises(UnsafeHeader):
        mail(subject=bad) if where == "subject" else mail(name=bad)


@given(address=st.text(max_size=80))
def test_an_address_is_refused_or_fits_one_line_of_smtp(address: str) -> None:
    try:
        parsed = parse_address(f"{address}@example.org")
    except BadAddress:
        return
    assert not set(parsed.wire) & set("\r\n\0<>")
    assert len(parsed.wire.encode()) <= 254
    assert parsed.domain.isascii()


@given(text=_ANY.map(lambda words: words * 30))
def test_a_body_is_seven_bit_with_short_lines_whatever_the_script(text: str) -> None:
    body = compile_body(f"{text}%%UNSUBSCRIBE%%").fill({"UNSUBSCRIBE": LINK.encode()})
    assert body.isascii()
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert all(len(line) <= 998 for line in body.split(b"\r\n"))


# --- keys --------------------------------------------------------------------------------------


def written(folder: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Path:
    file = folder / "dkim.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file


def test_a_key_is_read_from_its_file_and_never_shown(tmp_path: Path) -> None:
    signer = read_signer(written(tmp_path, KEY), "news.example.org", "s2026")
    assert verifies(signer.sign(mail(), AT))
    assert "key" not in repr(signer)


def test_what_cannot_sign_is_refused_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match="cannot be read"):
        read_signer(tmp_path / "none.pem", "d", "s")
    (tmp_path / "junk.pem").write_text("junk")
    with pytest.raises(BadKey, match="no private key"):
        read_signer(tmp_path / "junk.pem", "d", "s")
    with pytest.raises(BadKey, match="not RSA"):
        read_signer(written(tmp_path, ec.generate_private_key(ec.SECP256R1())), "d", "s")
