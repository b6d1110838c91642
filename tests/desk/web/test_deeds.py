"""What an editor, a reviewer and an approver do from pages alone, without scripts; and programs through the API."""

from __future__ import annotations

import re
import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from db import articles, audit, deliveries, evergreens, issues, posts, stops
from db.records import AuditRow, Delivery, Scope, State, SubjectKind
from desk.web.pages import evergreens as evergreen_page
from scheduler.app import App
from scheduler.journey import tick
from scheduler.people.roles import Permission, Role
from tests.desk.test_verbs import PNG
from tests.desk.web.caller import Caller, went
from tests.desk.web.ground import Site, axe_faults, open_site
from tests.desk.web.test_api import call, made, waiting


def sent_post(site: Site) -> Delivery:
    """A post of a story that is out on X."""
    with site.app.ground.reading() as tx:
        found = deliveries.in_states(tx, {State.SENT})
    return next(one for one in found if one.channel == "x-main" and one.subject_kind is SubjectKind.ARTICLE)


def of_story(site: Site, story: int) -> list[Delivery]:
    with site.app.ground.reading() as tx:
        return deliveries.of_subject(tx, SubjectKind.ARTICLE, story)


def test_a_post_that_is_out_is_corrected_taken_down_and_posted_once_more_from_its_card(
    site: Site, approver: Caller, editor: Caller
) -> None:
    out = sent_post(site)
    page = f"/story/{out.subject_id}"
    shown = approver.get(page).text
    for button in ("correct", "takedown", "again", "takedown_all", "kill"):
        assert f'value="{button}"' in shown, button
        if button != "again":
            assert f'value="{button}"' not in editor.get(page).text, button
            assert editor.post(f"{page}/do", verb=button, channel="x-main", delivery="1", reason="r").status_code == 403
    form = {"channel": "x-main", "text": "The right words https://news.example.org/right"}
    without = approver.post(f"{page}/do", verb="correct", **form)
    assert without.status_code == 409  # a reason stands in the audit
    went(approver.post(f"{page}/do", verb="correct", reason="a wrong name", **form), "story_correct")
    correction = of_story(site, out.subject_id)[-1]
    with site.app.ground.reading() as tx:
        assert "The right words" in posts.get(tx, correction.post_id).parts[0].text
    again = {"verb": "again", "channel": "x-main", "text": "Said in other words https://news.example.org/other"}
    went(approver.post(f"{page}/do", **again), "story_again")
    assert of_story(site, out.subject_id)[-1].purpose == "again-1"
    down = {"verb": "takedown", "delivery": str(out.id), "reason": "wrong all over"}
    went(approver.post(f"{page}/do", **down), "story_takedown")
    with site.app.ground.reading() as tx:
        assert audit.rows(tx, subject=f"delivery {out.id}")[0].reason == "wrong all over"
    assert approver.post(f"{page}/do", verb="takedown", delivery="x", reason="r").status_code == 409


def test_a_story_s_card_says_what_became_of_its_post(site: Site, approver: Caller) -> None:
    """It is no longer told as sent, in words that stand nowhere any more, once it was corrected or taken down."""
    out = next(one for one in _all_sent(site) if one.channel == "fb-main")
    page, ids = f"/story/{out.subject_id}", {"channel": out.channel}
    form = {**ids, "text": "The ferry does run https://news.example.org/right", "reason": "a wrong name"}
    went(approver.post(f"{page}/do", verb="correct", **form), "story_correct")
    assert "The ferry does run" not in _card(approver, out), "it has not gone yet"
    _minutes_later(site)
    edit = of_story(site, out.subject_id)[-1]
    card = _card(approver, out)
    assert "The ferry does run" in card
    assert re.search(rf'<a href="/log/{edit.id}">correction of d{out.id} in place</a> <span[^>]*>corrected<', card)
    assert 'value="takedown"' in card

    went(approver.post(f"{page}/do", verb="takedown", delivery=str(out.id), reason="wrong"), "story_takedown")
    card = _card(approver, out)
    assert re.search(rf"taking down d{out.id}</a> <span[^>]*>planned<", card)
    assert 'value="takedown"' not in card
    _minutes_later(site)
    card = _card(approver, out)
    assert re.search(r"<h3[^>]*>fb-main</h3>\s*<span[^>]*>taken down<", card)
    assert 'value="takedown"' not in card
    assert 'value="again"' in card
    for path in ("/", "/log?channel=fb-main", f"/log/{of_story(site, out.subject_id)[-1].id}"):
        assert "taken down</span>" in approver.get(path).text, path


def _all_sent(site: Site) -> list[Delivery]:
    with site.app.ground.reading() as tx:
        return [one for one in deliveries.in_states(tx, {State.SENT}) if one.subject_kind is SubjectKind.ARTICLE]


def _card(caller: Caller, of: Delivery) -> str:
    text = str(caller.get(f"/story/{of.subject_id}").text)
    return text[text.index(f'id="card-{of.channel}"') :].partition("</section>")[0]


def _minutes_later(site: Site) -> None:
    site.clock.advance(timedelta(minutes=5))
    tick(site.app, site.clock.now())
    site.app.engine.wait()


def test_a_story_is_put_under_embargo_made_evergreen_killed_and_brought_back(site: Site, approver: Caller) -> None:
    story = waiting(site)
    page = f"/story/{story}"
    assert approver.post(f"{page}/do", verb="set_embargo", until="").status_code == 409
    assert "ISO time with its offset" in approver.post(f"{page}/do", verb="set_embargo", until="soonish").text
    went(approver.post(f"{page}/do", verb="set_embargo", until="tomorrow 06:00"), "story_set_embargo")
    assert "embargo until" in approver.get(page).text
    went(approver.post(f"{page}/do", verb="lift_embargo"), "story_lift_embargo")
    assert approver.post(f"{page}/do", verb="evergreen", every="often").status_code == 409
    assert approver.post(f"{page}/do", verb="evergreen", every="30d", times="many").status_code == 409
    rule = {"every": "30d", "times": "3", "until": "2027-01-01", "season": "11-15..12-24", "channel": "fb-main"}
    went(approver.post(f"{page}/do", verb="evergreen", **rule), "story_evergreen")
    with site.app.ground.reading() as tx:
        mark = evergreens.get(tx, story)
    assert mark is not None
    assert (mark.every, mark.times, mark.season) == (timedelta(days=30), 3, "11-15..12-24")
    assert mark.channels == ("fb-main",)
    kept = approver.get(page).text  # the form opens with the rule that holds
    for field in ('value="30 days"', 'value="2027-01-01"', 'value="11-15..12-24"', 'value="fb-main" checked'):
        assert field in kept, field
    assert 'value="x-main" checked' not in kept
    assert f'href="{page}"' in approver.get("/evergreens").text
    went(approver.post(f"{page}/do", verb="end_evergreen"), "story_end_evergreen")
    assert "No story comes again" in approver.get("/evergreens").text
    went(approver.post(f"{page}/do", verb="cancel_all", reason="overtaken"), "story_cancel_all")
    assert {one.state for one in of_story(site, story)} <= {State.CANCELLED}
    went(approver.post(f"{page}/do", verb="skip"), "story_skip")
    went(approver.post(f"{page}/do", verb="take"), "story_take")
    went(approver.post(f"{page}/do", verb="kill", reason="it is false"), "story_kill")
    assert 'value="hold"' not in approver.get(page).text
    went(approver.post(f"{page}/do", verb="revive", reason="it is true"), "story_revive")
    with site.app.ground.reading() as tx:
        assert stops.killed(tx, story) is None


def test_readers_are_alerted_from_the_storys_card_by_whoever_may(
    site: Site, approver: Caller, editor: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, asked = waiting(site), list[tuple[str, int, str]]()

    def alert(app: App, channel: str, article_id: int, *, actor: str) -> None:
        asked.append((channel, article_id, actor))

    form = {"verb": "alert", "channel": "mail"}
    assert 'value="alert"' in approver.get(f"/story/{story}").text
    assert 'value="alert"' not in editor.get(f"/story/{story}").text
    assert editor.post(f"/story/{story}/do", **form).status_code == 403
    monkeypatch.setattr("scheduler.newsroom.alert_now", alert)
    went(approver.post(f"/story/{story}/do", **form), "story_alert")
    assert asked == [("mail", story, "Anand")]


def test_a_delivery_is_held_let_go_and_called_off_on_its_own_page(site: Site, approver: Caller) -> None:
    with site.app.ground.reading() as tx:
        one = deliveries.in_states(tx, {State.WAITING, State.PLANNED})[0]
    page = f"/log/{one.id}"
    assert 'value="hold"' in approver.get(page).text
    act = {"row": str(one.id), "back": page}
    went(approver.post("/log/act", verb="hold", reason="the quote is checked", **act), "log_hold")
    assert "the quote is checked" in approver.get(page).text
    went(approver.post("/log/act", verb="release", **act), "log_release")
    went(approver.post("/log/act", verb="cancel", reason="overtaken", **act), "log_cancel")
    assert 'id="acts"' not in approver.get(page).text
    out = sent_post(site)
    assert 'value="takedown"' in approver.get(f"/log/{out.id}").text
    took = approver.post("/log/act", verb="takedown", reason="wrong", row=str(out.id), back=f"/log/{out.id}")
    went(took, "log_takedown")
    assert [line.verb for line in _done(site, f"delivery {out.id}")][:1] == ["takedown"]


def _done(site: Site, subject: str) -> list[AuditRow]:
    with site.app.ground.reading() as tx:
        return audit.rows(tx, subject=subject)


def test_a_story_is_held_until_a_moment_and_goes_again_post_by_post_as_chosen(site: Site, approver: Caller) -> None:
    story = waiting(site)
    page = f"/story/{story}"
    assert approver.post(f"{page}/do", verb="hold", reason="").status_code == 409
    went(approver.post(f"{page}/do", verb="hold", reason="a name", until="tomorrow 06:00"), "story_hold")
    with site.app.ground.reading() as tx:
        (stop,) = [one for one in stops.active(tx, site.clock.now()) if one.scope is Scope.STORY]
    assert stop.until_at == datetime(2026, 9, 22, 5, 0, tzinfo=UTC)
    seen = set(re.findall(r'name="(seen-[^"]+)" value="([^"]+)"', approver.get(page).text))
    went(approver.post(f"{page}/approve", **dict(seen)), "approved")
    held = {one.channel: one.id for one in of_story(site, story)}
    chosen = {f"way-{held['x-main']}": "drop"}
    looked = approver.post(f"{page}/release", look="1", **chosen).text
    assert 'value="drop" selected' in looked
    assert "Resume like this" in looked
    assert {one.state for one in of_story(site, story)} == {State.PLANNED}  # nothing is done by looking
    for wrong in ({"way-x": "drop"}, {f"way-{held['x-main']}": "fly"}, {"way-999": "drop"}):
        assert approver.post(f"{page}/release", **wrong).status_code == 409
    went(approver.post(f"{page}/release", why="the name is right", **chosen), "story_release")
    states = {one.channel: one.state for one in of_story(site, story)}
    assert (states["x-main"], states["fb-main"]) == (State.CANCELLED, State.PLANNED)
    assert approver.get(f"{page}/release").headers["location"] == page  # it has ended


def test_everything_or_a_section_is_paused_with_a_reason_and_resumed_by_a_proposal(site: Site, editor: Caller) -> None:
    editor.client.headers["Referer"] = f"{site.address}/channels?done=paused"
    wrong = editor.post("/pause", why="the accident", until="8")
    assert wrong.status_code == 409
    assert 'href="/channels"' in wrong.text  # the way back to the form
    assert "may be 08:00, 20:00 or a day" in wrong.text
    for elsewhere in ("https://elsewhere.example/channels", f"{site.address}/pause"):
        editor.client.headers["Referer"] = elsewhere
        assert "Back to where you were" not in editor.post("/pause", why="").text
    went(editor.post("/pause", why="the accident", until="Tomorrow 6", let_breaking="1"), "paused")
    with site.app.ground.reading() as tx:
        (lying,) = stops.active(tx, site.clock.now())
    assert (lying.scope, lying.reason, lying.lets_breaking) == (Scope.EVERYTHING, "the accident", True)
    assert "Everything is paused: the accident" in editor.get("/channels").text
    chip = '<a class="badge failed" href="/pause/resume"'
    for page in ("/", "/queue", "/calendar", "/log", "/newsletters"):
        said = editor.get(page).text
        assert chip in said, page
        assert "Paused: the accident" in said, page
    with closing(Caller(site, Role.VIEWER).client) as viewer:
        said = viewer.get("/queue").text
    assert "Paused: the accident" in said
    assert chip not in said
    assert "Resume like this" in editor.get("/pause/resume").text
    went(editor.post("/pause/resume"), "channel_resumed")
    assert editor.get("/pause/resume").status_code == 303  # it has ended
    assert "Paused: the accident" not in editor.get("/queue").text
    with site.app.ground.reading() as tx:
        section = next(one.section for one in articles.several(tx, [1, 2, 3, 4, 5]) if one.section)
    went(editor.post("/pause", why="no more of it", section=section), "paused")
    assert f"Section {section} is paused" in editor.get("/channels").text
    went(editor.post("/pause/resume", section=section), "channel_resumed")
    assert editor.post("/pause", why="w", section="Nowhere").status_code == 409


def test_words_of_ones_own_are_looked_at_with_their_picture_and_then_promised(site: Site, editor: Caller) -> None:
    assert 'action="/post"' in editor.get("/post").text
    words = {"channel": "x-main", "text": "The site is <b>slow</b> today.", "alt": "", "at": ""}
    long = editor.post("/post", **{**words, "text": "long " * 100}, look="1")
    assert (long.status_code, "Shorten it by" in long.text) == (200, True)
    looked = editor.client.post(
        "/post",
        data={"form_token": editor.token, **words, "look": "1"},
        files={"file": ("pier.png", PNG)},
    ).text
    assert "&lt;b&gt;slow&lt;/b&gt;" in looked
    kept = re.search(r'name="kept" value="([0-9a-f]{64})"', looked)
    assert kept is not None
    refused = editor.post("/post", **words, kept=kept[1])
    assert (refused.status_code, "alt text" in refused.text) == (409, True)
    late = editor.post("/post", **{**words, "at": "soonish"}).text
    field = late.partition('<input id="at"')[2].partition("</div>")[0]
    assert "ISO time with its offset" in field
    assert 'aria-invalid="true"' in field
    assert 'notice failed" role="alert"' not in late
    past = editor.post("/post", **{**words, "at": "yesterday 9"})
    field = past.text.partition('<input id="at"')[2].partition("</div>")[0]
    assert (past.status_code, "is past" in field) == (409, True)
    assert "not kept here any more" in editor.post("/post", **words, kept="0" * 64).text
    place = went(editor.post("/post", **{**words, "alt": "A pier"}, kept=kept[1]), "post_promised")
    number = int(place.rpartition("/")[2].partition("?")[0])
    with site.app.ground.reading() as tx:
        part = posts.get(tx, deliveries.get(tx, number).post_id).parts[0]
    assert (part.text, part.images[0].sha256) == (words["text"], kept[1])


def test_a_source_is_looked_at_from_its_page_and_nothing_is_stored(
    sample: tuple[Path, datetime], tmp_path: Path, browser: Browser
) -> None:
    folder, moment = tmp_path / "newsroom", sample[1]
    shutil.copytree(sample[0], folder)
    (folder / "wire").mkdir()
    (folder / "wire" / "story.txt").write_text("Quay opens & closes\n\nThe quay opened on Monday, the harbour said.\n")
    with (folder / "settings.toml").open("a") as settings:
        settings.write('\n[sources.wire]\nkind = "folder"\npath = "wire"\n')
        settings.write('\n[sources.gone]\nkind = "folder"\npath = "nowhere"\n')
    with open_site(folder, folder, moment, browser) as site:
        editor, viewer = Caller(site, Role.EDITOR), Caller(site, Role.VIEWER)
        assert 'action="/sources/wire/check"' in editor.get("/sources").text
        assert "/sources/wire/check" not in viewer.get("/sources").text
        assert viewer.post("/sources/wire/check").status_code == 403
        with site.app.ground.reading() as tx:
            before = [one.id for one in articles.page(tx, 100)]
        looked = editor.post("/sources/wire/check").text
        assert "would bring 1 new or changed story" in looked
        assert "Quay opens &amp; closes" in looked
        assert "cannot be read" in editor.post("/sources/gone/check").text
        assert editor.post("/sources/nowhere/check").status_code == 404
        token = made(site, Permission.QUEUE, Permission.READ)
        found = call(site, "/sources/wire/check", token, {}, Idempotency_Key="s").body
        assert (found["ok"], len(found["stories"])) == (True, 1)
        assert {one["source"] for one in call(site, "/sources", token).body["sources"]} == {"wire", "gone"}
        with site.window(Role.ADMIN, for_axe=True) as page:
            page.goto("/sources")
            site.shot(page, "sources-two-light")
            assert axe_faults(page) == []
        with site.app.ground.reading() as tx:
            assert [one.id for one in articles.page(tx, 100)] == before
        editor.client.close()
        viewer.client.close()


def test_evergreens_come_by_pages(site: Site, approver: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evergreen_page, "ROWS", 1)
    for story in (3, 1):
        went(approver.post(f"/story/{story}/do", verb="evergreen", every="30d"), "story_evergreen")
    first = approver.get("/evergreens").text
    assert ('href="/story/3"' in first, 'href="/story/1"' in first) == (True, False)
    assert 'href="/evergreens?after=3" rel="next"' in first
    rest = approver.get("/evergreens?after=3").text
    assert ('href="/story/3"' in rest, 'href="/story/1"' in rest) == (False, True)
    assert 'rel="next"' not in rest
    assert 'href="/evergreens">' in rest
    assert "No story comes behind these" in approver.get("/evergreens?after=1").text


def test_programs_do_the_same_through_the_api(site: Site) -> None:
    token, story, out = made(site, *Permission, role=Role.ADMIN), waiting(site), sent_post(site)
    number = iter(range(100))

    def ask(path: str, status: int = 200, **asked: object) -> dict[str, object]:
        answer = call(site, path, token, asked, Idempotency_Key=str(next(number)))
        assert answer.status == status, (path, answer.body)
        found: dict[str, object] = answer.body
        return found

    assert ask(f"/stories/{story}/priority", priority="evergreen")["priority"] == "evergreen"
    ask(f"/stories/{story}/priority", 422, priority="soon")
    ask(f"/stories/{story}/breaking")
    assert ask(f"/stories/{story}/calm")["priority"] == "normal"
    assert ask(f"/stories/{story}/evergreen", every="30d", times=2)["times"] == 2
    assert ask(f"/stories/{out.subject_id}/evergreen", every="60d")["times"] is None
    page = call(site, "/evergreens?limit=1", token).body
    assert [one["story"] for one in page["evergreens"]] == [story]
    rest = call(site, f"/evergreens?limit=1&cursor={page['next']}", token).body
    assert ([one["story"] for one in rest["evergreens"]], rest["next"]) == ([out.subject_id], None)
    assert call(site, "/evergreens?cursor=rubbish", token).status == 422
    assert ask(f"/stories/{out.subject_id}/evergreen")["ended_at"]
    ask(f"/stories/{story}/evergreen", 422, every="often")
    assert ask(f"/stories/{story}/evergreen")["ended_at"]
    ask(f"/stories/{story}/cancel", why="overtaken")
    ask(f"/stories/{story}/skip")
    assert ask(f"/stories/{story}/take")["skipped_at"] is None
    right = "The right words https://news.example.org/right"
    ask(f"/stories/{out.subject_id}/correct", why="a name", channel="x-main", text=right)
    assert ask(f"/stories/{out.subject_id}/takedown", why="wrong")["deliveries"]
    ask(f"/stories/{out.subject_id}/kill", why="false")
    ask(f"/stories/{out.subject_id}/revive", why="true")
    ask(f"/deliveries/{out.id}/retry", 409)
    ask(f"/deliveries/{out.id}/hold", 409, why="w")
    foreseen = ask("/issues/1/foresee-correction", story=_carried(site), text="Right.", note="We had it wrong.")
    assert foreseen["misled"] == 3
    mark = foreseen["mark"]
    ask("/issues/1/correct", 409, story=_carried(site), text="Right.", note="Another.", seen=mark)
    assert ask("/channels/x-main/check")["ok"] is True
    assert call(site, "/sources", token).body["sources"] is not None
    ask("/sources/nowhere/check", 404)
    with site.app.ground.reading() as tx:
        section = next(one.section for one in articles.several(tx, [1, 2, 3, 4, 5]) if one.section)
    ask(f"/sections/{section}/pause", why="w")
    ask(f"/sections/{section}/resume")


def _carried(site: Site) -> int:
    with site.app.ground.reading() as tx:
        return issues.get(tx, 1).article_ids[0]
