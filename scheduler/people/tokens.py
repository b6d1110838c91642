"""Tokens of the web doors: long, random, and kept only as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets

BYTES = 32


def new_token() -> str:
    """256 random bits, for a cookie or a link."""
    return secrets.token_urlsafe(BYTES)


def hash_of(token: str) -> str:
    """What is kept of a token. It is random enough that a plain hash gives nothing away."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def form_token(token: str) -> str:
    """What the forms of a visit carry: made from its token, which it does not tell."""
    return hmac.new(token.encode("utf-8", "surrogatepass"), b"pressrun form", hashlib.sha256).hexdigest()[:32]


def same(given: str, wanted: str) -> bool:
    """Whether two texts are equal, in a time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode("utf-8", "surrogatepass"))
