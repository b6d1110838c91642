"""Passwords: argon2id with the library's parameters, and the one rule of what is long enough (NIST SP 800-63B)."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 12
LONGEST = 200
_AT_ONCE = threading.BoundedSemaphore(4)
"""Each hash takes 64 MB of memory by design: strangers who come all at once may not take gigabytes."""


class WeakPassword(Exception):
    """A password nobody should have; ``str()`` says what to do."""

    exit_code = 2


def hashed(password: str, *, name: str = "") -> str:
    """The hash to keep; takes a tenth of a second by design. Raises ``WeakPassword``."""
    if len(password) < SHORTEST:
        raise WeakPassword(f"A password has at least {SHORTEST} characters: four words in a row are easy to keep.")
    if len(password) > LONGEST:
        raise WeakPassword(f"A password has at most {LONGEST} characters.")
    if len(set(password)) < 5 or (name and password.casefold() == name.casefold()):
        raise WeakPassword("This password is too easy to guess: take four words that nobody would put together.")
    with _AT_ONCE:
        return _hasher().hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Whether a password is the one kept. As slow where nobody is known, so that the time tells no names."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        with _AT_ONCE:
            matched = _hasher().verify(kept if kept is not None else _nobody(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return matched and kept is not None


def is_dated(kept: str) -> bool:
    """Whether a hash was made with weaker parameters than we take now."""
    return _hasher().check_needs_rehash(kept)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash("nobody has this password")
