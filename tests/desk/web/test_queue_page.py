"""Taking stories in at the desk: it says beforehand what goes out by itself, asks first where told, and takes an address later."""

from __future__ import annotations

from db import articles, deliveries
from db.records import State, SubjectKind
from scheduler import newsroom
from tests.desk.web.caller import Caller, went
from tests.desk.web.ground import Site

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
