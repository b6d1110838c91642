"""docs/notices.md says what is so: the recipe for the signature works, the fields and spans are the code's."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from channels.notice_wire import signature
from db.notices import Notice
from db.records import Mode
from scheduler import easing, forewarning, notifying, still_up
from scheduler.desk_messages import json_of, raised

PAGE = (Path(__file__).parents[2] / "docs" / "notices.md").read_text(encoding="utf-8")
AT = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)


def test_the_fields_shown_are_the_fields_sent() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    notice = Notice(17, "unauthorized live x-main", "x-main is stopped", "pressrun channels check x-main", AT)
    sent = json.loads(json_of(raised(notice), "The Harbour Post", Mode.LIVE))
    assert list(json.loads(shown)) == list(sent)
    for field in ("key", "kind", "newsroom", "mode", "cause", "remedy", "since_at"):
        assert json.loads(shown)[field] == sent[field]


def test_the_recipe_for_the_signature_accepts_ours_and_refuses_others(monkeypatch: pytest.MonkeyPatch) -> None:
    (recipe,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(recipe, names)
    check, now = names["is_from_pressrun"], AT.timestamp()
    names["time"] = SimpleNamespace(time=lambda: now)
    header = signature("key", AT, b"{}")
    assert check(header, b"{}", "key")
    assert not check(header, b"{ }", "key")
    assert not check(header, b"{}", "other")
    names["time"] = SimpleNamespace(time=lambda: now + 301)
    assert not check(header, b"{}", "key")


def test_the_numbers_on_the_page_are_the_codes() -> None:
    assert f"after {notifying.EVENING:%H:%M}" in PAGE
    assert f"after {still_up.NIGHT:%H:%M}" in PAGE
    assert f"last {still_up.BACK.total_seconds() / 3600:.0f} hours" in PAGE
    assert f"at most {still_up.MOST} a channel" in PAGE
    assert forewarning.WARNING.total_seconds() == 3600
    assert forewarning.SHARE == 4
    told = re.search(r"From 80 % on, .* at least (\d+) minutes apart, from\s+90 % on (\d+) minutes", PAGE)
    assert told is not None
    spans = {percent: span.total_seconds() / 60 for percent, span in easing.STEPS}
    assert spans == {80.0: float(told[1]), 90.0: float(told[2])}
