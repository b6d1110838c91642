"""Telling the desk, over a real mail server and a real webhook on this machine."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from channels.rehearsal.faults import Fault
from channels.rehearsal.published import Published
from db import audit, leases, notices
from db.records import Claim
from scheduler import journey, notifying
from scheduler.run import daily_run
from scheduler.sheet import Sheet
from tests.channels.email.scripted_server import ScriptedServer
from tests.listener import Listener, listening
from tests.scheduler.house import MAIL, MORNING, SETTINGS, House, house

MINUTE = timedelta(minutes=1)
SECRET = "a-secret-of-the-test-6b1f"


@pytest.fixture
def hook() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def asking(folder: Path, *, email: bool = False, hook: Listener | None = None, heartbeat: str = "") -> str:
    """Settings with ``[notices]``; the webhook is signed."""
    lines = ["", "[notices]"]
    if email:
        lines.append('email = "The Desk <desk@news.example.org>"')
    if hook is not None:
        secret = folder / "notices.env"
        secret.write_text(f"WEBHOOK_SECRET={SECRET}\n", encoding="utf-8")
        secret.chmod(0o600)
        lines += [f'webhook = "{hook.url}/desk"', 'secret_file = "notices.env"']
    if heartbeat:
        lines.append(f'heartbeat_url = "{heartbeat}"')
    return SETTINGS + "\n".join(lines) + "\n"


def put_up(h: House, cause: str = "source wire", sentence: str = "the wire is silent", remedy: str = "call") -> None:
    with h.app.ground.transaction() as tx:
        notices.tell_once(tx, cause, sentence, remedy, now=h.clock.now())


def take_down(h: House, cause: str) -> None:
    with h.app.ground.transaction() as tx:
        assert notices.clear(tx, cause, now=h.clock.now())


def mails(h: House) -> list[Published]:
    """The desk's mails, the oldest first."""
    return list(reversed(h.platforms.published("email")))


def told(hook: Listener) -> list[dict[str, str]]:
    return [json.loads(heard.body) for heard in hook.heard]


# --- each thing once ---


def test_a_notice_goes_by_mail_and_webhook_once_and_is_marked_told(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, email=True, hook=hook)) as h:
        put_up(h)
        for _ in range(3):
            h.work()
            h.clock.advance(MINUTE)
        (mail,) = mails(h)
        assert mail.to == ("desk@news.example.org",)
        assert mail.subject == "[Pressrun rehearsal] the wire is silent"
        assert "What to do: call" in mail.text
        (heard,) = told(hook)
        assert (heard["kind"], heard["cause"], heard["sentence"]) == ("raised", "source wire", "the wire is silent")
        assert (heard["remedy"], heard["text"]) == ("call", "the wire is silent (call)")
        assert (heard["newsroom"], heard["mode"], heard["key"]) == ("The Test Times", "rehearsal", "notice 1")
        with h.app.ground.reading() as tx:
            assert not notices.untold(tx)
            assert {row.after for row in audit.rows(tx, subject="notice 1", verb="tell")} == {"e-mail", "webhook"}
        assert not h.troubles


def test_many_causes_at_once_are_one_mail_and_one_webhook_call_each(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, email=True, hook=hook)) as h:
        for name in ("one", "two", "three"):
            put_up(h, f"source {name}", f"source {name} is silent")
        h.work()
        (mail,) = mails(h)
        assert mail.subject == "[Pressrun rehearsal] source one is silent (and 2 more)"
        assert all(f"source {name} is silent" in mail.text for name in ("one", "two", "three"))
        assert len(hook.heard) == 3


def test_ten_posts_that_one_stopped_channel_keeps_are_one_notice(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook=hook)) as h:
        h.platforms.faults.add(Fault("x", "any", "x-401", times=3))
        for number in range(10):
            h.promise(f"A post, number {number}")
        h.work()
        h.work()
        (heard,) = told(hook)
        assert heard["sentence"].startswith("x-main is stopped")
        for _ in range(4):
            h.clock.advance(16 * MINUTE)
            h.work()
            h.work()
        assert [one["sentence"] for one in told(hook)[1:]] == ["x-main goes again"]
        assert told(hook)[1]["kind"] == "over"


def test_what_was_never_told_is_not_called_settled(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook=hook)) as h:
        put_up(h)
        take_down(h, "source wire")
        h.work()
        assert not hook.heard
        put_up(h)
        h.work()
        take_down(h, "source wire")
        h.work()
        h.work()
        assert [one["sentence"] for one in told(hook)] == ["the wire is silent", "settled: the wire is silent"]


def test_a_restart_repeats_nothing(tmp_path: Path, hook: Listener) -> None:
    settings = asking(tmp_path, email=True, hook=hook)
    hook.statuses[:] = [503]
    with house(tmp_path, settings) as h:
        put_up(h)
        h.work()
        assert len(mails(h)) == 1
        clock = h.clock
    with house(tmp_path, settings, clock=clock) as h:
        h.work()
        assert len(mails(h)) == 2  # the second says that the webhook is shut
        assert "cannot be told by webhook" in mails(h)[1].text
        assert [one["sentence"] for one in told(hook)][:2] == ["the wire is silent"] * 2
        with h.app.ground.reading() as tx:
            assert "source wire" not in {one.cause_key for one in notices.untold(tx)}


# --- ways that are shut ---


def test_a_webhook_that_fails_is_tried_again_with_a_growing_pause_and_mail_does_not_wait(
    tmp_path: Path, hook: Listener
) -> None:
    with house(tmp_path, asking(tmp_path, email=True, hook=hook)) as h:
        hook.statuses[:] = [500] * 4
        put_up(h)
        calls = []
        for _ in range(16):
            h.work()
            calls.append(len(hook.heard))
            h.clock.advance(MINUTE)
        # Tried at 0, 1, 3, 7 and 15 minutes; the last brings what stands.
        assert [calls[minute] for minute in (0, 1, 2, 3, 6, 7, 14)] == [1, 2, 2, 3, 3, 4, 4]
        assert calls[15] > 4
        assert mails(h)[0].subject == "[Pressrun rehearsal] the wire is silent"
        h.work()
        assert not [one for one in h.notices() if "cannot be told" in one]
        assert h.notices() == ["the wire is silent"]


def test_a_webhook_that_never_answers_holds_up_nothing(tmp_path: Path, hook: Listener) -> None:
    hook.silent = True
    with house(tmp_path, asking(tmp_path, hook=hook)) as h:
        put_up(h)
        post = h.promise("A post that must not wait")
        journey.tick(h.app, h.clock.now())
        until = time.monotonic() + 60
        while h.see(post).state != "sent" and time.monotonic() < until:
            time.sleep(0.01)
        assert h.see(post).state == "sent"
        assert not h.app.engine.idle()
        hook.ended.set()
        assert h.app.engine.wait(120)
        assert any("the desk cannot be told by webhook" in one for one in h.notices())


def test_a_redirect_is_not_followed(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook=hook)) as h:
        hook.statuses[:] = [302]
        put_up(h)
        h.work()
        assert [heard.path for heard in hook.heard] == ["/desk"]
        assert any("points elsewhere (302)" in one for one in h.notices())


def test_a_mail_server_that_refuses_is_asked_again_later(tmp_path: Path) -> None:
    with house(tmp_path, asking(tmp_path, email=True)) as h:
        h.platforms.faults.add(Fault("email", "mail", "smtp-421"))
        put_up(h)
        h.work()
        assert not mails(h)
        assert any(one.startswith("the desk cannot be told by e-mail") for one in h.notices())
        h.clock.advance(MINUTE)
        h.work()
        assert [mail.subject for mail in mails(h)] == ["[Pressrun rehearsal] the wire is silent"]
        assert h.notices() == ["the wire is silent"]


def test_a_secret_file_that_went_missing_says_so_and_shows_no_secret(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook=hook)) as h:
        (tmp_path / "notices.env").unlink()
        put_up(h)
        h.work()
        assert not hook.heard
        assert any("notices.env" in one for one in h.notices())
        assert SECRET not in "".join(h.notices())


def test_only_one_process_tells_at_a_time(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook=hook)) as h:
        put_up(h)
        other = Claim("elsewhere:7:ab", "held", "held", h.clock.boot() + 60, h.clock.now() + MINUTE)
        with h.app.ground.transaction() as tx:
            assert leases.take(tx, notifying.LEASE, other, instead_of=None, now=h.clock.now())
        h.work()
        assert not hook.heard
        h.clock.advance(2 * MINUTE)
        h.work()
        assert len(hook.heard) == 1


# --- nothing leaves in rehearsal ---


def test_in_rehearsal_a_webhook_elsewhere_is_left_out_and_the_mail_stays_here(tmp_path: Path) -> None:
    settings = SETTINGS + '\n[notices]\nemail = "desk@news.example.org"\nwebhook = "https://chat.example.org/hook"\n'
    with house(tmp_path, settings) as h:
        put_up(h)
        h.work()
        assert len(mails(h)) == 1
        with h.app.ground.reading() as tx:
            assert not notices.untold(tx)
        assert h.notices() == ["the wire is silent"]


def test_live_without_a_live_mail_channel_the_desk_is_told_that_it_cannot_be(tmp_path: Path) -> None:
    secret = tmp_path / "x.env"
    secret.write_text("CONSUMER_KEY=a\nCONSUMER_SECRET=b\nACCESS_TOKEN=c\nACCESS_TOKEN_SECRET=d\n")
    secret.chmod(0o600)
    live = SETTINGS.replace('kind = "x"', 'kind = "x"\nmode = "live"\nsecret_file = "x.env"')
    live = live.replace("news.example.org", "thetesttimes.net")
    with house(tmp_path, live + '\n[notices]\nemail = "desk@news.example.org"\n') as h:
        put_up(h)
        notifying.tell_desk(h.app)
        assert any("no e-mail channel is live" in one for one in h.notices())
        with h.app.ground.reading() as tx:
            assert len(notices.untold(tx)) == 2


def test_live_the_mail_server_of_the_first_live_mail_channel_carries_the_desks_mail(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        live = SETTINGS.replace("news.example.org", "thetesttimes.net").replace(
            'timezone = "Europe/Berlin"',
            'timezone = "Europe/Berlin"\npublic_url = "https://letters.thetesttimes.net"\npostal_address = "1 Quay"',
        )
        mail = MAIL.replace(
            'kind = "email"', f'kind = "email"\nmode = "live"\nhost = "127.0.0.1"\nport = {server.port}'
        )
        mail = mail.replace("news.example.org", "thetesttimes.net") + 'tls = "none"\n'
        with house(tmp_path, live + mail + '\n[notices]\nemail = "desk@thetesttimes.net"\n') as h:
            put_up(h)
            notifying.tell_desk(h.app)
            (taken,) = server.taken
            assert (taken.sender, taken.recipient) == ("news@thetesttimes.net", "desk@thetesttimes.net")
            assert b"Subject: [Pressrun] the wire is silent" in taken.raw
            assert not h.platforms.published("email")


# --- the signature ---


def test_the_webhook_is_signed_over_its_moment_and_its_body(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook=hook)) as h:
        put_up(h)
        h.work()
        (heard,) = hook.heard
        stamp, _, signature = heard.headers["pressrun-signature"].partition(",v1=")
        assert stamp == f"t={int(MORNING.timestamp())}"
        expected = hmac.new(SECRET.encode(), stamp[2:].encode() + b"." + heard.body, hashlib.sha256).hexdigest()
        assert signature == expected
        assert heard.headers["content-type"] == "application/json"
        assert SECRET.encode() not in heard.body


# --- the day's line and the heartbeat ---


def test_the_day_line_comes_once_in_the_evening_of_the_newsrooms_day(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook=hook)) as h:
        h.take()
        h.clock.advance(timedelta(hours=9, minutes=29))  # 15:59 UTC is 17:59 in Berlin
        h.work()
        h.work()
        assert not hook.heard
        h.clock.advance(MINUTE)
        h.work()
        h.work()
        (heard,) = told(hook)
        assert (heard["kind"], heard["sentence"]) == ("day", "all well: 2 sent, 0 open (rehearsal)")
        h.clock.advance(timedelta(days=1))
        h.work()
        assert [one["sentence"] for one in told(hook)[1:]] == ["all well: 0 sent, 0 open (rehearsal)"]


def test_the_day_line_counts_apart_what_was_found_and_says_what_failed(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook=hook)) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", when="after"))
        h.take()
        h.promise("Too late", latest_at=MORNING - MINUTE)
        h.promise("Nobody said yes", approved=False)
        h.work()
        h.clock.advance(timedelta(minutes=7))
        h.work()
        h.clock.advance(timedelta(hours=10))
        h.work()
        line = told(hook)[-1]["sentence"]
        assert line == "not all is well: 2 sent (1 found by looking), 1 expired, 1 open (rehearsal)"


def test_a_run_ends_with_the_day_line_and_the_heartbeat(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook=hook, heartbeat=f"{hook.url}/beat")) as h:
        h.take()
        for _ in range(2):
            assert isinstance(daily_run(h.app, None, on_step=lambda step: None), Sheet)
        assert [(heard.method, heard.path) for heard in hook.heard] == [
            ("POST", "/desk"),
            ("GET", "/beat"),
            ("GET", "/beat"),
        ]
        assert json.loads(hook.heard[0].body)["sentence"] == "all well: 2 sent, 0 open (rehearsal)"
        assert not h.troubles


@pytest.mark.parametrize("url", ["", "https://status.example.org/ping", "http://127.0.0.1:9/beat"])
def test_no_heartbeat_makes_a_run_fail(tmp_path: Path, hook: Listener, url: str) -> None:
    hook.statuses[:] = [500, 500]
    steps: list[str] = []
    with house(tmp_path, asking(tmp_path, hook=hook, heartbeat=url or f"{hook.url}/beat")) as h:
        h.take()
        sheet = daily_run(h.app, None, on_step=steps.append)
        assert isinstance(sheet, Sheet)
        assert sheet.sent == 2
        assert any("heartbeat_url" in step for step in steps)
        assert not h.troubles


def test_a_run_that_is_told_to_stop_sends_no_heartbeat(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, heartbeat=f"{hook.url}/beat")) as h:
        h.app.stop()
        daily_run(h.app, None, on_step=lambda step: None)
        assert not hook.heard


def test_that_nothing_at_all_may_go_is_told_and_so_is_its_end(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook=hook)) as h:
        h.promise("A post")
        h.clock.jump(timedelta(hours=-1))
        h.work()
        h.work()
        assert [one["cause"] for one in told(hook)] == ["safety"]
        assert "clock" in told(hook)[0]["sentence"]
        h.clock.jump(timedelta(hours=1))
        h.work()
        h.work()
        assert [one["sentence"] for one in told(hook)[1:]] == ["Pressrun goes again"]
