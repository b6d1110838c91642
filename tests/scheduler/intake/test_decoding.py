"""Bytes become text whatever the label says."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.intake.cleaning import clean_line, clean_text
from scheduler.intake.decoding import MAX_BYTES, decode
from scheduler.intake.errors import IntakeError
from tests.scheduler.intake.stories import CHINESE, GERMAN, JAPANESE, NEWSPAPER_FORM

WRITTEN = [
    *((NEWSPAPER_FORM, encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252")),
    *((GERMAN, encoding) for encoding in ("utf-8", "cp1252", "utf-16", "utf-16-be")),
    *(
        (JAPANESE, encoding)
        for encoding in ("utf-8", "shift_jis", "euc_jp", "iso2022_jp", "utf-16", "utf-16-le", "utf-16-be")
    ),
    *((CHINESE, encoding) for encoding in ("utf-8", "gb18030", "gbk", "utf-16-le")),
]


@pytest.mark.parametrize(("text", "encoding"), WRITTEN, ids=lambda value: value if len(value) < 12 else "")
@pytest.mark.parametrize("label", ["", "utf-8", "iso-8859-1", "nonsense"])
def test_a_story_in_any_usual_encoding_is_read_right_whatever_the_label_says(
    text: str, encoding: str, label: str
) -> None:
    assert decode(text.encode(encoding), label) == text


@pytest.mark.parametrize("encoding", ["shift_jis", "euc_jp", "gb18030", "cp1252"])
def test_a_headline_alone_is_enough_to_tell(encoding: str) -> None:
    headline = {"gb18030": CHINESE, "cp1252": GERMAN}.get(encoding, JAPANESE).split("\n", 1)[0]
    assert decode(headline.encode(encoding)) == headline


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Президент заявил в понедельник, что закон вступит в силу.", "windows-1251"),
        ("Президент заявил в понедельник, что закон вступит в силу.", "koi8-r"),
        ("總統府今天表示，將在下週公布新的政策。", "big5"),
        ("정부는 화요일 새로운 경제 정책을 발표했다.", "euc-kr"),
        ("Žluťoučký kůň skákal přes zeď u řeky.", "iso-8859-2"),
    ],
)
def test_a_right_label_is_believed_for_encodings_that_cannot_be_guessed(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), encoding) == text


def test_single_windows_bytes_inside_utf8_are_mended() -> None:
    data = (
        "Größere Städte äußern Zweifel, Bürger hören zu, Räte zögern – später können sie müde für Öl üben. ".encode()
        * 3
    )
    assert decode(data + b"\x93Ja\x94").endswith("“Ja”")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"\0" * 400, "empty"),
        (b"%PDF-1.7\n...", "a PDF"),
        (b"\x89PNG\r\n\x1a\n....", "PNG picture"),
        (b"PK\x03\x04....", "ZIP or Office"),
        (bytes(range(256)) * 20, "not text"),
        (b"a" * (MAX_BYTES + 1), "MB"),
    ],
)
def test_what_is_no_text_is_refused_with_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(IntakeError, match=says):
        decode(data)


@given(st.binary(max_size=600), st.sampled_from(["", "utf-8", "shift_jis", "utf-7", "idna", "hex", "rot13", "big5"]))
def test_any_bytes_are_text_or_a_sentence(data: bytes, label: str) -> None:
    try:
        said = decode(data, label)
    except IntakeError as refusal:
        said = str(refusal)
    assert isinstance(said, str)


HIDDEN = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2060\ufeff\u00ad\u061c\u3164\u115f\x00\x08\x1b\x7f\x9f"


def test_no_invisible_or_direction_override_character_passes() -> None:
    assert clean_line("A" + HIDDEN + "B" + HIDDEN) == "AB"


@given(st.text(max_size=300))
def test_cleaned_text_is_nfc_and_cleaning_it_again_changes_nothing(text: str) -> None:
    cleaned = clean_text(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean_text(cleaned) == cleaned
    assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Co"} for letter in cleaned if letter != "\n")
    assert not any(letter in cleaned for letter in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\ufeff")


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧‍👦 family, 🏴󠁧󠁢󠁳󠁣󠁴󠁿 flag, ❤️‍🔥, 👍🏽, 1️⃣, ✈️",
        "می‌خواهم",  # Persian spells with a non-joiner
        "क्‍ष",  # an Indic half form
        "葛󠄀城市",  # a Japanese name with its own form of a letter
    ],
)
def test_joiners_that_belong_to_letters_and_emoji_stay(text: str) -> None:
    assert clean_line(text) == text


def test_joiners_that_hide_between_plain_letters_go() -> None:
    assert clean_line("pa\u200dy\u200cpal") == "paypal"


def test_a_mountain_of_marks_is_cleaned_in_linear_time_and_cut() -> None:
    assert len(clean_line("a" + "\u0301\u0323" * 200_000)) < 40
