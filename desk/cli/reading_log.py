"""``pressrun log``: every delivery, or the matrix story by channel, as a table, JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from db.records import Mode, State
from desk.cli.log_format import Format
from desk.cli.options import AsJson, SettingsFile, WrongUsage

if TYPE_CHECKING:
    from db.log import LogRow
    from db.log_view import LogFilter
    from desk.cli.opening import Desk

SHOWN = 50
PAGE = 500


class By(StrEnum):
    """What the log's rows are."""

    STORY = "story"


def log(
    story: Annotated[
        str | None, typer.Option("--story", metavar="S", help="Only this story: number, 'latest' or words.")
    ] = None,
    channel: Annotated[str | None, typer.Option("--channel", metavar="C", help="Only this channel.")] = None,
    state: Annotated[
        list[State] | None,
        typer.Option("--state", metavar="S", help="Only this state, such as sent or waiting; may be repeated."),
    ] = None,
    by_whom: Annotated[
        str | None, typer.Option("--by-whom", metavar="W", help="Only what this person ordered or approved.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="T", help="Promised for this time or later: monday, 2h …")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="T", help="Promised for before this time.")] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="Q", help="Words that its text or headline holds.")
    ] = None,
    cause: Annotated[
        str | None,
        typer.Option("--cause", metavar="K", help="Only what failed for this: a platform's code or outcome."),
    ] = None,
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help="What was rehearsed; without it what is live, once anything is.")
    ] = False,
    by: Annotated[
        By | None, typer.Option("--by", help="The matrix: what became of each story on each channel.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="The most rows; a table shows 50, others all.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TABLE,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Answer where a story went, what exactly was said, who ordered it, and whether it arrived.

      The newest comes first. Times are meant and shown in the newsroom's zone. CSV opens right in a spreadsheet.

      \b
      Examples:
        pressrun log --story latest
        pressrun log --channel x-main --state failed --since monday
        pressrun log --cause 187 --channel x-main
    pressrun log --by story
        pressrun log --since 2026-09-01 --format csv > september.csv
    """
    from desk.cli.matrix import print_matrix
    from desk.cli.opening import opened

    if as_json:
        format = Format.JSON
    asked = {
        "--channel": channel,
        "--state": state,
        "--by-whom": by_whom,
        "--until": until,
        "--text": text,
        "--cause": cause,
    }
    if by is By.STORY and (given := [name for name, value in asked.items() if value]):
        raise WrongUsage(f"--by story goes with --story and --since only: leave {', '.join(given)} out.")
    with opened(settings, as_json=format is Format.JSON, as_csv=format is Format.CSV) as desk:
        wanted = _filter(desk, story, channel, state or [], by_whom, since, until, text, cause, rehearsal)
        if by is By.STORY:
            print_matrix(desk, wanted, format, limit)
        elif format is Format.CSV:
            _print_csv(desk, wanted, limit)
        elif format is Format.JSON:
            _print_json(desk, wanted, limit)
        else:
            _print_table(desk, wanted, limit or SHOWN)
    return 0


def _filter(
    desk: Desk,
    story: str | None,
    channel: str | None,
    states: list[State],
    by_whom: str | None,
    since: str | None,
    until: str | None,
    text: str | None,
    cause: str | None,
    rehearsal: bool,
) -> LogFilter:
    from db.log_view import LogFilter
    from desk.cli.naming import find_story
    from desk.cli.opening import read_moment

    return LogFilter(
        story=find_story(desk, story).id if story is not None else None,
        channel=channel,
        states=tuple(states),
        by_whom=by_whom,
        since=read_moment(desk, since, past=True) if since is not None else None,
        until=read_moment(desk, until, past=True) if until is not None else None,
        text=text or "",
        cause=cause or "",
        mode=_mode(desk, rehearsal),
    )


def _mode(desk: Desk, rehearsal: bool) -> Mode:
    """Live, once anything is or was live: a rehearsal must never be taken for what the world read."""
    from db.deliveries import count_by_state

    if rehearsal:
        return Mode.REHEARSAL
    with desk.app.ground.reading() as tx:
        live = bool(desk.app.modes().get(Mode.LIVE)) or bool(count_by_state(tx, Mode.LIVE))
    return Mode.LIVE if live else Mode.REHEARSAL


def _rows(desk: Desk, wanted: LogFilter, limit: int | None) -> Iterator[list[LogRow]]:
    """The log page by page, each read by itself, so that a long log neither fills memory nor holds the database."""
    from db import log as store

    left, mark = limit, None
    while left is None or left > 0:
        with desk.app.ground.reading() as tx:
            rows = store.deliveries(tx, wanted, PAGE if left is None else min(PAGE, left), mark)
        if not rows:
            return
        yield rows
        mark = rows[-1].mark()
        left = None if left is None else left - len(rows)


def _print_table(desk: Desk, wanted: LogFilter, limit: int) -> None:
    from desk.cli.columns import Column
    from desk.cli.printing import Table

    page, times = desk.page, desk.times
    rows = [row for some in _rows(desk, wanted, limit + 1) for row in some]
    if not rows:
        from db.log_view import LogFilter

        asked = wanted != LogFilter(mode=wanted.mode)
        nothing = f"No {wanted.mode} delivery yet: take a story in with pressrun add, then pressrun run."
        page.say(f"No {wanted.mode} delivery is like that." if asked else nothing)
        return
    heads = [Column("id"), Column("due"), Column("channel"), Column("state"), Column("story", flexible=True)]
    cells = [
        [
            f"d{row.delivery.id}",
            times.show(row.delivery.due_at),
            row.delivery.channel,
            f"{row.delivery.state} (found)" if row.delivery.known_by == "looking" else row.delivery.state.value,
            row.headline,
        ]
        for row in rows[:limit]
    ]
    page.table(Table(heads, cells))
    more = " More: add --limit N or --until T." if len(rows) > limit else ""
    page.say(f"{wanted.mode} deliveries, times in {times.name}.{more} One with every attempt: pressrun show d12")


def _print_json(desk: Desk, wanted: LogFilter, limit: int | None) -> None:
    from desk.cli.forms import log_row_form

    rows = [log_row_form(row, desk.times) for some in _rows(desk, wanted, limit) for row in some]
    desk.page.give(timezone=desk.times.name, deliveries=rows)


def _print_csv(desk: Desk, wanted: LogFilter, limit: int | None) -> None:
    from desk.cli.log_csv import HEADS, cells_of
    from desk.cli.printing import print_csv

    rows = ([cells_of(row, desk.times) for row in some] for some in _rows(desk, wanted, limit))
    print_csv(HEADS, rows)
