"""What a person hands over, a file or an address, and what the person says about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from db.records import Article, Label, Priority
from scheduler.intake.documents import read_path
from scheduler.intake.draft import NO_ADDRESS, web_address
from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found, Refused
from scheduler.intake.wanted import Fetch

DESK = "desk"
"""The source's name of what a person hands over."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a story; None leaves what was found."""

    url: str | None = None
    section: str | None = None
    label: Label | None = None
    priority: Priority | None = None
    embargo_at: datetime | None = None
    no_link: bool = False
    wants_yes: bool = False


def read_target(
    target: str, *, now: datetime, fetch: Fetch, source: str = DESK, local: bool = False
) -> tuple[tuple[Found, ...], tuple[Refused, ...]]:
    """The stories at a path or web address. Raises ``IntakeError`` with a sentence when there are none."""
    if not target.lower().startswith(("http://", "https://")):
        path = Path(target).expanduser()
        return read_path(path, source=source, now=now, name=str(path.absolute()))
    from scheduler.intake.web_target import read_address

    return read_address(target, now=now, fetch=fetch, source=source, local=local)


def with_said(article: Article, said: Said) -> Article:
    """The story with what a person said of it. Raises ``IntakeError`` for an address that is none."""
    if said.url is not None:
        address = web_address(said.url)
        if address is None:
            raise IntakeError(f"{said.url[:80]!r} is not a web address: it should look like https://example.org/story.")
        flags = tuple(flag for flag in article.flags if flag != NO_ADDRESS)
        article = replace(article, url=address, flags=flags)
    if said.no_link:
        article = replace(article, flags=tuple(flag for flag in article.flags if flag != NO_ADDRESS))
    return replace(
        article,
        section=article.section if said.section is None else said.section[:120],
        label=said.label or article.label,
        priority=said.priority or article.priority,
        embargo_at=said.embargo_at or article.embargo_at,
        no_link=said.no_link or article.no_link,
        wants_yes=said.wants_yes or article.wants_yes,
    )
