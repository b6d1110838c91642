"""Somebody at the desk without scripts: reads pages, sends forms, is led on."""

from __future__ import annotations

import re

from httpx2 import Client, Response

from scheduler.people.roles import Role
from tests.desk.web.ground import Site


class Caller:
    """Somebody's browser without scripts: it reads pages and sends their forms."""

    def __init__(self, site: Site, role: Role) -> None:
        headers = {"Accept": "text/html", "Origin": site.address, "Sec-Fetch-Site": "same-origin"}
        self.client = Client(base_url=site.address, headers=headers, trust_env=False, verify=False, timeout=60)
        for name, value in site.cookie(role).items():
            self.client.cookies.set(name, value)
        found = re.search(r'name="form_token" value="([^"]+)"', self.get("/").text)
        assert found is not None
        self.token = found[1]

    def get(self, path: str) -> Response:
        """A page, redirects not followed."""
        return self.client.get(path)

    def post(self, path: str, **fields: object) -> Response:
        """A form of ours."""
        return self.client.post(path, data={"form_token": self.token, **fields})

    def upload(self, path: str, name: str, content: bytes, **fields: str) -> Response:
        """A form with a file."""
        return self.client.post(path, data={"form_token": self.token, **fields}, files={"file": (name, content)})


def went(answer: Response, done: str) -> str:
    """Where a form that was obeyed leads."""
    assert answer.status_code == 303, answer.text
    place = str(answer.headers["location"])
    assert f"done={done}" in place
    return place
