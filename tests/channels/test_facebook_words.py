"""Facebook before anything is sent: what is composed, counted, and what an editor must fix."""

from __future__ import annotations

from pathlib import Path

from db.records import Image, Money, Part
from tests.channels.drawn import picture, png
from tests.channels.facebook_ground import (
    LINK,
    WORDS,
    alone,
    codes,
    link_part,
    teaser,
)


def test_a_link_goes_beside_the_words_and_no_photo_with_it() -> None:
    assert alone().compose(teaser(link=LINK)).parts == (link_part(),)
    only_address = Image(url="https://news.example.com/a.jpg")
    assert alone().compose(teaser(link=LINK, image=only_address)).parts == (link_part(),)


def test_a_photo_post_carries_the_link_at_the_end_of_the_words_once(tmp_path: Path) -> None:
    image = picture(tmp_path)
    wanted = (Part(text=f"{WORDS}\n\n{LINK}", images=(image,)),)
    assert alone().compose(teaser(link=LINK, image=image)).parts == wanted
    assert alone().compose(teaser(f"{WORDS}\n\n{LINK}", link=LINK, image=image)).parts == wanted


def test_length_is_counted_in_characters() -> None:
    assert alone().measure("Cafe\u0301 …") == 6
    assert codes(Part(text="a" * 63_206)) == []
    assert codes(Part(text="a" * 63_207)) == ["too long"]


def test_what_facebook_would_refuse_is_a_problem(tmp_path: Path) -> None:
    good = picture(tmp_path)
    assert codes(Part(text=" ")) == ["empty"]
    assert codes(Part(text="a"), Part(text="b")) == ["parts"]
    assert codes(Part(text="a", link="news.example.com")) == ["link"]
    assert codes(Part(text="a", link="https://[bad")) == ["link"]
    assert codes(Part(text="a", link="https://www.facebook.com/42")) == ["link"]
    assert codes(Part(text="a", images=(good,) * 10)) == []
    assert codes(Part(text="a", images=(good,) * 11)) == ["too many pictures"]
    webp = picture(tmp_path, "a.webp", b"RIFF\0\0\0\0WEBPVP8 ")
    assert codes(Part(text="a", images=(webp,))) == ["picture type"]
    large = picture(tmp_path, "large.png", png() + b"\0" * 4_000_000)
    assert codes(Part(text="a", images=(large,))) == ["picture too large"]


def test_facebook_bills_nothing() -> None:
    assert alone().price(alone().compose(teaser(link=LINK))) == Money(0)


def test_no_secret_stands_in_a_repr() -> None:
    channel = alone(app_secret="secretsecret")
    told = repr(channel) + repr(channel.config)
    assert "EAATOKEN" not in told
    assert "secretsecret" not in told
