"""Whole mornings at the desk in a real browser: an editor's with the mouse, the same by keyboard alone, and a reviewer's.

Each goes from the log-in to the post on the platform and its row in the log.
"""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from channels.rehearsal.faults import Fault
from db import deliveries
from db.records import State, SubjectKind
from scheduler import newsroom
from scheduler.journey import tick
from scheduler.people.roles import Role
from tests.desk.web.ground import NAMES, PASSWORD, Site, may_sign

STORY = """Old mill reopens as a library on Saturday
By Ada Example

The old mill of Port Selwyn reopens on Saturday as a library with 12,000 books, the council said on Monday.
The work took two years and cost 1.4 million pounds, which a lottery grant paid for in full.
Its first reading is on Saturday at noon.
"""
LINK = "https://news.example.org/2026/old-mill"
WORDS = f"Port Selwyn's old mill reopens on Saturday as a library with 12,000 books. {LINK}"


def states(site: Site, story: int) -> dict[str, State]:
    """Where a story's first deliveries stand, by channel."""
    with site.app.ground.reading() as tx:
        found = deliveries.of_subject(tx, SubjectKind.ARTICLE, story)
    return {one.channel: one.state for one in found if one.purpose == "first"}


def later(site: Site, span: timedelta) -> None:
    """Lets time go by, and the worker do what is due."""
    site.clock.advance(span)
    tick(site.app, site.clock.now())
    site.app.engine.wait()


def press(page: Page, key: str) -> None:
    """Presses a key of the desk's, once the page listens for it."""
    expect(page.locator("[data-keys]")).to_be_visible()
    page.keyboard.press(key)


def tab_to(page: Page, selector: str, most: int = 150) -> None:
    """Presses Tab until what is wanted has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement?.matches(wanted) ?? false", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


def test_an_editors_morning_with_the_mouse_from_the_log_in_to_the_post_and_its_row_in_the_log(site: Site) -> None:
    with site.window(None) as page:
        page.goto("/")
        page.get_by_label("Name").fill(NAMES[Role.APPROVER])
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("link", name="Queue").click()
        page.locator("#add > summary").click()
        page.get_by_label("Text", exact=True).fill(STORY)
        page.get_by_label("Where readers find it").fill(LINK)
        page.get_by_label("Section").first.fill("Opinión")  # a section that asks for a yes
        page.get_by_role("button", name="Take in").click()
        page.wait_for_url(re.compile(r"/story/7\?done=added_new"))
        page.goto("/queue")
        row = page.locator("li[data-row]", has_text="Old mill reopens")
        row.get_by_role("button", name="Make posts").click()
        expect(page.get_by_role("status").first).to_contain_text("its words are written")
        page.get_by_role("link", name="Old mill reopens").click()
        page.locator("#edit-x-main > summary").click()
        box = page.get_by_label("Words for x-main")
        box.fill("Too long. " * 40)
        expect(page.locator("#result-x-main .counter")).to_contain_text("too long")
        expect(page.locator("#result-x-main")).to_contain_text("Must be fixed")
        box.fill(WORDS)
        expect(page.locator("#result-x-main .counter")).not_to_contain_text("too long")
        page.locator("#edit-x-main").get_by_role("button", name="Keep").click()
        expect(page.get_by_role("status").first).to_contain_text("kept")
        may_sign(page)
        page.locator("#card-x-main").get_by_role("button", name="Approve").click()
        expect(page.get_by_role("status").first).to_contain_text("is approved: x-main")
        assert states(site, 7)["x-main"] is State.PLANNED

        page.get_by_role("link", name="Calendar").click()
        entry = page.locator("li.entry", has_text="Old mill").filter(has_text="x-main").first
        place = page.locator("[data-day='2026-09-21'][data-hour='14']")
        place.scroll_into_view_if_needed()  # a page that scrolls under a held button drags nothing
        entry.drag_to(place)
        expect(page.locator("#outcome")).to_contain_text("Moved")
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Today").click()
        later(site, timedelta(hours=2))
        assert states(site, 7)["x-main"] is State.PLANNED  # where it was dragged, not before
        later(site, timedelta(hours=6))
        went = page.locator("#sides .went").first
        expect(went).to_contain_text("Old mill reopens")  # by itself

        page.goto("/log?text=old+mill&channel=x-main")
        expect(page.locator("tbody tr")).to_contain_text("sent")
        page.get_by_role("link", name="Old mill reopens").click()
        expect(page.locator("tr.inside blockquote")).to_contain_text("Port Selwyn's old mill")
        there = page.locator("tbody tr").first.locator("a[rel~=noopener], a[target], a[href^='http']").first
        page.goto(there.get_attribute("href") or "")
        expect(page.locator("body")).to_contain_text("Port Selwyn's old mill reopens on Saturday")


def test_the_same_morning_by_keyboard_alone(site: Site) -> None:
    with site.window(None) as page:
        keys = page.keyboard
        page.goto("/")
        expect(page.get_by_label("Name")).to_be_focused()
        keys.type(NAMES[Role.APPROVER])
        keys.press("Tab")
        keys.type(PASSWORD)
        keys.press("Enter")
        expect(page.locator("#needs-title")).to_be_visible()
        press(page, "2")
        page.wait_for_url("**/queue")
        press(page, "a")
        expect(page.locator("#address")).to_be_focused()
        tab_to(page, "#text")
        keys.insert_text(STORY)
        tab_to(page, "#link")
        keys.insert_text(LINK)
        tab_to(page, "#section")
        keys.insert_text("Opinión")
        tab_to(page, "#add form button")
        keys.press("Enter")
        page.wait_for_url(re.compile(r"/story/7\?done=added_new"))
        press(page, "2")
        page.wait_for_url("**/queue")
        press(page, "j")
        expect(page.locator("li[data-row]").first).to_be_focused()
        press(page, "t")
        expect(page.get_by_role("status").first).to_contain_text("its words are written")
        press(page, "3")
        page.wait_for_url("**/signoff")
        press(page, "n")
        page.wait_for_url("**/signoff/7")
        press(page, "e")
        box = page.get_by_label("Words for x-main")
        expect(box).to_be_focused()
        keys.press("Control+a")
        keys.insert_text("Too long. " * 40)
        expect(page.locator("#result-x-main .counter")).to_contain_text("too long")
        keys.press("Control+a")
        keys.insert_text(WORDS)
        expect(page.locator("#result-x-main .counter")).not_to_contain_text("too long")
        keys.press("Control+Enter")
        page.wait_for_url("**/signoff/7?done=words_kept")
        may_sign(page)
        press(page, "Enter")
        page.wait_for_url(re.compile(r"/signoff\?from=5&done=approved"))
        assert states(site, 7)["x-main"] is State.PLANNED

        press(page, "4")
        page.wait_for_url("**/calendar")
        with site.app.ground.reading() as tx:
            (post,) = [one for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, 7) if one.channel == "x-main"]
        for _ in range(page.locator("[data-row]").count()):
            press(page, "j")
            if page.locator(f"#entry-{post.id}:focus").count():
                break
        for hour in ("08", "09"):
            keys.press("Alt+ArrowDown")
            expect(page.locator(f"#entry-{post.id}")).to_have_attribute("data-at", re.compile(f"T{hour}:36"))
            expect(page.locator(".told")).to_contain_text("Moved")
            expect(page.locator(f"#entry-{post.id}")).to_be_focused()
        later(site, timedelta(hours=1))
        assert states(site, 7)["x-main"] is State.PLANNED
        later(site, timedelta(hours=2))
        press(page, "5")
        page.wait_for_url("**/log")
        press(page, "/")
        keys.insert_text("old mill")
        keys.press("Enter")
        page.wait_for_url("**/log?text=old+mill**")
        row = page.locator(f"#d{post.id}")
        expect(row).to_contain_text("sent")
        for _ in range(page.locator("tbody tr").count()):
            press(page, "j")
            if row.evaluate("(row) => row.contains(document.activeElement)"):
                break
        keys.press("Enter")
        expect(page.locator("tr.inside blockquote")).to_contain_text("Port Selwyn's old mill")
    said = [one.text for one in site.app.rehearsal.platforms.published("x")]
    assert sum("Port Selwyn's old mill reopens" in text for text in said) == 1


def test_a_reviewer_finds_a_failed_post_reads_why_and_tries_it_once_more(site: Site) -> None:
    site.app.rehearsal.platforms.faults.add(Fault("x", "send", "x-too-long", times=1))
    newsroom.approve(site.app, 5, actor="Edith", channels=["x-main"])
    for _ in range(4):  # what failed is looked for once, after its settle time
        later(site, timedelta(minutes=5))
    with site.window(Role.APPROVER) as page:
        page.goto("/reports")
        page.locator("#causes ~ * a, section[aria-labelledby=causes] a").first.click()
        page.wait_for_url("**/log?cause=**")
        row = page.locator("tbody tr[data-row]")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("failed")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        opened = page.locator("tr.inside")
        expect(opened).to_contain_text("counts this post as too long")
        opened.get_by_role("button", name="Try once more").click()
        expect(page.get_by_role("status").first).to_contain_text("goes once more")
    later(site, timedelta(minutes=1))
    with site.app.ground.reading() as tx:
        stands = {
            one.purpose: one.state
            for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, 5)
            if one.channel == "x-main"
        }
    assert stands == {"first": State.FAILED, "again-1": State.SENT}
