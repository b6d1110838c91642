"""Taking back: one post, a whole story, and the one door that shows what can still be stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, DeliveryName, SettingsFile, Story, Why, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.records import Delivery
    from desk.cli.opening import Desk
    from scheduler.newsroom import TakenBack, Whole

Reason = Annotated[str, typer.Option("--why", metavar="W", help="The reason, kept in the log and the audit.")]


def takedown(
    delivery: DeliveryName,
    why: Reason = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Take one post down, at once.

    A post that is gone already counts as taken down. E-mail cannot be recalled. Ends with 1 while it is not done.

    \b
    Example:
      pressrun takedown d31 --why "wrong picture"
    """
    from desk.cli.naming import delivery_number
    from desk.cli.opening import opened
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        done = newsroom.take_down(desk.app, delivery_number(delivery), actor=desk.actor, reason=why)
        return _carry_out(desk, [done])


def kill(
    story: Story,
    why: Reason = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Take a whole story back everywhere, and keep it out.

    What is planned is called off on every channel and issue, what is out is deleted at once, and no source brings it
    back. What cannot be recalled is told. Ends with 1 while anything of it is still out. "revive" takes it back.

    \b
    Example:
      pressrun kill 12 --why "the source withdrew it"
    """
    from desk.cli.naming import find_story
    from desk.cli.opening import opened
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        article = find_story(desk, story)
        done = newsroom.kill(desk.app, article.id, actor=desk.actor, reason=why)
        desk.page.say(f"It is killed, and no source brings it back; to take that back: pressrun revive {article.id}")
        return _carry_out(desk, done.rows)


def revive(
    story: Story, why: Why = "", as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None
) -> int:
    """Take a kill back: the story may be planned again. What was taken down stays down.

    \b
    Example:
      pressrun revive 12 --why "the source stands by it"
    """
    from desk.cli.forms import article_form
    from desk.cli.naming import find_story
    from desk.cli.opening import opened
    from scheduler import newsroom

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        article = newsroom.revive(desk.app, find_story(desk, story).id, actor=desk.actor, reason=why)
        hint = f"pressrun again {article.id} --channel C"
        desk.page.say(f"It is back, and nothing of it is planned where it was before; to post it once more: {hint}")
        desk.page.give(timezone=desk.times.name, story=article_form(article, desk.times))
    return 0


def stop(
    story: Story,
    hold: Annotated[bool, typer.Option("--hold", help="Keep what is planned until it is released.")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Call off what is planned or in flight.")] = False,
    take_down: Annotated[bool, typer.Option("--take-down", help="Take down what is live or in flight.")] = False,
    kill: Annotated[bool, typer.Option("--kill", help="Both, and keep the story out for good.")] = False,
    why: Reason = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Show what of a story is planned, in flight and live, and stop it one way or another.

    Without one of the four it only shows, and asks where somebody can answer.

    \b
    Examples:
      pressrun stop 12
      pressrun stop 12 --take-down --why "wrong figures"
    """
    from desk.cli.forms import delivery_form
    from desk.cli.naming import find_story
    from desk.cli.opening import opened
    from scheduler import newsroom

    ways = [way for way, said in zip(_WAYS, (hold, cancel, take_down, kill), strict=True) if said]
    if len(ways) > 1:
        raise WrongUsage("Say one of --hold, --cancel, --take-down and --kill.")
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        article = find_story(desk, story)
        there = newsroom.whole(desk.app, article.id)
        _tell_whole(desk, there)
        way = ways[0] if ways else _asked(desk)
        if way is None:
            forms = {
                name: [delivery_form(one, desk.times) for one in some]
                for name, some in (("planned", there.planned), ("in_flight", there.in_flight), ("live", there.live))
            }
            desk.page.give(timezone=desk.times.name, **forms)
            return 0
        return _stop(desk, article.id, way, why or _reason(desk))


_WAYS = ("hold", "cancel", "take-down", "kill")


def _stop(desk: Desk, article_id: int, way: str, why: str) -> int:
    from db.records import Scope
    from desk.cli.calling_off import tell_called_off
    from desk.cli.holding import tell_laid
    from scheduler import newsroom

    app, actor = desk.app, desk.actor
    match way:
        case "hold":
            reach = newsroom.Reach(Scope.STORY, str(article_id))
            tell_laid(desk, newsroom.hold(app, reach, actor=actor, reason=why))
            return 0
        case "cancel":
            tell_called_off(desk, newsroom.cancel_story(app, article_id, actor=actor, reason=why))
            return 0
        case "take-down":
            return _carry_out(desk, newsroom.take_story_down(app, article_id, actor=actor, reason=why))
    return _carry_out(desk, newsroom.kill(app, article_id, actor=actor, reason=why).rows)


def _asked(desk: Desk) -> str | None:
    """Which way a person at the terminal chooses; None where nobody can be asked, or they choose none."""
    from desk.cli.printing import has_person

    if desk.page.as_json or not has_person():
        desk.page.say("To stop it: --hold, --cancel, --take-down or --kill, with --why.")
        return None
    answer: str = typer.prompt("hold, cancel, take-down, kill, or nothing", default="nothing")
    chosen = answer.strip().lower()
    if chosen == "nothing":
        return None
    if chosen not in _WAYS:
        raise WrongUsage(f'"{chosen}" is none of hold, cancel, take-down and kill; nothing was done.')
    return chosen


def _reason(desk: Desk) -> str:
    from desk.cli.printing import has_person

    if desk.page.as_json or not has_person():
        return ""
    answer: str = typer.prompt("Why", default="", show_default=False)
    return answer


def _tell_whole(desk: Desk, there: Whole) -> None:
    from desk.cli.standing_words import moment_of

    heads: tuple[tuple[str, Sequence[Delivery]], ...] = (
        ("Planned", there.planned),
        ("In flight", there.in_flight),
        ("Live", there.live),
    )
    for head, some in heads:
        desk.page.say(f"{head}: {len(some) or 'nothing'}")
        for one in some:
            desk.page.say(f"  d{one.id}  {one.channel}  {one.state}, {moment_of(one, desk.times)}")
    if any(some for _, some in heads):
        desk.page.say(f"Times are in {desk.times.name}.")


def _carry_out(desk: Desk, rows: Sequence[TakenBack]) -> int:
    """Works the take-downs that were ordered and tells a row for each delivery; 1 while anything is still out."""
    from desk.cli.forms import delivery_form
    from scheduler import newsroom

    numbers = [row.removal.id for row in rows if row.removal is not None]
    ended = {one.id: one for one in newsroom.carry_out(desk.app, numbers)} if numbers else {}
    done, forms = True, []
    for row in rows:
        removal = ended.get(row.removal.id) if row.removal is not None else None
        word, sentence, over = _fate(row, removal)
        done = done and over
        desk.page.say(f"d{row.delivery.id}  {row.delivery.channel}  {word}: {sentence}")
        if row.url and not over:
            desk.page.verbatim(f"    {row.url}")
        forms.append(
            {
                **delivery_form(row.delivery, desk.times),
                "result": word,
                "told": sentence,
                "url": row.url,
                "accepted": row.accepted,
                "takedown": delivery_form(removal, desk.times) if removal is not None else None,
            }
        )
    if not rows:
        desk.page.say("Nothing of it was planned or out.")
    desk.page.give(timezone=desk.times.name, done=done, deliveries=forms)
    return 0 if done else 1


def _fate(row: TakenBack, removal: Delivery | None) -> tuple[str, str, bool]:
    """A row's word, its sentence, and whether nothing is left to do: mail stays, what only a hand can remove is left."""
    from db.records import State, SubjectKind
    from scheduler.newsroom import Did

    if removal is None:
        by_hand = row.did is Did.BEYOND and row.delivery.subject_kind is not SubjectKind.ISSUE
        return row.did.value, row.sentence, not by_hand and row.did is not Did.WISHED
    match removal.state:
        case State.SENT:
            return "taken down", f"by delivery {removal.id}", True
        case State.FAILED:
            return "refused", f"{removal.reason} It is still out: remove it by hand, or give the command again.", False
    why = f" ({removal.reason})" if removal.reason else ""
    return "not yet", f"delivery {removal.id} tries again by itself{why}", False
