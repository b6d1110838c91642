"""The desk's style sheets and scripts: held in memory, under an address that changes when any of them does.

One hash names them all, so that a module's ``./live.js`` leads to its own edition, and a browser may keep them for ever.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

import templates
from desk.web.door.packing import takes_gzip

FOLDER = Path(templates.__file__).parent / "desk"
KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _File:
    media_type: str
    plain: bytes
    packed: bytes


class Static:
    """All files under templates/desk that browsers read."""

    def __init__(self, folder: Path = FOLDER) -> None:
        paths = sorted(path for path in folder.rglob("*") if path.suffix in KINDS)
        held = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        whole = hashlib.sha256(b"".join(name.encode() + body for name, body in held.items()))
        self.edition = whole.hexdigest()[:12]
        self._files = {
            name: _File(KINDS[Path(name).suffix], body, gzip.compress(body, mtime=0)) for name, body in held.items()
        }

    def address(self, name: str) -> str:
        """Where a file is read, e.g. of ``css/tokens.css``. Raises ``KeyError`` for one there is not."""
        self._files[name]
        return f"/static/{self.edition}/{name}"

    def routes(self) -> APIRouter:
        """The route under ``/static/``. Another edition's address is not there: what is kept for ever must be true."""
        routes = APIRouter()

        @routes.api_route("/static/{edition}/{name:path}", methods=["GET", "HEAD"], include_in_schema=False)
        def file(edition: str, name: str, request: Request) -> Response:
            """One file."""
            found = self._files.get(name)
            if found is None or edition != self.edition:
                raise HTTPException(404)
            packed = takes_gzip(request)
            headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding", "ETag": f'"{self.edition}"'}
            if packed:
                headers["Content-Encoding"] = "gzip"
            return Response(found.packed if packed else found.plain, media_type=found.media_type, headers=headers)

        @routes.api_route("/favicon.ico", methods=["GET", "HEAD"], include_in_schema=False)
        def favicon(request: Request) -> Response:
            """The mark, for browsers that ask by themselves where an answer names none."""
            return file(self.edition, "mark.svg", request)

        return routes
