"""One scripted day of a newsroom at the rehearsal platforms, on a held clock: what went wrong, and what held.

Forty stories come in between six and six. One answer is lost; two stories are corrected; one is under embargo until
midnight of another zone; at 14:02 everything is paused for a tragedy, and breaking news passes; at 15:10 a story is
killed that is out. All of it goes through the same verbs and the same code as a real day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from channels.rehearsal.faults import Fault
from db import deliveries
from db.records import Article, Delivery, Scope, State, SubjectKind
from scheduler import journey, newsroom
from scheduler.app import App, build
from scheduler.clock import HeldClock
from scheduler.demo_folder import empty, staying
from scheduler.intake.taking import take_article
from scheduler.keys import keys_in
from scheduler.newsroom import Killed, Reach, Resumption
from scheduler.settings_load import load_settings
from scheduler.sheet import Sheet, day_sheet
from scheduler.subscribing import Statement, import_csv
from templates.samples import FOLDER as SAMPLES

DAY = date(2026, 9, 21)
"""A Monday that has passed, so that the real clock goes on behind the day's end."""

ZONE = ZoneInfo("Europe/London")
INDIA = ZoneInfo("Asia/Kolkata")
READERS = 3

SETTINGS = """\
# The scripted day's newsroom. Everything in it is made up, and nothing of it leaves this machine.

[newsroom]
name = "The Harbour Herald"
site = "https://news.example.org"
timezone = "Europe/London"
postal_address = "The Harbour Herald, 1 Quay Street, Port Selwyn"

[channels.x-main]
kind = "x"
spacing = "4 min"
monthly_budget = 50

[channels.fb-main]
kind = "facebook"
spacing = "10 min"

[channels.mail]
kind = "email"
slots = ["daily 07:00"]
newsletter = "Harbour briefing"
list = "morning"
from = "The Harbour Herald <briefing@news.example.org>"

[rights]
breaking = ["ada"]
"""

CORRECTED_EARLY, CORRECTED_LATE, LOST, EMBARGOED, BREAKING, KILLED = 5, 17, 11, 21, 25, 22
"""The stories of the script by their number in the day."""

_EARLY = "Correction: the east quay is widened by 12 metres, not 14, the harbour council says."
_LATE = "Correction: rents in Millfield rose by 4.6 per cent in a year, not 6.4."
TRAGEDY = "the explosion at the grain terminal"
WITHDRAWN = "the harbour office withdrew its report"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a person did, or that happened: when, what kind of thing, and lines that tell it."""

    at: datetime
    what: str  # embargo, lost, correct, pause, breaking, resume, kill, free
    lines: tuple[str, ...]


@dataclass(slots=True)
class Day:
    """All that the day left behind, besides its tables and platforms."""

    began_at: datetime
    stories: dict[int, int] = field(default_factory=dict)  # number in the day -> story
    taken_at: list[datetime] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    paused: tuple[datetime, datetime] | None = None
    resumed: Resumption | None = None
    killed: Killed | None = None
    sheet: Sheet | None = None


@contextmanager
def day_house(folder: Path, told: Callable[[str], None] = lambda sentence: None) -> Iterator[App]:
    """Empties the folder, if it is the demo's or new, and opens the day's newsroom in it. Raises ``FolderInUse``.

    ``told`` hears that an earlier demo was there.
    """
    if empty(folder):
        told(f"{folder} held an earlier demo; it was emptied and made anew.")
    (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    settings = load_settings(folder / "settings.toml", {}).settings
    troubles: list[str] = []
    app = build(settings, folder, clock=HeldClock(at(6)), on_trouble=troubles.append, jitter=lambda: 0.5)
    try:
        with staying(folder):
            yield app
    finally:
        app.close()


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment of the day on the newsroom's wall, in UTC."""
    return datetime.combine(DAY, time(hour, minute, second), ZONE).astimezone(UTC)


def play(app: App, *, on_step: Callable[[str], None] = lambda step: None) -> Day:
    """The whole day, from six to the end; raises nothing of its own."""
    day = Day(began_at=app.clock.now())
    _readers(app)
    plan: list[tuple[datetime, Callable[[], None]]] = [
        (at(14, 8) if number == BREAKING else at(6, 5) + (number - 1) * timedelta(minutes=18), _taker(app, day, number))
        for number in range(1, 41)
    ]
    plan += [
        (at(9, 10), lambda: _correct(app, day, CORRECTED_EARLY, _EARLY, "ben", "the figure was wrong")),
        (at(14, 2), lambda: _pause(app, day)),
        (at(14, 10), lambda: _breaking(app, day)),
        (at(14, 47), lambda: _resume(app, day)),
        (at(15, 10), lambda: _kill(app, day)),
        (at(16, 20), lambda: _correct(app, day, CORRECTED_LATE, _LATE, "cleo", "two columns were swapped")),
        (at(23, 59), lambda: None),
    ]
    for moment, act in sorted(plan, key=lambda one: one[0]):
        on_step(f"{moment.astimezone(ZONE):%H:%M}")
        _let_time_pass(app, moment)
        act()
        _tick(app)
    day.sheet = day_sheet(app, day.began_at)
    return day


# --- what happens ----------------------------------------------------------------------------------


def _taker(app: App, day: Day, number: int) -> Callable[[], None]:
    def take() -> None:
        headline, section, *sentences = _stories()[number - 1]
        now = app.clock.now()
        article = Article(
            headline=headline,
            paragraphs=tuple(sentences),
            source="desk",
            url=f"https://news.example.org/2026/{number:02}",
            section=section,
            language="en",
            published_at=now,
            embargo_at=_midnight_in_india() if number == EMBARGOED else None,
        )
        if number == LOST:
            # It is published on X, and the line is cut before the answer comes back.
            app.rehearsal.platforms.faults.add(Fault("x", "send", "closed", when="after"))
        with app.ground.transaction() as tx:
            taken = take_article(tx, article, str(number), actor="cms", now=now)
        assert taken.article_id is not None
        day.stories[number] = taken.article_id
        day.taken_at.append(now)
        if number == EMBARGOED:
            until = _midnight_in_india()
            wall = f"{until.astimezone(ZONE):%H:%M}"
            told = f"story {number}, {headline}: not before midnight in Kolkata, {wall} here"
            day.events.append(Event(now, "embargo", (told,)))
        if number == LOST:
            told = f"the answer to the post of story {number} on x-main: looked for, not sent again"
            day.events.append(Event(now, "lost", (told,)))

    return take


def _correct(app: App, day: Day, number: int, text: str, actor: str, reason: str) -> None:
    done = [
        newsroom.correct(app, day.stories[number], name, text, actor=actor, reason=reason).delivery
        for name in ("x-main", "fb-main")
    ]
    how = {"edit": "changed in place", "reply": "answered", "repost": "posted anew"}
    told = " · ".join(f"{one.channel} {how[one.purpose.split('-')[2]]}" for one in done)
    day.events.append(Event(app.clock.now(), "correct", (f"story {number}, by {actor}: {reason}", told)))


def _pause(app: App, day: Day) -> None:
    laid = newsroom.hold(app, Reach(Scope.EVERYTHING), actor="ada", reason=TRAGEDY, lets_breaking=True)
    now = app.clock.now()
    day.paused = (now, now)
    kept = "nothing was planned yet" if not laid.keeps else f"{laid.keeps} planned deliveries are kept"
    day.events.append(Event(now, "pause", (f"everything, by ada: {TRAGEDY}", f"{kept}; breaking news may pass")))


def _breaking(app: App, day: Day) -> None:
    done = newsroom.declare_breaking(app, day.stories[BREAKING], actor="ada")
    told = " · ".join(f"{one.channel} goes at once" for one in done.moved)
    day.events.append(Event(app.clock.now(), "breaking", (f"story {BREAKING}, by ada: {done.article.headline}", told)))


def _resume(app: App, day: Day) -> None:
    assert day.paused is not None
    now = app.clock.now()
    day.paused = (day.paused[0], now)
    day.resumed = done = newsroom.resume(app, Reach(Scope.EVERYTHING), actor="ada")
    moments = sorted(one.at.due_at for one in done.proposals if one.at is not None)
    dropped = sum(one.at is None for one in done.proposals) + len(done.expired)
    span = f", {moments[0].astimezone(ZONE):%H:%M} to {moments[-1].astimezone(ZONE):%H:%M}" if moments else ""
    told = f"{len(moments)} held posts go spaced{span}, the newest first; {dropped} dropped as stale"
    day.events.append(Event(now, "resume", ("everything, by ada", told)))


def _kill(app: App, day: Day) -> None:
    day.killed = done = newsroom.kill(app, day.stories[KILLED], actor="ben", reason=WITHDRAWN)
    told = " · ".join(f"{row.delivery.channel} {row.did}" for row in done.rows)
    first = f"story {KILLED}, by ben: {WITHDRAWN}"
    day.events.append(Event(app.clock.now(), "kill", (first, told or "it had not been planned anywhere")))


# --- around it -------------------------------------------------------------------------------------


def _let_time_pass(app: App, until: datetime) -> None:
    """Ticks at every moment at which something is owed, then stands at ``until``."""
    clock = app.clock
    assert isinstance(clock, HeldClock)
    while True:
        now = clock.now()
        _tick(app)
        moment = journey.next_moment(app, clock.now(), tried_at=now)
        if moment is None or moment >= until:
            clock.advance(max(until - clock.now(), timedelta(0)))
            return
        clock.advance(max(moment - clock.now(), timedelta(seconds=1)))


def _tick(app: App) -> None:
    journey.tick(app, app.clock.now())
    app.engine.wait()


def _midnight_in_india() -> datetime:
    return datetime.combine(DAY + timedelta(days=1), time(0), INDIA).astimezone(UTC)


def _stories() -> list[list[str]]:
    found: list[list[str]] = tomllib.loads((SAMPLES / "day.toml").read_text(encoding="utf-8"))["stories"]
    return found


def headline_of(number: int) -> str:
    """The headline of a story of the day."""
    return _stories()[number - 1][0]


def _readers(app: App) -> None:
    file = app.folder / "readers.csv"
    rows = [f"reader-{number}@readers.example.org,Reader {number}" for number in range(1, READERS + 1)]
    file.write_text("\n".join(["email,name", *rows, ""]), encoding="utf-8")
    import_csv(
        app.ground,
        "morning",
        file,
        actor="cms",
        now=app.clock.now(),
        statement=Statement("the scripted day", DAY, "Made-up readers."),
        suppression_key=keys_in(app.folder).suppression,
        pause=lambda seconds: None,
    )


def sent_posts(app: App) -> list[Delivery]:
    """Every delivery of a story that is sent: posts, corrections and take-downs, issues aside."""
    with app.ground.reading() as tx:
        every = deliveries.in_states(tx, (State.SENT,))
    return [one for one in every if one.subject_kind is SubjectKind.ARTICLE]
