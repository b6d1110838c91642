"""What a person does at a rehearsal platform that asks whether an app may act for their account: agree."""

from __future__ import annotations

import re
import urllib.error
import urllib.request


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        """None: the address is what we want."""


def say_yes(address: str) -> str:
    """The PIN that the platform shows then, or the address that it sends the browser to."""
    opener = urllib.request.build_opener(_Stay)
    try:
        page = opener.open(f"{address}&allow=1", timeout=60).read().decode()
    except urllib.error.HTTPError as sent:
        with sent:
            return str(sent.headers["Location"])
    found = re.search(r'id="pin">(\d+)<', page)
    assert found is not None
    return found[1]
