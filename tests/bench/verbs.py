"""How soon a pause holds every worker, mail in the middle of an issue included, and how soon a kill deletes.

Run by ``make bench-verbs``: 10,000 planned deliveries, four worker processes on one SQLite file (synchronous FULL), the
real SDKs and SMTP code against the rehearsal platforms. Beside the pause stands the naive rule: a worker that takes
its due posts a hundred at a time and asks for a pause between two batches.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from channels.rehearsal.faults import Fault
from channels.rehearsal.platforms import Addresses, RehearsalPlatforms
from channels.rehearsal.rules import Rules
from db import deliveries, stops
from db.json_forms import parts_form
from db.records import Article, Cause, Delivery, Part, Post, Scope, State, SubjectKind, Verb
from db.tables import attempts, posts, recipient_attempts
from db.tables import deliveries as table
from desk.cli.rooms import ROOT
from scheduler import newsroom
from scheduler.app import App, build
from scheduler.intake.taking import take_article
from scheduler.keys import keys_in
from scheduler.newsroom import Reach
from scheduler.settings_load import load_settings
from scheduler.subscribing import Statement, import_csv
from scheduler.worker import Worker

PLANNED = 10_000
DUE_NOW = 4_000
"""So many of them are due at once, so that every lane is busy when the pause comes; the others are for later."""
WORKERS = 4
READERS = 3_000
LIVE = 30
ROUNDS = 3
TAKEN, TRIED, SLOW = 100, 20, 0.2
"""The naive rule: posts taken at once, calls made to reckon its pace, seconds an answer takes (as in bench-begin)."""
LONGEST = 120.0
PAUSE_PROMISE, KILL_PROMISE = 2.0, 1.0

CHANNELS = [f"{kind}-{number}" for kind in ("x", "facebook") for number in (1, 2)]
SETTINGS = (
    '[newsroom]\nname = "The Test Times"\nsite = "https://news.example.org"\n'
    + "".join(f'\n[channels.{name}]\nkind = "{name.partition("-")[0]}"\nlatest = "24h"\n' for name in CHANNELS)
    + '\n[channels.mail]\nkind = "email"\nnewsletter = "Morning briefing"\nlist = "morning"\n'
    'from = "The Test Times <news@news.example.org>"\n'
)


def main() -> None:
    """Prints every round and what was promised."""
    print(f"{PLANNED:,} planned deliveries, {WORKERS} worker processes, an issue to {READERS:,} readers under way")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
        with RehearsalPlatforms(folder / "rehearsal.db", rules=Rules.unlimited()) as platforms:
            platforms.rules = Rules.unlimited().changed({"x": {"duplicate_hours": 0.0}})
            app = opened(folder, platforms.addresses)
            story = fill(app)
            workers = [start(folder, platforms.addresses) for _ in range(WORKERS)]
            try:
                measure(app, story)
            finally:
                for one in workers:
                    one.terminate()
                for one in workers:
                    one.wait(60)
            took = naive(app, platforms)
            print(f"the naive rule, {TAKEN} posts taken at once from a platform that answers in {SLOW} s:")
            print(f"  it would have begun its last post {took:.1f} s after the pause (reckoned from {TRIED} calls)")
            app.close()


def measure(app: App, story: int) -> None:
    """The pause, some rounds of it, then the kill."""
    until(lambda: sent_of(app, story) >= LIVE, app)
    pauses = []
    for number in range(1, ROUNDS + 1):
        until_busy(app)
        ordered = app.clock.now()
        newsroom.hold(app, Reach(Scope.EVERYTHING), actor="bench", reason="the accident at the harbour")
        laid = app.clock.now()
        time.sleep(5)
        post, mail = last_begun(app)
        begun = [max((at - laid).total_seconds(), 0.0) if at else 0.0 for at in (post, mail)]
        pauses.append(max(begun))
        took = (laid - ordered).total_seconds()
        print(
            f"  pause {number}: laid in {took:4.2f} s; the last post began {begun[0]:4.2f} s after, the last mail "
            f"{begun[1]:4.2f} s after",
            flush=True,
        )
        with app.ground.transaction() as tx:
            stops.lift(tx, scope=Scope.EVERYTHING, target="", cause=Cause.PERSON, by="bench", now=app.clock.now())
    worst = max(pauses)
    print(f"  the promise is {PAUSE_PROMISE:.2f} s: {kept(worst, PAUSE_PROMISE)} (worst {worst:.2f} s)")
    until_busy(app)
    ordered = app.clock.now()
    done = newsroom.kill(app, story, actor="bench", reason="the source withdrew it")
    newsroom.carry_out(app, done.removals)
    first, last = deletes(app, story)
    begun_after, ended_after = (first - ordered).total_seconds(), (last - ordered).total_seconds()
    print(
        f"kill of a story with {len(done.removals)} live posts: the first delete began {begun_after:4.2f} s after the "
        f"order, the last ended {ended_after:4.2f} s after"
    )
    print(f"  the promise is {KILL_PROMISE:.2f} s: {kept(begun_after, KILL_PROMISE)}")


def naive(app: App, platforms: RehearsalPlatforms) -> float:
    """How long a worker that has taken a hundred posts goes on after the pause was laid."""
    outlet = app.outlets[CHANNELS[0]]
    channel = app.channel(outlet)
    with app.ground.reading() as tx:
        batch = deliveries.open_on(tx, outlet.mode, outlet.name, (State.PLANNED,), limit=TAKEN)
    platforms.faults.add(Fault("x", "send", "slow", times=TRIED, arguments={"seconds": SLOW}))
    spans = []
    for one in batch[:TRIED]:
        began = time.monotonic()
        channel.send(Part(f"A naive post, number {one.id}"), one.key, None)
        spans.append(time.monotonic() - began)
    return statistics.mean(spans) * (TAKEN - 1)


# --- what is measured ------------------------------------------------------------------------------


def last_begun(app: App) -> tuple[datetime | None, datetime | None]:
    """When the last post and the last mail began."""
    with app.ground.reading() as tx:
        post = tx.execute(select(func.max(attempts.c.opened_at)).where(attempts.c.channel != "mail")).scalar()
        mail = tx.execute(select(func.max(recipient_attempts.c.opened_at))).scalar()
    return post, mail


def deletes(app: App, story: int) -> tuple[datetime, datetime]:
    """When the first delete of a story began and the last one ended."""
    of_story = attempts.join(table, table.c.id == attempts.c.delivery_id)
    query = (
        select(func.min(attempts.c.opened_at), func.max(attempts.c.closed_at))
        .select_from(of_story)
        .where(attempts.c.verb == Verb.DELETE, table.c.subject_id == story)
    )
    with app.ground.reading() as tx:
        first, last = tx.execute(query).one()
    return first, last


def sent_of(app: App, story: int) -> int:
    """How many of the story's posts are out."""
    with app.ground.reading() as tx:
        return len(deliveries.of_subject(tx, SubjectKind.ARTICLE, story, states=(State.SENT,)))


def until_busy(app: App) -> None:
    """Waits until posts and mails begin again, so that a pause has something to stop."""
    since = app.clock.now()
    until(lambda: all(at is not None and at > since for at in last_begun(app)), app)


def until(there: object, app: App) -> None:
    """Waits for a condition; ends the bench where it never comes."""
    assert callable(there)
    end = time.monotonic() + LONGEST
    while not there():
        if time.monotonic() > end:
            raise SystemExit(f"The bench waited {LONGEST:.0f} s in vain; the workers did not come so far.")
        time.sleep(0.1)


def kept(seconds: float, promise: float) -> str:
    """Whether a promise was kept here and now."""
    return "kept" if seconds < promise else "NOT KEPT on this machine now"


# --- the newsroom ----------------------------------------------------------------------------------


def opened(folder: Path, addresses: Addresses) -> App:
    """An app on the bench's settings that speaks to platforms in another process."""
    loaded = load_settings(folder / "settings.toml", {})
    app = build(loaded.settings, folder, on_trouble=lambda said: print(said, file=sys.stderr, flush=True))
    app.rehearsal._addresses = addresses
    return app


def fill(app: App) -> int:
    """Readers, an issue's story, and the planned deliveries; the number of the story that has the live posts."""
    now = app.clock.now()
    file = app.folder / "readers.csv"
    file.write_text("email\n" + "".join(f"r{one}@readers.example.org\n" for one in range(READERS)), encoding="utf-8")
    import_csv(
        app.ground,
        "morning",
        file,
        actor="bench",
        now=now,
        statement=Statement("a bench", now.date(), "Made-up readers."),
        suppression_key=keys_in(app.folder).suppression,
        pause=lambda seconds: None,
    )
    article = Article(
        headline="Ferry to run until midnight",
        paragraphs=("The ferry will run until midnight from 2 May, the council decided by 19 votes to 12.",),
        source="desk",
        url="https://news.example.org/ferry",
        language="en",
        published_at=now,
    )
    with app.ground.transaction() as tx:
        taken = take_article(tx, article, "ferry", actor="bench", now=now)
    assert taken.article_id is not None
    promise_all(app, taken.article_id, now)
    return taken.article_id


def promise_all(app: App, story: int, now: datetime) -> None:
    """All deliveries in bulk, a thousand a transaction: the story's thirty first, then what is due, then the rest."""
    for begin in range(0, PLANNED, 1_000):
        with app.ground.transaction() as tx:
            for number in range(begin, begin + 1_000):
                name = CHANNELS[number % len(CHANNELS)]
                post = Post(name, app.outlets[name].kind, (Part(f"Word number {number} of the bench"),))
                stored = tx.execute(
                    posts.insert()
                    .values(
                        channel=name,
                        kind=post.kind,
                        fingerprint=post.fingerprint,
                        parts=parts_form(post.parts),
                        problems=[],
                        actor="bench",
                        created_at=now,
                        updated_at=now,
                    )
                    .returning(posts.c.id)
                ).scalar_one()
                mine = number < LIVE
                due = now if number < DUE_NOW else now + timedelta(hours=1, seconds=number)
                promise = Delivery(
                    mode=app.outlets[name].mode,
                    subject_kind=SubjectKind.ARTICLE if mine else SubjectKind.POST,
                    subject_id=story if mine else number,
                    channel=name,
                    kind=post.kind,
                    purpose=f"again-{number + 1}" if mine else "first",
                    post_id=stored,
                    fingerprint=post.fingerprint,
                    state=State.PLANNED,
                    due_at=due + timedelta(seconds=1) if mine else due,
                    next_at=now if mine else due,
                    latest_at=None,
                    ordered_by="bench",
                    approved_by="bench",
                    approved_at=now,
                    approved_fingerprint=post.fingerprint,
                )
                deliveries.add(tx, promise, actor="bench", now=now)


def start(folder: Path, addresses: Addresses) -> subprocess.Popen[bytes]:
    """A resident worker in a process of its own."""
    told = [addresses.x_url, addresses.graph_url, addresses.smtp_host, str(addresses.smtp_port), addresses.page_url]
    return subprocess.Popen([sys.executable, "-m", "tests.bench.verbs", "worker", str(folder), *told], cwd=ROOT)


def work(folder: str, x: str, graph: str, host: str, port: str, page: str) -> None:
    """What such a process does: ``pressrun serve --no-web``, with the platforms elsewhere."""
    from desk.cli.signals import on_stop

    app = opened(Path(folder), Addresses(x, graph, host, int(port), page))
    worker = Worker(app)
    with on_stop(worker.stop):
        worker.run()
    app.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        work(*sys.argv[2:])
    else:
        main()
