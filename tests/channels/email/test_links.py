"""Unsubscribe links: opaque, signed, rotated, never forged."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.links import BadToken, Leaving, make_token, read_token, suppression_hash

KEY, OLD, OTHER = b"k" * 32, b"o" * 32, b"x" * 32
SEED = "00112233445566778899aabbccddeeff"


@given(st.text(min_size=1, max_size=60).filter(lambda name: name.isprintable()), st.binary(min_size=16, max_size=16))
def test_a_token_says_who_leaves_which_list(list_name: str, seed: bytes) -> None:
    assert read_token(make_token(KEY, list_name, seed.hex()), [KEY]) == Leaving(list_name, seed.hex())


def test_a_link_signed_with_an_older_key_goes_on_working() -> None:
    token = make_token(OLD, "daily", SEED)
    assert read_token(token, [KEY, OLD]).seed == SEED


def test_a_token_is_safe_in_an_address_and_holds_no_address() -> None:
    token = make_token(KEY, "daily", SEED)
    assert all(mark.isascii() and (mark.isalnum() or mark in "-_") for mark in token)


def test_a_token_of_a_key_that_is_not_kept_is_refused() -> None:
    with pytest.raises(BadToken, match="no longer kept"):
        read_token(make_token(OTHER, "daily", SEED), [KEY, OLD])


@given(st.data())
def test_no_changed_character_passes(data: st.DataObject) -> None:
    token = make_token(KEY, "daily", SEED)
    at = data.draw(st.integers(0, len(token) - 1))
    mark = data.draw(st.sampled_from("abcXYZ019-_"))
    forged = token[:at] + mark + token[at + 1 :]
    if forged != token:
        with pytest.raises(BadToken):
            read_token(forged, [KEY])


@given(st.text(max_size=80))
def test_rubbish_is_refused_and_never_more_than_refused(text: str) -> None:
    with pytest.raises(BadToken):
        read_token(text, [KEY])


def test_the_token_of_one_list_does_not_end_another() -> None:
    daily, weekly = make_token(KEY, "daily", SEED), make_token(KEY, "weekly", SEED)
    assert daily != weekly
    assert read_token(weekly, [KEY]).list_name == "weekly"


def test_a_seed_of_the_wrong_size_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="32 hex digits"):
        make_token(KEY, "daily", secrets.token_hex(8))


def test_suppression_hashes_tell_lists_keys_and_addresses_apart() -> None:
    one = suppression_hash(KEY, "a@example.org")
    assert one == suppression_hash(KEY, "a@example.org")
    others = {
        suppression_hash(KEY, "a@example.org", "daily"),
        suppression_hash(KEY, "b@example.org"),
        suppression_hash(OTHER, "a@example.org"),
        suppression_hash(KEY, "a@example.org", "weekly"),
    }
    assert len(others | {one}) == 5
    assert "example" not in one
