"""What the long form prints in the end: what was played, and what it did, on each database."""

from __future__ import annotations

from collections.abc import Mapping

from tests.torture.stage import CHANNELS
from tests.torture.truth import Tally

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
ONE_FAULT, TWO_FAULTS, CLASSES = "one fault", "two faults", "up to four of the classes"

_LINES = (
    ("kills", "kills"),
    ("fault scripts", "scripts"),
    ("faults", "faults"),
    ("deliveries", "deliveries"),
    ("published", "published"),
    ("doubles", "doubles"),
    ("lost", "lost"),
    ("uncertain, left for a person", "unsettled"),
    ("refused by a mail server that took it", "believed"),
)
_TOLD_AT_MOST = 40


def told(totals: Mapping[str, Tally]) -> str:
    """The report over the tallies of each database, by its name."""
    whole = Tally()
    for one in totals.values():
        whole.add(one)
    columns = {**totals, "together": whole}
    lines = [f"  {'':<40}" + "".join(f"{name:>12}" for name in columns)]
    for name, field in _LINES:
        numbers = "".join(f"{getattr(one, field):>12,}" for one in columns.values())
        lines.append(f"  {name:<40}{numbers}")
    lines += _scripts(whole)
    lines += [f"  WRONG: {sentence}" for sentence in whole.wrong[:_TOLD_AT_MOST]]
    if len(whole.wrong) > _TOLD_AT_MOST:
        lines.append(f"  and {len(whole.wrong) - _TOLD_AT_MOST} more that are wrong")
    return "\n".join(lines)


def _scripts(whole: Tally) -> list[str]:
    """How many scripts of each form were played on each kind; nothing where none was."""
    if not whole.played:
        return []
    lines = ["", f"  {'scripts of':<40}" + "".join(f"{kind:>12}" for kind in CHANNELS)]
    for form in (ONE_FAULT, TWO_FAULTS, CLASSES):
        lines.append(f"  {form:<40}" + "".join(f"{whole.played[kind, form]:>12,}" for kind in CHANNELS))
    return lines
