"""Leaving a list as RFC 8058 wants it: one press, at once, for ever, and only by the reader's own link."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection
from starlette.testclient import TestClient

from channels.email.channel import TEST_SEED
from channels.email.links import make_token
from db import recipients, subscribers
from db.issue_counts import Counts
from db.records import Mode
from db.schema import create_or_check
from db.session import Ground, GroundLost, open_ground
from db.subscribers import ConsentEvent, ListCounts
from desk.web.app import readers_routes
from desk.web.public import PublicDoor
from scheduler.joining import Joining
from scheduler.public_lists import PublicList
from scheduler.subscribing import Statement, import_csv
from templates.public_pages import PublicPages
from tests.channels.email.scripted_server import ScriptedServer
from tests.channels.email.strict import raw_header
from tests.scheduler.crowd import START, Crowd

KEY, OLD = b"new link key", b"link"  # the crowd's mails were signed with what is now the old key
BODY = "List-Unsubscribe=One-Click"
URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("public") / "pressrun.db"
    ground = open_ground(f"sqlite:///{file}")
    create_or_check(ground)
    ground.close()
    return file


@pytest.fixture
def ground(template: Path, tmp_path: Path) -> Iterator[Ground]:
    shutil.copy(template, tmp_path / "pressrun.db")
    ground = open_ground(f"sqlite:///{tmp_path / 'pressrun.db'}")
    yield ground
    ground.close()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def crowd(ground: Ground, server: ScriptedServer) -> Crowd:
    crowd = Crowd(ground, server)
    crowd.subscribe("lea", "tom")
    return crowd


def browser(ground: Ground, *, language: str = "en") -> TestClient:
    app = FastAPI()
    daily = PublicList("daily", "daily", "The Daily", "mail", Mode.REHEARSAL, "Europe/Berlin", language)
    door = PublicDoor(
        ground,
        lambda: START,
        Joining((KEY, OLD), b"suppression"),
        {"daily": daily},
        "The Post",
        language,
        PublicPages(),
    )
    app.include_router(readers_routes(door))
    return TestClient(app, follow_redirects=False)


def link_of(ground: Ground, name: str, key: bytes = KEY) -> str:
    with ground.reading() as tx:
        (seed,) = (
            one.subscriber.token_seed
            for one in subscribers.candidates(tx, "daily")
            if one.subscriber.address.startswith(name)
        )
    return f"/u/{make_token(key, 'daily', seed)}"


def overview(ground: Ground) -> ListCounts:
    with ground.reading() as tx:
        (daily,) = subscribers.overview(tx)
    return daily


BOTH = ListCounts("daily", confirmed=2, unconfirmed=0, ended=0)
ONE_LEFT = ListCounts("daily", confirmed=1, unconfirmed=0, ended=1)


def test_from_the_mail_to_no_further_mail(crowd: Crowd, server: ScriptedServer, tmp_path: Path) -> None:
    issue, delivery = crowd.promise()
    crowd.freeze(issue, delivery)
    assert crowd.send(issue, delivery).counts == Counts(sent=2)
    (mail,) = [mail for mail in server.taken if mail.recipient.startswith("lea")]
    link = raw_header(mail.raw, "List-Unsubscribe").decode().strip("<>").removeprefix("https://news.example.org")
    answer = browser(crowd.ground).post(link, files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.status_code == 200
    assert overview(crowd.ground) == ONE_LEFT
    issue, delivery = crowd.promise(window="2026-09-22")
    crowd.freeze(issue, delivery)
    assert crowd.send(issue, delivery).counts == Counts(sent=1)
    assert server.taken_by("lea@example.org") == 1
    file = tmp_path / "again.csv"
    file.write_text("email\nLea@Example.org\n", encoding="utf-8")
    report = import_csv(
        crowd.ground,
        "daily",
        file,
        actor="ann",
        now=START,
        statement=Statement("fair", date(2026, 1, 1), "yes"),
        suppression_key=b"suppression",
        pause=lambda seconds: None,
    )
    assert (report.added, report.suppressed) == (0, 1)


@pytest.mark.parametrize("how", ["urlencoded", "multipart", "nothing"])
def test_a_post_leaves_at_once_in_whatever_form_and_is_no_redirect(crowd: Crowd, how: str) -> None:
    client, link = browser(crowd.ground), link_of(crowd.ground, "lea")
    if how == "multipart":
        answer = client.post(link, files={"List-Unsubscribe": (None, "One-Click")})
    elif how == "urlencoded":
        answer = client.post(link, content=BODY, headers=URLENCODED)
    else:
        answer = client.post(link)
    assert answer.status_code == 200
    assert "You get no further issue of The Daily" in answer.text
    assert "set-cookie" not in answer.headers
    assert overview(crowd.ground) == ONE_LEFT


def test_opening_the_link_changes_nothing(crowd: Crowd) -> None:
    client, link = browser(crowd.ground), link_of(crowd.ground, "lea")
    for _ in range(3):
        answer = client.get(link)
        assert client.head(link).status_code == 200
    assert answer.status_code == 200
    assert '<form method="post">' in answer.text
    assert "The Daily" in answer.text
    assert overview(crowd.ground) == BOTH


def test_pressing_again_changes_nothing(crowd: Crowd) -> None:
    client, link = browser(crowd.ground), link_of(crowd.ground, "lea")
    for _ in range(3):
        assert client.post(link, content=BODY, headers=URLENCODED).status_code == 200
    assert overview(crowd.ground) == ONE_LEFT
    with crowd.ground.reading() as tx:
        lea = subscribers.by_seed(tx, _seed(tx, "lea"))
        assert lea is not None
        events = [proof.event for proof in subscribers.consent_history(tx, lea.id)]
    assert events == [ConsentEvent.IMPORTED, ConsentEvent.ENDED]


def _seed(tx: Connection, name: str) -> str:
    row = tx.exec_driver_sql("select token_seed from subscribers where address like ?", (f"{name}%",)).one()
    return str(row.token_seed)


def test_a_link_of_an_older_key_goes_on_working(crowd: Crowd) -> None:
    assert browser(crowd.ground).post(link_of(crowd.ground, "lea", OLD)).status_code == 200
    assert overview(crowd.ground) == ONE_LEFT


@pytest.mark.parametrize("spoil", [lambda link: link[:-2], lambda link: link + "x", lambda link: "/u/" + "a" * 40])
def test_a_forged_or_damaged_link_does_nothing_and_says_so(crowd: Crowd, spoil: object) -> None:
    assert callable(spoil)
    link, client = str(spoil(link_of(crowd.ground, "lea"))), browser(crowd.ground)
    for answer in (client.get(link), client.post(link, content=BODY, headers=URLENCODED)):
        assert answer.status_code == 404
        assert "damaged or was not made here" in answer.text
    assert overview(crowd.ground) == BOTH


def test_a_link_of_somebody_elses_key_does_nothing(crowd: Crowd) -> None:
    assert browser(crowd.ground).post(link_of(crowd.ground, "lea", b"stranger")).status_code == 404
    assert overview(crowd.ground) == BOTH


def test_the_link_of_a_test_mail_and_of_an_erased_reader_is_answered_kindly(crowd: Crowd) -> None:
    client = browser(crowd.ground)
    assert client.post(f"/u/{make_token(KEY, 'daily', TEST_SEED)}").status_code == 200
    assert overview(crowd.ground) == BOTH


def test_a_database_that_is_away_asks_the_mail_program_to_come_back(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = link_of(crowd.ground, "lea")

    @contextmanager
    def away() -> Iterator[Connection]:
        raise GroundLost("away")
        yield

    monkeypatch.setattr(crowd.ground, "transaction", away)
    answer = browser(crowd.ground).post(link)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "300")
    assert "Try again in a few minutes" in answer.text


def test_the_page_is_private_to_the_reader_and_runs_nothing(crowd: Crowd) -> None:
    answer = browser(crowd.ground).get(link_of(crowd.ground, "lea"))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in answer.text


def test_the_page_speaks_the_newsrooms_language(crowd: Crowd) -> None:
    answer = browser(crowd.ground, language="ar").get(link_of(crowd.ground, "lea"))
    assert '<html lang="ar" dir="rtl">' in answer.text
    assert "إلغاء الاشتراك" in answer.text


def test_a_reader_who_left_while_an_issue_is_going_out_gets_nothing_more(crowd: Crowd) -> None:
    issue, delivery = crowd.promise()
    crowd.freeze(issue, delivery)
    browser(crowd.ground).post(link_of(crowd.ground, "lea"))
    assert crowd.send(issue, delivery).counts == Counts(sent=1, cancelled=1)
    with crowd.ground.reading() as tx:
        details = {row.detail for row in recipients.of_issue(tx, issue.id)}
    assert "unsubscribed after the audience was frozen" in details
