"""Takes secrets out of any text before it is kept or shown: raw answers, error texts, log lines.

Two nets lie over each other: the shapes that secrets have on the wire (``access_token=…``, ``Bearer …``,
``oauth_signature="…"``), and the very values that this channel was configured with, plain or percent-encoded.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "[hidden]"
"""What stands where a secret stood."""

_NAMES = (
    r"(?:access_token|input_token|refresh_token|fb_exchange_token|client_secret|appsecret_proof|app_secret"
    r"|consumer_secret|access_token_secret|oauth_[a-z_]+|password|api_key)"
)
_SHAPES: Final = (
    (re.compile(rf"({_NAMES}=)(?!\")[^&\s\"'<>\\;,()\[\]{{}}]+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(rf"({_NAMES}=\")[^\"]*(\")", re.IGNORECASE), rf"\1{HIDDEN}\2"),
    (re.compile(rf"([\"']{_NAMES}[\"']\s*:\s*[\"'])[^\"']*([\"'])", re.IGNORECASE), rf"\1{HIDDEN}\2"),
    (re.compile(r"\b(Bearer\s+)(?!\[)[A-Za-z0-9._~+/=|%-]{6,}"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(Basic\s+)[A-Za-z0-9+/=]{8,}"), rf"\1{HIDDEN}"),
)
_SHORTEST = 6
"""Values shorter than this are no secrets, and hiding them would only make a text unreadable."""


class Mask:
    """Masks the shapes of secrets and the given values; call it with a text. Its ``repr`` tells nothing."""

    __slots__ = ("_values",)

    def __init__(self, secrets: Iterable[str | None] = ()) -> None:
        values = {secret for secret in secrets if secret and len(secret) >= _SHORTEST}
        values |= {coded for secret in values for coded in (quote(secret, safe=""), quote_plus(secret))}
        self._values = tuple(sorted(values, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        """``text`` with every secret replaced by ``[hidden]``."""
        for value in self._values:
            text = text.replace(value, HIDDEN)
        for shape, shown in _SHAPES:
            text = shape.sub(shown, text)
        return text

    def __repr__(self) -> str:
        return f"Mask({len(self._values)} values)"


class MaskingFilter(logging.Filter):
    """Masks what a library writes to its own logger, whoever listens. Never drops a record."""

    def __init__(self, mask: Mask) -> None:
        super().__init__()
        self._mask = mask

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrites the record's message in place; always True."""
        record.msg = self._mask(record.getMessage())
        record.args = ()
        return True


_TALKATIVE: Final = ("tweepy", "urllib3", "requests_oauthlib", "oauthlib", "facebook")
_SHAPES_ONLY = MaskingFilter(Mask())


def hush_libraries() -> None:
    """Keeps the platform libraries' DEBUG lines (they hold tokens and full addresses) out of every log.

    Safe to call again. Warnings of the connection pool, which may quote an address, are masked.
    """
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        if logger.level < logging.INFO:
            logger.setLevel(logging.INFO)
    pool = logging.getLogger("urllib3.connectionpool")
    if _SHAPES_ONLY not in pool.filters:
        pool.addFilter(_SHAPES_ONLY)
