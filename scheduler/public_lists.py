"""The newsletters that readers can ask for on Pressrun's own pages, as the settings have them."""

from __future__ import annotations

from dataclasses import dataclass

from channels.email.channel import list_label
from db.records import Frequency, Mode
from scheduler.periodical import periodicals
from scheduler.settings import Settings


@dataclass(frozen=True, slots=True)
class PublicList:
    """One list as readers see it. ``slug`` is its place in addresses and, like the list's name, for ever.

    ``frequencies`` are those its newsletter has, ``usual`` those that come unasked; ``sections`` the names to choose
    among and ``languages`` those of its stories, empty where there is nothing to choose.
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
    languages: tuple[str, ...] = ()


def public_lists(settings: Settings) -> dict[str, PublicList]:
    """Every newsletter by its list's name, in the order of the settings."""
    return {
        letter.list_name: PublicList(
            name=letter.list_name,
            slug=list_label(letter.list_name),
            title=letter.title,
            channel=name,
            mode=letter.mode,
            zone=letter.zone.key,
            language=letter.language,
            sections=letter.sections or tuple(settings.sections),
            frequencies=letter.frequencies,
            usual=letter.usual,
            languages=letter.languages,
        )
        for name, letter in periodicals(settings).items()
    }
