"""The calendar: posts move by mouse and by keys, what stands in the way is said, and who may passes it by name."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from db import audit, deliveries, tables
from db.records import Delivery, State
from scheduler import newsroom
from scheduler.people.roles import Role
from scheduler.slots import to_instant
from tests.desk.web.caller import Caller
from tests.desk.web.ground import NARROW, Site

TUESDAY_TEN = datetime(2026, 9, 22, 10, 15)  # noqa: DTZ001 - a time on the wall


def on_tuesday(site: Site) -> Delivery:
    """A post that waits for its moment, on the wall at a quarter past ten on Tuesday."""
    with site.app.ground.reading() as tx:
        (post,) = [one for one in deliveries.in_states(tx, {State.WAITING}) if one.channel == "x-main"]
    zone = site.app.settings.newsroom.zone
    at = to_instant(TUESDAY_TEN.date(), TUESDAY_TEN.time(), zone)
    newsroom.move(site.app, post.id, at, actor="test", override=True)
    return post


def wall(site: Site, post: Delivery) -> str:
    with site.app.ground.reading() as tx:
        moment = deliveries.get(tx, post.id).due_at
    return f"{moment.astimezone(site.app.settings.newsroom.zone):%a %H:%M}"


def opened(page: Page, post: Delivery) -> str:
    page.goto("/calendar?day=2026-09-22")
    return f"#entry-{post.id}"


def test_a_post_is_dragged_to_another_hour_and_said_to_be_there(site: Site) -> None:
    post = on_tuesday(site)
    with site.window(Role.APPROVER) as page:
        entry = opened(page, post)
        place = "[data-day='2026-09-24'][data-hour='14']"
        page.locator(place).scroll_into_view_if_needed()  # a page that scrolls under a held button drags nothing
        page.drag_and_drop(entry, place)
        page.locator(".told", has_text="Moved").wait_for()
        assert wall(site, post) == "Thu 14:15"
        assert "Thu 24 Sep 14:15" in page.locator("#said").inner_text()
        page.locator(f"{place} {entry}").wait_for()
        site.shot(page, "calendar-moved")
    with site.app.ground.reading() as tx:
        assert audit.rows(tx, verb="schedule")[0].actor == "Anand"


def test_by_keys_alone_a_post_moves_a_day_and_an_hour_and_keeps_the_focus(site: Site) -> None:
    post = on_tuesday(site)
    with site.window(Role.APPROVER) as page:
        entry = opened(page, post)
        page.focus(entry)
        for key, there in (
            ("Alt+ArrowRight", "Wed 10:15"),
            ("Alt+ArrowDown", "Wed 11:15"),
            ("Alt+ArrowLeft", "Tue 11:15"),
        ):
            page.keyboard.press(key)
            day, clock = there.replace("Tue", "tomorrow").split()
            page.locator(".told", has_text=re.compile(f"Moved.*{day}.*{clock}")).wait_for()
            page.locator("#calendar:not([aria-busy])").wait_for()
            assert page.locator(f"{entry}[data-at$='{clock}']:focus").count() == 1
            assert wall(site, post) == there


def test_what_stands_in_the_way_is_said_and_passed_with_a_reason(site: Site) -> None:
    post = on_tuesday(site)
    near = wall_of_quiet(site)
    site.expected = ("409 (Conflict)",)
    with site.window(Role.APPROVER) as page:
        entry = opened(page, post)
        page.drag_and_drop(entry, near)
        dialog = page.locator("#in-the-way")
        dialog.wait_for()
        assert "lie between two posts" in dialog.inner_text()
        page.get_by_role("button", name="Leave it where it is").click()
        assert wall(site, post) == "Tue 10:15"
        page.drag_and_drop(entry, near)
        dialog.wait_for()
        page.get_by_label("Why it may be passed").fill("the mayor speaks then")
        page.get_by_role("button", name="Move it all the same").click()
        page.locator(".told", has_text="Moved").wait_for()
        assert wall(site, post) == "Wed 09:15"
    with site.app.ground.reading() as tx:
        assert audit.rows(tx, verb="schedule")[0].reason == "the mayor speaks then"


def wall_of_quiet(site: Site) -> str:
    """A place so near to another post of the channel that its spacing forbids it; where that is."""
    rules = site.app.outlets["x-main"].rules
    object.__setattr__(rules, "spacing", timedelta(minutes=30))
    zone = site.app.settings.newsroom.zone
    at = to_instant(datetime(2026, 9, 23).date(), datetime(2026, 9, 23, 9, 0).time(), zone)  # noqa: DTZ001
    free = newsroom.free_post(site.app, "The ferry is late today.", "x-main", actor="test")
    with site.app.ground.transaction() as tx:
        held = deliveries.get(tx, free.delivery.id)
        deliveries.move(tx, held, held.state, actor="test", now=site.clock.now(), due_at=at, next_at=at)
    return "[data-day='2026-09-23'][data-hour='9']"


def test_without_scripts_a_post_moves_by_its_own_page(site: Site) -> None:
    post = on_tuesday(site)
    site.expected = ("409 (Conflict)",)
    with site.window(Role.APPROVER, scripts=False) as page:
        entry = opened(page, post)
        page.focus(entry)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        for typed, said in (("soon", "is not a time"), ("2026-09-01 10:00", "is past")):
            page.get_by_label("New moment").fill(typed)
            page.get_by_role("button", name="Move").click()
            assert said in page.locator(".field .wrong").inner_text()
        page.get_by_label("New moment").fill("fri 16:45")
        page.get_by_role("button", name="Move").click()
        assert "The post is moved" in page.locator(".notice.done").inner_text()
        assert wall(site, post) == "Fri 16:45"


def fill(site: Site, days: int, minutes: int) -> None:
    """Posts of all states, so many minutes apart, from Monday's first moment on."""
    states = (State.SENT, State.PLANNED, State.FAILED, State.SENT)
    t = tables.deliveries
    zone = site.app.settings.newsroom.zone
    start = to_instant(datetime(2026, 9, 21).date(), datetime(2026, 9, 21).time(), zone)  # noqa: DTZ001
    with site.app.ground.transaction() as tx:
        (like, *_) = tx.execute(select(t).where(t.c.channel == "x-main", t.c.state == "sent")).mappings()
        kept = {name: value for name, value in like.items() if name != "id"}
        tx.execute(
            t.insert(),
            [
                {**kept, "purpose": f"filled-{number}", "state": states[number % 4].value, "due_at": at, "next_at": at}
                for number in range(days * 24 * 60 // minutes)
                for at in [start + timedelta(minutes=minutes * number)]
            ],
        )


def test_a_week_is_light_however_full_and_shows_every_post_to_who_asks(site: Site) -> None:
    fill(site, days=7, minutes=5)
    with closing(Caller(site, Role.APPROVER).client) as client:
        for view in ("day", "week", "month"):
            assert len(client.get(f"/calendar?view={view}").content) < 100_000, view
        page = client.get("/calendar").text
        folds = re.findall(r'id="fold-2026-09-22-9" href="([^"]+)"', page)
        hour = client.get(folds[0].replace("&amp;", "&")).text
        assert len(re.findall(r'id="entry-\d+"', hour)) == 12
        address, seen = "/calendar?view=day&day=2026-09-23", set[str]()
        while address:
            page = client.get(address).text
            seen |= set(re.findall(r'id="entry-\d+"', page))
            further = re.findall(r'href="([^"]+)" rel="next">Later posts', page)
            address = further[0].replace("&amp;", "&") if further else ""
        assert len(seen) == 24 * 12


def test_a_full_hour_unfolds_in_its_place_and_news_folds_nothing_up(site: Site) -> None:
    post = on_tuesday(site)
    with site.window(Role.APPROVER) as page:
        page.goto("/calendar")
        line = page.locator("#fold-2026-09-21-7")
        expect(line).to_have_attribute("aria-expanded", "false")
        expect(line).to_contain_text("11 sent")
        behind = page.locator(".fold li.entry.sent")
        assert behind.count() == 0
        line.focus()
        page.keyboard.press("Enter")
        expect(behind).to_have_count(11)
        site.shot(page, "calendar-unfolded")
        at = to_instant(TUESDAY_TEN.date(), TUESDAY_TEN.replace(hour=12).time(), site.app.settings.newsroom.zone)
        newsroom.move(site.app, post.id, at, actor="test", override=True)
        expect(page.locator(f"[data-hour='12'] #entry-{post.id}")).to_be_visible()
        expect(behind).to_have_count(11)
        expect(line).to_be_focused()
        page.keyboard.press("Enter")
        expect(behind).to_have_count(0)
    with site.window(Role.APPROVER, scripts=False) as page:
        page.goto("/calendar")
        page.locator("#fold-2026-09-21-7").click()
        expect(page.locator("[data-hour='7'] .entry.sent")).to_have_count(11)


def test_posts_are_walked_by_keys_and_a_moment_is_typed_in_peoples_words(site: Site) -> None:
    post = on_tuesday(site)
    entry = f"#entry-{post.id}"
    site.expected = ("409 (Conflict)",)
    with site.window(Role.APPROVER) as page:
        page.goto("/calendar")
        for key in ("Tab", "Enter", "Tab", "Enter"):  # past the menu, then to the next post
            page.keyboard.press(key)
        expect(page.locator(entry)).to_be_focused()
        page.keyboard.press("k")
        expect(page.locator(entry)).not_to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(page.locator(entry)).to_be_focused()
        page.keyboard.press("Alt+ArrowLeft")
        page.keyboard.press("Alt+ArrowUp")
        page.keyboard.press("Alt+ArrowUp")
        page.keyboard.press("Alt+ArrowUp")
        beside = page.locator(f"li:has(> {entry}) > .told.failed")
        expect(beside).to_contain_text("07:15 is past: give a moment to come, or send it now on its story.")
        expect(page.locator("#said")).to_contain_text("is past")
        site.shot(page, "calendar-refused")
        expect(page.locator(entry)).to_be_focused()
        page.keyboard.press("Escape")
        expect(beside).to_have_count(0)
        page.keyboard.press("m")
        field = page.get_by_label("New moment")
        expect(field).to_have_value("2026-09-21 08:15")
        assert field.bounding_box()["width"] > 250  # type: ignore[index]
        field.fill("soon")
        page.keyboard.press("Enter")
        expect(page.locator("#mover-wrong")).to_contain_text("is not a time")
        field.fill("Tomorrow 16:45")
        page.keyboard.press("Enter")
        expect(page.locator(".told.done")).to_contain_text("16:45")
        expect(page.locator(entry)).to_be_focused()
        assert wall(site, post) == "Tue 16:45"


def test_the_days_heads_stay_in_sight_and_a_telephone_opens_on_today(site: Site) -> None:
    site.clock.advance(timedelta(days=4))
    with site.window(Role.APPROVER, size={"width": 1366, "height": 400}) as page:
        page.goto("/calendar")
        page.locator("[data-hour='20']").first.scroll_into_view_if_needed()
        expect(page.locator("thead th.today")).to_be_in_viewport()
    with site.window(Role.APPROVER, size=NARROW) as page:
        page.goto("/calendar")
        expect(page.locator("thead th.today")).to_be_in_viewport(ratio=0.9)
        expect(page.locator("thead th", has_text="21 Sep")).not_to_be_in_viewport()


def test_who_may_not_move_a_post_sees_the_calendar_and_no_way_to(site: Site) -> None:
    post = on_tuesday(site)
    with site.window(Role.EDITOR) as page:
        entry = opened(page, post)
        assert page.locator(entry).count() == 1
        assert page.locator(".moves, .mover").count() == 0
        page.goto("/calendar?view=month&day=2026-09-22")
        assert page.locator(entry).count() == 1
        site.shot(page, "calendar-month")
