"""The machine's own work: the daily run, the resident worker, one step."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, LogFormat, LogLinesAs, SettingsFile, WrongUsage

if TYPE_CHECKING:
    from desk.cli.opening import Desk
    from scheduler.run import Held

STOPPED_GENTLY = "Stopping: what is in flight ends first."


def run(
    span: Annotated[
        str | None,
        typer.Option("--for", metavar="SPAN", help="Stay at most this long, and keep the slots inside it: 30m, 2h."),
    ] = None,
    log_format: LogLinesAs = LogFormat.TEXT,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Do the day's work: take in from all sources, write, plan, send, until nothing is due or unsettled.

    Made for cron. Without --for it sees through what is due now and leaves later slots to the next run. It ends with
    the day's sheet: with exit code 0, with 1 when something new needs a person, with 3 when part of the work could not
    be done. A second run says who holds the first, and ends with 0. SIGTERM and Ctrl-C let it end what is in flight.

    \b
    Examples:
      pressrun run
      pressrun run --for 30m
    """
    from desk.cli.day import sheet_form, tell_sheet
    from desk.cli.mail_bar import mail_bars
    from desk.cli.moments import span_of
    from desk.cli.opening import opened
    from desk.cli.signals import on_stop
    from scheduler.run import Held, daily_run

    stay = span_of(span) if span is not None else None
    with opened(settings, as_json=as_json, machine=True, log_format=log_format) as desk, on_stop(partial(_stop, desk)):
        desk.page.say("Taking in, writing, planning, sending …")
        sys.stdout.flush()
        with mail_bars(desk.app.mail_room):
            sheet = daily_run(desk.app, stay, on_step=partial(_step, desk))
        if isinstance(sheet, Held):
            _tell_held(desk, sheet)
            return 0
        refusal = desk.app.safeguard.refusal()
        tell_sheet(desk, sheet, refusal)
        desk.page.give(timezone=desk.times.name, held_by=None, sheet=sheet_form(desk, sheet, refusal))
        return _code(desk, news=sheet.news or refusal is not None)


def serve(
    no_web: Annotated[
        bool, typer.Option("--no-web", help="Only work: no desk, answer no readers and no sources that send.")
    ] = False,
    enter: Annotated[
        str,
        typer.Option("--enter", metavar="NAME", help="Print a link that lets this person in, once the desk answers."),
    ] = "",
    log_format: LogLinesAs = LogFormat.TEXT,
    settings: SettingsFile = None,
) -> int:
    """Stay and work: send each post at its moment, look at each source in its turn, until told to stop.

    It opens the desk at the address of [serve], whose first start prints the link to set it up, and answers there:
    readers' own pages, webhook sources at /intake/NAME, a watchdog at /healthz. With a public_port it serves the
    readers' pages there, too, with nothing else behind them. SIGTERM and Ctrl-C stop it gently: nothing new begins, what
    is in flight ends, the rest stays planned.
    Several may work at once, all but one with --no-web; none sends what another has begun.

    \b
    Examples:
      pressrun serve
      pressrun serve --no-web
      pressrun serve --enter "Ada Example"
    """
    from desk.cli.opening import opened
    from desk.cli.signals import on_stop
    from scheduler.worker import Worker

    if enter and (no_web or log_format is LogFormat.JSON):
        raise WrongUsage(
            "--enter prints a link to the desk, which is shut with --no-web and which no log may hold; "
            f'leave that out, or say it beside a running serve: pressrun people enter "{enter}".'
        )
    with opened(settings, machine=True, log_format=log_format) as desk:
        worker = Worker(desk.app)
        with on_stop(worker.stop), nullcontext() if no_web else _web(desk, enter):
            desk.tell("working", "Working. Ctrl-C or SIGTERM stops it gently.")
            in_time = worker.run()
        if not in_time:
            desk.app.trouble("A call did not end in time; what became of it is looked for at the next start.")
            return 3
        desk.tell("stopped", "Stopped; nothing is in flight.")
    return 0


@contextmanager
def _web(desk: Desk, enter: str) -> Iterator[None]:
    """The web door, open until the block ends: the last to close, for readers leave lists at any moment."""
    from desk.cli.opening import actor_name
    from desk.web.app import public_app, web_app
    from desk.web.serving import WebServer
    from scheduler.people.entering import enter_link, setup_link

    asked = desk.app.settings.serve
    address = ""
    with ExitStack() as doors:
        opening = []
        for what, made, host, port, key in (
            ("Answering", web_app, asked.host, asked.port, "port"),
            ("Readers' pages alone", public_app, asked.public_host, asked.public_port, "public_port"),
        ):
            if port is not None:
                server = WebServer(made(desk.app), host, port, key=key)
                doors.callback(server.stop)
                opening.append((what, server))
        for what, server in opening:  # both ports are ours by now: no address is told that will not answer
            server.start()
            desk.tell("listening", f"{what} at {server.address}.")
            address = address or server.address
        token = setup_link(desk.app)
        if token is not None and desk.lines is not None:  # a link that opens the desk is no line of a log
            desk.tell(
                "set-up", "Nobody may come into the desk yet: pressrun people add NAME --role admin prints a link."
            )
        elif token is not None:
            desk.page.say("Set up the desk, once, within a day:")
            desk.page.verbatim(f"{address}/enter/{token}")
        if enter:
            link = f"{address}/enter/{enter_link(desk.app, enter, actor=actor_name(None, os.environ))}"
            desk.page.say(f"This lets {enter} in, once, within ten minutes:")
            desk.page.verbatim(link)
        yield


def tick(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be sent now; write and send nothing.")
    ] = False,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Do one step of the journey: everything that is due at this moment, once.

    For tests and the curious; cron wants pressrun run.

    \b
    Examples:
      pressrun tick --dry-run
      pressrun tick
    """
    from desk.cli.day import sheet_form, tell_sheet
    from desk.cli.opening import opened
    from desk.cli.signals import on_stop
    from scheduler.journey import tick as step
    from scheduler.sheet import day_sheet
    from scheduler.webhooks.lane import LAST_CALLS

    with opened(settings, as_json=as_json, machine=True) as desk:
        if dry_run:
            return _foresee(desk)
        began = desk.app.clock.now()
        with on_stop(partial(_stop, desk)):
            step(desk.app, began)
            desk.app.engine.wait()
            desk.app.webhook_engine.wait(LAST_CALLS)
        sheet, refusal = day_sheet(desk.app, began), desk.app.safeguard.refusal()
        tell_sheet(desk, sheet, refusal)
        desk.page.give(timezone=desk.times.name, sheet=sheet_form(desk, sheet, refusal))
        return _code(desk, news=sheet.news or refusal is not None)


def _foresee(desk: Desk) -> int:
    from db.log import row_of
    from desk.cli.forms import delivery_form
    from scheduler.foresight import would_send

    foreseen = would_send(desk.app)
    channels = []
    for one in foreseen:
        with desk.app.ground.reading() as tx:
            headlines = [row_of(tx, delivery.id).headline for delivery in one.deliveries]
        for delivery, headline in zip(one.deliveries, headlines, strict=True):
            desk.page.say(f"{one.channel}: would send d{delivery.id}, {headline}")
        if one.refusal is not None:
            until = f" (until {desk.times.show(one.refusal.until)})" if one.refusal.until else ""
            desk.page.say(f"{one.channel}: {one.refusal.sentence}{until}")
        forms = [
            {**delivery_form(delivery, desk.times), "headline": headline}
            for delivery, headline in zip(one.deliveries, headlines, strict=True)
        ]
        refusal = {"why": one.refusal.why, "sentence": one.refusal.sentence} if one.refusal else None
        channels.append({"channel": one.channel, "deliveries": forms, "refusal": refusal})
    if not any(one.deliveries or one.refusal for one in foreseen):
        desk.page.say("Nothing would be sent now.")
    desk.page.give(timezone=desk.times.name, channels=channels)
    return 0


def _code(desk: Desk, *, news: bool) -> int:
    """3 where a lane could not do its work, which stderr has told; 1 where something new needs a person."""
    return 3 if desk.troubles else int(news)


def _step(desk: Desk, told: str) -> None:
    desk.page.aside(f"{told[:1].upper()}{told[1:]}")
    sys.stdout.flush()


def _stop(desk: Desk) -> None:
    desk.app.stop()
    print(STOPPED_GENTLY, file=sys.stderr, flush=True)


def _tell_held(desk: Desk, held: Held) -> None:
    claim = held.by
    process = claim.owner.removeprefix(f"{claim.machine}:").partition(":")[0]
    until = desk.times.show(claim.until_at)
    desk.page.say(
        f"A run is under way already: process {process} on {claim.machine} holds it until {until} {desk.times.name}"
        " and renews that while it works. Nothing was done here."
    )
    form = {"machine": claim.machine, "process": process, "until_at": desk.times.iso(claim.until_at)}
    desk.page.give(timezone=desk.times.name, held_by=form, sheet=None)
