"""From a channel's settings to what planning and retrying ask of it."""

from __future__ import annotations

from db.records import Publish
from scheduler.periodical import Periodical
from scheduler.plan import Rules
from scheduler.retry import RetryPolicy
from scheduler.settings import AnyChannel, EmailChannel, Settings
from scheduler.slots import Slots
from scheduler.story_rules import StoryRule


def rules_of(name: str, settings: Settings) -> Rules:
    """The planning rules of one channel. Raises ``KeyError`` for a channel the settings do not name."""
    channel = settings.channels[name]
    return Rules(
        channel=name,
        mode=channel.mode,
        zone=settings.newsroom.zone,
        slots=channel.slots,
        quiet=channel.quiet,
        spacing=channel.spacing,
        latest=channel.latest,
        daily_cap=channel.daily_cap,
        except_dates=channel.except_dates,
        breaking_latest=channel.breaking_latest,
        publish=channel.publish_rule,
        sections=_sections(settings),
        stories=story_rules(settings),
    )


def story_rules(settings: Settings) -> tuple[StoryRule, ...]:
    """The newsroom's rules about stories, in the order of the file."""
    zone = settings.newsroom.zone
    return tuple(
        StoryRule(
            name=name,
            zone=zone,
            sections=rule.sections,
            tags=rule.tags,
            words=rule.words,
            labels=tuple(label.value for label in rule.labels),
            sources=rule.sources,
            channels=rule.channels,
            asks=rule.publish is not None,
            hours=rule.hours,
            silence=rule.silence(zone),
            wait=rule.wait,
            lets_breaking=rule.lets_breaking,
            why=rule.why,
        )
        for name, rule in settings.rules.items()
    )


def rules_of_letter(letter: Periodical, settings: Settings) -> Rules:
    """The planning rules of one newsletter. Its issues have hours of their own, so no spacing and no cap."""
    return Rules(
        channel=letter.name,
        mode=letter.mode,
        zone=letter.zone,
        slots=letter.daily or letter.weekly or Slots(),
        latest=letter.latest,
        except_dates=letter.except_dates,
        breaking_latest=letter.alert_latest,
        publish=letter.publish,
        sections=_sections(settings),
        stories=story_rules(settings),
    )


def _sections(settings: Settings) -> dict[str, Publish]:
    return {section: one.publish for section, one in settings.sections.items() if one.publish is not None}


def policy_of(channel: AnyChannel) -> RetryPolicy:
    """The retry policy of one channel. E-mail cannot be searched, so nothing has to settle there."""
    if isinstance(channel, EmailChannel):
        return RetryPolicy(settle=channel.deadline, can_find=False)
    return RetryPolicy(settle=channel.settle)
