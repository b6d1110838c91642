"""What a kept password costs whoever guesses: the tests of the pages hash quickly, these as the desk does."""

from __future__ import annotations

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
