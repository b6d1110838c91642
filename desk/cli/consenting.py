"""The newsroom's word on consent, as an import and an added reader need it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import typer

from desk.cli.options import WrongUsage

if TYPE_CHECKING:
    from scheduler.subscribing import Statement

_ASKED = {
    "--source": "Where did these people subscribe",
    "--date": "On which day (2026-09-21)",
    "--wording": "What were they told",
}


def statement_of(source: str | None, day: str | None, wording: str | None) -> Statement:
    """The newsroom's word on consent; what is missing is asked for on a terminal. Raises ``WrongUsage``."""
    from desk.cli.printing import has_person
    from scheduler.subscribing import Statement

    given = {"--source": source, "--date": day, "--wording": wording}
    missing = [name for name, value in given.items() if not (value or "").strip()]
    if missing and not has_person():
        raise WrongUsage(f"The statement of consent is not whole: add {', '.join(missing)}.")
    said = {name: value or typer.prompt(_ASKED[name]) for name, value in given.items()}
    try:
        on = date.fromisoformat(said["--date"].strip())
    except ValueError:
        raise WrongUsage(f'"{said["--date"]}" is not a day: write it as 2026-09-21.') from None
    return Statement(said["--source"], on, said["--wording"])
