"""The newsletters that readers can ask for on Pressrun's own pages, as the settings have them."""

from __future__ import annotations

from dataclasses import dataclass

from channels.email.channel import list_label
from db.records import Frequency, Mode
from scheduler.settings import EmailChannel, Settings


@dataclass(frozen=True, slots=True)
class PublicList:
    """One list as readers see it. ``slug`` is its place in addresses and, like the list's name, for ever.

    ``frequencies`` are those its newsletter has, ``usual`` those that come unasked; ``sections`` the names to choose
    among, empty where there is nothing to choose.
    """

    name: str
    slug: str
    title: str
    channel: str
    mode: Mode
    zone: str
    language: str
    sections: tuple[str, ...] = ()
    frequencies: tuple[Frequency, ...] = (Frequency.DAILY,)
    usual: frozenset[Frequency] = frozenset({Frequency.DAILY})


def public_lists(settings: Settings) -> dict[str, PublicList]:
    """Every newsletter by its list's name, in the order of the settings."""
    newsroom = settings.newsroom
    found = {}
    for name, channel in settings.channels.items():
        if isinstance(channel, EmailChannel):
            found[channel.list_name] = PublicList(
                name=channel.list_name,
                slug=list_label(channel.list_name),
                title=channel.newsletter,
                channel=name,
                mode=channel.mode,
                zone=newsroom.timezone,
                language=newsroom.language,
                sections=tuple(settings.sections),
            )
    return found
