"""The matrix: what became of each story on each channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.records import State

if TYPE_CHECKING:
    from db.log import Cell, MatrixRow
    from db.log_view import LogFilter
    from desk.cli.log_format import Format
    from desk.cli.moments import Times
    from desk.cli.opening import Desk

SHOWN = 50
MOST = 10_000


def print_matrix(desk: Desk, wanted: LogFilter, format: Format, limit: int | None) -> None:
    """Prints it as a table, JSON or CSV; ``wanted`` narrows it by story, since and mode."""
    from db.log import matrix

    table = format == "table"
    with desk.app.ground.reading() as tx:
        rows = matrix(
            tx,
            [wanted.story] if wanted.story is not None else None,
            since=wanted.since,
            mode=wanted.mode,
            limit=limit or (SHOWN if table else MOST),
        )
    others = sorted({name for row in rows for name in row.cells} - set(desk.app.outlets))
    channels = [*desk.app.outlets, *others]
    if format == "csv":
        _print_csv(desk, rows, channels)
    elif format == "json":
        forms = [
            {
                "story": row.article_id,
                "headline": row.headline,
                "channels": {name: _form(cell, desk.times) for name, cell in row.cells.items()},
            }
            for row in rows
        ]
        desk.page.give(timezone=desk.times.name, stories=forms)
    else:
        _print_table(desk, rows, channels, wanted)


def told(cell: Cell, times: Times) -> str:
    """What became of it, in a few words: sent, sent (found), planned 21 Sep 18:15, taken down …"""
    one = cell.delivery
    if cell.taken_down:
        state = "taken down"
    elif one.state is State.PLANNED:
        state = f"planned {times.show(one.next_at).partition(' ')[2]}"
    elif one.known_by == "looking":
        state = f"{one.state} (found)"
    else:
        state = one.state.value
    return f"{state} +{cell.others}" if cell.others else state


def _print_table(desk: Desk, rows: list[MatrixRow], channels: list[str], wanted: LogFilter) -> None:
    from desk.cli.columns import Column
    from desk.cli.printing import Table

    if not rows:
        desk.page.say("No story is like that.")
        return
    heads = [Column("#", right=True), Column("story", flexible=True), *(Column(name) for name in channels)]
    cells = [
        [
            str(row.article_id),
            row.headline,
            *(told(row.cells[name], desk.times) if name in row.cells else "–" for name in channels),
        ]
        for row in rows
    ]
    desk.page.table(Table(heads, cells))
    desk.page.say(f"{wanted.mode} deliveries, times in {desk.times.name}.")


def _print_csv(desk: Desk, rows: list[MatrixRow], channels: list[str]) -> None:
    from desk.cli.printing import print_csv

    heads = ["mode", "story", "headline", *(word for name in channels for word in (name, f"{name} url"))]
    lines = []
    for row in rows:
        modes = sorted({cell.delivery.mode.value for cell in row.cells.values()})
        line = [" ".join(modes), str(row.article_id), row.headline]
        for name in channels:
            cell = row.cells.get(name)
            line += [told(cell, desk.times), cell.url or ""] if cell else ["", ""]
        lines.append(line)
    print_csv(heads, [lines])


def _form(cell: Cell, times: Times) -> dict[str, Any]:
    one = cell.delivery
    return {
        "delivery": one.id,
        "mode": one.mode.value,
        "state": one.state.value,
        "known_by": one.known_by.value if one.known_by else None,
        "due_at": times.iso(one.due_at),
        "next_at": times.iso(one.next_at),
        "url": cell.url,
        "taken_down": cell.taken_down,
        "others": cell.others,
    }
