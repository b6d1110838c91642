"""Is what the account shows the post we sent? Rules and properties."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from channels.matching import Likeness, Wording, canonical, compare, plain_links, wording

LINK = "https://news.example.com/2026/kursk?utm_source=x&utm_content=live-article-12-x-main-first"
TEXT = "Pyongyang sends builders to Kursk, officials say"


def ours(text: str = TEXT, link: str = LINK) -> Wording:
    whole = f"{text} {link}"
    return wording(whole, [(len(text) + 1, len(whole))], [link])


def shown(text: str, *links: str) -> Wording:
    return wording(text, plain_links(text), links)


def test_the_same_words_with_the_link_wrapped_are_exact() -> None:
    assert compare(ours(), shown(f"{TEXT} https://t.co/AbCdEfGhIj", LINK)) is Likeness.EXACT


def test_the_same_words_with_the_link_beside_them_are_exact() -> None:
    assert compare(ours(), shown(TEXT, LINK)) is Likeness.EXACT


def test_letters_spaces_and_escapes_are_levelled() -> None:
    mine = wording("Café & Söhne:\n  <neu>")
    theirs = wording(unicodedata.normalize("NFD", "Café &amp; Söhne: &lt;neu&gt;") + "\u200b ")
    assert compare(mine, theirs) is Likeness.EXACT


def test_the_same_words_with_another_delivery_s_mark_in_the_link_are_near_not_exact() -> None:
    other = LINK.replace("first", "again-1")
    assert compare(ours(), shown(TEXT, other)) is Likeness.NEAR


def test_other_words_with_the_same_link_are_near() -> None:
    assert compare(ours(), shown("What we know so far", LINK)) is Likeness.NEAR


def test_nearly_the_same_words_are_near() -> None:
    assert compare(ours(), shown(TEXT.replace("sends", "send"), "https://other.example.com/")) is Likeness.NEAR


def test_a_changed_case_or_mark_is_near_not_exact() -> None:
    assert compare(ours(), shown(TEXT.upper() + "!", LINK)) is Likeness.NEAR


def test_another_story_is_no_match() -> None:
    theirs = shown("Rain is expected in the north on Sunday", "https://news.example.com/2026/rain")
    assert compare(ours(), theirs) is Likeness.NO


def test_two_posts_of_links_only_match_by_link_alone() -> None:
    assert (
        compare(wording("", (), ["https://a.example.com"]), wording("", (), ["https://b.example.com"])) is Likeness.NO
    )


def test_words_without_spaces_are_compared_sign_by_sign() -> None:
    mine = "首相は北朝鮮の兵士がクルスクに向かったと述べた"
    assert compare(wording(mine), wording(mine.replace("述べた", "語った"))) is Likeness.NEAR
    assert compare(wording(mine), wording("明日は北日本で雨が降るでしょう")) is Likeness.NO


def test_links_that_lead_to_the_same_place_are_one() -> None:
    same = [
        "https://www.News.example.com/a/?b=2&a=1",
        "http://news.example.com/a?a=1&b=2",
        "news.example.com/a?a=1&b=2#part",
        "https://news.example.com:443/a?a=1&amp;b=2".replace(":443", ""),
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fnews.example.com%2Fa%3Fa%3D1%26b%3D2&h=AT0",
        "https://news.example.com/a?a=1&b=2&fbclid=IwAR0",
    ]
    assert {canonical(link) for link in same} == {"news.example.com/a?a=1&b=2"}
    assert canonical("https://exämple.de/ü") == canonical("https://xn--exmple-cua.de/%C3%BC")
    assert canonical("https://news.example.com:8443/a") != canonical("https://news.example.com/a")


def test_a_mark_after_a_link_is_not_part_of_it() -> None:
    text = "Read (https://a.example.com/b), or https://c.example.com/d?e=f."
    assert [text[start:end] for start, end in plain_links(text)] == [
        "https://a.example.com/b",
        "https://c.example.com/d?e=f",
    ]


@given(st.text(max_size=200))
def test_every_text_is_exactly_itself_however_it_is_spaced_and_composed(text: str) -> None:
    spaced = "  ".join(f" {text}\n".split(" "))
    for form in ("NFC", "NFD"):
        assert compare(wording(text), wording(unicodedata.normalize(form, spaced))) is Likeness.EXACT


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_the_same_from_both_sides_where_it_is_exact(one: str, two: str) -> None:
    first, second = compare(wording(one), wording(two)), compare(wording(two), wording(one))
    assert (first is Likeness.EXACT) == (second is Likeness.EXACT)


@given(st.text(max_size=120))
def test_no_link_however_broken_stops_the_comparing(text: str) -> None:
    once = canonical(f"https://{text}")
    assert isinstance(once, str)
    assert isinstance(canonical(text), str)
    compare(wording(text, (), [text]), wording("", (), ["https://[" + text]))
