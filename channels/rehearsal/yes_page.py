"""The page at which a rehearsal platform asks a person whether an app may act for their account, and its answer."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from channels.rehearsal.exchange import Answer, Request

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{platform} in rehearsal</title><body><main><h1>{platform} in rehearsal</h1>{inside}</main></body></html>"""


def ask(platform: str, account: str, request: Request) -> Answer:
    """Whether Pressrun may act for the account: a link says yes."""
    yes = f"{request.path}?{urlencode({**request.query, 'allow': '1'})}"
    inside = f'<p>May Pressrun post as {escape(account)}?</p><p><a href="{escape(yes)}">Yes, it may</a></p>'
    return _page(platform, inside)


def show_pin(platform: str, pin: str) -> Answer:
    """The PIN that the person carries back."""
    return _page(platform, f'<p>Type this PIN into Pressrun:</p><p><strong id="pin">{escape(pin)}</strong></p>')


def send_back(request: Request, code: str) -> Answer:
    """Back to the app with a code and the state that it gave."""
    query = urlencode({"code": code, "state": request.query.get("state", "")})
    location = f"{request.query.get('redirect_uri', '')}?{query}"
    return Answer(302, b"", None, {"Location": location}, bare=True)


def _page(platform: str, inside: str) -> Answer:
    body = _PAGE.format(platform=platform, inside=inside).encode()
    return Answer(200, body, "text/html; charset=utf-8", bare=True)
