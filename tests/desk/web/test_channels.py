"""Channels at the desk: the check, a pause with its reason, an end of it that says what happens, a try in rehearsal."""

from __future__ import annotations

from db import stops
from db.records import Cause, Scope
from scheduler.people.roles import Role
from tests.desk.web.ground import Site


def test_a_check_says_whose_account_it_is_and_what_is_left(site: Site) -> None:
    with site.window(Role.EDITOR) as page:
        page.goto("/channels")
        card = page.locator("section", has=page.locator("h2", has_text="x-main"))
        card.get_by_role("button", name="Check now").click()
        assert "The check passed" in page.locator(".notice.done").inner_text()
        assert card.locator("meter").count() >= 3  # the budget and the limits that the platform told
        site.shot(page, "channels-checked")


def test_a_pause_says_its_reason_to_everybody_and_ends_by_a_proposal(site: Site) -> None:
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


def test_a_post_is_tried_in_rehearsal_and_stands_in_the_log(site: Site) -> None:
    with site.window(Role.APPROVER) as page:
        page.goto("/channels")
        card = page.locator("section", has=page.locator("h2", has_text="x-main"))
        card.locator("summary", has_text="Try a post").click()
        card.get_by_label("Words").fill("Is this thing on?")
        card.get_by_role("button", name="Post it in rehearsal").click()
        page.wait_for_url("**/log/**")
        assert "Is this thing on?" in page.locator("main").inner_text()
