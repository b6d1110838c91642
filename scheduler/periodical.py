"""The newsletters as the journey sees them: each with its list, its hours and its rules, from all the settings.

A newsletter is a destination of its own, with lanes of its own, that goes out through an e-mail channel. An e-mail
channel with ``newsletter`` and ``list`` is one by itself, under the channel's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from db.records import Frequency, HitKind, Mode, Publish, same_language, section_key
from scheduler.newsletter_settings import Alerts, Order
from scheduler.settings import AnyChannel, EmailChannel, Settings
from scheduler.slots import Slots, start_of_day


@dataclass(frozen=True, slots=True)
class Periodical:
    """One newsletter. ``daily`` and ``weekly`` are when such an issue is cut, None: never.

    ``sections`` are those it takes, in the order of the settings; empty: all. ``local_times``: an issue comes at its
    hour of each reader's own zone. ``languages`` are those that readers choose from. ``alerts_a_day`` is the most a reader gets who has not said less.
    """

    name: str
    channel: str
    title: str
    list_name: str
    sender: str
    reply_to: str
    language: str
    mode: Mode
    publish: Publish
    zone: ZoneInfo
    daily: Slots | None = field(default_factory=Slots)
    weekly: Slots | None = None
    except_dates: frozenset[date] = frozenset()
    local_times: bool = False
    latest: timedelta = timedelta(hours=12)
    sections: tuple[str, ...] = ()
    order: Order = "newest"
    minimum: int = 1
    maximum: int = 25
    oldest: timedelta = timedelta(days=8)
    alerts: Alerts = "off"
    alerts_a_day: int = 5
    alert_latest: timedelta = timedelta(hours=1)
    template: str = "issue"
    languages: tuple[str, ...] = ()
    may_be_clipped: bool = False
    count_opens: bool = False
    count_clicks: bool = False

    @property
    def usual(self) -> frozenset[Frequency]:
        """How often it comes to a reader who has chosen nothing."""
        if self.daily is not None:
            return frozenset({Frequency.DAILY})
        return frozenset({Frequency.WEEKLY} if self.weekly is not None else {Frequency.IMMEDIATE})

    @property
    def counted(self) -> frozenset[HitKind]:
        """What is counted of its issues."""
        kinds = ((HitKind.OPEN, self.count_opens), (HitKind.CLICK, self.count_clicks))
        return frozenset(kind for kind, wanted in kinds if wanted)

    @property
    def frequencies(self) -> tuple[Frequency, ...]:
        """What a reader may choose from."""
        offered = ((Frequency.IMMEDIATE, self.alerts != "off"), (Frequency.DAILY, self.daily is not None))
        return tuple(one for one, there in (*offered, (Frequency.WEEKLY, self.weekly is not None)) if there)

    def speaks(self, language: str, story: str) -> bool:
        """Whether a story goes to readers who chose ``language``; a story of an unknown one goes to everybody."""
        if not language or not story or not any(same_language(language, one) for one in self.languages):
            return True
        return same_language(language, story)

    def slots_of(self, frequency: Frequency) -> Slots | None:
        """When an issue of this frequency is cut; None: never by the clock."""
        return {Frequency.DAILY: self.daily, Frequency.WEEKLY: self.weekly}.get(frequency)

    def takes(self, section: str) -> bool:
        """Whether stories of a section belong in it."""
        return not self.sections or section_key(section) in {section_key(one) for one in self.sections}

    def window(self, frequency: Frequency, at: datetime) -> str:
        """What an issue cut for the slot at ``at`` stands for: its wall date, or its week (ISO 8601)."""
        day = at.astimezone(self.zone).date()
        if frequency is Frequency.WEEKLY:
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
        return day.isoformat()

    def window_after(self, frequency: Frequency, at: datetime) -> datetime:
        """When the window that holds ``at`` is over."""
        day = at.astimezone(self.zone).date()
        days = 7 - day.weekday() if frequency is Frequency.WEEKLY else 1
        return start_of_day(day + timedelta(days=days), self.zone)


def periodicals(settings: Settings) -> Mapping[str, Periodical]:
    """Every newsletter by name: e-mail channels that are one themselves, then ``[newsletters]``.

    Those that name a channel which is not there, or no e-mail channel, are left out; ``check_newsletters`` tells them.
    """
    found = {
        name: _by_itself(name, channel, settings)
        for name, channel in settings.channels.items()
        if isinstance(channel, EmailChannel) and channel.list_name
    }
    for name, asked in settings.newsletters.items():
        channel = settings.channels.get(asked.channel)
        if not isinstance(channel, EmailChannel):
            continue
        mode = asked.mode or channel.mode
        found[name] = Periodical(
            name=name,
            channel=asked.channel,
            title=asked.title,
            list_name=asked.list_name or name,
            sender=asked.sender or channel.sender,
            reply_to=asked.reply_to or channel.reply_to,
            language=asked.language or settings.newsroom.language,
            mode=mode,
            publish=asked.publish or channel.publish or (Publish.APPROVE if mode is Mode.LIVE else Publish.AUTO),
            zone=ZoneInfo(asked.timezone) if asked.timezone else settings.newsroom.zone,
            daily=asked.daily,
            weekly=asked.weekly,
            except_dates=asked.except_dates,
            local_times=asked.local_times,
            latest=asked.latest,
            sections=asked.sections,
            order=asked.order,
            minimum=asked.minimum,
            maximum=asked.maximum,
            oldest=asked.oldest,
            alerts=asked.alerts,
            alerts_a_day=asked.alerts_a_day,
            alert_latest=asked.alert_latest,
            template=asked.template,
            languages=asked.languages,
            may_be_clipped=asked.may_be_clipped,
            count_opens=asked.count_opens,
            count_clicks=asked.count_clicks,
        )
    return found


def outlet_modes(settings: Settings) -> dict[str, Mode]:
    """Every destination and its mode: the channels but those that only carry newsletters, and the newsletters."""
    letters = periodicals(settings)
    modes = {
        name: channel.mode
        for name, channel in settings.channels.items()
        if not isinstance(channel, EmailChannel) or name in letters
    }
    return {**modes, **{name: letter.mode for name, letter in letters.items()}}


def channels_as_used(settings: Settings) -> dict[str, AnyChannel]:
    """The channels, an e-mail channel being live as soon as a newsletter that goes through it is."""
    live = {one.channel for one in periodicals(settings).values() if one.mode is Mode.LIVE}
    return {
        name: channel.model_copy(update={"mode": Mode.LIVE}) if name in live else channel
        for name, channel in settings.channels.items()
    }


def _by_itself(name: str, channel: EmailChannel, settings: Settings) -> Periodical:
    return Periodical(
        name=name,
        channel=name,
        title=channel.newsletter,
        list_name=channel.list_name,
        sender=channel.sender,
        reply_to=channel.reply_to,
        language=settings.newsroom.language,
        mode=channel.mode,
        publish=channel.publish_rule,
        zone=settings.newsroom.zone,
        daily=channel.slots,
        except_dates=channel.except_dates,
        latest=channel.latest,
        alert_latest=channel.breaking_latest,
    )
