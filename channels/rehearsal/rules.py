"""What the rehearsal platforms allow, as data: limits, prices and standing of the accounts.

The defaults are what the platforms are known to do. A rehearsal of another standing (no credit left, a read-only
app, a Page without a permission) changes them, in code or with ``POST /rehearsal/rules``. Money is in
millionths of a US dollar; None means "no limit".
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace


class BadRules(ValueError):
    """The rules as given cannot be used; the message says which key and what it wants."""


@dataclass(frozen=True, slots=True)
class XRules:
    """What X allows one account."""

    posts_per_15_min: int | None = 100
    posts_per_24_hours: int | None = 10_000
    posts_a_day: int | None = 50  # own posts of an account that is not verified, all clients together
    replies_a_day: int | None = 200
    credits_micros: int | None = None  # what was paid in; 402 when it is used up
    spend_cap_micros: int | None = None  # the console's spending limit; 403 when it is reached
    price_post: int = 15_000
    price_link: int = 200_000
    price_delete: int = 10_000
    price_alt_text: int = 5_000
    price_read: int = 1_000  # a post of one's own, read back
    premium: bool = False  # 25,000 characters, editing
    may_write: bool = True  # False: a read-only app
    duplicate_hours: float = 12.0
    lag_seconds: float = 0.0  # how long a new post stays out of the timeline


@dataclass(frozen=True, slots=True)
class GraphRules:
    """What Facebook allows one Page."""

    calls_a_day: int | None = 4_800
    scopes: tuple[str, ...] = (
        "pages_show_list",
        "pages_read_engagement",
        "pages_manage_posts",
        "pages_manage_engagement",
    )
    unreachable_links: tuple[str, ...] = ()  # a link that holds one of these cannot be scraped
    token_problem: int | None = None  # every token answers code 190 with this subcode
    token_days: int | None = None  # so many days until every Page token ends; None: never
    lag_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SmtpRules:
    """What the mail server allows."""

    size: int = 10_485_760
    refused: tuple[str, ...] = ()  # a recipient that holds one of these gets 550
    needs_login: bool = False
    recipients: int = 100  # in one mail


@dataclass(frozen=True, slots=True)
class Rules:
    """All three together."""

    x: XRules = XRules()
    graph: GraphRules = GraphRules()
    smtp: SmtpRules = SmtpRules()

    @classmethod
    def unlimited(cls) -> Rules:
        """Everything as by default, without the limits that a load test would run into."""
        x = XRules(posts_per_15_min=None, posts_per_24_hours=None, posts_a_day=None, replies_a_day=None)
        return cls(x=x, graph=GraphRules(calls_a_day=None))

    def to_json(self) -> str:
        """The rules as JSON, as ``changed`` takes them."""
        return json.dumps(asdict(self))

    def changed(self, change: Mapping[str, object]) -> Rules:
        """These rules with some keys replaced: ``{"x": {"credits_micros": 300000}}``.

        Raises ``BadRules`` for an unknown part or key and for a value of another type.
        """
        parts: dict[str, typing.Any] = {}
        for name, values in change.items():
            part = getattr(self, name, None) if name in ("x", "graph", "smtp") else None
            if part is None:
                raise BadRules(f"There are no rules for {name!r}; use x, graph or smtp.")
            if not isinstance(values, Mapping):
                raise BadRules(f"The rules for {name} must be a JSON object of keys and values.")
            parts[name] = replace(part, **{key: _checked(part, name, key, value) for key, value in values.items()})
        return replace(self, **parts)


def _checked(part: object, name: str, key: str, value: object) -> object:
    kinds = typing.get_type_hints(type(part))
    if key not in {field.name for field in fields(typing.cast("typing.Any", part))}:
        raise BadRules(f"There is no rule {name}.{key}; there are {', '.join(sorted(kinds))}.")
    wanted = kinds[key]
    if typing.get_origin(wanted) is tuple:
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            raise BadRules(f"The rule {name}.{key} must be a list of strings.")
        return tuple(value)
    allowed = typing.get_args(wanted) if isinstance(wanted, types.UnionType) else (wanted,)
    if float in allowed and type(value) is int:
        return float(value)
    if type(value) not in allowed:
        names = " or ".join("null" if kind is type(None) else kind.__name__ for kind in allowed)
        raise BadRules(f"The rule {name}.{key} must be {names}.")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0:
        raise BadRules(f"The rule {name}.{key} must not be negative.")
    return value
