"""Answers packed for the wire: for whoever takes gzip, and, where an answer is a person's own, for our own pages alone.

A page holds secrets (its form token, what nobody but the reader may know) beside words that a stranger can put into an
address. Packed, its length tells how alike the two are, and a stranger's page can ask for it again and again and watch
the length (BREACH). Browsers say whose page asks, in ``Sec-Fetch-Site`` (Fetch Metadata, W3C): only a page of our own, or
the person themselves by the address bar, gets the packed form; whoever does not say gets the plain one.
"""

from __future__ import annotations

import gzip

from starlette.requests import Request

LEVEL = 5
"""Beyond it a page takes longer and gets hardly smaller."""
LEAST = 1_400
"""What fits into one packet anyway is left as it is."""
VARY = "Accept-Encoding, Sec-Fetch-Site"
_OURS = ("same-origin", "none")


def takes_gzip(request: Request) -> bool:
    """Whether the caller takes gzip (RFC 9110, 12.5.3)."""
    for one in request.headers.get("accept-encoding", "").split(","):
        name, _, weight = one.partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def packed(request: Request, body: bytes) -> bytes | None:
    """A person's own answer as gzip; None where it goes as it is. Its answer names ``VARY`` either way."""
    asked_by_us = request.headers.get("sec-fetch-site", "") in _OURS
    if len(body) < LEAST or not asked_by_us or not takes_gzip(request):
        return None
    return gzip.compress(body, LEVEL, mtime=0)
