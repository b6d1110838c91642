"""The main job in miniature: a newsroom of its own, its sample stories, one lost answer, one story that waits.

It runs in an emptied folder on a clock of its own that begins at the real hour and is moved by hand, so that it works
at any time of day and a settle time takes no time. All that it shows went through the same code as a real run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from channels.rehearsal.faults import Fault
from channels.rehearsal.published import Published
from db import articles, attempts, deliveries, teasers
from db.log import MatrixRow, matrix
from db.records import Article, Attempt, Delivery, Money, Problem, State, SubjectKind, Teaser
from scheduler import run
from scheduler.app import App, build
from scheduler.clock import HeldClock, SystemClock
from scheduler.demo_folder import empty, staying
from scheduler.intake.taking import take_article
from scheduler.intake.text_file import read_text_file
from scheduler.keys import keys_in
from scheduler.people.roles import Role
from scheduler.people.staffing import add_person
from scheduler.settings_load import load_settings
from scheduler.sheet import Sheet
from scheduler.subscribing import Statement, import_csv
from templates.samples import FOLDER as SAMPLES
from templates.samples import sample_articles

READERS = 3
PERSON = "Demo"
"""Who may come into the demo's desk."""
HEAD_START = timedelta(minutes=15)
"""The demo's clock begins so much earlier, and moves past a settle time: it must end before the real one."""


SETTINGS = """\
# The demo's newsroom. Everything in it is made up, and nothing of it leaves this machine.

[newsroom]
name = "The Harbour Herald"
site = "https://news.example.org"
timezone = "Europe/London"
postal_address = "The Harbour Herald, 1 Quay Street, Port Selwyn"

[channels.x-main]
kind = "x"
monthly_budget = 50

[channels.fb-main]
kind = "facebook"

[channels.mail]
kind = "email"
newsletter = "Harbour briefing"
list = "morning"
from = "The Harbour Herald <briefing@news.example.org>"

[sections."Opinión"]
publish = "approve"
"""


@dataclass(frozen=True, slots=True)
class StoryShown:
    """A story with its words for each channel, their count and limit, and what stands in their way."""

    article: Article
    words: tuple[tuple[str, Teaser, int, int, tuple[Problem, ...]], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the demo found, read back from its database and from the rehearsal platforms."""

    stories: tuple[StoryShown, ...]
    waiting: tuple[Delivery, ...]
    rows: tuple[MatrixRow, ...]
    lost: Delivery
    lost_attempts: tuple[Attempt, ...]
    lost_published: int
    cost: Money
    sheet: Sheet
    published: dict[str, tuple[Published, ...]]


@contextmanager
def demo_house(folder: Path, told: Callable[[str], None] = lambda sentence: None) -> Iterator[App]:
    """Empties the folder, if it is the demo's or new, and opens a newsroom in it. Raises ``FolderInUse``.

    ``told`` hears that an earlier demo was there.
    """
    if empty(folder):
        told(f"{folder} held an earlier demo; it was emptied and made anew.")
    with staying(folder):  # from before the house stands until it is closed
        (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
        settings = load_settings(folder / "settings.toml", {}).settings
        clock = HeldClock(SystemClock().now().replace(microsecond=0) - HEAD_START)
        troubles: list[str] = []
        app = build(settings, folder, clock=clock, on_trouble=troubles.append, jitter=lambda: 0.5)
        try:
            yield app
        finally:
            app.close()


def rehearse_day(app: App, *, on_step: Callable[[str], None] = lambda step: None) -> Shown:
    """Takes the sample stories in, runs the daily run with one answer lost on purpose, and reads back what came."""
    now = app.clock.now()
    on_step("Taking in the sample stories")
    _readers(app, now)
    add_person(app, PERSON, Role.ADMIN, actor="demo")
    stories = _take_in(app, now)
    on_step("Writing teasers, planning, posting")
    # The second post on X is published, and the line is cut before the answer comes back.
    app.rehearsal.platforms.faults.add(Fault("x", "send", "closed", when="after", skip=1))
    done = run.daily_run(app, None, on_step=lambda step: None)
    assert isinstance(done, Sheet)
    return _read_back(app, stories, done)


def _readers(app: App, now: datetime) -> None:
    file = app.folder / "readers.csv"
    rows = [f"reader-{number}@readers.example.org,Reader {number}" for number in range(1, READERS + 1)]
    file.write_text("\n".join(["email,name", *rows, ""]), encoding="utf-8")
    import_csv(
        app.ground,
        "morning",
        file,
        actor="demo",
        now=now,
        statement=Statement("the demo", now.date(), "Made-up readers of the demo."),
        suppression_key=keys_in(app.folder).suppression,
        pause=lambda seconds: None,
    )


def _take_in(app: App, now: datetime) -> list[int]:
    """The sample files through the reader for plain text, with the address and section that their index gives."""
    taken = []
    for sample in sample_articles():
        file = next(path for path in SAMPLES.glob("*.txt") if sample.headline in path.read_text(encoding="utf-8"))
        read = read_text_file(file.read_bytes(), source="samples", now=now)
        story = replace(
            read,
            url=sample.url,
            section=sample.section,
            label=sample.label,
            tags=sample.tags,
            language=sample.language,
            published_at=now,
            flags=(),
        )
        with app.ground.transaction() as tx:
            one = take_article(tx, story, file.name, actor="demo", now=now)
        assert one.article_id is not None
        taken.append(one.article_id)
    return taken


def _read_back(app: App, stories: list[int], sheet: Sheet) -> Shown:
    with app.ground.reading() as tx:
        shown = [_story(app, tx, number) for number in stories]
        found = deliveries.in_states(tx, (State.SENT,))
        lost = next(one for one in found if one.known_by == "looking")
        tried = attempts.of_delivery(tx, lost.id)
        waiting = deliveries.in_states(tx, (State.WAITING,))
        rows = matrix(tx, stories)
    published = {kind: app.rehearsal.platforms.published(kind) for kind in ("x", "facebook", "email")}
    text = tried[0].text
    return Shown(
        stories=tuple(shown),
        waiting=tuple(waiting),
        rows=tuple(sorted(rows, key=lambda row: row.article_id)),
        lost=lost,
        lost_attempts=tuple(tried),
        lost_published=sum(one.text == text for one in published["x"]),
        cost=sum(sheet.spent.values(), Money()),
        sheet=sheet,
        published=published,
    )


def _story(app: App, tx: Connection, number: int) -> StoryShown:
    article = articles.get(tx, number)
    words = []
    for outlet in app.outlets.values():
        teaser = teasers.newest(tx, SubjectKind.ARTICLE, number, outlet.name)
        assert teaser is not None
        channel = app.silent(outlet)
        post = channel.compose(teaser)
        counted = teaser.text if outlet.crowd else post.parts[0].text
        words.append(
            (outlet.name, teaser, channel.measure(counted), channel.limits.length, tuple(channel.validate(post)))
        )
    return StoryShown(article, tuple(words))
