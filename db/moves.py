"""The legal moves of a delivery, as data: design §3. Any other move raises ``IllegalMove``."""

from __future__ import annotations

from db.records import State

_S = State

MOVES: dict[State, frozenset[State]] = {
    _S.WAITING: frozenset({_S.WAITING, _S.PLANNED, _S.EXPIRED, _S.CANCELLED}),
    _S.PLANNED: frozenset({_S.PLANNED, _S.WAITING, _S.SENDING, _S.EXPIRED, _S.CANCELLED, _S.UNCERTAIN}),
    _S.SENDING: frozenset({_S.SENT, _S.FAILED, _S.PLANNED, _S.UNCERTAIN, _S.CANCELLED}),
    _S.UNCERTAIN: frozenset({_S.UNCERTAIN, _S.SENT, _S.PLANNED, _S.FAILED, _S.UNSETTLED, _S.CANCELLED, _S.EXPIRED}),
    _S.UNSETTLED: frozenset({_S.SENT, _S.PLANNED, _S.UNKNOWN, _S.CANCELLED, _S.EXPIRED}),
    _S.FAILED: frozenset({_S.FAILED, _S.SENT, _S.UNSETTLED}),
    _S.UNKNOWN: frozenset({_S.SENT}),
    _S.EXPIRED: frozenset({_S.SENT}),
    _S.CANCELLED: frozenset({_S.SENT}),
    _S.SENT: frozenset({_S.SENT}),
}
"""From each state, where it may go. A receipt that turns up late makes anything ``sent``."""

OPEN = frozenset({_S.WAITING, _S.PLANNED, _S.SENDING, _S.UNCERTAIN, _S.UNSETTLED})
"""States in which something is still owed, to the reader or to a person."""

FINAL = frozenset(State) - OPEN
"""States that end a delivery's life (only a late receipt moves it on)."""

IN_FLIGHT = frozenset({_S.SENDING, _S.UNCERTAIN, _S.UNSETTLED})
"""States in which words may already be out: nobody may edit, and a wish waits for the next move."""


class IllegalMove(Exception):
    """A move that no rule allows: a fault in the code, never a person's."""


def check_move(before: State, after: State) -> None:
    """Raises ``IllegalMove`` unless ``before`` to ``after`` is in ``MOVES``."""
    if after not in MOVES[before]:
        raise IllegalMove(f"a delivery cannot go from {before} to {after}")
