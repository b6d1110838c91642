"""Finding what a person names: a story by number, ``latest`` or words of its headline; a delivery as 12 or d12."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from desk.cli.options import WrongUsage

if TYPE_CHECKING:
    from db.records import Article
    from desk.cli.opening import Desk

MOST_CANDIDATES = 10
_DELIVERY = re.compile(r"d([0-9]{1,18})", re.IGNORECASE)
_NUMBER = re.compile(r"#?([0-9]{1,18})")


class NoSuchStory(WrongUsage):
    """No story, or more than one, answers to a name; ``str()`` says what to write instead."""


def find_story(desk: Desk, name: str) -> Article:
    """The story that ``name`` means, told on the page. Raises ``NoSuchStory`` or ``NotThere``."""
    from db import articles

    with desk.app.ground.reading() as tx:
        if found := _NUMBER.fullmatch(name.strip()):
            article = articles.get(tx, int(found[1]))
        elif name.strip().lower() == "latest":
            newest = articles.newest(tx)
            if newest is None:
                raise NoSuchStory("There is no story yet; take one in with: pressrun add FILE.")
            article = newest
        else:
            article = _by_words(articles.search(tx, name, MOST_CANDIDATES + 1), name)
    desk.page.aside(f"Story {article.id}: {article.headline}")
    return article


def delivery_number(name: str) -> int:
    """The number in ``12`` or ``d12``. Raises ``WrongUsage``."""
    found = _DELIVERY.fullmatch(name.strip()) or _NUMBER.fullmatch(name.strip())
    if found is None:
        raise WrongUsage(f'"{name}" is not a delivery: write its number, e.g. d12; pressrun log lists them.')
    return int(found[1])


def is_delivery(name: str) -> bool:
    """Whether a name that may be a story or a delivery is a delivery: ``d12``."""
    return _DELIVERY.fullmatch(name.strip()) is not None


def check_channels(desk: Desk, names: list[str] | None) -> list[str]:
    """The channels named, each one there is. Raises ``WrongUsage``."""
    known = list(desk.app.outlets)
    for name in names or []:
        carried = [one.name for one in desk.app.outlets.values() if one.letter and one.letter.channel == name]
        if name not in known and carried:
            raise WrongUsage(
                f'"{name}" carries newsletters, each with a name of its own; name one: {", ".join(carried)}.'
            )
        if name not in known:
            raise WrongUsage(f'There is no channel "{name}" in the settings; there are: {", ".join(known) or "none"}.')
    return list(dict.fromkeys(names or []))


def _by_words(found: list[Article], name: str) -> Article:
    if not name.strip():
        raise NoSuchStory("An empty name is no story: write its number, 'latest', or words of its headline.")
    if not found and is_delivery(name):
        raise NoSuchStory(
            f"{name} is a delivery, and a story is asked for here; whose it is: pressrun show {name}. "
            "One post of a story is named with --channel."
        )
    if not found:
        raise NoSuchStory(f'No story has "{name}" in its headline; list them with: pressrun log --by story.')
    same = [one for one in found if one.headline.casefold() == name.strip().casefold()]
    if len(found) == 1 or len(same) == 1:
        return (same or found)[0]
    more = "" if len(found) <= MOST_CANDIDATES else "\n  and more"
    lines = "\n".join(f"  {one.id:>5}  {one.headline}" for one in found[:MOST_CANDIDATES])
    raise NoSuchStory(f'"{name}" is in the headlines of several stories; name one by its number:\n{lines}{more}')
