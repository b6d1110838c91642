"""One X account as the settings have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from db.records import Mode, Money


@dataclass(frozen=True, slots=True)
class XConfig:
    """One X account as configured. The four keys are OAuth 1.0a user keys; they never show in ``repr``.

    With ``bearer`` the account is connected by OAuth 2 and the four keys are empty: it is asked before each call for the
    access token of that moment, and raises one of the five errors where there is none.

    ``user_id`` and ``handle`` are asked of X when not given. Prices are what X bills (a post, a post with a link,
    an alt text). ``post_url_template`` makes the public address from ``{user}`` and ``{id}``.
    """

    name: str
    mode: Mode
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)
    base_url: str = "https://api.x.com"
    user_id: str | None = None
    handle: str | None = None
    deadline: timedelta = timedelta(seconds=20)
    read_lag: timedelta = timedelta(seconds=60)
    post_price: Money = field(default=Money(15_000))
    link_price: Money = field(default=Money(200_000))
    alt_text_price: Money = field(default=Money(5_000))
    premium: bool = False
    edit_window: timedelta = timedelta(0)
    bearer: Callable[[], str] | None = field(default=None, repr=False, compare=False)
    post_url_template: str = "https://x.com/{user}/status/{id}"
