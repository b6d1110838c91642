"""``pressrun shadow``: a rehearsing channel beside what people posted on the real account."""

from __future__ import annotations

import textwrap
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.cli.options import AsJson, SettingsFile, WrongUsage

if TYPE_CHECKING:
    from db.records import SeenPost
    from desk.cli.opening import Desk
    from scheduler.settings_load import Loaded
    from scheduler.shadowing import Pair, Shadow, Would

_TEXT = 58


def shadow(
    channel: Annotated[
        list[str] | None,
        typer.Option("--channel", metavar="C", help="Only this channel; may be given several times."),
    ] = None,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=31, help="The last N whole days; yesterday alone is 1.")
    ] = 1,
    words: Annotated[bool, typer.Option("--words", help="Show both texts where both told a story.")] = False,
    mail: Annotated[bool, typer.Option("--mail", help="Mail the report to [notices] email too.")] = False,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Compare what a rehearsing channel would have posted with what people posted on the real account.

    The account is only read, with the channel's secret_file; nothing is posted. Made for the morning, by cron, in the
    week before a channel goes live. X bills every post that is read; the report says how much.

    \b
    Examples:
      pressrun shadow
      pressrun shadow --days 7 --channel x-main --words
    """
    from desk.cli.naming import check_channels
    from desk.cli.opening import load_settings, opened
    from scheduler.slots import start_of_day

    with opened(settings, as_json=as_json, machine=True) as desk:
        chosen = _chosen(desk, check_channels(desk, channel))
        loaded = load_settings(settings)
        zone = desk.times.zone
        today = desk.times.now.astimezone(zone).date()
        since, until = start_of_day(today - timedelta(days=days), zone), start_of_day(today, zone)
        found = [_one(desk, loaded, name, since, until) for name in chosen]
        lines = _report(desk, found, since, until, words=words)
        desk.page.say(*lines)
        mailed = mail and _mail(desk, found, lines, since)
        desk.page.give(
            timezone=desk.times.name,
            since_at=desk.times.iso(since),
            until_at=desk.times.iso(until),
            mailed=mailed,
            channels=[_form(desk, one) for one in found],
        )
    return 3 if any(one.problem for one in found) or (mail and not mailed) else 0


def _chosen(desk: Desk, named: list[str]) -> list[str]:
    from db.records import Mode

    outlets = desk.app.outlets
    for name in named:
        if outlets[name].crowd:
            raise WrongUsage(f"{name} sends mail, and mail cannot be read back: shadow is for X and Facebook.")
        if outlets[name].mode is Mode.LIVE:
            raise WrongUsage(f"{name} is live: shadow compares a channel that still rehearses.")
    found = named or [name for name, one in outlets.items() if one.mode is Mode.REHEARSAL and not one.crowd]
    if not found:
        raise WrongUsage("No channel rehearses on X or Facebook here, so there is nothing to compare.")
    return found


def _one(desk: Desk, loaded: Loaded, name: str, since: datetime, until: datetime) -> Shadow:
    """One channel, read with the settings it would have live."""
    import os

    from db.records import Mode
    from scheduler.app import build
    from scheduler.settings_edit import with_mode
    from scheduler.settings_faults import SettingsError
    from scheduler.settings_load import load_text, text_of
    from scheduler.shadowing import Shadow
    from scheduler.shadowing import shadow as compare

    if loaded.settings.channels[name].secret_file is None:
        why = f"[channels.{name}] names no secret_file, and without its keys nobody can read the account"
        return Shadow(name, "", problem=why)
    try:
        text = with_mode(text_of(loaded.path), name, Mode.LIVE)
        wanted = load_text(text, loaded.path, os.environ)
    except SettingsError as error:
        return Shadow(name, "", problem="; ".join(f"{one.key}: {one.wrong}; {one.remedy}" for one in error.faults))
    app = build(wanted.settings, loaded.path.parent, clock=desk.app.clock, on_trouble=desk.app.trouble)
    try:
        return compare(app, app.outlets[name], since, until)
    finally:
        app.close()


def _mail(desk: Desk, found: list[Shadow], lines: list[str], since: datetime) -> bool:
    """Mails the report; False where it did not get there, which stderr tells."""
    from scheduler.carriers import NotCarried
    from scheduler.desk_letter import mail_desk

    if not desk.app.settings.notices.email:
        raise WrongUsage("--mail needs the desk's address: set [notices] email in settings.toml.")
    counts = ", ".join(f"{one.channel} {len(one.pairs)} of {one.theirs} the same" for one in found)
    day = since.astimezone(desk.times.zone).date().isoformat()
    try:
        mail_desk(desk.app, f"shadow {day}", f"Shadow since {day}: {counts}", lines)
    except NotCarried as fault:
        desk.app.trouble(f"The report was not mailed: {fault}")
        return False
    desk.page.say("", f"Mailed to {desk.app.settings.notices.email}.")
    return True


def _report(desk: Desk, found: list[Shadow], since: datetime, until: datetime, *, words: bool) -> list[str]:
    times = desk.times
    last = until - timedelta(minutes=1)
    lines = [f"Shadow from {times.show(since)} to {times.show(last)}, times in {times.name}"]
    for one in found:
        lines += ["", *_channel(desk, one, (until - since) / timedelta(days=1), words=words)]
    return lines


def _channel(desk: Desk, one: Shadow, days: float, *, words: bool) -> list[str]:
    from db.records import Money

    if one.problem:
        return [f"{one.channel}: its account could not be read. {one.problem}", *_only_ours(desk, one)]
    lines = [
        f"{one.channel}, account {one.account}: Pressrun would have posted {one.ours}, people posted {one.theirs}; "
        f"{len(one.pairs)} told the same."
    ]
    if one.bill.micros:
        month = Money(round(one.bill.micros / days * 30))
        lines.append(f"Pressrun's posts would have cost {one.bill}; at this pace {month} in 30 days.")
    if one.cost.micros:
        lines.append(f"Reading the account cost {one.cost}.")
    if not one.complete:
        lines.append("The account shows more than could be read, so some of what follows may have been posted.")
    if one.pairs:
        lines += ["", "  Both told:"]
        for pair in one.pairs:
            lines += _pair(desk, pair, words=words)
    lines += _only_ours(desk, one)
    if one.only_theirs:
        lines += ["", "  Only people posted:"]
        lines += [f"    {_clock(desk, post.at)}  {_short(post.text)}" for post in one.only_theirs]
    return lines


def _only_ours(desk: Desk, one: Shadow) -> list[str]:
    if not one.only_ours:
        return []
    told = [f"    {_clock(desk, would.rehearsed.at)}  {_title(would)}" for would in one.only_ours]
    return ["", "  Only Pressrun would have posted:", *told]


def _pair(desk: Desk, pair: Pair, *, words: bool) -> list[str]:
    minutes = round(pair.later.total_seconds() / 60)
    when = "at the same time" if not minutes else f"{_span(abs(minutes))} {'later' if minutes > 0 else 'sooner'}"
    lines = [f"    {_clock(desk, pair.would.rehearsed.at)}  {_title(pair.would)}", f"           {when} than people"]
    if not minutes:
        lines[1] = f"           {when} as people"
    if words:
        lines += [f"           Pressrun: {_flat(pair.would.text)}", f"           people:   {_flat(pair.seen.text)}"]
    return lines


def _clock(desk: Desk, moment: datetime | None) -> str:
    return f"{moment.astimezone(desk.times.zone):%H:%M}" if moment is not None else "  –  "


def _title(would: Would) -> str:
    story = f"story {would.rehearsed.story}: " if would.rehearsed.story is not None else ""
    return f"{story}{_short(would.rehearsed.headline or would.text)}"


def _short(text: str) -> str:
    return textwrap.shorten(_flat(text), _TEXT, placeholder=" …")


def _flat(text: str) -> str:
    return " ".join(text.split())


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02} min" if hours else f"{rest} min"


def _form(desk: Desk, one: Shadow) -> dict[str, Any]:
    from desk.cli.forms import dollars

    return {
        "channel": one.channel,
        "account": one.account or None,
        "problem": one.problem or None,
        "complete": one.complete,
        "cost_usd": dollars(one.cost),
        "bill_usd": dollars(one.bill),
        "same": [
            {**_would_form(desk, pair.would), "people": _seen_form(desk, pair.seen), "later_seconds": _seconds(pair)}
            for pair in one.pairs
        ],
        "only_pressrun": [_would_form(desk, would) for would in one.only_ours],
        "only_people": [_seen_form(desk, post) for post in one.only_theirs],
    }


def _seconds(pair: Pair) -> int:
    return round(pair.later.total_seconds())


def _would_form(desk: Desk, would: Would) -> dict[str, Any]:
    ours = would.rehearsed
    return {
        "delivery": ours.delivery_id,
        "story": ours.story,
        "headline": ours.headline or None,
        "at": desk.times.iso(ours.at),
        "text": would.text,
    }


def _seen_form(desk: Desk, post: SeenPost) -> dict[str, Any]:
    return {"id": post.id, "url": post.url, "at": desk.times.iso(post.at), "text": post.text}
