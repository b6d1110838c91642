"""Channels at the desk: the check, a pause with its reason, an end of it that says what happens, a try in rehearsal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from channels.base import Channel
from db import audit, channel_states, deliveries, stops
from db.records import Cause, Mode, Scope, Stop
from scheduler.newsroom.grounds import Refused
from scheduler.people.roles import Role
from scheduler.slot_edits import follow_slots, lines_of, set_slots, week_of
from scheduler.slots import parse_slots
from tests.desk.web.caller import Caller
from tests.desk.web.ground import Site, open_app


def test_a_check_says_whose_account_it_is_and_what_is_left(site: Site) -> None:
    with site.window(Role.EDITOR) as page:
        page.goto("/channels")
        card = page.locator("section", has=page.locator("h2", has_text="x-main"))
        card.get_by_role("button", name="Check now").click()
        assert "The check passed" in page.locator(".notice.done").inner_text()
        assert card.locator("meter").count() >= 3  # the budget and the limits that the platform told
        site.shot(page, "channels-checked")


def test_a_pause_says_its_reason_to_everybody_and_ends_by_a_proposal(site: Site) -> None:
    site.expected = ("409 (Conflict)",)  # the page of the proposal hears of the commit, and asks for what is gone
    with site.window(Role.EDITOR) as page, site.window(Role.VIEWER) as theirs:
        page.goto("/channels")
        card = page.locator("section", has=page.locator("h2", has_text="x-main"))
        card.locator("summary", has_text="Pause").click()
        card.get_by_label("Why; everybody sees it").fill("a bereavement")
        card.get_by_role("button", name="Pause the channel").click()
        with site.app.ground.reading() as tx:
            (stop,) = [one for one in stops.active(tx, site.clock.now()) if one.cause is Cause.PERSON]
        assert (stop.scope, stop.target, stop.reason, stop.by) == (Scope.CHANNEL, "x-main", "a bereavement", "Edith")
        theirs.goto("/channels")
        assert "Stopped: a bereavement" in theirs.locator("main").inner_text()
        assert theirs.locator("form[action^='/channels']").count() == 0
        page.get_by_role("link", name="Resume").click()
        site.shot(page, "channels-resume")
        page.get_by_role("button", name="Resume like this").click()
        page.wait_for_url("**/channels?**")
    with site.app.ground.reading() as tx:
        assert stops.active(tx, site.clock.now()) == []


def test_failures_in_a_row_are_said_in_amber_until_a_stop_lies_over_the_channel_and_its_worker_is_named_pressrun(
    site: Site, approver: Caller
) -> None:
    def badge() -> str:
        card = approver.get("/channels").text.partition('<h2 id="channel-1">x-main')[2].partition("</header>")[0]
        return " ".join(card.split("</h2>")[1].split())

    now = site.clock.now()
    assert '<span class="badge sent">ok</span>' in badge()
    for failures, said in ((1, "1 failure in a row"), (3, "3 failures in a row")):
        with site.app.ground.transaction() as tx:
            channel_states.save(tx, Mode.REHEARSAL, "x-main", now=now, failures=failures)
        assert f'<span class="badge waiting">{said}</span>' in badge()
    worker = "desk-7:4711:90ff60"
    with site.app.ground.transaction() as tx:
        reason = "5 failures in a row, the last: X has trouble."
        stop = Stop(Scope.CHANNEL, "x-main", Mode.REHEARSAL, Cause.BREAKER, reason, worker, now)
        stops.lay(tx, stop, actor=worker, now=now)
    assert '<span class="badge failed">stopped</span>' in badge()
    page = approver.get("/channels").text
    assert "the last: X has trouble." in page
    assert worker not in page
    assert "Pressrun, <time" in page


def test_a_post_is_tried_in_rehearsal_and_stands_in_the_log(site: Site) -> None:
    with site.window(Role.APPROVER) as page:
        page.goto("/channels")
        card = page.locator("section", has=page.locator("h2", has_text="x-main"))
        card.locator("summary", has_text="Try a post").click()
        card.get_by_label("Words").fill("Is this thing on?")
        card.get_by_role("button", name="Post it in rehearsal").click()
        page.wait_for_url("**/log/**")
        assert "Is this thing on?" in page.locator("main").inner_text()


def test_a_live_channel_is_tried_on_the_rehearsal_platform_and_the_world_reads_nothing(
    site: Site, approver: Caller
) -> None:
    def never() -> Channel:
        raise AssertionError("the live channel was built")

    site.app.outlets = {
        name: one if one.crowd else replace(one, mode=Mode.LIVE, build=never) for name, one in site.app.outlets.items()
    }
    with site.app.ground.reading() as tx:
        before = deliveries.count_by_state(tx)
    assert "no row of it" in approver.get("/channels").text
    for name, platform in (("x-main", "x"), ("fb-main", "facebook")):
        page = approver.post(f"/channels/{name}/try", text=f"Is {name} on?")
        assert (page.status_code, "Posted on the rehearsal platform" in page.text) == (200, True)
        assert site.app.rehearsal.platforms.published(platform)[0].text == f"Is {name} on?"
    no = approver.post("/channels/x-main/try", text="Too long. " * 40)
    assert (no.status_code, "Shorten it" in no.text) == (409, True)
    with site.app.ground.reading() as tx:
        assert deliveries.count_by_state(tx) == before
        assert [row.after for row in audit.rows(tx, verb="try post")] == ["Is fb-main on?", "Is x-main on?"]


def test_a_week_is_set_on_the_grid_without_scripts_counts_at_once_and_goes_back_to_the_settings(site: Site) -> None:
    before = site.app.outlets["x-main"].rules.slots
    with site.window(Role.ADMIN, scripts=False) as page:
        page.goto("/channels")
        page.get_by_role("link", name="Change the week x-main").click()
        for box in page.locator("#hours input:checked").all():
            box.uncheck()
        page.get_by_label("Mon 09:00").check()
        page.get_by_label("Other times").fill("sat,sun 10:30")
        page.get_by_role("button", name="Keep this week").click()
        page.locator(".notice.done").wait_for()
        assert page.locator("#hours input:checked").count() == 3
        assert "Set here by Ada" in page.locator("main").inner_text()
        assert lines_of(site.app.outlets["x-main"].rules.slots) == ("mon 09:00", "sat,sun 10:30")
        page.get_by_role("button", name="Let settings.toml count again").click()
        page.wait_for_url("**/slots?done=slots_back")
        assert "These are the slots of [channels.x-main]" in page.locator("main").inner_text()
    assert site.app.outlets["x-main"].rules.slots == before
    with site.app.ground.reading() as tx:
        told = [(one.verb, one.actor) for one in audit.rows(tx, limit=10) if one.subject == "channel x-main"]
    assert told[:2] == [("use settings' slots", "Ada"), ("set slots", "Ada")]


def test_arrows_walk_the_week_s_grid_and_space_sets_a_slot(site: Site) -> None:
    with site.window(Role.ADMIN) as page:
        page.goto("/channels/x-main/slots")
        box = page.get_by_label("Tue 09:00")
        box.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        there = page.get_by_label("Wed 10:00")
        assert there.evaluate("one => one === document.activeElement")
        was = there.is_checked()
        page.keyboard.press("Space")
        assert there.is_checked() is not was


def test_another_process_follows_the_week_that_was_set(site: Site) -> None:
    other = open_app(site.app.folder, site.clock)
    try:
        set_slots(site.app, "x-main", ["daily 07:45"], actor="Ada")
        follow_slots(other)
        assert lines_of(other.outlets["x-main"].rules.slots) == ("daily 07:45",)
        set_slots(site.app, "x-main", [], actor="Ada")
        follow_slots(other)
        assert other.outlets["x-main"].rules.slots.immediately
    finally:
        other.close()


@pytest.mark.parametrize(
    ("name", "line", "says"),
    [
        ("x-main", "mon 25:00", "not a time of day"),
        ("x-main", "someday 08:00", "not a weekday"),
        ("x-main", "8", "not a slot"),
    ],
)
def test_what_is_no_slot_is_refused_and_nothing_is_kept(site: Site, name: str, line: str, says: str) -> None:
    before = site.app.outlets[name].rules.slots
    with pytest.raises(Refused, match=says):
        set_slots(site.app, name, [line], actor="Ada")
    assert week_of(site.app, name).slots == before


@pytest.mark.parametrize(
    "lines", [("daily 08:00",), ("mon-fri 08:00", "sat,sun 10:30"), ("mon,wed 07:05", "fri-sun 07:10")]
)
def test_slots_are_written_as_the_settings_have_them(lines: tuple[str, ...]) -> None:
    assert lines_of(parse_slots(list(lines))) == lines
