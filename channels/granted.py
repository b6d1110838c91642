"""What a platform grants a person who connects an account: where to say yes, and the keys it gives. Nothing shows in a repr."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from db.records import Mode


@dataclass(frozen=True, slots=True)
class Asking:
    """How a platform is asked: its address, whether anything may leave this machine, the time that one step may take."""

    mode: Mode
    base_url: str
    deadline: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Begun:
    """``address`` is where a person says yes; ``values`` is what the second step needs."""

    address: str
    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """The keys, by the names of a secret file; ``lasts`` of an access token that ends by itself."""

    values: Mapping[str, str] = field(repr=False)
    lasts: timedelta | None = None
