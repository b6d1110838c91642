"""Pictures and videos on the rehearsal X: one-shot and chunked upload, processing, alt text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta

from channels.rehearsal import x_answers, x_charges
from channels.rehearsal.accounts import XAccount
from channels.rehearsal.exchange import Answer, Refused, Request, json_answer
from channels.rehearsal.pictures import read_picture
from channels.rehearsal.rules import XRules
from channels.rehearsal.store import Store, micros

LIFE = timedelta(seconds=86_400)
PROCESSING = timedelta(seconds=1)
_CATEGORIES = {
    "tweet_image": 5_242_880,
    "tweet_gif": 15_728_640,
    "tweet_video": 536_870_912,
    "amplify_video": 536_870_912,
}
_TYPES = frozenset(
    "image/jpeg image/png image/webp image/gif image/bmp image/tiff video/mp4 video/quicktime video/webm".split()
)
_ALT_LENGTH = 1_000


def upload(store: Store, account: XAccount, request: Request, now: datetime) -> Answer:
    """``POST /2/media/upload``: the whole picture in one multipart or JSON (base64) body."""
    fields = _fields(request, {"media", "media_category", "media_type", "shared", "additional_owners"})
    data = _bytes(fields.get("media"))
    category = _category(fields.get("media_category"))
    with store.change():
        id = _new(store, account, category, len(data), now)
        _finish(store, id, data, category, now)
    return json_answer({"data": _shape(store, id, now)})


def initialize(store: Store, account: XAccount, request: Request, now: datetime) -> Answer:
    """``POST /2/media/upload/initialize``: opens a chunked upload."""
    fields = _fields(request, {"media_type", "total_bytes", "media_category", "shared", "additional_owners"})
    total, kind = fields.get("total_bytes"), fields.get("media_type")
    category = _category(fields.get("media_category"))
    if type(total) is not int or not 0 < total <= _CATEGORIES[category]:
        raise Refused(x_answers.invalid("$.total_bytes: is larger than the category allows, or is no number"))
    if kind not in _TYPES:
        raise Refused(x_answers.invalid("$.media_type: does not have a value in the enumeration"))
    with store.change() as db:
        id = _new(store, account, category, total, now)
        db.execute("update media set finished = 0, type = ? where id = ?", (kind, id))
    return json_answer({"data": {"id": id, "media_key": f"3_{id}", "expires_after_secs": int(LIFE.total_seconds())}})


def append(store: Store, account: XAccount, id: str, request: Request, now: datetime) -> Answer:
    """``POST /2/media/upload/{id}/append``: one segment; the same number again replaces it."""
    _own(store, account, id, now, finished=False)
    fields = _fields(request, {"media", "segment_index"})
    try:
        number = int(str(fields.get("segment_index")))
    except ValueError:
        number = -1
    if not 0 <= number <= 999:
        raise Refused(x_answers.invalid("$.segment_index: must have a value from 0 to 999"))
    data = _bytes(fields.get("media"))
    with store.change() as db:
        db.execute(
            "insert into segments values (?, ?, ?) on conflict (media_id, number) do update set bytes = excluded.bytes",
            (id, number, data),
        )
    return json_answer({"data": {"expires_at": micros(now + LIFE) // 1_000_000}})


def finalize(store: Store, account: XAccount, id: str, now: datetime) -> Answer:
    """``POST /2/media/upload/{id}/finalize``: joins the segments; a video is being processed for a second then."""
    row = _own(store, account, id, now, finished=False)
    data = b"".join(
        part["bytes"] for part in store.rows("select bytes from segments where media_id = ? order by number", (id,))
    )
    if len(data) != row["total"]:
        raise Refused(
            x_answers.invalid(f"Segments do not add up to provided total file size: {len(data)} of {row['total']}.")
        )
    with store.change() as db:
        _finish(store, id, data, str(row["category"]), now)
        db.execute("delete from segments where media_id = ?", (id,))
    return json_answer({"data": _shape(store, id, now)})


def status(store: Store, account: XAccount, request: Request, now: datetime) -> Answer:
    """``GET /2/media/upload?command=STATUS&media_id=``."""
    if request.query.get("command", "STATUS") != "STATUS":
        raise Refused(x_answers.invalid("The `command` query parameter value must be STATUS"))
    id = request.query.get("media_id", "")
    _own(store, account, id, now, finished=None)
    return json_answer({"data": _shape(store, id, now)})


def describe(store: Store, rules: XRules, account: XAccount, request: Request, now: datetime) -> Answer:
    """``POST /2/media/metadata``: alt text of at most 1,000 characters."""
    body = request.json()
    try:
        id, text = body["id"], body["metadata"]["alt_text"]["text"]  # type: ignore[index]
    except (KeyError, TypeError):
        raise Refused(x_answers.invalid("$.metadata.alt_text.text: is missing but it is required")) from None
    if not isinstance(id, str) or not isinstance(text, str) or not 0 < len(text) <= _ALT_LENGTH:
        raise Refused(x_answers.invalid(f"$.metadata.alt_text.text: must be 1 to {_ALT_LENGTH} characters long"))
    _own(store, account, id, now, finished=None)
    with store.change() as db:
        x_charges.pay(store, rules, account.user_id, now, rules.price_alt_text)
        db.execute("update media set alt = ? where id = ?", (text, id))
    return json_answer({"data": {"id": id, "associated_metadata": {"alt_text": {"text": text}}}})


def _fields(request: Request, known: set[str]) -> Mapping[str, object]:
    if request.content_type == "multipart/form-data":
        fields: dict[str, object] = {
            field.name: field.data if field.name == "media" else field.text for field in request.fields()
        }
    else:
        body = request.json()
        if not isinstance(body, dict):
            raise Refused(x_answers.invalid("$.body: object expected"))
        fields = body
    unknown = set(fields) - known
    if unknown:
        raise Refused(x_answers.invalid(f"$.{min(unknown)}: is not defined in the schema"))
    return fields


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        data = value
    else:
        try:
            data = base64.b64decode(str(value), validate=True) if isinstance(value, str) else b""
        except binascii.Error:
            data = b""
    if not data:
        raise Refused(x_answers.invalid("$.media: is missing or holds no bytes"))
    return data


def _category(value: object) -> str:
    if value not in _CATEGORIES:
        raise Refused(x_answers.invalid("$.media_category: does not have a value in the enumeration"))
    return str(value)


def _new(store: Store, account: XAccount, category: str, total: int, now: datetime) -> str:
    id = str(store.next_number("x last media", 1_900_000_000_000_000_001))
    with store.change() as db:
        db.execute(
            "insert into media (id, platform, account, category, type, width, height, bytes, created_at, expires_at,"
            " total) values (?, 'x', ?, ?, '', 0, 0, x'', ?, ?, ?)",
            (id, account.user_id, category, micros(now), micros(now + LIFE), total),
        )
    return id


def _finish(store: Store, id: str, data: bytes, category: str, now: datetime) -> None:
    """Keeps the bytes once they are a picture or video that the category allows."""
    picture = read_picture(data)
    video = category in ("tweet_video", "amplify_video")
    if len(data) > _CATEGORIES[category]:
        raise Refused(x_answers.invalid(f"File size exceeds {_CATEGORIES[category]} bytes."))
    if video is (data[4:8] != b"ftyp") or (not video and picture is None):
        raise Refused(x_answers.invalid("media type unrecognized."))
    if picture is not None and (picture.type == "image/gif") is not (category == "tweet_gif"):
        raise Refused(x_answers.invalid(f"A file of type {picture.type} cannot be a {category}."))
    ready = None if category == "tweet_image" else micros(now + PROCESSING)
    with store.change() as db:
        db.execute(
            "update media set bytes = ?, type = ?, width = ?, height = ?, ready_at = ?, finished = 1 where id = ?",
            (
                data,
                picture.type if picture else "video/mp4",
                picture.width if picture else 0,
                picture.height if picture else 0,
                ready,
                id,
            ),
        )


def _own(store: Store, account: XAccount, id: str, now: datetime, *, finished: bool | None) -> Mapping[str, object]:
    row = store.row("select * from media where platform = 'x' and id = ?", (id,))
    if row is None or row["account"] != account.user_id or row["expires_at"] <= micros(now):
        raise Refused(x_answers.bad_media())
    if finished is not None and bool(row["finished"]) is not finished:
        raise Refused(x_answers.invalid("The upload is finished already."))
    return dict(row)


def _shape(store: Store, id: str, now: datetime) -> dict[str, object]:
    row = store.row("select *, length(bytes) as size from media where id = ?", (id,))
    if row is None:
        raise Refused(x_answers.bad_media())
    shape: dict[str, object] = {
        "id": id,
        "media_key": f"{3 if row['category'] == 'tweet_image' else 7}_{id}",
        "size": row["size"],
        "expires_after_secs": max(0, (row["expires_at"] - micros(now)) // 1_000_000),
    }
    if row["type"].startswith("image/") and row["width"]:
        shape["image"] = {"w": row["width"], "h": row["height"], "image_type": row["type"]}
    if row["ready_at"] is not None:
        waiting = row["ready_at"] - micros(now)
        shape["processing_info"] = (
            {"state": "in_progress", "check_after_secs": 1, "progress_percent": 50}
            if waiting > 0
            else {"state": "succeeded", "progress_percent": 100}
        )
    return shape
