"""The order of stories that a form asks for: by numbers, by a button up or down, or by a script's dragging. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def asked_order(there: Sequence[int], places: Mapping[int, str], pressed: str = "") -> list[int]:
    """The stories of ``there`` as the form wants them.

    ``places`` holds for a story the number in its field, whatever it is; ``pressed`` is ``up 12`` or ``down 12`` where
    such a button was pressed: then the numbers do not count. A story that moved up stands before whoever has that
    place, one that moved down behind.
    """
    way, _, named = pressed.partition(" ")
    if way in ("up", "down"):
        return _step(there, named, -1 if way == "up" else 1)

    def rank(index: int) -> tuple[int, int, int]:
        asked = places.get(there[index], "").strip()
        place = int(asked) if asked.isdecimal() and len(asked) < 6 else index + 1
        moved = (place > index + 1) - (place < index + 1)
        return place, moved, index

    return [there[index] for index in sorted(range(len(there)), key=rank)]


def _step(there: Sequence[int], named: str, step: int) -> list[int]:
    order = list(there)
    number = int(named) if named.isdecimal() and len(named) < 19 else 0
    if number not in order:
        return order
    at = order.index(number)
    to = max(0, min(len(order) - 1, at + step))
    order.insert(to, order.pop(at))
    return order
