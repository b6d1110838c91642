"""People and lists: taking in a file of subscribers with the proof of their consent, and telling where lists stand.

An import never brings anybody back: who unsubscribed, bounced, complained or was suppressed by hand stays so. Every
row that is not taken is reported with its line and the reason.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as wall
from pathlib import Path

from sqlalchemy import Connection

from channels.email.links import suppression_hash
from db import subscribers, suppressions
from db.session import Ground
from db.subscribers import ConsentEvent, Entry, ListCounts, Proof, Tie
from scheduler.subscriber_file import ImportRefused, line_count, read_people

PEOPLE_AT_ONCE = 300
"""A person is three rows at most, and a commit a thousand (design rule 12)."""
ROOM_FOR_OTHERS = 0.005
REFUSED_KEPT = 1_000
"""So many refused rows are kept with their reason; all are counted."""


@dataclass(frozen=True, slots=True)
class Statement:
    """The newsroom's word on how these people consented: where, when, and what they were told."""

    source: str
    day: date
    wording: str


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """One row that was not taken. ``line`` counts from 1, the heading included."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: every row is in exactly one of the four numbers; ``refused_rows`` tell of the last two."""

    list_name: str
    rows: int = 0
    added: int = 0
    already: int = 0
    suppressed: int = 0
    refused: int = 0
    refused_rows: tuple[RefusedRow, ...] = ()


@dataclass(slots=True)
class _Tally:
    added: int = 0
    already: int = 0
    suppressed: int = 0
    refused: int = 0
    rows: list[RefusedRow] = field(default_factory=list)
    tell: Callable[[RefusedRow], None] | None = None
    kept_out: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def refuse(self, line: int, reason: str) -> None:
        self.refused += 1
        self._keep(RefusedRow(line, reason))

    def suppress(self, line: int, reason: str) -> None:
        self.suppressed += 1
        self._keep(RefusedRow(line, reason))

    def _keep(self, row: RefusedRow) -> None:
        if self.tell is not None:
            self.tell(row)
        if len(self.rows) < REFUSED_KEPT:
            self.rows.append(row)


def import_csv(
    ground: Ground,
    list_name: str,
    path: Path,
    *,
    actor: str,
    now: datetime,
    statement: Statement,
    suppression_key: bytes,
    progress: Callable[[int, int], None] | None = None,
    on_refused: Callable[[RefusedRow], None] | None = None,
    on_report: Callable[[ImportReport], None] | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> ImportReport:
    """Subscribes everybody in a CSV file to a list, confirmed, with one consent row each; makes the list if new.

    The file has a heading with ``email`` (``name`` and ``language`` may follow), or none and the address first;
    comma, semicolon or tab; UTF-8. ``progress(done, total)`` is told in lines, ``on_refused`` hears of every row that
    was not taken, and ``on_report`` after each batch that was committed, of what is done so far (without the refused
    rows); what it raises ends the import there. A second import of the same file adds nobody.

    Raises ``ImportRefused`` for a file or statement that cannot be used, before anything is written, or at a row that
    is no CSV: what stood before it is kept then.
    """
    check_statement(statement, now)
    people, total = read_people(path), line_count(path)
    with ground.transaction() as tx:
        to_list = subscribers.put_list(tx, list_name, actor=actor, now=now)
    proof = Proof(
        ConsentEvent.IMPORTED,
        datetime.combine(statement.day, wall(0), UTC),
        statement.source.strip(),
        statement.wording.strip(),
        form=path.name,
        wording_version=hashlib.sha256(statement.wording.strip().encode()).hexdigest()[:12],
    )
    tally = _Tally(tell=on_refused)
    count = 0
    batch: list[tuple[int, Entry]] = []

    def report(refused: tuple[RefusedRow, ...] = ()) -> ImportReport:
        return ImportReport(list_name, count, tally.added, tally.already, tally.suppressed, tally.refused, refused)

    def flush() -> None:
        if batch:
            with ground.transaction() as tx:
                _take(tx, to_list, list_name, batch, proof, suppression_key, tally, actor, now)
            batch.clear()
            if on_report is not None:
                on_report(report())
            pause(ROOM_FOR_OTHERS)

    for line, entry in people:
        count += 1
        if isinstance(entry, str):
            tally.refuse(line, entry)
        else:
            batch.append((line, entry))
        if len(batch) >= PEOPLE_AT_ONCE:
            flush()
            if progress is not None:
                progress(line, total)
    flush()
    if progress is not None:
        progress(total, total)
    return report(tuple(sorted(tally.rows, key=lambda row: row.line)))


def check_statement(statement: Statement, now: datetime) -> None:
    """Raises ``ImportRefused`` when the word on consent says nothing or lies in the future."""
    needed = (
        ("source", "where they subscribed", statement.source),
        ("wording", "what they were told", statement.wording),
    )
    for about, what, words in needed:
        if not words.strip():
            raise ImportRefused(f"an import needs a statement of consent: say {what}", about)
    if statement.day > now.date():
        raise ImportRefused(f"nobody can have consented on {statement.day}: that day is still to come", "day")


def list_overview(tx: Connection) -> list[ListCounts]:
    """Every list with how many are confirmed, unconfirmed and ended."""
    return subscribers.overview(tx)


def _take(
    tx: Connection,
    to_list: int,
    list_name: str,
    batch: list[tuple[int, Entry]],
    proof: Proof,
    key: bytes,
    tally: _Tally,
    actor: str,
    now: datetime,
) -> None:
    """One batch in one transaction: the suppressed and the ended stay out, the rest is confirmed."""
    hashes = {
        one: entry.key
        for _, entry in batch
        for one in (suppression_hash(key, entry.key), suppression_hash(key, entry.key, list_name))
    }
    orders = {hashes[one]: cause for one, cause in suppressions.standing(tx, list(hashes)).items()}
    ties = subscribers.ties(tx, to_list, [entry.key for _, entry in batch])
    wanted = []
    for line, entry in batch:
        if entry.key in orders:
            tally.kept_out[entry.key] = f"suppressed ({orders[entry.key]}): an import never brings an address back"
        elif ties.get(entry.key) is Tie.ENDED:
            tally.kept_out[entry.key] = "ended this subscription: only the person's own wish brings it back"
        if entry.key in tally.kept_out:
            tally.suppress(line, tally.kept_out[entry.key])
        elif entry.key in tally.seen:
            tally.already += 1
        else:
            tally.seen.add(entry.key)
            wanted.append(entry)
    added = subscribers.confirm_many(tx, to_list, wanted, proof, actor=actor, now=now)
    tally.added += added
    tally.already += len(wanted) - added
