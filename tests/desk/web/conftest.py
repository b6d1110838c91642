"""Fixtures of the web door's tests: the browser, the sample newsroom, and its site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page

from scheduler.people import passwords
from scheduler.people.roles import Role
from tests.browser import launched
from tests.desk.web.caller import Caller
from tests.desk.web.ground import Site, make_sample, open_site


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """A hash costs next to nothing here; what a real one costs a guesser, ``test_passwords`` knows."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: quick)
        yield
    passwords._nobody.cache_clear()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all."""
    with launched() as found:
        yield found


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """The sample newsroom, made once, and the moment at which it stands; to be copied, not changed."""
    folder = tmp_path_factory.mktemp("sample")
    clock = make_sample(folder)
    return folder, clock.now()


@pytest.fixture
def site(sample: tuple[Path, datetime], tmp_path: Path, browser: Browser) -> Iterator[Site]:
    """A newsroom of this test's own, its desk open to browsers."""
    folder, moment = sample
    with open_site(folder, tmp_path / "newsroom", moment, browser) as site:
        yield site


@pytest.fixture(scope="module")
def read_site(
    sample: tuple[Path, datetime], tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[Site]:
    """The same for tests that only read: one for the whole module."""
    folder, moment = sample
    with open_site(folder, tmp_path_factory.mktemp("read") / "newsroom", moment, browser) as site:
        yield site


@pytest.fixture(scope="module")
def leafed(read_site: Site) -> Iterator[Callable[..., Page]]:
    """Opens an address for an admin: ``leafed("/log", size=NARROW)``.

    A window stays open for all that look in the same way, which is less than half the work of a new one.
    """
    kept: dict[str, Page] = {}
    with ExitStack() as windows:

        def leaf(path: str, **how: Any) -> Page:
            way = repr(sorted(how.items()))
            if way not in kept:
                kept[way] = windows.enter_context(read_site.window(Role.ADMIN, **how))
            kept[way].goto(path)
            return kept[way]

        yield leaf


@pytest.fixture
def approver(site: Site) -> Iterator[Caller]:
    """An approver without scripts."""
    caller = Caller(site, Role.APPROVER)
    yield caller
    caller.client.close()


@pytest.fixture
def editor(site: Site) -> Iterator[Caller]:
    """An editor without scripts."""
    caller = Caller(site, Role.EDITOR)
    yield caller
    caller.client.close()
