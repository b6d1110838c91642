"""Who calls the rehearsal X: OAuth 1.0a signatures (RFC 5849, HMAC-SHA1), OAuth 2 user tokens, app-only tokens.

A signature's timestamp is compared with this machine's clock, not with the rehearsal's: the client signs with
the machine's clock too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote

from channels.rehearsal import accounts, x_answers
from channels.rehearsal.exchange import Refused, Request
from channels.rehearsal.store import Store, micros

TIMESTAMP_SPAN = 300
FIELD = re.compile(r'\s*([^=,\s]+)="([^"]*)"\s*(?:,|\Z)')


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed: an account, or None for an app-only token."""

    account: accounts.XAccount | None
    method: str  # "oauth1", "oauth2" or "app"


def claimed_account(store: Store, request: Request) -> str:
    """The account id that a request says it comes from, signature unchecked; "" when it says none."""
    header = request.headers.get("authorization", "")
    match = re.search(r'oauth_token="(\d+)-', header)
    if match:
        return match[1]
    remembered = store.fact(f"x access {header.partition(' ')[2].strip()}")
    return accounts.x_account(remembered.rpartition(" ")[0]).user_id if remembered else ""


def identify(store: Store, request: Request, now: datetime) -> Caller:
    """The caller. Raises ``Refused`` with 401 when nothing or nothing valid identifies one."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "oauth":
        return Caller(_signed_by(request, rest), "oauth1")
    if scheme.lower() == "bearer":
        token = rest.strip()
        if hmac.compare_digest(token.encode(), accounts.X_APP_BEARER.encode()):
            return Caller(None, "app")
        remembered = store.fact(f"x access {token}")
        if remembered:
            name, _, until = remembered.rpartition(" ")
            if micros(now) < int(until):
                return Caller(accounts.x_account(name), "oauth2")
    raise Refused(x_answers.unauthorized())


def _signed_by(request: Request, header: str) -> accounts.XAccount:
    given = {unquote(name): unquote(value) for name, value in FIELD.findall(header)}
    account = accounts.x_account_of(given.get("oauth_token", ""))
    if account is None or given.get("oauth_consumer_key") != account.consumer_key:
        raise Refused(x_answers.unauthorized())
    if given.get("oauth_signature_method") != "HMAC-SHA1" or not given.get("oauth_nonce"):
        raise Refused(x_answers.unauthorized())
    stamp = given.get("oauth_timestamp", "")
    if not stamp.isdecimal() or abs(int(stamp) - time.time()) > TIMESTAMP_SPAN:
        raise Refused(x_answers.unauthorized())
    wanted = signature(request, given, account.consumer_secret, account.access_token_secret)
    if not hmac.compare_digest(wanted.encode(), given.get("oauth_signature", "").encode()):
        raise Refused(x_answers.unauthorized())
    return account


def signature(request: Request, oauth: dict[str, str], consumer_secret: str, token_secret: str) -> str:
    """The HMAC-SHA1 signature that this request must carry (RFC 5849 §3.4)."""
    pairs = [(name, value) for name, value in oauth.items() if name not in ("oauth_signature", "realm")]
    pairs += request.query_pairs + request.form_pairs()
    normal = "&".join(f"{name}={value}" for name, value in sorted((_escape(n), _escape(v)) for n, v in pairs))
    base = "&".join(_escape(word) for word in (request.method.upper(), request.base.lower() + request.path, normal))
    key = f"{_escape(consumer_secret)}&{_escape(token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def _escape(text: str) -> str:
    return quote(text, safe="~")
