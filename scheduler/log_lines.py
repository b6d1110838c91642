"""Log lines for machines: one JSON object a line, what happened to which delivery, and what went wrong. No secrets.

Every line has ``time``, ``level`` (info, warning, error), ``event`` and ``message``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, TextIO

from channels.masking import Mask
from db.happenings import Happening
from db.records import State, SubjectKind

_WARNS = frozenset({State.UNCERTAIN, State.EXPIRED})
_ERRS = frozenset({State.FAILED, State.UNSETTLED, State.UNKNOWN})


class LogLines:
    """Writes to a stream, a whole line at a time, from any thread."""

    def __init__(self, out: TextIO, now: Callable[[], datetime], secrets: tuple[str, ...] = ()) -> None:
        self._out, self._now, self._lock, self._mask = out, now, threading.Lock(), Mask(secrets)

    def hear(self, happening: object) -> None:
        """For ``Ground.hear``."""
        if isinstance(happening, Happening):
            self.write(**line_of(happening))

    def trouble(self, sentence: str) -> None:
        """For ``App.trouble``."""
        self.write("error", "trouble", sentence)

    def say(self, event: str, sentence: str) -> None:
        """What is no trouble: that work began, or ended."""
        self.write("info", event, sentence)

    def write(self, level: str, event: str, message: str, **ids: Any) -> None:
        """One line. Never raises: whoever works is not stopped by a log that cannot be written."""
        line = {"time": self._now().isoformat(), "level": level, "event": event, "message": message, **ids}
        text = self._mask(json.dumps(line, ensure_ascii=False))
        try:
            with self._lock:
                self._out.write(f"{text}\n")
                self._out.flush()
        except (OSError, ValueError):
            pass


def line_of(one: Happening) -> dict[str, Any]:
    """The fields of one event's line, ``time`` excepted. Pure."""
    delivery = one.delivery
    level = "error" if delivery.state in _ERRS else "warning" if delivery.state in _WARNS else "info"
    was = f" (was {one.before})" if one.before not in (None, delivery.state) else ""
    return {
        "level": level,
        "event": f"delivery.{one.event}",
        "message": f"d{delivery.id} on {delivery.channel}: {one.event}{was}",
        "delivery": delivery.id,
        "story": delivery.subject_id if delivery.subject_kind is SubjectKind.ARTICLE else None,
        "channel": delivery.channel,
        "mode": delivery.mode.value,
        "state": delivery.state.value,
        "was": one.before.value if one.before else None,
        "version": delivery.version,
        "by": one.actor,
        "reason": one.reason,
        "event_id": one.event_id,
    }
