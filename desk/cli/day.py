"""The day's sheet on paper: what a run did, what it cost, what needs a person, what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db.claims import Refusal
    from desk.cli.opening import Desk
    from scheduler.sheet import Sheet


def tell_sheet(desk: Desk, sheet: Sheet, refusal: Refusal | None) -> None:
    """Prints the sheet; ``refusal`` is what keeps everything from being sent, if anything does."""
    from scheduler.sheet_told import sheet_told

    page, times = desk.page, desk.times
    page.say("")
    for line in sheet_told(sheet, refusal, times.show, times.name):
        if line.startswith("    "):
            page.verbatim(line)  # unwrapped, so that it can be copied
        else:
            page.say(line)


def sheet_form(desk: Desk, sheet: Sheet, refusal: Refusal | None) -> dict[str, Any]:
    """The sheet for programs."""
    from desk.cli.forms import delivery_form, dollars

    times = desk.times
    counts = ("sent", "found", "said", "failed", "held", "expired", "cancelled", "unsettled")
    return {
        "since_at": times.iso(sheet.since_at),
        **{name: getattr(sheet, name) for name in counts},
        "spent_usd": {name: dollars(money) for name, money in sheet.spent.items()},
        "news": sheet.news,
        "refusal": refusal.sentence if refusal else None,
        "notices": [
            {"sentence": one.sentence, "remedy": one.remedy, "since_at": times.iso(one.since_at)}
            for one in sheet.notices
        ],
        "fresh_files": sheet.fresh,
        "waiting": [delivery_form(one, times) for one in sheet.waiting],
        "ahead": [delivery_form(one, times) for one in sheet.ahead],
    }
