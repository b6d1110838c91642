"""The page on which a reader chooses: sections by frequency, a pause, quiet hours, zone. Works without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from channels.email.links import BadToken
from db.records import EVERY_OTHER, Choices, Frequency, same_language, section_key
from db.session import GroundLost
from desk.web.public import PublicDoor, read_fields
from scheduler import choosing
from scheduler.choosing import PAUSES, NoSubscription, Standing
from scheduler.public_lists import PublicList
from templates.public_pages import ChoicesForm, Link, Option, SectionTicks, ZoneArea
from templates.public_words import day_words, own_name

MOST_ALERTS = 10
KEEP = "keep"
_AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


class NotOffered(ValueError):
    """A form that asks for what its page does not offer; ``word`` names the sentence that says so."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def choices_routes(door: PublicDoor) -> APIRouter:
    """The routes under ``/p/``: the same link as the one to leave leads here, too."""
    routes = APIRouter()

    @routes.api_route("/p/{token}", methods=["GET", "HEAD"], include_in_schema=False)
    def shown(token: str) -> HTMLResponse:
        """What is chosen now."""
        return _answered(door, token, None)

    @routes.post("/p/{token}", include_in_schema=False)
    async def saved(token: str, request: Request) -> HTMLResponse:
        """Replaces what is chosen."""
        return await run_in_threadpool(_answered, door, token, await read_fields(request))

    return routes


def read_choices(said: Mapping[str, Sequence[str]], to: PublicList, before: Choices, now: datetime) -> Choices:
    """What a form asks for, on top of what was chosen before. Pure. Raises ``NotOffered``."""
    fields = {name: values[-1].strip() for name, values in said.items() if values}
    chosen = replace(
        before,
        sections=_sections(said, to, before),
        zone=_zone(fields.get("zone", "")),
        language=_language(fields.get("language", ""), to) if to.languages else before.language,
        alerts_a_day=_cap(fields.get("alerts", "")) if Frequency.IMMEDIATE in to.frequencies else before.alerts_a_day,
        paused_until=_pause(fields.get("pause", KEEP), before, now),
    )
    start, end = _wall(fields.get("quiet_from", "")), _wall(fields.get("quiet_until", ""))
    if (start is None) != (end is None) or (start is not None and start == end):
        raise NotOffered("bad_quiet")
    return replace(chosen, quiet_start=start, quiet_end=end)


def choices_form(
    door: PublicDoor, token: str, to: PublicList, now_chosen: Standing, *, told: str = "", fault: str = ""
) -> ChoicesForm:
    """What the page shows."""
    words, chosen, now = door.words(to), now_chosen.choices, door.now()
    paused = ""
    if chosen.paused_until is not None and chosen.paused(now):
        until = chosen.paused_until.astimezone(ZoneInfo(chosen.zone or to.zone)).date()
        paused = words["paused"].format(day=day_words(until, words))
    keep = [Option(KEEP, words["pause_keep"], on=True)] if paused else []
    pauses = [*keep, Option("", words["pause_none"], on=not paused)]
    pauses += [Option(str(days), words["pause_days"].format(days=days)) for days in PAUSES]
    caps = []
    if Frequency.IMMEDIATE in to.frequencies:
        caps = [Option("", words["no_cap"], on=chosen.alerts_a_day is None)]
        caps += [
            Option(str(most), words["cap"].format(number=most), on=chosen.alerts_a_day == most)
            for most in range(1, MOST_ALERTS + 1)
        ]
    languages = []
    if to.languages:
        theirs = next((one for one in to.languages if chosen.language and same_language(one, chosen.language)), "")
        languages = [Option("", words["every_language"], on=not theirs)]
        languages += [Option(one, own_name(one), on=one == theirs) for one in to.languages]
    return ChoicesForm(
        address=now_chosen.address,
        here=f"/p/{token}",
        leave=f"/u/{token}",
        our_zone=to.zone,
        told=told,
        fault=fault,
        paused=paused,
        quiet_from=f"{chosen.quiet_start:%H:%M}" if chosen.quiet_start is not None else "",
        quiet_until=f"{chosen.quiet_end:%H:%M}" if chosen.quiet_end is not None else "",
        sections=_ticks(to, chosen, words),
        caps=caps,
        languages=languages,
        pauses=pauses,
        zones=_zones(chosen.zone),
    )


def _answered(door: PublicDoor, token: str, said: Mapping[str, Sequence[str]] | None) -> HTMLResponse:
    keys = door.joining.keys
    try:
        now_chosen = choosing.standing(door.ground, token, keys)
    except BadToken:
        return door.message("broken", status=404)
    except NoSubscription as gone:
        to = door.named(str(gone))
        links = (Link(f"/n/{to.slug}", door.words(to)["subscribe"]),) if to.slug else ()
        return door.message("gone", to, status=410, links=links)
    except GroundLost:
        return door.message("later", status=503)
    to = door.named(now_chosen.list_name)
    words = door.words(to)
    told, fault, status = "", "", 200
    if said is not None:
        try:
            chosen = read_choices(said, to, now_chosen.choices, door.now())
            choosing.choose(door.ground, token, chosen, keys=keys, now=door.now())
            now_chosen, told = replace(now_chosen, choices=chosen), words["saved"]
        except NotOffered as wrong:
            fault, status = words[wrong.word], 422
        except NoSubscription:
            return door.message("gone", to, status=410)
        except GroundLost:
            return door.message("later", to, status=503)
    page = door.pages.choices(door.frame(to), choices_form(door, token, to, now_chosen, told=told, fault=fault))
    return door.html(page, status=status)


def rows_of(to: PublicList) -> list[str]:
    """The sections a reader chooses among, ``EVERY_OTHER`` last; none where the newsletter comes in one way only."""
    if not to.sections and len(to.frequencies) < 2:
        return []
    return [*to.sections, EVERY_OTHER]


def _ticks(to: PublicList, chosen: Choices, words: Mapping[str, str]) -> list[SectionTicks]:
    last = words["every_other"] if to.sections else words["every"]
    return [
        SectionTicks(
            f"s{number}",
            section or last,
            [
                Option(one.value, words[one.value], on=chosen.wants(section, one, usual=to.usual))
                for one in to.frequencies
            ],
        )
        for number, section in enumerate(rows_of(to))
    ]


def _sections(said: Mapping[str, Sequence[str]], to: PublicList, before: Choices) -> Mapping[str, frozenset[Frequency]]:
    """What is ticked; a section like every other is not named, and what comes as usual is no choice at all.

    What was chosen of sections that the page does not show stays.
    """
    rows = rows_of(to)
    if not rows:
        return before.sections
    ticked: dict[str, frozenset[Frequency]] = {}
    for number, section in enumerate(rows):
        asked = frozenset(said.get(f"s{number}", ()))
        if not asked <= {one.value for one in to.frequencies}:
            raise NotOffered("bad_choice")
        ticked[section_key(section)] = frozenset(Frequency(one) for one in asked) or frozenset({Frequency.NEVER})
    shown = {section_key(section) for section in rows}
    every = ticked[EVERY_OTHER]
    found = {section: had for section, had in before.sections.items() if section not in shown}
    found |= {section: had for section, had in ticked.items() if section != EVERY_OTHER and had != every}
    return found if not found and every == to.usual else {**found, EVERY_OTHER: every}


def _pause(asked: str, before: Choices, now: datetime) -> datetime | None:
    if asked == KEEP:
        return before.paused_until
    if not asked:
        return None
    if asked not in {str(days) for days in PAUSES}:
        raise NotOffered("bad_choice")
    return now + timedelta(days=int(asked))


def _cap(asked: str) -> int | None:
    if not asked:
        return None
    if asked not in {str(most) for most in range(1, MOST_ALERTS + 1)}:
        raise NotOffered("bad_choice")
    return int(asked)


def _language(asked: str, to: PublicList) -> str:
    if asked and asked not in to.languages:
        raise NotOffered("bad_choice")
    return asked


def _zone(asked: str) -> str:
    if asked and asked not in _known_zones():
        raise NotOffered("bad_choice")
    return asked


def _wall(asked: str) -> time | None:
    if not asked:
        return None
    try:
        return time.fromisoformat(asked).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise NotOffered("bad_quiet") from None


@cache
def _known_zones() -> frozenset[str]:
    return frozenset(one for one in available_timezones() if one.split("/")[0] in _AREAS or one == "UTC")


@cache
def _by_area() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((area, tuple(sorted(one for one in _known_zones() if one.startswith(f"{area}/")))) for area in _AREAS)


def _zones(chosen: str) -> list[ZoneArea]:
    areas = [
        ZoneArea(
            area,
            [Option(one, one.partition("/")[2].replace("_", " "), on=one == chosen) for one in zones],
        )
        for area, zones in _by_area()
    ]
    return [*areas, ZoneArea("UTC", [Option("UTC", "UTC", on=chosen == "UTC")])]
