"""The rehearsal Graph API: versions, tokens, permissions, usage headers, and which call is which."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from channels.rehearsal import accounts, graph_answers, graph_posts, graph_reads, meters, yes_page
from channels.rehearsal.accounts import FacebookPage
from channels.rehearsal.exchange import Answer, BadBody, Refused, Request
from channels.rehearsal.graph_posts import PageDesk, graph_json
from channels.rehearsal.rules import GraphRules
from channels.rehearsal.store import Store, micros

VERSIONS: Mapping[str, datetime | None] = {
    "v21.0": datetime(2027, 1, 21, tzinfo=UTC),
    "v22.0": datetime(2027, 5, 20, tzinfo=UTC),
    "v23.0": datetime(2027, 10, 8, tzinfo=UTC),
    "v24.0": datetime(2028, 2, 18, tzinfo=UTC),
    "v25.0": datetime(2028, 7, 29, tzinfo=UTC),
    "v26.0": None,
}
"""The Graph versions and the day each ends; an older or unknown one is served as the oldest that lives."""

_DAY = timedelta(days=1)
_LONG_LIFE = 5_183_944
_CODE_SPAN = timedelta(minutes=10)
_PATH = re.compile(r"/(?:(v\d+\.\d+)/)?([A-Za-z0-9_]+)?(?:/([a-z_]+))?/?")
_EDGES_READ = frozenset({"feed", "published_posts", "scheduled_posts"})


def served_version(asked: str | None, now: datetime) -> str:
    """The version that answers a call for ``asked``."""
    alive = [name for name, end in VERSIONS.items() if end is None or end > now]
    return asked if asked in alive else alive[0]


class GraphService:
    """Graph as seen by its callers. ``permalink`` and ``picture`` give the page's address of a post or picture."""

    platform = "facebook"

    def __init__(
        self,
        store: Store,
        rules: Callable[[], GraphRules],
        now: Callable[[], datetime],
        permalink: Callable[[str], str],
        picture: Callable[[str], str],
    ) -> None:
        self._store = store
        self._rules = rules
        self._now = now
        self._permalink = permalink
        self._picture = picture

    def kind(self, request: Request) -> str:
        """What kind of call this is; an unpublished photo is preparation, not a post."""
        _, node, edge = _parse(request.path)
        if node == "dialog":
            return "page"
        if node in ("me", "debug_token", "oauth"):
            return "check"
        if request.method == "DELETE" or request.query.get("method", "").lower() == "delete":
            return "delete"
        if request.method == "POST":
            if edge == "photos" and re.search(
                rb'(name="published"\r\n\r\n|(^|&)published=)(false|0)', request.body, re.I
            ):
                return "media"
            return "send" if edge else "correct"
        return "look" if edge in _EDGES_READ or "_" in node else "check"

    def answer(self, request: Request, lag: timedelta) -> Answer:
        """Does what is asked, if the token may."""
        now, rules = self._now(), self._rules()
        version, node, edge = _parse(request.path)
        fields = request.fields() if request.method == "POST" else []
        values = {**request.query, **{field.name: field.text for field in fields if field.filename is None}}
        files = {field.name: field for field in fields if field.filename is not None}
        if node == "oauth" and edge == "access_token":
            return _exchange(self._store, values, now)
        if node == "dialog" and edge == "oauth":
            return _dialog(self._store, request, now)
        token = _token(request, values)
        values.pop("access_token", None)
        if node == "debug_token":
            return _debug(token, values, rules, now)
        page = self._known(token, rules, values)
        self._count(page, rules, now)
        if node == "me" and edge == "accounts":
            return _accounts(token, page, values)
        if node == "me" and not edge:
            return _me(token, page)
        if accounts.page_of(token) is None:
            raise Refused(graph_answers.missing_permission("pages_read_engagement, pages_manage_posts"))
        base = f"{request.base}/{version or served_version(None, now)}"
        desk = PageDesk(self._store, rules, now, page, values, files, self._permalink, self._picture, lag)
        return self._act(desk, request.method, page.page_id if node == "me" else node, edge, base)

    def _act(self, desk: PageDesk, method: str, node: str, edge: str, base: str) -> Answer:
        if method == "POST" and desk.values.get("method", "").lower() == "delete":
            method = "DELETE"
        own = node == desk.page.page_id
        if method == "POST" and own and edge in ("feed", "photos"):
            self._need(desk.rules, "pages_manage_posts")
            return graph_posts.publish(desk) if edge == "feed" else graph_posts.add_photo(desk)
        if method == "POST" and edge == "comments":
            self._need(desk.rules, "pages_manage_engagement")
            return graph_posts.comment(desk, node)
        if method == "POST" and not edge:
            self._need(desk.rules, "pages_manage_posts")
            return graph_posts.edit(desk, node)
        if method == "DELETE" and not edge:
            self._need(desk.rules, "pages_manage_posts")
            return graph_posts.take_down(desk, node)
        if method == "GET" and own and edge in _EDGES_READ:
            self._need(desk.rules, "pages_read_engagement")
            return graph_reads.read_edge(desk, edge, f"{base}/{node}/{edge}")
        if method == "GET" and edge == "comments":
            self._need(desk.rules, "pages_read_engagement")
            return graph_reads.read_comments(desk, node, f"{base}/{node}/{edge}")
        if method == "GET" and own and not edge:
            return _me("", desk.page)
        if method == "GET" and not edge:
            self._need(desk.rules, "pages_read_engagement")
            return graph_reads.read_post(desk, node)
        raise Refused(graph_answers.no_such_object(node or "/", method.lower()))

    def _need(self, rules: GraphRules, scope: str) -> None:
        if scope not in rules.scopes:
            raise Refused(graph_answers.missing_permission(scope))

    def _known(self, token: str, rules: GraphRules, values: Mapping[str, str]) -> FacebookPage:
        if not token:
            raise Refused(graph_answers.no_token())
        page = accounts.page_of(token) or accounts.person_of(token)
        if page is None:
            raise Refused(graph_answers.bad_token())
        if rules.token_problem is not None:
            raise Refused(graph_answers.bad_token(rules.token_problem))
        proof = values.get("appsecret_proof")
        wanted = hmac.new(page.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        if proof is not None and not hmac.compare_digest(proof.encode(), wanted.encode()):
            message = "Invalid appsecret_proof provided in the API argument"
            raise Refused(graph_answers.graph_error(100, message, type_="GraphMethodException"))
        return page

    def _count(self, page: FacebookPage, rules: GraphRules, now: datetime) -> None:
        meter = meters.read(self._store, page.page_id, "graph calls", _DAY, rules.calls_a_day, now)
        meters.count(self._store, page.page_id, "graph calls", _DAY, now)
        if meter.exhausted:
            raise Refused(graph_answers.page_limit())

    def dress(self, request: Request, answer: Answer) -> Answer:
        """The version that served, trace ids, and the usage of app and Page in percent."""
        now, rules = self._now(), self._rules()
        asked, _, _ = _parse(request.path)
        headers = {
            "facebook-api-version": served_version(asked, now),
            "x-fb-trace-id": uuid.uuid4().hex[:11],
            "x-fb-request-id": uuid.uuid4().hex[:23],
        }
        page = self._page_named(request)
        if page is not None:
            limit = rules.calls_a_day
            meter = meters.read(self._store, page.page_id, "graph calls", _DAY, limit, now)
            percent = min(100, meter.used * 100 // max(1, limit)) if limit is not None else 0
            wait = -(-(meter.reset_at - now) // timedelta(minutes=1)) if meter.exhausted else 0
            share = {"call_count": percent, "total_cputime": percent // 3, "total_time": percent // 3}
            case = [{"type": "pages", **share, "estimated_time_to_regain_access": wait}]
            headers["x-app-usage"] = json.dumps({**share, "call_count": percent // 4})
            headers["x-business-use-case-usage"] = json.dumps({page.page_id: case})
        return answer.with_headers(headers)

    def _page_named(self, request: Request) -> FacebookPage | None:
        token = _bearer(request) or request.query.get("access_token", "")
        if not token:
            with contextlib.suppress(BadBody):
                token = next((field.text for field in request.fields() if field.name == "access_token"), "")
        return accounts.page_of(token) or accounts.person_of(token)


def _parse(path: str) -> tuple[str | None, str, str]:
    """Version, node and edge of an address; an address that Graph does not know is a node of that name."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None, path.strip("/"), ""
    return match[1], match[2] or "", match[3] or ""


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") else ""


def _token(request: Request, values: Mapping[str, str]) -> str:
    return values.get("access_token") or _bearer(request)


def _me(token: str, page: FacebookPage) -> Answer:
    if accounts.person_of(token) is not None:
        return graph_json({"id": page.page_id[::-1], "name": f"Editor of {page.name}"})
    return graph_json({"id": page.page_id, "name": page.name})


def _accounts(token: str, page: FacebookPage, values: Mapping[str, str]) -> Answer:
    if accounts.person_of(token) is None:
        raise Refused(graph_answers.bad_parameter("Tried accessing nonexisting field (accounts) on node type (Page)"))
    tasks = ["MODERATE", "CREATE_CONTENT", "MANAGE", "ANALYZE"]
    row = {"access_token": page.token, "category": "Newspaper", "name": page.name, "id": page.page_id, "tasks": tasks}
    return graph_json({"data": [row], "paging": {"cursors": {"before": "MQ", "after": "MQ"}}})


def _dialog(store: Store, request: Request, now: datetime) -> Answer:
    """``GET /dialog/oauth``: asks the person, then sends the browser back with a code that lives for ten minutes."""
    if request.query.get("client_id") != accounts.FACEBOOK_APP_ID or not request.query.get("redirect_uri"):
        raise Refused(graph_answers.graph_error(101, "Error validating application. Invalid application ID."))
    name = request.query.get("screen_name", "newsroom")
    if "allow" not in request.query:
        return yes_page.ask("Facebook", name, request)
    code = f"AQ{uuid.uuid4().hex}"
    store.remember(f"graph code {code}", f"{micros(now + _CODE_SPAN)} {request.query['redirect_uri']} {name}")
    return yes_page.send_back(request, code)


def _from_code(store: Store, values: Mapping[str, str], now: datetime) -> Answer:
    code = values.get("code", "")
    with store.change() as db:
        until, redirect, name = (*(store.fact(f"graph code {code}") or "").split(" ", 2), "", "", "")[:3]
        db.execute("delete from facts where key = ?", (f"graph code {code}",))
    if not name or redirect != values.get("redirect_uri") or micros(now) > int(until):
        raise Refused(graph_answers.graph_error(100, "This authorization code has been used or has expired."))
    token = accounts.facebook_page(name).user_token
    return graph_json({"access_token": token, "token_type": "bearer", "expires_in": 5_400})


def _exchange(store: Store, values: Mapping[str, str], now: datetime) -> Answer:
    """``GET /oauth/access_token``: a person's token for a code, a long-lived one for that, or an app token."""
    if values.get("client_id") != accounts.FACEBOOK_APP_ID:
        raise Refused(graph_answers.graph_error(101, "Error validating application. Cannot get application info."))
    if values.get("client_secret") != accounts.FACEBOOK_APP_SECRET:
        raise Refused(graph_answers.graph_error(1, "Error validating client secret."))
    grant = values.get("grant_type")
    if grant is None and "code" in values:
        return _from_code(store, values, now)
    if grant == "client_credentials":
        token = f"{accounts.FACEBOOK_APP_ID}|{accounts.FACEBOOK_APP_SECRET}"
        return graph_json({"access_token": token, "token_type": "bearer"})
    if grant == "fb_exchange_token":
        short = values.get("fb_exchange_token", "")
        if accounts.person_of(short) is None and accounts.page_of(short) is None:
            raise Refused(graph_answers.bad_token())
        return graph_json({"access_token": short, "token_type": "bearer", "expires_in": _LONG_LIFE})
    raise Refused(graph_answers.bad_parameter("Invalid grant_type"))


def _debug(token: str, values: Mapping[str, str], rules: GraphRules, now: datetime) -> Answer:
    """``GET /debug_token``: what a token may, asked with the app's token or a token of the app."""
    app = f"{accounts.FACEBOOK_APP_ID}|{accounts.FACEBOOK_APP_SECRET}"
    if token != app and accounts.page_of(token) is None and accounts.person_of(token) is None:
        raise Refused(graph_answers.bad_token())
    asked = values.get("input_token", "")
    page, person = accounts.page_of(asked), accounts.person_of(asked)
    subject = page or person
    if subject is None:
        problem = {"code": 190, "message": "Invalid OAuth access token."}
        return graph_json({"data": {"error": problem, "is_valid": False, "scopes": []}})
    data: dict[str, object] = {
        "app_id": accounts.FACEBOOK_APP_ID,
        "type": "PAGE" if page else "USER",
        "application": "Rehearsal",
        "is_valid": rules.token_problem is None,
        "issued_at": int((now - timedelta(days=30)).timestamp()),
        "expires_at": _ends(page is not None, rules, now),
        "data_access_expires_at": int((now + timedelta(days=60)).timestamp()),
        "profile_id": subject.page_id,
        "scopes": list(rules.scopes),
        "granular_scopes": [{"scope": scope, "target_ids": [subject.page_id]} for scope in rules.scopes],
    }
    if rules.token_problem is not None:
        data["error"] = {"code": 190, "message": "Session has expired", "subcode": rules.token_problem}
    return graph_json({"data": data})


def _ends(of_page: bool, rules: GraphRules, now: datetime) -> int:
    """When a token ends, in seconds since 1970; 0: never, as a Page's token by default."""
    if of_page:
        return 0 if rules.token_days is None else int((now + timedelta(days=rules.token_days)).timestamp())
    return int((now + timedelta(seconds=_LONG_LIFE)).timestamp())
