"""The message itself before it goes: its head, its lines, its parts, as the bytes that readers get. Pure."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage

from scheduler.preflight_finding import Finding, Level, fine, note, stop

LINE = 998
"""RFC 5322 section 2.1.1: the most octets of a line without its CRLF."""
CLIPPED, NEAR = 102_400, 90 * 1024
_ONE_CLICK = "List-Unsubscribe=One-Click"


def check_message(message: bytes, html_size: int, *, live: bool, may_be_clipped: bool) -> Iterator[Finding]:
    """One finding for each rule of the mail itself."""
    head, _, _ = message.partition(b"\r\n\r\n")
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    yield _one_click(head, live=live)
    yield _lines(message)
    yield _parts(parsed)
    if html_size > CLIPPED:
        said = f"the page is {html_size:,} bytes as sent; Gmail hides what passes {CLIPPED:,}, the unsubscribe link too"
        yield Finding("size", Level.NOTE if may_be_clipped else Level.STOP, said)
    elif html_size > NEAR:
        yield note("size", f"the page is {html_size:,} bytes as sent; Gmail hides what passes {CLIPPED:,}")
    else:
        yield fine("size", f"{html_size:,} of {CLIPPED:,} bytes at which Gmail cuts")


def links_of(text: str) -> list[str]:
    """The web addresses in a text part, each once, without the reader's own."""
    found = re.findall(r"https?://[^\s<>\"]+", text)
    return list(dict.fromkeys(one.rstrip(".,;:)") for one in found if "%%" not in one))


def _one_click(head: bytes, *, live: bool) -> Finding:
    lines = re.sub(rb"\r\n[ \t]+", b" ", head).split(b"\r\n")
    fields = [line.partition(b":") for line in lines]
    pair = [
        [value.strip().decode("ascii", "replace") for name, _, value in fields if name.lower() == wanted]
        for wanted in (b"list-unsubscribe", b"list-unsubscribe-post")
    ]
    if [len(one) for one in pair] != [1, 1] or pair[1] != [_ONE_CLICK]:
        return stop("one-click", "the mail needs exactly one List-Unsubscribe and one List-Unsubscribe-Post (RFC 8058)")
    first = pair[0][0].split(",")[0].strip()
    if re.fullmatch(r"<https://[!-~]+>", first):
        return fine("one-click", "List-Unsubscribe and its Post are there, with an https address")
    wrong = "the first address of List-Unsubscribe must be https; set [newsroom] public_url"
    return stop("one-click", wrong) if live else note("one-click", f"{wrong} before it goes live")


def _lines(message: bytes) -> Finding:
    if message.count(b"\n") != message.count(b"\r\n") or message.count(b"\r") != message.count(b"\r\n"):
        return stop("lines", "a line does not end in CRLF")
    if b"\0" in message:
        return stop("lines", "there is a NUL in it")
    longest = max(len(line) for line in message.split(b"\r\n"))
    if longest > LINE:
        return stop("lines", f"a line has {longest} octets, {LINE} is the most")
    head = message.partition(b"\r\n\r\n")[0]
    words = re.findall(rb"=\?[^? ]+\?[bqBQ]\?[^? ]*\?=", head)
    if any(len(word) > 75 for word in words):
        return stop("lines", "an encoded word of the head is longer than 75 characters")
    return fine("lines", f"the longest has {longest} of {LINE} octets, all end in CRLF")


def _parts(parsed: EmailMessage) -> Finding:
    kinds = [one.get_content_type() for one in parsed.walk() if not one.is_multipart()]
    if kinds[:1] != ["text/plain"] or "text/html" not in kinds:
        return stop(
            "text part", f"the mail needs a text part first and an HTML part behind it; it has {', '.join(kinds)}"
        )
    text = parsed.get_body(("plain",))
    if text is None or not text.get_content().strip():
        return stop("text part", "the text part is empty; mend the template")
    return fine("text part", "stands before the HTML part, from the same words")
