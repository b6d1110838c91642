"""The log's filters as they stand in the address bar: read, checked, and written back. So a view can be shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from db.log_view import LogFilter, LogOrder, PageMark
from db.records import Mode, State
from desk.cli.moments import NotATime
from desk.web.page_marks import mark_of

NAMES = ("text", "story", "channel", "state", "cause", "by", "since", "until", "mode", "order")
WRONG = (State.FAILED, State.UNCERTAIN, State.UNSETTLED, State.EXPIRED, State.UNKNOWN)
"""What "went wrong" means among the choices of states."""
ALL_WRONG = "wrong"
_MOST_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for. ``given`` are the words as they stand there, ``faults`` what of it means nothing."""

    wanted: LogFilter
    order: LogOrder
    after: PageMark | None
    given: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict)

    def address(self, path: str = "/log", **changes: str | None) -> str:
        """The same view with some words changed; None leaves one out. Without a word of its own it begins at the top."""
        words = {name: value for name, value in {**self.given, **changes}.items() if value}
        return f"{path}?{urlencode(words)}" if words else path


def asked(query: QueryParams, read_moment: Callable[[str], datetime]) -> Asked:
    """The filters of an address. What cannot be understood is left out and told."""
    given = {name: query.get(name, "").strip()[:_MOST_LETTERS] for name in NAMES}
    faults: dict[str, str] = {}

    def moment(name: str) -> datetime | None:
        if not given[name]:
            return None
        try:
            return read_moment(given[name])
        except NotATime as fault:
            faults[name] = str(fault)
            return None

    story = given["story"].lstrip("#")
    if story and not (story.isdecimal() and len(story) <= 18):
        faults["story"] = story
        story = ""
    words = [one for one in query.getlist("state") if one]
    states = {state for one in words for state in (WRONG if one == ALL_WRONG else [one])}
    if not states <= set(State):
        faults["state"] = ", ".join(words)
        states = set()
    order = LogOrder.NEWEST
    if given["order"] in set(LogOrder):
        order = LogOrder(given["order"])
    elif given["order"]:
        faults["order"] = given["order"]
    mode = given["mode"] if given["mode"] in set(Mode) else ""
    wanted = LogFilter(
        story=int(story) if story else None,
        channel=given["channel"] or None,
        states=[State(one) for one in states],
        by_whom=given["by"] or None,
        since=moment("since"),
        until=moment("until"),
        text=given["text"],
        cause=given["cause"],
        mode=Mode(mode) if mode else None,
    )
    return Asked(wanted, order, mark_of(query.get("after", ""), order), given, faults)
