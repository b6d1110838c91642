"""The sign-off sheet: which stories are drawn, what a person sees of them, and that it says when it has none."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench import sign_off


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"n{number}",
        "url": f"https://news.example.org/{number}",
        "title": f"Ferry number {number} to run <b>until</b> midnight",
        "byline": "Ada Example",
        "body": f"The ferry will run until midnight from {number % 27 + 1} May, the council of Port Selwyn decided on Tuesday.\n"
        "The service will cost 340,000 pounds a year & adds six late sailings.\nFollow us on Facebook",
        "teaser": "Its publisher's own words.",
        "kind": "written",
        "language": "en",
        "publisher": f"Paper {number // 3}",
        "core": True,
        "news": True,
    } | changes


def test_the_same_core_news_stories_are_drawn_every_time_and_two_a_publisher_at_most() -> None:
    rows = [row(n) for n in range(30)] + [row(90, core=False), row(91, news=False), row(92, language="de")]
    chosen = sign_off.drawn(rows, ["en"])
    assert chosen == sign_off.drawn(reversed(rows), ["en"])
    publishers = [one["publisher"] for one in chosen]
    assert len(chosen) == 20
    assert max(publishers.count(name) for name in publishers) <= 2
    everything = sign_off.drawn(rows, ["en", "de"])
    assert {"n90", "n91"}.isdisjoint(one["id"] for one in everything)
    assert "n92" in {one["id"] for one in everything}


def test_what_waits_for_a_person_is_listed_apart_and_another_story_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, sheet = tmp_path / "rows.jsonl", tmp_path / "sheet.html"
    rows = [row(n) for n in range(3)] + [
        row(n, title=f"Transcript: interview {n} with the mayor") for n in range(10, 40)
    ]
    file.write_text("\n".join(json.dumps(one) for one in rows), encoding="utf-8")
    assert sign_off.main([str(file), "--to", str(sheet), "--count", "9"]) == 0
    page = sheet.read_text(encoding="utf-8")
    assert page.count('<article class="story"') == 2
    assert "Transcript" not in page.split("</main>")[0]
    assert page.split("</main>")[1].count("It waits for a person") == 21  # two of each publisher
    assert "2 stories, 21 more that wait for a person." in capsys.readouterr().out


def test_the_sheet_shows_the_three_teasers_the_marks_and_what_was_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, sheet = tmp_path / "rows.jsonl.gz", tmp_path / "build" / "sheet.html"
    file.write_bytes(gzip.compress("\n".join(json.dumps(row(n)) for n in range(6)).encode()))
    assert sign_off.main([str(file), "--to", str(sheet), "--count", "3"]) == 0
    assert capsys.readouterr().out.startswith(f"{sheet}: 3 stories, 0 more that wait for a person. Open it")
    page = sheet.read_text(encoding="utf-8")
    assert page.count('<article class="story"') == 3
    assert page.count("<h3>X ") == page.count("<h3>Facebook</h3>") == page.count("<h3>E-mail</h3>") == 3
    assert page.count('type="radio"') == 9
    assert page.count("<small>news.example.org</small><b>Ferry number") == 3  # the link's card, as Facebook shows it
    assert "<mark>The ferry will run until midnight" in page
    assert "Follow us on Facebook</li>" in page
    assert "<b>until" not in page
    assert "pounds a year &amp; adds" in page
    assert "own words" not in page  # whoever marks judges our words, not the publisher's


def test_without_stories_it_says_so_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "sheet.html"
    assert sign_off.main([str(tmp_path / "none.jsonl"), "--to", str(sheet)]) == 1
    assert "No articles at" in capsys.readouterr().out
    (tmp_path / "german.jsonl").write_text(json.dumps(row(1, language="de")), encoding="utf-8")
    assert sign_off.main([str(tmp_path / "german.jsonl"), "--to", str(sheet)]) == 1
    assert "holds no core news story in en" in capsys.readouterr().out
    assert not sheet.exists()
