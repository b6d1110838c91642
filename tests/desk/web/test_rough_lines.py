"""A desk on a bad day: the server restarts under an open page, the line is slow, fingers press twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, Request, Route, expect

from db import deliveries
from db.records import State, SubjectKind
from desk.web.app import web_app
from desk.web.serving import WebServer
from scheduler import newsroom
from scheduler.people.roles import Role
from tests.desk.web.ground import Site

AWAY = ("net::ERR_", "Failed to load resource")


def sent(page: Page) -> list[str]:
    """The addresses of the forms that the page sends from now on."""
    found: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            found.append(request.url)

    page.on("request", note)
    return found


def test_a_page_tells_that_the_server_is_away_and_goes_on_by_itself_when_it_is_back(site: Site) -> None:
    first = WebServer(web_app(site.app), "127.0.0.1", 0)
    first.start()
    here = replace(site, address=first.address, expected=AWAY)
    second = None
    try:
        with here.window(Role.VIEWER) as page:
            page.goto("/")
            page.locator("html[data-line=open]").wait_for(state="attached")
            first.stop()
            expect(page.locator("#away")).to_be_visible()
            expect(page.locator("#away")).to_contain_text("does not answer")
            newsroom.approve(site.app, 5, actor="ann")
            second = WebServer(web_app(site.app), "127.0.0.1", int(first.address.rpartition(":")[2]))
            second.start()
            expect(page.locator("#needs-title")).to_have_text("Needs you: 0", timeout=60_000)
            expect(page.locator("#away")).to_be_hidden()
    finally:
        first.stop()
        if second is not None:
            second.stop()


def test_on_a_slow_line_a_form_pressed_twice_is_sent_once(site: Site) -> None:
    with site.window(Role.APPROVER) as page:
        page.goto("/story/5")
        button = page.locator("#main form[method=post] button").first
        button.wait_for(state="attached")
        line = page.context.new_cdp_session(page)
        slow = {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 20_000}
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", slow)
        posts = sent(page)
        held: list[Route] = []
        page.route("**", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
        button.evaluate(  # the second click comes while the first is on its way
            """(button) => new Promise((done) => {
              button.click();
              setTimeout(() => { button.click(); setTimeout(done); }, 500);
            })"""
        )
        while not held:
            page.wait_for_timeout(20)
        held[0].continue_()
        page.wait_for_load_state()
        assert len(posts) == 1


def test_a_late_toggle_pulls_nobody_out_of_the_field_they_write_in(site: Site) -> None:
    with site.window(Role.EDITOR) as page:
        page.goto("/queue")
        # The browser tells of the opening later than a quick editor is in the next field.
        page.evaluate(
            """() => {
              const add = document.getElementById("add");
              add.open = true;
              document.getElementById("text").focus();
              return new Promise((done) => add.addEventListener("toggle", () => setTimeout(done), { once: true }));
            }"""
        )
        assert page.evaluate("document.activeElement.id") == "text"


def test_words_that_open_late_take_nobody_out_of_the_subject_they_write(site: Site) -> None:
    with site.window(Role.EDITOR) as page:
        page.goto("/story/5")
        page.evaluate(
            """() => {
              const edit = document.getElementById("edit-mail");
              edit.open = true;
              document.getElementById("subject-mail").focus();
              return new Promise((done) => edit.addEventListener("toggle", () => setTimeout(done), { once: true }));
            }"""
        )
        assert page.evaluate("document.activeElement.id") == "subject-mail"
        page.locator("#edit-x-main > summary").click()
        expect(page.locator("#text-x-main")).to_be_focused()


def test_the_words_that_open_stand_above_the_bar_that_signs(site: Site) -> None:
    with site.window(Role.APPROVER, size={"width": 1366, "height": 850}) as page:
        page.goto("/signoff/5")
        bar = page.locator("#sign").bounding_box()
        page.keyboard.press("e")
        for typed in ("", "More "):
            expect(page.locator("#text-x-main")).to_be_focused()
            page.keyboard.type(typed)
            box = page.locator("#text-x-main").bounding_box()
            assert bar is not None
            assert box is not None
            assert box["y"] + box["height"] <= bar["y"]
        columns = page.locator(".cards .channel").evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect().left)"
        )
        assert columns[0] < columns[1] == columns[2]  # a card that has grown sends none to the other column


def test_escape_and_w_again_open_the_moment_of_the_next_channel(site: Site) -> None:
    with site.window(Role.APPROVER) as page:
        page.goto("/signoff/5")
        for key, field in (("w", "#at-x-main"), ("Escape", ""), ("w", "#at-fb-main")):
            page.keyboard.press(key)
            if field:
                expect(page.locator(field)).to_be_focused()


def test_words_to_correct_open_with_the_caret_behind_them(site: Site) -> None:
    with site.app.ground.reading() as tx:
        found = deliveries.in_states(tx, {State.SENT})
    out = next(one for one in found if one.channel == "x-main" and one.subject_kind is SubjectKind.ARTICLE)
    with site.window(Role.APPROVER) as page:
        page.goto(f"/story/{out.subject_id}")
        page.locator("#correct-x-main > summary").click()
        box = page.locator("#correct-text-x-main")
        expect(box).to_be_focused()
        expect(box).to_be_in_viewport(ratio=1)
        assert box.evaluate("(one) => one.selectionStart === one.value.length && one.value.length > 0")


def test_nothing_is_swapped_under_a_half_done_click(site: Site) -> None:
    with site.window(Role.VIEWER) as page:
        page.goto("/")
        page.locator("html[data-line=open]").wait_for(state="attached")
        page.mouse.move(5, 5)
        page.mouse.down()
        newsroom.approve(site.app, 5, actor="ann")
        page.locator("html[data-news=waits]").wait_for(state="attached")
        expect(page.locator("#needs-title")).to_have_text("Needs you: 1")
        page.mouse.up()
        expect(page.locator("#needs-title")).to_have_text("Needs you: 0")


@pytest.mark.parametrize("size", [{"width": 1366, "height": 500}, {"width": 390, "height": 640}])
def test_a_panel_that_opens_stands_whole_on_the_screen(site: Site, size: dict[str, int]) -> None:
    with site.window(Role.APPROVER, size=size) as page:
        page.goto("/story/1")
        page.locator("#card-x-main details > summary", has_text="Take it down").click()
        panel = page.locator("#card-x-main details[open] > .panel")
        expect(panel).to_be_in_viewport(ratio=0.99)
        page.goto("/signoff")
        page.locator("#time-x-main > summary").click()
        expect(page.locator("#time-x-main > .panel")).to_be_in_viewport(ratio=0.99)
