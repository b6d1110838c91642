"""Who speaks: the writer's own "I" and "we", and what only looks like them."""

from __future__ import annotations

import pytest

from templates.voice import speaks_as_writer


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("As happens to so many of us, the editor laughed.", "en"),
        ("When I wrote a sitcom, nobody laughed.", "en"),
        ("Our institutions face a trial.", "en"),
        ("Das haben wir uns anders gedacht.", "de"),
    ],
)
def test_the_writers_own_voice_is_heard(text: str, language: str) -> None:
    assert speaks_as_writer(text, language)


@pytest.mark.parametrize(
    "text",
    [
        "Oil prices rose on Monday. https://news.example.org/article/us-global-markets",
        "The marines will go to Afghanistan. https://news.example.org/en-us/us/story",
        "Read it at www.example.org/us today.",
        "The US economy grew. #us",
        "World War I began in 1914, and This Is Us is a series.",
        "“We will not yield,” the mayor said.",
    ],
)
def test_a_country_an_address_a_tag_a_war_and_a_quotation_are_nobodys_own_voice(text: str) -> None:
    assert not speaks_as_writer(text, "en")
