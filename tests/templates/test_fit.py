"""Whatever the limit, nothing is cut where a reader would stumble."""

from __future__ import annotations

import time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from channels.x_length import weighted_length
from templates.fit import break_points, shorten, shorten_headline
from templates.quotations import brackets_closed, quotations_closed

LONG = (
    "Northwick will spend £2.4 million on its bridge (built in 1880) near https://news.example.org/bridge/plans for @northwick and "
    "#IronBridge, where Ada Marie Lind counted 1,200 km of cable, 15 percent of it rusted."
)


def test_what_fits_is_left_alone() -> None:
    assert shorten("Short enough.", 280, weighted_length, "en") == "Short enough."


def test_sentences_fall_before_words_do() -> None:
    assert shorten("The bridge will close. Buses go round by Hatherley.", 30, len, "en") == "The bridge will close."


@pytest.mark.parametrize("limit", range(4, 200, 3))
def test_no_cut_inside_an_address_tag_mention_number_name_or_bracket(limit: int) -> None:
    cut = shorten(LONG, limit, len, "en")
    assert len(cut) <= limit
    kept = cut.rstrip("….")
    for whole in (
        "https://news.example.org/bridge/plans",
        "@northwick",
        "#IronBridge",
        "Ada Marie Lind",
        "1,200 km",
        "15 percent",
        "£2.4 million",
        "(built in 1880)",
    ):
        for size in range(1, len(whole)):
            assert not kept.endswith(" " + whole[:size]) or kept.endswith(whole) or whole[size - 1] == " ", (
                kept,
                whole,
            )
    assert brackets_closed(cut)


def test_spaced_text_is_cut_at_spaces_only() -> None:
    assert break_points(LONG)
    assert all(LONG[point].isspace() for point in break_points(LONG))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "ja",
            "汐見市は離島を巡回する図書館船の運航を2027年4月から週3日に増やすと発表した、とウィークリー・ニュースが伝え、市民も歓迎している",
        ),
        ("zh", "市政府宣布从六月四日起关闭铁桥十一周以便工程师更换两百一十二个生锈的螺栓并重新粉刷桥身"),
        ("ko", "노스윅시는 6월 4일부터 11주 동안 철교를 닫고 녹슨 볼트 212개를 교체한다고 밝혔으며 버스는 우회한다"),
        ("th", "เทศบาลประกาศปิดสะพานเหล็กเป็นเวลาสิบเอ็ดสัปดาห์ตั้งแต่วันที่สี่มิถุนายนเพื่อเปลี่ยนน็อตที่เป็นสนิม"),
        (
            "ar",
            "أعلنت بلدية وادي النخيل إغلاق الجسر الحديدي أحد عشر أسبوعا ابتداء من الرابع من يونيو لاستبدال البراغي الصدئة",
        ),
        ("he", "עיריית הגבעה תסגור את גשר הברזל לאחד עשר שבועות החל מארבעה ביוני כדי להחליף ברגים חלודים"),
        ("hi", "नगर परिषद चार जून से ग्यारह सप्ताह के लिए लोहे का पुल बंद करेगी ताकि जंग लगे पेंच बदले जा सकें"),
        (
            "en",
            "👩‍👩‍👧‍👦 family day 🏴󠁧󠁢󠁳󠁣󠁴󠁿 at the bridge 👍🏽 with music 🎻 and cake 🎂 until the sun goes down 🌇 over Northwick",
        ),
    ],
)
def test_every_script_is_cut_between_graphemes(language: str, text: str) -> None:
    graphemes = set(regex.findall(r"\X", text))
    for limit in range(10, weighted_length(text), 5):
        cut = shorten(text, limit, weighted_length, language)
        assert weighted_length(cut) <= limit
        if cut:
            assert set(regex.findall(r"\X", cut.removesuffix("…"))) <= graphemes
            assert text.startswith(cut.removesuffix("…"))
    assert shorten(text, weighted_length(text) * 2 // 3, weighted_length, language)


def test_japanese_never_begins_a_line_with_a_full_stop_and_keeps_numbers_whole() -> None:
    text = "運航を2027年4月から週3日に増やす「しおかぜ」計画。"
    for point in break_points(text):
        assert not text[point:].startswith(("。", "」", "ー"))
        assert not (text[point - 1].isdigit() and text[point : point + 1].isdigit())


@given(st.text(max_size=400), st.integers(0, 120), st.sampled_from(["en", "de", "ja", "ar", ""]))
def test_any_text_fits_or_says_nothing(text: str, limit: int, language: str) -> None:
    assert weighted_length(shorten(text, limit, weighted_length, language)) <= limit


@given(st.text(alphabet='ab “”"(), .', max_size=200), st.integers(5, 120))
def test_no_cut_opens_a_quotation_or_a_bracket(text: str, limit: int) -> None:
    if quotations_closed(text.strip()) and brackets_closed(text.strip()):
        assert brackets_closed(shorten(text, limit, len, "en"))


@pytest.mark.parametrize(
    "hostile",
    ["a" * 200_000, "a." * 100_000, "(" * 100_000, "“" * 100_000, "👩‍" * 60_000, "A " * 100_000, "1" * 100_000],
)
@pytest.mark.usefixtures("no_garbage_collected")
def test_hostile_text_takes_no_longer_than_two_seconds(hostile: str) -> None:
    shorten("warm up the parser, please.", 10, weighted_length, "en")
    started = time.thread_time()
    shorten(hostile, 100, weighted_length, "en")
    assert time.thread_time() - started < 2.0


def test_a_headline_is_cut_at_its_colon_or_comma_where_enough_is_left() -> None:
    assert (
        shorten_headline("Ferry to run until midnight from May, council decides", 45, "en")
        == "Ferry to run until midnight from May"
    )
    assert shorten_headline("Short", 45, "en") == "Short"
    feat = shorten_headline("The bridge of Northwick is a brilliant, heartbreaking feat", 50, "en")
    assert feat == "The bridge of Northwick is a brilliant…"
    assert (
        len(shorten_headline("Why the flood gauges of Aldermere failed on the worst night in forty years", 60, "en"))
        <= 60
    )
