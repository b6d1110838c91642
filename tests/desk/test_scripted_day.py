"""The scripted day: its log and the rehearsal platforms agree to the last post, and a difference is seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.rehearsal.published import Published, add_post
from desk.cli import scripted_day as page
from desk.cli.main import main
from scheduler.app import App
from scheduler.scripted_day import Day, at, day_house, play, sent_posts
from scheduler.scripted_truth import Point, compare
from scheduler.sheet import day_sheet
from tests.desk.test_demo import columns


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, Day]]:
    """The day, played once."""
    with day_house(tmp_path_factory.mktemp("day") / "folder") as app:
        yield app, play(app)


def test_the_published_truth_equals_the_sheet(played: tuple[App, Day]) -> None:
    app, day = played
    points = compare(app, day)
    assert [point for point in points if not point.holds] == []
    assert day.sheet is not None
    assert (day.sheet.failed, day.sheet.unsettled, day.sheet.notices) == (0, 0, ())
    assert len(day.stories) == 40


def test_the_script_has_all_its_scenes(played: tuple[App, Day]) -> None:
    app, day = played
    assert [(one.at, one.what) for one in day.events if one.what in ("pause", "kill", "correct")] == [
        (at(9, 10), "correct"),
        (at(14, 2), "pause"),
        (at(15, 10), "kill"),
        (at(16, 20), "correct"),
    ]
    assert day.killed is not None
    assert len(day.killed.removals) == 2
    assert day.resumed is not None
    assert len(day.resumed.proposals) >= 4
    assert sum(one.known_by == "looking" for one in sent_posts(app)) == 1


def test_the_timeline_fits_eighty_plain_columns(played: tuple[App, Day]) -> None:
    app, day = played
    lines = page.timeline(app, day) + page.verdict(compare(app, day))
    assert max(columns(line) for line in lines) <= 80
    told = "\n".join(lines)
    assert "\033" not in told
    for scene in ("14:02  PAUSE", "14:10  BREAKING", "15:10  KILL", "19:30  FREE", "All 11 points agree."):
        assert scene in told


def test_a_post_that_the_log_does_not_know_is_seen(played: tuple[App, Day]) -> None:
    app, day = played
    store = app.rehearsal.platforms._store
    known = app.rehearsal.platforms.published("x")[0]
    stranger = Published(
        platform="x",
        account=known.account,
        account_name=known.account_name,
        id=str(int(known.id) + 1),
        kind="post",
        text="By hand",
        shown="By hand",
        created_at=at(14, 30),
    )
    add_post(store, stranger)
    wrong = {point.what for point in compare(app, day) if not point.holds}
    with store.change() as db:
        db.execute("delete from posts where id = ?", (stranger.id,))
    assert wrong == {
        "posts on x-main",
        "sent on the sheet: posts, changes, issues",
        "posts during the pause, breaking aside",
    }


def test_the_command_ends_with_1_where_something_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "scheduler.scripted_day.play",
        lambda app, on_step: Day(began_at=at(6), sheet=day_sheet(app, at(6))),
    )
    monkeypatch.setattr("scheduler.scripted_truth.compare", lambda app, day: [Point("posts", "1", "2")])
    assert main(["demo", "--day"]) == 1
    assert "1 of 1 points do not agree." in capsys.readouterr().out
    monkeypatch.setattr("scheduler.scripted_truth.compare", lambda app, day: [Point("posts", "1", "1")])
    assert main(["demo", "--day"]) == 0
