"""Good answers have the shapes that the description tells: words, tries and a yes; what an address holds; people and weeks."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema_rs
import pytest

from db import articles
from db.records import Mode
from desk.web.api.app import description
from desk.web.pages.reference import _themes
from scheduler import newsroom
from scheduler.intake.errors import IntakeError
from scheduler.intake.wanted import Fetched, Wanted
from scheduler.people.roles import Permission, Role
from tests.channels.rehearsal.saying_yes import say_yes
from tests.desk.site import DREDGER, open_graph_page
from tests.desk.web.ground import Site
from tests.desk.web.test_api import Answer, call, made, waiting

DESCRIPTION = description()
GOOD = [
    (method, path, answer["content"]["application/json"]["schema"])
    for path, verbs in DESCRIPTION["paths"].items()
    for method, operation in verbs.items()
    for status, answer in operation["responses"].items()
    if status.startswith("2")
]


def kept(path: str, answer: Answer, *, method: str = "post") -> Any:
    """The body of a good answer that has exactly the shape the description tells of this address."""
    assert 200 <= answer.status < 300, answer.body
    (schema,) = [one for verb, known, one in GOOD if (verb, known) == (method, path)]
    jsonschema_rs.validate({**schema, "components": DESCRIPTION["components"]}, answer.body)
    return answer.body


@pytest.mark.parametrize(("method", "path", "schema"), GOOD, ids=lambda one: str(one)[:60])
def test_every_good_answer_is_told_key_by_key(method: str, path: str, schema: dict[str, Any]) -> None:
    named = DESCRIPTION["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    assert named["properties"]
    assert named["description"]
    assert named["additionalProperties"] is False


def test_people_read_every_address_with_every_shape_that_it_speaks_of() -> None:
    found = _themes()
    shown = {(one.method.lower(), one.path) for theme in found for one in theme.operations}
    assert shown == {(method, path) for method, path, _ in GOOD}
    for theme in found:
        named = {one.name for one in theme.shapes}
        keys = [key for shape in theme.shapes for key in shape.keys]
        spoken_of = {key.kind.shape for key in keys} | {one.gives for one in theme.operations}
        assert spoken_of | {one.takes for one in theme.operations} <= named | {""}
        assert all(key.kind.words not in ("", "any") for key in keys), theme.name
    (words,) = [one for theme in found for one in theme.operations if one.mark == "post-stories-story-words"]
    assert (words.permission, words.takes, words.gives) == ("word", "Wordings", "Deliveries")


def test_a_program_reads_the_words_tries_others_and_says_yes_to_what_it_saw(site: Site) -> None:
    token, story = made(site), waiting(site)
    read = kept("/stories/{story}/words", call(site, f"/stories/{story}/words", token), method="get")
    x = next(one for one in read["channels"] if one["channel"] == "x-main")
    assert (x["waits"], x["limit"], x["version"]) == (True, 280, 1)
    assert x["post"]["parts"][0]["text"] == x["text"]
    assert x["used"]

    asked = {"channel": "x-main", "text": "Too long. " * 40}
    path = "/stories/{story}/try"
    tried = kept(path, call(site, f"/stories/{story}/try", token, asked, Idempotency_Key="t"))
    assert tried["count"] > 280
    assert any(problem["stops"] for problem in tried["problems"])
    assert kept("/stories/{story}/words", call(site, f"/stories/{story}/words", token), method="get") == read

    seen = {one["channel"]: one["seen"] for one in read["channels"] if one["waits"]}
    newsroom.edit(site.app, story, "fb-main", "Other words altogether.", actor="Edith")
    stale = call(site, f"/stories/{story}/approve", token, {"seen": seen}, Idempotency_Key="y1")
    assert (stale.status, stale.body["title"]) == (409, "refused")
    assert "changed since you saw it" in stale.body["detail"]
    now = kept("/stories/{story}/words", call(site, f"/stories/{story}/words", token), method="get")
    seen = {one["channel"]: one["seen"] for one in now["channels"] if one["waits"]}
    yes = call(site, f"/stories/{story}/approve", token, {"seen": seen}, Idempotency_Key="y2")
    assert {one["state"] for one in kept("/stories/{story}/approve", yes)["deliveries"]} == {"planned"}

    path = "/stories/{story}/words/{name}"
    found = kept(path, call(site, f"/stories/{story}/words/fb-main", token), method="get")
    assert [one["version"] for one in found["versions"]] == [2, 1]
    assert found["versions"][0]["text"] == "Other words altogether."
    assert found["wordings"]


def test_a_story_is_taken_in_from_its_address_once_and_what_is_none_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, token = "https://gazette.example.org", made(site, Permission.QUEUE)
    pages = {f"{base}/{DREDGER.slug}": open_graph_page(base, DREDGER)}

    def fetch(wanted: Wanted) -> Fetched:
        if wanted.url not in pages:
            raise IntakeError(f"{wanted.url} is not there (404).")
        return Fetched(wanted.url, pages[wanted.url].encode(), "text/html", "utf-8")

    monkeypatch.setattr(site.app, "fetch", fetch)
    path, asked = "/addresses", {"address": next(iter(pages)), "section": "Harbour"}
    first = kept(path, call(site, path, token, asked, Idempotency_Key="a"))
    (story,) = first["stories"]
    assert (story["what"], story["headline"], story["section"]) == ("new", DREDGER.headline, "Harbour")
    again = kept(path, call(site, path, token, asked, Idempotency_Key="b"))
    assert [(one["story"], one["what"]) for one in again["stories"]] == [(story["story"], "same")]
    with site.app.ground.reading() as tx:
        assert articles.get(tx, story["story"]).section == "Harbour"
    for address, status, told in (
        (f"{base}/gone", 409, "is not there"),
        ("harbour.txt", 422, "a web address"),
    ):
        no = call(site, path, token, {"address": address}, Idempotency_Key=address)
        assert no.status == status, no.body
        assert told in no.body["detail"]


def test_an_address_of_this_machine_is_never_asked_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[Wanted]()

    def fetch(wanted: Wanted) -> Fetched:
        asked.append(wanted)
        raise IntakeError("nobody is there")

    monkeypatch.setattr(site.app, "fetch", fetch)
    no = call(
        site,
        "/addresses",
        made(site, Permission.QUEUE),
        {"address": "http://127.0.0.1:9/x"},
        Idempotency_Key="a",
    )
    assert no.status == 409
    assert not any(one.local for one in asked)  # the real fetch refuses it then


def test_a_channel_is_connected_by_a_program_and_no_kept_answer_opens_anything(site: Site) -> None:
    token = made(site, Permission.CHANNELS, role=Role.ADMIN)
    read, path = "/channels/{name}/connection", "/channels/{name}/connect"
    begun = kept(path, call(site, "/channels/x-main/connect", token, {"way": "oauth2"}, Idempotency_Key="b"))
    assert (begun["mode"], begun["way"]) == ("rehearsal", "oauth2")
    found = kept(read, call(site, "/channels/x-main/connection", token), method="get")
    (waiting,) = [one["waiting"] for one in found["connections"] if one["mode"] == "rehearsal"]
    assert (waiting["by"], waiting["until"]) == ("Ada (the CMS)", begun["until"])
    asked = {"answer": say_yes(waiting["address"])}
    done = kept(f"{path}/finish", call(site, "/channels/x-main/connect/finish", token, asked, Idempotency_Key="f"))
    assert done["account_name"] == "x_main"
    again = call(site, "/channels/x-main/connect/finish", token, asked, Idempotency_Key="f2")
    assert (again.status, "was begun" in again.body["detail"]) == (409, True)
    found = kept(read, call(site, "/channels/x-main/connection", token), method="get")
    (now,) = [one["connected"] for one in found["connections"] if one["mode"] == "rehearsal"]
    assert (now["way"], now["account_name"], now["trouble"]) == ("oauth2", "x_main", None)

    values = site.app.vault.values(Mode.REHEARSAL, "x-main") or {}
    with site.app.ground.reading() as tx:
        rows = str(tx.exec_driver_sql("select * from api_answers").all())
    secrets = [waiting["address"], *parse_qs(urlsplit(asked["answer"]).query)["state"], *values.values()]
    assert len(secrets) == 6
    assert not [one for one in secrets if one in rows or one in str(found)]

    gone = call(site, "/channels/x-main/disconnect", token, {"why": "the account moves"}, Idempotency_Key="d")
    assert kept("/channels/{name}/disconnect", gone) == {"channel": "x-main", "mode": "rehearsal"}
    assert call(site, "/channels/x-main/disconnect", token, {}, Idempotency_Key="d2").status == 409
    assert call(site, "/channels/mail/connection", token).status == 409
    wrong = {"mode": "live", "keys": {"CONSUMER_KEY": "with blank", "CONSUMER_SECRET": "s3cret sign"}}
    refused = call(site, "/channels/x-main/connect", token, wrong, Idempotency_Key="w")
    assert (refused.status, "s3cret" in str(refused.body)) == (409, False)


def test_people_tokens_and_weeks_are_kept_by_a_program_that_may(site: Site) -> None:
    token = made(site, Permission.PEOPLE, Permission.CHANNELS, Permission.AUDIT, Permission.READ, role=Role.ADMIN)
    others = made(site, Permission.READ, role=Role.EDITOR)
    everybody = kept("/people", call(site, "/people", token), method="get")["people"]
    assert {one["name"]: one["role"] for one in everybody}["Edith"] == "editor"
    path = "/people/{name}/role"
    done = kept(path, call(site, "/people/Edith/role", token, {"role": "viewer", "why": "asked"}, Idempotency_Key="r"))
    assert done["role"] == "viewer"

    out = call(site, "/people/Edith/out", token, {"why": "lost laptop"}, Idempotency_Key="o")
    assert kept("/people/{name}/out", out)["ended"] >= 0

    known = kept("/tokens", call(site, "/tokens", token), method="get")["tokens"]
    theirs = next(one for one in known if one["person"] == "Edith")
    assert (theirs["scopes"], theirs["used_at"]) == (["read"], None)
    ended = call(site, f"/tokens/{theirs['token']}/end", token, {"why": "lost"}, Idempotency_Key="e")
    assert kept("/tokens/{token}/end", ended) == {"ended": theirs["token"]}
    assert call(site, "/stories", others).status == 401

    left = call(site, "/people/Edith/leave", token, {"why": "moved on"}, Idempotency_Key="l")
    assert kept("/people/{name}/leave", left)["left_at"] is not None
    nobody = call(site, "/people/Nemo/leave", token, {}, Idempotency_Key="n")
    assert (nobody.status, "Nemo" in nobody.body["detail"]) == (409, True)

    path = "/channels/{name}/slots"
    asked = {"slots": ["mon 08:15", "daily 12:00"], "why": "spring"}
    week = kept(path, call(site, "/channels/x-main/slots", token, asked, Idempotency_Key="s"))
    assert week["slots"][0] == "mon 08:15"
    assert re.match("Ada", week["set_by"])
    assert kept(path, call(site, "/channels/x-main/slots", token), method="get") == week
    wrong = call(site, "/channels/x-main/slots", token, {"slots": ["noon"]}, Idempotency_Key="w")
    assert (wrong.status, "noon" in wrong.body["detail"]) == (409, True)
    path += "/settings"
    back = kept(path, call(site, "/channels/x-main/slots/settings", token, {}, Idempotency_Key="b"))
    assert (back["slots"], back["set_at"]) == (back["settings"], None)

    rows = kept("/audit", call(site, "/audit?did=set%20role", token), method="get")["audit"]
    assert [(one["subject"], one["before"], one["after"], one["why"]) for one in rows] == [
        ("person Edith", "editor", "viewer", "asked")
    ]


def test_calendar_and_reports_tell_what_the_pages_show(read_site: Site) -> None:
    token = made(read_site, Permission.READ)
    found = kept("/calendar", call(read_site, "/calendar?first=2026-09-21&days=2", token), method="get")
    assert [one["date"] for one in found["days"]] == ["2026-09-21", "2026-09-22"]
    shown = [one for day in found["days"] for one in day["deliveries"]]
    assert {one["channel"] for one in shown} == {"x-main", "fb-main", "mail"}
    assert any(one["movable"] for one in shown)
    only = call(read_site, "/calendar?first=2026-09-21&days=1&channel=mail", token).body
    assert {one["channel"] for day in only["days"] for one in day["deliveries"]} == {"mail"}
    assert call(read_site, "/calendar?first=0001-01-01", token).status == 422

    figures = kept("/reports", call(read_site, "/reports?days=7", token), method="get")
    counted = sum(one["deliveries"] for one in figures["days"])
    assert counted == len(call(read_site, "/deliveries?limit=200", token).body["deliveries"])
    assert any(one["usd"] > 0 for one in figures["spend"])
    assert len(figures["readers"]) == 12
    assert figures["causes"]
