"""Stories as JSON lines in, teasers as JSON lines out: one answer a line, whatever the line is."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.x_length import weighted_length
from scheduler.intake.decoding import MAX_BYTES
from scheduler.teaser_lines import Wishes, answer, encoded, lines_of

NOW = datetime(2026, 9, 21, 12, tzinfo=UTC)
STORY = {
    "id": "ferry-1",
    "title": "Ferry to run until midnight from May",
    "byline": "By Ada Example and Jo Muster",
    "body": "PORT SELWYN (Herald) - The ferry will run until midnight from 2 May, the council of Port Selwyn decided on "
    "Tuesday by 19 votes to 12.\nThe service will cost 340,000 pounds a year and adds six late sailings on every "
    "weekday of the summer.\nFollow us on Facebook and X",
    "url": "https://news.example.org/ferry",
    "language": "en",
}
KEYS = ["id", "summary", "x", "x_count", "facebook", "email_subject", "email_preheader", "removed"]


def ask(data: Any, number: int = 1, wishes: Wishes | None = None) -> dict[str, Any]:
    line = data if isinstance(data, bytes) else json.dumps(data).encode()
    found = answer(line, number, now=NOW, wishes=wishes)
    assert found is not None
    return found


def test_a_story_is_answered_with_its_teasers_and_what_was_left_out() -> None:
    found = ask(STORY)
    assert list(found) == KEYS
    assert found["id"] == "ferry-1"
    assert found["summary"].startswith("The ferry will run until midnight from 2 May")
    assert len(found["summary"]) <= 200
    assert found["x"].endswith("https://news.example.org/ferry")
    assert found["x_count"] == weighted_length(found["x"]) <= 280
    assert found["email_subject"] == STORY["title"]
    assert 0 < len(found["email_preheader"]) <= 100
    assert "Follow us on Facebook and X" in [one["text"] for one in found["removed"]]
    for text in (found["summary"], found["x"], found["facebook"], found["email_preheader"]):
        assert "Example" not in text
        assert "Follow us" not in text


def test_a_label_is_carried_by_every_teaser() -> None:
    found = ask({**STORY, "label": "analysis"})
    assert all(found[name].startswith("Analysis: ") for name in ("x", "facebook", "email_subject"))


def test_what_is_not_known_may_be_left_out_or_null() -> None:
    found = ask({"id": 7, "title": STORY["title"], "body": STORY["body"], "url": None, "dek": "", "kind": ["other"]})
    assert (found["id"], "http" in found["x"]) == (7, False)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"not json", "The line is not JSON"),
        (b"[1, 2]", "The line is no JSON object"),
        (b"\xff\xfe{", "The line is not UTF-8"),
        (b"[" * 200_000, "The line is not JSON"),
        (b'{"id": 1, "n": ' + b"9" * 10_000 + b"}", "The line is not JSON"),
        (b'{"title": "T", "body": "B"}', 'It has no "id"'),
        (b'{"id": true, "title": "T", "body": "B"}', 'It has no "id"'),
        (b'{"id": 1.5, "title": "T", "body": "B"}', 'It has no "id"'),
        (b'{"id": 1, "body": "B"}', 'It has no "title"'),
        (b'{"id": 1, "title": "T"}', 'It has no "body"'),
        (b'{"id": 1, "title": "T", "body": ["B"]}', 'Its "body" is no text'),
        (b'{"id": 1, "title": "T", "body": "B", "dek": 3}', 'Its "dek" is no text'),
        (b'{"id": 1, "title": "?!", "body": "B"}', "It has no headline"),
        (b'{"id": 1, "title": "T", "body": "B", "label": "satire"}', 'Its "label" is not known: write news, analysis'),
        (b'{"id": 1, "title": "T", "body": "B", "url": "javascript:x"}', 'Its "url" is no web address'),
    ],
)
def test_a_bad_line_is_answered_with_its_number_and_a_sentence(line: bytes, says: str) -> None:
    found = ask(line, 12)
    assert list(found) == ["id", "line", "error"]
    assert (found["line"], found["id"]) == (12, 1 if b'"id": 1, "' in line and b"999" not in line else None)
    assert found["error"].startswith(says)
    assert found["error"].endswith((".", "it out."))


def test_a_template_that_cannot_be_filled_is_an_answer_too(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "default.j2").write_text("{{ summry }}", encoding="utf-8")
    found = ask(STORY, wishes=Wishes(folders=(tmp_path,)))
    assert found["id"] == "ferry-1"
    assert "default.j2, line 1: 'summry' is undefined" in found["error"]


def test_the_newsrooms_wishes_count() -> None:
    body = "\n".join([STORY["body"], *["We saw Port Selwyn again and again this summer."] * 3])
    tagged = {**STORY, "title": "Why Port Selwyn wants its ferry", "body": body}
    assert "#" not in ask(tagged, wishes=Wishes(max_hashtags=0))["x"]
    assert "#PortSelwyn" in ask(tagged, wishes=Wishes(max_hashtags=1))["x"]
    assert "#PortSelwyn" not in ask(tagged, wishes=Wishes(max_hashtags=1, stop_list=frozenset({"PortSelwyn"})))["x"]


def test_empty_lines_have_no_answer_and_half_a_character_does_not_break_the_line() -> None:
    assert answer(b" \r\n", 1, now=NOW) is None
    found = ask(b'{"id": "\\ud800", "title": "T\\ud800 goes", "body": "B \\udfff."}')
    assert json.loads(encoded(found))["id"] == "\ud800"
    assert encoded(ask(STORY)).count(b"\n") == 1


def test_an_endless_line_is_passed_over_and_the_next_one_is_read() -> None:
    stream = io.BytesIO(b"a\n" + b"x" * (2 * MAX_BYTES) + b"\nb\n" + b"y" * (MAX_BYTES + 5))
    assert list(lines_of(stream)) == [b"a\n", None, b"b\n", None]
    found = answer(None, 2, now=NOW)
    assert found is not None
    assert found["error"].startswith("The line is longer than 8 MB")


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from([*STORY, "dek", "label", "x"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=400)
        | st.lists(st.text(), max_size=2),
    )
)
def test_whatever_stands_in_a_line_it_has_one_answer_in_one_line(data: dict[str, Any]) -> None:
    found = encoded(ask({"id": 1, "title": "A title", "body": "Words.", **data}))
    assert found.count(b"\n") == 1
    form = json.loads(found)
    assert list(form) in (KEYS, ["id", "line", "error"])
    assert "fault of its own" not in form.get("error", "")
