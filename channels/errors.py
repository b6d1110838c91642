"""Five ways to fail. Every fault of a platform, an SDK or the wire ends as one of these.

Each carries a ``Failure`` record: outcome, the platform's code, a sentence for the desk that says what is
wrong and what to do, the raw answer with secrets masked, and what the answer told of quota. Whatever a
channel cannot name is ``Uncertain``.
"""

from __future__ import annotations

from typing import ClassVar

from db.records import Failure, Outcome


class ChannelError(Exception):
    """The base of the five. ``str()`` is the sentence for the desk."""

    outcome: ClassVar[Outcome]

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence)
        if failure.outcome is not self.outcome:
            raise ValueError(f"{type(self).__name__} needs outcome {self.outcome}, got {failure.outcome}")
        self.failure = failure


class Rejected(ChannelError):
    """Refused; nothing was published as far as the platform says."""

    outcome = Outcome.REJECTED


class Unauthorized(ChannelError):
    """Our standing does not allow it: 401, revoked token, 402 no credits, SMTP 535. Stops the channel."""

    outcome = Outcome.UNAUTHORIZED


class RateLimited(ChannelError):
    """Not now. ``failure.retry_after`` says when; waiting spends no try."""

    outcome = Outcome.RATE_LIMITED


class Unreachable(ChannelError):
    """It never left the house: name not found, connection refused, connect timeout."""

    outcome = Outcome.UNREACHABLE


class Uncertain(ChannelError):
    """It left and no clear answer came: read timeout, cut line, 5xx, 2xx with rubbish."""

    outcome = Outcome.UNCERTAIN


_BY_OUTCOME: dict[Outcome, type[ChannelError]] = {
    cls.outcome: cls for cls in (Rejected, Unauthorized, RateLimited, Unreachable, Uncertain)
}


def error_for(failure: Failure) -> ChannelError:
    """The error that carries this failure. Raises ``KeyError`` for an outcome that is not one of the five."""
    return _BY_OUTCOME[failure.outcome](failure)
