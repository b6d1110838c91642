"""The newsroom's own rules about stories: which must wait for a person, and when which may speak. Pure.

A rule has a "which" (sections, tags, words, labels, sources, channels: every one given must fit, within one any) and a
"what": a person's yes, hours in which alone it goes, a silence between two moments, a second look after a while.
Several rules may fit one story; every one of them counts, and none can loosen what another asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from db.records import Article, Priority
from scheduler.slots import Quiet, end_of_quiet
from scheduler.spans import say_span

_ROUNDS = 50
"""So often one closed span may lead into the next before "never" is believed: no newsroom has so many rules."""

_WRITTEN_WITHOUT_SPACES = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class StoryRule:
    """One rule as the settings have it. Names and words are compared without regard to capitals.

    ``asks``: it waits for a person's yes. ``hours``: it goes only within them, wall time of ``zone``. ``silence``: it
    never goes from the first moment to the second. ``wait``: it goes so long after it came in at the earliest.
    ``lets_breaking`` None: breaking news passes hours and wait, and neither a silence nor the yes. ``why`` is the
    newsroom's own reason, for people.
    """

    name: str
    zone: ZoneInfo
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    asks: bool = False
    hours: Quiet | None = None
    silence: tuple[datetime, datetime] | None = None
    wait: timedelta = timedelta(0)
    lets_breaking: bool | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """A rule that fits a story on a channel (or does not), and what in the story decided it."""

    rule: StoryRule
    because: str
    fits: bool = True


@dataclass(frozen=True, slots=True)
class Opening:
    """The first moment at which nothing is closed; ``by`` is the last rule that was, None where none was.

    ``at`` None: the rules never open together.
    """

    at: datetime | None
    by: Fit | None = None


def fits(rules: Iterable[StoryRule], article: Article, channel: str) -> tuple[Fit, ...]:
    """The rules that fit this story on this channel, in their order."""
    return tuple(one for rule in rules if (one := fit(rule, article, channel)).fits)


def fit(rule: StoryRule, article: Article, channel: str) -> Fit:
    """Whether a rule fits, with the reason either way in a few words of English."""
    found: list[str] = []
    for wanted, own, fits_so, not_so in (
        (rule.channels, (channel,), "", "it is for the channel{s} {wanted}"),
        (rule.sections, (article.section,), 'its section is "{got}"', "its section is {own}, not {wanted}"),
        (rule.labels, (article.label.value,), "it is labelled {got}", "it is labelled {own}, not {wanted}"),
        (rule.sources, (article.source,), 'it came from "{got}"', "it came from {own}, not {wanted}"),
        (rule.tags, article.tags, 'it has the tag "{got}"', "it has none of the tags {wanted}"),
    ):
        if not wanted:
            continue
        got = _shared(wanted, own)
        if got is None:
            plural = "s" if len(wanted) > 1 else ""
            mine = " ".join(f'"{one}"' for one in own if one) or "empty"
            return Fit(rule, not_so.format(s=plural, wanted=_listed(wanted), own=mine), fits=False)
        if fits_so:
            found.append(fits_so.format(got=got))
    if rule.words:
        seen = word_in(article, rule.words)
        if seen is None:
            return Fit(rule, f"none of its {len(rule.words)} words is in the story", fits=False)
        found.append(seen)
    return Fit(rule, " and ".join(found) or "it is for every story")


def asks(found: Sequence[Fit], priority: Priority) -> Fit | None:
    """The first rule that wants a person's yes, None where none does."""
    return next((one for one in found if one.rule.asks and not _passes(one.rule, priority, law=True)), None)


def not_before(found: Sequence[Fit], came_at: datetime, priority: Priority) -> tuple[datetime, Fit | None]:
    """The moment before which a second look is still to be had, and whose rule says so."""
    longest, by = came_at, None
    for one in found:
        if one.rule.wait and not _passes(one.rule, priority, law=False) and came_at + one.rule.wait > longest:
            longest, by = came_at + one.rule.wait, one
    return longest, by


def opens(found: Sequence[Fit], at: datetime, priority: Priority, *, by_person: bool = False) -> Opening:
    """The first moment from ``at`` on at which every rule lets the story go.

    ``by_person``: somebody ordered this moment by name, which passes hours; nobody passes a silence.
    """
    timed = [one for one in found if one.rule.hours is not None or one.rule.silence is not None]
    by: Fit | None = None
    for _ in range(_ROUNDS):
        for one in timed:
            until = _closed_until(one.rule, at, priority, by_person)
            if until is not None:
                at, by = until, one
                break
        else:
            return Opening(at, by)
    return Opening(None, by)


def is_closed(rule: StoryRule, at: datetime, priority: Priority, *, by_person: bool = False) -> bool:
    """Whether a rule keeps what it fits at ``at``."""
    return _closed_until(rule, at, priority, by_person) is not None


def says(rule: StoryRule) -> str:
    """What a rule does, for people: in the settings' order, in the rule's zone."""
    parts = []
    if rule.asks:
        parts.append("waits for a person's yes")
    if rule.wait:
        parts.append(f"goes {say_span(rule.wait)} after it came in at the earliest")
    if rule.hours is not None:
        parts.append(f"goes only from {rule.hours.start:%H:%M} to {rule.hours.end:%H:%M}")
    if rule.silence is not None:
        begins, ends = (moment.astimezone(rule.zone) for moment in rule.silence)
        parts.append(f"is silent from {begins:%a %d %b %Y %H:%M} to {ends:%a %d %b %Y %H:%M}")
    return ", ".join(parts)


def word_in(article: Article, words: tuple[str, ...]) -> str | None:
    """The first of these words in the story and where it stands; None where none does.

    A word is whole ("minor" is not in "minority"); an asterisk at its end stands for any ending. Where a script has
    no spaces between words it is looked for anywhere.
    """
    pattern = _pattern(words)
    places: Iterator[tuple[str, str]] = iter(
        (
            ("in its headline", article.headline),
            ("in its dek", article.dek),
            ("in the publisher's teaser", article.summary),
            ("among its tags", "\n".join(article.tags)),
            *((f"in paragraph {number}", text) for number, text in enumerate(article.paragraphs, 1)),
            *((f"in its {line.kind} line", line.text) for line in article.removed),
        )
    )
    for where, text in places:
        if (seen := pattern.search(text)) is not None:
            return f'the word "{" ".join(seen[0].split())}" is {where}'
    return None


@lru_cache(maxsize=64)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_one_word(word) for word in words if word.strip("* ")) or "(?!)", re.IGNORECASE)


def _one_word(word: str) -> str:
    open_end = word.endswith("*")
    said = r"\s+".join(re.escape(piece) for piece in word.removesuffix("*").split())
    if _WRITTEN_WITHOUT_SPACES.search(word):
        return said
    return rf"(?<!\w){said}" + (r"\w*" if open_end else r"(?!\w)")


def _closed_until(rule: StoryRule, at: datetime, priority: Priority, by_person: bool) -> datetime | None:
    """The end of the span in which this rule is closed at ``at``; None where it is open."""
    silent = rule.silence is not None and rule.silence[0] <= at < rule.silence[1]
    if silent and rule.silence is not None and not _passes(rule, priority, law=True):
        return rule.silence[1]
    if rule.hours is None or by_person or _passes(rule, priority, law=False):
        return None
    shut = Quiet(rule.hours.end, rule.hours.start)
    until = end_of_quiet(shut, rule.zone, at)
    return until if until > at else None


def _passes(rule: StoryRule, priority: Priority, *, law: bool) -> bool:
    """Whether breaking news passes: as the rule says, else the machine's patience and never what a person decides."""
    lets = rule.lets_breaking if rule.lets_breaking is not None else not law
    return priority is Priority.BREAKING and lets


def _shared(wanted: Iterable[str], own: Iterable[str]) -> str | None:
    folded = {one.strip().casefold(): one for one in own}
    return next((folded[name] for one in wanted if (name := one.strip().casefold()) in folded and name), None)


def _listed(names: Sequence[str]) -> str:
    return " or ".join(f'"{one}"' for one in names)
