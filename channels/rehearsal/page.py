"""What people see of a rehearsal: three columns, one page a post, a mail's parts; no script anywhere."""

from __future__ import annotations

import html
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from channels.rehearsal import published, x_charges
from channels.rehearsal.exchange import Answer
from channels.rehearsal.faults import FaultBook
from channels.rehearsal.published import Published
from channels.rehearsal.rules import Rules
from channels.rehearsal.store import Store
from channels.rehearsal.x_text import url_entities

if TYPE_CHECKING:
    from jinja2 import Environment

_PAGES = Path(__file__).parent / "pages"
_SHOWN = 100
_CUT = 477
_HTML = "text/html; charset=utf-8"
_POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors 'none'"
_MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"

HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What every answer of the page carries, unless it brings its own."""


@lru_cache(maxsize=1)
def _pages() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    pages = Environment(
        loader=FileSystemLoader(_PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["moment"] = _moment
    pages.filters["dollars"] = lambda micros: f"${micros / 1_000_000:,.3f}"
    pages.filters["host"] = lambda url: urlsplit(url).hostname or url
    pages.filters["reading"] = reading_pieces
    pages.filters["cut"] = cut
    return pages


def _show(name: str, root: str = "", status: int = 200, **values: object) -> Answer:
    body = _pages().get_template(name).render(root=root, **values).encode()
    policy = {**HEADERS, "Content-Security-Policy": _POLICY.replace("'self'", f"'self' {root}")} if root else HEADERS
    return Answer(status, body, _HTML, policy)


def _moment(at: datetime) -> str:
    return f"{at.day} {at:%b %Y, %H:%M:%S} UTC"


def reading_pieces(post: Published) -> list[tuple[str, str]]:
    """A post on X as readers see it: (words, "") and (short form of a link, the address it leads to).

    The link that stands for the pictures is left out, for the pictures are shown.
    """
    plain = html.unescape(post.shown)
    pieces, end = [], 0
    for entity in url_entities(post.shown, post.urls):
        start, stop = int(str(entity["start"])), int(str(entity["end"]))
        pieces.append((plain[end:start], ""))
        if not (post.media and stop == len(plain)):
            pieces.append((str(entity["display_url"]), str(entity["expanded_url"])))
        end = stop
    pieces.append((plain[end:], ""))
    return [piece for piece in pieces if piece[0]]


def cut(text: str) -> tuple[str, str]:
    """What Facebook shows of a text at first, and what it hides behind "See more"."""
    if len(text) <= _CUT:
        return text, ""
    at = text.rfind(" ", 0, _CUT)
    at = at if at > 0 else _CUT
    return text[:at], text[at:].lstrip()


def overview(store: Store, rules: Rules, book: FaultBook, now: datetime) -> Answer:
    """The three columns, newest first, a hundred each."""
    columns = {platform: published.everything(store, platform, _SHOWN) for platform in ("x", "facebook", "email")}
    counts = {platform: published.count(store, platform) for platform in columns}
    older = {platform: counts[platform] - len(posts) for platform, posts in columns.items()}
    spent = sum(x_charges.spent(store, account) for account in {post.account for post in columns["x"]})
    faults = book.waiting()
    return _show("overview.html", columns=columns, counts=counts, older=older, spent=spent, faults=faults, now=now)


def post(store: Store, platform: str, id: str, now: datetime, root: str = "") -> Answer:
    """One post and what was said under it."""
    found = published.find_post(store, platform, id)
    if found is None:
        return missing(root)
    answers = [one for one in reversed(published.everything(store, platform)) if one.reply_to == id]
    return _show("post.html", root, post=found, answers=answers, now=now)


def mail(store: Store, id: str, view: str | None) -> Answer:
    """One mail: its head and plain part; its HTML part alone (``html``); its bytes (``raw``)."""
    found = published.find_mail(store, id)
    if found is None:
        return missing("")
    if view == "raw":
        return Answer(200, found.raw, "text/plain; charset=utf-8")
    if view == "html":
        headers = {**HEADERS, "Content-Security-Policy": _MAIL_POLICY}
        return Answer(200, found.html.encode("utf-8", "replace"), _HTML, headers)
    return _show("mail.html", mail=found)


def picture(store: Store, id: str) -> Answer:
    """The bytes of an uploaded picture."""
    row = store.row("select type, bytes from media where id = ? and type like 'image/%'", (id,))
    if row is None or not row["bytes"]:
        return missing("")
    return Answer(200, bytes(row["bytes"]), str(row["type"]))


def style() -> Answer:
    """The style sheet."""
    return Answer(200, (_PAGES / "style.css").read_bytes(), "text/css; charset=utf-8")


def icon() -> Answer:
    """The browser tab's sign."""
    return Answer(200, (_PAGES / "icon.svg").read_bytes(), "image/svg+xml")


def missing(root: str) -> Answer:
    """404 in words."""
    return _show("missing.html", root, 404)
