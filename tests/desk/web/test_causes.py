"""A reviewer and a cause: all that failed for it is found, taken along, tried once more at once, and never twice."""

from __future__ import annotations

import json
from dataclasses import replace

from db import attempts, deliveries
from db.records import Attempt, Failure, Outcome, State, SubjectKind, Verb
from db.tables import deliveries as table
from desk.web.pages.log import fitting
from scheduler.outcomes import tell_desk
from scheduler.people.roles import Role
from tests.desk.web.caller import Caller, went
from tests.desk.web.ground import Site

SAID = Failure(Outcome.REJECTED, "187", "X says this was posted already.")


def failed(site: Site) -> list[int]:
    """The posts of the story that waited, failed for one cause each."""
    with site.app.ground.transaction() as tx:
        rows = deliveries.of_subject(tx, SubjectKind.ARTICLE, 5)
        for one in rows:
            tried = Attempt(
                delivery_id=one.id,
                number=0,
                verb=Verb.SEND,
                part=0,
                mode=one.mode,
                channel=one.channel,
                text="words",
                fingerprint=one.fingerprint,
                ordered_by="Anand",
                approved_by="Anand",
                teaser_version=1,
                teaser_writer="daily run",
                article_revision=1,
                opened_at=site.clock.now(),
            )
            now = site.clock.now()
            attempts.close_failed(tx, attempts.open_attempt(tx, tried, actor="test", now=now), SAID, now=now)
            tx.execute(table.update().where(table.c.id == one.id).values(state=State.FAILED))
        return [one.id for one in rows]


def test_all_that_failed_for_one_cause_is_tried_once_more_at_once_and_never_twice(site: Site, approver: Caller) -> None:
    ids = failed(site)
    page = approver.get("/log?cause=187").text
    assert all(f'id="d{one}"' in page for one in ids)
    assert page.count("data-row") == len(ids)
    assert "all that failed for “187”" in page
    shown = json.loads(approver.get("/log.json?cause=187").text)
    assert sorted(one["delivery"] for one in shown) == sorted(ids)

    asked = {"verb": "retry", "all_found": "1", "back": "/log?cause=187", "reason": "X mended it"}
    went(approver.post("/log/act", **asked), "log_retry")
    again = approver.post("/log/act", **asked)
    assert again.status_code == 409
    assert again.text.count("was tried once more already") == len(ids)
    with site.app.ground.reading() as tx:
        purposes = sorted(one.purpose for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, 5))
    assert purposes == ["again-1", "again-1", "first", "first"]


def test_today_leads_to_what_failed_and_offers_what_can_be_done(site: Site, approver: Caller) -> None:
    first, second = failed(site)
    with site.app.ground.transaction() as tx:
        one = deliveries.get(tx, first)
        for number in (first, second):
            tell_desk(tx, deliveries.get(tx, number), site.clock.now())
    today = approver.get("/").text
    for number in (first, second):
        assert f'href="/log/{number}"' in today
        assert f'action="/settle/{number}"' in today
    went(approver.post(f"/settle/{first}", verdict="retry"), "log_retry")
    went(approver.post(f"/settle/{second}", verdict="leave", reason="that is that"), "log_leave")
    today = approver.get("/").text
    assert f"/settle/{first}" not in today
    assert f"/settle/{second}" not in today
    opened = approver.get(f"/log/{first}").text
    assert 'value="retry"' not in opened, "it was tried once more: no second time is offered"
    assert "Tried once more as" in opened
    assert approver.post(f"/settle/{first}", verdict="retry").status_code == 409
    none = approver.post("/log/act", verb="retry", row=str(first), back="/log").text
    assert "Nothing was done" in none
    assert "Not all of it" not in none
    assert fitting(replace(one, look_at=None)) == ("retry", "leave")
    assert fitting(replace(one, look_at=site.clock.now())) == ()  # it may be out: first it is looked for
    assert fitting(replace(one, state=State.SENT)) == ("takedown",)
    assert fitting(replace(one, state=State.SENT, purpose="takedown-1")) == ()
    assert fitting(replace(one, state=State.CANCELLED)) == ()
    assert fitting(replace(one, state=State.UNSETTLED)) == ("out", "not_out", "nobody_knows", "cancel")


def test_only_what_one_cause_brought_about_is_changed_without_being_ticked(site: Site, approver: Caller) -> None:
    failed(site)
    for back in ("/log", "/log?state=failed", "/log?cause=187&since=never"):
        no = approver.post("/log/act", verb="retry", all_found="1", back=back)
        assert (no.status_code, "say which cause" in no.text) == (409, True), back


def test_reports_and_codes_lead_to_all_of_a_cause(site: Site) -> None:
    failed(site)
    with site.window(Role.APPROVER) as page:
        page.goto("/reports")
        page.get_by_role("link", name="X says this was posted already.").first.click()
        page.wait_for_url("**/log?cause=187&**")
        assert page.locator("tbody tr[data-row]").count() == 1
        page.keyboard.press("X")
        assert page.locator('input[name="row"]:checked').count() == 1
        page.goto("/log?state=failed")
        page.locator("a.code", has_text="187").first.click()
        page.wait_for_url("**/log?**cause=187**")
