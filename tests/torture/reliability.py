"""The table of docs/reliability.md, made by playing every single fault and reading what the log says afterwards.

``python -m tests.torture.reliability`` writes it anew.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from channels.rehearsal.catalogue import CATALOGUE
from channels.rehearsal.faults import Fault
from db import attempts, recipients, tries
from db.records import Delivery, State, SubjectKind, Verb
from tests.torture.scripts import Played, Script, every_fault, judged
from tests.torture.stage import CHANNELS, PATIENT, Stage
from tests.torture.truth import Tally

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- played -->", "<!-- end of what was played -->"
_TITLES = {"x": "X", "facebook": "Facebook", "email": "E-mail"}


@dataclass(frozen=True, slots=True)
class Row:
    """One fault: when it struck, what the log's tries say, where the delivery ends, and how often it is out."""

    fault: str
    when: str
    log: str
    ends: str
    out: int

    def told(self) -> str:
        return f"| {self.fault} | {self.when} | {self.log} | {self.ends} | {self.out} |"


def play_row(stage: Stage, fault: Fault) -> tuple[Row, Tally]:
    """Plays one fault against one delivery and reads the log; and whether the log is true."""
    stage.fresh()
    played = Played(stage, Script(fault.platform, (fault,)))
    stage.settle(played.delivery.id, step=played.step, look=played.look)
    delivery = stage.see(played.delivery)
    out = len(stage.published(fault.platform))
    row = Row(_name(fault), _when(fault), _log(stage, delivery), _ends(stage, delivery), out)
    return row, judged(stage, played)


class Stages:
    """Two stages: what waits for a deadline is played where that is short, all else where a busy machine has time."""

    def __init__(self, folder: Path) -> None:
        self._made = {}
        for name, deadline in (("short", "0.6s"), ("long", PATIENT)):
            (folder / name).mkdir()
            self._made[name] = Stage(folder / name, deadline=deadline)

    def of(self, fault: Fault) -> Stage:
        """Where this fault is played."""
        return self._made["short" if fault.name in ("hang", "drip") else "long"]

    def close(self) -> None:
        for stage in self._made.values():
            stage.close()


def table(stages: Stages, kind: str) -> tuple[str, Tally]:
    """The table of one kind, every fault played; faults that end alike in everything stand in one row."""
    total = Tally()
    lines = [
        f"### {_TITLES[kind]}",
        "",
        "| fault | strikes | the log's tries | ends as | out |",
        "|---|---|---|---|---|",
    ]
    alike: dict[tuple[str, str, str, int], list[str]] = {}
    for fault in every_fault(kind):
        row, tally = play_row(stages.of(fault), fault)
        total.add(tally)
        names = alike.setdefault((row.when, row.log, row.ends, row.out), [])
        if row.fault not in names:
            names.append(row.fault)
    for (when, log, ends, out), names in alike.items():
        lines.append(Row(", ".join(names), when, log, ends, out).told())
    return "\n".join(lines), total


def played_page(kinds: tuple[str, ...] = tuple(CHANNELS)) -> str:
    """All tables."""
    with tempfile.TemporaryDirectory() as folder:
        stages = Stages(Path(folder))
        try:
            return "\n\n".join(table(stages, kind)[0] for kind in kinds)
        finally:
            stages.close()


def write(page: Path = PAGE) -> None:
    """Puts what was played into the page, between its marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{played_page()}\n\n{END}{after}", encoding="utf-8")


def _name(fault: Fault) -> str:
    if fault.name != "graph":
        return f"`{fault.name}`"
    code, subcode = fault.arguments["code"], fault.arguments.get("subcode")
    return f"`graph` {code}" + (f"/{subcode}" if subcode else "")


def _when(fault: Fault) -> str:
    if fault.name == "unplugged":
        return "every call"
    stage = "" if fault.match == "send" else f"{fault.match}, "
    return f"{stage}{fault.when} it took effect" if fault.match in ("send", "dot") else f"{fault.match}"


def _log(stage: Stage, delivery: Delivery) -> str:
    """The tries as the log tells them: verb and outcome, repeated ones counted."""
    with stage.app.ground.reading() as tx:
        if delivery.subject_kind is SubjectKind.ISSUE:
            copies = recipients.of_issue(tx, delivery.subject_id)
            return "; ".join(
                ", ".join(str(outcome or "open") for _, outcome, _, _ in tries.attempts_of(tx, copy.id)) or "none"
                for copy in copies
            )
        ours = attempts.of_delivery(tx, delivery.id)
    return ", ".join(
        f"{'look: ' if one.verb is Verb.LOOK else ''}{one.outcome}" for one in sorted(ours, key=lambda one: one.number)
    )


def _ends(stage: Stage, delivery: Delivery) -> str:
    if delivery.subject_kind is SubjectKind.ISSUE:
        with stage.app.ground.reading() as tx:
            states = [copy.state for copy in recipients.of_issue(tx, delivery.subject_id)]
        return f"{delivery.state}: " + ", ".join(states)
    found = " (found)" if delivery.state is State.SENT and delivery.known_by == "looking" else ""
    return f"{delivery.state}{found}"


def unlisted() -> set[str]:
    """Names of the catalogue that no table holds; ``none`` is no fault."""
    return set(CATALOGUE) - {"none"} - {fault.name for kind in CHANNELS for fault in every_fault(kind)}


if __name__ == "__main__":
    write()
    sys.stdout.write(f"{PAGE} is written anew\n")
