"""What the tests of Facebook share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from channels.errors import ChannelError
from channels.facebook import FacebookChannel
from channels.facebook_config import FacebookConfig
from channels.rehearsal.accounts import facebook_page as rehearsal_page
from db.records import Failure, Mode, Part, Post, Teaser

KEY = "rehearsal/article-12/facebook-main/first"
LINK = "https://news.example.com/2026/river-path?utm_source=facebook&utm_content=a-12"
WORDS = "Council votes to keep the river path open: lamps & gravel first"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
PAGE = rehearsal_page("facebook-main")


def alone(**changes: object) -> FacebookChannel:
    """A channel without a platform, for what is pure."""
    values = {"page_id": "42", "token": "EAATOKENTOKEN"} | changes
    return FacebookChannel(FacebookConfig(name="facebook-main", mode=Mode.REHEARSAL, **values))  # type: ignore[arg-type]


def teaser(text: str = WORDS, **more: object) -> Teaser:
    return Teaser(channel="facebook-main", kind="facebook", text=text, **more)  # type: ignore[arg-type]


def a_while_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=15)


def link_part() -> Part:
    return Part(text=WORDS, link=LINK)


def failure_of(channel: FacebookChannel, part: Part | None = None) -> Failure:
    with pytest.raises(ChannelError) as caught:
        channel.send(part or link_part(), KEY, None)
    return caught.value.failure


def codes(*parts: Part) -> list[str]:
    return [problem.code for problem in alone().validate(Post("facebook-main", "facebook", parts)) if problem.stops]
