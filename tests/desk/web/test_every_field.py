"""An attack through every field of every form: it is kept or refused as text, and runs nowhere.

The forms are found on the pages themselves, so that a new field is attacked without being named here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlsplit

from httpx2 import Response
from lxml import html

from scheduler.people.roles import Role
from tests.desk.web.caller import Caller
from tests.desk.web.ground import Site
from tests.desk.web.test_every_page import LOOKED_AT

ATTACK = "zq\"'></title></textarea><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}"
"""Short enough for a name, and out of every place where a page may show it."""
SKIPPED = ("/leave", "/people/leave", "/account/others", "/account/password", "/account/code")
"""What would shut the attacker out; their fields are a person's own secrets or stand in other forms too."""
USUAL = {
    "address": "lea@example.org",
    "again": "lea@example.org",
    "to": "lea@example.org",
    "list": "morning",
    "day": "2026-09-01",
    "until": "2026-09-25 08:00",
    "at": "2026-09-25 08:00",
    "every": "30d",
    "times": "3",
    "season": "",
    "more": "mon 08:00",
    "url": "https://x.com/a/status/1",
    "link": "https://news.example.org/a",
}
"""What stands in a form's other fields while one is attacked."""
PAGES = (*LOOKED_AT.values(), "/story/7", "/signoff/7", "/channels/mail/resume", "/pause/resume")
QUERIES = (
    "/?done={}",
    "/log?text={}&story={}&channel={}&state={}&by={}&cause={}&since={}&until={}&order={}&after={}",
    "/queue?text={}&section={}&source={}&which={}",
    "/audit?who={}&what={}&text={}&since={}&until={}",
    "/calendar?view={}&day={}&channel={}",
    "/calendar?view=day&hour={}&after={}",
    "/reports?days={}&mode={}",
    "/newsletters/subscribers?find={}&list={}&state={}&after={}",
    "/newsletters/suppressions?over={}&cause={}",
    "/newsletters/mail/next?look={}&check={}",
    "/story/5?wordings={}&versions={}",
    "/signoff?from={}",
    "/pause/resume?section={}",
    "/channels/connected?state={}&code={}&error={}",
    "/nothing/{}",
)


def page_of(answer: Response) -> Any:
    """An answer's page, in which nothing of the attack stands but as text."""
    assert answer.status_code < 500, (answer.request.url, answer.text)
    page: Any = html.document_fromstring(answer.text or "<p></p>")
    for one in page.xpath("//*"):
        for name, value in one.attrib.items():
            assert not name.startswith("on"), (answer.request.url, html.tostring(one)[:200])
            assert not value.strip().lower().startswith("javascript:"), (answer.request.url, value)
        assert one.tag != "script" or "src" in one.attrib, (answer.request.url, html.tostring(one)[:200])
    assert not page.xpath("//img[@src='x']")
    return page


def fields_of(form: Any) -> tuple[dict[str, str], list[str]]:
    """What a browser would send, and the names of the fields that take any text."""
    sent, open_to_text = dict[str, str](), list[str]()
    for one in form.xpath(".//input|.//textarea|.//select"):
        name, kind = one.get("name"), one.get("type", "text")
        if not name or kind in ("submit", "file", "checkbox"):
            continue
        if one.tag == "select":
            options = one.xpath(".//option")
            chosen = next((o for o in options if o.get("selected") is not None), options[0] if options else None)
            sent[name] = "" if chosen is None else chosen.get("value", chosen.text or "")
        elif kind == "radio":
            if one.get("checked") is not None:
                sent[name] = one.get("value", "")
        elif kind == "hidden":
            sent[name] = one.get("value", "")
        else:
            sent[name] = (one.text or "") if one.tag == "textarea" else one.get("value", "")
            sent[name] = sent[name] or USUAL.get(name, "words")
            open_to_text.append(name)
    return sent, open_to_text


def orders(page: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each form of a page is sent, once for each field and button, that field attacked."""
    for form in page.forms:
        action = urlsplit(form.get("action") or "").path
        if form.method != "POST" or action in SKIPPED or action.endswith("/erase"):
            continue
        sent, fields = fields_of(form)
        buttons = [{one.get("name"): one.get("value", "")} for one in form.xpath(".//button[@name]")] or [{}]
        rows = [one.get("value") for one in form.xpath(".//input[@type='checkbox'][@name='row']")][:1]
        ticked = {"row": rows[0]} if rows else {}
        for name in fields:
            for pressed in buttons:
                yield form.get("action"), {**sent, **ticked, **pressed, name: ATTACK}


def attacked(caller: Caller) -> int:
    """Sends each form once for each of its fields; how many were sent."""
    known = set[tuple[str, str]]()
    for path in PAGES:
        for action, sent in list(orders(page_of(caller.get(path)))):
            name = next(name for name, value in sent.items() if value == ATTACK)
            place = (urlsplit(action).path, f"{name} {sent.get('verb', '')} {sent.get('do', '')}")
            if place not in known:
                known.add(place)
                page_of(caller.post(action, **sent))
    return len(known)


def test_an_attack_through_every_field_stays_text_on_every_page(site: Site) -> None:
    story = f"Headline {ATTACK}\nBy Ann {ATTACK}\n\nThe town said on Monday {ATTACK} that 12 boats will sail in May.\n"
    caller = Caller(site, Role.ADMIN)
    with closing(caller.client):
        assert caller.post("/queue/add", text=story, section=ATTACK).status_code == 303
        caller.post("/queue/act", verb="take:7")
        assert attacked(caller) > 80, "the forms are no longer found on the pages"
        for query in QUERIES:
            page_of(caller.get(query.replace("{}", quote(ATTACK, safe=""))))
        kept = [path for path in PAGES if "zq&#34;" in caller.get(path).text]
        assert set(kept) >= {"/", "/queue", "/log", "/story/7", "/calendar", "/channels", "/people", "/audit"}
        assert "zq&#34;" in caller.get("/log?text=Headline").text
    site.expected = ("Failed to load resource",)  # what was attacked may have changed what a page shows
    with site.window(Role.ADMIN) as page:
        page.on("dialog", lambda dialog: site.complaints.append(f"it ran: {dialog.message}"))
        for path in kept:
            page.goto(path)
            assert page.locator("script:not([src]), [onerror]").count() == 0, path
