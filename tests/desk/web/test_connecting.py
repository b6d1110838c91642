"""Connecting a channel at the desk: step by step without scripts, sent back by the platform, and what is refused."""

from __future__ import annotations

from db import channel_secrets
from db.records import Mode
from scheduler.people.roles import Role
from tests.channels.rehearsal.saying_yes import say_yes
from tests.desk.web.ground import Site


def test_an_account_is_connected_step_by_step_without_scripts_tried_and_forgotten(site: Site) -> None:
    with site.window(Role.ADMIN, scripts=False) as page:
        page.goto("/channels")
        page.get_by_role("link", name="Connect x-main").click()
        assert "made up for the rehearsal" in page.locator("main").inner_text()
        page.get_by_role("button", name="Begin X with a PIN").click()
        link = page.get_by_role("link", name="Open the platform")
        pin = say_yes(str(link.get_attribute("href")))
        page.get_by_label("PIN", exact=True).fill(pin)
        page.get_by_role("button", name="Finish").click()
        page.locator(".notice.done").wait_for()
        assert "It speaks for x_main (X with a PIN (OAuth 1.0a))." in page.locator("main").inner_text()
        site.shot(page, "connect-done")
        page.get_by_role("button", name="Post it in rehearsal").click()
        page.wait_for_url("**/log/*")
        page.goto("/channels/x-main/connect")
        page.locator("summary", has_text="Disconnect").click()
        page.get_by_role("button", name="Forget its keys").click()
        page.wait_for_url("**/connect?done=channel_disconnected")
        assert "made up for the rehearsal" in page.locator("main").inner_text()


def test_who_is_sent_back_by_the_platform_has_connected_the_channel(site: Site) -> None:
    with site.window(Role.ADMIN) as page:
        for channel, way in (("x-main", "X with OAuth 2"), ("fb-main", "A Facebook Page")):
            page.goto(f"/channels/{channel}/connect")
            page.get_by_role("button", name=f"Begin {way}").click()
            there = say_yes(str(page.get_by_role("link", name="Open the platform").get_attribute("href")))
            assert there.startswith(f"{site.address}/channels/connected?")
            page.goto(there)
            page.wait_for_url(f"**/channels/{channel}/connect?done=channel_connected")
        with site.app.ground.reading() as tx:
            found = [(one.channel, one.way, one.by, one.mode) for one in channel_secrets.every(tx)]
        assert found == [
            ("fb-main", "page", "Ada", Mode.REHEARSAL),
            ("x-main", "oauth2", "Ada", Mode.REHEARSAL),
        ]


def test_a_no_at_the_platform_and_another_s_answer_connect_nothing(site: Site) -> None:
    site.expected = ("409 (Conflict)",)
    with site.window(Role.ADMIN) as page:
        page.goto("/channels/connected?error=access_denied&state=x")
        assert "did not agree" in page.locator("main").inner_text()
        page.goto("/channels/connected?code=abc&state=made-up")
        assert "belongs to no connection" in page.locator("main").inner_text()


def test_the_real_account_asks_for_the_apps_keys_and_never_shows_them_again(site: Site) -> None:
    site.expected = ("409 (Conflict)",)
    with site.window(Role.ADMIN) as page:
        page.goto("/channels/x-main/connect?live=1")
        page.get_by_label("Consumer key").fill("the-key-itself")
        page.get_by_role("button", name="Begin X with a PIN").click()
        assert "Give the app's own keys: CONSUMER_SECRET." in page.locator("[role=alert]").inner_text()
        assert "the-key-itself" not in page.content()
