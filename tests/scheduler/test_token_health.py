"""A live Page's token is asked about once a day, and the desk hears of its end two weeks before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from channels.rehearsal.accounts import facebook_page
from channels.rehearsal.faults import Fault
from channels.rehearsal.platforms import RehearsalPlatforms
from scheduler.clock import HeldClock
from tests.scheduler.house import MORNING, House, house


def settings(folder: Path, address: str) -> str:
    """One live Page, its address that of a rehearsal Graph."""
    page = facebook_page("paper")
    file = folder / "page.secret"
    file.write_text(f"PAGE_TOKEN={page.token}\nAPP_ID={page.app_id}\nAPP_SECRET={page.app_secret}\n")
    file.chmod(0o600)
    return (
        '[newsroom]\nname = "The Test Times"\nsite = "https://times.example.net"\n'
        f'[channels.fb-main]\nkind = "facebook"\nmode = "live"\npage_id = "{page.page_id}"\n'
        f'base_url = "{address}"\nsecret_file = "page.secret"\ndeadline = "10s"\n'
    )


def told(h: House) -> list[str]:
    return [one for one in h.notices() if "ends" in one or "lacks" in one]


def test_the_desk_hears_two_weeks_before_and_no_more_once_it_is_mended(tmp_path: Path) -> None:
    clock = HeldClock(MORNING)
    with RehearsalPlatforms(tmp_path / "world.db", now=clock.now) as world:
        world.rules = world.rules.changed({"graph": {"token_days": 15}})
        with house(tmp_path, settings(tmp_path, world.addresses.graph_url), clock=clock) as h:
            h.work()
            clock.advance(timedelta(days=1, minutes=1))
            h.work()
            assert told(h) == []
            world.rules = world.rules.changed({"graph": {"token_days": 14}})
            clock.advance(timedelta(hours=12))
            h.work()
            assert told(h) == [], "it is asked once a day"
            clock.advance(timedelta(hours=12, minutes=1))
            h.work()
            (sentence,) = told(h)
            assert sentence.startswith("fb-main: The token ends on 2026-10-07")
            world.rules = world.rules.changed({"graph": {"token_days": 60}})
            clock.advance(timedelta(days=1, minutes=1))
            h.work()
            assert told(h) == []


def test_a_page_that_does_not_answer_takes_no_warning_down(tmp_path: Path) -> None:
    clock = HeldClock(MORNING)
    with RehearsalPlatforms(tmp_path / "world.db", now=clock.now) as world:
        world.rules = world.rules.changed({"graph": {"token_days": 3}})
        with house(tmp_path, settings(tmp_path, world.addresses.graph_url), clock=clock) as h:
            h.work()
            clock.advance(timedelta(days=1, minutes=1))
            h.work()
            assert len(told(h)) == 1
            world.faults.add(Fault("facebook", "check", "closed", times=5))
            clock.advance(timedelta(days=1, minutes=1))
            h.work()
            assert len(told(h)) == 1
