"""The desk in Japanese: every page says all it says in Japanese, in a page that says so, as narrow as a telephone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from scheduler.people.roles import Role
from templates.desk_texts import texts_of
from tests.desk.web.ground import NARROW, Site, axe_faults, too_wide
from tests.desk.web.test_every_page import LOOKED_AT, fetched

ENGLISH = {
    text
    for name, text in texts_of("en").items()
    if "{" not in text and text != texts_of("ja").get(name) and re.search(r"[A-Za-z]{2}", text)
}
KEYS = set(texts_of("en"))
TEXTS = """() => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const { parentElement } = walk.currentNode;
        if (!parentElement.closest('[lang="en"], .article, .post, .mail, .inbox, td.what, .code, code, option, blockquote')) found.push(walk.currentNode.data.trim());
    }
    for (const one of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
        if (!one.closest(".article")) found.push(...["aria-label", "title", "placeholder"].map((name) => one.getAttribute(name) ?? ""));
    }
    return found.filter(Boolean);
}"""


@pytest.fixture(scope="module")
def japanese(read_site: Site) -> Iterator[Page]:
    """One window whose browser asks for Japanese."""
    with read_site.window(Role.ADMIN, for_axe=True, locale="ja-JP") as page:
        yield page


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_asked_for_in_japanese_has_no_english_and_no_name_of_a_text_left(
    name: str, japanese: Page, read_site: Site
) -> None:
    japanese.set_viewport_size({"width": 1280, "height": 800})
    japanese.goto(LOOKED_AT[name])
    read_site.shot(japanese, f"{name}-ja")
    assert japanese.locator("html").get_attribute("lang") == "ja"
    texts: list[str] = japanese.evaluate(TEXTS)
    assert [text for text in texts if text in ENGLISH] == []
    assert [text for text in texts if text in KEYS and "." in text] == []
    assert axe_faults(japanese) == []
    japanese.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    assert too_wide(japanese) == []


def test_a_person_chooses_a_language_and_keeps_it_whatever_the_browser_asks(site: Site) -> None:
    with site.window(Role.VIEWER) as page:
        page.goto("/account")
        page.get_by_label("Of these pages").select_option("ja")
        page.locator("form", has=page.locator("#language")).get_by_role("button").click()
        expect(page.get_by_role("status").first).to_have_text("保存しました。")
        page.goto("/log")
        expect(page.get_by_role("heading", level=1)).to_have_text("配信ログ")
        expect(page.locator("#main")).to_contain_text("今日")
        page.goto("/calendar")
        expect(page.get_by_role("heading", level=1)).to_contain_text("2026年9月21日〜9月27日")
    assert b'lang="en"' in fetched(site, "/enter", None)[2][:200]
