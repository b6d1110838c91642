"""The rehearsal X while an account is connected: OAuth 1.0a with a PIN (RFC 5849), OAuth 2 with PKCE (RFC 7636)."""

from __future__ import annotations

import hmac
import time
import uuid
from datetime import datetime, timedelta
from urllib.parse import unquote, urlencode

from channels.rehearsal import accounts, x_answers, yes_page
from channels.rehearsal.exchange import Answer, Refused, Request
from channels.rehearsal.store import Store, micros
from channels.rehearsal.x_auth import FIELD, TIMESTAMP_SPAN, signature

CODE_SPAN = timedelta(seconds=30)
_FORM = "application/x-www-form-urlencoded"
_STOOD = "newsroom"


def request_token(store: Store, request: Request) -> Answer:
    """``POST /oauth/request_token``: a token for one connection; only ``oob``, the way with a PIN."""
    given = _signed(request, "")
    if given.get("oauth_callback") != "oob":
        raise Refused(x_answers.unauthorized())
    token, secret = uuid.uuid4().hex, uuid.uuid4().hex
    store.remember(f"x request {token}", secret)
    body = {"oauth_token": token, "oauth_token_secret": secret, "oauth_callback_confirmed": "true"}
    return Answer(200, urlencode(body).encode(), _FORM)


def authorize(store: Store, request: Request) -> Answer:
    """``GET /oauth/authorize``: asks, then shows a PIN."""
    token = request.query.get("oauth_token", "")
    if store.fact(f"x request {token}") is None:
        raise Refused(x_answers.unauthorized())
    account = request.query.get("screen_name", _STOOD)
    if "allow" not in request.query:
        return yes_page.ask("X", account, request)
    pin = f"{uuid.uuid4().int % 10_000_000:07d}"
    store.remember(f"x pin {token}", f"{pin} {account}")
    return yes_page.show_pin("X", pin)


def access_token(store: Store, request: Request) -> Answer:
    """``POST /oauth/access_token``: the account's token for a request token and its PIN, once."""
    token = _header(request).get("oauth_token", "")
    given = _signed(request, store.fact(f"x request {token}") or "")
    with store.change() as db:
        pin, _, name = (store.fact(f"x pin {token}") or "").partition(" ")
        if not pin or given.get("oauth_verifier") != pin:
            raise Refused(x_answers.unauthorized())
        db.execute("delete from facts where key in (?, ?)", (f"x pin {token}", f"x request {token}"))
    account = accounts.x_account(name)
    body = {
        "oauth_token": account.access_token,
        "oauth_token_secret": account.access_token_secret,
        "user_id": account.user_id,
        "screen_name": account.username,
    }
    return Answer(200, urlencode(body).encode(), _FORM)


def authorize_2(store: Store, request: Request, now: datetime) -> Answer:
    """``GET /i/oauth2/authorize``: asks, then sends the browser back with a code that lives for half a minute."""
    query = request.query
    wrong = query.get("client_id") != accounts.X_CONSUMER_KEY or query.get("code_challenge_method") != "S256"
    if wrong or not query.get("code_challenge") or not query.get("redirect_uri"):
        raise Refused(x_answers.invalid("Something is wrong with the app that asks."))
    account = query.get("screen_name", _STOOD)
    if "allow" not in query:
        return yes_page.ask("X", account, request)
    code = uuid.uuid4().hex
    words = (query["code_challenge"], str(micros(now + CODE_SPAN)), query["redirect_uri"], account)
    store.remember(f"x code {code}", " ".join(words))
    return yes_page.send_back(request, code)


def _header(request: Request) -> dict[str, str]:
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "oauth":
        raise Refused(x_answers.unauthorized())
    return {unquote(name): unquote(value) for name, value in FIELD.findall(rest)}


def _signed(request: Request, token_secret: str) -> dict[str, str]:
    """The header's fields, once its signature fits the app's secret and the token's."""
    given = _header(request)
    stamp = given.get("oauth_timestamp", "")
    known = given.get("oauth_consumer_key") == accounts.X_CONSUMER_KEY
    if not known or not stamp.isdecimal() or abs(int(stamp) - time.time()) > TIMESTAMP_SPAN:
        raise Refused(x_answers.unauthorized())
    wanted = signature(request, given, accounts.X_CONSUMER_SECRET, token_secret)
    if not hmac.compare_digest(wanted.encode(), given.get("oauth_signature", "").encode()):
        raise Refused(x_answers.unauthorized())
    return given
