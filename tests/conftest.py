"""Guards for every test: no line to the world, no dependence on this machine's zone, settings or chance."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import settings

from db import session

for _name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "EDITOR", "VISUAL"):
    os.environ.pop(_name, None)
for _name in [name for name in os.environ if name.startswith("PRESSRUN_")]:
    del os.environ[_name]

settings.register_profile("house", derandomize=True, database=None, deadline=None, print_blob=True)
settings.load_profile("house")

ODD_ZONE = "Pacific/Chatham"
"""Twelve and three quarter hours ahead: whoever reads the machine's zone by mistake is found out."""


class LineToTheWorldError(AssertionError):
    """A test tried to reach another machine."""


def pytest_collection_finish() -> None:
    """What stands by now lives to the end: no collection of garbage walks it again, in the middle of a timed test too."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def no_garbage_collected() -> Iterator[None]:
    """For a timed test: what other tests left lying is not cleared away on its time.

    What still stands then is walked no more: else each of these tests would begin with a second of it.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()


@contextmanager
def no_loop() -> Iterator[None]:
    """Whatever event loop runs in this thread is out of sight until the block ends."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture(autouse=True)
def _no_loop_of_another_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """The browser lives on after its tests, and its loop in this thread with it: a test without one sees none."""
    if "browser" in request.fixturenames:
        yield
        return
    with no_loop():
        yield


@pytest.fixture(scope="session", autouse=True)
def _odd_zone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", ODD_ZONE)
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def machine_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the machine's own zone for one test: ``machine_zone("America/New_York")``."""

    def choose(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield choose
    monkeypatch.setenv("TZ", ODD_ZONE)
    time.tzset()


@pytest.fixture(scope="session", autouse=True)
def _patient_databases() -> Iterator[None]:
    """On a machine that has other work a turn on SQLite may come late; a test that wants impatience sets its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "BUSY_SECONDS", 60.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


_tried: list[str] = []


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Refuses every address but loopback, in all threads; names under .invalid are unknown, without asking anyone."""
    resolve, connect, connect_ex, send_to = (
        socket.getaddrinfo,
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.socket.sendto,
    )

    def guarded_resolve(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if isinstance(name, str) and name.rstrip(".").endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if name is not None and not _stays_here(name):
            _refuse(name)
        return resolve(host, *rest, **more)

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _check(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _check(self, address)
        return connect_ex(self, address)

    def guarded_send_to(self: socket.socket, data: Any, *rest: Any) -> int:
        _check(self, rest[-1])
        return send_to(self, data, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", guarded_resolve)
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket.socket, "sendto", guarded_send_to)
        yield


@pytest.fixture(autouse=True)
def _no_line_to_the_world() -> Iterator[None]:
    """Fails a test whose code swallowed the refusal: a caught error is still a line that was tried."""
    _tried.clear()
    yield
    tried = list(_tried)
    _tried.clear()
    assert not tried, f"this test tried to reach {', '.join(tried)}; only loopback is there for tests"


def _stays_here(host: str) -> bool:
    if host in {"", "localhost", "localhost.", "0.0.0.0", "::"} or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _check(line: socket.socket, address: Any) -> None:
    if line.family in {socket.AF_INET, socket.AF_INET6}:
        host = str(address[0])
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if not _stays_here(host):
            _refuse(host)


def _refuse(host: str) -> None:
    _tried.append(host)
    raise LineToTheWorldError(f"tests may not reach {host}")
