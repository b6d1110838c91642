"""One word of settings.toml is changed, and nothing else."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from db.records import Mode
from scheduler.settings_edit import CannotWrite, replace_text, with_mode

TEXT = """\
# The newsroom.
[channels.x-main]
kind = "x"              # the kind
slots = "immediately"

#publish = "auto"

# ── Facebook ──
[channels.fb-main]
kind = "facebook"
mode = "rehearsal"      # or "live"
"""


def test_a_mode_that_is_written_is_replaced_where_it_stands() -> None:
    assert with_mode(TEXT, "fb-main", Mode.LIVE) == TEXT.replace('mode = "rehearsal"', 'mode = "live"')


def test_a_mode_that_is_not_written_comes_behind_the_kind() -> None:
    told = with_mode(TEXT, "x-main", Mode.LIVE)
    assert told == TEXT.replace("# the kind\n", '# the kind\nmode = "live"\n')


@pytest.mark.parametrize("text", ['channels = { a = { kind = "x" } }\n', '[channels]\na.kind = "x"\n'])
def test_other_ways_of_writing_a_table_are_understood(text: str) -> None:
    assert tomllib.loads(with_mode(text, "a", Mode.LIVE))["channels"]["a"]["mode"] == "live"


def test_a_file_keeps_its_line_ends_its_mark_and_its_rights(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    replace_text(file, TEXT, with_mode(TEXT, "fb-main", Mode.LIVE))
    assert file.read_bytes() == b"\xef\xbb\xbf" + TEXT.replace('"rehearsal"', '"live"').replace("\n", "\r\n").encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["settings.toml"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    file = tmp_path / "real.toml"
    file.write_text(TEXT, encoding="utf-8")
    link = tmp_path / "settings.toml"
    link.symlink_to(file)
    replace_text(link, TEXT, TEXT + "# more\n")
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8").endswith("# more\n")


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("other = 1\n", encoding="utf-8")
    with pytest.raises(CannotWrite, match="changed by somebody else"):
        replace_text(file, TEXT, TEXT)
    assert file.read_text(encoding="utf-8") == "other = 1\n"
