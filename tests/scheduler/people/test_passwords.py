"""What a kept password costs whoever guesses: the tests of the pages hash quickly, these as the desk does."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from scheduler.people import passwords
from scheduler.people.passwords import fits, hashed, is_dated

WORDS = "four words in row"
MEBI = 1024
OURS = passwords._hasher


@pytest.fixture(autouse=True)
def _as_the_desk_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", OURS)


def test_a_hash_has_the_cost_that_argon2s_authors_ask_for_and_fits_its_password_alone() -> None:
    kept = hashed(WORDS)
    cost = extract_parameters(kept)
    assert cost.type is Type.ID
    assert (cost.memory_cost, cost.time_cost) >= (64 * MEBI, 3)  # RFC 9106, section 4: the second recommended option
    assert fits(kept, WORDS)
    assert not fits(kept, WORDS + "s")
    assert not fits(None, WORDS)


def test_a_hash_made_more_cheaply_is_dated_and_one_of_ours_is_not() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(WORDS)
    assert fits(cheap, WORDS)
    assert is_dated(cheap)
    assert not is_dated(hashed(WORDS))


def test_at_most_four_passwords_are_looked_at_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most, four, count = 0, 0, threading.Semaphore(0), threading.Lock()
    go_on = threading.Event()

    class Slow:
        def verify(self, kept: str, password: str) -> bool:
            nonlocal inside, most
            with count:
                inside += 1
                most = max(most, inside)
            four.release()
            go_on.wait(60)
            with count:
                inside -= 1
            return True

    monkeypatch.setattr(passwords, "_hasher", Slow)
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(fits, "kept", WORDS) for _ in range(12)]
        assert all(four.acquire(timeout=60) for _ in range(4))
        go_on.set()
        assert all(one.result() for one in asked)
    assert most == 4
