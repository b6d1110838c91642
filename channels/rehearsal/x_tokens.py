"""The rehearsal X's OAuth 2 tokens: pairs for a refresh token, and the first one for a code with PKCE (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from datetime import datetime, timedelta

from channels.rehearsal import accounts
from channels.rehearsal.exchange import Answer, Request, json_answer
from channels.rehearsal.store import Store, micros

ACCESS_SPAN = timedelta(hours=2)


def exchange_token(store: Store, request: Request, now: datetime) -> Answer:
    """``POST /2/oauth2/token``: a new pair for a refresh token, which is spent then, or a first one for a code."""
    form = dict(request.form_pairs())
    scheme, _, basic = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        pair = f"{accounts.X_CONSUMER_KEY}:{accounts.X_CONSUMER_SECRET}"
        if basic.strip() != base64.b64encode(pair.encode()).decode():
            return json_answer({"error": "unauthorized_client", "error_description": "Missing valid client."}, 401)
    elif form.get("client_id") != accounts.X_CONSUMER_KEY:
        return json_answer({"error": "unauthorized_client", "error_description": "Missing valid client."}, 401)
    if form.get("grant_type") == "authorization_code":
        return _exchange_code(store, form, now)
    if form.get("grant_type") != "refresh_token":
        return json_answer({"error": "unsupported_grant_type", "error_description": "Use refresh_token."}, 400)
    spent = form.get("refresh_token", "")
    with store.change() as db:
        name = store.fact(f"x refresh {spent}") or _first_refresh(store, spent, form.get("account", "newsroom"))
        if not name:
            body = {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}
            return json_answer(body, 400)
        db.execute("delete from facts where key = ?", (f"x refresh {spent}",))
        store.remember(f"x spent {spent}", "yes")
        return _new_pair(store, name, now)


def _exchange_code(store: Store, form: dict[str, str], now: datetime) -> Answer:
    """``grant_type=authorization_code``: a first pair for a code, once, to whoever knows the verifier."""
    code = form.get("code", "")
    with store.change() as db:
        challenge, until, redirect, name = (*(store.fact(f"x code {code}") or "").split(" ", 3), "", "", "", "")[:4]
        db.execute("delete from facts where key = ?", (f"x code {code}",))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        fits = challenge and hmac.compare_digest(proof, challenge) and form.get("redirect_uri") == redirect
        if not fits or micros(now) > int(until):
            told = "Value passed for the authorization code was invalid."
            return json_answer({"error": "invalid_request", "error_description": told}, 400)
        return _new_pair(store, name, now)


def _new_pair(store: Store, name: str, now: datetime) -> Answer:
    """A new access token and a new refresh token of an account."""
    access, refresh = uuid.uuid4().hex, uuid.uuid4().hex
    store.remember(f"x access {access}", f"{name} {micros(now + ACCESS_SPAN)}")
    store.remember(f"x refresh {refresh}", name)
    return json_answer(
        {
            "token_type": "bearer",
            "expires_in": int(ACCESS_SPAN.total_seconds()),
            "access_token": access,
            "refresh_token": refresh,
            "scope": "tweet.read tweet.write users.read media.write offline.access",
        }
    )


def _first_refresh(store: Store, token: str, name: str) -> str | None:
    """The account whose first refresh token this is, unless it is spent."""
    first = accounts.x_account(name).refresh_token
    return name if token == first and store.fact(f"x spent {token}") is None else None
