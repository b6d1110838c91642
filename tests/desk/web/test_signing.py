"""What an editor signs is what stood before their eyes: no key that is held, no hasty press, no words that are not kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from db import deliveries
from db.records import State, SubjectKind
from scheduler import newsroom
from scheduler.newsroom import Refused
from scheduler.people.roles import Role
from tests.desk.web.caller import Caller, went
from tests.desk.web.ground import Site, may_sign
from tests.desk.web.test_pages import states, waiting_stories, words_on

REST = 700
"""Milliseconds for which a story that has just come hears no yes."""


@contextmanager
def held_clock(site: Site) -> Iterator[Page]:
    """An approver's window whose own clock stands until it is told to go on."""
    with site.window(Role.APPROVER) as page:
        page.clock.install(time=0)
        page.clock.pause_at(1_000)
        yield page


def test_a_held_key_and_a_hasty_press_sign_nothing_that_has_just_come(site: Site) -> None:
    first, second = waiting_stories(site, "Harbour lights return", "Night buses come back")
    with held_clock(site) as page:
        page.goto(f"/signoff/{first}")
        page.clock.run_for(REST + 100)
        may_sign(page)
        page.keyboard.down("Enter")  # held from here on
        page.wait_for_url(f"**/signoff?from={second}&done=approved**")
        expect(page.locator(".notice.done")).to_contain_text("“Harbour lights return” is approved: x-main")
        expect(page.locator("html")).to_have_attribute("data-yes", "rests")
        for _ in range(3):
            page.keyboard.down("Enter")  # a key that is down says so again: a repeat
            page.clock.run_for(REST)
        page.keyboard.up("Enter")
        assert set(states(site, second).values()) == {State.WAITING}

        page.keyboard.press("Enter")  # in haste
        expect(page.locator("#said")).to_have_text("This has only just come: look at it, then sign.")
        page.clock.run_for(REST - 200)
        page.get_by_role("button", name="Sign all").click()
        expect(page.locator("#sign .why-not")).to_have_text("This has only just come: look at it, then sign.")
        assert set(states(site, second).values()) == {State.WAITING}

        page.clock.run_for(REST + 200)
        may_sign(page)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**story={second}**")
        assert set(states(site, second).values()) == {State.PLANNED}


def test_a_post_that_changes_under_the_eyes_rests_before_it_is_signed(site: Site) -> None:
    with held_clock(site) as page:
        page.goto("/signoff/5")
        expect(page.locator("html")).to_have_attribute("data-line", "open")
        page.clock.run_for(REST + 2_000)
        may_sign(page)
        newsroom.edit(site.app, 5, "x-main", "Other words altogether.", actor="Edith")
        expect(page.locator("#result-x-main .words")).to_have_text("Other words altogether.")
        expect(page.locator("html")).to_have_attribute("data-yes", "rests")
        page.keyboard.press("Enter")
        assert states(site, 5)["x-main"] is State.WAITING


def test_words_that_are_typed_and_not_kept_are_not_signed_in_the_shape_they_had(site: Site) -> None:
    with site.window(Role.APPROVER) as page:
        page.goto("/signoff/5")
        page.locator("#edit-x-main > summary").click()
        page.get_by_label("Words for x-main").fill("Words that nobody kept.")
        expect(page.locator("#result-x-main .words")).to_have_text("Words that nobody kept.")
        may_sign(page)
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        expect(page.locator("#sign .why-not")).to_contain_text("Words stand here that are not kept")
        assert set(states(site, 5).values()) == {State.WAITING}


def test_a_look_at_other_words_offers_no_yes_to_the_old_ones(approver: Caller) -> None:
    look = {"channel": "x-main", "version": "1", "try": "1", "text": "Only looked at."}
    for back, button in (("/signoff/5", "sign-form"), ("/story/5", 'id="yes-x-main"')):
        page = approver.post("/story/5/words", back=back, **look).text
        assert "Only looked at." in page
        assert button not in page


def test_the_desk_signs_only_what_the_form_says_was_seen(site: Site, approver: Caller) -> None:
    page = approver.get("/signoff/5").text
    seen = dict(re.findall(r'name="(seen-[\w-]+)" value="([^"]+)" form="sign-form"', page))
    assert set(seen) == {"seen-x-main", "seen-fb-main", "seen-mail"}
    newsroom.edit(site.app, 5, "fb-main", "Other words altogether.", actor="Edith")
    for form in (seen, {}, {"seen-x-main": ""}, {"seen-nowhere": "x"}):
        answer = approver.post("/story/5/approve", back="/signoff", **form)
        assert answer.status_code == 409
    assert "Other words altogether." in answer.text  # beside what is refused stands what is there now
    old = approver.post("/story/5/time", channel="fb-main", now="1", seen=seen["seen-fb-main"])
    assert old.status_code == 409
    assert set(states(site, 5).values()) == {State.WAITING}
    now = dict(re.findall(r'name="(seen-[\w-]+)" value="([^"]+)" form="sign-form"', approver.get("/signoff/5").text))
    went(approver.post("/story/5/approve", back="/signoff", **now), "approved")
    assert set(states(site, 5).values()) == {State.PLANNED}


def test_at_once_names_the_post_that_was_seen(site: Site) -> None:
    with site.app.ground.reading() as tx:
        marks = {one.channel: one.fingerprint for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, 5)}
    newsroom.edit(site.app, 5, "x-main", "Other words altogether.", actor="Edith")
    with pytest.raises(Refused, match="has changed since you saw it"):
        newsroom.now(site.app, 5, actor="Anand", channels=["x-main"], seen={"x-main": marks["x-main"]})
    assert states(site, 5)["x-main"] is State.WAITING
    newsroom.now(site.app, 5, actor="Anand", channels=["fb-main"], seen={"fb-main": marks["fb-main"]})
    assert states(site, 5)["fb-main"] is State.PLANNED
    assert words_on(site, 5, "x-main") == "Other words altogether."
