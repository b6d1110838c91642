"""The guards around every test hold: no line to the world, an odd zone, examples that do not change."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable

import pytest
from hypothesis import settings

from tests import conftest


def _tried_on_purpose() -> list[str]:
    """What was tried so far; forgets it, so that the guard does not fail the test that tried it."""
    tried = list(conftest._tried)
    conftest._tried.clear()
    return tried


def test_no_test_reaches_another_machine_by_name_by_address_or_by_datagram() -> None:
    with pytest.raises(conftest.LineToTheWorldError):
        socket.create_connection(("news.example.org", 443), timeout=1)
    with pytest.raises(conftest.LineToTheWorldError), socket.socket() as line:
        line.connect(("192.0.2.7", 80))
    with pytest.raises(conftest.LineToTheWorldError), socket.socket() as line:
        line.connect_ex(("192.0.2.8", 80))
    with pytest.raises(conftest.LineToTheWorldError), socket.socket(type=socket.SOCK_DGRAM) as line:
        line.sendto(b"", ("192.0.2.9", 53))
    assert _tried_on_purpose() == ["news.example.org", "192.0.2.7", "192.0.2.8", "192.0.2.9"]


def test_names_under_invalid_are_unknown_without_asking() -> None:
    with pytest.raises(socket.gaierror):
        socket.create_connection(("nowhere.invalid", 80))
    assert _tried_on_purpose() == []


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as line:
        assert line.getpeername()[0] == "127.0.0.1"


def test_the_machines_zone_is_an_odd_one_and_a_test_may_choose_another(machine_zone: Callable[[str], None]) -> None:
    assert time.tzname[0] == "+1245"
    machine_zone("America/New_York")
    assert time.tzname == ("EST", "EDT")


def test_examples_are_the_same_every_time() -> None:
    assert settings.default is not None
    assert settings.default.derandomize


def test_a_browser_that_lives_on_is_in_nobodys_way() -> None:
    async def ours() -> str:
        return "done"

    async def beside_a_loop() -> str:
        with conftest.no_loop():
            said = asyncio.run(ours())
        assert asyncio.get_running_loop().is_running()
        return said

    assert asyncio.run(beside_a_loop()) == "done"
