"""The API over newsletters and their readers: the desk's verbs, once for each key, addresses only for who may see them."""

from __future__ import annotations

import threading

from db import issue_wishes
from scheduler.journey import tick
from scheduler.people.roles import Permission
from tests.desk.web.ground import Site
from tests.desk.web.test_api import call, made
from tests.desk.web.test_newsletters import add_stories, cut_issue

MAY = (Permission.READ, Permission.WORD, Permission.APPROVE, Permission.STOP, Permission.TAKE_BACK, Permission.READERS)


def test_a_program_orders_words_cuts_arranges_and_sends_an_issue(site: Site) -> None:
    token = made(site, *MAY)
    mill, ferry, tram = add_stories(site)
    coming = call(site, "/newsletters/mail/next", token).body
    assert (coming["stories"], coming["left_out"]) == ([tram, ferry, mill], [])
    done = call(site, "/newsletters/mail/order", token, {"stories": [mill]}, Idempotency_Key="order").body
    assert done["stories"] == [mill, tram, ferry]
    call(site, "/newsletters/mail/leave-out", token, {"story": tram}, Idempotency_Key="out")
    above = {"subject": "A library opens", "preheader": ""}
    call(site, "/newsletters/mail/words", token, above, Idempotency_Key="words")
    coming = call(site, "/newsletters/mail/next", token).body
    assert (coming["stories"], coming["subject"], coming["left_out"]) == ([mill, ferry], "A library opens", [tram])
    call(site, "/newsletters/mail/pin", token, {"story": ferry, "away": True}, Idempotency_Key="pin")
    tested = call(site, "/newsletters/mail/test", token, {"to": "ada@example.org"}, Idempotency_Key="test")
    assert (tested.status, tested.body["accepted"]) == (200, True)
    wrong = call(site, "/newsletters/mail/test", token, {"to": "nobody"}, Idempotency_Key="wrong")
    assert (wrong.status, wrong.body["title"]) == (422, "not-understood")
    number = cut_issue(site).subject_id
    issue = call(site, f"/issues/{number}", token).body
    arranged = call(site, f"/issues/{number}/arrange", token, {"stories": [ferry, tram]}, Idempotency_Key="a").body
    stale = {"fingerprint": issue["fingerprint"]}
    assert call(site, f"/issues/{number}/send", token, stale, Idempotency_Key="stale").status == 409
    shown = call(site, f"/issues/{number}/preview", token).body
    assert (shown["stories"], shown["subject"]) == ([ferry, tram], "Ferry runs until midnight")
    call(site, f"/issues/{number}/pause", token, {"why": "wait"}, Idempotency_Key="pause")
    call(site, f"/issues/{number}/resume", token, {}, Idempotency_Key="resume")
    yes = {"fingerprint": arranged["fingerprint"]}
    assert call(site, f"/issues/{number}/send", token, yes, Idempotency_Key="yes").status == 200
    again = call(site, f"/issues/{number}/send", token, yes, Idempotency_Key="yes")
    assert again.headers["Idempotent-Replayed"] == "true"
    tick(site.app, site.clock.now())
    assert site.app.engine.wait(120)
    report = call(site, f"/issues/{number}", token).body
    assert (report["sent"], report["stories"], report["finished"]) == (3, [ferry, tram], True)
    with site.app.ground.reading() as tx:
        assert issue_wishes.left_out(tx, "mail") == [mill]
    letters = call(site, "/newsletters", token).body["newsletters"]
    assert [one["issue"] for one in letters[0]["issues"]] == [number, 1]
    assert call(site, f"/issues/{number}/cancel", token, {}, Idempotency_Key="cancel").status == 422


def test_a_program_adds_finds_and_erases_readers_and_takes_a_file_in(site: Site) -> None:
    token = made(site, *MAY)
    consent = {"source": "fair", "day": "2026-09-01", "wording": "Yes"}
    asked = {"address": "lea@example.org", "name": "Lea", "consent": consent}
    added = call(site, "/lists/morning/subscribers", token, asked, Idempotency_Key="lea")
    assert (added.status, added.body["how"]) == (201, "added")
    number = added.body["subscriber"]
    page = call(site, "/subscribers?limit=3", token).body
    rest = call(site, f"/subscribers?limit=3&cursor={page['next']}", token).body
    assert [one["subscriber"] for one in (*page["readers"], *rest["readers"])] == [1, 2, 3, number]
    (found,) = call(site, "/subscribers?address=lea%40example.org", token).body["readers"]
    assert found["subscriber"] == number
    assert call(site, f"/subscribers/{number}", token).body["consents"][0]["source"] == "fair"
    assert call(site, "/subscribers?address=nobody", token).status == 422
    order = {"address": "sue@example.org", "why": "asked by phone"}
    assert call(site, "/suppressions", token, order, Idempotency_Key="sue").body["laid"]
    (standing,) = call(site, "/suppressions?address=sue%40example.org", token).body["suppressions"]
    assert (standing["cause"], standing["reason"]) == ("by hand", "asked by phone")
    assert [one["cause"] for one in call(site, "/suppressions", token).body["suppressions"]] == ["by hand"]
    lifted = call(site, "/suppressions/lift", token, order, Idempotency_Key="lift").body["lifted"]
    assert [one["cause"] for one in lifted] == ["by hand"]
    file = {"list": "evening", "csv": "email\nben@example.org\nnobody\n", **consent}
    begun = call(site, "/imports", token, file, Idempotency_Key="file")
    assert begun.status == 202
    for thread in threading.enumerate():
        if thread.name == f"import {begun.body['import']}":
            thread.join()
    done = call(site, f"/imports/{begun.body['import']}", token).body
    assert (done["state"], done["added"], done["refused"]) == ("done", 1, 1)
    assert [one["import"] for one in call(site, "/imports", token).body["imports"]] == [done["import"], 1]
    assert {one["list"] for one in call(site, "/lists", token).body["lists"]} == {"evening", "morning"}
    gone = call(site, f"/subscribers/{number}/remove", token, {"list": "morning"}, Idempotency_Key="gone")
    assert gone.body["ended"]
    assert call(site, f"/subscribers/{number}/erase", token, {}, Idempotency_Key="e").status == 422
    assert call(site, f"/subscribers/{number}/erase", token, {"why": "asked"}, Idempotency_Key="erase").status == 200
    assert call(site, f"/subscribers/{number}", token).status == 404


def test_addresses_are_for_tokens_that_may_see_readers(site: Site) -> None:
    token = made(site, Permission.READ, Permission.WORD)
    for path in ("/subscribers", "/subscribers/1", "/suppressions", "/imports", "/imports/1"):
        assert call(site, path, token).status == 403, path
    assert call(site, "/lists", token).status == 200
