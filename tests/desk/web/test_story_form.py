"""The form of a channel's words: picture, hashtags, campaign and inbox lines beside the text, nothing lost, nothing moving."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from db import deliveries, teasers
from db.records import State, SubjectKind, Teaser
from scheduler import newsroom
from scheduler.people.roles import Role
from tests.desk.test_verbs import PNG
from tests.desk.web.ground import Site, axe_faults, too_wide
from tests.desk.web.test_pages import open_words, states


def newest(site: Site, channel: str) -> Teaser:
    with site.app.ground.reading() as tx:
        words = teasers.newest(tx, SubjectKind.ARTICLE, 5, channel)
    assert words is not None
    return words


def beside(page: Page, channel: str) -> None:
    """Opens the words of a channel and what stands beside them."""
    open_words(page, channel)
    page.locator(f"#beside-{channel} > summary").click()


def test_picture_hashtags_and_campaign_show_at_once_and_what_was_seen_is_what_is_stored(
    site: Site, tmp_path: Path
) -> None:
    (tmp_path / "pier.png").write_bytes(PNG)
    with site.window(Role.APPROVER) as page:
        page.goto("/story/5")
        beside(page, "x-main")
        form, seen = page.locator("#edit-x-main"), page.locator("#result-x-main")
        form.get_by_label("Hashtags").fill("Plaza, #Sombra")
        expect(seen.locator(".words")).to_contain_text("#Plaza #Sombra")
        form.get_by_label("utm_campaign").fill("verano")
        expect(seen.locator(".words")).to_contain_text("utm_campaign=verano")
        form.get_by_label("The picture's file").set_input_files(tmp_path / "pier.png")
        expect(seen.locator(".image img")).to_have_count(1)
        expect(seen.locator(".problems")).to_contain_text("has no alt text")
        form.get_by_label("What the picture shows").fill("La plaza al sol")
        expect(seen.locator(".image img")).to_have_attribute("alt", "La plaza al sol")
        shown = seen.locator(".words").inner_text()
        form.get_by_role("button", name="Keep").click()
        page.wait_for_url("**done=words_kept")
        expect(page.locator("#result-x-main .image img")).to_have_attribute("alt", "La plaza al sol")
        assert page.evaluate("document.querySelector('#result-x-main .image img').naturalWidth") == 1
    words = newest(site, "x-main")
    assert (words.version, words.text, words.image and words.image.alt) == (2, shown, "La plaza al sol")
    assert states(site, 5)["x-main"] is State.WAITING


def test_a_mails_subject_and_the_line_behind_it_are_seen_in_the_inbox_and_the_whole_mail_opens(site: Site) -> None:
    mail = next(one.name for one in site.app.outlets.values() if one.crowd)
    with site.window(Role.EDITOR) as page:
        page.goto("/story/5")
        open_words(page, mail)
        form = page.locator(f"#edit-{mail}")
        form.get_by_label("Subject", exact=True).fill("La sombra vuelve")
        form.get_by_label("Behind the subject").fill("Lo que dice el ayuntamiento")
        inbox = page.locator(f"#result-{mail} .inbox")
        expect(inbox).to_contain_text("La sombra vuelve Lo que dice el ayuntamiento")
        form.get_by_role("button", name="Keep").click()
        page.wait_for_url("**done=words_kept")
        page.locator(f"#mail-{mail} > summary").click()
        frame = page.frame_locator(f"#mail-{mail} iframe")
        expect(frame.locator("body")).to_contain_text(newest(site, mail).headline)
    words = newest(site, mail)
    assert (words.subject, words.preheader) == ("La sombra vuelve", "Lo que dice el ayuntamiento")


def test_nothing_moves_while_words_are_written_and_measured(site: Site) -> None:
    with site.window(Role.EDITOR) as page:
        page.goto("/story/5")
        open_words(page, "x-main")
        box = page.get_by_label("Words for x-main")
        box.press("End")
        box.type("!")
        expect(page.locator("#result-x-main.held .words")).to_contain_text("!")
        places = """() => [...document.querySelectorAll("#text-x-main, #card-fb-main, #edit-x-main button, #result-x-main")]
            .map((one) => { const at = one.getBoundingClientRect(); return [at.x, at.y + scrollY, at.width, at.height]; })"""
        before = page.evaluate(places)
        box.fill("A line that is far too long for a post there. " * 12)
        expect(page.locator("#result-x-main .problems")).to_contain_text("Must be fixed")
        assert page.evaluate(places) == before
        box.fill("Short.")
        expect(page.locator("#result-x-main .words")).to_have_text("Short.")
        assert page.evaluate(places) == before


def test_who_writes_sees_that_somebody_else_kept_words_meanwhile_and_keeps_their_own(site: Site) -> None:
    with site.window(Role.EDITOR) as page:
        page.goto("/story/5")
        expect(page.locator("html")).to_have_attribute("data-line", "open")
        open_words(page, "x-main")
        page.get_by_label("Words for x-main").fill("Mine, not yet kept.")
        page.locator("h1").click()  # the words lose the focus, and are theirs all the same
        newsroom.edit(site.app, 5, "x-main", "Ada's words.", actor="Ada")
        expect(page.locator("#card-x-main .behind")).to_have_text(re.compile("Meanwhile Ada wrote version 2"))
        expect(page.get_by_label("Words for x-main")).to_have_value("Mine, not yet kept.")


def test_previews_are_shown_in_light_and_dark_whatever_the_page_has(site: Site) -> None:
    colour = "() => getComputedStyle(document.querySelector('#result-x-main .post')).backgroundColor"
    with site.window(Role.VIEWER, for_axe=True) as page:
        page.goto("/story/5")
        assert page.evaluate(colour) == "rgb(255, 255, 255)"
        page.get_by_label("dark", exact=True).check()
        assert page.evaluate(colour) == "rgb(0, 0, 0)"
        assert axe_faults(page) == []
        page.goto("/story/1")
        assert page.evaluate(colour) == "rgb(0, 0, 0)"  # it stays chosen


def test_earlier_versions_stand_with_what_each_changed(site: Site) -> None:
    before = newest(site, "x-main").text
    newsroom.edit(site.app, 5, "x-main", f"{before} ¡Hoy!", actor="Ada")
    with site.window(Role.APPROVER, scripts=False, size={"width": 320, "height": 640}) as page:
        page.goto("/story/5?versions=x-main")
        expect(page.locator("#card-x-main .versions li")).to_have_count(2)
        expect(page.locator("#card-x-main .versions ins")).to_contain_text("¡")
        assert too_wide(page) == []


def test_a_free_slot_is_taken(site: Site) -> None:
    order = """async (slot) => {
        const token = document.querySelector("[name=form_token]").value;
        const body = new URLSearchParams({ form_token: token, channel: "x-main", slot, by_slot: "1" });
        return (await fetch("/story/5/time", { method: "POST", body })).url;
    }"""
    with site.window(Role.APPROVER) as page:
        page.goto("/story/5")
        assert "done=timed" in page.evaluate(order, "2026-09-22T18:00:00+00:00")
    with site.app.ground.reading() as tx:
        (promised,) = deliveries.of_subject(tx, SubjectKind.ARTICLE, 5, channel="x-main")
    assert promised.due_at.isoformat() == "2026-09-22T18:00:00+00:00"


def test_without_scripts_an_uploaded_picture_is_looked_at_first_and_then_kept(site: Site, tmp_path: Path) -> None:
    (tmp_path / "pier.png").write_bytes(PNG)
    with site.window(Role.APPROVER, scripts=False) as page:
        page.goto("/story/5")
        beside(page, "fb-main")
        form = page.locator("#edit-fb-main")
        form.get_by_label("The picture's file").set_input_files(tmp_path / "pier.png")
        form.get_by_label("What the picture shows").fill("La plaza")
        form.get_by_role("button", name="Look first").click()
        expect(page.locator("#result-fb-main .image img")).to_have_attribute("alt", "La plaza")
        assert newest(site, "fb-main").version == 1
        form.get_by_role("button", name="Keep").click()
        page.wait_for_url("**done=words_kept")
    words = newest(site, "fb-main")
    assert words.image is not None
    assert words.image.alt == "La plaza"


def test_what_cannot_be_is_said_beside_the_form_and_taken_back_once_it_can(site: Site, tmp_path: Path) -> None:
    site.expected = ("409",)
    (tmp_path / "pier.png").write_text("<svg onload='alert(1)'/>")
    with site.window(Role.EDITOR) as page:
        page.goto("/story/5")
        beside(page, "x-main")
        form, told = page.locator("#edit-x-main"), page.locator("#edit-x-main .behind")
        form.get_by_label("Hashtags").fill("two-words")
        expect(told).to_contain_text("is no hashtag")
        form.get_by_label("Hashtags").fill("two_words")
        expect(page.locator("#result-x-main .words")).to_contain_text("#two_words")
        expect(told).to_have_text("")
        form.get_by_label("The picture's file").set_input_files(tmp_path / "pier.png")
        expect(told).to_contain_text("no JPEG, PNG, GIF or WebP")
