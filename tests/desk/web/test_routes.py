"""Every route × every role: whoever lacks the permission gets 403 before anything is read, and nobody gets the log-in."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute
from httpx2 import Client

from desk.web.pages import PAGES, entering
from scheduler.people.roles import MAY, Permission, Role
from tests.desk.web.ground import Site

BEFORE_THE_DOOR = {"/enter", "/enter/{token}"}


def routes() -> Iterator[tuple[str, str, Permission | None]]:
    """Method, path and permission of every route of the pages."""
    for router in (entering.routes, *(page.routes for page in PAGES)):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            asked = [
                one.call.__dict__.get("permission") for one in route.dependant.dependencies if one.call is not None
            ]
            (permission,) = [one for one in asked if one is not None] or [None]
            for method in (route.methods or set()) - {"HEAD"}:
                yield method, route.path, permission


ROUTES = sorted(routes(), key=lambda one: (one[1], one[0]))


def test_only_the_log_in_is_open_to_everybody() -> None:
    assert {path for _, path, permission in ROUTES if permission is None} == BEFORE_THE_DOOR


@pytest.fixture(scope="module")
def clients(read_site: Site) -> Iterator[dict[Role, tuple[Client, str]]]:
    """For each role a client that is in, and the token of its forms."""
    found = {}
    for role in Role:
        headers = {"Accept": "text/html", "Origin": read_site.address, "Sec-Fetch-Site": "same-origin"}
        client = Client(base_url=read_site.address, headers=headers, trust_env=False, verify=False)
        for name, value in read_site.cookie(role).items():
            client.cookies.set(name, value)
        token = re.search(r'name="form_token" value="([^"]+)"', client.get("/").text)
        assert token is not None
        found[role] = client, token[1]
    yield found
    for client, _ in found.values():
        client.close()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "path", "permission"), ROUTES, ids=lambda one: str(one))
def test_a_route_is_shut_to_those_without_its_permission(
    method: str,
    path: str,
    permission: Permission | None,
    role: Role,
    clients: dict[Role, tuple[Client, str]],
    read_site: Site,
) -> None:
    if permission is None or permission in MAY[role]:
        return
    client, token = clients[role]
    address = re.sub(r"\{[^}]*\}", "1", path)
    data = {"form_token": token} if method == "POST" else None
    answer = client.request(method, address, data=data)
    assert answer.status_code == 403, f"{method} {path}"
    assert "needs the permission" in answer.text


@pytest.mark.parametrize(("method", "path", "permission"), ROUTES, ids=lambda one: str(one))
def test_a_form_without_its_token_changes_nothing_anywhere(
    method: str, path: str, permission: Permission | None, clients: dict[Role, tuple[Client, str]]
) -> None:
    if method != "POST":
        return
    client, token = clients[Role.ADMIN]
    address = re.sub(r"\{[^}]*\}", "1", path)
    assert client.post(address, data={"form_token": "guessed"}).status_code == 403
    crossed = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert client.post(address, data={"form_token": token}, headers=crossed).status_code == 403


def test_files_are_kept_for_ever_and_another_edition_s_address_is_not_there(read_site: Site) -> None:
    with Client(base_url=read_site.address, trust_env=False, verify=False) as client:
        page = client.get("/enter").text
        style = re.search(r'href="(/static/[^"]+/css/tokens\.css)"', page)
        assert style is not None
        answer = client.get(style[1])
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"
        assert client.get(re.sub(r"/static/[^/]+", "/static/000000000000", style[1])).status_code == 404
        assert client.get(style[1].replace("tokens.css", "../../words/en.toml")).status_code == 404


@pytest.mark.parametrize("site_of_asker", ["same-origin", "none"])
def test_a_page_is_packed_for_our_own_pages_and_for_the_address_bar(
    clients: dict[Role, tuple[Client, str]], site_of_asker: str
) -> None:
    client, _ = clients[Role.ADMIN]
    plain = client.get("/people", headers={"Sec-Fetch-Site": site_of_asker, "Accept-Encoding": "identity"})
    asked = {"Sec-Fetch-Site": site_of_asker, "Accept-Encoding": "br, gzip"}
    with client.stream("GET", "/people", headers=asked) as answer:
        wire = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(wire) == plain.content
    assert len(wire) < len(plain.content) / 3
    assert answer.headers["etag"] == plain.headers["etag"]
    assert client.get("/people", headers={**asked, "If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    "asked",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip;q=0, identity"},
    ],
)
def test_the_length_of_a_packed_page_tells_a_stranger_s_page_nothing(
    clients: dict[Role, tuple[Client, str]], asked: dict[str, str]
) -> None:
    """Where a stranger's page asks with the person's cookies, words of its own choice never stand packed beside secrets."""
    client, _ = clients[Role.ADMIN]
    answer = client.get("/people", headers={"Accept-Encoding": "gzip", **asked})
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding, Sec-Fetch-Site"
