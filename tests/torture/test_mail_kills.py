"""An issue under SIGKILL into a server that lies: every reader at most once, and the numbers add up at every moment."""

from __future__ import annotations

from pathlib import Path

from tests.torture.mail_kills import MailCell, run_mail_cell


def test_whatever_dies_and_whatever_the_server_does_every_reader_gets_it_at_most_once(tmp_path: Path) -> None:
    cell = MailCell("short", "sqlite:///pressrun.db", readers=600, connections=8, kills=4, between=(150, 900))
    tally = run_mail_cell(cell, tmp_path)
    assert tally.wrong == []
    assert (tally.doubles, tally.lost) == (0, 0)
    assert tally.kills >= 3
    assert tally.faults > 10
    assert tally.published > 400
