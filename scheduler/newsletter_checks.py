"""What must agree between a newsletter, its channel and the other newsletters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from db.records import Mode
from scheduler.periodical import periodicals
from scheduler.settings import EmailChannel, Settings
from scheduler.settings_faults import Fault
from scheduler.slots import WEEKDAYS, Slots


def check_newsletters(settings: Settings) -> Iterator[Fault]:
    """Every fault between keys of the newsletters, and between them and the channels."""
    for name, channel in settings.channels.items():
        if isinstance(channel, EmailChannel):
            yield from _by_itself(f"channels.{name}", name, channel, settings)
    for name, asked in settings.newsletters.items():
        at = f"newsletters.{name}"
        if name in settings.channels:
            yield Fault(at, f"a channel is called {name} too", "give one of them another name")
        carrier = settings.channels.get(asked.channel)
        mail = [one for one, kind in settings.channels.items() if isinstance(kind, EmailChannel)]
        if not isinstance(carrier, EmailChannel):
            known = f"name one of these: {', '.join(mail)}" if mail else 'write a [channels.NAME] of kind = "email"'
            yield Fault(f"{at}.channel", f'"{asked.channel}" is no channel of kind "email"', known)
        if asked.daily is None and asked.weekly is None and asked.alerts == "off":
            yield Fault(at, "it never comes: neither daily nor weekly nor as alerts", "write when it is cut")
        if asked.minimum > asked.maximum:
            yield Fault(
                f"{at}.minimum", f"no issue can have {asked.minimum} stories and {asked.maximum} at most", "lower it"
            )
        if asked.order == "sections" and not asked.sections:
            yield Fault(f"{at}.order", "there is no order of sections", "list them in sections, the first one first")
        if len(asked.languages) == 1:
            wrong = "with one language there is nothing to choose"
            yield Fault(f"{at}.languages", wrong, "name all languages of its stories, or leave it out")
        counted = [key for key in ("count_opens", "count_clicks") if getattr(asked, key)]
        if counted and not settings.newsroom.public_url:
            wrong = "nothing can be counted without an address that readers' mail programs reach"
            yield Fault(f"{at}.{counted[0]}", wrong, "set public_url under [newsroom]")
        yield from _once_a_window(at, asked.daily, asked.weekly)
    yield from _lists(settings)


def _by_itself(at: str, name: str, channel: EmailChannel, settings: Settings) -> Iterator[Fault]:
    """An e-mail channel is one newsletter by itself, or carries those that name it."""
    carries = [one for one, asked in settings.newsletters.items() if asked.channel == name]
    if bool(channel.newsletter) != bool(channel.list_name):
        there, missing = ("newsletter", "list") if channel.newsletter else ("list", "newsletter")
        yield Fault(f"{at}.{there}", f"a channel with {there} needs {missing} too", f"write {missing}, or neither")
    elif not channel.list_name and not carries:
        wrong = "no newsletter goes through it"
        yield Fault(at, wrong, f'write [newsletters.NAME] with channel = "{name}", or newsletter and list here')
    if channel.list_name:
        yield from _once_a_window(at, channel.slots, None, key="slots")


def _once_a_window(at: str, daily: Slots | None, weekly: Slots | None, key: str = "daily") -> Iterator[Fault]:
    """One daily issue a day and one weekly a week; else the later slot would stay empty without a word."""
    days = Counter(slot.weekday for slot in daily.places) if daily is not None else Counter[int]()
    for weekday, number in sorted(days.items()):
        if number > 1:
            wrong = f"{WEEKDAYS[weekday]} has {number} slots, and a daily issue is cut once a day"
            yield Fault(f"{at}.{key}", wrong, "keep one, or make a second newsletter")
            break
    if weekly is not None and len(weekly.places) > 1:
        wrong = f"there are {len(weekly.places)} slots, and a weekly issue is cut once a week"
        yield Fault(f"{at}.weekly", wrong, 'write one, e.g. ["sat 09:00"]')


def _lists(settings: Settings) -> Iterator[Fault]:
    """A reader's one-click ends a list: two newsletters on one would both end."""
    seen: dict[tuple[Mode, str], str] = {}
    for name, letter in periodicals(settings).items():
        first = seen.setdefault((letter.mode, letter.list_name.casefold()), name)
        if first != name:
            table = "channels" if letter.channel == name else "newsletters"
            yield Fault(
                f"{table}.{name}.list",
                f"{first} has the same list, so whoever leaves one would leave both",
                "give each newsletter a list of its own",
            )
