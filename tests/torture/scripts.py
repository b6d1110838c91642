"""Scripts of faults: which there are, and playing one against a stage until nothing is owed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, select

from channels.rehearsal.fault_classes import CLASSES, FaultClass, draw
from channels.rehearsal.faults import Fault
from db.claims import Refusal
from db.moves import IN_FLIGHT
from db.records import Delivery, State
from db.tables import deliveries as t
from scheduler import newsroom
from scheduler.app import App, Outlet
from scheduler.deliver import deliver_next
from scheduler.reconcile import reconcile_next
from tests.torture.stage import Stage, words
from tests.torture.truth import Tally, judge, lies_of

_MORE_PARTS = {"x": 3, "facebook": 2}
"""A thread, and a post with the Page's own comment."""
_UNTIL_CLEARED = {"seconds": 600.0}

LOOK_FAULTS: Mapping[str, tuple[Fault, ...]] = {
    "x": tuple(Fault("x", "look", name) for name in "reset 500-json 429-empty ok-html ok-list json-cut x-401".split()),
    "facebook": tuple(
        Fault("facebook", "look", name) for name in "reset 502-html 429-empty ok-html ok-nothing json-cut 404".split()
    ),
    "email": (),
}
"""How reading the account fails."""


BESIDE_THE_CLASSES: Mapping[str, tuple[str, ...]] = {
    "x": ("404", "413", "error-list", "error-null"),
    "facebook": ("404", "413", "error-list", "error-null", "graph-empty-error"),
    "email": ("smtp-500", "smtp-530", "smtp-535", "smtp-454", "smtp-reply"),
}
"""Faults of the catalogue that belong to no class; rare answers, and what hardly is a fault comes in ``_oddities``."""


def every_fault(kind: str) -> tuple[Fault, ...]:
    """Every fault of the catalogue that may strike a send of this kind, before or after it took effect."""
    found = [fault for one in FaultClass for fault in CLASSES[one][kind]]
    match, whens = ("mail", ("before",)) if kind == "email" else ("send", ("before", "after"))
    found += [Fault(kind, match, name, when) for name in BESIDE_THE_CLASSES[kind] for when in whens]
    found += _oddities(kind)
    return tuple({repr(fault): fault for fault in found}.values())


def _oddities(kind: str) -> list[Fault]:
    """A slow answer, a post that is seen late, a Date header that is wrong."""
    slow = Fault(kind, "send", "slow", arguments={"seconds": 0.05})
    if kind == "email":
        return [slow]
    return [slow, Fault(kind, "send", "timeline-lag"), Fault(kind, "send", "date-off")]


@dataclass(frozen=True, slots=True)
class Script:
    """A bad day: what strikes each call in turn, and what people do meanwhile."""

    kind: str
    faults: tuple[Fault, ...]
    looks: tuple[Fault, ...] = ()
    parts: int = 1
    edits: bool = False  # other words before the second try
    wish_step: int | None = None  # a person cancels at this step ...
    wish_inside: bool = False  # ... while the call is under way, else after it
    lag: float = 0.0
    latest: timedelta | None = None
    seed: int = 0

    def told(self) -> str:
        """The script in one line, for a person who has to play it again."""
        faults = ", ".join(
            f"{one.match} {one.name} {one.when} {dict(one.arguments) or ''}".strip() for one in self.faults
        )
        more = [f"{name}={value}" for name, value in self._twists().items() if value]
        return f"[{self.kind} seed {self.seed}: {faults or 'no fault'}{'; ' if more else ''}{', '.join(more)}]"

    def _twists(self) -> dict[str, Any]:
        return {
            "looks": tuple(one.name for one in self.looks),
            "parts": self.parts if self.parts > 1 else 0,
            "edits": self.edits,
            "wish": None if self.wish_step is None else f"step {self.wish_step}{' inside' if self.wish_inside else ''}",
            "lag": self.lag,
            "latest": self.latest,
        }


def singles(kind: str) -> Iterator[Script]:
    """Every script of one fault."""
    for number, fault in enumerate(every_fault(kind)):
        yield Script(kind, (fault,), seed=number)


def pairs(kind: str) -> Iterator[Script]:
    """Every script of two faults."""
    faults = every_fault(kind)
    for number, (first, second) in enumerate(itertools.product(faults, faults)):
        yield Script(kind, (first, second), seed=number)


def of_classes(kind: str, seed: int = 0, longest: int = 4) -> Iterator[Script]:
    """Every script of up to four faults over the classes; the concrete fault and what people do drawn by seed."""
    number = 0
    for length in range(1, longest + 1):
        for classes in itertools.product(FaultClass, repeat=length):
            number += 1
            yield drawn(kind, classes, seed * 100_000 + number)


def drawn(kind: str, classes: tuple[FaultClass, ...], seed: int) -> Script:
    """A script over these classes; the same seed draws the same."""
    chance = random.Random(f"{kind} {seed}")
    parts = _MORE_PARTS.get(kind, 1) if chance.random() < 0.25 else 1
    faults = tuple(_placed(draw(one, kind, chance), parts, chance) for one in classes)
    script = Script(kind, faults, parts=parts, seed=seed)
    if kind != "email" and chance.random() < 0.3:
        script = replace(script, lag=chance.uniform(1.0, 299.0))
    if LOOK_FAULTS[kind] and chance.random() < 0.25:
        script = replace(script, looks=tuple(chance.choices(LOOK_FAULTS[kind], k=chance.randint(1, 4))))
    twist = chance.random()
    if twist < 0.2:
        step = chance.randrange(len(classes) + 1)
        return replace(script, wish_step=step, wish_inside=chance.random() < 0.6)
    if twist < 0.35 and kind != "email":
        return replace(script, edits=True)
    if twist < 0.5:
        return replace(script, latest=timedelta(minutes=chance.choice((1, 20, 90, 400))))
    return script


def _placed(fault: Fault, parts: int, chance: random.Random) -> Fault:
    """In a thread, a fault may strike any of its parts, and on Facebook the comment."""
    if parts == 1 or fault.name == "unplugged" or fault.match != "send":
        return fault
    return replace(fault, skip=chance.randrange(parts))


_LONGER_THAN_A_WEEK = timedelta(days=8)


class Played:
    """One script under way: arms each fault for the call it is meant for, and lets people act."""

    def __init__(self, stage: Stage, script: Script) -> None:
        self.stage, self.script = stage, script
        self.chance = random.Random(f"words {script.kind} {script.seed}")
        self.steps = self.looked = self.struck = 0
        self.delivery = self._promise()
        self._edited = False
        self._before = stage.before_call

    def forget_hooks(self) -> None:
        """After the worker died: nothing of it is watched any more."""
        self._before = self.stage.before_call

    def _promise(self) -> Delivery:
        stage, script = self.stage, self.script
        now = stage.clock.now()
        latest = now + script.latest if script.latest is not None else None
        if script.kind == "email":
            return stage.promise_issue(words(self.chance), latest_at=latest)
        texts = [words(self.chance) for _ in range(script.parts)]
        return stage.promise(script.kind, texts, latest_at=latest)

    def step(self, app: App, outlet: Outlet) -> Delivery | Refusal | None:
        """One delivery's turn, under the next fault of the script."""
        if outlet.kind != self.script.kind or not _is_due(app, outlet):
            return None
        self._edit()
        fault = self.script.faults[self.steps] if self.steps < len(self.script.faults) else None
        inside = self.script.wish_step == self.steps and self.script.wish_inside
        if inside:
            self.stage.before_call = self._cancel
        try:
            got: Delivery | Refusal | None = self._under(fault, lambda: deliver_next(app, outlet))
        finally:
            self.stage.before_call = self._before
        if isinstance(got, Delivery):
            if self.script.wish_step == self.steps:
                self._cancel()
            self.steps += 1
        return got

    def look(self, app: App, outlet: Outlet) -> bool:
        """One look's turn, under the next fault of the looks."""
        if outlet.kind != self.script.kind:
            return False
        fault = self.script.looks[self.looked] if self.looked < len(self.script.looks) else None
        got: bool = self._under(fault, lambda: reconcile_next(app, outlet))
        self.looked += got
        return got

    def _under(self, fault: Fault | None, act: Callable[[], Any]) -> Any:
        if fault is None:
            return act()
        book = self.stage.platforms.faults
        if fault.name == "unplugged":
            fault = replace(fault, arguments=_UNTIL_CLEARED)
        book.add(fault)
        try:
            return act()
        finally:
            self.stage.platforms.rest()
            if fault.name == "unplugged" or not book.waiting():
                self.struck += 1
            book.clear()

    def _cancel(self) -> None:
        self.stage.before_call = self._before
        state = self.stage.see(self.delivery).state
        if state in (State.WAITING, State.PLANNED, *IN_FLIGHT):
            newsroom.cancel(self.stage.app, self.delivery.id, actor="cem", reason="the story is wrong")

    def _edit(self) -> None:
        if not self.script.edits or self._edited or self.steps == 0:
            return
        if self.stage.see(self.delivery).state is State.PLANNED:
            self._edited = True
            self.stage.edit(self.delivery, [words(self.chance) for _ in range(self.script.parts)])


def _is_due(app: App, outlet: Outlet) -> bool:
    """Whether a worker has anything to claim: asking that first spares the long form a third of its transactions."""
    due = and_(t.c.channel == outlet.name, t.c.state == State.PLANNED, t.c.next_at <= app.clock.now())
    with app.ground.reading() as tx:
        return tx.execute(select(t.c.id).where(due).limit(1)).first() is not None


def play(stage: Stage, script: Script) -> Tally:
    """Plays a script to its end and compares the log with what the readers see.

    A week passes before it: a list's hard bounces of a week stop it for a person, and each script is judged alone.
    """
    stage.clock.advance(_LONGER_THAN_A_WEEK)
    stage.fresh(lag=script.lag)
    played = Played(stage, script)
    stuck = ""
    try:
        stage.settle(played.delivery.id, step=played.step, look=played.look)
    except AssertionError as error:
        stuck = str(error)
    return judged(stage, played, stuck)


def judged(stage: Stage, played: Played, stuck: str = "") -> Tally:
    """The verdict over one script that was played; each wrong sentence names the script."""
    kind = played.script.kind
    published, lies = stage.platforms.published(kind), lies_of(stage.platforms) if kind == "email" else 0
    tally = judge(stage.app, published, played.delivery.id, lies=lies)
    if stuck:
        tally.lost += 1
        tally.wrong.append(stuck)
    tally.scripts, tally.faults = 1, played.struck
    tally.wrong = [f"{played.script.told()}: {sentence}" for sentence in tally.wrong]
    return tally
