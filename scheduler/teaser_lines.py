"""Teasers for whoever pipes stories through us: a JSON object a line in, a JSON object a line out, in the same order.

In: ``id``, ``title``, ``body`` (paragraphs by line breaks) and where known ``byline``, ``url``, ``language``, ``dek``,
``label``; other names are left unread. Out: ``id``, ``summary``, ``x``, ``x_count``, ``facebook``, ``email_subject``,
``email_preheader``, ``removed`` (what was kept out, as kind and text); or ``id``, ``line``, ``error``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from db.records import Article, Label, Limits, Mode
from scheduler.intake.decoding import MAX_BYTES
from scheduler.intake.draft import Draft, finish, web_address
from scheduler.intake.errors import IntakeError
from scheduler.intake.labels import label_of
from templates.render import TemplateFault
from templates.style import Style
from templates.teaser import NoWords, choose, write_teaser

NEEDED = ("title", "body")
OPTIONAL = ("byline", "url", "language", "dek", "label")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the newsroom's settings say of teasers; without settings, their defaults."""

    folders: tuple[Path, ...] = ()
    max_hashtags: int = 2
    stop_list: frozenset[str] = frozenset()


class _BadLine(Exception):
    """A line that is no story; the text is the sentence."""


def lines_of(stream: BinaryIO) -> Iterator[bytes | None]:
    """The stream's lines as they come, without their ends; None for one longer than any story is.

    No more than one line is held, however long the stream or the line is.
    """
    while line := stream.readline(MAX_BYTES + 1):
        if len(line) <= MAX_BYTES:
            yield line
            continue
        while not line.endswith(b"\n") and (line := stream.readline(_CHUNK)):
            pass
        yield None


def answer(line: bytes | None, number: int, *, now: datetime, wishes: Wishes | None = None) -> dict[str, Any] | None:
    """The answer to one line, the ``number``-th of its stream; None for an empty one. Never raises."""
    if line is not None and not line.strip():
        return None
    known: dict[str, Any] = {}
    try:
        data = _read(line)
        known = {"id": _id(data)}
        return {**known, **_teasers(_article(data, now), wishes or Wishes())}
    except (_BadLine, IntakeError, NoWords, TemplateFault) as fault:
        sentence = str(fault)
    except Exception as fault:  # the lines after it are other people's stories
        sentence = f"Pressrun met a fault of its own ({type(fault).__name__}): tell its makers, with this line."
    return {"id": known.get("id"), "line": number, "error": sentence}


def encoded(form: dict[str, Any]) -> bytes:
    """One line of JSON in UTF-8; half a character that came in as an escape goes out as one."""
    return json.dumps(form, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _read(line: bytes | None) -> dict[str, Any]:
    if line is None:
        raise _BadLine(f"The line is longer than {MAX_BYTES / 1e6:.0f} MB, and no story is: send its text alone.")
    try:
        data = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _BadLine("The line is not UTF-8: write it in UTF-8.") from None
    except (ValueError, RecursionError):
        raise _BadLine("The line is not JSON: write one JSON object a line, without line breaks in it.") from None
    if not isinstance(data, dict):
        raise _BadLine("The line is no JSON object: write one object a line, in { }.")
    return data


def _id(data: dict[str, Any]) -> str | int:
    value = data.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _BadLine('It has no "id": give each story one, a text or a whole number.')
    return value


def _article(data: dict[str, Any], now: datetime) -> Article:
    """The story as intake reads it. Raises ``_BadLine``, ``IntakeError``."""
    for name in (*NEEDED, *OPTIONAL):
        value = data.get(name)
        if value is None and name in NEEDED:
            raise _BadLine(f'It has no "{name}": each story needs "id", "title" and "body".')
        if value is not None and not isinstance(value, str):
            raise _BadLine(f'Its "{name}" is no text: write it in quotation marks.')
    text = {name: data.get(name) or "" for name in (*NEEDED, *OPTIONAL)}
    label = label_of([text["label"]])
    if label is Label.NEWS and text["label"].strip().casefold() not in ("", Label.NEWS):
        raise _BadLine(f'Its "label" is not known: write {", ".join(Label)}, or leave it out.')
    if text["url"].strip() and web_address(text["url"]) is None:
        raise _BadLine('Its "url" is no web address: it should look like https://example.org/story.')
    draft = Draft(
        headline=text["title"],
        paragraphs=text["body"].splitlines(),
        url=text["url"],
        dek=text["dek"],
        authors=[text["byline"]],
        label=label,
        language=text["language"],
    )
    return finish(draft, source="teaser", now=now)


def _teasers(article: Article, wishes: Wishes) -> dict[str, Any]:
    limits, measures = _mouths()
    style = Style(
        channel="",
        kind="",
        folders=wishes.folders,
        link=article.url,
        max_hashtags=wishes.max_hashtags,
        stop_list=wishes.stop_list,
    )
    chosen = choose(article, style.summary_length, style.variant)
    x, facebook, email = (
        write_teaser(article, limits[kind], measures[kind], replace(style, channel=kind, kind=kind), chosen)
        for kind in ("x", "facebook", "email")
    )
    return {
        "summary": chosen.summary,
        "x": x.text,
        "x_count": measures["x"](x.text),
        "facebook": facebook.text,
        "email_subject": email.subject,
        "email_preheader": email.preheader,
        "removed": [{"kind": one.kind, "text": one.text} for one in article.removed],
    }


@lru_cache(maxsize=1)
def _mouths() -> tuple[dict[str, Limits], dict[str, Callable[[str], int]]]:
    """Each kind's limits and measure, from the channels themselves, built to think and not to speak."""
    from channels.facebook import FacebookChannel
    from channels.facebook_config import FacebookConfig
    from channels.x import XChannel
    from channels.x_config import XConfig

    nowhere = "http://127.0.0.1:9"  # RFC 863's discard port
    x = XChannel(
        XConfig(
            name="x",
            mode=Mode.REHEARSAL,
            consumer_key="",
            consumer_secret="",
            access_token="",
            access_token_secret="",
            base_url=nowhere,
        )
    )
    facebook = FacebookChannel(
        FacebookConfig(name="facebook", mode=Mode.REHEARSAL, page_id="", token="", base_url=nowhere)
    )
    # An inbox sets no limit to the text; subject and preheader have theirs in the style.
    limits = {"x": x.limits, "facebook": facebook.limits, "email": replace(facebook.limits, kind="email")}
    return limits, {"x": x.measure, "facebook": facebook.measure, "email": len}
