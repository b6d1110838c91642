"""Faults as data: what goes wrong, on which platform, at which call, before or after it took effect.

A fault waits in line until a call that it matches comes, strikes ``times`` times, and is spent. Faults of one
platform strike in the order they were ordered, at most one a call; the name ``none`` lets a call pass, so that
"the second post fails" can be said.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from channels.rehearsal.catalogue import CATALOGUE
from channels.rehearsal.store import Store

PLATFORMS = ("x", "facebook", "email")

MATCHES: Mapping[str, str] = {
    "any": "every call",
    "send": "a post, reply, comment or published photo; on e-mail the final dot",
    "look": "reading the account or one post",
    "media": "a picture's upload and the state of it",
    "alt": "X: the call that gives a picture its alt text",
    "correct": "replacing the words of a post",
    "delete": "taking a post down",
    "check": "who am I, token checks, token exchange",
    "connect": "e-mail: the banner",
    "ehlo": "e-mail: EHLO or HELO",
    "auth": "e-mail: AUTH",
    "mail": "e-mail: MAIL FROM",
    "rcpt": "e-mail: RCPT TO",
    "data": "e-mail: DATA, before the text",
    "dot": "e-mail: the end of the text",
    "quit": "e-mail: QUIT",
}
"""The kinds of call that a fault may wait for."""

WHENS = ("before", "after")


class BadFault(ValueError):
    """A fault that cannot be ordered; the message says which word is wrong and what there is."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One order for trouble.

    ``name`` is one of ``catalogue.CATALOGUE``. ``when`` says whether the call has taken effect on the platform
    by then. ``skip`` matching calls pass first. With ``containing`` only calls match whose address, body or
    recipient holds that text. ``arguments`` are the name's own (see the catalogue); ``lag``, seconds that what
    the call publishes stays out of every look, goes with any name.
    """

    platform: str
    match: str
    name: str
    when: str = "before"
    times: int = 1
    skip: int = 0
    containing: str = ""
    arguments: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ``BadFault`` for words that mean nothing."""
        _choice("platform", self.platform, PLATFORMS)
        _choice("match", self.match, MATCHES)
        _choice("name", self.name, CATALOGUE)
        _choice("when", self.when, WHENS)
        entry = CATALOGUE[self.name]
        if self.platform not in entry.platforms:
            raise BadFault(f"The fault {self.name} is for {' and '.join(entry.platforms)}, not for {self.platform}.")
        for name, least in (("times", 1), ("skip", 0)):
            value = getattr(self, name)
            if type(value) is not int or value < least:
                raise BadFault(f"The fault's {name} must be a whole number, at least {least}.")
        if not isinstance(self.containing, str):
            raise BadFault("The fault's containing must be a text.")
        if not isinstance(self.arguments, Mapping):
            raise BadFault("The fault's arguments must be an object of names and values.")
        known = {**entry.arguments, "lag": 0.0}
        for name, value in self.arguments.items():
            _choice(f"argument of {self.name}", name, known)
            wanted = known[name]
            numbers = isinstance(wanted, (int, float)) and not isinstance(value, bool)
            if not isinstance(value, (int, float) if numbers else type(wanted)):
                raise BadFault(f"The argument {name} of {self.name} must be {'a number' if numbers else 'a text'}.")

    def argument(self, name: str) -> object:
        """The argument as ordered, else the catalogue's default."""
        return self.arguments.get(name, {**CATALOGUE[self.name].arguments, "lag": 0.0}[name])

    def seconds(self, name: str = "seconds") -> float:
        """An argument that is a number."""
        value = self.argument(name)
        return float(value) if isinstance(value, (int, float)) else 0.0

    @property
    def lag(self) -> timedelta:
        """How much longer what the call publishes stays out of every look."""
        own = self.seconds() if self.name == "timeline-lag" else 0.0
        return timedelta(seconds=own + self.seconds("lag"))


def _choice(what: str, word: object, allowed: Iterable[str]) -> None:
    if word not in tuple(allowed):
        raise BadFault(f"There is no {what} {word!r}; there are {', '.join(allowed)}.")


def fault_from(value: object) -> Fault:
    """A fault from its JSON form. Raises ``BadFault``."""
    if not isinstance(value, Mapping):
        raise BadFault("A fault must be a JSON object with platform, match and name.")
    known = set(Fault.__dataclass_fields__)
    for key in value:
        _choice("key", key, sorted(known))
    missing = [key for key in ("platform", "match", "name") if key not in value]
    if missing:
        raise BadFault(f"The fault has no {' and no '.join(missing)}.")
    return Fault(**value)


class FaultBook:
    """The faults that wait, kept in the store, so that every process of this rehearsal meets them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Calls ``listener`` after each change made through this book to what is unplugged."""
        self._listeners.append(listener)

    def add(self, *faults: Fault) -> None:
        """Puts faults at the end of the line.

        ``unplugged`` begins at once, in this process before ``add`` returns, in others within a quarter of a second;
        it lasts ``seconds`` or until cleared.
        """
        with self._store.change() as db:
            for fault in faults:
                until = None
                if fault.name == "unplugged":
                    until = int((time.time() + fault.seconds()) * 1_000_000)
                db.execute(
                    "insert into faults (platform, match, name, moment, times, skip, containing, arguments, until_at)"
                    " values (?,?,?,?,?,?,?,?,?)",
                    (
                        fault.platform,
                        fault.match,
                        fault.name,
                        fault.when,
                        fault.times,
                        fault.skip,
                        fault.containing,
                        json.dumps(dict(fault.arguments)),
                        until,
                    ),
                )
        if any(fault.name == "unplugged" for fault in faults):
            self._tell()

    def clear(self) -> None:
        """Takes every fault back, and plugs in what was unplugged, in this process before it returns."""
        with self._store.change() as db:
            plugs = db.execute("select 1 from faults where until_at is not null limit 1").fetchone()
            db.execute("delete from faults")
        if plugs is not None:
            self._tell()

    def waiting(self) -> tuple[Fault, ...]:
        """The faults that are not spent, in order, with what is left of ``times`` and ``skip``."""
        now = int(time.time() * 1_000_000)
        rows = self._store.rows(
            "select * from faults where taken < times and (until_at is null or until_at > ?) order by n", (now,)
        )
        return tuple(_fault(row) for row in rows)

    def take(self, platform: str, kind: str, words: Callable[[], str]) -> Fault | None:
        """The fault that strikes this call, counted as taken; None when none does.

        ``words`` gives the call's address and body, asked only when a fault wants to see them.
        """
        if not self._candidates(platform, kind):
            return None
        with self._store.change() as db:
            for row in self._candidates(platform, kind):
                if row["containing"] and row["containing"] not in words():
                    continue
                if row["skipped"] < row["skip"]:
                    db.execute("update faults set skipped = skipped + 1 where n = ?", (row["n"],))
                    return None
                db.execute("update faults set taken = taken + 1 where n = ?", (row["n"],))
                return _fault(row)
        return None

    def _candidates(self, platform: str, kind: str) -> list[sqlite3.Row]:
        kinds = ("any", kind, "send" if kind == "dot" else kind)
        return self._store.rows(
            "select * from faults where platform = ? and match in (?, ?, ?) and taken < times and until_at is null"
            " order by n",
            (platform, *kinds),
        )

    def unplugged(self, platform: str) -> bool:
        """Whether the platform is out of reach now: nobody listens at its port."""
        now = int(time.time() * 1_000_000)
        row = self._store.row("select 1 from faults where platform = ? and until_at > ? limit 1", (platform, now))
        return row is not None

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _fault(row: sqlite3.Row) -> Fault:
    return Fault(
        platform=row["platform"],
        match=row["match"],
        name=row["name"],
        when=row["moment"],
        times=row["times"] - row["taken"],
        skip=max(0, row["skip"] - row["skipped"]),
        containing=row["containing"],
        arguments=json.loads(row["arguments"]),
    )


def as_json(fault: Fault) -> dict[str, object]:
    """The fault in the form that ``fault_from`` reads."""
    return asdict(fault)
