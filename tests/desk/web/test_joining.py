"""From the form to the first issue and to no further mail, through the real pages and the real mail server."""

from __future__ import annotations

import re
import stat
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from channels.email.links import make_token, suppression_hash
from channels.rehearsal.faults import Fault
from channels.rehearsal.published import Published
from db import consents, letters, readers, stops, subscribers, suppressions
from db.consents import ConsentEvent
from db.letters import LetterPurpose
from db.records import Cause, Frequency, Mode, Scope, State, Stop
from db.subscribers import Tie
from desk.web import public
from desk.web.app import public_app, web_app
from desk.web.callers import MOST_OF_ONE, SPAN, Limiter, caller_of, network_of
from desk.web.door.origin import origin_of
from scheduler import newsroom, readership
from scheduler.forgetting import forget_the_unconfirmed
from scheduler.keys import FILE, keys_in
from tests.channels.email.strict import raw_header
from tests.scheduler.house import MAIL, SETTINGS, House, house

FORM = "/n/morning"
CALLER = ("203.0.113.5", 4000)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.web.public.LEAST_SECONDS", 0.0)


@pytest.fixture
def h(tmp_path: Path) -> Iterator[House]:
    """A newsroom with a newsletter."""
    with house(tmp_path, SETTINGS + MAIL) as made:
        yield made


@pytest.fixture
def client(h: House) -> TestClient:
    """Somebody's browser before the pages."""
    return TestClient(web_app(h.app), follow_redirects=False, client=CALLER)


def mails(h: House, to: str = "lea@example.org") -> list[Published]:
    """What one person got, oldest first."""
    return [one for one in reversed(h.platforms.published("email")) if to in one.to]


def link_in(mail: Published, place: str) -> str:
    """The path of the link of this kind in a letter's text."""
    found = re.search(rf"http://127\.0\.0\.1:8000(/{place}/\S+)", mail.text)
    assert found, mail.text
    return found[1]


def asked(client: TestClient, address: str = "lea@example.org", **more: str) -> str:
    """Sends the form; the page that answers."""
    answer = client.post(FORM, data={"email": address, **more})
    assert answer.status_code == 200, answer.text
    return answer.text


def tie_of(h: House, address: str = "lea@example.org") -> Tie | None:
    """Where the subscription stands."""
    with h.app.ground.reading() as tx:
        person = subscribers.find(tx, address)
        found = subscribers.on_list(tx, "morning", person.id) if person is not None else None
    return found.tie if found is not None else None


def letters_to(h: House, address: str = "lea@example.org") -> list[letters.Letter]:
    """Every letter to one person."""
    with h.app.ground.reading() as tx:
        person = subscribers.find(tx, address)
        assert person is not None
        return letters.of_person(tx, person.id)


def joined(h: House, client: TestClient, address: str = "lea@example.org") -> str:
    """Subscribes and confirms; the path of the page of choices."""
    asked(client, address)
    h.work()
    answer = client.post(link_in(mails(h, address)[-1], "c"))
    assert answer.status_code == 200
    found = re.search(r'href="(/p/[^"]+)"', answer.text)
    assert found
    return found[1]


# --- the whole way ---


def test_from_the_form_to_the_first_issue_and_with_one_press_to_no_further_mail(h: House, client: TestClient) -> None:
    assert "Look into your mailbox" in asked(client)
    assert tie_of(h) is Tie.UNCONFIRMED
    h.work()
    (letter,) = mails(h)
    assert letter.subject == "Please confirm: Morning briefing"
    assert raw_header(letter.raw, "Auto-Submitted") == b"auto-generated"
    assert b"List-Unsubscribe" not in letter.raw
    h.take("First story of the day")
    h.work()
    assert len(mails(h)) == 1, "an issue went to somebody who had not confirmed"
    link = link_in(letter, "c")
    page = client.get(link)
    assert "Yes, send it to me" in page.text
    assert tie_of(h) is Tie.UNCONFIRMED, "opening the link confirmed: mail scanners open every link"
    assert "Welcome" in client.post(link).text
    assert tie_of(h) is Tie.CONFIRMED
    h.clock.advance(timedelta(days=1))
    h.take("Second story of the day")
    h.work()
    assert len(mails(h)) == 2
    issue = mails(h)[-1]
    assert "story of the day" in issue.text
    one_click = raw_header(issue.raw, "List-Unsubscribe").decode().strip("<>").partition("8000")[2]
    answer = client.post(one_click, files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.status_code == 200
    assert tie_of(h) is Tie.ENDED
    h.clock.advance(timedelta(days=1))
    h.take("Third story of the day")
    h.work()
    assert len(mails(h)) == 2
    with h.app.ground.reading() as tx:
        person = subscribers.find(tx, "lea@example.org")
        assert person is not None
        kept = consents.history(tx, person.id)
    assert [one.proof.event for one in kept] == [ConsentEvent.ASKED, ConsentEvent.CONFIRMED, ConsentEvent.ENDED]
    yes = kept[1].proof
    assert yes.wording.startswith("I want to receive Morning briefing from The Test Times")
    assert (yes.form, len(yes.wording_version), yes.ip) == (FORM, 12, "")
    assert kept[2].proof.source == "unsubscribe link in the mail"
    assert kept[2].issue_id == 1, "by which issue they left was not kept"


def test_who_left_comes_back_by_their_own_yes_and_not_by_anybody_elses(h: House, client: TestClient) -> None:
    choices = joined(h, client)
    client.post(choices.replace("/p/", "/u/"))
    h.clock.advance(timedelta(hours=1))
    asked(client)
    assert tie_of(h) is Tie.ENDED
    h.work()
    assert client.post(link_in(mails(h)[-1], "c")).status_code == 200
    assert tie_of(h) is Tie.CONFIRMED
    with h.app.ground.reading() as tx:
        assert list(suppressions.newest(tx)) == []


def test_a_yes_from_before_a_goodbye_does_not_undo_it(h: House, client: TestClient) -> None:
    asked(client)
    h.work()
    link = link_in(mails(h)[-1], "c")
    choices = client.post(link).text
    client.post(re.search(r'href="(/p/[^"]+)"', choices)[1].replace("/p/", "/u/"))  # type: ignore[index]
    answer = client.post(link)
    assert (answer.status_code, "no longer counts" in answer.text) == (410, True)
    assert tie_of(h) is Tie.ENDED


def test_pressing_yes_again_changes_nothing(h: House, client: TestClient) -> None:
    asked(client)
    h.work()
    link = link_in(mails(h)[-1], "c")
    for _ in range(3):
        assert client.post(link).status_code == 200
    with h.app.ground.reading() as tx:
        person = subscribers.find(tx, "lea@example.org")
        assert person is not None
        assert len(consents.history(tx, person.id)) == 2


def test_a_link_that_is_too_old_does_not_count_and_says_what_to_do(h: House, client: TestClient) -> None:
    asked(client)
    h.work()
    link = link_in(mails(h)[-1], "c")
    h.clock.advance(timedelta(days=7, seconds=1))
    answer = client.post(link)
    assert (answer.status_code, "Ask once more" in answer.text) == (410, True)
    assert tie_of(h) is Tie.UNCONFIRMED


def test_who_never_confirms_is_forgotten_and_nobody_else(h: House, client: TestClient) -> None:
    joined(h, client, "tom@example.org")
    asked(client)
    h.work()
    h.clock.advance(timedelta(days=7))
    assert forget_the_unconfirmed(h.app) == 0
    h.clock.advance(timedelta(days=1, seconds=1))
    assert forget_the_unconfirmed(h.app) == 1
    assert tie_of(h) is None
    assert tie_of(h, "tom@example.org") is Tie.CONFIRMED


@pytest.mark.parametrize("place", ["u", "p"])
def test_a_readers_link_never_confirms_and_a_confirmation_never_leaves(
    h: House, client: TestClient, place: str
) -> None:
    asked(client)
    h.work()
    link = link_in(mails(h)[-1], "c")
    assert client.post(link.replace("/c/", f"/{place}/")).status_code == 404
    client.post(link)
    with h.app.ground.reading() as tx:
        person = subscribers.find(tx, "lea@example.org")
    assert person is not None
    token = make_token(keys_in(h.app.folder).link, "morning", person.token_seed)
    assert client.post(f"/c/{token}").status_code == 404


# --- one letter ---


def test_asking_again_within_minutes_sends_one_letter(h: House, client: TestClient) -> None:
    for address in ("lea@example.org", " LEA@example.org ", "lea@EXAMPLE.org"):
        asked(client, address)
    h.work()
    asked(client)
    h.work()
    assert len(mails(h)) == 1
    h.clock.advance(timedelta(minutes=15))
    asked(client)
    h.work()
    assert len(mails(h)) == 2


def test_a_stranger_with_somebody_elses_address_brings_them_four_letters_a_day_at_most(
    h: House, client: TestClient
) -> None:
    for _ in range(8):
        asked(client)
        h.work()
        h.clock.advance(timedelta(minutes=20))
    assert len(mails(h)) == 4
    h.clock.advance(timedelta(days=1))
    asked(client)
    h.work()
    assert len(mails(h)) == 5


def test_a_letter_whose_answer_is_lost_never_goes_again_by_itself(h: House, client: TestClient) -> None:
    h.platforms.faults.add(Fault("email", "dot", "reset", when="after"))
    asked(client)
    h.work()
    (letter,) = letters_to(h)
    assert (letter.state, letter.tries) == (State.UNKNOWN, 1)
    for _ in range(5):
        h.clock.advance(timedelta(hours=5))
        h.work()
    assert len(mails(h)) == 1, "the server had taken it, and it went again"


def test_a_letter_that_is_put_off_is_tried_again_and_goes_once(h: House, client: TestClient) -> None:
    h.platforms.faults.add(Fault("email", "dot", "smtp-451"))
    asked(client)
    h.work()
    assert letters_to(h)[0].state is State.PLANNED
    assert not mails(h)
    h.clock.advance(timedelta(minutes=16))
    h.work()
    assert letters_to(h)[0].state is State.SENT
    assert len(mails(h)) == 1


def test_a_mailbox_that_is_not_there_ends_the_letter(h: House, client: TestClient) -> None:
    h.platforms.faults.add(Fault("email", "rcpt", "smtp-550", times=5))
    asked(client)
    h.work()
    assert letters_to(h)[0].state is State.FAILED
    h.clock.advance(timedelta(hours=1))
    h.work()
    assert not mails(h)


def test_a_letter_whose_worker_died_is_unknown_and_is_not_sent(h: House, client: TestClient) -> None:
    asked(client)
    claim = h.app.claim(timedelta(seconds=30))
    with h.app.ground.transaction() as tx:
        assert letters.claim_next(tx, Mode.REHEARSAL, "mail", claim, now=h.clock.now()) is not None
    h.work()
    assert letters_to(h)[0].state is State.SENDING
    h.clock.advance(timedelta(minutes=1))
    h.work()
    assert letters_to(h)[0].state is State.UNKNOWN
    assert not mails(h)


def test_letters_that_wait_for_their_server_are_told_after_half_an_hour_and_no_longer_once_one_goes(
    h: House, client: TestClient
) -> None:
    h.platforms.faults.add(Fault("email", "connect", "smtp-421", times=50))
    asked(client)
    h.work()
    assert not h.notices()
    h.clock.advance(timedelta(minutes=30))
    h.work()
    (told,) = h.notices()
    assert "letters to readers of mail wait since" in told
    assert letters_to(h)[0].tries == 0
    h.platforms.faults.clear()
    h.clock.advance(timedelta(minutes=1))
    h.work()
    assert len(mails(h)) == 1
    assert not h.notices()


def test_a_server_that_turns_us_away_stops_the_channel_and_the_letter_goes_once_it_lets_us_in(
    h: House, client: TestClient
) -> None:
    h.platforms.faults.add(Fault("email", "mail", "smtp-530"))
    asked(client)
    h.work()
    assert any("mail is stopped" in one for one in h.notices())
    assert letters_to(h)[0].state is State.PLANNED
    h.clock.advance(timedelta(minutes=16))
    h.work()
    h.work()
    assert len(mails(h)) == 1


def test_a_stop_keeps_letters_and_they_go_when_it_is_lifted(h: House, client: TestClient) -> None:
    now = h.clock.now()
    stop = Stop(Scope.EVERYTHING, "", None, Cause.PERSON, "moving house", "ada", now)
    with h.app.ground.transaction() as tx:
        stops.lay(tx, stop, actor="ada", now=now)
    asked(client)
    h.work()
    assert not mails(h)
    with h.app.ground.transaction() as tx:
        stops.lift(tx, scope=Scope.EVERYTHING, target="", cause=Cause.PERSON, by="ada", now=now)
    h.work()
    assert len(mails(h)) == 1


def test_somebody_who_is_subscribed_gets_the_link_to_their_choices(h: House, client: TestClient) -> None:
    joined(h, client)
    h.clock.advance(timedelta(hours=1))
    assert "Look into your mailbox" in asked(client)
    h.work()
    assert letters_to(h)[-1].purpose is LetterPurpose.CHOICES
    assert "l\u2060…\u2060a@example.org" in client.get(link_in(mails(h)[-1], "p")).text


# --- nothing is told ---


def test_the_answer_is_the_same_for_known_new_suppressed_and_gone(h: House, client: TestClient) -> None:
    joined(h, client, "known@example.org")
    gone = joined(h, client, "gone@example.org")
    client.post(gone.replace("/p/", "/u/"))
    key = keys_in(h.app.folder).suppression
    with h.app.ground.transaction() as tx:
        hashed = suppression_hash(key, "bounced@example.org")
        suppressions.add(tx, hashed, suppressions.HARD_BOUNCE, actor="mail", now=h.clock.now())
    h.clock.advance(timedelta(hours=1))
    pages = {asked(client, f"{who}@example.org") for who in ("known", "gone", "bounced", "new")}
    assert len(pages) == 1
    h.work()
    assert not mails(h, "bounced@example.org")
    assert tie_of(h, "bounced@example.org") is None


def test_no_form_is_answered_so_soon_that_its_speed_tells_anything(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.web.public.LEAST_SECONDS", 0.4)
    for more in ({}, {"website": "https://spam.example"}):
        began = time.monotonic()
        asked(client, "lea@example.org", **more)
        assert time.monotonic() - began >= 0.4


@pytest.mark.parametrize(("took", "left"), [(0.0, 0.2), (0.05, 0.15), (0.19, 0.01), (0.25, 0.15), (1.5, 0.1)])
def test_a_form_that_took_long_is_answered_at_a_whole_step_too(took: float, left: float) -> None:
    assert public._until_step(took, 0.2) == pytest.approx(left)
    assert public._until_step(took, 0.0) == 0.0


def test_a_form_that_comes_in_parts_is_read_like_any_other(h: House, client: TestClient) -> None:
    asked_in_parts = client.post(FORM, files={"email": (None, "lea@example.org"), "website": (None, "")})
    assert asked_in_parts.status_code == 200
    assert tie_of(h) is Tie.UNCONFIRMED
    path = joined(h, client, "tom@example.org")
    saved = client.post(path, files=[("zone", (None, "Asia/Tokyo")), ("pause", (None, "7"))])
    assert "Asia/Tokyo" in saved.text
    assert saved.status_code == 200


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"email=lea@example.org"),
        ("multipart/form-data; boundary=B", b"--B\r\nno part at all"),
        (
            "multipart/form-data; boundary=B",
            b'--B\r\nContent-Disposition: form-data; name="email"; filename="x"\r\n\r\nlea@example.org\r\n--B--\r\n',
        ),
        ("multipart/form-data; boundary=B", b""),
    ],
)
def test_parts_that_are_no_form_are_refused_kindly(client: TestClient, kind: str, body: bytes) -> None:
    assert client.post(FORM, content=body, headers={"Content-Type": kind}).status_code == 422


def test_what_a_program_fills_in_changes_nothing_and_is_answered_alike(h: House, client: TestClient) -> None:
    page = asked(client, website="https://spam.example")
    assert tie_of(h) is None
    assert page == asked(client, "tom@example.org")


@pytest.mark.parametrize("address", ["", "lea", "lea@", "lea@example.org\r\nBcc: all@example.org", "a" * 70 + "@b.org"])
def test_an_address_that_is_none_keeps_the_form_and_says_so(h: House, client: TestClient, address: str) -> None:
    answer = client.post(FORM, data={"email": address})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert tie_of(h) is None


def test_a_form_that_is_none_at_all_is_refused_kindly(client: TestClient) -> None:
    assert client.post(FORM, content=b"\xff\xfe").status_code == 422
    assert client.post(FORM, data={"email": "a" * 100_000}).status_code == 422
    assert client.post("/n/other", data={"email": "lea@example.org"}).status_code == 404


def test_one_network_may_ask_so_often_and_others_go_on(h: House, client: TestClient) -> None:
    for number in range(MOST_OF_ONE):
        asked(client, f"r{number}@example.org")
    answer = client.post(FORM, data={"email": "one-more@example.org"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "600")
    assert tie_of(h, "one-more@example.org") is None


def test_the_one_click_address_is_never_counted(h: House, client: TestClient) -> None:
    link = joined(h, client).replace("/p/", "/u/")
    assert {client.post(link).status_code for _ in range(MOST_OF_ONE * 2)} == {200}


def test_the_count_begins_anew_after_its_span_and_a_household_is_one() -> None:
    now = [0.0]
    limiter = Limiter(lambda: now[0])
    household = [f"2001:db8:1:2::{number:x}" for number in range(MOST_OF_ONE)]
    assert all(limiter.allows(one) for one in household)
    assert not limiter.allows("2001:db8:1:2:ffff::1")
    assert limiter.allows("2001:db8:1:3::1")
    now[0] = SPAN
    assert limiter.allows("2001:db8:1:2::1")
    assert network_of("unknown") == "unknown"


@pytest.mark.parametrize(
    ("near", "forwarded", "caller"),
    [
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["1.2.3.4, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["1.2.3.4", "203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["127.0.0.1", "203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"),
        ("127.0.0.1", ["[2001:db8::9]:4711"], "2001:db8::9"),
        ("::ffff:127.0.0.1", ["2001:db8::9"], "2001:db8::9"),
        ("127.0.0.1", ["nonsense"], ""),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", [], "127.0.0.1"),
    ],
)
def test_who_calls_is_believed_of_our_proxies_alone(near: str, forwarded: list[str], caller: str) -> None:
    proxies = ("127.0.0.1", "::1", "10.0.0.2")
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    request = Request({"type": "http", "client": (near, 1), "headers": headers})
    assert caller_of(request, proxies) == caller


@pytest.mark.parametrize(
    ("near", "headers", "safe"),
    [
        ("127.0.0.1", {"host": "127.0.0.1:8000"}, True),
        ("::ffff:127.0.0.1", {"host": "localhost"}, True),
        ("127.0.0.1", {"host": "127.0.0.1:8000", "x-forwarded-for": "203.0.113.9"}, False),
        ("127.0.0.1", {"host": "127.0.0.1:8000", "x-real-ip": "203.0.113.9"}, False),
        ("127.0.0.1", {"host": "127.0.0.1:8000", "x-forwarded-proto": "https"}, False),
        ("127.0.0.1", {"host": "evil.example@127.0.0.1"}, False),
        ("10.0.0.2", {"host": "127.0.0.1:8000"}, False),
        ("10.0.0.2", {"host": "desk.example", "x-forwarded-proto": "https"}, True),
        ("10.0.0.2", {"host": "desk.example", "x-forwarded-proto": "https, http"}, False),
        ("10.0.0.3", {"host": "desk.example", "x-forwarded-proto": "https"}, False),
    ],
)
def test_nobody_behind_a_proxy_that_nobody_named_is_taken_for_this_machine(
    near: str, headers: dict[str, str], safe: bool
) -> None:
    told = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "scheme": "http", "path": "/", "query_string": b"", "client": (near, 1), "headers": told}
    assert origin_of(Request(scope), ("10.0.0.2",)).is_safe is safe


def test_a_key_that_is_rotated_counts_at_once_and_every_older_link_goes_on_working(
    h: House, client: TestClient
) -> None:
    old = joined(h, client).replace("/p/", "/u/")
    before = keys_in(h.app.folder)
    assert readership.rotate_link_key(h.app, actor="ada") == 1
    after = keys_in(h.app.folder)
    assert (after.old, after.suppression, after.seal) == ((before.link,), before.suppression, before.seal)
    assert after.link != before.link
    assert stat.S_IMODE((h.app.folder / FILE).stat().st_mode) == 0o600
    with h.app.ground.reading() as tx:
        person = subscribers.find(tx, "lea@example.org")
    assert person is not None
    fresh = f"/u/{make_token(after.link, 'morning', person.token_seed)}"
    assert client.get(fresh).status_code == 200
    assert client.get(old).status_code == 200
    (h.app.folder / FILE).write_text("nonsense")
    assert client.post(old).status_code == 200, "a spoilt key file broke links that were known"
    assert tie_of(h) is Tie.ENDED


# --- settings ---


def test_with_a_single_opt_in_a_new_reader_is_subscribed_at_once_and_one_who_left_is_not(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL + '\n[readers]\nopt_in = "single"\nkeep_ip = true\n') as h:
        client = TestClient(web_app(h.app), follow_redirects=False, client=CALLER)
        assert "You get Morning briefing from its next issue on" in asked(client)
        assert tie_of(h) is Tie.CONFIRMED
        with h.app.ground.reading() as tx:
            person = subscribers.find(tx, "lea@example.org")
            assert person is not None
            assert consents.history(tx, person.id)[0].proof.ip == CALLER[0]
        h.clock.advance(timedelta(hours=1))
        asked(client)
        h.work()
        client.post(link_in(mails(h)[-1], "p").replace("/p/", "/u/"))
        h.clock.advance(timedelta(hours=1))
        asked(client)
        assert tie_of(h) is Tie.ENDED
        h.work()
        client.post(link_in(mails(h)[-1], "c"))
        assert tie_of(h) is Tie.CONFIRMED


# --- less, and choices ---


def test_less_mail_instead_of_none(h: House, client: TestClient) -> None:
    link = joined(h, client).replace("/p/", "/u/")
    page = client.get(link).text
    assert "Pause for 30 days" in page
    assert "Once a week only" not in page, "this newsletter has no weekly issue"
    answer = client.post(f"{link}/less", data={"less": "pause"})
    assert "you get less of Morning briefing" in answer.text
    with h.app.ground.reading() as tx:
        (found,) = subscribers.candidates(tx, "morning")
    assert found.choices.paused_until == h.clock.now() + timedelta(days=30)
    assert found.tie is Tie.CONFIRMED
    assert client.post(f"{link}/less", data={"less": "nonsense"}).status_code == 422


def test_choices_are_saved_shown_again_and_survive_a_save_without_change(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL + "\n[sections.Politics]\n\n[sections.Sport]\n") as h:
        client = TestClient(web_app(h.app), follow_redirects=False, client=CALLER)
        link = joined(h, client)
        form = {
            "s0": "daily",
            "s2": "daily",
            "pause": "14",
            "quiet_from": "22:00",
            "quiet_until": "06:30",
            "zone": "Asia/Tokyo",
        }
        answer = client.post(link, data=form)
        assert (answer.status_code, "Saved" in answer.text) == (200, True)
        with h.app.ground.reading() as tx:
            (found,) = subscribers.candidates(tx, "morning")
        first = found.choices
        assert first.sections == {"sport": {Frequency.NEVER}, "": {Frequency.DAILY}}
        assert (str(first.quiet_start), str(first.quiet_end), first.zone) == ("22:00:00", "06:30:00", "Asia/Tokyo")
        assert first.paused_until == h.clock.now() + timedelta(days=14)
        page = client.get(link).text
        again = {"s0": "daily", "s2": "daily", "pause": "keep", "quiet_from": "22:00", "quiet_until": "06:30"}
        assert 'value="22:00"' in page
        assert 'value="Asia/Tokyo" selected' in page
        client.post(link, data={**again, "zone": "Asia/Tokyo"})
        with h.app.ground.reading() as tx:
            (found,) = subscribers.candidates(tx, "morning")
        assert found.choices == first


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": "22:00"},
        {"quiet_from": "22:00", "quiet_until": "22:00"},
        {"quiet_from": "25:00", "quiet_until": "x"},
        {"pause": "1000"},
        {"zone": "Mars/Base"},
        {"s0": "hourly"},
    ],
)
def test_a_choice_that_is_not_offered_changes_nothing_and_says_so(tmp_path: Path, wrong: dict[str, str]) -> None:
    with house(tmp_path, SETTINGS + MAIL + "\n[sections.Politics]\n") as h:
        client = TestClient(web_app(h.app), follow_redirects=False, client=CALLER)
        link = joined(h, client)
        answer = client.post(link, data={"s0": "daily", "s1": "daily", "pause": "7", **wrong})
        assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
        with h.app.ground.reading() as tx:
            (found,) = subscribers.candidates(tx, "morning")
        assert found.choices.paused_until is None


def test_the_choices_of_somebody_who_left_are_gone_and_say_so(h: House, client: TestClient) -> None:
    link = joined(h, client)
    client.post(link.replace("/p/", "/u/"))
    for answer in (client.get(link), client.post(link, data={"pause": "7"})):
        assert (answer.status_code, "has ended" in answer.text) == (410, True)


# --- reading again ---


def test_an_issue_that_came_out_can_be_read_again_by_anybody_and_holds_nobodys_link(
    h: House, client: TestClient
) -> None:
    joined(h, client)
    assert "No issue has come out yet" in client.get("/n/morning/archive").text
    h.take("Ferry to run until midnight")
    h.work()
    page = client.get("/n/morning/archive").text
    (link,) = re.findall(r'href="(/n/morning/issues/\d+)"', page)
    answer = client.get(link)
    assert answer.status_code == 200
    assert "Ferry to run until midnight" in answer.text
    assert "/u/" not in answer.text
    assert "%%" not in answer.text
    assert "lea@example" not in answer.text
    feed = client.get("/n/morning/feed.xml")
    assert feed.headers["content-type"].startswith("application/rss+xml")
    assert f"<link>http://127.0.0.1:8000{link}</link>" in feed.text
    parsed = feedparser.parse(feed.content)
    assert not parsed.bozo
    assert len(parsed.entries) == 1
    for wrong in ("999", "x", "-1", "9" * 400):
        assert client.get(f"/n/morning/issues/{wrong}").status_code == 404
        assert client.get(f"/n/morning/archive?before={wrong}").status_code == 200
    assert client.get("/n/nobody/archive").status_code == 404


def test_an_issue_with_a_killed_story_can_no_longer_be_read(h: House, client: TestClient) -> None:
    joined(h, client)
    story = h.take("Ferry to run until midnight")
    h.work()
    now = h.clock.now()
    with h.app.ground.transaction() as tx:
        stops.lay(tx, Stop(Scope.STORY, str(story), None, Cause.KILLED, "wrong", "ada", now), actor="ada", now=now)
    assert "No issue has come out yet" in client.get("/n/morning/archive").text
    assert client.get("/n/morning/issues/1").status_code == 404


def test_an_issue_whose_story_came_under_embargo_since_is_shown_nowhere_until_it_ends_or_is_lifted(
    h: House, client: TestClient
) -> None:
    joined(h, client)
    story = h.take("Ferry to run until midnight")
    h.work()
    places = ("/n/morning/archive", "/n/morning/feed.xml", "/n/morning/issues/1")

    def shown() -> list[bool]:
        answers = [client.get(place) for place in places]
        assert {one.headers["cache-control"] for one in answers if one.status_code == 200} <= {"no-cache"}
        return [
            "/n/morning/issues/1" in answers[0].text,
            "/issues/1<" in answers[1].text,
            answers[2].status_code == 200,
        ]

    assert shown() == [True, True, True]
    newsroom.embargo(h.app, story, h.clock.now() + timedelta(hours=2), actor="ada")
    assert shown() == [False, False, False]
    newsroom.lift_embargo(h.app, story, actor="ada")
    assert shown() == [True, True, True]
    newsroom.embargo(h.app, story, h.clock.now() + timedelta(hours=2), actor="ada")
    assert shown() == [False, False, False]
    h.clock.advance(timedelta(hours=2))
    assert shown() == [True, True, True]


# --- the host of its own ---


def test_the_readers_own_host_has_the_pages_and_nothing_of_the_desk(h: House) -> None:
    client = TestClient(public_app(h.app), follow_redirects=False, client=CALLER)
    assert "Morning briefing" in client.get("/").text
    assert client.get("/n/morning").status_code == 200
    assert client.get("/healthz").status_code == 200
    for path in ("/intake/inbox", "/enter", "/desk", "/queue", "/docs", "/login", "/static/desk.css"):
        answer = client.get(path)
        assert (answer.status_code, "Nothing here" in answer.text) == (404, True), path
    assert client.post("/intake/inbox").status_code == 404
    assert client.delete("/n/morning").status_code == 405


@pytest.mark.parametrize("path", ["/", "/n/morning", "/n/morning/archive", "/u/x", "/c/x", "/p/x", "/nothing"])
def test_every_page_is_strict_and_runs_nothing(h: House, path: str) -> None:
    answer = TestClient(public_app(h.app), client=CALLER).get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "set-cookie" not in answer.headers
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script" not in answer.text
    assert " style=" not in answer.text


def test_erasing_leaves_the_keyed_hash_and_nothing_else_of_a_person(h: House, client: TestClient) -> None:
    joined(h, client)
    with h.app.ground.transaction() as tx:
        person = subscribers.find(tx, "lea@example.org")
        assert person is not None
        assert readers.erase(tx, person.id, actor="ada", now=h.clock.now())
        assert not readers.erase(tx, person.id, actor="ada", now=h.clock.now())
    assert tie_of(h) is None
    with h.app.ground.reading() as tx:
        assert consents.history(tx, person.id) == []
        assert subscribers.get(tx, person.id) is None
    joined(h, client, "tom@example.org")
    with h.app.ground.reading() as tx:
        tom = subscribers.find(tx, "tom@example.org")
    assert tom is not None
    assert tom.id != person.id, "the number of somebody erased was given to another person"
