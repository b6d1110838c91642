"""What people do with the desk's pages, in a real browser: a morning with the mouse, the same by keyboard alone."""

from __future__ import annotations

import csv
import io
import json
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from db import articles, audit, deliveries, log_picks, log_walk, teasers
from db.records import Priority, State, SubjectKind
from desk.web.door.rendering import coded
from scheduler import newsroom
from scheduler.hand_in import hand_in
from scheduler.intake.targets import Said
from scheduler.people.roles import Role
from tests.desk.web.ground import NARROW, Site, may_sign
from tests.desk.web.test_every_page import fetched


def states(site: Site, story: int) -> dict[str, State]:
    """Where a story's deliveries stand, by channel."""
    with site.app.ground.reading() as tx:
        return {one.channel: one.state for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, story)}


def words_on(site: Site, story: int, channel: str) -> str:
    """The newest words."""
    with site.app.ground.reading() as tx:
        newest = teasers.newest(tx, SubjectKind.ARTICLE, story, channel)
    assert newest is not None
    return newest.text


def write_words(page: Page, channel: str, words: str) -> None:
    """Writes into a channel's box, and waits for the preview to follow: it moves what stands below it."""
    page.get_by_label(f"Words for {channel}").fill(words)
    expect(page.locator(f"#result-{channel} .words")).to_have_text(words)


def open_words(page: Page, channel: str) -> None:
    """Opens a channel's box."""
    page.locator(f"#edit-{channel} > summary").click()


def test_a_story_is_edited_and_signed_by_keyboard_alone_and_the_next_one_comes(site: Site) -> None:
    with site.window(Role.APPROVER) as page:
        page.goto("/")
        page.keyboard.press("3")
        page.wait_for_url("**/signoff")
        expect(page.get_by_role("heading", name="La plaza que perdió su sombra").first).to_be_visible()
        page.keyboard.press("e")
        expect(page.get_by_label("Words for x-main")).to_be_focused()
        page.keyboard.press("Control+End")
        page.keyboard.type(" ¡Hoy!")
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/signoff/5?done=words_kept")
        assert words_on(site, 5, "x-main").endswith("¡Hoy!")
        may_sign(page)
        page.keyboard.press("Enter")
        page.wait_for_url("**/signoff?done=approved**")
        expect(page.get_by_text("All signed")).to_be_visible()
        said = page.locator(".notice.done")
        expect(said).to_contain_text("“La plaza que perdió su sombra” is approved: x-main ")
        expect(said).to_contain_text("mail in the next issue")
    assert states(site, 5) == {"x-main": State.PLANNED, "fb-main": State.PLANNED}
    with site.app.ground.reading() as tx:
        assert {row.actor for row in audit.rows(tx) if row.verb in ("edit", "approve")} == {"Anand"}


def test_what_changed_since_it_was_seen_is_not_signed(site: Site) -> None:
    site.expected = ("409",)
    with site.window(Role.APPROVER) as page:
        page.goto("/signoff/5")
        page.route("**/signoff/5", lambda route: route.abort())  # the page hears of nothing more
        may_sign(page)
        newsroom.edit(site.app, 5, "fb-main", "Other words altogether.", actor="Edith")
        page.get_by_role("button", name="Sign all").click()
        expect(page.get_by_role("alert")).to_contain_text("changed since you saw it")
        expect(page.locator("#result-fb-main .words")).to_have_text("Other words altogether.")
    assert set(states(site, 5).values()) == {State.WAITING}  # none of the three: all or nothing


def test_two_editors_see_each_other_s_change_and_lose_none(site: Site) -> None:
    site.expected = ("409",)
    with site.window(Role.EDITOR) as one, site.window(Role.APPROVER) as other:
        one.goto("/story/5")
        other.goto("/story/5")
        open_words(one, "x-main")
        write_words(one, "x-main", "Words of the first one.")
        open_words(other, "x-main")
        write_words(other, "x-main", "Words of the other one.")
        other.locator("#edit-x-main").get_by_role("button", name="Keep").click()
        other.wait_for_url("**done=words_kept")
        one.locator("#edit-x-main").get_by_role("button", name="Keep").click()
        expect(one.get_by_role("alert")).to_contain_text("Anand changed the words on x-main while you wrote")
        expect(one.get_by_label("Words for x-main")).to_have_value("Words of the first one.")
        expect(one.locator("#result-x-main .words")).to_have_text("Words of the other one.")
        one.locator("#edit-x-main").get_by_role("button", name="Keep").click()
        one.wait_for_url("**done=words_kept")
    assert words_on(site, 5, "x-main") == "Words of the first one."
    with site.app.ground.reading() as tx:
        texts = [one.text for one in teasers.history(tx, SubjectKind.ARTICLE, 5, "x-main")]
    assert texts[-2:] == ["Words of the other one.", "Words of the first one."]


def test_the_main_actions_work_without_scripts(site: Site) -> None:
    site.expected = ("409",)
    with site.window(Role.APPROVER, scripts=False) as page:
        page.goto("/signoff")
        page.locator("#edit-x-main > summary").click()
        page.get_by_label("Words for x-main").fill("Short words, without scripts.")
        page.locator("#edit-x-main").get_by_role("button", name="Look first").click()
        expect(page.locator("#result-x-main .words")).to_have_text("Short words, without scripts.")
        assert words_on(site, 5, "x-main") != "Short words, without scripts."
        page.locator("#edit-x-main").get_by_role("button", name="Keep").click()
        page.get_by_role("button", name="Sign all").click()
        expect(page.get_by_text("All signed")).to_be_visible()
        page.goto("/log?story=5&state=planned")
        page.get_by_label("Choose delivery").first.check()
        page.get_by_label("Reason").fill("a test")
        page.get_by_role("button", name="Call off").click()
        expect(page.get_by_text("1 delivery called off")).to_be_visible()
        page.goto("/log?story=1&channel=x-main")
        assert page.get_by_role("button", name="Call off").count() == 0, "no row there would take it"
        page.goto("/log")
        page.locator('tr[data-may="takedown"] input[name="row"]').nth(1).check()
        page.get_by_role("button", name="Call off").click()
        expect(page.locator("main")).to_contain_text("sent already; it is out")


def test_a_reviewer_finds_what_went_wrong_reads_why_and_shares_the_view(site: Site) -> None:
    with site.window(Role.VIEWER) as page:
        page.goto("/log")
        page.get_by_label("Words").fill("gauges")
        page.get_by_label("Channel").select_option("x-main")
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.locator("tbody tr")).to_have_count(1)
        address = page.url
        assert "text=gauges" in address
        assert "channel=x-main" in address
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("tr.inside")).to_contain_text("the line was cut before the whole answer came")
        expect(page.locator("tr.inside")).to_contain_text("found by looking")
        assert page.get_by_role("button", name="Call off").count() == 0
        page.goto(address)
        expect(page.locator("tbody tr")).to_have_count(1)


def test_csv_and_json_are_exactly_what_is_shown(read_site: Site) -> None:
    _, headers, body = fetched(read_site, "/log.csv?channel=fb-main", Role.VIEWER)
    lines = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert "attachment" in headers["Content-Disposition"]
    _, _, told = fetched(read_site, "/log.json?channel=fb-main", Role.VIEWER)
    rows = json.loads(told)
    assert [line["delivery"] for line in lines] == [str(row["delivery"]) for row in rows]
    assert len(rows) == 6
    assert {row["channel"] for row in rows} == {"fb-main"}
    assert [row["due_at"] for row in rows] == sorted((row["due_at"] for row in rows), reverse=True)


def test_pages_of_the_log_follow_each_other_without_gap_or_repeat(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.web.pages.log.ROWS", 4)
    for order in ("", "?order=oldest", "?order=state", "?order=-channel", "?order=story"):
        path, seen = f"/log{order}", list[str]()
        while path:
            body = fetched(site, path, Role.VIEWER)[2].decode()
            seen += re.findall(r'<tr data-row tabindex="-1" id="d(\d+)"', body)
            following = re.search(r'href="([^"]+)" rel="next"', body)
            path = following[1].replace("&amp;", "&") if following else ""
        assert len(seen) == len(set(seen)) == 13


def test_a_search_that_stops_on_its_way_says_so_and_goes_on_where_it_ended(
    read_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = json.loads(fetched(read_site, "/log.json?text=e&order=state", Role.VIEWER)[2])
    monkeypatch.setattr(log_picks, "FEW", -1)
    monkeypatch.setattr(log_walk, "STRETCHES", ((2, 2),))
    path, seen, stopped = "/log?text=e&order=state", list[str](), 0
    while path:
        body = fetched(read_site, path, Role.VIEWER)[2].decode()
        shown = re.findall(r'<tr data-row tabindex="-1" id="d(\d+)"', body)
        taken = fetched(read_site, path.replace("/log?", "/log.json?page=1&"), Role.VIEWER)[2]
        assert [str(row["delivery"]) for row in json.loads(taken)] == shown
        seen += shown
        following = re.search(r'href="([^"]+)" rel="next">([^<]+)<', body)
        path = following[1].replace("&amp;", "&") if following else ""
        if following:
            assert "the search stopped on its way, at “" in body
            assert following[2] == "Search further"
            stopped += 1
    assert stopped > 2
    assert seen == [str(row["delivery"]) for row in whole]
    assert json.loads(fetched(read_site, "/log.json?text=e&order=state", Role.VIEWER)[2]) == whole


def test_a_search_that_found_nothing_yet_goes_on_by_itself_until_it_finds_or_is_stopped(
    read_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_picks, "FEW", -1)
    monkeypatch.setattr(log_walk, "STRETCHES", ((2, 2),))
    all_rows = json.loads(fetched(read_site, "/log.json", Role.VIEWER)[2])
    oldest = all_rows[-1]
    asked = f"/log?text={quote(oldest['headline'])}&channel={oldest['channel']}"
    assert "Nothing found so far" in fetched(read_site, asked, Role.VIEWER)[2].decode()
    with read_site.window(Role.VIEWER) as page:
        page.goto(asked)
        expect(page.locator(f"#d{oldest['delivery']}")).to_be_visible()
        assert "after=" in page.url
        held = list[Route]()
        page.route("**/log?*after=*", lambda route: held.append(route) if not held else route.continue_())
        page.goto(asked)
        expect(page.locator("[data-going]")).to_have_text(re.compile("^Searching on, at .* now"))
        page.get_by_role("button", name="Stop here").click()
        held[0].continue_()
        page.wait_for_url("**/log?*#stopped")
        expect(page.get_by_text("To answer at once the search stopped on its way")).to_be_visible()
        expect(page.get_by_role("button", name="Stop here")).to_be_hidden()
        expect(page.get_by_role("link", name="Search further")).to_be_visible()


def test_a_column_s_head_sorts_the_log_and_what_is_taken_along_without_scripts(read_site: Site) -> None:
    with read_site.window(Role.VIEWER, scripts=False) as page:
        page.goto("/log?mode=rehearsal")
        head = page.get_by_role("columnheader")
        for column, first in (("Channel", "ascending"), ("State", "ascending"), ("Story", "descending")):
            other = {"ascending": "descending", "descending": "ascending"}[first]
            for way in (first, other, first):
                head.filter(has_text=column).get_by_role("link").click()
                expect(page.locator("th[aria-sort]")).to_have_count(1)
                expect(head.filter(has_text=column)).to_have_attribute("aria-sort", way)
        assert "mode=rehearsal" in page.url
    for order in ("channel", "-channel"):
        shown = fetched(read_site, f"/log?order={order}", Role.VIEWER)[2].decode()
        taken = json.loads(fetched(read_site, f"/log.json?order={order}", Role.VIEWER)[2])
        assert re.findall(r'<tr data-row tabindex="-1" id="d(\d+)"', shown) == [str(row["delivery"]) for row in taken]
        channels = [row["channel"] for row in taken]
        assert channels == sorted(channels, reverse=order == "-channel")
        assert len(set(channels)) > 1


def test_an_order_or_a_state_that_there_is_not_is_told(read_site: Site) -> None:
    for asked, told in (("order=colour", "not sorted by “colour”"), ("state=lost", "no state “lost”")):
        status, _, body = fetched(read_site, f"/log?{asked}", Role.VIEWER)
        assert status == 422
        assert told in body.decode()


def test_a_filter_that_means_nothing_is_told_and_the_rest_holds(read_site: Site) -> None:
    status, _, body = fetched(read_site, "/log?since=sometime&channel=x-main&story=abc", Role.VIEWER)
    assert status == 422
    text = body.decode()
    assert "is no time" in text or "write" in text
    assert "Cannot be read: abc" in text
    assert 'id="further-filters" open data-wrong' in text, "what is wrong is in sight"


def test_what_is_not_there_or_not_allowed_is_told_inside_the_desk_with_its_menu(site: Site) -> None:
    site.expected = ("404", "403")
    with site.window(Role.VIEWER) as page:
        page.goto("/story/9999")
        expect(page.get_by_role("heading", name="There is no such thing")).to_be_visible()
        expect(page.locator("main")).not_to_contain_text("pressrun ")
        expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
        expect(page.locator("main").get_by_role("link", name="Log")).to_be_visible()
        page.goto("/people")
        expect(page.get_by_role("heading", name="You may not do this")).to_be_visible()
        expect(page.get_by_role("link", name="To the desk")).to_be_visible()
    status, _, body = fetched(site, "/nowhere", None)
    assert (status, "<nav" in body.decode()) == (404, False)
    status, _, body = fetched(site, "/nowhere", Role.VIEWER)
    assert (status, '<nav class="menu"' in body.decode()) == (404, True)


def test_on_a_telephone_the_menu_shows_the_page_that_one_is_on(read_site: Site) -> None:
    with read_site.window(Role.ADMIN, size=NARROW) as page:
        page.goto("/audit")
        expect(page.locator(".menu [aria-current]")).to_be_in_viewport(ratio=1)
        assert page.evaluate("scrollY") == 0


def test_the_api_s_names_stand_as_code_and_a_name_cannot_bring_html() -> None:
    assert coded("`text` is <b>words</b> of `a<b`") == (
        "<code>text</code> is &lt;b&gt;words&lt;/b&gt; of <code>a&lt;b</code>"
    )


def test_filters_that_stand_behind_the_button_are_counted_on_it(read_site: Site) -> None:
    plain = fetched(read_site, "/log?channel=x-main", Role.VIEWER)[2].decode()
    assert '<summary class="button">More filters</summary>' in plain
    set_here = fetched(read_site, "/log?by=Anand&since=yesterday", Role.VIEWER)[2].decode()
    assert 'More filters <span class="badge count">2</span>' in set_here
    assert 'id="further-filters">' in set_here


def test_stories_are_skipped_taken_and_made_urgent_by_keys_and_in_bulk(site: Site) -> None:
    with site.window(Role.APPROVER) as page:
        page.goto("/queue")
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(page.locator("[data-row]:focus")).to_contain_text("La plaza")
        page.keyboard.press("d")
        page.wait_for_url("**done=queue_skip&n=1")
        assert set(states(site, 5).values()) == {State.CANCELLED}
        page.get_by_label("Choose: Harbour ferry").check()
        page.get_by_label("Choose: Why the Aldermere").check()
        page.get_by_role("button", name="Evergreen").click()
        page.wait_for_url("**done=queue_evergreen&n=2")
        with site.app.ground.reading() as tx:
            assert [articles.get(tx, one).priority for one in (1, 2, 3)] == [
                Priority.EVERGREEN,
                Priority.EVERGREEN,
                Priority.NORMAL,
            ]
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_contain_text("Keys on this page")


def test_an_editor_may_write_but_not_sign_whatever_is_sent(site: Site) -> None:
    site.expected = ("403",)
    with site.window(Role.EDITOR) as page:
        page.goto("/signoff/5")
        assert page.get_by_role("button", name="Sign").count() == 0
        expect(page.get_by_text("an approver can")).to_be_visible()
        forged = page.evaluate(
            """async () => {
              const form = new FormData(document.querySelector(".words-form"));
              const sent = new URLSearchParams({ form_token: form.get("form_token"), "seen-x-main": "x" });
              return (await fetch("/story/5/approve", { method: "POST", body: sent })).status;
            }"""
        )
        assert forged == 403
    assert set(states(site, 5).values()) == {State.WAITING}


def test_an_open_page_hears_of_news_and_comes_back_after_the_server_was_away(site: Site) -> None:
    with site.window(Role.VIEWER) as page:
        page.goto("/")
        expect(page.locator("#needs-title")).to_have_text("Needs you: 1")
        page.locator("html[data-line=open]").wait_for(state="attached")
        newsroom.approve(site.app, 5, actor="ann")
        expect(page.locator("#needs-title")).to_have_text("Needs you: 0")
        expect(page.get_by_text("Nothing needs you")).to_be_visible()


ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}${7*7}<%= 7*7 %>",
    "</textarea><svg onload=alert(1)>",
    "javascript:alert(1)//",
    "<a href='java\tscript:alert(1)'>x</a>",
)


def test_whatever_stands_in_a_story_is_text_and_never_runs(site: Site) -> None:
    paths = ["/queue", "/", "/log?text=Headline"]
    for attack in ATTACKS:
        text = f"Headline {attack}\n\nThe town of Port Selwyn said on Monday {attack} that 12 boats will sail in May.\n"
        (taken,), _ = hand_in(site.app, "story.txt", actor="ann", said=Said(section=attack), text=text.encode())
        id = taken.article.id
        newsroom.take(site.app, id, actor="ann")
        paths += [f"/story/{id}", f"/signoff/{id}", f"/story/{id}?wordings=x-main"]
    assert len(set(paths)) == 3 + 3 * len(ATTACKS)
    with site.window(Role.APPROVER) as page:
        page.on("dialog", lambda dialog: site.complaints.append(f"it ran: {dialog.message}"))
        for path in paths:
            page.goto(path)
            assert page.locator("main").inner_text().count("Headline") >= 1, path
            assert page.locator("script:not([src])").count() == 0, path
            assert page.locator("main svg[onload], main img[onerror]").count() == 0, path


def test_a_revision_shows_what_it_changed(site: Site) -> None:
    with site.app.ground.reading() as tx:
        before = articles.get(tx, 1)
    text = "\n\n".join([before.headline, *before.paragraphs]).replace("until midnight", "until one o'clock", 1)
    hand_in(site.app, "ferry.txt", actor="ann", said=Said(url=before.url), text=text.encode())
    with site.window(Role.VIEWER) as page:
        page.goto("/story/1")
        page.get_by_text("What revision 2 changed").click()
        expect(page.locator("#changes ins").first).to_contain_text("one")
        expect(page.locator("#changes del").first).to_contain_text("midnight")
        site.shot(page, "story-changes")


def waiting_stories(site: Site, *headlines: str) -> list[int]:
    """Stories of a section that asks for a yes, prepared."""
    found = []
    for number, headline in enumerate(headlines):
        said = Said(url=f"https://news.example.org/2026/opinion-{number}", section="Opinión")
        body = (
            f"{headline}\n\n{headline} after a vote of the council on Monday evening, say three of its members.\n\n" * 2
        )
        ((taken,), _) = hand_in(site.app, f"{number}.txt", actor="ann", said=said, text=body.encode())
        newsroom.take(site.app, taken.article.id, actor="ann")
        found.append(taken.article.id)
    return found


def test_a_line_of_stories_is_signed_by_enter_alone_and_one_that_is_stuck_keeps_none_back(site: Site) -> None:
    ids = waiting_stories(site, "Harbour lights return", "Night buses come back", "Old mill opens again")
    for channel in ("x-main", "fb-main"):
        newsroom.edit(site.app, 5, channel, "far too long " * 6_000, actor="Edith")
    with site.window(Role.APPROVER) as page:
        page.goto("/signoff/5")
        expect(page.locator("#sign")).to_contain_text("Must be fixed first")
        for _ in range(8):
            before = page.url
            if page.locator("#sign button.first").count():
                may_sign(page)
                page.keyboard.press("Enter")
            else:
                page.keyboard.press("n")
            page.wait_for_url(lambda url, before=before: url != before)  # type: ignore[misc]
            if all(State.WAITING not in states(site, one).values() for one in ids):
                break
    assert all(set(states(site, one).values()) == {State.PLANNED} for one in ids)
    assert set(states(site, 5).values()) == {State.WAITING}


def test_an_open_sign_off_stays_its_storys_when_another_comes_first_and_an_empty_one_opens_the_next(site: Site) -> None:
    with site.window(Role.APPROVER) as page, site.window(Role.APPROVER) as other:
        page.goto("/signoff")
        other.goto("/signoff")
        expect(page.locator("html")).to_have_attribute("data-line", "open")
        may_sign(other)
        other.keyboard.press("Enter")
        expect(other.get_by_text("All signed")).to_be_visible()
        expect(other.locator("html")).to_have_attribute("data-line", "open")
        expect(page.locator("#sign")).to_contain_text("Nothing of this story waits")
        waiting_stories(site, "Harbour lights return")
        expect(other.get_by_role("heading", name="Harbour lights return").first).to_be_visible()
        expect(page.locator(".article .headline")).to_have_text("La plaza que perdió su sombra")
        expect(page.locator("#sign")).to_contain_text("Nothing of this story waits")


def test_the_queues_urgency_is_set_in_bulk_by_keys_alone(site: Site) -> None:
    with site.window(Role.APPROVER) as page:
        page.goto("/queue")
        page.keyboard.press("j")
        page.keyboard.press("x")
        page.keyboard.press("E")
        page.wait_for_url("**done=queue_evergreen**")
        with site.app.ground.reading() as tx:
            found = [articles.get(tx, number).priority for number in range(1, 7)]
        assert found.count(Priority.EVERGREEN) == 1
        boxes = page.locator("#stories input[name=row]")
        page.keyboard.press("X")
        expect(page.locator("#stories input[name=row]:checked")).to_have_count(boxes.count())
        page.keyboard.press("X")
        expect(page.locator("#stories input[name=row]:checked")).to_have_count(0)
