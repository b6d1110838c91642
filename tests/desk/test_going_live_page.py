"""docs/going-live.md says what is so: its arithmetic is the settings', its commands exist, its numbers are the code's."""

from __future__ import annotations

import re

from channels.facebook_health import ENDS_SOON, NEEDED
from desk.cli import COMMANDS
from desk.cli.rooms import ROOT
from scheduler.first_posts import FIRST_POSTS
from scheduler.settings import Settings, XChannel

PAGE = (ROOT / "docs" / "going-live.md").read_text(encoding="utf-8")


def test_the_prices_and_what_thirty_a_day_cost_are_those_of_the_settings() -> None:
    x = XChannel(kind="x")
    rows = re.findall(r"^\| (a post[^|]*) \| \$([0-9.]+) \| \$([0-9.]+) \|$", PAGE, re.MULTILINE)
    assert [(float(price), float(month)) for _, price, month in rows] == [
        (price.micros / 1e6, round(price.micros / 1e6 * 30 * 30, 2))
        for price in (x.link_price, x.post_price, x.read_price)
    ]


def test_every_command_on_the_page_exists() -> None:
    named = set(re.findall(r"`pressrun ([a-z]+)", PAGE)) | set(re.findall(r"  pressrun ([a-z]+)", PAGE))
    assert named >= {"live", "shadow", "kill", "pause", "doctor"}
    assert named <= set(COMMANDS)


def test_every_setting_on_the_page_exists() -> None:
    keys = {"edit_window", "monthly_budget", "breaking_reserve", "daily_cap", "secret_file"}
    assert keys <= set(XChannel.model_fields)
    for key in (*keys, "public_url", "postal_address"):
        assert f"`{key}" in PAGE
    assert {"public_url", "postal_address"} <= set(Settings().newsroom.model_dump())


def test_the_numbers_on_the_page_are_the_codes() -> None:
    assert f"first {FIRST_POSTS} posts" in PAGE
    assert f"**{ENDS_SOON.days} days** before the token" in " ".join(PAGE.split())
    assert all(f"`{name}`" in PAGE for name in NEEDED)
