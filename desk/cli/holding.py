"""Hold and release, pause and resume: the editor's stop, and its end without a burst."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.cli.options import AsJson, AsName, SettingsFile, Why, WrongUsage

if TYPE_CHECKING:
    from desk.cli.opening import Desk
    from scheduler.newsroom import Laid, Reach, Resumption, Way

Reason = Annotated[str, typer.Option("--why", metavar="W", help="The reason; it stands wherever somebody wonders.")]
Until = Annotated[
    str | None, typer.Option("--until", metavar="T", help="When it ends by itself: 18:15, 6pm, 'tomorrow 8', 'in 30m'.")
]
Breaking = Annotated[bool, typer.Option("--let-breaking", help="Breaking news may pass.")]
One = Annotated[
    str | None, typer.Argument(metavar="WHAT", help="A story (number, 'latest', words of its headline), or d12.")
]
All = Annotated[str | None, typer.Argument(metavar="WHAT", help="The word 'everything'.")]
OfSection = Annotated[str | None, typer.Option("--section", metavar="S", help="All of one section instead.")]
OfChannel = Annotated[str | None, typer.Option("--channel", metavar="C", help="All of one channel instead.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do what is proposed without asking.")]
Drops = Annotated[list[str] | None, typer.Option("--drop", metavar="D", help="Drop this delivery; again for more.")]
Slots = Annotated[
    list[str] | None, typer.Option("--slot", metavar="D", help="Give this delivery its channel's next slot.")
]
Sends = Annotated[list[str] | None, typer.Option("--send", metavar="D", help="Send this delivery now, in its turn.")]


def hold(
    what: One = None,
    why: Reason = "",
    until: Until = None,
    section: OfSection = None,
    channel: OfChannel = None,
    let_breaking: Breaking = False,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Keep a delivery, a story, a section or a channel from going until it is released.

    Newsletters that carry a held story wait too. What is being sent in this moment still goes.

    \b
    Examples:
      pressrun hold 12 --why "the court delayed its ruling"
      pressrun hold d31 --why "picture rights" --until "tomorrow 08:00"
      pressrun hold --section police --why "names to be checked"
    """
    return _lay(what, section, channel, False, why, until, let_breaking, as_user, as_json, settings)


def pause(
    what: All = None,
    why: Reason = "",
    until: Until = None,
    section: OfSection = None,
    channel: OfChannel = None,
    let_breaking: Breaking = False,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Pause everything, posts and newsletters, with a reason that everybody sees.

    Running workers stop before their next post, a newsletter before its next reader. Posts can still be taken down.

    \b
    Examples:
      pressrun pause everything --why "the accident at the harbour" --let-breaking
      pressrun pause --channel x-main --why "the account is under attack"
    """
    return _lay(what, section, channel, True, why, until, let_breaking, as_user, as_json, settings)


def release(
    what: One = None,
    section: OfSection = None,
    channel: OfChannel = None,
    yes: Yes = False,
    drop: Drops = None,
    slot: Slots = None,
    send: Sends = None,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Let what was held go again, spaced, the newest first.

    What would come too late is dropped. For a section or a channel the proposal is shown first.

    \b
    Examples:
      pressrun release 12
      pressrun release --section police --yes --drop d31
    """
    return _lift(what, section, channel, False, yes, (drop, slot, send), why, as_user, as_json, settings)


def resume(
    what: All = None,
    section: OfSection = None,
    channel: OfChannel = None,
    yes: Yes = False,
    drop: Drops = None,
    slot: Slots = None,
    send: Sends = None,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """End a pause without a burst: each post that came due under it gets a proposal.

    It is sent in its turn (the newest first, spaced), moved to its channel's next slot, or dropped as stale. Nothing
    happens until somebody says yes: at the question, or with --yes. Ends with 1 where the proposal was only shown.

    \b
    Examples:
      pressrun resume everything
      pressrun resume everything --yes --drop d31 --slot d32
    """
    return _lift(what, section, channel, True, yes, (drop, slot, send), why, as_user, as_json, settings)


def _lay(
    what: str | None,
    section: str | None,
    channel: str | None,
    across: bool,
    why: str,
    until: str | None,
    let_breaking: bool,
    as_user: str | None,
    as_json: bool,
    settings: Any,
) -> int:
    from desk.cli.opening import opened, read_moment
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        reach = _reach(desk, what, section, channel, across)
        end = read_moment(desk, until) if until is not None else None
        laid = newsroom.hold(desk.app, reach, actor=desk.actor, reason=why, until=end, lets_breaking=let_breaking)
        tell_laid(desk, laid)
    return 0


def _lift(
    what: str | None,
    section: str | None,
    channel: str | None,
    across: bool,
    yes: bool,
    chosen: tuple[list[str] | None, list[str] | None, list[str] | None],
    why: str,
    as_user: str | None,
    as_json: bool,
    settings: Any,
) -> int:
    from desk.cli.opening import opened, paused_line
    from scheduler import newsroom
    from scheduler.newsroom.holding import ACROSS

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        reach, ways = _reach(desk, what, section, channel, across), _ways(chosen)
        found = newsroom.propose(desk.app, reach, ways)
        if found.proposals and not yes and reach.scope in ACROSS and not _agreed(desk, found):
            desk.page.give(timezone=desk.times.name, done=False, **_resumption_form(desk, found))
            return 1
        done = newsroom.resume(desk.app, reach, actor=desk.actor, ways=ways, reason=why)
        desk.page.head(paused_line(desk.app, desk.times))
        what = f"{reach.told[:1].upper()}{reach.told[1:]}"
        desk.page.say(f"{what} {'goes again' if reach.scope in ACROSS else 'is released'}.")
        _tell_proposals(desk, done)
        desk.page.give(timezone=desk.times.name, done=True, **_resumption_form(desk, done))
    return 0


def _reach(desk: Desk, what: str | None, section: str | None, channel: str | None, across: bool) -> Reach:
    from db.records import Scope
    from desk.cli.naming import check_channels, delivery_number, find_story, is_delivery
    from scheduler.newsroom import Reach

    if sum(one is not None for one in (what, section, channel)) != 1:
        first = "'everything'" if across else "a story, a delivery"
        raise WrongUsage(f"Name one thing: {first}, --section S or --channel C.")
    if section is not None:
        return Reach(Scope.SECTION, section.strip())
    if channel is not None:
        return Reach(Scope.CHANNEL, check_channels(desk, [channel])[0])
    assert what is not None
    if across:
        if what.strip().lower() != "everything":
            raise WrongUsage(
                f'"{what}" cannot be paused: write everything; one story is held with: pressrun hold {what}'
            )
        return Reach(Scope.EVERYTHING)
    if is_delivery(what):
        return Reach(Scope.DELIVERY, str(delivery_number(what)))
    return Reach(Scope.STORY, str(find_story(desk, what).id))


def _ways(chosen: tuple[list[str] | None, list[str] | None, list[str] | None]) -> dict[int, Way]:
    from desk.cli.naming import delivery_number
    from scheduler.newsroom import Way

    ways: dict[int, Way] = {}
    for way, names in zip((Way.DROP, Way.SLOT, Way.SPACED), chosen, strict=True):
        for name in names or []:
            if ways.setdefault(delivery_number(name), way) is not way:
                raise WrongUsage(f"Delivery {name} is named twice: say --drop, --slot or --send for it.")
    return ways


def _agreed(desk: Desk, found: Resumption) -> bool:
    """Shows the proposal and asks; where nobody can answer, nothing is agreed."""
    from desk.cli.printing import has_person

    desk.page.say(f"{found.reach.told[:1].upper()}{found.reach.told[1:]} would be released:")
    _tell_proposals(desk, found)
    if not desk.page.as_json and has_person():
        if typer.confirm("Do it?"):
            return True
        desk.page.say("Nothing was done.")
        return False
    desk.page.say("Nothing was done. To do this, give the command again with --yes; --drop, --slot, --send change it.")
    return False


def tell_laid(desk: Desk, laid: Laid) -> None:
    """Says what a stop keeps, and what it comes too late for."""
    from desk.cli.forms import delivery_form
    from scheduler.newsroom.holding import ACROSS

    page, times = desk.page, desk.times
    ended = "resumed" if laid.reach.scope in ACROSS else "released"
    until = f" until {times.show(laid.stop.until_at)} {times.name}" if laid.stop.until_at else f" until it is {ended}"
    page.say(f"{laid.reach.told[:1].upper()}{laid.reach.told[1:]} is {laid.reach.word}{until}: {laid.stop.reason}")
    if laid.stop.lets_breaking:
        page.say("Breaking news may pass.")
    page.say(f"Planned deliveries that it keeps: {laid.keeps}.")
    if laid.reach.scope == "story" and not laid.keeps and not laid.in_flight:
        page.say(f"What is out of it already stays out; to see and stop it: pressrun stop {laid.reach.target}")
    for one in laid.in_flight:
        last = "it stops before its next reader" if one.subject_kind == "issue" else "it is too late to keep it back"
        page.say(f"  d{one.id}  {one.channel} is being sent: {last}")
    page.give(
        timezone=times.name,
        scope=laid.reach.scope.value,
        target=laid.reach.target,
        reason=laid.stop.reason,
        by=laid.stop.by,
        until_at=times.iso(laid.stop.until_at),
        lets_breaking=laid.stop.lets_breaking,
        keeps=laid.keeps,
        in_flight=[delivery_form(one, times) for one in laid.in_flight],
    )


def _tell_proposals(desk: Desk, found: Resumption) -> None:
    page, times = desk.page, desk.times
    if not found.proposals and not found.expired:
        page.say("Nothing came due under it; what is planned goes at its moment.")
        return
    for one in found.proposals:
        match one.at, one.stale:
            case None, True:
                fate = "dropped: it would be too late by its turn"
            case None, False:
                fate = "dropped"
            case moment, _:
                assert moment is not None
                where = "goes in its next slot," if one.way == "slot" else "goes"
                fate = f"{where} {times.show(moment.due_at)}"
        page.say(f"  d{one.delivery.id}  {one.delivery.channel}  was due {times.show(one.delivery.due_at)}: {fate}")
    for gone in found.expired:
        page.say(f"  d{gone.id}  {gone.channel}  was due {times.show(gone.due_at)}: went stale meanwhile")
    page.say(f"Times are in {times.name}.")


def _resumption_form(desk: Desk, found: Resumption) -> dict[str, Any]:
    from desk.cli.forms import delivery_form

    times = desk.times
    return {
        "scope": found.reach.scope.value,
        "target": found.reach.target,
        "reason": found.stops[0].reason,
        "proposals": [
            {
                **delivery_form(one.delivery, times),
                "way": one.way.value,
                "stale": one.stale,
                "goes_at": times.iso(one.at.due_at) if one.at is not None else None,
            }
            for one in found.proposals
        ],
        "expired": [delivery_form(one, times) for one in found.expired],
    }
