"""The day's sheet in words, for the terminal and for the desk's mail alike. Pure.

Lines that begin with four blanks are commands to be copied: they are never wrapped.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from db.claims import Refusal
from db.records import Delivery, State
from scheduler.sheet import Sheet

MOST_AHEAD = 20


def sheet_told(sheet: Sheet, refusal: Refusal | None, show: Callable[[datetime | None], str], zone: str) -> list[str]:
    """The sheet line by line; ``show`` tells a moment in ``zone``, ``refusal`` is what keeps everything from going."""
    known = [f"{sheet.found} found by looking"] if sheet.found else []
    known += [f"{sheet.said} because a person said so"] if sheet.said else []
    lines = [f"The day's sheet, since {show(sheet.since_at)} {zone}"]
    lines.append(f"  sent       {sheet.sent}" + (f"  ({', '.join(known)})" if known else ""))
    for name in ("failed", "expired", "cancelled", "unsettled"):
        if number := getattr(sheet, name):
            lines.append(f"  {name:<10} {number}")
    if sheet.held:
        lines.append(f"  waiting    {sheet.held}  (for a person's yes)")
    spent = ", ".join(f"{name} {money}" for name, money in sheet.spent.items()) or "nothing"
    lines.append(f"  spent      {spent} today")
    return lines + _needs(sheet, refusal) + _ahead(sheet, show) + _fresh(sheet)


def when(one: Delivery, show: Callable[[datetime | None], str]) -> str:
    """When something happens to a delivery next, or happened last, in a few words."""
    match one.state:
        case State.PLANNED:
            return f"goes {show(one.next_at)}"
        case State.WAITING:
            return f"goes stale {show(one.latest_at)}" if one.latest_at is not None else "never goes stale"
        case State.UNCERTAIN:
            return f"looks {show(one.look_at)}" if one.look_at is not None else "will be looked for"
        case State.SENDING:
            return "is being sent"
        case State.UNSETTLED:
            return "only a person can say"
    return f"since {show(one.updated_at)}"


def _needs(sheet: Sheet, refusal: Refusal | None) -> list[str]:
    if not (sheet.waiting or sheet.notices or refusal):
        return ["Nothing needs a person."]
    lines = ["", "Needs a person:"]
    if refusal is not None:
        lines.append(f"  Nothing is sent: {refusal.sentence}")
    for notice in sheet.notices:
        lines += [f"  {notice.sentence}", f"    {notice.remedy}"]
    if sheet.waiting:
        count = "1 post waits" if len(sheet.waiting) == 1 else f"{len(sheet.waiting)} posts wait"
        lines += [f"  {count} for a yes", "    pressrun doctor"]
    return lines


def _ahead(sheet: Sheet, show: Callable[[datetime | None], str]) -> list[str]:
    if not sheet.ahead:
        return []
    lines = ["", "To come:"]
    for one in sheet.ahead[:MOST_AHEAD]:
        what = f"story {one.subject_id}" if one.subject_kind == "article" else f"{one.subject_kind} {one.subject_id}"
        lines.append(f"  d{one.id}  {one.channel}  {what}  {when(one, show)}")
    if len(sheet.ahead) > MOST_AHEAD:
        lines.append(f"  and {len(sheet.ahead) - MOST_AHEAD} more: pressrun queue")
    return lines


def _fresh(sheet: Sheet) -> list[str]:
    """What lies in a folder and was not read yet: nobody has to do a thing, but it did not go either."""
    return [
        f"1 file in {name} is fresh, perhaps half written: the next run reads it."
        if number == 1
        else f"{number:,} files in {name} are fresh, perhaps half written: the next run reads them."
        for name, number in sheet.fresh.items()
    ]
