"""Where the parts of a chart lie: pure geometry, in the units of an SVG's view box. The drawing is a template's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle that stands for ``value`` of the series ``name``."""

    x: float
    y: float
    width: float
    height: float
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Column:
    """One place on the axis: its bars from the bottom up, the middle for its label, and whether that is shown."""

    label: str
    middle: float
    left: float
    width: float
    bars: tuple[Bar, ...]
    total: float
    labelled: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the chart."""

    y: float
    value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of columns. The plot begins at ``left`` and ends above ``foot``."""

    width: float
    height: float
    left: float
    foot: float
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    line_y: float | None = None
    """Where a limit lies, None without one."""


def stacked_columns(
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float]]],
    *,
    width: float = 720,
    height: float = 220,
    left: float = 44,
    right: float = 14,
    foot: float = 24,
    head: float = 10,
    labelled: int = 15,
    limit: float | None = None,
    whole: bool = True,
) -> Chart:
    """One column a label, the series on top of each other, the first at the bottom.

    About ``labelled`` labels are shown. ``limit``: a line across. ``whole``: the ticks are whole numbers. Raises
    ``ValueError`` for a series that is not as long as the labels, or a value below nought.
    """
    for name, held in series:
        if len(held) != len(labels) or any(value < 0 for value in held):
            raise ValueError(f"series {name}: {len(held)} values for {len(labels)} labels, none below nought")
    totals = [sum(held[place] for _, held in series) for place in range(len(labels))]
    steps = ticks_to(max([*totals, limit or 0.0, 1.0 if whole else 0.000001]), whole=whole)
    plot, scale = height - foot - head, steps[-1]
    step_width = (width - left - right) / max(len(labels), 1)
    bar_width = max(1.0, min(step_width * 0.72, 44.0))
    every = max(1, -(-len(labels) // labelled))
    columns = []
    for place, label in enumerate(labels):
        middle = left + step_width * (place + 0.5)
        y, bars = head + plot, []
        for name, held in series:
            if held[place]:
                high = plot * held[place] / scale
                y -= high
                bars.append(Bar(_r(middle - bar_width / 2), _r(y), _r(bar_width), _r(high), name, held[place]))
        shown = (len(labels) - 1 - place) % every == 0
        columns.append(
            Column(label, _r(middle), _r(middle - step_width / 2), _r(step_width), tuple(bars), totals[place], shown)
        )
    return Chart(
        width=width,
        height=height,
        left=left,
        foot=head + plot,
        columns=tuple(columns),
        ticks=tuple(Tick(_r(head + plot * (1 - value / scale)), value) for value in steps),
        line_y=_r(head + plot * (1 - limit / scale)) if limit is not None else None,
    )


def ticks_to(most: float, *, whole: bool = True, about: int = 4) -> list[float]:
    """Nought, and round steps up to or just past ``most``: about ``about`` of them."""
    size = 1.0
    while most / size < 1:
        size /= 10
    while most / size >= 10:
        size *= 10
    for step in (size * share for share in (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0)):
        if whole and step != int(step):
            continue
        if most / step <= about:
            count = -(-most // step)
            return [step * number for number in range(int(count) + 1)]
    return [0.0, size * 10]


def shares(values: Sequence[float], width: float = 100.0) -> list[tuple[float, float]]:
    """A single bar cut into parts: where each begins and how wide it is. All nought where nothing is there."""
    total = sum(values)
    found, at = [], 0.0
    for value in values:
        wide = width * value / total if total else 0.0
        found.append((_r(at), _r(wide)))
        at += wide
    return found


def line(values: Sequence[float], *, width: float = 160, height: float = 36, margin: float = 3) -> str:
    """A line through the values from left to right, as an SVG polyline's ``points``; a flat one where all are alike."""
    low, span = min(values, default=0), (max(values, default=0) - min(values, default=0)) or 1
    step = (width - 2 * margin) / max(len(values) - 1, 1)
    level = 0.5 if len(set(values)) == 1 else 0.0
    return " ".join(
        f"{_r(margin + place * step)},{_r(height - margin - (height - 2 * margin) * ((one - low) / span + level))}"
        for place, one in enumerate(values)
    )


def _r(value: float) -> float:
    return round(value, 2)
