"""Pressing our own one-click address, as a mail program would, before readers are given it (RFC 8058 §3.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from channels.wire import PinnedSession, WireFault
from db.records import Mode, Problem

BODY: Final = b"List-Unsubscribe=One-Click"
_HEADERS: Final = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Pressrun"}


def press(public_url: str, token: str, *, deadline: timedelta = timedelta(seconds=10)) -> Problem | None:
    """Posts to ``public_url/u/TOKEN``; None where it answers 200 at once, else what a live newsletter must wait for.

    ``token`` belongs to nobody, so nobody leaves. No sentence shows it. A redirect is a fault: mail programs do not
    follow one.
    """
    where = urlsplit(public_url).hostname or "nowhere"
    with PinnedSession({}, deadline=deadline, mode=Mode.LIVE) as session:
        try:
            status = session.request("POST", f"{public_url}/u/{token}", headers=_HEADERS, data=BODY).status_code
        except WireFault as fault:
            return _problem(f"{where} could not be asked: {fault}")
    if status == 200:
        return None
    if 300 <= status < 400:
        return _problem(f"{where} answered with a redirect ({status}), which mail programs do not follow")
    if status == 404:
        return _problem(f"{where} does not know Pressrun's links (404)")
    return _problem(f"{where} answered {status}")


def _problem(what: str) -> Problem:
    return Problem(
        "one-click",
        f"the address with which readers unsubscribe does not work: {what}; let pressrun serve answer at "
        "newsroom.public_url, then: pressrun channels check",
    )
