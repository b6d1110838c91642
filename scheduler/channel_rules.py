"""From a channel's settings to what planning and retrying ask of it."""

from __future__ import annotations

from scheduler.plan import Rules
from scheduler.retry import RetryPolicy
from scheduler.settings import AnyChannel, EmailChannel, Settings


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
        sections={section: one.publish for section, one in settings.sections.items() if one.publish is not None},
    )


def policy_of(channel: AnyChannel) -> RetryPolicy:
    """The retry policy of one channel. E-mail cannot be searched, so nothing has to settle there."""
    if isinstance(channel, EmailChannel):
        return RetryPolicy(settle=channel.deadline, can_find=False)
    return RetryPolicy(settle=channel.settle)
