"""The rehearsal X: which call is which, who may make it, what each answer carries."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from channels.rehearsal import x_answers, x_auth, x_charges, x_connecting, x_media, x_posts, x_reads, x_tokens
from channels.rehearsal.accounts import XAccount
from channels.rehearsal.exchange import Answer, Refused, Request, json_answer
from channels.rehearsal.rules import XRules
from channels.rehearsal.store import Store
from channels.rehearsal.x_posts import XDesk

_ROUTES = tuple(
    (method, re.compile(path), name, kind)
    for method, path, name, kind in (
        ("POST", r"/2/tweets", "create", "send"),
        ("DELETE", r"/2/tweets/(\d{1,19})", "delete", "delete"),
        ("GET", r"/2/users/(\d{1,19})/tweets", "timeline", "look"),
        ("GET", r"/2/tweets/(\d{1,19})", "read", "look"),
        ("GET", r"/2/tweets", "read several", "look"),
        ("GET", r"/2/users/me", "me", "check"),
        ("POST", r"/2/media/upload", "upload", "media"),
        ("GET", r"/2/media/upload", "status", "media"),
        ("POST", r"/2/media/upload/initialize", "initialize", "media"),
        ("POST", r"/2/media/upload/(\d{1,19})/append", "append", "media"),
        ("POST", r"/2/media/upload/(\d{1,19})/finalize", "finalize", "media"),
        ("POST", r"/2/media/metadata", "describe", "alt"),
        ("POST", r"/2/oauth2/token", "token", "check"),
        ("POST", r"/oauth/request_token", "request token", "check"),
        ("GET", r"/oauth/authorize", "authorize", "page"),
        ("POST", r"/oauth/access_token", "access token", "check"),
        ("GET", r"/i/oauth2/authorize", "authorize 2", "page"),
        ("POST", r"/1\.1/media/upload\.json", "gone", "media"),
        ("GET", r"/([A-Za-z0-9_]{1,15})/status/(\d{1,19})", "page", "page"),
    )
)
_WRITES = frozenset({"create", "delete", "upload", "status", "initialize", "append", "finalize", "describe"})


def _route(request: Request) -> tuple[str, str, tuple[str, ...]]:
    """Name and kind of the call, and what its address holds; "" for an address that X does not have."""
    for method, path, name, kind in _ROUTES:
        match = path.fullmatch(request.path) if method == request.method else None
        if match:
            return name, kind, match.groups()
    return "", "any", ()


class XService:
    """X as seen by its callers. ``rules`` and ``now`` are asked at each call; ``page`` shows one post to a reader."""

    platform = "x"

    def __init__(
        self,
        store: Store,
        rules: Callable[[], XRules],
        now: Callable[[], datetime],
        page: Callable[[str], Answer],
        measure: Callable[[str], int] | None = None,
    ) -> None:
        self._store = store
        self._rules = rules
        self._now = now
        self._page = page
        self._measure = measure

    def kind(self, request: Request) -> str:
        """What kind of call this is; a post with ``edit_options`` is a correction."""
        kind = _route(request)[1]
        return "correct" if kind == "send" and b'"edit_options"' in request.body else kind

    def answer(self, request: Request, lag: timedelta) -> Answer:
        """Does what is asked, if who asks may."""
        name, _, groups = _route(request)
        now = self._now()
        if name == "":
            return x_answers.no_such_path()
        if name == "page":
            return self._page(groups[1])
        if name == "token":
            return x_tokens.exchange_token(self._store, request, now)
        if name == "request token":
            return x_connecting.request_token(self._store, request)
        if name == "authorize":
            return x_connecting.authorize(self._store, request)
        if name == "access token":
            return x_connecting.access_token(self._store, request)
        if name == "authorize 2":
            return x_connecting.authorize_2(self._store, request, now)
        caller = x_auth.identify(self._store, request, now)
        if name == "gone":
            return x_answers.gone_media_endpoint()
        rules = self._rules()
        if caller.account is None:
            if name in _WRITES or name == "me":
                raise Refused(x_answers.unsupported_authentication())
        elif name in _WRITES and not rules.may_write:
            raise Refused(x_answers.oauth1_permissions())
        account_id = caller.account.user_id if caller.account else "app"
        x_charges.count_call(self._store, rules, account_id, self.kind(request), now)
        desk = XDesk(self._store, rules, now, self._counter())
        if name == "timeline":
            return x_reads.read_timeline(desk, groups[0], request, owner=groups[0] == account_id)
        if name == "read":
            return x_reads.read_one(desk, groups[0], request)
        if name == "read several":
            return x_reads.read_several(desk, request)
        if caller.account is None:
            raise Refused(x_answers.unsupported_authentication())
        return self._own(name, caller.account, groups, desk, request, lag)

    def _own(
        self, name: str, account: XAccount, groups: tuple[str, ...], desk: XDesk, request: Request, lag: timedelta
    ) -> Answer:
        store, now = self._store, desk.now
        if name == "create":
            return x_posts.create(desk, account, request, lag)
        if name == "delete":
            return x_posts.delete(desk, account, groups[0])
        if name == "upload":
            return x_media.upload(store, account, request, now)
        if name == "initialize":
            return x_media.initialize(store, account, request, now)
        if name == "append":
            return x_media.append(store, account, groups[0], request, now)
        if name == "finalize":
            return x_media.finalize(store, account, groups[0], now)
        if name == "status":
            return x_media.status(store, account, request, now)
        if name == "describe":
            return x_media.describe(store, desk.rules, account, request, now)
        return json_answer({"data": {"id": account.user_id, "name": account.name, "username": account.username}})

    def _counter(self) -> Callable[[str], int]:
        if self._measure is None:
            from channels.x_length import weighted_length

            self._measure = weighted_length
        return self._measure

    def dress(self, request: Request, answer: Answer) -> Answer:
        """The rate headers of all three families, the access level and ids for the log, on every answer."""
        name, _, _ = _route(request)
        if name in ("", "page"):
            return answer
        account = x_auth.claimed_account(self._store, request) or "app"
        rules = self._rules()
        headers = x_charges.rate_headers(self._store, rules, account, self.kind(request), self._now())
        headers["x-access-level"] = "read-write" if rules.may_write else "read"
        headers["x-transaction-id"] = uuid.uuid4().hex[:16]
        headers["x-request-id"] = str(uuid.uuid4())
        return answer.with_headers(headers)
