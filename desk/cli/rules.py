"""``pressrun rules``: the newsroom's rules about stories, and what they would do with one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.cli.options import AsJson, Channels, SettingsFile, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.records import Article
    from desk.cli.opening import Desk
    from scheduler.rule_trial import Trial
    from scheduler.story_rules import StoryRule

rules = typer.Typer(add_completion=False, rich_markup_mode=None, invoke_without_command=True)

_NONE = "The settings have no rules yet: add [rules.NAME] to settings.toml."


@rules.callback()
def _rules(context: typer.Context, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Show the newsroom's rules: for which stories each one is, and what it does with them.

    \b
    Examples:
      pressrun rules
      pressrun rules test latest
    """
    from desk.cli.opening import opened
    from scheduler.channel_rules import story_rules
    from scheduler.story_rules import says

    if context.invoked_subcommand is not None:
        if as_json or settings:
            raise WrongUsage(f"Write the options behind {context.invoked_subcommand}.")
        return 0
    with opened(settings, as_json=as_json) as desk:
        found = story_rules(desk.app.settings)
        sections = [name for name, one in desk.app.settings.sections.items() if one.publish == "approve"]
        for one in found:
            desk.page.say(one.name, f"  for:  {_which(one)}", f"  does: {_with_why(one, says(one))}")
        for name in sections:
            desk.page.say(f"[sections.{name}]", f"  for:  section {name}", "  does: waits for a person's yes")
        if not found and not sections:
            desk.page.say(_NONE)
        elif found:
            desk.page.say("", f"Hours and moments are in {found[0].zone.key}. Try them: pressrun rules test STORY")
        desk.page.give(timezone=desk.times.name, rules=[_form(desk, one) for one in found], sections=sections)
    return 0


@rules.command("test")
def try_out(
    article: Annotated[
        str, typer.Argument(metavar="ARTICLE", help="A story (number, 'latest', words), a file, or a web address.")
    ],
    channel: Channels = None,
    at: Annotated[str | None, typer.Option("--at", metavar="T", help="As if it were then; without it, now.")] = None,
    breaking: Annotated[bool, typer.Option("--breaking", help="As if it were breaking news.")] = False,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Tell which rule does what with a story, and why; stores and posts nothing.

    For each channel every rule with the reason why it fits or not, and the outcome: whether the story waits for a
    person, and from when on the rules let it go.

    \b
    Examples:
      pressrun rules test latest
      pressrun rules test obituary.txt --at "tomorrow 22:00"
      pressrun rules test https://news.example.org/story --channel x-main
    """
    from dataclasses import replace

    from db.records import Priority
    from desk.cli.forms import article_form
    from desk.cli.naming import check_channels
    from desk.cli.opening import opened, read_moment
    from scheduler.rule_trial import try_rules

    with opened(settings, as_json=as_json) as desk:
        chosen = check_channels(desk, channel) or list(desk.app.outlets)
        moment = read_moment(desk, at) if at is not None else desk.app.clock.now()
        if not desk.app.outlets:
            desk.page.say("The settings name no channel yet: add [channels.NAME] to settings.toml.")
        forms = []
        for story in _found(desk, article):
            story = replace(story, priority=Priority.BREAKING) if breaking else story
            trials = [try_rules(desk.app, desk.app.outlets[name], story, moment) for name in chosen]
            _tell(desk, trials)
            forms.append(
                {"story": article_form(story, desk.times), "channels": [_trial_form(desk, one) for one in trials]}
            )
        desk.page.say("", f"Times are in {desk.times.name}.")
        desk.page.give(timezone=desk.times.name, at=desk.times.iso(moment), stories=forms)
    return 0


def _found(desk: Desk, name: str) -> Sequence[Article]:
    """The story of this name, or those in the file or at the address; each is named on the page as it is told."""
    from desk.cli.naming import find_story
    from scheduler.intake.errors import IntakeError
    from scheduler.rule_trial import stories_at

    if "://" not in name and not Path(name).is_file():
        return [find_story(desk, name)]
    try:
        found = stories_at(desk.app, name)
    except IntakeError as error:
        raise WrongUsage(f"{name}: {error}") from None
    if not found:
        raise WrongUsage(f"{name} holds no story.")
    if len(found) > 1:
        desk.page.aside(f"{name} holds {len(found)} stories; the first is tried: {found[0].headline}")
    else:
        desk.page.aside(f"{name}: {found[0].headline}")
    return found[:1]


def _tell(desk: Desk, trials: Sequence[Trial]) -> None:
    from scheduler.story_rules import says

    page = desk.page
    for trial in trials:
        page.say("", f"== {trial.channel}: {_outcome(desk, trial)}")
        if not trial.rules:
            page.say(_NONE)
            continue
        for one in trial.rules:
            if one.fits:
                page.say(f"  {one.rule.name} fits: {one.because}", f"    {_with_why(one.rule, says(one.rule))}")
        for one in trial.rules:
            if not one.fits:
                page.say(f"  {one.rule.name} does not: {one.because}")


def _outcome(desk: Desk, trial: Trial) -> str:
    times = desk.times
    waits = trial.asked.removesuffix(".") if trial.asked else "goes without a person"
    waits = waits[0].lower() + waits[1:]
    if trial.at is None:
        return f"{waits}; the rules never open together, so it would not go"
    if trial.by is None:
        return waits
    return f'{waits}; not before {times.show(trial.at)} (rule "{trial.by.rule.name}")'


def _which(rule: StoryRule) -> str:
    pairs = {
        "section": rule.sections,
        "tag": rule.tags,
        "label": rule.labels,
        "source": rule.sources,
        "channel": rule.channels,
        "word": rule.words,
    }
    told = [f"{name} {' or '.join(given)}" for name, given in pairs.items() if given]
    return "; ".join(told) or "every story"


def _with_why(rule: StoryRule, said: str) -> str:
    return f"{said} ({rule.why})" if rule.why else said


def _form(desk: Desk, rule: StoryRule) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "sections": list(rule.sections),
        "tags": list(rule.tags),
        "words": list(rule.words),
        "labels": list(rule.labels),
        "sources": list(rule.sources),
        "channels": list(rule.channels),
        "asks_for_a_person": rule.asks,
        "hours": [f"{rule.hours.start:%H:%M}", f"{rule.hours.end:%H:%M}"] if rule.hours else None,
        "silence": [desk.times.iso(moment) for moment in rule.silence] if rule.silence else None,
        "wait_seconds": int(rule.wait.total_seconds()),
        "lets_breaking": rule.lets_breaking,
        "why": rule.why or None,
    }


def _trial_form(desk: Desk, trial: Trial) -> dict[str, Any]:
    return {
        "channel": trial.channel,
        "waits_for_a_person": bool(trial.asked),
        "asked": trial.asked or None,
        "not_before": desk.times.iso(trial.at),
        "never": trial.at is None,
        "kept_by": trial.by.rule.name if trial.by else None,
        "rules": [{"rule": one.rule.name, "fits": one.fits, "because": one.because} for one in trial.rules],
    }
