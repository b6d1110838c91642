"""The one way intake fails."""

from __future__ import annotations

from datetime import timedelta


class IntakeError(Exception):
    """``str()`` is a sentence for the desk: what is wrong and what to do. Never holds markup or a secret.

    ``retry_after`` is set when a site said how long to stay away, ``status`` when it answered with an HTTP status.
    """

    def __init__(self, sentence: str, *, retry_after: timedelta | None = None, status: int | None = None) -> None:
        super().__init__(sentence)
        self.retry_after, self.status = retry_after, status


class MissingPage(IntakeError):
    """A page that says its story does not exist, though the server answered 200."""
