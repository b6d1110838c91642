"""``make pictures``: the README's pictures of the desk, taken of the sample newsroom by a real browser, as WebP."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from desk.cli.rooms import ROOT
from scheduler import newsroom
from scheduler.hand_in import hand_in
from scheduler.intake.targets import Said
from scheduler.people.roles import Role
from tests.browser import launched
from tests.desk.web.ground import Site, make_sample, open_site

FOLDER = ROOT / "docs" / "pictures"
QUALITY = 0.85
WIDTH, HEIGHT, TALL = 1280, 860, 1240
_AS_WEBP = """async ([data, quality]) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    canvas.getContext("2d").drawImage(picture, 0, 0);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/webp", quality })).arrayBuffer());
    return btoa(bytes.reduce((text, one) => text + String.fromCharCode(one), ""));
}"""
PLANNED = (
    "Night buses return to three hill villages",
    "Library opens a repair café on Saturdays",
    "Swimmers count jellyfish off the north pier",
    "Old signal box becomes a reading room",
)


def _plan(site: Site) -> None:
    """A few stories more, some hours and days on, so that the week has something in it."""
    for number, headline in enumerate(PLANNED):
        said = Said(url=f"https://news.example.org/2026/plan-{number}", section="Local")
        text = (
            f"{headline}\n\n{headline}, the council of Port Selwyn decided by nine votes to two on Monday evening.\n\n"
        )
        ((taken,), _) = hand_in(site.app, f"{number}.txt", actor="Ada", said=said, text=(text * 2).encode())
        newsroom.take(site.app, taken.article.id, actor="Ada")
        at = site.clock.now() + timedelta(days=number, hours=3 + number)
        newsroom.schedule(site.app, taken.article.id, at, actor="Ada")


def _story(page: Page) -> None:
    page.locator("#edit-x-main > summary").click()
    page.locator("#beside-x-main > summary").click()
    page.locator("#hashtags-x-main").fill("#Valderroca #Sombra")
    expect(page.locator("#result-x-main .words")).to_contain_text("#Sombra")
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")


def _opened_row(page: Page) -> None:
    page.get_by_role("link", name="gauges").first.click()
    expect(page.locator("tr.inside")).to_be_visible()


def _nothing(page: Page) -> None:
    pass


PICTURES: tuple[tuple[str, str, str, str, int, Callable[[Page], None]], ...] = (
    ("today", "/", "light", "en-GB", HEIGHT, _nothing),
    ("signoff", "/signoff", "light", "en-GB", HEIGHT, _nothing),
    ("story", "/story/5", "light", "en-GB", TALL, _story),
    ("calendar", "/calendar?channel=fb-main", "light", "en-GB", TALL, _nothing),
    ("log", "/log?text=gauges&channel=x-main", "light", "en-GB", TALL, _opened_row),
    ("reports", "/reports", "light", "en-GB", HEIGHT, _nothing),
    ("story-dark", "/story/5", "dark", "en-GB", HEIGHT, _nothing),
    ("today-japanese", "/", "light", "ja-JP", HEIGHT, _nothing),
)


def main() -> None:
    """Takes them all; says each with its size."""
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        clock = make_sample(Path(folder) / "sample")
        with open_site(Path(folder) / "sample", Path(folder) / "site", clock.now(), browser) as site:
            _plan(site)
            maker = browser.new_page()
            maker.goto("about:blank")
            for name, path, theme, locale, height, ready in PICTURES:
                with site.window(
                    Role.ADMIN, theme=theme, size={"width": WIDTH, "height": height}, locale=locale
                ) as page:
                    page.goto(path)
                    ready(page)
                    taken = base64.b64encode(page.screenshot()).decode()
                made = base64.b64decode(maker.evaluate(_AS_WEBP, [taken, QUALITY]))
                (FOLDER / f"desk-{name}.webp").write_bytes(made)
                print(f"docs/pictures/desk-{name}.webp  {len(made) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
