"""People and audit at the desk: an admin adds a colleague who comes in by their link; the audit says who did it."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from db import people
from desk.web.pages.auditing import page_of
from scheduler import newsroom
from scheduler.people import staffing
from scheduler.people.api_tokens import make_token, program_of
from scheduler.people.roles import MAY, Role
from tests.desk.web.ground import PASSWORD, Site
from tests.desk.web.test_every_page import fetched


def test_an_admin_adds_a_colleague_who_comes_in_by_the_link_shown_once(site: Site) -> None:
    with site.window(Role.ADMIN) as page:
        page.goto("/people")
        page.get_by_label("Name").last.fill("Nora Newcomer")
        page.locator("form[action='/people'] select").select_option("approver")
        page.get_by_role("button", name="Add, and show their link").click()
        link = page.locator(".notice .code").inner_text()
        page.goto("/people")
        assert page.locator(".notice .code").count() == 0
    with site.window(None) as page:
        page.goto(link)
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_label("The same password again").fill(PASSWORD)
        page.get_by_role("button", name="Keep it and come in").click()
        page.wait_for_url(f"{site.address}/")
        assert page.locator("summary", has_text="Nora Newcomer").count() == 1
    with site.window(Role.VIEWER) as page:
        page.goto("/audit?text=nora")
        row = page.locator("tbody tr", has_text="add person")
        assert row.count() == 1
        assert "Ada" in row.inner_text()
        page.goto("/audit?text=nobody-like-this")
        assert "Nobody did anything like this" in page.locator("main").inner_text()


def test_a_line_of_the_audit_leads_to_its_subject_where_this_person_may_open_it() -> None:
    everything, reading = MAY[Role.ADMIN].__contains__, MAY[Role.VIEWER].__contains__
    for subject, page in {
        "story 5": "/story/5",
        "story 5 on x-main": "/story/5",
        "delivery 7": "/log/7",
        "issue 2 of mail": "/newsletters/issues/2",
        "subscriber-9": "/newsletters/subscribers/9",
        "import 3": "/newsletters/imports/3",
        "channel x-main": "/channels",
        "webhook 12 of the cms": "/webhooks",
        "person Nora Newcomer": "/people",
        "story five": "",
        "next issue of mail": "",
        "secrets": "",
    }.items():
        assert page_of(subject, everything) == page
        shut = page.startswith(("/newsletters/subscribers", "/newsletters/imports", "/people"))
        assert page_of(subject, reading) == ("" if shut else page)


def test_the_audit_is_searched_by_days_and_its_lines_lead_on(site: Site) -> None:
    newsroom.edit(site.app, 5, "x-main", "Short words.", actor="Anand")
    with site.window(Role.VIEWER) as page:
        page.goto("/audit?since=today&what=edit")
        page.get_by_role("link", name="story 5 on x-main").click()
        page.wait_for_url("**/story/5")
        expect(page.locator("#history")).to_contain_text(
            "edit x-main"
        )  # what was done on one channel stands there, too
    for address, status, told in (
        ("/audit?until=yesterday", 200, "Nobody did anything like this"),
        ("/audit?since=the+other+day", 422, "the other day"),
    ):
        answered, _, body = fetched(site, address, Role.VIEWER)
        assert answered == status
        assert told in body.decode()


def test_a_name_that_is_taken_is_told_beside_the_field_and_what_was_written_stays(site: Site) -> None:
    site.expected = ("409 (Conflict)",)
    with site.window(Role.ADMIN) as page:
        page.goto("/people")
        page.get_by_label("Name").last.fill("edith")
        page.get_by_role("button", name="Add, and show their link").click()
        assert 'somebody called "edith" already' in page.locator(".wrong").inner_text()
        assert page.get_by_label("Name").last.input_value() == "edith"


def test_whose_laptop_is_lost_is_logged_out_everywhere_and_may_come_in_again(site: Site) -> None:
    with site.window(Role.EDITOR) as edith, site.window(Role.ADMIN) as page:
        edith.goto("/account")
        page.goto("/people")
        row = page.get_by_role("row", name="Edith")
        row.locator("summary").click()
        row.get_by_role("button", name="Log out everywhere").click()
        page.locator(".notice.done", has_text="Logged out of 1 browser.").wait_for()
        edith.goto("/account")
        edith.get_by_role("button", name="Log in").wait_for()
    assert staffing.log_out(site.app, "edith", actor="shell") == 0


def test_who_is_let_go_is_out_at_once_and_the_last_admin_stays(site: Site) -> None:
    site.expected = ("409 (Conflict)",)
    with site.window(Role.EDITOR) as theirs, site.window(Role.ADMIN) as page:
        theirs.goto("/")
        page.goto("/people")
        row = page.locator("tr", has_text="Edith")
        row.locator("details summary").click()
        row.get_by_label("Why").fill("moved on")
        row.get_by_role("button", name="Let go").click()
        assert "out everywhere" in page.locator(".notice.done").inner_text()
        theirs.goto("/")
        assert theirs.url.startswith(f"{site.address}/enter")
        with site.app.ground.transaction() as tx:
            demo = people.by_name(tx, "Demo")
            assert demo is not None
            people.change(tx, demo.id, actor="test", now=site.clock.now(), left_at=site.clock.now())
        page.locator("tr", has_text="Ada").locator("select").select_option("viewer")
        page.locator("tr", has_text="Ada").get_by_role("button", name="Set").click()
        assert "only admin" in page.locator("main").inner_text()


def test_a_token_is_made_on_the_page_shown_once_opens_the_api_until_its_day_and_is_taken_back(site: Site) -> None:
    with site.window(Role.ADMIN, scripts=False) as page:
        page.goto("/people")
        page.locator("summary", has_text="Make a token").click()
        page.get_by_label("What will use it").fill("the CMS")
        page.get_by_label("Whose it is").select_option("Edith")
        page.get_by_label("It opens for").select_option("30d")
        page.get_by_label("take stories in").check()
        page.get_by_role("button", name="Make it, and show it once").click()
        text = page.locator(".notice.done .code").inner_text()
        page.goto("/people")
        assert text not in page.content()
        row = page.locator("tr", has_text="the CMS")
        assert "Edith" in row.inner_text()
        assert "queue, read" in row.inner_text()
        assert "never" in row.inner_text()
        assert program_of(site.app, text) is not None
        row.locator("summary", has_text="Take back").click()
        row.get_by_label("Why").fill("the CMS moved")
        row.get_by_role("button", name="Take it back now").click()
        assert "opens nothing any more" in page.locator(".notice.done").inner_text()
        page.wait_for_url("**/people?done=token_ended")
        assert page.locator("tr", has_text="the CMS").count() == 0
        assert program_of(site.app, text) is None


def test_a_token_opens_nothing_once_its_days_are_over(site: Site) -> None:
    made = make_token(site.app, "Edith", "the CMS", ["read"], actor="test", lasts=timedelta(days=30))
    assert program_of(site.app, made.text) is not None
    site.clock.advance(timedelta(days=30))
    assert program_of(site.app, made.text) is None


def test_a_token_that_would_may_more_than_its_person_is_refused_and_what_was_chosen_stays(site: Site) -> None:
    site.expected = ("409 (Conflict)",)
    with site.window(Role.ADMIN) as page:
        page.goto("/people")
        page.locator("summary", has_text="Make a token").click()
        page.get_by_label("What will use it").fill("the CMS")
        page.get_by_label("Whose it is").select_option("Edith")
        page.get_by_label("decide who may come in").check()
        page.get_by_role("button", name="Make it, and show it once").click()
        assert "never may more than its person" in page.locator("[role=alert]").inner_text()
        assert page.get_by_label("What will use it").input_value() == "the CMS"
        assert page.get_by_label("decide who may come in").is_checked()
