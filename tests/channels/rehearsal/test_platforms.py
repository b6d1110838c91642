"""Starting, stopping and sharing the rehearsal platforms."""

from __future__ import annotations

import itertools
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from channels.rehearsal import accounts
from channels.rehearsal.faults import Fault
from channels.rehearsal.platforms import RehearsalPlatforms
from channels.rehearsal.rules import BadRules, Rules, XRules
from channels.rehearsal.store import Store, StoreError
from tests.channels.rehearsal.callers import GraphCaller, XCaller

ROOT = Path(__file__).parents[3]


def ever_within(seconds: float, act: Callable[[], object]) -> bool:
    """Whether it ever takes no longer than this: what waits for anything never does, a busy machine lets it through."""
    for _ in range(100):
        begun = time.perf_counter()
        act()
        if time.perf_counter() - begun < seconds:
            return True
    return False


def test_all_servers_start_and_stop_in_a_tenth_of_a_second(tmp_path: Path) -> None:
    numbers = itertools.count()

    def start_and_stop() -> None:
        with RehearsalPlatforms(tmp_path / f"{next(numbers)}.sqlite") as platforms:
            assert platforms.addresses.x_url

    assert ever_within(0.1, start_and_stop)


def test_a_post_is_answered_in_a_few_milliseconds(
    platforms: RehearsalPlatforms, x: XCaller, graph: GraphCaller
) -> None:
    numbers = itertools.count()
    assert ever_within(0.009, lambda: x.post(f"Number {next(numbers)}."))
    assert ever_within(0.009, lambda: graph.post(f"Number {next(numbers)}."))


def test_all_listen_on_this_machine_only(platforms: RehearsalPlatforms) -> None:
    at = platforms.addresses
    assert at.smtp_host == "127.0.0.1"
    assert all(url.startswith("http://127.0.0.1:") for url in (at.x_url, at.graph_url, at.page_url))


def test_what_was_published_is_there_at_the_next_start_under_the_same_address(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "rehearsal.sqlite"
    with RehearsalPlatforms(path) as first:
        caller = XCaller(first.addresses.x_url)
        id = caller.post("Kept.")
        caller.close()
        link = first.addresses.x_post_url.format(id=id)
        before = first.addresses
    with pytest.raises(requests.ConnectionError):
        requests.get(link, timeout=60)
    with RehearsalPlatforms(path) as second:
        assert second.addresses == before
        assert [post.text for post in second.published("x")] == ["Kept."]
        assert "Kept." in requests.get(link, timeout=60).text


def test_a_port_that_is_taken_is_replaced_by_a_free_one(tmp_path: Path) -> None:
    path = tmp_path / "rehearsal.sqlite"
    with RehearsalPlatforms(path) as first:
        port = int(first.addresses.x_url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)), RehearsalPlatforms(path) as second:
        assert not second.addresses.x_url.endswith(f":{port}")
        assert requests.get(second.addresses.x_url + "/2/users/me", timeout=60).status_code == 401


def test_starting_twice_is_one_start_and_before_it_there_is_no_address(tmp_path: Path) -> None:
    platforms = RehearsalPlatforms(tmp_path / "rehearsal.sqlite")
    with pytest.raises(RuntimeError):
        _ = platforms.addresses
    assert platforms.start() is platforms.start()
    platforms.stop()


def test_an_unknown_platform_is_named(platforms: RehearsalPlatforms) -> None:
    with pytest.raises(ValueError, match="mastodon"):
        platforms.published("mastodon")


_OTHER = """
import sys
from pathlib import Path
from channels.rehearsal.platforms import RehearsalPlatforms
with RehearsalPlatforms(Path(sys.argv[1])) as platforms:
    print(platforms.addresses.x_url, platforms.addresses.page_url, flush=True)
    sys.stdin.readline()
"""


def other_process(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _OTHER, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_two_processes_share_posts_faults_rules_and_the_page(tmp_path: Path) -> None:
    path = tmp_path / "rehearsal.sqlite"
    with RehearsalPlatforms(path) as here, other_process(path) as there:
        assert there.stdin is not None
        assert there.stdout is not None
        x_url, page_url = there.stdout.readline().split()
        assert page_url == here.addresses.page_url
        assert x_url != here.addresses.x_url
        mine, theirs = XCaller(here.addresses.x_url), XCaller(x_url)
        ids: list[int] = []

        def post(caller: XCaller, name: str) -> None:
            ids.extend(int(caller.post(f"{name} {number}")) for number in range(20))

        threads = [threading.Thread(target=post, args=args) for args in ((mine, "here"), (theirs, "there"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        here.faults.add(Fault("x", "send", "x-401"))
        struck = theirs.ask("POST", "/2/tweets", json={"text": "Struck."}).status_code
        passed = mine.ask("POST", "/2/tweets", json={"text": "Passes."}).status_code
        here.rules = Rules(x=XRules(may_write=False))
        ruled = theirs.ask("POST", "/2/tweets", json={"text": "Ruled."}).status_code
        mine.close()
        theirs.close()
        there.stdin.write("\n")
        there.stdin.close()
        assert there.wait(60) == 0
        assert len(set(ids)) == 40
        assert (struck, passed, ruled) == (401, 201, 403)
        assert len(here.published("x")) == 41


def test_four_processes_may_begin_one_store_at_once(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from channels.rehearsal.store import Store; Store(Path(sys.argv[1])).close()"
    command = [sys.executable, "-c", code, str(tmp_path / "new.sqlite")]
    running = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate()[1] for process in running] == [b""] * 4


def test_a_file_that_is_no_store_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("This is no database, and longer than a hundred characters, so that nobody takes it for one. " * 3)
    with pytest.raises(StoreError, match="Move it away"):
        Store(path)
    newer = tmp_path / "newer.sqlite"
    Store(newer).close()
    with sqlite3.connect(newer) as db:
        db.execute("pragma user_version = 99")
    db.close()
    with pytest.raises(StoreError, match="another version"):
        Store(newer)


def test_what_was_rehearsed_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "rehearsal.sqlite"
    Store(file).close()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_change_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "rehearsal.sqlite")

    def fail() -> None:
        with store.change():
            store.remember("a", "1")
            with store.change():
                store.remember("b", "2")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert (store.fact("a"), store.fact("b")) == (None, None)
    store.remember("a", "3")
    assert store.fact("a") == "3"
    store.close()


def test_the_request_log_keeps_the_newest(tmp_path: Path) -> None:
    store = Store(tmp_path / "rehearsal.sqlite")
    with store.change():
        for number in range(20_500):
            store.note_request(datetime(2026, 9, 21, tzinfo=UTC), "x", "GET", str(number), "look", 200, "", "")
    row = store.row("select count(*) as many, max(n) as last from requests")
    assert row is not None
    assert (row["many"], row["last"]) == (20_000, 20_500)
    store.close()


def test_accounts_come_from_a_name_and_are_found_again_by_their_tokens() -> None:
    one, same, other = accounts.x_account("x-main"), accounts.x_account("x-main"), accounts.x_account("Ünlü gazete")
    page = accounts.facebook_page("Ünlü gazete")
    assert one == same != other
    assert accounts.x_account_of(other.access_token) == other
    assert accounts.x_account_of(other.access_token + "0") is None
    assert accounts.page_of(page.token) == page
    assert accounts.person_of(page.user_token) == page
    assert accounts.page_of(page.user_token) is None
    assert accounts.page_of(page.token[:-1] + "x") is None
    assert (one.user_id.isdecimal(), len(one.user_id)) == (True, 19)
    assert one.access_token not in repr(one)
    assert page.token not in repr(page)


def test_rules_go_through_json_and_back() -> None:
    import json

    rules = Rules.unlimited()
    assert Rules().changed(json.loads(rules.to_json())) == rules
    with pytest.raises(BadRules, match="premium"):
        Rules().changed({"x": {"premium": 1}})


def test_a_body_without_a_length_or_too_long_is_refused(platforms: RehearsalPlatforms) -> None:
    url = platforms.addresses.x_url + "/2/tweets"
    chunked = requests.post(url, data=iter([b"a"]), timeout=60)
    assert chunked.status_code == 411
    for length, status in (("x", 400), ("99999999999", 413)):
        host, port = url.removeprefix("http://").partition("/")[0].split(":")
        with socket.create_connection((host, int(port)), 5) as raw:
            raw.sendall(f"POST /2/tweets HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n".encode())
            assert raw.recv(100).startswith(f"HTTP/1.1 {status}".encode())


def test_a_caller_that_leaves_in_the_middle_of_its_body_publishes_nothing(platforms: RehearsalPlatforms) -> None:
    host, port = platforms.addresses.x_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 5) as raw:
        raw.sendall(b"POST /2/tweets HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{")
    with requests.Session() as session:
        session.get(platforms.addresses.x_url + "/2/users/me", timeout=60)
    assert [one.verb for one in platforms.requests("x")] == ["GET"]


def test_a_defect_of_the_rehearsal_says_so(
    platforms: RehearsalPlatforms, x: XCaller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from channels.rehearsal import x_posts

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(x_posts, "create", broken)
    answer = x.ask("POST", "/2/tweets", json={"text": "A"})
    assert answer.status_code == 500
    assert answer.json()["title"] == "Rehearsal defect"
    assert "ZeroDivisionError" in caplog.text


def test_stopping_does_not_wait_for_those_who_hang(tmp_path: Path) -> None:
    platforms = RehearsalPlatforms(tmp_path / "rehearsal.sqlite")
    caller = XCaller(platforms.start().x_url)
    platforms.faults.add(Fault("x", "send", "hang", "after"))
    failed: list[Exception] = []

    def post() -> None:
        try:
            caller.post("A")
        except requests.RequestException as error:
            failed.append(error)

    thread = threading.Thread(target=post)
    thread.start()
    while not platforms.published("x"):
        time.sleep(0.005)
    begun = time.monotonic()
    platforms.stop()
    thread.join(20)
    caller.close()
    assert time.monotonic() - begun < 20, "long before the answer that hangs would end by itself"
    assert failed
