"""Where a delivery stands, in one sentence for people: what it waits for, when it goes, what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.records import KnownBy, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.records import Delivery, Problem
    from desk.cli.moments import Times
    from desk.cli.opening import Desk
    from scheduler.newsroom import Changed

KNOWN = {KnownBy.ANSWERED: "", KnownBy.LOOKING: "found by looking", KnownBy.PERSON: "a person said so"}


def moment_of(one: Delivery, times: Times) -> str:
    """When something happens to it next, or happened last, in a few words."""
    from scheduler.sheet_told import when

    return when(one, times.show)


def tell_changed(desk: Desk, changed: Sequence[Changed]) -> None:
    """Says how each delivery stands after a verb, and what still stands in its way."""
    from desk.cli.forms import delivery_form, problem_form

    for one in changed:
        tell_delivery(desk, one.delivery, one.problems)
    tell_zone(desk, [one.delivery for one in changed])
    forms = [
        {**delivery_form(one.delivery, desk.times), "problems": [problem_form(problem) for problem in one.problems]}
        for one in changed
    ]
    desk.page.give(timezone=desk.times.name, deliveries=forms)


def tell_delivery(desk: Desk, one: Delivery, problems: Sequence[Problem] = ()) -> None:
    """One delivery's line: number, channel, state, moment; its reason and problems under it."""
    desk.page.say(f"d{one.id}  {one.channel}  {one.state}, {moment_of(one, desk.times)}")
    if one.wish is not None:
        desk.page.say(f"  wish: {one.wish}, as soon as it is known whether it is out")
    told = {problem.message for problem in problems}
    if one.reason and one.reason not in told:
        desk.page.say(f"  {one.reason}")
    for problem in problems:
        desk.page.say(f"  {'stops it' if problem.stops else 'note'}: {problem.message}")


def tell_zone(desk: Desk, shown: Sequence[Delivery]) -> None:
    """Names the zone under deliveries whose line shows a time."""
    if any(one.state not in (State.SENDING, State.UNSETTLED) for one in shown):
        desk.page.say(f"Times are in {desk.times.name}.")
