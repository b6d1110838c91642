"""X's own count: links, emoji, wide characters, and no text that makes it slow."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.x_length import LINK_LENGTH, cashtags, find_links, weighted_length


def links(text: str) -> list[str]:
    return [text[start:end] for start, end in find_links(text)]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Ferry sails again", 17),
        ("caf\u00e9", 4),
        ("cafe\u0301", 4),
        ("“Quoted” – it’s", 15),
        ("…", 2),
        ("€5", 3),
        ("橋が開通", 8),
        ("다리", 4),
        ("\u1103\u1161", 2),
        ("جسر", 3),
        ("👍", 2),
        ("👍🏽", 2),
        ("👩‍👩‍👧‍👦", 2),
        ("🐦‍🔥", 2),
        ("🏴󠁧󠁢󠁳󠁣󠁴󠁿", 2),
        ("🇯🇵🇰🇷", 4),
        ("1️⃣", 2),
        ("12", 2),
        ("❤️", 2),
        ("🧑🏽‍🚀 ok", 5),
        ("©", 1),
        ("©️", 2),
        ("https://news.example.org/a-very-long-address/that/goes/on?and=on", 23),
        ("See example.com now", 31),
        ("a" * 256 + " https://t.co/abc", 280),
    ],
)
def test_counts_as_x_counts(text: str, length: int) -> None:
    assert weighted_length(text) == length


@pytest.mark.parametrize("bare", ["example.com", "gov.uk", "ASP.NET", "README.md", "Amazon.com", "news.example.co.jp"])
def test_a_bare_domain_costs_a_link(bare: str) -> None:
    assert links(f"about {bare} today") == [bare]
    assert weighted_length(bare) == LINK_LENGTH


@pytest.mark.parametrize(
    "text",
    ["node.js", "a.b.c", "U.S. exports", "127.0.0.1", "localhost", "http://localhost/x", "3.5 km", "end.Onwards", "...",
     "first.last@example.com", "@example.com", "#example.com", "x_.com-", "-.com"],
)  # fmt: skip
def test_what_only_looks_like_a_domain_is_no_link(text: str) -> None:
    assert links(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(see https://example.com/a_(b)).", ["https://example.com/a_(b)"]),
        ("https://example.com/a, and more", ["https://example.com/a"]),
        ("https://exämple.de/x", ["https://exämple.de/x"]),
        ("https://президент.рф/новости", ["https://президент.рф/новости"]),
        ("見てhttps://example.comです", ["https://example.com"]),
        ("見てexample.comです", ["example.com"]),
        ("HTTPS://EXAMPLE.COM/Q?a=b&c=d#top!", ["HTTPS://EXAMPLE.COM/Q?a=b&c=d#top"]),
        ("example.com:8080/x?y=z.", ["example.com:8080/x?y=z"]),
        ("a.com b.org", ["a.com", "b.org"]),
        ("a.com,b.org", ["a.com", "b.org"]),
        ("xhttps://example.com", []),
        ("https://example.com/" + "a" * 5000, []),
        ("https://example.com?", ["https://example.com"]),
        ("example.com見て.example.org", ["example.com", "example.org"]),
    ],
)
def test_a_link_begins_and_ends_where_x_sees_it(text: str, found: list[str]) -> None:
    assert links(text) == found


@pytest.mark.parametrize(
    "hostile",
    ["a." * 50_000, "https://" * 12_000, "a.co/(" * 16_000, "a.co/" + "." * 100_000, "-." * 50_000, "👩‍" * 30_000,
     "1️" * 50_000, "e\u0301" * 50_000, "$A" * 50_000, "a.co/((" * 14_000, "🏴" + "\U000e0067" * 50_000,
     "a.co?." * 16_000, "_.a-" * 25_000],
)  # fmt: skip
@pytest.mark.usefixtures("no_garbage_collected")
def test_hostile_text_is_counted_in_linear_time(hostile: str) -> None:
    weighted_length("warm example.com")
    cashtags(hostile)
    started = time.thread_time()
    weighted_length(hostile)
    assert time.thread_time() - started < 1.0


def test_cashtags_are_found_as_x_finds_them() -> None:
    assert cashtags("$ABC rose, $brk.b fell; US$50 and $1 and $TOOLONGNAME did not") == ["$ABC", "$brk.b"]


@given(st.text(max_size=300))
def test_every_link_lies_inside_the_text_and_nothing_counts_below_zero(text: str) -> None:
    end = 0
    for start, stop in find_links(text):
        assert end <= start < stop <= len(text)
        end = stop
    assert 0 <= weighted_length(text) <= 2 * len(unicodedata.normalize("NFC", text)) + LINK_LENGTH * len(text)


@given(st.text(max_size=100), st.text(max_size=100))
def test_length_does_not_depend_on_the_normal_form(left: str, right: str) -> None:
    text = f"{left} {right}"
    assert weighted_length(text) == weighted_length(unicodedata.normalize("NFC", text))
