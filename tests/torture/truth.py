"""What the readers can see against what the log says, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields

from sqlalchemy import Connection, select

from channels.rehearsal.platforms import RehearsalPlatforms
from channels.rehearsal.published import Published
from db import attempts, deliveries, notices, posts, recipients, subscribers, tables, tries
from db.moves import OPEN
from db.records import Delivery, Outcome, Recipient, State, SubjectKind
from scheduler import takedown
from scheduler.app import App

NEVER_OUT = frozenset({State.FAILED, State.EXPIRED, State.CANCELLED})
"""States that say to the desk: nobody has read it."""


@dataclass(slots=True)
class Tally:
    """What the report prints; tallies of several runs add up. ``believed``: see ``lies_of``."""

    scripts: int = 0
    kills: int = 0
    faults: int = 0
    deliveries: int = 0
    published: int = 0
    doubles: int = 0
    lost: int = 0
    unsettled: int = 0
    believed: int = 0
    played: Counter[tuple[str, str]] = field(default_factory=Counter)  # scripts by kind and form
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


def lies_of(platforms: RehearsalPlatforms) -> int:
    """How many mails the mail server took although it answered that it never would.

    A mail server's refusal is believed, as every mail program does: there is no account to read (RFC 5321 section
    4.2). So many copies may be out although the log says *failed*, by the server's own word; never one twice.
    """
    asked = platforms.requests("email")
    return sum(one.kind == "dot" and one.fault.endswith(" after") and one.status >= 500 for one in asked)


def judge(app: App, published: Sequence[Published], since: int = 0, *, lies: int = 0) -> Tally:
    """Compares every delivery from the number ``since`` on with what the platforms accepted.

    What is public and belongs to none of them is wrong too. Take-downs are judged with what they take down. ``lies``:
    see ``lies_of``.
    """
    tally = Tally()
    with app.ground.reading() as tx:
        chosen = select(tables.deliveries).where(tables.deliveries.c.id >= since).order_by(tables.deliveries.c.id)
        rows = [deliveries.from_row(row) for row in tx.execute(chosen)]
        told = {notice.cause_key for notice in notices.standing(tx)}
        down = {takedown.taken_back(one): one for one in rows if takedown.is_takedown(one)}
        texts: dict[int, list[set[str]]] = {}
        for row in rows:
            if row.subject_kind is SubjectKind.POST and not takedown.is_takedown(row):
                texts[row.id] = _texts(tx, row)
        seen: set[str] = set()
        by_text: dict[tuple[str, str], list[Published]] = {}
        for one in published:
            by_text.setdefault((one.platform, one.text.strip()), []).append(one)
        for row in rows:
            _judge_state(row, told, tally)
            if row.id in texts:
                tally.deliveries += 1
                receipts = {known.receipt.id for known in attempts.receipts_of(tx, row.id)}
                _judge_post(row, texts[row.id], by_text, receipts, down.get(row.id), seen, tally)
            elif row.subject_kind is SubjectKind.ISSUE and not takedown.is_takedown(row):
                _judge_issue(tx, row, published, seen, tally)
    strangers = [one for one in published if one.id not in seen]
    tally.wrong += [f"{one.platform} shows {one.id}, which no delivery knows: {one.text[:60]}" for one in strangers]
    tally.published = len(seen)
    if tally.believed > lies:
        tally.wrong.append(f"{tally.believed} copies arrived that the log calls failed, {lies} by a server's word")
    return tally


def _texts(tx: Connection, row: Delivery) -> list[set[str]]:
    """For every part all texts that were ever tried under the key."""
    found = [{part.text} for part in posts.get(tx, row.post_id).parts]
    for one in attempts.of_delivery(tx, row.id):
        if one.part < len(found):
            found[one.part].add(one.text)
    return found


def _judge_state(row: Delivery, told: Iterable[str], tally: Tally) -> None:
    if row.state is State.UNSETTLED:
        tally.unsettled += row.subject_kind is not SubjectKind.ISSUE  # there its copies are counted
        if f"delivery {row.id} {State.UNSETTLED}" not in told:
            tally.wrong.append(f"delivery {row.id} is unsettled and nobody was told")
    elif row.state in OPEN or row.claim is not None:
        tally.lost += 1
        tally.wrong.append(f"delivery {row.id} ended in silence: {row.state}, {row.reason}")


def _judge_post(
    row: Delivery,
    texts: list[set[str]],
    by_text: dict[tuple[str, str], list[Published]],
    receipts: set[str],
    down: Delivery | None,
    seen: set[str],
    tally: Tally,
) -> None:
    name = f"delivery {row.id} ({row.kind}, {row.state}: {row.reason})"
    for part, said in enumerate(texts):
        ever = [one for text in said for one in by_text.get((row.kind, text.strip()), [])]
        seen.update(one.id for one in ever)
        public = [one for one in ever if not one.deleted]
        if len(ever) > 1:
            tally.doubles += 1
            tally.wrong.append(f"{name}: part {part} went out {len(ever)} times")
        if row.state is State.SENT:
            if not ever:
                tally.lost += 1
                tally.wrong.append(f"{name}: part {part} never went out")
            elif not {one.id for one in ever} & receipts:
                tally.wrong.append(f"{name}: part {part} is out under an id that the log does not hold")
            if down is None and ever and not public:
                tally.wrong.append(f"{name}: part {part} was taken down and nobody asked for it")
            if down is not None and down.state is State.SENT and public:
                tally.wrong.append(f"{name}: part {part} was to be taken down and is public")
        if row.state in NEVER_OUT and public:
            tally.wrong.append(f"{name}: part {part} is public")


def _judge_issue(tx: Connection, row: Delivery, published: Sequence[Published], seen: set[str], tally: Tally) -> None:
    mails = [one for one in published if one.platform == "email"]
    subject = posts.get(tx, row.post_id).parts[0].subject
    mine = [one for one in mails if one.subject == subject]
    seen.update(one.id for one in mine)
    got = Counter(address for one in mine for address in one.to)
    copies = recipients.of_issue(tx, row.subject_id)
    people = {one.subscriber.id: one.subscriber.address for one in subscribers.candidates(tx, "daily")}
    open_copies = [copy for copy in copies if copy.state in OPEN - {State.UNSETTLED}]
    if open_copies and row.state is not State.UNSETTLED:
        tally.lost += len(open_copies)
        tally.wrong.append(f"issue {row.id} is {row.state} and {len(open_copies)} copies are still open")
    if row.state is State.SENT and any(copy.state is State.UNSETTLED for copy in copies):
        tally.wrong.append(f"issue {row.id} is sent although the truth of some copies is not known")
    for copy in copies:
        tally.deliveries += 1
        arrived = got[people[copy.subscriber_id]]
        name = f"issue {row.id}, reader {copy.subscriber_id} ({copy.state}: {copy.detail})"
        if copy.state is State.UNSETTLED:
            tally.unsettled += 1
        if arrived > 1:
            tally.doubles += 1
            tally.wrong.append(f"{name}: went out {arrived} times")
        if copy.state is State.SENT and not arrived:
            tally.lost += 1
            tally.wrong.append(f"{name}: never arrived")
        if copy.state in NEVER_OUT and arrived:
            if _by_the_servers_word(tx, copy):
                tally.believed += 1
            else:
                tally.wrong.append(f"{name}: arrived")


def _by_the_servers_word(tx: Connection, copy: Recipient) -> bool:
    """Whether a copy failed because its mail server refused it for good, and for no other reason."""
    told = tries.attempts_of(tx, copy.id)
    return copy.state is State.FAILED and bool(told) and told[-1][1] is Outcome.REJECTED
