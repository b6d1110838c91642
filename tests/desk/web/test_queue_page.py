"""Taking stories in at the desk: it says beforehand what goes out by itself, asks first where told, and takes an address later."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from db import articles, deliveries
from db.records import Article, State, SubjectKind
from scheduler import newsroom
from scheduler.people.roles import Role
from tests.desk.web.caller import Caller, went
from tests.desk.web.ground import NARROW, WIDE, Site

STORY = """Violin maker opens her workshop to schools
By Ada Example

The violin maker of Port Selwyn opens her workshop to school classes from Monday, she told the council on Tuesday.
More than two hundred pupils from nine schools have put their names down for the first month alone.
"""


def test_the_form_says_where_a_story_goes_by_itself_and_a_tick_keeps_it_for_a_yes(site: Site, approver: Caller) -> None:
    page = approver.get("/queue").text
    assert "goes out by itself on x-main, fb-main" in page
    assert 'name="ask"' in page
    place = went(approver.post("/queue/add", text=STORY, ask="1"), "added_new")
    story = int(place.partition("/story/")[2].partition("?")[0])
    newsroom.take(site.app, story, actor="Anand")
    with site.app.ground.reading() as tx:
        assert articles.get(tx, story).wants_yes
        assert {one.state for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, story)} == {State.WAITING}


def test_a_story_without_an_address_takes_one_at_the_sign_off_or_goes_without(site: Site, approver: Caller) -> None:
    place = went(approver.post("/queue/add", text=STORY, ask="1"), "added_new")
    story = int(place.partition("/story/")[2].partition("?")[0])
    newsroom.take(site.app, story, actor="Anand")
    back = f"/signoff/{story}"
    assert f'action="/story/{story}/address"' in approver.get(back).text
    no = approver.post(f"/story/{story}/address", url="our site", back=back)
    assert (no.status_code, "is not a web address" in no.text) == (409, True)
    asked = {"url": "https://news.example.org/violins-for-schools", "back": back}
    assert went(approver.post(f"/story/{story}/address", **asked), "address_given").startswith(back)
    page = approver.get(back).text
    assert "news.example.org/violins-for-schools" in page
    assert f'action="/story/{story}/address"' not in page
    other = went(
        approver.post("/queue/add", text=STORY.replace("violin", "organ").replace("Violin", "Organ"), ask="1"), "added"
    )
    number = int(other.partition("/story/")[2].partition("?")[0])
    went(approver.post(f"/story/{number}/address", without="1"), "without_link")
    with site.app.ground.reading() as tx:
        assert articles.get(tx, number).no_link


def test_what_is_handed_in_again_is_told_apart_from_what_is_new_and_leads_to_its_story(
    site: Site, approver: Caller
) -> None:
    third, long = STORY.replace("iolin maker", "iola maker"), STORY.replace("iolin", "ello")
    first = went(approver.post("/queue/add", text=STORY, ask="1"), "added_new")
    story = int(first.partition("/story/")[2].partition("?")[0])
    files = [("files", ("a.txt", STORY.encode())), ("files", ("b.txt", long.encode())), ("files", ("c.txt", b""))]
    form = {"form_token": approver.token, "ask": "1"}
    some = approver.client.post("/queue/add", files=files, data=form)
    assert some.status_code == 200  # the empty one is told as a fault, the others are in
    assert "Handed in: 1 story is new, 1 we already have, unchanged." in some.text
    again = approver.client.post("/queue/add", files=files[:2], data=form)
    place = went(again, "added")
    page = approver.get(place).text
    assert "Handed in: 2 we already have, unchanged." in page
    assert page.count('<div class="notice done"') == 1
    assert f'href="/story/{story}"' in page.partition("Already here:")[2].partition("</p>")[0]
    files = [*files[:2], ("files", ("d.txt", third.encode()))]
    page = approver.get(went(approver.client.post("/queue/add", files=files, data=form), "added")).text
    assert "Handed in: 1 story is new, 2 we already have, unchanged." in page
    page = approver.get("/queue?done=added&new=99.x.0&same=..&revision=0").text
    assert "99 stories are new" in page


def test_the_stories_begin_high_and_the_form_to_add_some_lies_over_them_until_escape(site: Site) -> None:
    with site.window(Role.EDITOR, size={"width": 1366, "height": 850}) as page:
        page.goto("/queue")
        first = page.locator("li[data-row]").first
        place = first.bounding_box()
        assert place is not None
        assert place["y"] < 220
        page.keyboard.press("a")
        expect(page.locator("#address")).to_be_focused()
        assert first.bounding_box() == place, "the form pushes no story away"
        page.locator("#text").fill("Half a sentence")
        page.keyboard.press("Escape")
        expect(page.locator("#add .panel")).to_be_hidden()
        page.keyboard.press("a")
        expect(page.locator("#text")).to_have_value("Half a sentence")


@pytest.mark.parametrize("size", [WIDE, {"width": 700, "height": 800}, NARROW])
def test_who_may_only_read_sees_the_stories_as_wide_as_everybody(site: Site, size: dict[str, int]) -> None:
    widths = []
    for role in (Role.VIEWER, Role.EDITOR):
        with site.window(role, size=size) as page:
            page.goto("/queue")
            told = page.locator("li[data-row] .told").first.bounding_box()
            assert told is not None
            widths.append(told["width"])
    assert widths[0] >= widths[1]


def test_what_is_no_address_is_told_beside_its_field_and_what_is_no_file_above_the_stories(approver: Caller) -> None:
    no = approver.post("/queue/add", address="harbour bridge")
    assert no.status_code == 422
    field = no.text.partition('<input id="address"')[2].partition("</div>")[0]
    assert 'aria-invalid="true"' in field
    assert "“harbour bridge” is no web address" in field
    assert 'id="add" open' in no.text
    nothing = approver.post("/queue/add", text="")
    assert "Give an address, a text or a file first." in nothing.text.partition("</details>")[2]


def test_a_story_shows_each_state_once_with_its_channels_and_offers_no_skip_when_all_is_out(approver: Caller) -> None:
    page = approver.get("/queue").text
    rows = [one.partition("</li>")[0] for one in page.split("<li data-row")[1:]]
    (out,) = [one for one in rows if "Harbour ferry" in one]
    assert out.count('class="badge sent"') == 1
    assert out.index(">x-main<") < out.index(">fb-main<")
    assert 'value="skip:' not in out
    (waiting,) = [one for one in rows if "La plaza" in one]
    assert 'value="skip:' in waiting


def test_a_line_with_nothing_to_show_says_why_and_leads_on(approver: Caller) -> None:
    page = approver.get("/queue?text=zzzz").text
    assert "Nothing fits what you asked for." in page
    assert page.count('href="/queue">Show all') == 2
    assert 'href="/queue">Show all' not in approver.get("/queue?which=all&text=&section=&source=").text


def test_a_button_that_every_chosen_row_would_refuse_is_off_and_says_so(read_site: Site) -> None:
    with read_site.window(Role.APPROVER) as page:
        page.goto("/log")
        sent = page.locator('tr[data-may="takedown"]').first
        sent.locator('input[name="row"]').check()
        down, cancel = (page.locator(f'.acts button[value="{verb}"]') for verb in ("takedown", "cancel"))
        expect(down).to_be_enabled()
        expect(cancel).to_be_disabled()
        assert cancel.get_attribute("title") == "None of the chosen ones can be changed like this."
        page.locator('tr[data-may~="cancel"] input[name="row"]').first.check()
        expect(cancel).to_be_enabled()
        sent.locator('input[name="row"]').uncheck()
        expect(down).to_be_disabled()


def test_today_names_all_channels_that_the_sign_off_signs(site: Site, approver: Caller) -> None:
    went(approver.post("/queue/add", text=STORY, ask="1"), "added_new")
    story = max(one.id for one in _stories(site))
    newsroom.take(site.app, story, actor="Anand")
    page = approver.get(f"/signoff/{story}").text
    signed = re.search(r"Sign all ([0-9]+)", page)
    assert signed is not None
    line = approver.get("/").text.partition(f'href="/signoff/{story}"')[2]
    named = re.search(r'class="faint where">([^<]*)<', line)
    assert named is not None
    assert len(named[1].split(" · ")) == int(signed[1]) == 3


def _stories(site: Site) -> list[Article]:
    with site.app.ground.reading() as tx:
        return articles.several(tx, range(1, 30))
