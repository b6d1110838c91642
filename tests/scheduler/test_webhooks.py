"""Outgoing webhooks: what is committed is told, at least once, in order, signed, and nothing waits for a receiver."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from db import deliveries, webhooks
from db.records import Delivery, State
from scheduler.newsroom.grounds import Refused
from scheduler.people.actor import Actor, NotAllowed
from scheduler.people.roles import MAY, Role
from scheduler.settings_faults import SettingsError
from scheduler.settings_load import load_text
from scheduler.webhooks import verbs
from scheduler.webhooks.lane import KEPT_FOR
from scheduler.webhooks.pauses import event_pause, has_failed_for_long, webhook_pause
from scheduler.webhooks.signing import headers_of, key_of
from scheduler.webhooks.standing import webhook_standings
from scheduler.webhooks.wire import Target, post
from tests.listener import Heard, Listener, listening
from tests.scheduler.house import MORNING, SETTINGS, House, house

SECRET = "whsec_" + base64.b64encode(b"a made-up key of twenty-four").decode()
MINUTE = timedelta(minutes=1)


@pytest.fixture
def hook() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def asking(folder: Path, hook: Listener, *, events: str = "", more: str = "") -> str:
    secret = folder / "cms.env"
    secret.write_text(f"WEBHOOK_SECRET={SECRET}\n{more}", encoding="utf-8")
    secret.chmod(0o600)
    lines = ["", "[webhooks.cms]", f'url = "{hook.url}/hear?token=not-for-the-log"', 'secret_file = "cms.env"']
    lines += ["local = true", *([f"events = {events}"] if events else [])]
    return SETTINGS + "\n".join(lines) + "\n"


def work(h: House) -> None:
    """One tick and all that it woke, the webhooks' own lanes too; once more for what the lanes themselves did."""
    for _ in range(2):
        h.work()
        assert h.app.webhook_engine.wait(120)


def bodies(hook: Listener) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in hook.heard]


def owed(h: House) -> list[webhooks.Owed]:
    with h.app.ground.reading() as tx:
        return webhooks.events(tx, "cms", limit=200)


# --- what is told ---


def test_the_life_of_a_delivery_is_told_in_order_signed_and_with_its_receipt(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook)) as h:
        work(h)
        delivery = h.promise("The press is running")
        work(h)
        told = bodies(hook)
        assert [one["type"] for one in told] == ["delivery.planned", "delivery.sending", "delivery.sent"]
        assert [one["data"]["was"] for one in told] == [None, "planned", "sending"]
        assert {one["data"]["key"] for one in told} == {delivery.key}
        assert [one["data"]["version"] for one in told] == sorted(one["data"]["version"] for one in told)
        assert told[-1]["data"]["posts"][0]["id"]
        assert told[-1]["data"]["headline"] == "The press is running"
        assert len({one.headers["webhook-id"] for one in hook.heard}) == 3
        assert all(is_signed(one, SECRET) for one in hook.heard)
        assert [one.outcome for one in owed(h)] == ["told"] * 3


def is_signed(heard: Heard, secret: str) -> bool:
    """As a receiver checks it, by the specification alone."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode() + heard.body
    right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return right in heard.headers["webhook-signature"].split(" ")


def test_only_the_events_asked_for_are_owed(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook, events='["sent", "failed"]')) as h:
        work(h)
        h.promise("One of two")
        work(h)
        assert [one["type"] for one in bodies(hook)] == ["delivery.sent"]


def test_what_is_rolled_back_is_never_told(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook)) as h:
        work(h)
        heard: list[object] = []
        h.app.ground.hear = heard.append
        delivery = h.promise("To be held", due_at=MORNING + timedelta(hours=2))
        with pytest.raises(RuntimeError, match="and back"):
            moved_and_back(h, delivery)
        assert [one.event for one in owed(h)] == ["planned"]
        assert len(heard) == 1


def moved_and_back(h: House, delivery: Delivery) -> None:
    with h.app.ground.transaction() as tx:
        deliveries.move(tx, delivery, State.CANCELLED, actor="ada", now=h.clock.now())
        raise RuntimeError("and back")


def test_a_rehearsal_s_events_never_leave_this_machine(tmp_path: Path, hook: Listener) -> None:
    settings = asking(tmp_path, hook).replace(hook.url, "https://cms.example.org")
    with house(tmp_path, settings) as h:
        work(h)
        h.promise("Only rehearsed")
        work(h)
        assert owed(h) == []


def test_a_slow_receiver_delays_no_post(tmp_path: Path, hook: Listener) -> None:
    hook.silent = True
    with house(tmp_path, asking(tmp_path, hook)) as h:
        work_without_waiting = h.work
        work_without_waiting()
        first, second = h.promise("One"), h.promise("Two", "fb-main")
        work_without_waiting()  # the webhook's call is under way and will never be answered
        work_without_waiting()
        assert {h.see(first).state, h.see(second).state} == {State.SENT}
        hook.ended.set()
        hook.silent = False


# --- what fails ---


def test_a_no_is_tried_again_with_the_same_id_and_body_and_later_events_wait_behind_it(
    tmp_path: Path, hook: Listener
) -> None:
    hook.statuses = [500, 500]
    with house(tmp_path, asking(tmp_path, hook)) as h:
        work(h)
        h.promise("Asked thrice")
        for _ in range(6):
            work(h)
            h.clock.advance(MINUTE)
        told = hook.heard
        assert [json.loads(one.body)["type"] for one in told] == [
            *["delivery.planned"] * 3,
            "delivery.sending",
            "delivery.sent",
        ]
        assert len({one.headers["webhook-id"] for one in told[:3]}) == 1
        assert len({one.body for one in told[:3]}) == 1
        with h.app.ground.reading() as tx:
            first = webhooks.tries(tx, [owed(h)[-1].id])[owed(h)[-1].id]
        assert [one.status for one in first] == [500, 500, 204]
        (standing,) = webhook_standings(h.app)
        assert (standing.word, standing.counts.told, standing.failures) == ("ok", 3, 0)


def test_an_event_that_is_refused_keeps_no_other_delivery_s_events(tmp_path: Path, hook: Listener) -> None:
    hook.statuses = [422]
    with house(tmp_path, asking(tmp_path, hook, events='["sent"]')) as h:
        work(h)
        first, second = h.promise("Refused"), h.promise("Not refused", "fb-main")
        work(h)
        h.clock.advance(timedelta(seconds=7))  # the webhook is asked again sooner than the event that it refused twice
        hook.statuses = [422]
        work(h)
        h.clock.advance(timedelta(seconds=40))
        work(h)
        h.clock.advance(10 * MINUTE)
        work(h)
        assert {one["data"]["delivery"] for one in bodies(hook)} == {first.id, second.id}
        assert {one.outcome for one in owed(h)} == {"told"}


def test_a_webhook_that_fails_for_long_is_paused_told_once_and_hears_all_when_resumed(
    tmp_path: Path, hook: Listener
) -> None:
    with house(tmp_path, asking(tmp_path, hook, events='["sent"]')) as h:
        work(h)
        h.promise("Missed")
        hook.statuses = [503] * 100
        for _ in range(60):
            work(h)
            h.clock.advance(12 * MINUTE)
        (standing,) = webhook_standings(h.app)
        assert standing.word == "paused"
        assert "nothing but no since" in standing.sentence
        assert [one for one in h.notices() if "webhook cms is paused" in one] == h.notices()
        calls = len(hook.heard)
        h.promise("Kept for it")
        work(h)
        assert len(hook.heard) == calls
        hook.statuses = []
        verbs.resume_webhook(h.app, "cms", actor="ada")
        work(h)
        assert [one["data"]["headline"] for one in bodies(hook)[calls:]] == ["Missed", "Kept for it"]
        assert h.notices() == []


def test_gone_is_believed_at_once(tmp_path: Path, hook: Listener) -> None:
    hook.statuses = [410]
    with house(tmp_path, asking(tmp_path, hook)) as h:
        work(h)
        h.promise("To nobody")
        work(h)
        assert webhook_standings(h.app)[0].word == "paused"
        assert "gone (410)" in h.notices()[0]


def test_a_crash_between_the_call_and_its_record_repeats_the_event_under_its_id(
    tmp_path: Path, hook: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path, asking(tmp_path, hook, events='["sent"]')) as h:
        work(h)
        monkeypatch.setattr(webhooks, "close_try", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("died here")))
        h.promise("Told twice")
        work(h)
        monkeypatch.undo()
        work(h)
        assert len(hook.heard) >= 2
        assert len({one.headers["webhook-id"] for one in hook.heard}) == 1
        assert owed(h)[0].outcome == "told"
        assert all("webhook cms" in one for one in h.troubles)


def test_what_was_told_is_replayed_under_its_own_id_and_old_events_are_forgotten(
    tmp_path: Path, hook: Listener
) -> None:
    with house(tmp_path, asking(tmp_path, hook, events='["sent"]')) as h:
        work(h)
        h.promise("Heard before")
        work(h)
        assert verbs.replay_webhook(h.app, "cms", actor="ada") == 0
        assert verbs.replay_webhook(h.app, "cms", actor="ada", everything=True) == 1
        work(h)
        assert len(hook.heard) == 2
        assert len({one.headers["webhook-id"] for one in hook.heard}) == 1
        with pytest.raises(Refused, match="no event evt_x"):
            verbs.replay_webhook(h.app, "cms", actor="ada", event_id="evt_x")
        h.clock.advance(KEPT_FOR + timedelta(days=1))
        work(h)
        assert owed(h) == []


# --- the verbs, secrets, and what may be reached ---


def test_a_try_out_says_how_it_went_and_no_secret_is_kept_or_shown(tmp_path: Path, hook: Listener) -> None:
    with house(tmp_path, asking(tmp_path, hook, more="WEBHOOK_SECRET_BEFORE=the-one-before\n")) as h:
        answer = verbs.try_webhook(h.app, "cms", actor="ada")
        assert (answer.is_yes, bodies(hook)[0]["type"]) == (True, "webhook.test")
        assert is_signed(hook.heard[0], SECRET)
        assert len(hook.heard[0].headers["webhook-signature"].split(" ")) == 2
        hook.statuses = [401]
        said = verbs.try_webhook(h.app, "cms", actor="ada").sentence + str(webhook_standings(h.app))
        assert "127.0.0.1 answered 401" in said
        assert "not-for-the-log" not in said
        assert SECRET not in said
        with pytest.raises(Refused, match="no webhook wire"):
            verbs.try_webhook(h.app, "wire", actor="ada")
        with pytest.raises(NotAllowed):
            verbs.try_webhook(h.app, "cms", actor=Actor("Vera", MAY[Role.EDITOR]))
        (tmp_path / "cms.env").chmod(0o644)
        with pytest.raises(Refused, match="chmod 600"):
            verbs.try_webhook(h.app, "cms", actor="ada")


@pytest.mark.parametrize("address", ["10.0.0.7", "169.254.169.254", "127.0.0.1"])
def test_a_public_name_that_leads_inside_is_not_called(address: str) -> None:
    target = Target("cms", "https://cms.example.org/hear", ["x"])
    answer = post(target, {}, b"{}", resolve=lambda host, port: [address])
    assert (answer.status, answer.is_yes) == (None, False)
    assert "not on the public internet" in answer.sentence


def test_a_redirect_is_not_followed(hook: Listener) -> None:
    hook.statuses = [302]
    answer = post(Target("cms", hook.url, [], local=True), {}, b"{}")
    assert "points elsewhere (302)" in answer.sentence
    assert len(hook.heard) == 1


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('url = "https://a.example"\nevents = ["snet"]', "did you mean sent?"),
        ('url = "http://a.example"', "write https://"),
        ('url = "http://127.0.0.1:9"', "add local = true"),
        ('url = "https://a.example"\nsecret_file = "none.env"', "cannot be found"),
    ],
)
def test_settings_that_cannot_work_are_refused(lines: str, said: str, tmp_path: Path) -> None:
    secret = tmp_path / "s.env"
    secret.write_text("WEBHOOK_SECRET=x\n")
    secret.chmod(0o600)
    named = "" if "secret_file" in lines else '\nsecret_file = "s.env"'
    with pytest.raises(SettingsError, match=r"webhooks\.cms") as fault:
        load_text(f"{SETTINGS}\n[webhooks.cms]\n{lines}{named}\n", tmp_path / "settings.toml", {})
    assert said in str(fault.value)


# --- the pure rules ---


def test_pauses_grow_and_end() -> None:
    spans = [event_pause(tries, 0.0) for tries in range(1, 12)]
    assert spans[:2] == [timedelta(seconds=5), timedelta(seconds=30)]
    assert all(a < b for a, b in pairwise(spans) if a and b)
    assert spans[10] is None
    assert webhook_pause(500, 0.0) == 10 * MINUTE
    assert event_pause(1, 1.0) == timedelta(seconds=6)
    now = datetime(2026, 9, 21, tzinfo=UTC)
    assert not has_failed_for_long(7, now - timedelta(days=1), now)
    assert not has_failed_for_long(8, now - timedelta(hours=5), now)
    assert has_failed_for_long(8, now - timedelta(hours=6), now)


def test_the_signature_is_the_specification_s_own() -> None:
    # The example that the specification's libraries test themselves with.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = headers_of([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert key_of("plain text") == b"plain text"
    assert key_of("whsec_not base64") == b"whsec_not base64"


def test_a_new_address_ends_a_pause_and_a_webhook_gone_from_the_settings_is_owed_nothing(
    tmp_path: Path, hook: Listener
) -> None:
    with house(tmp_path, asking(tmp_path, hook)) as h:
        work(h)
        now = h.clock.now()
        with h.app.ground.transaction() as tx:
            webhooks.pause(tx, "cms", "a test", actor="ada", now=now)
            (one,) = webhooks.every(tx)
            webhooks.keep(tx, [replace(one, events=("sent",))], now=now)
            assert webhooks.every(tx)[0].paused_at is not None
            webhooks.keep(tx, [replace(one, address_hash="another")], now=now)
            assert webhooks.every(tx)[0].paused_at is None
            webhooks.keep(tx, [], now=now)
        h.promise("Unheard")
        assert owed(h) == []
