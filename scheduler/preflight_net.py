"""What only the net can tell before an issue goes: the one-click answers, links answer. The domain: ``preflight_domain``.

Each question has a short limit. What cannot be asked at all is told as not asked, never as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from scheduler.intake.errors import IntakeError, MissingPage
from scheduler.intake.wanted import Fetched, Wanted
from scheduler.preflight_finding import Finding, fine, note, stop

SECONDS = 10.0
MOST_LINKS = 40
GONE = (404, 410)
"""Answers that say that there is no such page; any other may be a busy moment, a wall, or a guard against programs."""


def one_click_answers(url: str) -> Finding:
    """POSTs to a one-click address that belongs to nobody, as a mailbox provider would (RFC 8058 section 3.2)."""
    from channels.email.one_click import press  # late: the way to the web is heavy

    base, _, token = url.rpartition("/u/")
    problem = press(base, token, deadline=timedelta(seconds=SECONDS))
    if problem is not None:
        return stop("one-click answers", problem.message)
    return fine("one-click answers", f"a POST to {urlsplit(url).netloc} was answered with 200")


def links_answer(links: Sequence[str], fetch: Callable[[Wanted], Fetched]) -> Finding:
    """Opens each link of the issue once. A page that is not there stops it; one that is slow or shut to us is told."""
    gone: list[str] = []
    unsure: list[str] = []
    for link in links[:MOST_LINKS]:
        try:
            fetch(Wanted(link, seconds=SECONDS))
        except IntakeError as error:
            (gone if error.status in GONE or isinstance(error, MissingPage) else unsure).append(f"{link}: {error}")
    for broken, tell in ((gone, stop), (unsure, note)):
        if broken:
            more = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
            return tell("links", f"{broken[0]}{more}")
    return fine("links", f"all {len(links[:MOST_LINKS])} answer" if links else "there are none")
