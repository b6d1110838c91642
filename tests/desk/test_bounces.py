"""``pressrun bounces`` and ``POST /mail/SERVICE``: what came back, taken in by a pipe, a mailbox or a call."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from desk.web.app import web_app
from tests.channels.email.returned_mails import HOLIDAY, report
from tests.desk.newsdesk import Newsdesk
from tests.scheduler.house import MAIL, SETTINGS, house

POSTMARK = {"RecordType": "Bounce", "ID": 1, "Type": "HardBounce", "MessageID": "p", "Email": "r0@readers.example.org"}


def test_nothing_has_come_back_at_first(room: Newsdesk) -> None:
    assert "Nothing has come back." in room.tell("bounces").out


def test_a_mail_is_taken_from_a_file_or_a_pipe(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    file = room.folder / "returned.eml"
    file.write_bytes(report(reader="nobody@example.org"))
    told = room.tell("bounces", "take", str(file))
    assert (told.code, "nobody here has this address" in told.out) == (0, True)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(HOLIDAY)))
    told = room.tell("bounces", "take", "--json")
    assert json.loads(told.out)["taken"] == [
        {"what": "auto-reply", "reader": 0, "followed": "noted nowhere: it is no bounce"}
    ]
    assert room.tell("bounces", "take", "nowhere.eml").code == 2


def test_fetching_without_a_mailbox_says_what_to_set(room: Newsdesk) -> None:
    told = room.tell("bounces", "fetch")
    assert told.code == 2
    assert "maildir" in told.err


def test_a_service_that_calls_is_checked_and_believed_once(tmp_path: Path) -> None:
    secret = tmp_path / "bounces.env"
    secret.write_text("POSTMARK_SECRET=s3cret\n")
    secret.chmod(0o600)
    with house(tmp_path, f'{SETTINGS}{MAIL}\n[bounces]\nsecret_file = "{secret}"\n') as h:
        h.readers(1)
        client = TestClient(web_app(h.app), base_url="http://127.0.0.1")
        assert client.post("/mail/postmark?key=wrong", json=POSTMARK).status_code == 403
        assert client.post("/mail/mailgun", json={}).status_code == 404
        assert client.post("/mail/postmark?key=s3cret", content=b"{").status_code == 422
        for _ in range(2):
            answer = client.post("/mail/postmark?key=s3cret", json=POSTMARK)
            assert (answer.status_code, answer.json()) == (200, {"taken": 1})
        with h.app.ground.reading() as tx:
            assert tx.exec_driver_sql("select count(*) from bounces").scalar() == 1
            assert tx.exec_driver_sql("select cause from suppressions").scalar() == "hard bounce"
        assert client.post("/mail/postmark?key=s3cret", content=b"x" * 3_000_000).status_code == 413
        assert "s3cret" not in answer.text
