"""Newsletters at the desk: an issue put in order by mouse, keys and forms, sent, stopped; readers found, kept, erased."""

from __future__ import annotations

import csv
import html
import io
import re
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from db import audit, deliveries, imports, issue_wishes, issues, subscribers
from db.hit_totals import HitTally
from db.imports import ImportNumbers, ImportState
from db.issue_counts import Counts
from db.records import Delivery, Frequency, State, SubjectKind
from db.session import GroundLost
from db.subscribers import Tie
from desk.web.door.asides import KEPT as ASIDE_KEPT
from desk.web.door.asides import MOST, Asides
from desk.web.door.kept_counts import KEPT, MANY, STALE, KeptCounts
from desk.web.pages import issue as issue_page
from desk.web.pages.asked_order import asked_order
from desk.web.pages.figures import stood, through_of
from desk.web.pages.mail_look import in_look
from scheduler import newsroom
from scheduler.cutting import waiting_for
from scheduler.hand_in import hand_in
from scheduler.intake.targets import Said
from scheduler.issue_standing import Counted, FollowedLink
from scheduler.journey import tick
from scheduler.people.roles import Role
from templates.charts import line
from tests.desk.web.caller import Caller, went
from tests.desk.web.ground import NARROW, Site, axe_faults, too_wide

HEADLINES = ("Old mill opens as a library", "Ferry runs until midnight", "Tram returns to the quay")
NEXT = "/newsletters/mail/next"


def add_stories(site: Site, headlines: Sequence[str] = HEADLINES) -> list[int]:
    """Stories that wait for the next issue; their numbers, the oldest first."""
    found: list[int] = []
    for headline in headlines:
        text = (
            f"{headline}\nBy Ada Example\n\n{headline} from Saturday on, the council of Port Selwyn said on Monday.\n"
        )
        said = Said(url=f"https://news.example.org/{len(found)}-{headline[:3].lower()}", section="Transport")
        taken, _ = hand_in(site.app, "story.txt", actor="test", said=said, text=text.encode())
        newsroom.take(site.app, taken[0].article.id, actor="test")
        found.append(taken[0].article.id)
        site.clock.advance(timedelta(seconds=1))
    tick(site.app, site.clock.now())
    assert site.app.engine.wait(120)
    return found


def waiting(site: Site) -> list[int]:
    """The next issue's stories in order."""
    with site.app.ground.reading() as tx:
        found = waiting_for(tx, site.app.outlets["mail"], Frequency.DAILY, site.clock.now())
    return [one.article_id for one in found.stories]


def cut_issue(site: Site) -> Delivery:
    """The next day's issue, cut and not begun."""
    site.clock.advance(timedelta(days=1))
    return newsroom.cut_now(site.app, "mail", Frequency.DAILY, actor="test")


# --- pure pieces -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("places", "pressed", "wanted"),
    [
        ({}, "", [1, 2, 3, 4]),
        ({3: "1"}, "", [3, 1, 2, 4]),  # up: before whoever stands there
        ({1: "3"}, "", [2, 3, 1, 4]),  # down: behind
        ({1: "99"}, "", [2, 3, 4, 1]),
        ({1: "x", 2: "-1", 3: "", 4: "1" * 9}, "", [1, 2, 3, 4]),
        ({1: "4"}, "up 3", [1, 3, 2, 4]),  # a button counts alone
        ({}, "down 4", [1, 2, 3, 4]),
        ({}, "up 1", [1, 2, 3, 4]),
        ({}, "up nothing", [1, 2, 3, 4]),
        ({}, "up 99", [1, 2, 3, 4]),
    ],
)
def test_numbers_and_buttons_say_the_order(places: dict[int, str], pressed: str, wanted: list[int]) -> None:
    asked = {number: places.get(number, str(number)) for number in (1, 2, 3, 4)}
    assert asked_order([1, 2, 3, 4], asked, pressed) == wanted


def test_how_many_stood_on_a_list_is_reckoned_back_and_never_below_nought() -> None:
    assert stood(10, [(4, 0), (3, 1), (0, 2)]) == (10, 12, 10)
    assert stood(1, [(9, 0), (0, 0)]) == (1, 1)
    assert stood(0, [(9, 0), (5, 0)]) == (0, 0)


def test_a_line_goes_through_its_values_and_a_flat_one_lies_in_the_middle() -> None:
    assert line([0, 10], width=106, height=26) == "3.0,23.0 103.0,3.0"
    assert line([5, 5, 5], width=106, height=26) == "3.0,13.0 53.0,13.0 103.0,13.0"
    assert line([]) == ""


def test_few_rows_are_counted_at_each_view_and_many_once_a_minute_beside_the_page() -> None:
    now, counts, beside = [100.0], iter(range(10)), list[Callable[[], None]]()
    held = KeptCounts(lambda: now[0], beside.append)
    assert [held.get("few", lambda: (next(counts), MANY - 1)) for _ in range(3)] == [0, 1, 2]

    def many() -> int:
        return held.get("many", lambda: (next(counts), MANY))

    assert [many() for _ in range(3)] == [3, 3, 3]
    now[0] += KEPT
    assert [many(), many(), len(beside)] == [3, 3, 1]  # the old one, and one count under way
    beside.pop()()
    assert [many(), len(beside)] == [4, 0]
    now[0] += KEPT * STALE
    assert [many(), len(beside)] == [5, 0]  # too old to be shown


def test_a_count_beside_the_page_that_finds_no_database_is_tried_again() -> None:
    now, beside = [100.0], list[Callable[[], None]]()
    held = KeptCounts(lambda: now[0], beside.append)
    held.get("many", lambda: (1, MANY))
    now[0] += KEPT

    def lost() -> tuple[int, int]:
        raise GroundLost("away")

    assert held.get("many", lost) == 1
    beside.pop()()
    assert held.get("many", lambda: (2, MANY)) == 1
    beside.pop()()
    assert held.get("many", lost) == 2


def test_a_look_answers_the_mail_s_question_for_dark_and_changes_nothing_else() -> None:
    mail = (
        '<meta name="color-scheme" content="light dark"><style>@media (prefers-color-scheme: dark) {a{}}</style><p>dark'
    )
    assert in_look(mail, "dark") == '<meta name="color-scheme" content="dark"><style>@media all {a{}}</style><p>dark'
    assert "@media not all {a{}}" in in_look(mail, "light")


# --- an issue ----------------------------------------------------------------------------------------


def test_an_editor_puts_an_issue_in_order_by_keys_and_mouse_and_hears_where_a_story_stands(site: Site) -> None:
    mill, ferry, tram = add_stories(site)
    with site.window(Role.APPROVER) as page:
        page.goto(NEXT)
        lines = page.locator("[data-story]")
        expect(lines).to_have_count(3)
        expect(lines.nth(0)).to_contain_text("Tram returns")
        mail = page.frame_locator("#mail")
        lines.nth(0).focus()
        page.keyboard.press("Alt+ArrowDown")
        expect(page.locator("#outcome")).to_have_text("“Tram returns to the quay” stands at place 2 of 3.")
        expect(page.locator("#said")).to_have_text("“Tram returns to the quay” stands at place 2 of 3.")
        expect(page.locator(f"#line-{tram}")).to_be_focused()
        expect(page.locator("#above .inbox strong")).to_have_text("Ferry runs until midnight")
        expect(mail.locator("body")).to_contain_text("Ferry runs until midnight")
        assert waiting(site) == [ferry, tram, mill]
        page.locator(f"#line-{mill}").drag_to(page.locator(f"#line-{ferry}"), source_position={"x": 8, "y": 8})
        expect(page.locator("#outcome")).to_have_text("“Old mill opens as a library” stands at place 1 of 3.")
        expect(page.locator("#above .inbox strong")).to_have_text("Old mill opens as a library")
        assert waiting(site) == [mill, ferry, tram]
        page.reload()
        expect(page.locator("[data-story]").nth(0)).to_contain_text("Old mill")
        site.shot(page, "issue-order-light")
    with site.window(Role.APPROVER, theme="dark", for_axe=True) as page:
        page.goto(f"{NEXT}?look=dark")
        site.shot(page, "issue-order-dark")
        assert axe_faults(page) == []
    with site.window(Role.APPROVER, size=NARROW, scripts=False) as page:
        page.goto(NEXT)
        site.shot(page, "issue-order-320")
        page.get_by_role("button", name="“Ferry runs until midnight” one up").click()
        expect(page.get_by_role("status").first).to_have_text("The order is kept.")
    with site.window(Role.APPROVER, size=NARROW) as page:
        page.goto(NEXT)
        assert too_wide(page) == []
    assert waiting(site) == [ferry, mill, tram]


def test_forms_alone_order_leave_out_put_back_word_test_and_cut(site: Site, approver: Caller) -> None:
    mill, ferry, tram = add_stories(site)
    there: dict[str, object] = {"story": [tram, ferry, mill], f"place-{mill}": "1"}
    went(approver.post(f"{NEXT}/order", **there, do="places"), "issue_ordered")
    assert waiting(site) == [mill, tram, ferry]
    assert " · pinned" in approver.get(NEXT).text
    went(approver.post(f"{NEXT}/order", do=f"unpin {mill}"), "issue_unpinned")
    went(approver.post(f"{NEXT}/order", do=f"out {tram}"), "issue_out")
    assert waiting(site) == [ferry, mill]
    assert "Put back" in approver.get(NEXT).text
    went(approver.post(f"{NEXT}/order", do=f"back {tram}"), "issue_back")
    went(approver.post(f"{NEXT}/words", subject="All <b>three</b>", preheader=""), "issue_worded")
    assert "All &lt;b&gt;three&lt;/b&gt;" in approver.get(NEXT).text
    place = went(approver.post(f"{NEXT}/test", to="ada@news.example.org"), "issue_tested")
    page = approver.get(place).text
    assert "The mail server took the test mail to ada@news.example.org." in page
    shown = re.search(r'href="(http://127.0.0.1:[0-9]+/mail/\w+)"[^>]*>Open it in the rehearsal', page)
    assert shown is not None
    with urlopen(shown[1], timeout=60) as mail:
        assert b"[Test]" in mail.read()
    assert "ada@news.example.org" not in place
    assert "took the test mail to" not in approver.get(NEXT).text
    assert site.app.rehearsal.platforms.published("email")[0].subject == "[Test] All <b>three</b>"
    wrong = approver.post(f"{NEXT}/test", to="nobody")
    assert (wrong.status_code, "must have an @-sign" in wrong.text) == (422, True)
    site.clock.advance(timedelta(days=1))
    place = went(approver.post(f"{NEXT}/cut"), "issue_cut")
    again = approver.post(f"{NEXT}/cut")
    assert (again.status_code, f'href="{place.partition("?")[0]}"' in again.text) == (409, True)
    assert f'action="{NEXT}/cut"' not in approver.get(NEXT).text
    page = approver.get(place).text
    assert "All &lt;b&gt;three&lt;/b&gt;" in page
    assert "Say yes: it goes at once" in page


def test_a_script_is_told_what_stands_in_the_way_as_a_sentence(site: Site, approver: Caller) -> None:
    add_stories(site)
    headers = {"Accept": "application/json"}
    data = {"form_token": approver.token, "story": ["999"]}
    answer = approver.client.post(f"{NEXT}/order", data=data, headers=headers)
    assert answer.status_code == 409
    assert "story 999 does not wait" in answer.json()["sentence"]


def test_what_is_changed_while_the_pre_flight_looks_around_does_not_go_by_that_yes(
    site: Site, approver: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    mill, ferry, tram = add_stories(site)
    cut = cut_issue(site)

    def slow(*args: object) -> list[object]:
        newsroom.arrange_issue(site.app, cut.id, [mill, tram, ferry], actor="ben")
        return []

    monkeypatch.setattr(issue_page, "preflight", slow)
    assert approver.post(f"/newsletters/issues/{cut.subject_id}/send", seen=cut.fingerprint).status_code == 409
    with site.app.ground.reading() as tx:
        assert deliveries.get(tx, cut.id).state is State.WAITING


def test_a_yes_is_to_the_issue_that_was_seen_and_a_changed_one_waits_for_another(site: Site, approver: Caller) -> None:
    mill, ferry, tram = add_stories(site)
    cut = cut_issue(site)
    page = f"/newsletters/issues/{cut.subject_id}"
    order = f"{page}/order"
    went(approver.post(order, seen=cut.fingerprint, story=[mill, tram, ferry]), "issue_ordered")
    assert approver.post(f"{page}/send", seen=cut.fingerprint).status_code == 409
    with site.app.ground.reading() as tx:
        now = deliveries.get(tx, cut.id)
        assert issues.get(tx, cut.subject_id).article_ids == (mill, tram, ferry)
    assert now.state is State.WAITING
    went(approver.post(order, seen=now.fingerprint, do=f"out {tram}"), "issue_out")
    assert approver.post(order, seen=now.fingerprint, do=f"back {tram}").status_code == 409
    shown = approver.get(page).text
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', shown)
    assert found is not None
    went(approver.post(f"{page}/words", seen=found[1], subject="A library opens", preheader=""), "issue_worded")
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', approver.get(page).text)
    assert found is not None
    went(approver.post(f"{page}/send", seen=found[1]), "issue_goes")
    tick(site.app, site.clock.now())
    assert site.app.engine.wait(120)
    report = approver.get(page).text
    assert re.search(r'class="figure sent"><dd>3</dd>', report)
    assert "Drag a story" not in report
    assert {one.subject for one in site.app.rehearsal.platforms.published("email")[:3]} == {"A library opens"}
    with site.app.ground.reading() as tx:
        assert issue_wishes.left_out(tx, "mail") == [tram]


def test_an_issue_is_paused_let_go_on_and_called_off_each_with_its_reason(site: Site, approver: Caller) -> None:
    add_stories(site)
    cut = cut_issue(site)
    page = f"/newsletters/issues/{cut.subject_id}"
    assert approver.post(f"{page}/pause").status_code == 409  # the reason stands everywhere
    went(approver.post(f"{page}/pause", why="the lead is wrong"), "issue_paused")
    assert "Paused by Anand: the lead is wrong" in approver.get(page).text
    went(approver.post(f"{page}/resume"), "issue_resumed")
    assert "Paused by" not in approver.get(page).text
    assert "say why it is called off" in approver.post(f"{page}/cancel").text
    went(approver.post(f"{page}/cancel", why="overtaken"), "issue_cancelled")
    with site.app.ground.reading() as tx:
        (delivery,) = deliveries.of_subject(tx, SubjectKind.ISSUE, cut.subject_id)
    assert (delivery.state, delivery.reason) == (State.CANCELLED, "overtaken")


def test_an_open_page_follows_its_issue_and_offers_nothing_that_is_over(site: Site) -> None:
    add_stories(site)
    cut = cut_issue(site)
    with site.window(Role.APPROVER) as page:
        page.goto(f"/newsletters/issues/{cut.subject_id}")
        expect(page.get_by_role("button", name="Call it off")).to_be_visible()
        newsroom.cancel(site.app, cut.id, actor="Edith", reason="overtaken")
        expect(page.locator("#state")).to_have_text("cancelled")
        expect(page.get_by_role("button", name="Call it off")).to_have_count(0)
        expect(page.get_by_role("button", name="Say yes: it goes at once")).to_have_count(0)


def test_an_issue_is_corrected_as_it_was_looked_at_and_readers_are_counted_first(
    site: Site, approver: Caller, editor: Caller
) -> None:
    page = "/newsletters/issues/1"
    shown = approver.get(page).text
    found = re.search(r'href="(/newsletters/issues/1/correct\?story=(\d+))"', shown)
    assert found is not None
    assert "/correct?story" not in editor.get(page).text
    assert editor.get(found[1]).status_code == 403
    form = {"story": found[2], "text": "The right <b>words</b> of it.", "note": "We had it wrong.", "why": ""}
    assert editor.post(f"{page}/correct", **form).status_code == 403
    assert approver.get(f"{page}/correct?story=999").status_code == 404
    assert "required>" in approver.get(found[1]).text
    without = approver.post(f"{page}/correct", **{**form, "note": " "}, look="1")
    assert (without.status_code, "what was wrong." in without.text) == (422, True)
    empty = approver.post(f"{page}/correct", **{**form, "text": ""}, look="1")
    assert (empty.status_code, "a correction needs words" in empty.text) == (409, True)
    looked = approver.post(f"{page}/correct", **form, look="1").text
    assert "Correct it: 3 readers are written to" in looked
    assert "The right &lt;b&gt;words&lt;/b&gt; of it." in looked
    frame = re.search(r'<iframe src="([^"]+)"', looked)
    assert frame is not None
    mail = approver.get(html.unescape(frame[1]))
    assert "We had it wrong." in mail.text
    assert mail.headers["content-security-policy"].endswith("sandbox")
    mark = re.search(r'name="seen" value="([^"]+)"', looked)
    assert mark is not None
    other = approver.post(f"{page}/correct", **{**form, "note": "Another."}, seen=mark[1])
    assert (other.status_code, "look at it again" in other.text) == (409, True)
    went(approver.post(f"{page}/correct", **form, seen=mark[1]), "issue_corrected")
    assert "What it said was put right by" in approver.get(page).text
    tick(site.app, site.clock.now())
    assert site.app.engine.wait(120)
    told = [one for one in site.app.rehearsal.platforms.published("email") if "We had it wrong." in one.text]
    assert len(told) == 3


def test_what_was_opened_and_followed_stands_in_the_report_people_and_machines_apart(
    read_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = (FollowedLink("https://news.example.org/ferry", "Ferry <b>", 2, 5),)
    found = Counted(True, True, HitTally(31, 47, 2, 5), (), links)
    monkeypatch.setattr("desk.web.pages.issue.opens_and_clicks", lambda visitor, standing: found)
    caller = Caller(read_site, Role.VIEWER)
    page = caller.get("/newsletters/issues/1").text
    caller.client.close()
    for told in (">31</td>", ">47</td>", "Ferry &lt;b&gt;", "Opens are a guess"):
        assert told in page


def test_an_issue_page_shows_its_mail_and_what_to_do_before_all_else(site: Site) -> None:
    add_stories(site)
    site.clock.advance(timedelta(days=1))  # the issue of the day is cut
    for size in (None, NARROW):
        with site.window(Role.APPROVER, size=size) as page:
            page.goto(NEXT)
            mail, lineup = page.locator("#mail").bounding_box(), page.locator("#lineup").bounding_box()
            act = page.get_by_role("button", name="Put it together now").bounding_box()
            assert mail is not None
            assert lineup is not None
            assert act is not None
            assert act["y"] < 640  # nobody scrolls for it, on a telephone either
            assert mail["y"] < 800  # and sees it without leafing through the stories
            assert act["y"] < lineup["y"]


def test_an_issue_without_a_story_teaches_where_stories_come_from(read_site: Site) -> None:
    caller = Caller(read_site, Role.APPROVER)
    page = caller.get(NEXT).text
    overview = caller.get("/newsletters").text
    caller.client.close()
    assert "A story waits here once it is taken from the queue" in page
    for told in (page, overview):
        assert '<a class="button" href="/queue">' in told or '<a href="/queue">' in told
    assert "Put it together now" not in page
    assert "This is what it would carry" not in page


@pytest.mark.parametrize(
    ("counts", "through"),
    [
        (Counts(sent=29, excluded=50, open=71), 29),
        (Counts(sent=1, refused=1, open=1000), 0),
        (Counts(sent=999, open=1), 99),  # never a hundred while one is still to go
        (Counts(sent=5), None),
        (Counts(excluded=5), None),
    ],
)
def test_an_issue_under_way_says_how_much_of_it_is_through(counts: Counts, through: int | None) -> None:
    assert through_of(counts) == through


def test_the_mail_stands_in_a_frame_that_can_do_nothing(read_site: Site) -> None:
    caller = Caller(read_site, Role.VIEWER)
    answer = caller.get("/newsletters/issues/1/mail?look=dark")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "@media all" in answer.text
    assert "%%" not in answer.text
    assert '<iframe id="mail"' in (page := caller.get("/newsletters/issues/1").text)
    assert " sandbox></iframe>" in page
    assert caller.get("/newsletters/issues/99").status_code == 404
    assert caller.get("/newsletters/nowhere/next").status_code == 409
    caller.client.close()


# --- readers -----------------------------------------------------------------------------------------


def test_a_reader_is_found_by_address_beginning_and_domain_page_by_page(
    site: Site, approver: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = approver.get("/newsletters/subscribers?find=READER-2%40readers.example.org")
    assert (found.status_code, found.headers["location"]) == (303, "/newsletters/subscribers/2")
    story = approver.get("/newsletters/subscribers/2").text
    for told in ("reader-2@readers.example.org", "Made-up readers of the demo.", "imported", "2026-09-21", "sent"):
        assert told in story
    monkeypatch.setattr("desk.web.pages.readers.ROWS", 2)
    for asked in ("", "?find=reader-", "?find=%40readers.example.org", "?list=morning&state=confirmed"):
        path, seen = f"/newsletters/subscribers{asked}", list[str]()
        while path:
            page = approver.get(path).text
            seen += re.findall(r'href="/newsletters/subscribers/(\d+)"', page)
            following = re.search(r'href="([^"]+)" rel="next"', page)
            path = following[1].replace("&amp;", "&") if following else ""
        assert seen == ["1", "2", "3"], asked
    for nobody in ("?find=zoe", "?find=%40nowhere.example", "?state=ended", "?find=nobody%40example.org", "?after=x.y"):
        answer = approver.get(f"/newsletters/subscribers{nobody}")
        assert answer.status_code == 200
        assert ("No reader fits" in answer.text) is (nobody != "?after=x.y")


def test_a_reader_is_added_by_statement_or_asked_and_what_is_wrong_is_told_in_the_form(
    site: Site, approver: Caller
) -> None:
    home = "/newsletters/subscribers"
    said = {"list": "morning", "address": "lea@example.org", "name": "<i>Lea</i>"}
    whole = {**said, "source": "fair", "day": "2026-09-01", "wording": "Yes"}
    half = approver.post(home, **{**whole, "day": ""})
    assert (half.status_code, "on which day" in half.text) == (422, True)
    assert 'value="lea@example.org"' in half.text
    added = went(approver.post(home, **whole), "reader_added")
    page = approver.get(added).text
    assert "&lt;i&gt;Lea&lt;/i&gt;" in page
    assert "confirmed" in page.lower()
    went(approver.post(home, **{**said, "address": "ben@example.org"}), "reader_asked")
    assert approver.post(home, **{**said, "address": "nobody"}).status_code == 422
    approver.post("/newsletters/suppressions", address="sue@example.org", list="", why="asked by phone")
    kept_out = approver.post(home, **{**whole, "address": "sue@example.org"})
    assert (kept_out.status_code, "must not be written to" in kept_out.text) == (409, True)


def test_a_subscription_is_ended_and_a_reader_erased_only_with_address_and_reason(site: Site, approver: Caller) -> None:
    page = "/newsletters/subscribers/1"
    went(approver.post(f"{page}/remove", list="morning", why="asked by phone"), "reader_removed")
    with site.app.ground.reading() as tx:
        gone = subscribers.on_list(tx, "morning", 1)
    assert gone is not None
    assert gone.tie is Tie.ENDED
    address = "reader-1@readers.example.org"
    assert approver.post(f"{page}/erase", again="other@example.org", why="asked").status_code == 409
    assert approver.post(f"{page}/erase", again=address, why="").status_code == 409
    went(approver.post(f"{page}/erase", again=address, why="letter of 2 May"), "reader_erased")
    assert approver.get(page).status_code == 404
    with site.app.ground.reading() as tx:
        assert [row.subject for row in audit.rows(tx, verb="erase")] == ["subscriber-1"]


def test_orders_not_to_write_are_laid_found_and_lifted_with_a_reason(site: Site, approver: Caller) -> None:
    home = "/newsletters/suppressions"
    lay = {"address": "lea@example.org", "list": "morning", "why": "asked <b>by phone</b>"}
    assert approver.post(home, **{**lay, "why": ""}).status_code == 422
    went(approver.post(home, **lay), "order_laid")
    went(approver.post(home, **lay), "order_stood")
    assert "asked &lt;b&gt;by phone" in approver.get(f"{home}?address=lea%40example.org").text
    assert "No order stands over this address" in approver.get(f"{home}?address=ben%40example.org").text
    assert "must have an @-sign" in approver.get(f"{home}?address=nobody").text
    assert "lea@example.org" not in approver.get(home).text  # it cannot be read back
    assert approver.post(f"{home}/lift", address="lea@example.org", list="*", why="").status_code == 422
    went(approver.post(f"{home}/lift", address="lea@example.org", list="*", why="asked again"), "order_lifted")
    went(approver.post(f"{home}/lift", address="lea@example.org", list="*", why="asked again"), "order_none")


def test_a_file_is_taken_in_with_its_statement_and_each_refused_row_is_told(site: Site, approver: Caller) -> None:
    home = "/newsletters/imports"
    rows = b"email,name\nlea@example.org,Lea\nno address,Nobody\n"
    said = {"list": "evening", "source": "the fair", "day": "2026-09-01", "wording": "Yes, <b>mail</b> me"}
    assert "Choose a CSV file" in approver.upload(home, "", b"", **said).text
    assert "what they were told" in approver.upload(home, "r.csv", rows, **{**said, "wording": ""}).text
    assert "has no column email" in approver.upload(home, "r.csv", b"name\nLea\n", **said).text
    begun = approver.upload(home, "r.csv", rows, **said)
    place = begun.headers["location"]
    assert begun.status_code == 303
    number = int(place.rpartition("/")[2])
    for thread in threading.enumerate():
        if thread.name == f"import {number}":
            thread.join()
    page = approver.get(place).text
    assert "Done: 2 rows read into “evening”." in page
    assert "Yes, &lt;b&gt;mail&lt;/b&gt; me" in page
    told = list(csv.reader(io.StringIO(approver.get(f"{place}/refused.csv").text)))
    assert (told[0], told[1][0]) == (["line", "reason"], "3")
    assert "r.csv" in approver.get(home).text
    assert approver.get(f"{home}/99").status_code == 404
    assert approver.get(f"{home}/99/refused.csv").status_code == 404


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(site: Site, approver: Caller) -> None:
    readers, orders, takes = (f"/newsletters/{one}" for one in ("subscribers", "suppressions", "imports"))
    said = {"list": "morning", "source": "the fair", "day": "2026-09-01", "wording": "Yes"}
    reader = {**said, "address": "lea@example.org", "name": "Lea"}

    def wrong(page: str) -> tuple[str, str]:
        """Which field is marked, and what stands below it."""
        found = re.search(r'<(?:input|textarea) id="([^"]+)"[^>]* aria-invalid="true"', page)
        told = re.search(r'<span (?:id="[^"]+" )?class="wrong"[^>]*>([^<]+)</span>', page)
        assert found is not None
        assert told is not None
        return found[1], html.unescape(told[1])

    later = {"day": "2031-01-01"}
    assert wrong(approver.post(readers, **{**reader, "address": "nobody"}).text)[0] == "add-address"
    assert wrong(approver.post(readers, **{**reader, **later}).text)[0] == "add-day"
    assert wrong(approver.post(readers, **{**reader, "wording": " "}).text)[0] == "add-wording"
    assert 'value="lea@example.org"' in approver.post(readers, **{**reader, **later}).text
    assert wrong(approver.post(orders, address="nobody", list="", why="asked").text)[0] == "lay-address"
    lay = approver.post(orders, address="lea@example.org", list="", why="").text
    assert wrong(lay) == ("lay-why", "Say why: the reason stands beside the order.")
    lift = approver.post(f"{orders}/lift", address="lea@example.org", list="*", why="").text
    assert wrong(lift) == ("lift-why", "Say why: the reason stands beside the order.")
    file = b"email\nlea@example.org\n"
    assert wrong(approver.upload(takes, "r.csv", b"name\nLea\n", **said).text)[0] == "file"
    assert wrong(approver.upload(takes, "r.csv", file, **{**said, "list": " "}).text)[0] == "list"
    assert wrong(approver.upload(takes, "r.csv", file, **{**said, "source": ""}).text)[0] == "source"
    assert wrong(approver.upload(takes, "r.csv", file, **{**said, "day": "never"}).text)[0] == "day"
    assert wrong(approver.upload(takes, "r.csv", file, **{**said, **later}).text)[0] == "day"


def test_an_import_that_ended_early_is_begun_again_with_what_was_said(site: Site, approver: Caller) -> None:
    now = site.clock.now()
    with site.app.ground.transaction() as tx:
        number = imports.begin(
            tx,
            "evening",
            "r.csv",
            source="the fair",
            day=now.date(),
            wording="Yes, do",
            lines=9,
            actor="Ada",
            now=now,
        )
        imports.end(tx, number, ImportState.FAILED, ImportNumbers(lines=9, line=3), now=now, sentence="line 4: no CSV")
    page = approver.get(f"/newsletters/imports/{number}").text
    again = f"/newsletters/imports?again={number}"
    assert f'href="{again}"' in page
    form = approver.get(again).text
    for told in ('value="evening"', 'value="the fair"', f'value="{now.date()}"', 'value="Yes, do"'):
        assert told in form
    assert approver.get("/newsletters/imports?again=999").status_code == 404
    field = '<input id="list" name="list" list="lists-known" value="{}"'
    assert field.format("morning") in approver.get("/newsletters/imports").text
    with site.app.ground.transaction() as tx:
        subscribers.put_list(tx, "evening", actor="Ada", now=now)
    assert field.format("") in approver.get("/newsletters/imports").text  # of several a person chooses
    done = approver.get("/newsletters/imports/1").text
    assert "again=" not in done


def test_a_day_of_consent_is_a_day_and_words_that_people_wrote_stay_theirs(site: Site, approver: Caller) -> None:
    said = {"list": "morning", "source": "the evening at the town hall", "day": "2026-07-01", "wording": "Yes"}
    place = went(approver.post("/newsletters/subscribers", **said, address="lea@example.org", name=""), "reader_added")
    with closing(Caller(site, Role.APPROVER).client) as client:
        page = client.get(place, headers={"Accept-Language": "ja"}).text
    assert '<time datetime="2026-07-01">7月1日（水）</time>' in page
    assert "the evening at the town hall" in page


def test_an_issue_that_was_called_off_says_so_to_who_asks_whether_a_reader_got_it(site: Site, approver: Caller) -> None:
    add_stories(site)
    cut = cut_issue(site)
    assert "its audience is not frozen yet" in approver.get("/newsletters/subscribers/1").text
    went(approver.post(f"/newsletters/issues/{cut.subject_id}/cancel", why="overtaken"), "issue_cancelled")
    assert "it ended before its audience was frozen" in approver.get("/newsletters/subscribers/1").text


def test_a_list_is_exported_for_who_may_see_readers_and_the_audit_says_who_took_it(
    site: Site, approver: Caller
) -> None:
    answer = approver.get("/newsletters/lists/morning/export.csv?state=confirmed")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))
    assert [row["email"] for row in rows] == [f"reader-{number}@readers.example.org" for number in (1, 2, 3)]
    assert approver.get("/newsletters/lists/nowhere/export.csv").status_code == 404
    with site.app.ground.reading() as tx:
        (row,) = audit.rows(tx, verb="export")
    assert (row.actor, row.subject, row.after) == ("Anand", "list morning", "confirmed")


def test_who_may_only_read_sees_newsletters_and_no_address(read_site: Site) -> None:
    caller = Caller(read_site, Role.VIEWER)
    for path in ("/newsletters", "/newsletters/lists", "/newsletters/issues/1"):
        page = caller.get(path)
        assert page.status_code == 200
        assert "readers.example.org" not in page.text
        assert "/newsletters/subscribers" not in page.text
    caller.client.close()


def test_what_no_address_may_hold_is_kept_for_one_person_a_while_and_never_without_end() -> None:
    now = [0.0]
    asides = Asides(clock=lambda: now[0])
    asides.leave(("ada", "/next"), "to her")
    assert asides.look(("ada", "/next")) == "to her"
    assert asides.look(("ben", "/next")) is None
    now[0] += ASIDE_KEPT
    assert asides.look(("ada", "/next")) is None
    for number in range(MOST + 1):
        asides.leave(number, "more")
    assert (asides.look(0), asides.look(1)) == (None, "more")
