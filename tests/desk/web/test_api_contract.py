"""The API keeps what its own description says: every address, asked rightly and wrongly, by schemathesis.

The real application answers in this process, a newsroom of its own for each address. What is drawn is the same each
time: nothing here depends on luck.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from starlette.types import ASGIApp, Receive, Scope, Send

from db.tables import api_answers
from desk.web.answers import StrictAnswers
from desk.web.api.app import ROOT, description
from desk.web.app import web_app
from scheduler.app import App
from scheduler.clock import HeldClock
from scheduler.people import api_tokens as making
from scheduler.people.roles import Permission, Role
from tests.desk.web.api_values import KINDS
from tests.desk.web.ground import NAMES, copy_of, open_app

WEBHOOK = '\n[webhooks.cms]\nurl = "http://127.0.0.1:9/hear"\nsecret_file = "cms.env"\nlocal = true\n'
for name, texts in KINDS.items():
    schemathesis.openapi.format(name, st.sampled_from(texts))  # what no pattern can tell
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
MOST_NEAR = 16
"""Numbers of rows are drawn up to this, so that most of them are there."""


@dataclass
class Ground:
    """The newsroom that is asked now."""

    app: App
    web: ASGIApp
    faults: list[BaseException]

    def forget(self) -> None:
        """Each call is one of its own, though the same key may be drawn for two."""
        with self.app.ground.transaction() as tx:
            tx.execute(api_answers.delete())


asked_now: list[Ground] = []


async def here(scope: Scope, receive: Receive, send: Send) -> None:
    """The web door of the newsroom that is asked now, called from this very machine."""
    if scope["type"] == "http":
        await asked_now[0].web({**scope, "client": ("127.0.0.1", 50_000)}, receive, send)


contract = schemathesis.openapi.from_dict(description())
contract.config.update(base_url=f"http://127.0.0.1{ROOT}")
contract.app = here
contract.config.analysis.constants.enabled = False  # what is drawn must not change with the words of our code
contract.config.generation.update(allow_x00=False)  # no text may hold NUL: test_api says so of each address
rejected = contract.config.checks.negative_data_rejection
rejected.expected_statuses = [*rejected.expected_statuses, "413"]  # a text over its length may be a body over its own


class FullToken:
    """Every call carries a token that may everything."""

    text = ""

    def get(self, case: schemathesis.Case[Any], context: schemathesis.AuthContext) -> str:
        """The token of the newsroom that is asked now."""
        return FullToken.text

    def set(self, case: schemathesis.Case[Any], data: str, context: schemathesis.AuthContext) -> None:
        """Into the header."""
        case.headers["Authorization"] = f"Bearer {data}"


contract.auth()(FullToken)


def near(value: Any) -> Any:
    """The same with its numbers of rows brought near; what is no such number stays, so wrong ones stay wrong.

    Texts get letters for control signs: no pattern of ours can tell that a story full of them is refused as no text.
    """
    if isinstance(value, str):
        return CONTROLS.sub("x", value)
    if isinstance(value, int) and not isinstance(value, bool) and MOST_NEAR < value < 2**53:
        return value % MOST_NEAR + 1
    if isinstance(value, dict):
        return {key: near(one) for key, one in value.items()}
    return [near(one) for one in value] if isinstance(value, list) else value


@contract.hook
def map_path_parameters(context: schemathesis.HookContext, path_parameters: Any) -> Any:
    """Path parameters of rows that are there."""
    return near(path_parameters)


@contract.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    """Stories and versions that are there."""
    return near(body)


@pytest.fixture
def ground(sample: tuple[Path, datetime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """A copy of the sample newsroom with a webhook that nobody hears, called from this machine."""
    folder, moment = sample
    room = tmp_path / "newsroom"
    copy_of(folder, room)
    (room / "cms.env").write_text("WEBHOOK_SECRET=whsec_" + base64.b64encode(bytes(32)).decode())
    (room / "cms.env").chmod(0o600)
    with (room / "settings.toml").open("a", encoding="utf-8") as written:
        written.write(WEBHOOK)
    app = open_app(room, HeldClock(moment + timedelta(seconds=1)))
    web = web_app(app)
    faults: list[BaseException] = []
    assert isinstance(web, StrictAnswers)
    web.on_fault = faults.append
    FullToken.text = making.make_token(app, NAMES[Role.ADMIN], "contract", tuple(Permission), actor="test").text

    monkeypatch.setattr(providers, "_get_local_constants", Constants)  # nor with which tests ran before
    providers.CONSTANTS_CACHE.cache.clear()
    asked_now[:] = [Ground(app, web, faults)]
    yield asked_now[0]
    app.stop()
    app.close()


@contract.parametrize()
@settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_an_address_keeps_what_the_description_says(case: schemathesis.Case[Any], ground: Ground) -> None:
    if case.method != "GET":
        ground.forget()
    case.call_and_validate()
    assert ground.faults == []
