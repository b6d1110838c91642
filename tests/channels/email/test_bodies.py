"""Bodies with slots: any text, any values, decoded to exactly what was meant."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.bodies import SLOTS, Body, UnknownSlot, compile_body

PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0%"), max_size=120)
LATIN = st.text(st.sampled_from("abc .=\n'From é"), max_size=300)
VALUES = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="%"), max_size=90)


def decoded(body: Body, content: bytes) -> bytes:
    if body.encoding == "base64":
        return base64.b64decode(content.replace(b"\r\n", b""), validate=True)
    if body.encoding == "quoted-printable":
        return quopri.decodestring(content)
    assert body.encoding == "7bit"
    return content


def meant(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return (lines if lines.endswith("\n") else lines + "\n").replace("\n", "\r\n").encode()


@st.composite
def filled_texts(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    pieces = draw(st.lists(st.one_of(PLAIN, LATIN, st.sampled_from([f"%%{slot}%%" for slot in SLOTS])), max_size=12))
    return "".join(pieces), {slot: draw(VALUES) for slot in SLOTS}


@given(filled_texts())
def test_any_text_with_any_values_arrives_as_meant(case: tuple[str, dict[str, str]]) -> None:
    text, values = case
    values["UNSUBSCRIBE"] = "https://example.org/u/" + "x" * len(values["UNSUBSCRIBE"])
    body = compile_body(text)
    content = body.fill({slot: value.encode() for slot, value in values.items()})
    for slot, value in values.items():
        text = text.replace(f"%%{slot}%%", value)
    assert decoded(body, content) == meant(text)
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    longest = 998 if body.encoding == "7bit" else 76
    assert all(len(line) <= longest for line in content.split(b"\r\n"))
    assert not content.startswith(b"From ")
    assert b"\r\nFrom " not in content


def test_the_encoding_is_chosen_by_the_text() -> None:
    assert compile_body("Plain English, short lines.\n").encoding == "7bit"
    assert compile_body("Le conseil a voté à Orléans hier soir.\n" * 9).encoding == "quoted-printable"
    assert compile_body("Совет сохранил ночной автобус ещё на год.\n" * 9).encoding == "base64"
    assert compile_body("議会は夜行バスを維持する。\n" * 9).encoding == "base64"
    assert compile_body("long " * 300).encoding == "quoted-printable"


def test_a_cyrillic_page_stays_within_1_4_times_its_size() -> None:
    text = "Совет сохранил ночной автобус ещё на год.\n" * 200
    assert len(compile_body(text).fill({})) < 1.4 * len(text.encode())


def test_a_slot_that_nobody_can_fill_is_named() -> None:
    with pytest.raises(UnknownSlot, match="%%FIRSTNAME%% is not a slot"):
        compile_body("Dear %%FIRSTNAME%%")
