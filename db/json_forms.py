"""How records with records inside lie in JSON columns: to plain values and back, loss-free.

What a form does not name was added to the record later than the row was written and takes its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from db.records import Article, Image, Label, Part, Priority, Problem, Publish, Removed, Teaser
from db.writing import clean

Form = dict[str, Any]


def without_nul(value: Any) -> Any:
    """The same plain value without NUL in any of its texts, keys included."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(name): without_nul(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without_nul(inner) for inner in value]
    return value


def image_form(image: Image | None) -> Form | None:
    """An image as a plain dictionary."""
    return asdict(image) if image else None


def image_of(form: Mapping[str, Any] | None) -> Image | None:
    """The image that ``image_form`` wrote."""
    return Image(**form) if form else None


def problems_form(problems: tuple[Problem, ...]) -> list[Form]:
    """Problems as plain dictionaries, in order."""
    return [asdict(problem) for problem in problems]


def problems_of(form: list[Form]) -> tuple[Problem, ...]:
    """The problems that ``problems_form`` wrote."""
    return tuple(Problem(**problem) for problem in form)


def parts_form(parts: tuple[Part, ...]) -> list[Form]:
    """A post's parts as plain dictionaries, in order, not a character changed."""
    return [asdict(part) | {"images": [asdict(image) for image in part.images]} for part in parts]


def parts_of(form: list[Form]) -> tuple[Part, ...]:
    """The parts that ``parts_form`` wrote; the post made of them has the fingerprint it had."""
    return tuple(Part(**part | {"images": tuple(Image(**image) for image in part.get("images", ()))}) for part in form)


def teaser_form(teaser: Teaser) -> Form:
    """A teaser's words as a plain dictionary, without what its row holds (id, channel, version, writer)."""
    form = asdict(teaser)
    for column in ("id", "channel", "version", "writer"):
        del form[column]
    form["image"] = image_form(teaser.image)
    return dict(without_nul(form))


def teaser_of(form: Mapping[str, Any], *, id: int, channel: str, version: int, writer: str) -> Teaser:
    """The teaser that ``teaser_form`` wrote, with what its row holds."""
    return Teaser(
        **dict(form)
        | {
            "label": Label(form["label"]),
            "hashtags": tuple(form["hashtags"]),
            "used": tuple(form["used"]),
            "by_hand": tuple(form.get("by_hand", ())),
            "image": image_of(form["image"]),
        },
        id=id,
        channel=channel,
        version=version,
        writer=writer,
    )


def article_form(article: Article) -> Form:
    """A story's content at one revision, as its source gave it, as a plain dictionary."""
    form = asdict(article)
    for column in ("id", "revision", "taken_in_at", "skipped_at"):
        del form[column]
    for moment in ("published_at", "modified_at", "embargo_at"):
        form[moment] = _moment_form(form[moment])
    form["card"] = dict(article.card)
    return dict(without_nul(form))


def article_of(form: Mapping[str, Any]) -> Article:
    """The article that ``article_form`` wrote; id and revision are the caller's to set."""
    return Article(
        **dict(form)
        | {
            "paragraphs": tuple(form["paragraphs"]),
            "authors": tuple(form["authors"]),
            "tags": tuple(form["tags"]),
            "flags": tuple(form["flags"]),
            "removed": tuple(Removed(**line) for line in form["removed"]),
            "label": Label(form["label"]),
            "priority": Priority(form["priority"]),
            "publish": Publish(form["publish"]) if form["publish"] else None,
            "image": image_of(form["image"]),
            "published_at": _moment_of(form["published_at"]),
            "modified_at": _moment_of(form["modified_at"]),
            "embargo_at": _moment_of(form["embargo_at"]),
        }
    )


def _moment_form(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"naive time {moment!r}: every time in the database is aware")
    return moment.astimezone(UTC).isoformat()


def _moment_of(form: str | None) -> datetime | None:
    return datetime.fromisoformat(form) if form else None
