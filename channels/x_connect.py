"""Connecting an X account: OAuth 1.0a with a PIN, OAuth 2 with PKCE, and the refresh of its tokens, through tweepy.

tweepy fixes the hosts and waits for ever, so its sessions are led through ``wire.PinnedSession`` and each answer is read
by itself. No step is ever made twice: a code, a PIN and a refresh token are good for one call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlencode

import requests
import tweepy  # type: ignore[import-untyped]

from channels.errors import ChannelError, error_for
from channels.granted import Asking, Begun, Granted
from channels.wire import Answer, PinnedSession, WireFault
from db.records import Failure, Mode, Outcome

T = TypeVar("T")
_SDK_HOST: Final = "https://api.twitter.com"
_LIVE: Final = "https://api.x.com"
_TOKEN: Final = f"{_SDK_HOST}/2/oauth2/token"
SCOPES: Final = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
"""What is asked for: read, write, pictures, and a refresh token."""


class _Pin(tweepy.OAuth1UserHandler):  # type: ignore[misc]
    """tweepy's handler, whose two calls go out through our session."""

    def __init__(self, session: PinnedSession, key: str, secret: str) -> None:
        super().__init__(key, secret, callback="oob")
        self._session = session
        self._lead(self.oauth)

    def _lead(self, oauth: Any) -> None:
        oauth.request = lambda method, url, **kw: self._session.request(method, url, auth=oauth.auth, **kw)

    def get_access_token(self, verifier: str | None = None) -> tuple[str, str]:
        """As tweepy does, on a session that is ours."""
        from requests_oauthlib import OAuth1Session  # type: ignore[import-untyped]

        self.oauth = OAuth1Session(
            self.consumer_key,
            client_secret=self.consumer_secret,
            resource_owner_key=self.request_token["oauth_token"],
            resource_owner_secret=self.request_token["oauth_token_secret"],
            verifier=verifier,
            callback_uri=self.callback,
        )
        self._lead(self.oauth)
        told = self.oauth.fetch_access_token(self._get_oauth_url("access_token"))
        if "user_id" not in told:  # it comes after the keys: without it they may be cut short
            raise ValueError
        return str(told["oauth_token"]), str(told["oauth_token_secret"])


def begin_pin(asking: Asking, key: str, secret: str) -> Begun:
    """A request token, and the address at which X shows a PIN. Raises one of the five errors."""
    session = _session(asking)
    handler = _Pin(session, key, secret)
    address = _made(session, "the app's key and secret", handler.get_authorization_url)
    values = {
        "CONSUMER_KEY": key,
        "CONSUMER_SECRET": secret,
        "REQUEST_TOKEN": str(handler.request_token["oauth_token"]),
        "REQUEST_SECRET": str(handler.request_token["oauth_token_secret"]),
    }
    return Begun(asking.base_url + address.removeprefix(_SDK_HOST), values)


def finish_pin(asking: Asking, values: Mapping[str, str], pin: str) -> Granted:
    """The account's own token for a PIN. Raises one of the five errors."""
    session = _session(asking)
    handler = _Pin(session, values["CONSUMER_KEY"], values["CONSUMER_SECRET"])
    handler.request_token = {"oauth_token": values["REQUEST_TOKEN"], "oauth_token_secret": values["REQUEST_SECRET"]}
    token, secret = _made(session, "the PIN", lambda: handler.get_access_token(pin))
    names = ("CONSUMER_KEY", "CONSUMER_SECRET")
    return Granted({name: values[name] for name in names} | {"ACCESS_TOKEN": token, "ACCESS_TOKEN_SECRET": secret})


def begin_pkce(asking: Asking, client_id: str, client_secret: str, redirect: str, state: str) -> Begun:
    """The address at which X asks the person; nothing is sent. X then calls ``redirect`` with a code and ``state``."""
    handler = _handler(_session(asking), client_id, client_secret, redirect)
    handler.state = state
    address: str = handler.get_authorization_url()
    host = "https://x.com" if asking.mode is Mode.LIVE and asking.base_url == _LIVE else asking.base_url
    values = {
        "CLIENT_ID": client_id,
        "CLIENT_SECRET": client_secret,
        "REDIRECT": redirect,
        "STATE": state,
        "VERIFIER": str(handler._client.code_verifier),
    }
    return Begun(host + address.removeprefix("https://twitter.com"), values)


def finish_pkce(asking: Asking, values: Mapping[str, str], code: str) -> Granted:
    """Tokens for a code, which lives for half a minute. Raises one of the five errors."""
    session = _session(asking)
    handler = _handler(session, values["CLIENT_ID"], values["CLIENT_SECRET"], values["REDIRECT"])
    handler._client.code_verifier = values["VERIFIER"]
    handler._state = values["STATE"]
    # oauthlib reads a code only out of an https address; the code and the state are all that it takes from it.
    response = f"https://localhost/?{urlencode({'code': code, 'state': values['STATE']})}"
    return _tokens(session, "the code", values, lambda: handler.fetch_token(response))


def refresh(asking: Asking, values: Mapping[str, str]) -> Granted:
    """A new pair for a refresh token, which is spent by it.

    Raises ``Unreachable`` and ``RateLimited`` where the token is still good, ``Rejected`` where X does not take it, and
    ``Uncertain`` where no clear answer came: it may be spent.
    """
    session = _session(asking)
    handler = _handler(session, values["CLIENT_ID"], values["CLIENT_SECRET"], "")
    spent = values["REFRESH_TOKEN"]
    more = {} if values["CLIENT_SECRET"] else {"client_id": values["CLIENT_ID"]}
    return _tokens(
        session,
        "the refresh token",
        values,
        lambda: handler.refresh_token(_TOKEN, refresh_token=spent, auth=handler.auth, **more),
    )


def _session(asking: Asking) -> PinnedSession:
    return PinnedSession({_SDK_HOST: asking.base_url}, deadline=asking.deadline, mode=asking.mode)


def _handler(session: PinnedSession, client_id: str, client_secret: str, redirect: str) -> Any:
    handler = tweepy.OAuth2UserHandler(
        client_id=client_id, redirect_uri=redirect, scope=list(SCOPES), client_secret=client_secret or None
    )

    def request(method: str, url: str, **kw: Any) -> requests.Response:
        kw.pop("withhold_token", None)
        return session.request(method, url, **kw)

    handler.request = request
    return handler


def _tokens(session: PinnedSession, what: str, before: Mapping[str, str], call: Callable[[], Any]) -> Granted:
    """The pair in the answer, whatever oauthlib made of it (it calls another scope an error)."""

    def told() -> Mapping[str, Any]:
        try:
            call()
        except Warning:
            pass
        content = session.last.content() if session.last is not None else None
        if not isinstance(content, Mapping) or not content.get("access_token"):
            raise ValueError
        return content

    content = _made(session, what, told)
    fresh = content.get("refresh_token")
    if not fresh:
        sentence = "X gave no refresh token: the access would end after two hours. Let the app have offline.access."
        raise error_for(Failure(Outcome.REJECTED, "no refresh token", sentence))
    lasts = content.get("expires_in")
    seconds = lasts if isinstance(lasts, int) and not isinstance(lasts, bool) and lasts > 0 else 7_200
    values = {
        "CLIENT_ID": before["CLIENT_ID"],
        "CLIENT_SECRET": before["CLIENT_SECRET"],
        "ACCESS_TOKEN": str(content["access_token"]),
        "REFRESH_TOKEN": str(fresh),
    }
    return Granted(values, timedelta(seconds=seconds))


def _made(session: PinnedSession, what: str, call: Callable[[], T]) -> T:
    session.forget()
    try:
        return call()
    except Exception as error:
        raise _fault(session, what, error) from None


def _fault(session: PinnedSession, what: str, error: Exception) -> ChannelError:
    answer = session.last
    if answer is None:
        found = [one for one in (error, *error.args, error.__context__) if isinstance(one, WireFault)]
        fault = found[0] if found else session.unsendable(error)
        if not fault.left:
            sentence = f"X could not be reached: {fault}. Nothing left this house; try again."
            return error_for(Failure(Outcome.UNREACHABLE, f"wire: {fault.code}", sentence))
        return error_for(Failure(Outcome.UNCERTAIN, f"wire: {fault.code}", _lost(what, str(fault))))
    return _judged(answer, what)


def _judged(answer: Answer, what: str) -> ChannelError:
    code = f"http {answer.status}"
    if answer.status == 429:
        return error_for(Failure(Outcome.RATE_LIMITED, code, "X asks to wait: try again in a quarter of an hour."))
    if answer.status in (400, 401, 403) and _is_a_refusal(answer):
        return error_for(Failure(Outcome.REJECTED, code, f"X did not accept {what} ({answer.status}). Begin anew."))
    return error_for(Failure(Outcome.UNCERTAIN, code, _lost(what, f"its answer was {answer.status}")))


def _is_a_refusal(answer: Answer) -> bool:
    """Whether X itself refused: with an error in JSON, or, of the older calls, as text; a gateway's page is none."""
    if answer.content() is None:
        return not answer.text().lstrip().startswith("<") and not parse_qs(answer.text()).get("oauth_token")
    return isinstance(answer.content(), Mapping)


def _lost(what: str, why: str) -> str:
    return f"X gave no clear answer ({why}), and {what} may be used up. Begin anew."
