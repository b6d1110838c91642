"""A real Chromium for the tests of pages: found on the machine, one a process, deaf to the world.

Where there is none these tests are skipped and say so; with CI=true that is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
]
MISSING = (
    "NO CHROMIUM: the tests of the desk's pages did not run. Install it (Debian: apt-get install chromium), or name "
    "one in CHROMIUM_BIN."
)


def chromium() -> str | None:
    """The path of a Chromium: the one named, one on the path, or one that Playwright brought."""
    if named := os.environ.get("CHROMIUM_BIN"):
        return named
    for name in NAMES:
        if found := shutil.which(name):
            return found
    kept = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    brought = sorted(kept.glob("chromium-*/chrome-linux*/chrome"))
    return str(brought[-1]) if brought else None


@contextmanager
def launched() -> Iterator[Browser]:
    """The browser, until the block ends. Skips, or in CI fails, where the machine has none."""
    path = chromium()
    if path is None:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()
