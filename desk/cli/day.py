"""The day's sheet on paper: what a run did, what it cost, what needs a person, what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db.claims import Refusal
    from desk.cli.opening import Desk
    from scheduler.sheet import Sheet

MOST_AHEAD = 20


def tell_sheet(desk: Desk, sheet: Sheet, refusal: Refusal | None) -> None:
    """Prints the sheet; ``refusal`` is what keeps everything from being sent, if anything does."""
    page, times = desk.page, desk.times
    page.say("", f"The day's sheet, since {times.show(sheet.since_at)} {times.name}")
    known = [f"{sheet.found} found by looking"] if sheet.found else []
    known += [f"{sheet.said} because a person said so"] if sheet.said else []
    page.say(f"  sent       {sheet.sent}" + (f"  ({', '.join(known)})" if known else ""))
    for name in ("failed", "expired", "cancelled", "unsettled"):
        if number := getattr(sheet, name):
            page.say(f"  {name:<10} {number}")
    if sheet.held:
        page.say(f"  waiting    {sheet.held}  (for a person's yes)")
    spent = ", ".join(f"{name} {money}" for name, money in sheet.spent.items()) or "nothing"
    page.say(f"  spent      {spent} today")
    _tell_needs(desk, sheet, refusal)
    _tell_ahead(desk, sheet)


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
        "waiting": [delivery_form(one, times) for one in sheet.waiting],
        "ahead": [delivery_form(one, times) for one in sheet.ahead],
    }


def _tell_needs(desk: Desk, sheet: Sheet, refusal: Refusal | None) -> None:
    page = desk.page
    if not (sheet.waiting or sheet.notices or refusal):
        page.say("Nothing needs a person.")
        return
    page.say("", "Needs a person:")
    if refusal is not None:
        page.say(f"  Nothing is sent: {refusal.sentence}")
    for notice in sheet.notices:
        page.say(f"  {notice.sentence}")
        page.verbatim(f"    {notice.remedy}")  # unwrapped, so that it can be copied
    if sheet.waiting:
        count = "1 post waits" if len(sheet.waiting) == 1 else f"{len(sheet.waiting)} posts wait"
        page.say(f"  {count} for a yes", "    pressrun doctor")


def _tell_ahead(desk: Desk, sheet: Sheet) -> None:
    from desk.cli.standing_words import moment_of

    if not sheet.ahead:
        return
    desk.page.say("", "To come:")
    for one in sheet.ahead[:MOST_AHEAD]:
        what = f"story {one.subject_id}" if one.subject_kind == "article" else f"{one.subject_kind} {one.subject_id}"
        desk.page.say(f"  d{one.id}  {one.channel}  {what}  {moment_of(one, desk.times)}")
    if len(sheet.ahead) > MOST_AHEAD:
        desk.page.say(f"  and {len(sheet.ahead) - MOST_AHEAD} more: pressrun queue")
