"""What the desk is told, as words for people and as JSON for machines. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.notices import Notice
from db.records import Cause, Mode

SAFETY = "safety"
"""The cause of the notice that Pressrun does nothing at all: the clock or the database cannot be believed."""

_STOPS = frozenset({str(Cause.UNAUTHORIZED), str(Cause.BREAKER)})


class Kind(StrEnum):
    """Why the desk is told: something needs a person, its cause is gone, or the day's line."""

    RAISED = "raised"
    OVER = "over"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell. ``key`` names it for life, so that nobody is told it twice on the same way.

    ``details`` are lines that stand under the sentence in a mail.
    """

    key: str
    kind: Kind
    sentence: str
    remedy: str = ""
    cause: str = ""
    since_at: datetime | None = None
    details: tuple[str, ...] = ()


def raised(notice: Notice) -> Message:
    """A notice that stands."""
    return Message(
        f"notice {notice.id}", Kind.RAISED, notice.sentence, notice.remedy, notice.cause_key, notice.since_at
    )


def over(notice: Notice) -> Message:
    """A notice whose cause is gone."""
    return Message(
        f"notice {notice.id} over", Kind.OVER, _good_news(notice), cause=notice.cause_key, since_at=notice.since_at
    )


def _good_news(notice: Notice) -> str:
    kind, _, rest = notice.cause_key.partition(" ")
    if kind in _STOPS:
        return f"{rest.partition(' ')[2]} goes again"
    if notice.cause_key == SAFETY:
        return "Pressrun goes again"
    return f"settled: {notice.sentence}"


def subject_of(messages: Sequence[Message], mode: Mode) -> str:
    """The subject line of a mail that tells these."""
    mark = "[Pressrun]" if mode is Mode.LIVE else f"[Pressrun {mode}]"
    more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
    return f"{mark} {messages[0].sentence}{more}"


def text_of(messages: Sequence[Message], newsroom: str) -> str:
    """The mail's text: each thing with what to do about it."""
    told = []
    for message in messages:
        lines = [message.sentence]
        if message.remedy:
            lines.append(f"  What to do: {message.remedy}")
        lines += ["", *message.details] if message.details else []
        told.append("\n".join(lines))
    told.append(f"-- \nPressrun at {newsroom}. All that needs a person: pressrun doctor")
    return "\n\n".join(told) + "\n"


def json_of(message: Message, newsroom: str, mode: Mode) -> bytes:
    """The webhook's body. ``text`` repeats sentence and remedy, since that is the field chat hooks show."""
    content = {
        "key": message.key,
        "kind": message.kind,
        "newsroom": newsroom,
        "mode": mode,
        "cause": message.cause,
        "sentence": message.sentence,
        "remedy": message.remedy,
        "since_at": message.since_at.isoformat() if message.since_at else None,
        "text": f"{message.sentence} ({message.remedy})" if message.remedy else message.sentence,
    }
    return json.dumps(content, ensure_ascii=False).encode()
