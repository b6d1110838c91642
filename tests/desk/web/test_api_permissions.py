"""Every address × every permission and role: shut before anything of the call is read, open to whoever may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Browser

from desk.web.api.app import ROOMS, description
from desk.web.api.caller import permission_of
from scheduler.people.roles import MAY, Permission, Role
from tests.desk.web.api_values import KINDS, smallest
from tests.desk.web.ground import Site, open_site
from tests.desk.web.test_api import call, made

ROUTES = [route for room in ROOMS for route in room.routes if isinstance(route, APIRoute)]
DESCRIPTION = description()


@pytest.fixture(scope="module")
def room(sample: tuple[Path, datetime], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A newsroom in which every verb may be tried. No browser looks at it."""
    folder, moment = sample
    with open_site(folder, tmp_path_factory.mktemp("room") / "newsroom", moment, cast(Browser, None)) as site:
        yield site


@pytest.fixture(scope="module")
def alone(room: Site) -> dict[Permission, str]:
    """For each permission the token of an admin's program that has it alone."""
    return {one: made(room, one, role=Role.ADMIN) for one in Permission}


@pytest.fixture(scope="module")
def of_role(room: Site) -> dict[Role, str]:
    """For each role a token that may all that its person may."""
    return {role: made(room, *MAY[role], role=role) for role in Role}


def right(route: APIRoute) -> tuple[str, Any]:
    """An address as it is asked in the sample newsroom, and a body that it understands; None for a read."""
    (method,) = route.methods or {"?"}
    operation = DESCRIPTION["paths"][route.path][method.lower()]
    path = route.path
    for one in operation["parameters"]:
        if one.get("in") == "path":
            kind = one["schema"].get("format", "")
            path = path.replace(f"{{{one['name']}}}", KINDS[kind][0] if kind else "1")
    if method == "GET":
        return path, None
    return path, smallest(operation["requestBody"]["content"]["application/json"]["schema"], DESCRIPTION)


def named(route: APIRoute) -> str:
    return f"{min(route.methods or {'?'})} {route.path}"


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_an_address_is_shut_without_its_permission_whatever_is_sent(
    route: APIRoute, room: Site, alone: dict[Permission, str]
) -> None:
    path, body = right(route)
    wrong = None if body is None else {"colour": ["red"]}
    for permission in set(Permission) - {permission_of(route.dependant)}:
        for sent in (body, wrong):
            answer = call(room, path, alone[permission], sent, Idempotency_Key=f"{permission} {named(route)}")
            assert (answer.status, answer.body["title"]) == (403, "not-allowed"), (permission, sent)
    shut = alone[next(one for one in Permission if one is not permission_of(route.dependant))]
    off = re.sub("/1(?=/|$)", "/none", path)
    assert call(room, off, shut, wrong).status == 403, "before the address is read, and the key"


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_an_address_is_open_to_exactly_the_roles_that_have_its_permission(
    route: APIRoute, room: Site, of_role: dict[Role, str]
) -> None:
    path, body = right(route)
    for role in Role:
        answer = call(room, path, of_role[role], body, Idempotency_Key=f"{role} {named(route)}")
        if permission_of(route.dependant) not in MAY[role]:
            assert (answer.status, answer.body["title"]) == (403, "not-allowed"), role
        else:
            assert answer.status in (200, 201, 202, 404, 409), (role, answer.body)
