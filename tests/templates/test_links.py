"""Addresses keep what they hold, and a story is known again by any of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.links import names_its_month, url_key, with_utm


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example.org/x", "https://a.example.org/x?utm_source=x&utm_medium=social"),
        ("https://a.example.org/x?id=5", "https://a.example.org/x?id=5&utm_source=x&utm_medium=social"),
        ("https://a.example.org/x#part", "https://a.example.org/x?utm_source=x&utm_medium=social#part"),
        (
            "https://a.example.org/x?a=%C3%BC+b&a=2#p?q",
            "https://a.example.org/x?a=%C3%BC+b&a=2&utm_source=x&utm_medium=social#p?q",
        ),
        ("https://a.example.org/x?utm_source=old&k=1", "https://a.example.org/x?utm_source=x&k=1&utm_medium=social"),
        ("mailto:desk@example.org", "mailto:desk@example.org"),
    ],
)
def test_tracking_parameters_are_merged_and_nothing_else_moves(url: str, expected: str) -> None:
    assert with_utm(url, {"utm_source": "x", "utm_medium": "social"}) == expected


def test_empty_parameters_change_nothing_and_values_are_encoded() -> None:
    assert with_utm("https://a.example.org/?", {"utm_source": ""}) == "https://a.example.org/?"
    assert (
        with_utm("https://a.example.org", {"utm_campaign": "a b&c"}) == "https://a.example.org?utm_campaign=a%20b%26c"
    )


@pytest.mark.parametrize(
    "other",
    [
        "http://news.example.org/story/",
        "https://www.news.example.org/story",
        "HTTPS://NEWS.example.org:443/story?utm_source=x&fbclid=abc",
        "https://news.example.org/story#comments",
        "https://news.example.org//story/index.html",
        " https://news.example.org/st%6Fry ",
    ],
)
def test_spellings_of_one_address_give_one_key(other: str) -> None:
    assert url_key(other) == url_key("https://news.example.org/story")


@pytest.mark.parametrize(
    "other",
    [
        "https://news.example.org/story?id=2",
        "https://news.example.org/Story",
        "https://other.example.org/story",
        "ftp://news.example.org/story",
    ],
)
def test_other_pages_give_other_keys(other: str) -> None:
    assert url_key(other) != url_key("https://news.example.org/story")


def test_the_order_of_parameters_does_not_count() -> None:
    assert url_key("https://e.example.org/?b=2&a=1") == url_key("https://e.example.org/?a=1&b=2")
    assert url_key("https://exämple.de/ü") == url_key("https://xn--exmple-cua.de/%C3%BC")


@given(st.text(max_size=80))
def test_any_address_has_a_key_that_tracking_does_not_change(tail: str) -> None:
    url = f"https://news.example.org/{tail}"
    assert url_key(with_utm(url, {"utm_source": "x"})) == url_key(url)


def test_an_address_that_tells_its_month_is_known() -> None:
    assert names_its_month("https://news.example.org/2026/05/02/bridge")
    assert names_its_month("https://news.example.org/news/2026-05-02-bridge") is True
    assert names_its_month("https://news.example.org/articles/20260502/bridge")
    assert names_its_month("https://news.example.org/2026/may/02/bridge")
    assert not names_its_month("https://news.example.org/articles/120260502/bridge")
    assert not names_its_month("https://news.example.org/articles/20269902/bridge")
    assert not names_its_month("https://news.example.org/2026/bridge")
    assert not names_its_month("https://news.example.org/2026/45/")
