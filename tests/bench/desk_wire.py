"""What a browser fetches to show a page of the desk for the first time: the page and each file that it names."""

from __future__ import annotations

import gzip
import http.client
import re
from collections.abc import Mapping

_NAMED = re.compile(r'<(?:link|script|img|use)\b[^>]*?\b(?:href|src)="(/[^"#?]+(?:\?[^"#]*)?)')
_IMPORTED = re.compile(r'(?:from|import)\s*\(?\s*"(\.?/[^"]+)"')
_FILES = ("/static/",)


def first_load(client: http.client.HTTPConnection, path: str, headers: Mapping[str, str]) -> int:
    """Bytes of all bodies, packed where the desk packs them for a browser. Modules that modules import count in."""
    wanted, seen, total = [path], set[str](), 0
    while wanted:
        one = wanted.pop()
        if one in seen:
            continue
        seen.add(one)
        client.request("GET", one, headers={**headers, "Accept-Encoding": "gzip"})
        answer = client.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{one}: status {answer.status}")
        total += len(body)
        text = gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
        kind = answer.headers.get_content_type()
        if kind == "text/html":
            wanted += [name for name in _NAMED.findall(text.decode()) if name.startswith(_FILES)]
        elif "javascript" in kind:
            folder = one.partition("?")[0].rpartition("/")[0]
            wanted += [_beside(folder, name) for name in _IMPORTED.findall(text.decode())]
    return total


def _beside(folder: str, name: str) -> str:
    return f"{folder}/{name.removeprefix('./')}" if name.startswith(".") else name
