"""The line to the desk: signed, bounded, never redirected, never off this machine in rehearsal, silent about secrets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from channels.notice_wire import NotTold, WebhookConfig, ping, post_json, signature
from db.records import Mode
from tests.listener import Listener, listening

AT = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
SECRET = "a-secret-of-the-test-6b1f"
IN_THE_PATH = "T0123-hook-token"


@pytest.fixture
def hook() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def to(hook: Listener, **changes: object) -> WebhookConfig:
    said: dict[str, object] = {"url": f"{hook.url}/{IN_THE_PATH}", "mode": Mode.REHEARSAL, "secret": SECRET, **changes}
    return WebhookConfig(**said)  # type: ignore[arg-type]


def test_the_signature_is_the_one_that_anybody_can_compute() -> None:
    # printf '%s' '1789972200.{"a":1}' | openssl dgst -sha256 -hmac key
    assert signature("key", AT, b'{"a":1}') == (
        "t=1789972200,v1=5c18081c0c6dcd38602ae47622b6b10e25c77ed22e04c9cbacaad55889f46951"
    )


def test_another_moment_another_body_or_another_secret_is_another_signature() -> None:
    made = {
        signature("key", AT, b"{}"),
        signature("key", AT + timedelta(seconds=1), b"{}"),
        signature("key", AT, b"{ }"),
        signature("yek", AT, b"{}"),
    }
    assert len(made) == 4


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_2xx_is_a_yes(hook: Listener, status: int) -> None:
    hook.statuses[:] = [status]
    post_json(to(hook), b"{}", AT)
    (heard,) = hook.heard
    assert (heard.method, heard.body) == ("POST", b"{}")
    assert heard.headers["pressrun-signature"] == signature(SECRET, AT, b"{}")


def test_without_a_secret_nothing_is_signed(hook: Listener) -> None:
    post_json(to(hook, secret=""), b"{}", AT)
    assert "pressrun-signature" not in hook.heard[0].headers


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 410, 429, 500, 503])
def test_anything_else_is_a_no_with_one_call_and_no_secret_in_the_words(hook: Listener, status: int) -> None:
    hook.statuses[:] = [status]
    with pytest.raises(NotTold, match=str(status)) as told:
        post_json(to(hook), b"{}", AT)
    assert len(hook.heard) == 1
    assert IN_THE_PATH not in str(told.value)
    assert SECRET not in str(told.value)


def test_the_config_shows_neither_its_address_nor_its_secret(hook: Listener) -> None:
    assert IN_THE_PATH not in repr(to(hook))
    assert SECRET not in repr(to(hook))


def test_silence_ends_at_the_deadline(hook: Listener) -> None:
    hook.silent = True
    began = time.monotonic()
    with pytest.raises(NotTold, match="no whole answer came within"):
        post_json(to(hook, deadline=timedelta(seconds=0.3)), b"{}", AT)
    assert time.monotonic() - began < 20


def test_nobody_there_is_a_no() -> None:
    with pytest.raises(NotTold, match="no connection came about"):
        ping("http://127.0.0.1:9/beat", Mode.REHEARSAL)


@pytest.mark.parametrize("url", ["https://chat.example.org/hook", "http://192.0.2.7/hook", "http://[2001:db8::1]/hook"])
def test_in_rehearsal_only_this_machine_is_called(url: str) -> None:
    with pytest.raises(NotTold, match="in rehearsal nothing leaves this machine"):
        post_json(WebhookConfig(url, Mode.REHEARSAL), b"{}", AT)
    with pytest.raises(NotTold, match="in rehearsal nothing leaves this machine"):
        ping(url, Mode.REHEARSAL)


def test_live_nothing_goes_elsewhere_without_encryption() -> None:
    with pytest.raises(NotTold, match="without encryption"):
        post_json(WebhookConfig("http://chat.example.org/hook", Mode.LIVE), b"{}", AT)


def test_a_ping_is_one_get(hook: Listener) -> None:
    ping(f"{hook.url}/beat?run=1", Mode.LIVE)
    assert [(heard.method, heard.path) for heard in hook.heard] == [("GET", "/beat?run=1")]
