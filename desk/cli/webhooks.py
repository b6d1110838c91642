"""``pressrun webhooks``: how each stands, what failed; try, pause, resume and replay one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, SettingsFile, Why, WrongUsage

if TYPE_CHECKING:
    from db.webhooks import Try
    from desk.cli.opening import Desk

webhooks = typer.Typer(add_completion=False, rich_markup_mode=None, invoke_without_command=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="A webhook, by its name in the settings.")]
_SHOWN = 20


@webhooks.callback()
def _webhooks(context: typer.Context, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Show every webhook: is it told, when it last said yes, what is owed to it, and what is wrong.

    A webhook is ok, failing, paused or new (nothing told yet). Ends with 0 whatever it shows.

    \b
    Examples:
      pressrun webhooks
      pressrun webhooks test cms
    """
    from desk.cli.columns import Column
    from desk.cli.forms import webhook_form
    from desk.cli.opening import opened
    from desk.cli.printing import Table
    from scheduler.webhooks.standing import webhook_standings

    if context.invoked_subcommand is not None:
        if as_json or settings:
            raise WrongUsage(f"Write the options behind {context.invoked_subcommand}.")
        return 0
    with opened(settings, as_json=as_json) as desk:
        found = webhook_standings(desk.app)
        if not found:
            desk.page.say("The settings name no webhook yet: add [webhooks.NAME] to settings.toml.")
        heads = [Column("webhook"), Column("host", flexible=True), Column("state"), Column("last yes")]
        heads += [Column(name, right=True) for name in ("owed", "told", "given up")]
        rows = [
            [one.name, one.host, one.word, desk.times.show(one.answered_at)]
            + [str(number) for number in (one.counts.owed, one.counts.told, one.counts.given_up)]
            for one in found
        ]
        desk.page.table(Table(heads, rows))
        for one in found:
            if one.sentence:
                desk.page.say(f"{one.name} is {one.word}: {one.sentence}")
        desk.page.give(timezone=desk.times.name, webhooks=[webhook_form(one, desk.times) for one in found])
    return 0


@webhooks.command("log")
def log(
    name: Name,
    troubled: Annotated[bool, typer.Option("--failed", help="Only what failed once or more, or was given up.")] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000, help="So many events.")] = _SHOWN,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Show a webhook's events, the newest first, each with how its last call ended.

    \b
    Example:
      pressrun webhooks log cms --failed
    """
    from db import webhooks as store
    from desk.cli.columns import Column
    from desk.cli.forms import webhook_event_form
    from desk.cli.opening import opened
    from desk.cli.printing import Table

    with opened(settings, as_json=as_json) as desk:
        _named(desk, name)
        with desk.app.ground.reading() as tx:
            found = store.events(tx, name, limit=limit, troubled=troubled)
            tries = store.tries(tx, [one.id for one in found])
        heads = [Column("event"), Column("delivery"), Column("at"), Column("tries", right=True), Column("outcome")]
        heads += [Column("last call", flexible=True), Column("event id", flexible=True)]
        rows = [
            [
                one.event,
                f"d{one.delivery_id}",
                desk.times.show(one.at),
                str(len(tries.get(one.id, ()))),
                one.outcome or "owed",
                _last(tries.get(one.id, [])),
                one.event_id,
            ]
            for one in found
        ]
        if not rows:
            desk.page.say(f"{name} has no such event.")
        desk.page.table(Table(heads, rows))
        forms = [webhook_event_form(one, tries.get(one.id, []), desk.times) for one in found]
        desk.page.give(timezone=desk.times.name, webhook=name, events=forms)
    return 0


@webhooks.command("test")
def call_now(name: Name, as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Call a webhook once, signed, with the type webhook.test. It changes nothing; ends with 1 where the answer is no.

    \b
    Example:
      pressrun webhooks test cms
    """
    from desk.cli.opening import opened
    from scheduler.webhooks.verbs import try_webhook

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        answer = try_webhook(desk.app, name, actor=desk.actor)
        desk.page.say(f"{name}: {answer.sentence}.")
        desk.page.give(webhook=name, ok=answer.is_yes, status=answer.status, sentence=answer.sentence)
    return 0 if answer.is_yes else 1


@webhooks.command("pause")
def pause(
    name: Name, why: Why = "", as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None
) -> int:
    """Call a webhook no more until it is resumed. What happens meanwhile is kept for it, for 30 days.

    \b
    Example:
      pressrun webhooks pause cms --why "the CMS moves house"
    """
    from desk.cli.opening import opened
    from scheduler.webhooks.verbs import pause_webhook

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        pause_webhook(desk.app, name, actor=desk.actor, reason=why)
        desk.page.say(f"{name} is paused; what happens meanwhile is kept for it.")
        desk.page.give(webhook=name, state="paused")
    return 0


@webhooks.command("resume")
def resume(
    name: Name, why: Why = "", as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None
) -> int:
    """Call a webhook again, beginning with what was kept for it.

    \b
    Example:
      pressrun webhooks resume cms
    """
    from desk.cli.opening import opened
    from scheduler.webhooks.verbs import resume_webhook

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        resume_webhook(desk.app, name, actor=desk.actor, reason=why)
        desk.page.say(f"{name} is told again by the next pressrun serve or run.")
        desk.page.give(webhook=name, state="resumed")
    return 0


@webhooks.command("replay")
def replay(
    name: Name,
    since: Annotated[str | None, typer.Option("--since", metavar="T", help="Only what happened from then on.")] = None,
    event_id: Annotated[str | None, typer.Option("--event", metavar="ID", help="Only this event.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what it heard already, under the same ids.")] = False,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Owe a webhook again what was given up. A receiver drops what it has by the event's id.

    \b
    Examples:
      pressrun webhooks replay cms
      pressrun webhooks replay cms --all --since yesterday
    """
    from desk.cli.opening import opened, read_moment
    from scheduler.webhooks.verbs import replay_webhook

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        number = replay_webhook(
            desk.app,
            name,
            actor=desk.actor,
            since=read_moment(desk, since, past=True) if since else None,
            event_id=event_id,
            everything=everything,
            reason=why,
        )
        desk.page.say(f"{name} is owed {number} {'event' if number == 1 else 'events'} again.")
        desk.page.give(webhook=name, events=number)
    return 0


def _last(tries: list[Try]) -> str:
    return (tries[-1].sentence or "under way, or died") if tries else ""


def _named(desk: Desk, name: str) -> None:
    known = list(desk.app.settings.webhooks)
    if name not in known:
        raise WrongUsage(f"There is no webhook {name!r} in the settings; they name {', '.join(known) or 'none'}.")
