"""A newsletter with readers who choose for themselves, in a house with a mail server of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

from db import choices, subscribers
from db.records import Choices, Frequency
from tests.scheduler.house import House

LETTERS = """
[newsroom]
name = "The Test Times"
site = "https://news.example.org"
timezone = "Europe/London"

[channels.mail]
kind = "email"
from = "The Test Times <news@news.example.org>"

[newsletters.morning]
channel = "mail"
title = "Morning briefing"
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader chooses: sections by name ("" is every other), where they are, when they sleep, how many alerts."""

    sections: Mapping[str, tuple[Frequency, ...]] = field(default_factory=dict)
    zone: str = ""
    quiet: tuple[time, time] | None = None
    alerts_a_day: int | None = None


def subscribe(h: House, wishes: Mapping[str, Wish], list_name: str = "morning") -> dict[str, int]:
    """Subscribes readers by name, each with what they choose; their numbers."""
    file = h.app.folder / "named.csv"
    file.write_text("email\n" + "".join(f"{name}@readers.example.org\n" for name in wishes))
    h.take_in_readers(file, list_name)
    numbers = {}
    with h.app.ground.transaction() as tx:
        to_list = subscribers.list_id(tx, list_name)
        for one in subscribers.candidates(tx, list_name):
            name = one.subscriber.address.partition("@")[0]
            if name not in wishes:
                continue
            numbers[name] = one.subscriber.id
            wish = wishes[name]
            chosen = Choices(
                sections={section: frozenset(some) for section, some in wish.sections.items()},
                zone=wish.zone,
                quiet_start=wish.quiet[0] if wish.quiet else None,
                quiet_end=wish.quiet[1] if wish.quiet else None,
                alerts_a_day=wish.alerts_a_day,
            )
            assert choices.choose(tx, to_list, one.subscriber.id, chosen, actor="reader", now=h.clock.now())
    return numbers


def inbox(h: House, name: str) -> list[tuple[str, str]]:
    """What the mail server took for a reader, oldest first: the UTC time as 07:00, and the subject."""
    mine = [one for one in h.platforms.published("email") if one.to == (f"{name}@readers.example.org",)]
    return [(f"{one.created_at:%H:%M}", one.subject) for one in reversed(mine)]


def bodies(h: House, name: str) -> list[str]:
    """The text parts of the same mails."""
    mine = [one for one in h.platforms.published("email") if one.to == (f"{name}@readers.example.org",)]
    return [one.text for one in reversed(mine)]
