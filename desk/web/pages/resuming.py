"""Ending a stop without a burst: what would become of each post that it held, and a person's own word for single ones."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi.responses import Response

from db import articles
from db.records import SubjectKind
from desk.web.door.visitor import Visitor
from scheduler import newsroom
from scheduler.newsroom import Reach, Refused, Resumption, Way

MOST = 100
"""For so many posts the page asks one by one; what is beyond them goes as proposed."""
_FIELD = "way-"


def proposal_page(
    visitor: Visitor, reach: Reach, ways: Mapping[int, Way] | None = None, *, title: str, to: str, leave: str
) -> Response:
    """The proposal of ending the stop on ``reach``, with a choice for each post; ``to`` is where it is agreed to.

    ``ways`` are what has been chosen so far, ``leave`` the page of those who leave the stop as it is. Where no
    person's stop lies there any more, the way leads to ``leave``.
    """
    try:
        found = newsroom.propose(visitor.app, reach, ways)
    except Refused:
        if ways:
            raise
        return visitor.go(leave)  # somebody has just ended it, and the page that was open looks again
    shown = sorted(found.proposals, key=lambda one: (one.delivery.due_at, one.delivery.id))
    numbers = {one.delivery.subject_id for one in shown if one.delivery.subject_kind is SubjectKind.ARTICLE}
    with visitor.app.ground.reading() as tx:
        headlines = {one.id: one.headline for one in articles.several(tx, sorted(numbers))}
    return visitor.page(
        "resume.html",
        {
            "title": title,
            "found": found,
            "shown": shown[:MOST],
            "beyond": len(shown) - MOST,
            "headlines": headlines,
            "ways": ways or {},
            "choices": [way.value for way in Way],
            "to": to,
            "leave": leave,
            "section": str(visitor.form.get("section", "")) or visitor.request.query_params.get("section", ""),
            "why": str(visitor.form.get("why", "")),
        },
    )


def asked_ways(visitor: Visitor) -> dict[int, Way]:
    """The way that the form names for single deliveries, by number. Raises ``Refused`` for one that there is not."""
    ways = {}
    for name, said in visitor.form.items():
        number = name.removeprefix(_FIELD)
        if number == name or not said:
            continue
        if not (number.isdecimal() and len(number) < 19) or str(said) not in list(Way):
            raise Refused("no delivery was named; reload the page and try again")
        ways[int(number)] = Way(str(said))
    return ways


def agreed(visitor: Visitor, reach: Reach) -> Resumption:
    """Ends the stop as the form says, and what it did."""
    return newsroom.resume(
        visitor.app,
        reach,
        actor=visitor.actor,
        ways=asked_ways(visitor),
        reason=str(visitor.form.get("why", "")).strip(),
    )
