"""``pressrun add``: stories handed over by a person."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.records import Label, Priority
from desk.cli.options import AsJson, AsName, SettingsFile, WrongUsage

if TYPE_CHECKING:
    from desk.cli.moments import Times
    from desk.cli.opening import Desk
    from scheduler.hand_in import HandedIn
    from scheduler.intake.targets import Said

STANDARD_INPUT = "standard input"
_WHAT = {"new": "is new", "revision": "has a new revision", "same": "is here already, unchanged"}


def add(
    targets: Annotated[
        list[str], typer.Argument(metavar="PATH_OR_URL", help="A file, a web address, or - for standard input.")
    ],
    url: Annotated[str | None, typer.Option("--url", metavar="U", help="Where readers find the story.")] = None,
    section: Annotated[str | None, typer.Option("--section", metavar="S", help="Its section.")] = None,
    label: Annotated[Label | None, typer.Option("--label", help="What kind of piece it is.")] = None,
    priority: Annotated[Priority | None, typer.Option("--priority", help="How urgent it is.")] = None,
    embargo: Annotated[
        str | None, typer.Option("--embargo", metavar="T", help="No word of it leaves before this time.")
    ] = None,
    no_link: Annotated[bool, typer.Option("--no-link", help="It may go out without an address.")] = False,
    ask: Annotated[bool, typer.Option("--ask", help="No post of it goes without a yes.")] = False,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Take stories in from files, web pages or standard input.

    Each becomes a new story in the queue, or a new revision of one we have, or is found to be the same. Nothing is
    written or planned yet: pressrun run does that. With several, those that cannot be read are told at the end and
    the others are taken in all the same. A feed's, sitemap's or WordPress site's address gives its newest ten stories.

    \b
    Examples:
      pressrun add story.txt --url https://news.example.org/moon --section Science
      pressrun add inbox/*.txt
      pbpaste | pressrun add - --embargo "tomorrow 06:00"
    """
    from desk.cli.opening import opened

    if url is not None and len(targets) > 1:
        raise WrongUsage("--url is one story's address: hand in one story at a time with it.")
    if targets.count("-") > 1:
        raise WrongUsage("Standard input can be read once: write - only once.")
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        embargo_at = _embargo(desk, embargo)
        said = _said(url, section, label, priority, embargo_at, no_link, ask)
        forms, refused = [], []
        for target in targets:
            taken, faults = _hand_in(desk, target, said)
            forms += [_tell(desk, one) for one in taken]
            refused += faults
        desk.page.give(timezone=desk.times.name, stories=forms, refused=refused)
    for fault in refused:
        print(f"{fault['target']}: {fault['sentence']}", file=sys.stderr)
    return 2 if refused else 0


def _hand_in(desk: Desk, target: str, said: Said) -> tuple[list[HandedIn], list[dict[str, str]]]:
    from scheduler.hand_in import hand_in
    from scheduler.intake.errors import IntakeError

    try:
        if target == "-":
            text = sys.stdin.buffer.read()
            if not text.strip():
                raise IntakeError("Standard input is empty: pipe a story into it.")
            taken, refused = hand_in(desk.app, STANDARD_INPUT, actor=desk.actor, said=said, text=text)
        else:
            if not target.lower().startswith(("http://", "https://")) and Path(target).expanduser().is_dir():
                raise IntakeError("This is a folder: name the files in it, or make it a source in settings.toml.")
            taken, refused = hand_in(desk.app, target, actor=desk.actor, said=said)
    except IntakeError as error:
        return [], [{"target": STANDARD_INPUT if target == "-" else target, "sentence": str(error)}]
    return list(taken), [{"target": one.item_id, "sentence": one.sentence} for one in refused]


def _tell(desk: Desk, one: HandedIn) -> dict[str, Any]:
    from desk.cli.forms import article_form

    article = one.article
    desk.page.say(f"Story {article.id} {_WHAT[one.taken.what]}: {article.headline}")
    for flag in article.flags:
        desk.page.say(f"  {flag}")
    if article.embargo_at is not None:
        desk.page.say(f"  Under embargo until {_named(desk.times, article.embargo_at)}.")
    return {"what": one.taken.what, **article_form(article, desk.times)}


def _embargo(desk: Desk, text: str | None) -> datetime | None:
    from desk.cli.opening import read_moment

    if text is None:
        return None
    moment = read_moment(desk, text)
    if moment <= desk.times.now:
        raise WrongUsage(f"The embargo, {_named(desk.times, moment)}, is past: give a moment to come, or leave it out.")
    return moment


def _named(times: Times, moment: datetime) -> str:
    return f"{times.show(moment)} ({times.name})"


def _said(
    url: str | None,
    section: str | None,
    label: Label | None,
    priority: Priority | None,
    embargo_at: datetime | None,
    no_link: bool,
    ask: bool,
) -> Said:
    from scheduler.intake.targets import Said

    return Said(url, section, label, priority, embargo_at, no_link, ask)
