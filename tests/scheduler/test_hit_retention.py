"""Opens and clicks of old issues: the totals stay, every row of a copy goes, and nothing is counted twice or lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from db import hit_totals, hits
from db.hit_totals import HitTally, LinkTally
from db.hits import Hit
from db.records import HitKind, Issue
from db.schema import create_or_check
from db.session import Ground, open_ground
from db.tables import hits as rows
from scheduler.app import App
from scheduler.hit_retention import MARGIN, ROWS_AT_ONCE, fold_hits
from tests.db.samples import NOW
from tests.db.test_issues import cut, story

KEEP = timedelta(days=90)
OLD = NOW + KEEP + MARGIN + timedelta(days=1)
WHO: dict[str, Any] = {"actor": "reader", "now": NOW}


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """A database of its own."""
    ground = open_ground(f"sqlite:///{tmp_path / 'pressrun.db'}")
    create_or_check(ground)
    yield ground
    ground.close()


def house(ground: Ground, at: datetime, *, stopping: bool = False) -> App:
    """As much of an app as the night's work asks of one."""
    settings = SimpleNamespace(newsroom=SimpleNamespace(zone=ZoneInfo("UTC")), readers=SimpleNamespace(keep_hits=KEEP))
    clock = SimpleNamespace(now=lambda: at)
    made = SimpleNamespace(
        ground=ground, clock=clock, settings=settings, hits_folded_at=None, stopping=lambda: stopping
    )
    return cast(App, made)


def an_issue(ground: Ground, window: str = "2026-09-21", headline: str = "One") -> Issue:
    """An issue cut at NOW, with calls of people and machines."""
    with ground.transaction() as tx:
        issue = cut(tx, window, story(tx, headline))
        assert issue is not None
        hits.add(
            tx,
            [
                Hit(issue.id, "a", HitKind.OPEN, "", "apple", True, NOW),
                Hit(issue.id, "a", HitKind.OPEN, "", "", False, NOW),
                Hit(issue.id, "b", HitKind.OPEN, "", "apple", True, NOW),
                Hit(issue.id, "b", HitKind.CLICK, "l1", "", False, NOW, 3),
                Hit(issue.id, "c", HitKind.CLICK, "l1", "scanner", True, NOW),
                Hit(issue.id, "c", HitKind.CLICK, "l2", "scanner", True, NOW),
            ],
            **WHO,
        )
    return issue


def kept(ground: Ground) -> int:
    """How many rows of copies there are."""
    with ground.reading() as tx:
        return tx.execute(select(func.count()).select_from(rows)).scalar_one()


def said(ground: Ground, issue: Issue) -> tuple[HitTally | None, list[LinkTally], list[tuple[str, str, int]]]:
    """What reports tell of an issue."""
    with ground.reading() as tx:
        return hits.tallies(tx, [issue.id]).get(issue.id), hits.by_link(tx, issue.id), hits.machine_signs(tx, issue.id)


def test_reports_say_the_same_before_and_after_the_rows_are_gone(ground: Ground) -> None:
    issue = an_issue(ground)
    before = said(ground, issue)
    assert before[0] == HitTally(1, 1, 1, 1)
    assert fold_hits(house(ground, OLD)) == 1
    assert kept(ground) == 0
    assert said(ground, issue) == before


def test_a_young_issue_keeps_its_rows_and_one_of_which_nothing_was_counted_gets_no_totals(ground: Ground) -> None:
    with ground.transaction() as tx:
        cut(tx, "2026-09-20", story(tx, "Zero"))
    issue = an_issue(ground)
    assert fold_hits(house(ground, NOW + KEEP + MARGIN)) == 0
    assert kept(ground) == 6
    with ground.reading() as tx:
        assert hit_totals.of_issues(tx, [issue.id]) == {}


def test_it_is_done_once_a_night(ground: Ground) -> None:
    app = house(ground, OLD)
    an_issue(ground)
    assert fold_hits(app) == 1
    an_issue(ground, "2026-09-22", "Two")
    assert fold_hits(app) == 0
    app.clock.now = lambda: OLD + timedelta(days=1)  # type: ignore[method-assign]
    assert fold_hits(app) == 1


def test_a_night_cut_off_in_the_middle_goes_on_and_the_numbers_stay(ground: Ground) -> None:
    issue = an_issue(ground)
    more = [Hit(issue.id, f"m{number}", HitKind.OPEN, "", "", False, NOW) for number in range(ROWS_AT_ONCE + 10)]
    with ground.transaction() as tx:
        hits.add(tx, more, **WHO)
    before = said(ground, issue)
    assert fold_hits(house(ground, OLD, stopping=True)) == 0
    assert said(ground, issue) == before
    with ground.transaction() as tx:
        assert hits.forget(tx, issue.id, ROWS_AT_ONCE) == ROWS_AT_ONCE
    assert kept(ground) == 16
    assert fold_hits(house(ground, OLD)) == 1
    assert (kept(ground), said(ground, issue)) == (0, before)


def test_totals_once_made_are_final(ground: Ground) -> None:
    issue = an_issue(ground)
    fold_hits(house(ground, OLD))
    before = said(ground, issue)
    with ground.transaction() as tx:  # the span was made longer since
        hits.add(tx, [Hit(issue.id, "a", HitKind.CLICK, "l9", "", False, OLD)], actor="reader", now=OLD)
    assert fold_hits(house(ground, OLD + timedelta(days=1))) == 1
    assert (kept(ground), said(ground, issue)) == (0, before)
