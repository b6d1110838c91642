"""Return paths that name one copy: found again whatever the case, forged ones are nobody's."""

from __future__ import annotations

import pytest

from channels.email.addresses import parse_address
from channels.email.returning import return_address, returned_to

BASE = parse_address("bounce@news.example.org")


@pytest.mark.parametrize("number", [1, 255, 256, 65_536, 2**40])
def test_a_bounce_finds_its_copy_though_its_letters_changed(number: int) -> None:
    made = return_address(BASE, b"key", number)
    assert made.wire.startswith("bounce+")
    assert len(made.wire.partition("@")[0]) <= 64
    for seen in (
        made.wire,
        made.wire.upper(),
        f"<{made.wire}>",
        made.wire.replace("news.example.org", "NEWS.example.org"),
    ):
        assert returned_to(seen, [b"older", b"key"]) == number


@pytest.mark.parametrize(
    "address",
    ["", "bounce@news.example.org", "bounce+@x.org", "bounce+zzz@x.org", "bounce+aaaaaaaaaaaaaaaa@x.org", "+@"],
)
def test_what_was_not_made_here_is_nobodys(address: str) -> None:
    assert returned_to(address, [b"key"]) is None
    assert returned_to(return_address(BASE, b"other", 7).wire, [b"key"]) is None


def test_an_address_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        return_address(parse_address(f"{'b' * 60}@example.org"), b"key", 1)
