"""Coming into the desk: the set-up link, log in, links, throttling, log out; with a real browser where one matters."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Client
from httpx2 import Response as Answer

from db import audit, entry_links, people, visits
from desk.web.app import web_app
from desk.web.door.devices import Device, device_of
from desk.web.serving import WebServer
from scheduler.app import App
from scheduler.clock import HeldClock
from scheduler.keys import keys_in
from scheduler.people import entering, passwords, staffing, throttle, totp
from scheduler.people.passwords import hashed
from scheduler.people.roles import Role
from scheduler.people.throttle import Comer
from scheduler.people.tokens import hash_of
from scheduler.sealing import seal
from tests.desk.web.ground import MORNING, NARROW, PASSWORD, THEMES, Site, axe_faults, open_app, too_wide

SETTINGS = '[newsroom]\nname = "The Test Times"\n[serve]\nproxies = ["127.0.0.1"]\n'


class Desk:
    """A newsroom without stories, its desk answering; ``clock`` is held."""

    def __init__(self, app: App, clock: HeldClock, address: str) -> None:
        self.app, self.clock, self.address = app, clock, address
        self.port = address.rpartition(":")[2]
        self.clients: list[Client] = []

    def browser(self, **headers: str) -> Client:
        """A client that keeps cookies, as a browser would send its headers."""
        own = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Origin": self.address, **headers}
        self.clients.append(Client(base_url=self.address, headers=own, trust_env=False, verify=False))
        return self.clients[-1]

    def send(self, client: Client, path: str, **fields: str) -> Answer:
        """Opens the page with the form, and sends the form as it stands there."""
        page = client.get(path).text
        token = page.split('name="form_token" value="')[1].split('"')[0]
        return client.post(path, data={"form_token": token, **fields})

    def log_in(self, client: Client, name: str = "Ada", password: str = PASSWORD, **more: str) -> Answer:
        """Sends the log-in form."""
        return self.send(client, "/enter", name=name, password=password, **more)

    def add(self, name: str = "Ada", role: Role = Role.ADMIN) -> people.Person:
        """Somebody with the usual password."""
        person = staffing.add_person(self.app, name, role, actor="shell").person
        with self.app.ground.transaction() as tx:
            people.change(tx, person.id, actor="shell", now=self.clock.now(), password_hash=_KEPT)
            found = people.by_id(tx, person.id)
        assert found is not None
        return found


_KEPT = hashed(PASSWORD)


def _second_factor(desk: Desk, person: people.Person) -> str:
    secret = totp.new_secret()
    with desk.app.ground.transaction() as tx:
        sealed = seal(secret, entering.totp_place(person), keys_in(desk.app.folder).seal)
        people.change(tx, person.id, actor="Ada", now=desk.clock.now(), totp_sealed=sealed)
    return secret


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    clock = HeldClock(MORNING)
    app = open_app(tmp_path, clock)
    server = WebServer(web_app(app), "127.0.0.1", 0)
    server.start()
    desk = Desk(app, clock, server.address)
    yield desk
    for client in desk.clients:
        client.close()
    app.stop()
    server.stop()
    app.close()


def test_the_set_up_link_makes_the_first_admin_once(desk: Desk) -> None:
    token = entering.setup_link(desk.app)
    assert token is not None
    first, second = desk.browser(), desk.browser()
    assert "You are the first" in first.get(f"/enter/{token}").text
    short = desk.send(first, f"/enter/{token}", name="Ada", password="short", again="short")
    assert (short.status_code, "at least 12 characters" in short.text) == (422, True)
    unlike = desk.send(first, f"/enter/{token}", name="Ada", password=PASSWORD, again="another one here")
    assert "not the same" in unlike.text
    assert desk.send(first, f"/enter/{token}", name="Ada", password=PASSWORD, again=PASSWORD).status_code == 303
    assert "Ada" in first.get("/").text
    assert second.get(f"/enter/{token}").status_code == 404
    assert entering.setup_link(desk.app) is None
    with desk.app.ground.reading() as tx:
        ada = people.by_name(tx, " ada ")
    assert ada is not None
    assert ada.role == Role.ADMIN
    assert ada.password_hash is not None
    assert ada.password_hash.startswith("$argon2id$")


def test_only_the_newest_set_up_link_works_and_only_for_a_day(desk: Desk) -> None:
    older, newer = entering.setup_link(desk.app), entering.setup_link(desk.app)
    assert desk.browser().get(f"/enter/{older}").status_code == 404
    assert desk.browser().get(f"/enter/{newer}").status_code == 200
    desk.clock.advance(timedelta(hours=24, seconds=1))
    assert desk.browser().get(f"/enter/{newer}").status_code == 404


def test_nobody_comes_in_without_name_and_password(desk: Desk) -> None:
    desk.add()
    client = desk.browser()
    assert client.get("/").headers["location"] == "/enter"
    for name, password in (("Ada", "wrong password"), ("Nobody", PASSWORD), ("", ""), ("Ada", "")):
        answer = desk.log_in(client, name, password)
        assert (answer.status_code, "do not belong together" in answer.text) == (403, True)
    assert client.get("/").status_code == 303


def test_the_visit_s_cookie_is_out_of_reach_of_scripts_and_only_its_hash_is_kept(desk: Desk) -> None:
    desk.add()
    client = desk.browser()
    answer = desk.log_in(client)
    (kept,) = [one for one in answer.headers.get_list("set-cookie") if "-visit=" in one]
    assert kept.startswith(f"pressrun-{desk.port}-visit=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(kept.split("; "))
    token = kept.partition("=")[2].partition(";")[0]
    with desk.app.ground.reading() as tx:
        assert visits.standing(tx, hash_of(token), desk.clock.now()) is not None
        assert token not in str(tx.exec_driver_sql("select * from visits").all())


def test_over_https_behind_a_named_proxy_the_cookies_are_bound_to_the_host(desk: Desk) -> None:
    desk.add()
    client = desk.browser(**{"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"})
    client.headers["Origin"] = desk.address.replace("http:", "https:")
    page = client.get("/enter")
    token = page.text.split('name="form_token" value="')[1].split('"')[0]
    (form,) = page.headers.get_list("set-cookie")
    assert form.startswith("__Host-pressrun-form=")
    assert "Secure" in form
    answer = client.post(
        "/enter",
        data={"form_token": token, "name": "Ada", "password": PASSWORD},
        headers={"Cookie": form.partition(";")[0]},
    )
    assert answer.status_code == 303
    assert all(one.startswith("__Host-") and "Secure" in one for one in answer.headers.get_list("set-cookie"))


def test_another_machine_is_let_in_over_https_only_and_forged_headers_of_strangers_do_not_count(desk: Desk) -> None:
    told = desk.browser(**{"X-Forwarded-For": "203.0.113.9"}).get("/enter")
    assert (told.status_code, "over https" in told.text) == (403, True)
    forged = desk.browser(**{"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}).get("/enter")
    assert forged.status_code == 403


def test_a_foreign_host_name_that_leads_here_gets_no_page(desk: Desk) -> None:
    answer = desk.browser(Host="evil.example:80").get("/enter")
    assert answer.status_code == 421
    assert "form" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_that_another_page_sends_changes_nothing(desk: Desk, headers: dict[str, str]) -> None:
    desk.add()
    client = desk.browser()
    assert desk.log_in(client).status_code == 303
    token = client.get("/").text.split('name="form_token" value="')[1].split('"')[0]
    assert client.post("/leave", data={"form_token": token}, headers=headers).status_code == 403
    assert client.post("/leave", data={"form_token": "guessed"}).status_code == 403
    assert client.post("/leave", data={}).status_code == 403
    assert client.get("/").status_code == 200
    assert client.post("/leave", data={"form_token": token}).status_code == 303
    assert client.get("/").status_code == 303


def test_guessing_is_slowed_down_and_a_colleague_s_own_browser_is_not_locked_out(desk: Desk) -> None:
    desk.add()
    own, stranger = desk.browser(), desk.browser()
    assert desk.log_in(own).status_code == 303
    for _ in range(5):
        assert desk.log_in(stranger, password="guess number one").status_code == 403
    refused = desk.log_in(stranger, password=PASSWORD)
    assert (refused.status_code, "Too many tries" in refused.text) == (429, True)
    assert int(refused.headers["retry-after"]) >= 1
    own.cookies.delete(f"pressrun-{desk.port}-visit")
    assert desk.log_in(own).status_code == 303  # from the same address, while the stranger waits
    desk.clock.advance(timedelta(minutes=16))
    assert desk.log_in(stranger).status_code == 303


def test_guesses_sent_all_at_once_are_as_many_tries(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.add()
    looked: list[str] = []
    comer = Comer("Ada", "192.0.2.1")

    def guess(number: int) -> str:
        with pytest.raises(entering.NotLetIn) as no:
            entering.log_in(desk.app, "Ada", f"guess number {number}", "", comer=comer, browser="")
        return no.value.word

    def looks(kept: str | None, password: str) -> bool:
        looked.append(password)
        if len(looked) < 20:
            said.append(guess(len(looked)))  # comes while this one is still looked at
        return False

    monkeypatch.setattr(passwords, "fits", looks)
    monkeypatch.setattr(entering, "_LINE", threading.BoundedSemaphore(99))
    said: list[str] = []
    said.append(guess(0))
    assert len(looked) == throttle.FREE
    assert sorted(said) == ["wait"] + ["wrong"] * throttle.FREE


def test_a_crowd_at_the_door_is_told_to_come_back_and_is_no_failure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add()
    client = desk.browser()
    with monkeypatch.context() as crowded:
        crowded.setattr(entering, "_LINE", threading.BoundedSemaphore(0))
        for _ in range(9):
            assert desk.log_in(client).headers["retry-after"] == "5"
    assert desk.log_in(client).status_code == 303


def test_no_code_is_guessed_from_a_thousand_places(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "WRONG_CODES", 3)
    secret = _second_factor(desk, desk.add())
    right = totp.code_at(secret, totp.step_of(desk.clock.now()))

    def say(code: str, number: int, known: str | None = None) -> str:
        comer = Comer("Ada", f"192.0.2.{number}", known)
        try:
            entering.log_in(desk.app, "Ada", PASSWORD, code, comer=comer, browser="")
        except entering.NotLetIn as no:
            return no.word
        return "in"

    assert [say("000000", number) for number in range(4)] == ["wrong code"] * 3 + ["wait"]
    assert say("", 5) == "code"
    assert say(right, 6) == "wait"
    assert say(right, 7, known="a browser that was in before") == "in"


def test_a_link_for_a_password_is_no_second_factor(desk: Desk) -> None:
    secret = _second_factor(desk, desk.add())
    made = staffing.new_link(desk.app, "ada", actor="shell")
    client, other = desk.browser(), "other words in a row"
    sent = desk.send(client, f"/enter/{made.token}", password=other, again=other)
    assert sent.headers["location"] == "/enter?done=password_chosen"
    assert "with it and the code" in client.get(sent.headers["location"]).text
    assert client.get("/").status_code == 303
    code = totp.code_at(secret, totp.step_of(desk.clock.now()))
    assert desk.log_in(client, password=other, code=code).status_code == 303


def test_a_household_of_new_addresses_is_one_place(desk: Desk) -> None:
    desk.add()
    client = desk.browser(**{"X-Forwarded-Proto": "https", "X-Forwarded-For": "2001:db8::1"})
    page = client.get("/enter")
    (cookie,) = page.headers.get_list("set-cookie")
    form = {"form_token": page.text.split('name="form_token" value="')[1].split('"')[0], "name": "Ada", "password": "?"}
    own = {"Origin": desk.address.replace("http:", "https:"), "Cookie": cookie.partition(";")[0]}
    said = [client.post("/enter", data=form, headers={**own, "X-Forwarded-For": f"2001:db8::{n}"}) for n in range(1, 7)]
    assert [one.status_code for one in said] == [403] * throttle.FREE + [429]


def test_many_names_from_one_place_are_slowed_down_together(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.people.throttle.FROM_ONE_PLACE", 8)
    desk.add()
    stranger = desk.browser()
    for number in range(8):
        assert desk.log_in(stranger, f"name {number}", "guess number one").status_code == 403
    assert desk.log_in(stranger, "one more", "guess number one").status_code == 429


def test_a_new_password_ends_all_other_visits_and_the_link_works_once(desk: Desk) -> None:
    desk.add()
    old, new = desk.browser(), desk.browser()
    assert desk.log_in(old).status_code == 303
    made = staffing.new_link(desk.app, "ada", actor="shell")
    other = "other words in a row"
    assert desk.send(new, f"/enter/{made.token}", password=other, again=other).status_code == 303
    assert old.get("/").status_code == 303
    assert new.get(f"/enter/{made.token}").status_code == 404
    assert desk.log_in(desk.browser()).status_code == 403
    assert desk.log_in(desk.browser(), password=other).status_code == 303


def test_opening_a_link_that_lets_in_spends_nothing_and_sending_it_does(desk: Desk) -> None:
    desk.add()
    token = entering.enter_link(desk.app, "Ada", actor="shell")
    for _ in range(3):
        assert desk.browser().get(f"/enter/{token}").status_code == 200
    client = desk.browser()
    assert desk.send(client, f"/enter/{token}").status_code == 303
    assert client.get("/").status_code == 200
    assert desk.browser().get(f"/enter/{token}").status_code == 404


def test_who_left_is_out_at_once_and_a_new_role_holds_from_the_next_click(desk: Desk) -> None:
    desk.add()
    desk.add("Ben", Role.EDITOR)
    client = desk.browser()
    assert desk.log_in(client, "Ben").status_code == 303
    staffing.set_role(desk.app, "Ben", Role.VIEWER, actor="shell")
    assert "viewer" in client.get("/").text
    staffing.let_go(desk.app, "Ben", actor="shell")
    assert client.get("/").status_code == 303
    assert desk.log_in(client, "Ben").status_code == 403


def test_a_second_factor_is_asked_for_and_no_code_works_twice(desk: Desk) -> None:
    secret = _second_factor(desk, desk.add())
    assert "Give the code" in desk.log_in(desk.browser()).text
    code = totp.code_at(secret, totp.step_of(desk.clock.now()))
    assert "not the one" in desk.log_in(desk.browser(), code="000000").text
    assert desk.log_in(desk.browser(), code=code).status_code == 303
    assert desk.log_in(desk.browser(), code=code).status_code == 403
    desk.clock.advance(timedelta(seconds=60))
    assert desk.log_in(desk.browser(), code=totp.code_at(secret, totp.step_of(desk.clock.now()))).status_code == 303


def test_people_set_and_drop_their_own_code_change_their_password_and_log_out_elsewhere(desk: Desk) -> None:
    desk.add()
    here, there = desk.browser(), desk.browser()
    assert desk.log_in(here).status_code == desk.log_in(there).status_code == 303

    def send(path: str, **fields: str) -> Answer:
        page = here.get("/account").text
        token = page.split('name="form_token" value="')[1].split('"')[0]
        return here.post(path, data={"form_token": token, **fields})

    secret = here.get("/account").text.split('name="secret" value="')[1].split('"')[0]
    code = totp.code_at(secret, totp.step_of(desk.clock.now()))
    assert "not your password" in send("/account/code", secret=secret, code=code, password="wrong words here").text
    assert "not the one your app shows" in send("/account/code", secret=secret, code="1", password=PASSWORD).text
    assert send("/account/code", secret=secret, code=code, password=PASSWORD).status_code == 303
    assert "Give the code" in desk.log_in(desk.browser()).text
    assert send("/account/code", drop="1", password=PASSWORD).status_code == 303
    assert send("/account/others").headers["location"] == "/account?done=others_ended&n=1"
    assert there.get("/").status_code == 303
    other = "other words in a row"
    assert "not the same" in send("/account/password", old=PASSWORD, password=other, again="x").text
    assert "not your password" in send("/account/password", old="wrong one", password=other, again=other).text
    assert send("/account/password", old=PASSWORD, password=other, again=other).status_code == 303
    assert here.get("/").status_code == 200
    assert desk.log_in(desk.browser()).status_code == 403
    assert desk.log_in(desk.browser(), password=other).status_code == 303
    with desk.app.ground.reading() as tx:
        kept = str(tx.exec_driver_sql("select * from people").all())
    assert secret not in kept


def test_people_see_where_they_are_logged_in_and_log_out_there_alone(desk: Desk) -> None:
    desk.add()
    desk.add("Ben")
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit/605 Version/17.0 Mobile/15E148 Safari/604.1"
    here, there, third, other = (desk.browser(**{"User-Agent": one}) for one in ("curl/8", phone, "third", "other"))
    for client, name in ((here, "Ada"), (there, "Ada"), (third, "Ada"), (other, "Ben")):
        assert desk.log_in(client, name).status_code == 303
    page = here.get("/account").text
    assert "Safari on iPhone" in page
    assert "curl/8" in page
    assert len(ends := re.findall(r"/account/visits/\d+/end", page)) == 2
    (bens,) = [one.id for one in _visits_of(desk, "Ben")]
    assert "logged in there no more" in _post(here, f"/account/visits/{bens}/end").text
    assert other.get("/").status_code == 200
    assert _post(here, ends[0]).status_code == 303  # the one seen last first: the third
    assert [one.get("/").status_code for one in (here, there, third)] == [200, 200, 303]
    assert "logged in there no more" in _post(here, ends[0]).text
    with desk.app.ground.reading() as tx:
        row = audit.rows(tx)[0]
    assert (row.verb, row.subject, row.before) == ("end visits", "person Ada", "third")


def test_whoever_is_logged_out_hears_no_more_news(desk: Desk) -> None:
    desk.add()
    client = desk.browser()
    assert desk.log_in(client).status_code == 303
    with client.stream("GET", "/live") as line:
        said = line.iter_lines()
        assert "event: hello" in [next(said), next(said)]
        (visit,) = _visits_of(desk, "Ada")
        with desk.app.ground.transaction() as tx:
            visits.end(tx, visit.id, actor="test", now=desk.clock.now(), reason="test")
        assert "event: changed" not in list(said)  # and it ends


def _post(client: Client, path: str, **fields: str) -> Answer:
    token = client.get("/account").text.split('name="form_token" value="')[1].split('"')[0]
    return client.post(path, data={"form_token": token, **fields})


def _visits_of(desk: Desk, name: str) -> list[visits.Visit]:
    with desk.app.ground.reading() as tx:
        person = people.by_name(tx, name)
        assert person is not None
        return visits.of_person(tx, person.id, desk.clock.now())


@pytest.mark.parametrize(
    ("said", "browser", "system"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537 Chrome/120 Safari/537 Edg/120.0",
            "Edge",
            "Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox", "Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/537 Chrome/120 Safari/537", "Chrome", "macOS"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/120 Mobile Safari/537", "Chrome", "Android"),
        ("curl/8.5.0", "curl/8.5.0", ""),
        ("", "", ""),
        ("x" * 99, "x" * 60 + "…", ""),
    ],
)
def test_a_browser_is_called_what_people_call_it(said: str, browser: str, system: str) -> None:
    assert device_of(said) == Device(browser, system)


def test_at_an_open_desk_a_password_is_guessed_no_faster_than_at_the_door(desk: Desk) -> None:
    desk.add()
    client, other = desk.browser(), desk.browser()
    assert desk.log_in(client).status_code == desk.log_in(other).status_code == 303
    for guess in range(throttle.FREE):
        assert "not your password" in _post(client, "/account/code", drop="1", password=f"guess {guess}").text
    assert "try again in 2 seconds" in _post(client, "/account/code", drop="1", password=PASSWORD).text
    assert "try again in 2 seconds" in _post(other, "/account/code", drop="1", password=PASSWORD).text
    assert desk.log_in(desk.browser()).status_code == 303
    desk.clock.advance(timedelta(seconds=3))
    assert _post(client, "/account/code", drop="1", password=PASSWORD).status_code == 303


def test_codes_are_those_of_rfc_6238() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # appendix B's, in base32
    assert [totp.code_at(secret, at // 30) for at in (59, 1111111109, 1234567890)] == ["287082", "081804", "005924"]


def test_a_visit_ends_two_weeks_after_the_browser_was_last_seen(desk: Desk) -> None:
    desk.add()
    client = desk.browser()
    assert desk.log_in(client).status_code == 303
    desk.clock.advance(timedelta(days=13))
    assert client.get("/").status_code == 200
    desk.clock.advance(timedelta(days=13))
    assert client.get("/").status_code == 200
    desk.clock.advance(timedelta(days=14, seconds=1))
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_the_way_back_leads_nowhere_but_into_the_desk(desk: Desk, to: str) -> None:
    desk.add()
    assert desk.log_in(desk.browser(), to=to).headers["location"] == "/"


def test_what_people_do_at_the_door_stands_in_the_audit(desk: Desk) -> None:
    desk.add()
    client = desk.browser()
    desk.log_in(client)
    with desk.app.ground.reading() as tx:
        assert [row.verb for row in audit.rows(tx)] == ["log in", "add person"]
        assert entry_links.find(tx, hash_of("guess"), desk.clock.now()) is None


def test_a_person_logs_in_and_out_with_a_browser(site: Site) -> None:
    with site.window(None) as page:
        page.goto("/?x=1")
        page.get_by_label("Name").fill("anand")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/?x=1")
        page.get_by_text("Anand").click()
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/enter")


@pytest.mark.parametrize("theme", THEMES)
def test_the_pages_before_the_door_are_for_everybody(site: Site, theme: str) -> None:
    made = staffing.new_link(site.app, "Edith", actor="shell")
    with site.window(None, theme=theme, for_axe=True, size=NARROW) as page:
        for name, path in {"enter": "/enter", "link": f"/enter/{made.token}", "shut": "/enter/nothing"}.items():
            site.expected = ("404",)
            page.goto(path)
            site.shot(page, f"{name}-{theme}")
            assert axe_faults(page) == []
            assert too_wide(page) == []


def test_a_page_that_stands_open_leads_to_the_log_in_once_its_person_is_logged_out(site: Site) -> None:
    site.expected = ("401 (Unauthorized)",)
    with site.window(Role.EDITOR) as page:
        page.goto("/")
        page.locator("html[data-line=open]").wait_for(state="attached")
        staffing.log_out(site.app, "Edith", actor="shell")
        page.get_by_role("button", name="Log in").wait_for()
