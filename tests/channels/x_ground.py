"""What the tests of X share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from channels.errors import ChannelError
from channels.x import XChannel
from channels.x_config import XConfig
from db.records import Failure, Mode, Part, Post, Receipt, Teaser

KEY = "rehearsal/article-12/x-main/first"
LINK = "https://news.example.com/2026/river-path?utm_source=x&utm_content=a-12"
WORDS = f"Council votes to keep the river path open: lamps & gravel first {LINK}"


def alone(**changes: object) -> XChannel:
    """A channel without a platform, for what is pure."""
    values = {
        "consumer_key": "k" * 8,
        "consumer_secret": "s" * 8,
        "access_token": "t" * 8,
        "access_token_secret": "z" * 8,
    }
    return XChannel(XConfig(name="x-main", mode=Mode.REHEARSAL, **(values | changes)))  # type: ignore[arg-type]


def teaser(text: str = WORDS, **more: object) -> Teaser:
    return Teaser(channel="x-main", kind="x", text=text, **more)  # type: ignore[arg-type]


def a_while_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=15)


def failure_of(channel: XChannel, part: Part | None = None, before: Receipt | None = None) -> Failure:
    with pytest.raises(ChannelError) as caught:
        channel.send(part or Part(text=WORDS), KEY, before)
    return caught.value.failure


def codes(channel: XChannel, *parts: Part) -> list[str]:
    return [problem.code for problem in channel.validate(Post("x-main", "x", parts)) if problem.stops]
