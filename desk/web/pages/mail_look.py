"""A mail's HTML as the desk shows it in a frame: in the look asked for, and able to do nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default

LOOKS = ("light", "dark")
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: http: data:; font-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
    ),
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
}
"""A mail program runs no script and sends no form; the frame does not either, whoever opens its address."""
_DARK = re.compile(r"@media\s*\(\s*prefers-color-scheme:\s*dark\s*\)")
_SCHEME = re.compile(r"((?:supported-)?color-schemes?(?:\"\s+content=\"|:\s*))light dark")


@dataclass(frozen=True, slots=True)
class Bodies:
    """A mail's two parts as a reader gets them."""

    html: str
    text: str


def bodies_of(message: bytes) -> Bodies:
    """The two parts of an issue's mail, decoded as a mail program decodes them."""
    mail = message_from_bytes(message, policy=default)
    html, text = (mail.get_body((kind,)) for kind in ("html", "plain"))
    return Bodies(html.get_content() if html is not None else "", text.get_content() if text is not None else "")


def in_look(html: str, look: str) -> str:
    """The mail's page as a program with a light or a dark look shows it, whatever the reader's own is.

    Only the question for the look is answered in it; all else stays as it is sent.
    """
    dark = look == "dark"
    html = _DARK.sub("@media all" if dark else "@media not all", html)
    return _SCHEME.sub(rf"\g<1>{'dark' if dark else 'light'}", html)
