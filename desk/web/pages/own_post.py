"""A post of a person's own words, without a story: looked at as it will be seen, then promised at its moment."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from db.records import Image
from desk.cli.moments import NotATime, Times
from desk.web.door.visitor import Visitor, may
from desk.web.pages.asked_moment import NoMoment
from desk.web.pages.page import Page
from desk.web.pages.previews import shown
from scheduler import newsroom
from scheduler.newsroom import Refused
from scheduler.newsroom.picturing import kept_upload
from scheduler.people.roles import Permission
from scheduler.story_view import Standing, tried_post

routes = APIRouter()
Writer = Annotated[Visitor, Depends(may(Permission.WORD))]
FIELDS = ("channel", "text", "alt", "at", "kept")


@routes.get("/post")
def own_post(visitor: Writer) -> Response:
    """The empty form."""
    return _page(visitor, dict.fromkeys(FIELDS, ""))


@routes.post("/post")
def post(visitor: Writer) -> Response:
    """With ``look`` shows how it would be seen; else promises it."""
    given = {name: str(visitor.form.get(name, "")).replace("\r\n", "\n").strip() for name in FIELDS}
    try:
        picture = _picture(visitor, given)
        if "look" in visitor.form:
            one = tried_post(visitor.app, given["text"], given["channel"], writer=visitor.actor, picture=picture)
            return _page(visitor, given, one=one)
        done = newsroom.free_post(
            visitor.app,
            given["text"],
            given["channel"],
            actor=visitor.actor,
            image=Path(picture.path) if picture is not None and picture.path else None,
            alt=given["alt"],
            at=_moment(visitor, given["at"]),
        )
    except NoMoment as no:
        return _page(visitor, given, misread=str(no), status=409)
    except Refused as no:
        return _page(visitor, given, fault=str(no), status=409)
    return visitor.go(f"/log/{done.delivery.id}", done="post_promised")


def _picture(visitor: Visitor, given: dict[str, str]) -> Image | None:
    """The picture that was given now, or the one given with an earlier look. Raises ``Refused``."""
    file = visitor.form.get("file")
    if isinstance(file, UploadFile) and file.filename:
        given["kept"] = newsroom.keep_upload(visitor.app, file.file.read()).sha256 or ""
    if not given["kept"]:
        return None
    kept = kept_upload(visitor.app, given["kept"])
    return Image(path=kept.path, sha256=kept.sha256, media_type=kept.media_type, alt=given["alt"])


def _moment(visitor: Visitor, said: str) -> datetime | None:
    if not said:
        return None
    try:
        at = Times(visitor.times.zone, visitor.times.now).read(said).at
    except NotATime as fault:
        raise NoMoment(str(fault)) from None
    if at <= visitor.times.now:
        raise NoMoment(visitor.words("own_post.past", when=visitor.times.show(at)))
    return at


def _page(
    visitor: Visitor,
    given: dict[str, str],
    *,
    one: Standing | None = None,
    fault: str = "",
    misread: str = "",
    status: int = 200,
) -> Response:
    """The form with what was given; ``misread`` says what is wrong with the moment, ``fault`` with anything else."""
    values = {
        "given": given,
        "channels": [(name, name) for name, outlet in visitor.app.outlets.items() if not outlet.crowd],
        "one": one,
        "parts_shown": shown(one, None) if one is not None else [],
        "picture": "",
        "fault": fault,
        "misread": misread,
    }
    return visitor.page("own_post.html", values, status=status)


PAGE = Page("own-post", "/post", Permission.WORD, routes, in_menu=False)
