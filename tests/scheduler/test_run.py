"""The daily run: it sees through what it began, keeps to its span, and there is only one at a time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from channels.rehearsal.faults import Fault
from db import leases
from db.records import Claim, State
from scheduler.run import LEASE, Held, daily_run
from scheduler.sheet import Sheet
from tests.scheduler.house import MORNING, SETTINGS, House, house

SLOT = SETTINGS.replace('kind = "x"', 'kind = "x"\nslots = ["daily 09:00"]')  # half an hour after MORNING


def run(h: House, span: timedelta | None = None) -> Sheet:
    """A run that must not meet another one."""
    done = daily_run(h.app, span, on_step=lambda step: None)
    assert isinstance(done, Sheet)
    assert not h.troubles
    return done


def test_a_run_takes_in_from_every_source_and_sends(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "ferry.txt").write_text(STORY, encoding="utf-8")
    source = '\n[sources.inbox]\nkind = "folder"\npath = "inbox"\n'
    with house(tmp_path, SETTINGS + source) as h:
        h.clock.advance(timedelta(days=100))  # a file is left alone while it may still be written
        sheet = run(h)
        assert sheet.sent == 2
        assert {name for name, money in sheet.spent.items() if money.micros} == {"x-main"}
        h.clock.advance(timedelta(minutes=1))
        assert run(h).sent == 0
        assert len(h.platforms.published("x")) == 1


def test_a_run_stays_until_a_lost_answer_is_found(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", when="after"))
        h.take()
        sheet = run(h)
        assert (sheet.sent, sheet.found, sheet.unsettled) == (2, 1, 0)
        assert MORNING + timedelta(minutes=6) <= h.clock.now() < MORNING + timedelta(minutes=15)


def test_a_run_without_a_span_leaves_slots_to_come_to_the_next(tmp_path: Path) -> None:
    with house(tmp_path, SLOT) as h:
        story = h.take()
        sheet = run(h)
        assert h.clock.now() == MORNING
        assert [one.subject_id for one in sheet.ahead] == [story]


def test_a_run_with_a_span_keeps_the_slots_inside_it(tmp_path: Path) -> None:
    with house(tmp_path, SLOT) as h:
        story = h.take()
        run(h, timedelta(minutes=20))
        assert h.of(story, "x-main").state is State.PLANNED
        run(h, timedelta(minutes=40))
        assert h.of(story, "x-main").state is State.SENT


def test_a_second_run_learns_who_holds_the_first(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        other = Claim("elsewhere:7:ab", "held", "held", h.clock.boot() + 60, h.clock.now() + timedelta(minutes=1))
        with h.app.ground.transaction() as tx:
            assert leases.take(tx, LEASE, other, instead_of=None, now=h.clock.now())
        held = daily_run(h.app, None, on_step=lambda step: None)
        assert isinstance(held, Held)
        assert held.by.owner == "elsewhere:7:ab"
        h.clock.advance(timedelta(minutes=2))  # its holder died
        run(h)


def test_the_sheet_tells_what_is_new_for_a_person_only_once(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS.replace('kind = "x"', 'kind = "x"\npublish = "approve"')) as h:
        h.take()
        first = run(h)
        assert first.news
        assert len(first.waiting) == 1
        h.clock.advance(timedelta(minutes=5))
        second = run(h)
        assert not second.news
        assert len(second.waiting) == 1


def test_the_whole_sheet_goes_to_the_desk_by_mail_once_a_day(tmp_path: Path) -> None:
    told = '[notices]\nemail = "desk@news.example.org"\n'
    with house(tmp_path, SETTINGS.replace('kind = "x"', 'kind = "x"\npublish = "approve"') + told) as h:
        h.take()
        run(h)
        h.clock.advance(timedelta(minutes=5))
        run(h)
        mails = [one for one in h.platforms.published("email") if "The day's sheet" in one.text]
        assert len(mails) == 1
        lines = mails[0].text.splitlines()
        assert "all well: 1 sent, 1 open (rehearsal)" in mails[0].subject
        assert "  sent       1" in lines
        assert "  1 post waits for a yes" in lines
        assert "    pressrun doctor" in lines


STORY = """Ferry to run until midnight
By Ada Quill
Port Selwyn Courier

The harbour ferry of Port Selwyn will run until midnight from 2 May, the council decided on Tuesday.
The vote was 19 to 12.
"""
