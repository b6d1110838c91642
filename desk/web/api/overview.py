"""What a program may read over all channels: the calendar, the reports, and who did what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from db import audit, log
from db.log import LogRow
from db.records import Mode
from desk.cli.forms import dollars, log_row_form
from desk.shapes.overview import (
    Audit,
    Calendar,
    CauseForm,
    DayForm,
    DayTallyForm,
    GrowthForm,
    IssueTallyForm,
    LatenessForm,
    Reports,
    SpendForm,
)
from desk.web.api.caller import Auditing, Call, Reading
from desk.web.api.fields import Before, Limit, Moment, Words
from desk.web.api.problems import Problem
from desk.web.api.routes import ReadRoute
from desk.web.looking_back import look_back
from desk.web.periods import LIMITS
from scheduler.agenda import Day, agenda

overview = APIRouter(route_class=ReadRoute)
MOST_DAYS, MOST_BACK = 42, 366
MOST_DELIVERIES = 1_500


@overview.get("/calendar", tags=["newsroom"])
def calendar(
    call: Reading,
    first: Annotated[date | None, Query(description="The first day; without it today.")] = None,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 7,
    channel: Words | None = None,
) -> Calendar:
    """What went and what is to go, day by day, with the slots that are still free; of all channels or one."""
    began = first or call.times.now.astimezone(call.times.zone).date()
    if not 1990 <= began.year < 2100:
        raise Problem(422, "not-understood", "first: a day between 1990 and 2100.")
    found = agenda(call.app, began, days, channel=channel, most=MOST_DELIVERIES)
    with call.app.ground.reading() as tx:
        rows = log.rows_of(tx, [entry.post.id for one in found.days for entry in one.entries])
    by_number = {row.delivery.id: row for row in rows}
    return {"timezone": call.times.name, "days": [_day(call, one, by_number) for one in found.days], "cut": found.cut}


@overview.get("/reports", tags=["newsroom"])
def reports(
    call: Reading,
    days: Annotated[int, Query(ge=1, le=MOST_BACK, description="How many days to look back over.")] = 30,
    mode: Mode | None = None,
) -> Reports:
    """Deliveries by day, channel and outcome; lateness; causes; spend by month; readers by week; the newest issues."""
    times = call.times
    chosen = mode or next(iter(call.app.modes()), Mode.REHEARSAL)
    seen = look_back(call.app, times.now.astimezone(times.zone).date(), chosen, days)
    steps = [*(int(limit.total_seconds() // 60) for limit in LIMITS), None]
    return {
        "timezone": times.name,
        "mode": chosen,
        "since": seen.days[0][0].isoformat(),
        "days": [
            DayTallyForm(
                date=seen.days[one.span][0].isoformat(),
                channel=one.channel,
                state=one.state,
                known_by=one.known_by,
                deliveries=one.count,
            )
            for one in seen.by_day
        ],
        "lateness": [
            LatenessForm(channel=one.channel, within_minutes=minutes, posts=posts)
            for one in seen.late
            for minutes, posts in zip(steps, one.steps, strict=True)
        ],
        "causes": [
            CauseForm(
                channel=one.channel,
                outcome=one.outcome,
                code=one.code,
                sentence=one.sentence,
                tries=one.count,
                last_at=times.iso(one.last_at),
            )
            for one in seen.causes
        ],
        "spend": [
            SpendForm(month=f"{seen.months[number][0]:%Y-%m}", channel=channel, usd=dollars(money))
            for (number, channel), money in sorted(seen.spent.items())
        ],
        "readers": [
            GrowthForm(monday=monday.isoformat(), came=came, went=went)
            for (monday, _), (came, went) in zip(seen.weeks, seen.readers, strict=True)
        ],
        "issues": [
            IssueTallyForm(
                delivery=one.delivery_id,
                newsletter=one.channel,
                window=one.window,
                cut_at=times.iso(one.cut_at),
                sent=one.sent,
                refused=one.refused,
                unknown=one.unknown,
                excluded=one.excluded,
                open=one.open,
                bounced=one.bounced,
                complained=one.complained,
                left=one.left,
            )
            for one in seen.issues
        ],
    }


@overview.get("/audit", tags=["people"])
def deeds(
    call: Auditing,
    who: Words | None = None,
    did: Words | None = None,
    text: Words = "",
    since: Moment | None = None,
    until: Moment | None = None,
    before: Before = None,
    limit: Limit = 50,
) -> Audit:
    """Who did what, the last first; `text` is words of the subject, the reason, or what was there before or after."""
    with call.app.ground.reading() as tx:
        found = audit.rows(
            tx,
            actor=who,
            verb=did,
            text=text,
            since=call.moment(since, past=True) if since else None,
            until=call.moment(until, past=True) if until else None,
            limit=limit + 1,
            before_id=before,
        )
    more, found = len(found) > limit, found[:limit]
    return {
        "timezone": call.times.name,
        "audit": [
            {
                "line": one.id,
                "at": call.times.iso(one.at),
                "by": one.actor,
                "did": one.verb,
                "subject": one.subject,
                "why": one.reason,
                "before": one.before,
                "after": one.after,
            }
            for one in found
        ],
        "next": found[-1].id if more else None,
    }


def _day(call: Call, one: Day, rows: Mapping[int, LogRow]) -> DayForm:
    return {
        "date": one.date.isoformat(),
        "shift_minutes": int(one.shift.total_seconds() // 60),
        "closed": list(one.closed),
        "quiet_hours": [hour.hour for hour in one.hours if hour.quiet],
        "deliveries": [
            {**log_row_form(rows[entry.post.id], call.times), "movable": entry.movable} for entry in one.entries
        ],
        "free": [{"channel": slot.channel, "at": call.times.iso(slot.at)} for slot in one.free],
    }
