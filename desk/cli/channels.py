"""``pressrun channels``: where each channel stands, and the check that posts nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.cli.connecting import connect, disconnect
from desk.cli.options import AsJson, AsName, SettingsFile, Why, WrongUsage

if TYPE_CHECKING:
    from db.records import Health, Quota
    from desk.cli.opening import Desk
    from scheduler.app import Outlet
    from scheduler.channel_standing import ChannelStanding

channels = typer.Typer(add_completion=False, rich_markup_mode=None, invoke_without_command=True)


@channels.callback()
def _channels(context: typer.Context, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Show every channel: kind, mode, account, what stops it, when it speaks next, what it spent this month.

    \b
    Examples:
      pressrun channels
      pressrun channels check x-main
    """
    from desk.cli.opening import opened
    from scheduler.channel_standing import channel_standings

    if context.invoked_subcommand is not None:
        if as_json or settings:
            raise WrongUsage(f"Write the options behind {context.invoked_subcommand}.")
        return 0
    with opened(settings, as_json=as_json) as desk:
        found = channel_standings(desk.app)
        _tell(desk, found)
        desk.page.give(timezone=desk.times.name, channels=[_form(desk, one) for one in found])
    return 0


@channels.command("check")
def check(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this channel.")] = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Ask each channel whether a post could go out now: credentials, permissions, quota. Posts nothing.

    A check that passes lifts the stop that a refused log-in laid. Ends with 1 when a channel does not pass.

    \b
    Example:
      pressrun channels check x-main
    """
    from desk.cli.naming import check_channels
    from desk.cli.opening import opened
    from scheduler.standing import check as ask

    with opened(settings, as_json=as_json) as desk:
        chosen = check_channels(desk, [name] if name is not None else None)
        outlets = [outlet for outlet in desk.app.outlets.values() if not chosen or outlet.name in chosen]
        answers = [(outlet, ask(desk.app, outlet)) for outlet in outlets]
        for outlet, health in answers:
            _tell_health(desk, outlet, health)
            _tell_wait(desk, outlet, health)
        forms = [_health_form(desk, outlet, health) for outlet, health in answers]
        desk.page.give(timezone=desk.times.name, channels=forms)
    return 0 if all(health.ok for _, health in answers) else 1


@channels.command("slots")
def slots(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The channel, by its name in the settings.")],
    lines: Annotated[
        list[str] | None, typer.Argument(metavar="SLOT", help='Each as "mon-fri 08:00"; or the word immediately.')
    ] = None,
    from_settings: Annotated[
        bool, typer.Option("--from-settings", help="Let the slots of settings.toml count again.")
    ] = False,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Show a channel's week, or set other slots: they count at once, instead of those in settings.toml.

    Every running Pressrun follows at its next tick. What is planned already keeps its moment.

    \b
    Examples:
      pressrun channels slots x-main
      pressrun channels slots x-main "mon-fri 08:00" "daily 18:15"
      pressrun channels slots x-main --from-settings
    """
    from desk.cli.naming import check_channels
    from desk.cli.opening import opened
    from scheduler.slot_edits import lines_of, set_slots, use_settings_slots, week_of

    if lines and from_settings:
        raise WrongUsage("Write slots, or --from-settings, not both.")
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        (channel,) = check_channels(desk, [name])
        if lines:
            asked = [] if [one.strip().lower() for one in lines] == ["immediately"] else lines
            set_slots(desk.app, channel, asked, actor=desk.actor, reason=why)
        elif from_settings:
            use_settings_slots(desk.app, channel, actor=desk.actor, reason=why)
        week = week_of(desk.app, channel)
        told = lines_of(week.slots)
        for line in told or ("immediately: a post goes as soon as it may",):
            desk.page.verbatim(line)
        if week.is_set_here:
            desk.page.say(f"Set by {week.set_by}, {desk.times.show(week.set_at)}; it counts instead of settings.toml.")
        else:
            desk.page.say(f"As settings.toml says under [channels.{channel}].")
        desk.page.give(
            timezone=desk.times.name,
            channel=channel,
            slots=list(told),
            settings_slots=list(lines_of(week.settings)),
            set_by=week.set_by or None,
            set_at=desk.times.iso(week.set_at),
        )
    return 0


channels.command("connect")(connect)
channels.command("disconnect")(disconnect)


def _tell(desk: Desk, found: list[ChannelStanding]) -> None:
    from desk.cli.columns import Column
    from desk.cli.printing import Table

    page, times = desk.page, desk.times
    if not found:
        page.say("The settings name no channel yet: add [channels.NAME] to settings.toml.")
        return
    heads = [Column("channel"), Column("kind"), Column("mode"), Column("account", flexible=True)]
    heads += [Column("state"), Column("next"), Column("spent this month", right=True)]
    rows = [
        [
            one.outlet.name,
            one.outlet.kind,
            one.outlet.mode.value,
            (one.state.account_name or one.state.account_id or "–") if one.state else "–",
            one.word,
            times.show(one.next_at),
            f"{one.spent} of {one.outlet.budget}" if one.outlet.budget else str(one.spent),
        ]
        for one in found
    ]
    page.table(Table(heads, rows))
    for one in found:
        for stop in one.stops:
            until = f" until {times.show(stop.until_at)}" if stop.until_at else ""
            page.say(f"{one.outlet.name} is stopped{until} ({stop.cause}): {stop.reason}")
    page.say(f"Times are in {times.name}.")


def _form(desk: Desk, one: ChannelStanding) -> dict[str, Any]:
    from desk.cli.forms import dollars

    times = desk.times
    return {
        "channel": one.outlet.name,
        "kind": one.outlet.kind,
        "channel_mode": one.outlet.mode.value,
        "account_id": one.state.account_id if one.state else None,
        "account_name": one.state.account_name if one.state else None,
        "checked_at": times.iso(one.state.checked_at) if one.state else None,
        "state": one.word,
        "stops": [
            {"cause": stop.cause.value, "reason": stop.reason, "by": stop.by, "until_at": times.iso(stop.until_at)}
            for stop in one.stops
        ],
        "next_at": times.iso(one.next_at),
        "spent_usd": dollars(one.spent),
        "budget_usd": dollars(one.outlet.budget) if one.outlet.budget else None,
        "quota": _quota_form(desk, one.quota),
    }


def _tell_wait(desk: Desk, outlet: Outlet, health: Health) -> None:
    """Says why a check that passes leaves a stop as it is: the platform's own wait is not over."""
    from db import quota

    with desk.app.ground.reading() as tx:
        until = quota.wait_until(tx, outlet.mode, outlet.name, desk.app.clock.now())
    if health.ok and until is not None:
        desk.page.say(
            f"  It was told to wait until {desk.times.show(until)}: nothing goes, and no stop is lifted, before."
        )


def _tell_health(desk: Desk, outlet: Outlet, health: Health) -> None:
    page, times = desk.page, desk.times
    account = health.account_name or health.account_id
    page.say(
        f"{outlet.name}: {'ok' if health.ok else 'does not pass'}" + (f", speaks for {account}" if account else "")
    )
    for problem in health.problems:
        page.say(f"  {problem.message}")
    for note in health.notes:
        page.say(f"  {note}")
    for bucket in health.quota.buckets:
        if bucket.remaining is not None and bucket.limit is not None:
            reset = f", anew {times.show(bucket.reset_at)} {times.name}" if bucket.reset_at else ""
            page.say(f"  {bucket.name}: {bucket.remaining:,} of {bucket.limit:,} left{reset}")
        elif bucket.used_percent is not None:
            page.say(f"  {bucket.name}: {bucket.used_percent:g} % used")


def _health_form(desk: Desk, outlet: Outlet, health: Health) -> dict[str, Any]:
    from desk.cli.forms import problem_form

    return {
        "channel": outlet.name,
        "channel_mode": outlet.mode.value,
        "ok": health.ok,
        "account_id": health.account_id or None,
        "account_name": health.account_name or None,
        "problems": [problem_form(problem) for problem in health.problems],
        "notes": list(health.notes),
        "quota": _quota_form(desk, health.quota),
    }


def _quota_form(desk: Desk, quota: Quota) -> list[dict[str, Any]]:
    return [
        {
            "name": bucket.name,
            "limit": bucket.limit,
            "remaining": bucket.remaining,
            "reset_at": desk.times.iso(bucket.reset_at),
            "used_percent": bucket.used_percent,
        }
        for bucket in quota.buckets
    ]
