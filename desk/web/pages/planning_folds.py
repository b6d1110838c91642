"""What a full hour or day of the calendar shows at once, and what stands behind one line of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from db.log_view import BY_NEED
from db.records import State
from scheduler.agenda import Entry, FreeSlot

ROOM = 150
"""So many lines a calendar shows: with more, its page would be over 100 KB in a full week."""
OVER = (State.SENT, State.CANCELLED, State.EXPIRED)
"""Nothing more comes of these: they are the first to fold."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Posts behind one line, from the first's wall time to the last's. ``worst`` is the state that needs a person most;
    ``channels`` and ``states`` say how many there are of each, the states in the same order."""

    count: int
    first_at: datetime
    last_at: datetime
    worst: State
    states: tuple[tuple[State, int], ...]
    channels: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One hour or day as the calendar shows it. ``more_free`` slots stand behind their number."""

    entries: tuple[Entry, ...]
    fold: Fold | None
    free: tuple[FreeSlot, ...]
    more_free: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands there."""
        return not (self.entries or self.fold or self.free or self.more_free)


def shown(entries: Sequence[Entry], free: Sequence[FreeSlot], most: int) -> Shown:
    """So many posts and so many free slots, the rest behind one line each.

    Where all posts have room, all are shown. Else what is over folds, and of the rest what waits for a person and what
    went wrong is the last to. A line never stands for a single post or slot."""
    few = len(free) <= most
    slots = tuple(free) if few else tuple(free[: most - 1])
    if len(entries) <= most:
        return Shown(tuple(entries), None, slots, len(free) - len(slots))
    open_ones = sorted((one for one in entries if one.post.state not in OVER), key=lambda one: not _needs(one))
    kept = {one.post.id for one in open_ones[: most - 1]}
    return Shown(
        tuple(one for one in entries if one.post.id in kept),
        fold_of([one for one in entries if one.post.id not in kept]),
        slots,
        len(free) - len(slots),
    )


def room_for(groups: Iterable[tuple[Sequence[Entry], Sequence[FreeSlot]]], usual: int, room: int = ROOM) -> int:
    """How many posts each hour or day shows at once so that all of them take no more lines than there is room for."""
    counts = [(len(entries), sum(one.post.state not in OVER for one in entries), len(free)) for entries, free in groups]
    for most in range(usual, 1, -1):
        if sum(_lines(*one, most) for one in counts) <= room:
            return most
    return 1


def _lines(posts: int, open_ones: int, slots: int, most: int) -> int:
    """How many lines ``shown`` makes of so many."""
    return (posts if posts <= most else min(open_ones, most - 1) + 1) + min(slots, most)


def fold_of(entries: Sequence[Entry]) -> Fold:
    """The line for these, which stand in their order."""
    states = Counter(one.post.state for one in entries)
    in_order = tuple((state, states[state]) for state in BY_NEED if states[state])
    channels = sorted(Counter(one.post.channel for one in entries).items())
    return Fold(len(entries), entries[0].at, entries[-1].at, in_order[0][0], in_order, tuple(channels))


def _needs(one: Entry) -> bool:
    return one.post.state is not State.PLANNED
