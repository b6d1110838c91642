"""The pictures a story's posts may carry: its own, and those that people gave for it; an uploaded one is kept."""

from __future__ import annotations

from sqlalchemy import Connection

from db import teasers
from db.records import Article, Image, SubjectKind
from scheduler.app import App, Outlet
from scheduler.intake.errors import IntakeError
from scheduler.intake.picture_shape import MOST_PIXELS, shape_of
from scheduler.intake.pictures import keep_bytes, kind_of_picture, touched
from scheduler.newsroom.grounds import Refused
from scheduler.rewording import NO_PICTURE, STORYS_PICTURE
from scheduler.source_turns import may_upload


def keep_upload(app: App, data: bytes) -> Image:
    """Keeps a picture that a person gave, under the hash of its bytes. Raises ``Refused`` for what is no whole picture."""
    try:
        kind_of_picture(data)
        shape = shape_of(data)
        if shape is None:
            raise Refused("The picture is cut short or damaged: save it anew as JPEG or PNG and give that file.")
        if shape[0] * shape[1] > MOST_PIXELS:
            raise Refused("The picture has more than 250 megapixels: give a smaller one.")
        return keep_bytes(Image(), data, app.media)
    except IntakeError as no:
        raise Refused(str(no)) from None


def given_pictures(tx: Connection, article: Article) -> list[Image]:
    """The kept pictures of the story's words on any channel, beside its own, the newest first, each once."""
    own = article.image.sha256 if article.image is not None else None
    found: dict[str, Image] = {}
    for words in reversed(teasers.every(tx, SubjectKind.ARTICLE, article.id)):
        image = words.image
        if image is not None and image.path and image.sha256 and image.sha256 != own:
            found.setdefault(image.sha256, image)
    return list(found.values())


def may_carry(app: App, outlet: Outlet, article: Article) -> bool:
    """Whether the story's own picture may go with a post on this channel."""
    image = article.image
    if image is None:
        return False
    return bool(image.url) if outlet.crowd else bool(image.path) and may_upload(app, image)


def picture_named(app: App, tx: Connection, outlet: Outlet, article: Article, name: str) -> Image | None:
    """The picture that ``none``, ``story`` or a hash names. Raises ``Refused`` where it is not to be had there."""
    if name == NO_PICTURE:
        return None
    own = article.image
    if name == STORYS_PICTURE or (own is not None and own.sha256 == name):
        if own is None:
            raise Refused(f"story {article.id} has no picture of its own")
        if not may_carry(app, outlet, article):
            raise Refused(_why_not(outlet, own))
        return own
    if outlet.crowd:
        raise Refused("a mail shows pictures by their web address, so it can carry the story's own or none")
    for image in given_pictures(tx, article):
        if image.sha256 == name:
            return image
    return kept_upload(app, name)


def _why_not(outlet: Outlet, image: Image) -> str:
    if outlet.crowd:
        return "the story's picture has no web address, and a mail shows pictures by theirs"
    if not image.path:
        return "the story's picture is not kept on this machine; give the file"
    return (
        f'the credit of the story\'s picture ("{image.credit}") is none of those under [images] may_upload in '
        "settings.toml; the link's card shows the picture all the same"
    )


def kept_upload(app: App, sha256: str) -> Image:
    """A picture that was uploaded and is in no words yet. Raises ``Refused``."""
    hexadecimal = len(sha256) == 64 and all(mark in "0123456789abcdef" for mark in sha256)
    path = next(iter(sorted(app.media.glob(f"{sha256}.*"))), None) if hexadecimal else None
    gone = Refused("this picture is not kept here any more; choose its file again")
    if path is None or path.suffix in (".part", ".going") or not touched(path):
        raise gone
    try:
        with path.open("rb") as file:
            media_type, _ = kind_of_picture(file.read(16))
    except FileNotFoundError:
        raise gone from None
    return Image(path=str(path.absolute()), sha256=sha256, media_type=media_type)
