"""The accounts that the rehearsal platforms know: made up from a name, so that any channel can have its own.

Nothing here is a secret: these credentials open nothing but servers on this machine. Every credential is
computed from the account's name, and the servers compute it again, so no register has to be shared between
processes. ``X`` and ``FACEBOOK`` are the accounts of a newsroom that needs only one of each.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

X_CONSUMER_KEY = "rehearsalConsumerKey"
X_CONSUMER_SECRET = "rehearsalConsumerSecret"
X_APP_BEARER = "rehearsalAppOnlyBearer"
"""An app-only bearer token: may read, and is refused for every write, as on X."""

FACEBOOK_APP_ID = "100200300400500"
FACEBOOK_APP_SECRET = "rehearsalAppSecret"

SMTP_USER = "rehearsal"
SMTP_PASSWORD = "rehearsalMailPassword"
"""The mail server needs no log-in; one that is tried must be this pair."""

_PAGE_TOKEN = re.compile(r"EAAR([0-9a-f]{2,200})R([0-9a-f]{32})\Z")
_USER_TOKEN = re.compile(r"EAAU([0-9a-f]{2,200})U([0-9a-f]{32})\Z")
_X_TOKEN = re.compile(r"(\d{19})-([0-9a-f]{2,200})\Z")


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(("rehearsal", *words)).encode()).hexdigest()


def _digits(*words: str, length: int) -> str:
    """A number of exactly ``length`` digits, the same for the same words."""
    first = 10 ** (length - 1)
    return str(first + int(_digest(*words), 16) % (9 * first))


@dataclass(frozen=True, slots=True)
class XAccount:
    """One X account with a self-serve app: OAuth 1.0a keys, a first OAuth 2 refresh token, id and name."""

    name: str
    user_id: str
    username: str
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    consumer_key: str = X_CONSUMER_KEY
    consumer_secret: str = field(default=X_CONSUMER_SECRET, repr=False)


@dataclass(frozen=True, slots=True)
class FacebookPage:
    """One Facebook Page: its id, its page token without expiry, and the token of the person who runs it."""

    name: str
    page_id: str
    token: str = field(repr=False)
    user_token: str = field(repr=False)
    app_id: str = FACEBOOK_APP_ID
    app_secret: str = field(default=FACEBOOK_APP_SECRET, repr=False)


def x_account(name: str = "newsroom") -> XAccount:
    """The X account of this name; give the channel's name to have one account a channel."""
    user_id = _digits("x", name, length=19)
    token = f"{user_id}-{name.encode().hex()}"
    username = re.sub(r"[^A-Za-z0-9_]+", "_", name)[:15].strip("_") or "newsroom"
    return XAccount(name, user_id, username, token, _digest("x secret", token)[:45], _digest("x refresh", token))


def facebook_page(name: str = "newsroom") -> FacebookPage:
    """The Facebook Page of this name; give the channel's name to have one Page a channel."""
    hexed = name.encode().hex()
    token = f"EAAR{hexed}R{_digest('page', name)[:32]}"
    user_token = f"EAAU{hexed}U{_digest('person', name)[:32]}"
    return FacebookPage(name, _digits("facebook", name, length=15), token, user_token)


def x_account_of(access_token: str) -> XAccount | None:
    """The account that this OAuth 1.0a access token belongs to, or None for a token that is not ours."""
    match = _X_TOKEN.fullmatch(access_token)
    account = x_account(_unhex(match[2])) if match else None
    return account if account and account.access_token == access_token else None


def page_of(token: str) -> FacebookPage | None:
    """The Page that this page token belongs to, or None."""
    match = _PAGE_TOKEN.fullmatch(token)
    page = facebook_page(_unhex(match[1])) if match else None
    return page if page and page.token == token else None


def person_of(user_token: str) -> FacebookPage | None:
    """The Page run by the person whose user token this is, or None."""
    match = _USER_TOKEN.fullmatch(user_token)
    page = facebook_page(_unhex(match[1])) if match else None
    return page if page and page.user_token == user_token else None


def _unhex(text: str) -> str:
    return bytes.fromhex(text).decode(errors="replace") if len(text) % 2 == 0 else ""


X = x_account()
FACEBOOK = facebook_page()
