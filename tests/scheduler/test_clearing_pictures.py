"""Uploaded pictures that nobody kept go after a while; what any story, post or person at work has stays."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from db import teasers
from db.kept_pictures import referred
from db.records import Image, SubjectKind, Teaser
from scheduler import newsroom
from scheduler.clearing_pictures import clear_pictures
from scheduler.newsroom import Refused
from scheduler.newsroom.picturing import kept_upload
from tests.desk.test_verbs import PNG
from tests.scheduler.house import SETTINGS, House, house

LONG_AGO = timedelta(days=8)


def upload(h: House, more: bytes = b"") -> Path:
    """A picture of its own, as somebody gives it."""
    path = newsroom.keep_upload(h.app, PNG + more).path
    assert path is not None
    return Path(path)


def age(path: Path, by: timedelta = LONG_AGO) -> None:
    then = time.time() - by.total_seconds()
    os.utime(path, (then, then))


def another_night(h: House) -> int:
    h.clock.advance(timedelta(days=1))
    return clear_pictures(h.app)


def test_what_nobody_kept_goes_once_it_is_old_and_what_a_story_or_post_has_ever_had_stays(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS) as h:
        story = h.take()
        lone, young, worded, posted = (upload(h, more) for more in (b"1", b"2", b"3", b"4"))
        image = Image(path=str(worded), sha256=worded.stem)
        words = Teaser(channel="fb-main", kind="facebook", text="The quay", writer="ada", image=image)
        with h.app.ground.transaction() as tx:
            teasers.add(tx, SubjectKind.ARTICLE, story, words, actor="ada", now=h.clock.now())
        newsroom.free_post(h.app, "Look at it", "fb-main", actor="ada", image=posted, alt="A pier")
        for path in (lone, worded, posted):
            age(path)
        other = h.app.media / "notes.txt"
        other.write_text("ours")
        age(other)
        assert another_night(h) == 1
        assert [path.exists() for path in (lone, young, worded, posted, other)] == [False, True, True, True, True]
        assert not list(h.app.media.glob("*.going"))


def test_giving_or_choosing_a_picture_begins_its_time_anew_and_a_night_comes_once(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS) as h:
        given, chosen, old = (upload(h, more) for more in (b"1", b"2", b"3"))
        for path in (given, chosen, old):
            age(path)
        upload(h, b"1")
        kept_upload(h.app, chosen.stem)
        assert another_night(h) == 1
        assert [path.exists() for path in (given, chosen, old)] == [True, True, False]
        age(given)
        assert clear_pictures(h.app) == 0  # the same night
        assert another_night(h) == 1
        with pytest.raises(Refused, match="choose its file again"):
            kept_upload(h.app, given.stem)


def test_a_picture_chosen_while_the_night_removes_it_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with house(tmp_path, SETTINGS) as h:
        path = upload(h)
        age(path)

        def somebody_chooses(tx: Connection, names: set[str]) -> set[str]:
            found = referred(tx, names)
            kept_upload(h.app, path.stem)
            return found

        monkeypatch.setattr("db.kept_pictures.referred", somebody_chooses)
        assert another_night(h) == 0
        assert path.exists()
        assert kept_upload(h.app, path.stem).path == str(path)
