"""X before anything is sent: what is composed, counted, billed, and what an editor must fix."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from db.records import Image, Money, Part, Post
from tests.channels.drawn import picture, png
from tests.channels.x_ground import LINK, WORDS, alone, codes, teaser


def test_the_words_are_sent_as_they_stand() -> None:
    post = alone().compose(teaser(link=LINK))
    assert post.parts == (Part(text=WORDS, link=LINK),)


def test_a_line_of_three_dashes_makes_a_thread_and_the_writer_s_numbers_stay(tmp_path: Path) -> None:
    image = picture(tmp_path)
    text = f"1/3 First\n---\n2/3 Second - with --- inside\n  ---  \n3/3 Third {LINK}"
    parts = alone().compose(teaser(text, link=LINK, image=image)).parts
    assert [part.text for part in parts] == ["1/3 First", "2/3 Second - with --- inside", f"3/3 Third {LINK}"]
    assert [part.link for part in parts] == [None, None, LINK]
    assert [part.images for part in parts] == [(image,), (), ()]


def test_breaks_at_the_ends_make_no_empty_part() -> None:
    assert [part.text for part in alone().compose(teaser("---\nOne\n---\n\n---\nTwo\n---")).parts] == ["One", "Two"]


def test_letters_are_composed_as_x_counts_them() -> None:
    assert alone().compose(teaser("Cafe\u0301")).parts[0].text == "Café"


def test_a_picture_that_is_only_an_address_is_left_to_the_card() -> None:
    assert alone().compose(teaser(image=Image(url="https://news.example.com/a.jpg"))).parts[0].images == ()


def test_length_is_x_s_own_count() -> None:
    channel = alone()
    assert channel.measure("…") == 2
    assert codes(channel, Part(text="a" * 256 + " " + LINK)) == []
    assert codes(channel, Part(text="a" * 257 + " " + LINK)) == ["too long"]
    assert codes(alone(premium=True), Part(text="a" * 25_000)) == []
    assert codes(alone(premium=True), Part(text="a" * 25_001)) == ["too long"]


def test_a_problem_says_what_where_and_what_to_do() -> None:
    post = Post("x-main", "x", (Part(text="One"), Part(text="b" * 300)))
    (problem,) = alone().validate(post)
    assert problem.message == "Part 2 of the thread counts 300 on X, 280 are allowed. Shorten it by 20."


def test_empty_doubled_and_cash_are_problems() -> None:
    channel = alone()
    assert codes(channel, Part(text=" \n")) == ["empty"]
    assert codes(channel, Part(text="Same"), Part(text="Same")) == ["twice"]
    assert codes(channel, Part(text="Markets: $AAPL and $MSFT")) == ["cashtags"]
    assert codes(channel, Part(text="Markets: $AAPL, again $AAPL")) == []


def test_pictures_that_x_does_not_take_are_problems(tmp_path: Path) -> None:
    channel = alone()
    good = picture(tmp_path)
    assert codes(channel, Part(text="a", images=(good,) * 4)) == []
    assert codes(channel, Part(text="a", images=(good,) * 5)) == ["too many pictures"]
    large = picture(tmp_path, "large.png", png() + b"\0" * 5_000_000)
    assert codes(channel, Part(text="a", images=(large,))) == ["picture too large"]
    odd = picture(tmp_path, "odd.png", b"<svg></svg>")
    assert codes(channel, Part(text="a", images=(odd,))) == ["picture type"]
    assert codes(channel, Part(text="a", images=(dataclasses.replace(good, alt="a" * 1001),))) == ["alt text too long"]
    assert codes(channel, Part(text="a", images=(Image(path=str(tmp_path / "gone.png"), alt="a"),))) == ["no picture"]


def test_a_picture_without_alt_text_is_told_and_may_go(tmp_path: Path) -> None:
    post = Post("x-main", "x", (Part(text="a", images=(picture(tmp_path, alt=""),)),))
    assert [(problem.code, problem.stops) for problem in alone().validate(post)] == [("no alt text", False)]


@pytest.mark.parametrize(
    ("text", "price"),
    [("No link", 15_000), (WORDS, 200_000), ("Shares of Amazon.com rise", 200_000), ("Version 2.1 of a.b.c", 15_000)],
)
def test_the_price_is_that_of_a_link_as_soon_as_x_will_link_anything(text: str, price: int) -> None:
    channel = alone()
    assert channel.price(channel.compose(teaser(text))) == Money(price)


def test_each_part_and_each_alt_text_is_billed_and_prices_are_settings(tmp_path: Path) -> None:
    channel = alone()
    post = channel.compose(teaser(f"One\n---\nTwo {LINK}", image=picture(tmp_path)))
    assert channel.price(post) == Money(15_000 + 200_000 + 5_000)
    dearer = alone(post_price=Money(1), link_price=Money(20), alt_text_price=Money(300))
    assert dearer.price(post) == Money(321)


def test_no_secret_stands_in_a_repr() -> None:
    channel = alone()
    for secret in ("k" * 8, "s" * 8, "t" * 8, "z" * 8):
        assert secret not in repr(channel) + repr(channel.config)
