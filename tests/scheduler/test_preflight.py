"""The pre-flight sees what would cost readers or reputation, and what it finds stops an issue until a person says so."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from db import audit, issue_counts, issues
from db.records import Article, Delivery, Frequency, Mode, State, Teaser
from scheduler import newsroom
from scheduler.intake.errors import IntakeError
from scheduler.intake.wanted import Fetched, Wanted
from scheduler.issue_preview import preview
from scheduler.lineup import Lineup
from scheduler.newsroom import Refused
from scheduler.preflight import addresses_of, preflight
from scheduler.preflight_finding import Finding, Level
from scheduler.preflight_message import check_message, links_of
from scheduler.preflight_net import links_answer, one_click_answers
from tests.scheduler.house import House, house
from tests.scheduler.readers import LETTERS, Wish, inbox, subscribe

Change = Callable[[bytes], bytes]

NEVER_BY_THE_CLOCK = LETTERS + 'daily = ["daily 03:00"]\n'


def cut(h: House, headline: str = "Ferry to run until midnight") -> Delivery:
    """An issue with one story, cut by a person."""
    h.take(headline)
    h.work()
    return newsroom.cut_now(h.app, "morning", Frequency.DAILY, actor="ada")


@pytest.fixture(scope="module")
def message(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A mail as it would go."""
    settings = NEVER_BY_THE_CLOCK.replace("[newsroom]", '[newsroom]\npublic_url = "https://n.example.org"')
    with house(tmp_path_factory.mktemp("flight"), settings) as h:
        subscribe(h, {"ann": Wish()})
        cut(h)
        with h.app.ground.reading() as tx:
            issue = issues.latest(tx, Mode.REHEARSAL, "morning")
        assert issue is not None
        return preview(h.app, issue).message


def stopping(found: Sequence[Finding]) -> set[str]:
    return {one.name for one in found if one.level is Level.STOP}


def test_a_mail_of_ours_passes(message: bytes) -> None:
    found = list(check_message(message, 20_000, live=True, may_be_clipped=False))
    assert {one.name for one in found} == {"one-click", "lines", "text part", "size"}
    assert all(one.level is Level.OK for one in found)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda mail: re.sub(rb"List-Unsubscribe-Post:[^\r]*\r\n", b"", mail), "one-click"),
        (lambda mail: mail.replace(b"List-Unsubscribe: <https", b"List-Unsubscribe: <http"), "one-click"),
        (
            lambda mail: mail.replace(b"\r\nSubject", b"\r\nList-Unsubscribe: <https://b.example>\r\nSubject"),
            "one-click",
        ),
        (lambda mail: mail.replace(b"One-Click\r\n", b"one-click\r\n", 1), "one-click"),
        (lambda mail: mail.replace(b"\r\n", b"\n", 3), "lines"),
        (lambda mail: mail.replace(b"Ferry", b"Fer\0ry", 1), "lines"),
        (lambda mail: mail.replace(b"Precedence: bulk", b"Precedence: " + b"b" * 990), "lines"),
        (lambda mail: mail.replace(b"Precedence: bulk", b"Precedence: =?utf-8?q?" + b"b" * 70 + b"?="), "lines"),
        (lambda mail: mail.replace(b"text/plain", b"text/html"), "text part"),
    ],
)
def test_what_a_mailbox_provider_would_refuse_stops_it(message: bytes, change: Change, name: str) -> None:
    changed = change(message)
    assert changed != message
    assert stopping(list(check_message(changed, 20_000, live=True, may_be_clipped=False))) == {name}


def test_a_page_that_would_be_cut_stops_it_unless_the_newsroom_said_that_it_may(message: bytes) -> None:
    assert stopping(list(check_message(message, 102_401, live=True, may_be_clipped=False))) == {"size"}
    told = list(check_message(message, 102_401, live=True, may_be_clipped=True))
    assert not stopping(told)
    assert next(one.level for one in told if one.name == "size") is Level.NOTE
    near = list(check_message(message, 92_161, live=True, may_be_clipped=False))
    assert next(one.level for one in near if one.name == "size") is Level.NOTE


# --- the net ---


@contextmanager
def answering(status: int) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A server of our own that answers every POST so, and what it was asked."""
    asked: list[tuple[str, bytes]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/u/token", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "level"), [(200, Level.OK), (302, Level.STOP), (404, Level.STOP), (500, Level.STOP)]
)
def test_one_click_must_answer_a_post_without_a_redirect(status: int, level: Level) -> None:
    with answering(status) as (url, asked):
        assert one_click_answers(url).level is level
        assert asked == [("/u/token", b"List-Unsubscribe=One-Click")]


def test_one_click_that_nobody_answers_stops_it_and_says_what_to_start() -> None:
    found = one_click_answers("http://127.0.0.1:9/u/token")
    assert found.level is Level.STOP
    assert "pressrun serve" in found.sentence


@pytest.mark.parametrize(
    ("status", "level"),
    [(404, Level.STOP), (410, Level.STOP), (503, Level.NOTE), (403, Level.NOTE), (None, Level.NOTE)],
)
def test_a_link_to_no_page_stops_it_by_name_and_a_slow_one_is_told(status: int | None, level: Level) -> None:
    def fetch(wanted: Wanted) -> Fetched:
        raise IntakeError(f"{wanted.url} answered {status}.", status=status)

    text = "Read https://news.example.org/a.\nOff: %%UNSUBSCRIBE%%\nhttps://news.example.org/a"
    assert links_of(text) == ["https://news.example.org/a"]
    found = links_answer(links_of(text), fetch)
    assert found.level is level
    assert "https://news.example.org/a" in found.sentence


# --- the issue ---


def test_in_rehearsal_nothing_is_asked_of_the_net(tmp_path: Path) -> None:
    def never(name: str, kind: str = "TXT") -> Sequence[str]:
        raise AssertionError("nothing leaves this machine")

    with house(tmp_path, NEVER_BY_THE_CLOCK) as h:
        subscribe(h, {"ann": Wish()})
        cut(h)
        with h.app.ground.reading() as tx:
            issue = issues.latest(tx, Mode.REHEARSAL, "morning")
        assert issue is not None
        found = preflight(h.app, preview(h.app, issue), ask=never)
        assert not stopping(found)
        assert {one.name for one in found if one.level is Level.SKIPPED} == {"one-click answers", "links", "domain"}
        assert next(one.sentence for one in found if one.name == "readers") == "1 confirmed on the list morning"
        assert next(one.level for one in found if one.name == "addresses") is Level.OK


def test_stories_to_which_readers_get_no_link_are_named_unless_a_person_let_them_go_so() -> None:
    words = [
        Teaser("morning", "email", "…", article_id=number, headline=f"Story {number}", link=link)
        for number, link in enumerate(("https://news.example.org/1", None, None, None), 1)
    ]
    known = {number: Article(f"Story {number}", (), "desk", id=number, no_link=number == 4) for number in (1, 2, 4)}
    lineup = Lineup("2026-09-21", Frequency.DAILY, tuple(words), known)
    found = addresses_of(lineup)
    assert (found.name, found.level) == ("addresses", Level.NOTE)
    assert 'no link to 2 of the 4 stories: "Story 2", "Story 3"; give each one' in found.sentence
    assert addresses_of(lineup.only({1, 4})).level is Level.OK
    many = Lineup("2026-09-21", Frequency.DAILY, tuple(replace(words[1], headline=f"No {n}") for n in range(9)), {})
    assert addresses_of(many).sentence.count('"No ') == 5


def test_an_issue_that_the_pre_flight_stops_waits_tells_once_and_goes_when_a_person_says_so(tmp_path: Path) -> None:
    with house(tmp_path, NEVER_BY_THE_CLOCK) as h:
        delivery = cut(h)  # nobody is on the list
        h.work()
        held = h.see(delivery)
        assert held.state is State.WAITING
        assert "no reader who confirmed" in held.reason
        h.work()
        assert [one for one in h.notices() if "does not go yet" in one and "no reader" in one]
        assert len([one for one in h.notices() if "does not go yet" in one]) == 1
        with pytest.raises(Refused, match="say why"):
            newsroom.send_issue(h.app, delivery.id, actor="ada", anyway=True)
        newsroom.send_issue(h.app, delivery.id, actor="ada", anyway=True, reason="the list comes by mail")
        subscribe(h, {"ann": Wish()})
        h.work()
        assert h.see(delivery).state is State.SENT
        assert len(inbox(h, "ann")) == 1
        assert not [one for one in h.notices() if "does not go yet" in one]
        with h.app.ground.reading() as tx:
            (row,) = audit.rows(tx, verb="send anyway")
        assert (row.actor, row.reason) == ("ada", "the list comes by mail")


def test_templates_that_changed_since_the_cut_reach_no_reader_whose_variant_nobody_saw(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    settings = NEVER_BY_THE_CLOCK + '\n[teasers]\nfolder = "own"\n'
    with house(tmp_path, settings) as h:
        subscribe(h, {"all": Wish(), "sport": Wish({"Sport": (Frequency.DAILY,), "": (Frequency.NEVER,)})})
        h.take("Rowing club wins", section="Sport")
        delivery = cut(h)
        (own / "issue.txt.j2").write_text(
            "New words\n{% for s in stories %}{{ s.headline }}\n{% endfor %}%%UNSUBSCRIBE%%\n"
        )
        h.app._own.__dict__.clear()  # templates are read once a channel
        h.work()
        held = h.see(delivery)
        assert (held.state, "have changed since" in held.reason) == (State.WAITING, True)
        assert inbox(h, "all") == inbox(h, "sport") == []
        newsroom.recompose(h.app, delivery.id, actor="ada")
        newsroom.send_issue(h.app, delivery.id, actor="ada")
        h.work()
        assert (len(inbox(h, "all")), len(inbox(h, "sport"))) == (1, 1)
        with h.app.ground.reading() as tx:
            assert issue_counts.counts(tx, delivery.subject_id).sent == 2


def test_volume_is_told_against_the_plan_of_a_young_list_and_the_servers_day_as_sending_counts_them(
    tmp_path: Path,
) -> None:
    settings = NEVER_BY_THE_CLOCK.replace('kind = "email"', 'kind = "email"\nramp = [2, 3]\nper_day = 4')
    settings += 'latest = "4 days"\n'

    def told(h: House) -> dict[str, tuple[Level, str]]:
        with h.app.ground.reading() as tx:
            issue = issues.latest(tx, Mode.REHEARSAL, "morning")
        assert issue is not None
        return {one.name: (one.level, one.sentence) for one in preflight(h.app, preview(h.app, issue))}

    with house(tmp_path, settings) as h:
        subscribe(h, {name: Wish() for name in ("ann", "bob", "cid")})
        cut(h)
        assert told(h)["warm-up"] == (
            Level.NOTE,
            "day 1 of 2: 2 mails, 0 of them gone; the issue has 3 readers, so the rest waits for the next day",
        )
        assert told(h)["day's limit"][0] is Level.OK
        for _ in range(3):
            h.work()
        assert told(h)["warm-up"][1].startswith("day 1 of 2: 2 mails, 2 of them gone")
        assert told(h)["day's limit"][1].startswith("2 mails may still go through the mail servers today")
        assert told(h)["volume today"][1].endswith(" 2")
        h.clock.advance(timedelta(days=2))  # a day without mail is no day of the plan
        assert told(h)["warm-up"][1].startswith("day 2 of 2: 3 mails, 0 of them gone")
        for _ in range(3):
            h.work()
        h.clock.advance(timedelta(days=1))
        assert told(h)["warm-up"] == (Level.OK, "its 2 days are over")


def test_what_is_over_the_days_plan_and_too_late_tomorrow_is_told_to_reach_nobody(tmp_path: Path) -> None:
    with house(tmp_path, NEVER_BY_THE_CLOCK.replace('kind = "email"', 'kind = "email"\nramp = [1]')) as h:
        subscribe(h, {name: Wish() for name in ("ann", "bob")})
        h.take()
        h.work()
        (told,) = [one for one in preflight(h.app, preview(h.app, "morning")) if one.name == "warm-up"]
        assert told.sentence.endswith("set a longer latest")
