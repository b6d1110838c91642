"""An issue's stories in order, and what it says of them. Pure: no table, no clock, no wire."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from db.records import (
    Article,
    CorrectionBox,
    Frequency,
    IssueWords,
    OwnWords,
    Priority,
    Teaser,
    same_language,
    section_key,
)
from scheduler.periodical import Periodical
from templates.inbox import shorten_preheader

BEHIND_THE_LEAD = 3
"""So many headlines stand behind the subject in the inbox."""
CORRECTED_PREHEADER = 110
"""Characters of what was wrong that stand there when the mail is a correction."""


@dataclass(frozen=True, slots=True)
class Lineup:
    """An issue's stories in order, each with its article, and the corrections that stand before them."""

    window: str
    frequency: Frequency
    stories: tuple[Teaser, ...]
    articles: Mapping[int, Article]
    corrections: tuple[CorrectionBox, ...] = ()
    corrected: bool = False  # the issue itself is a correction
    own: OwnWords | None = None  # a person's words above it

    def only(self, article_ids: Collection[int]) -> Lineup:
        """The same without the stories that are not named."""
        return replace(self, stories=tuple(one for one in self.stories if one.article_id in article_ids))

    def section_of(self, article_id: int) -> str:
        """The section of one of its stories, as the source wrote it."""
        return self.articles[article_id].section if article_id in self.articles else ""

    def language_of(self, article_id: int) -> str:
        """The language of one of its stories, "" where it is not known."""
        return self.articles[article_id].language if article_id in self.articles else ""


def arrange(
    letter: Periodical, waiting: Sequence[Teaser], articles: Mapping[int, Article], pinned: Sequence[int] = ()
) -> tuple[Teaser, ...]:
    """The stories of the next issue, at most ``letter.maximum``, the lead first.

    ``waiting`` in the order taken in. Pinned ones come first and are never crowded out, then breaking news, then what
    the newsletter's order says. Of more than there is room for the newest go.
    """
    by_id = {one.article_id: one for one in waiting}
    first = [by_id[number] for number in pinned if number in by_id][: letter.maximum]
    rest = [one for one in waiting if one.article_id not in pinned]
    rest = rest[max(0, len(rest) - (letter.maximum - len(first))) :] if letter.maximum > len(first) else []
    newest_first = list(reversed(rest))
    if letter.order == "oldest":
        ordered = rest
    elif letter.order == "sections":
        places = {section_key(section): place for place, section in enumerate(letter.sections)}
        ordered = sorted(newest_first, key=lambda one: places.get(_section(articles, one), len(places)))
    else:
        ordered = sorted(newest_first, key=lambda one: not _is_breaking(articles, one))
    return (*first, *ordered)


def pins_for(wanted: Sequence[int], unpinned: Sequence[int]) -> tuple[int, ...]:
    """The fewest stories that must be pinned so that an issue comes in the ``wanted`` order.

    ``unpinned`` is the order of the same stories without any pin; the rest follows it behind the pins.
    """
    for count in range(len(wanted) + 1):
        first = wanted[:count]
        if [*first, *(one for one in unpinned if one not in first)] == list(wanted):
            return tuple(first)
    return tuple(wanted)


def words_of(letter: Periodical, lineup: Lineup) -> IssueWords:
    """What an issue says. The lead story gives the subject; the next headlines stand behind it in the inbox, unless a
    person wrote the lead's own line for that place.

    Behind a correction's subject stands what was wrong. A person's own words hold wherever the story leads that they were written for: a variant with another lead has its own.
    """
    lead = lineup.stories[0]
    own = lineup.own if lineup.own is not None and lineup.own.lead_id == lead.article_id else OwnWords(lead.article_id)
    told = " ".join(lineup.corrections[0].note.split()) if lineup.corrected and lineup.corrections else ""
    others = " · ".join(story.headline for story in lineup.stories[1 : 1 + BEHIND_THE_LEAD])
    headings: tuple[str, ...] = ()
    if letter.order == "sections" and len(lineup.stories) > 1:
        headings = tuple(" ".join(lineup.section_of(one.article_id).split()) for one in lineup.stories)
    return IssueWords(
        channel=letter.name,
        newsletter=letter.title,
        window=lineup.window,
        subject=own.subject or lead.subject or lead.headline,
        preheader=shorten_preheader(told, CORRECTED_PREHEADER, lead.language)
        or own.preheader
        or (lead.preheader if "preheader" in lead.by_hand else others or lead.preheader),
        stories=lineup.stories,
        language=_language(letter, lineup),
        sections=headings,
        corrections=lineup.corrections,
        template=letter.template,
        breaking=lineup.frequency is Frequency.IMMEDIATE and _is_breaking(lineup.articles, lead),
        corrected=lineup.corrected,
    )


def _language(letter: Periodical, lineup: Lineup) -> str:
    """What is said around the stories is in their language, where they have one that readers can choose."""
    first, *others = (lineup.language_of(one.article_id) for one in lineup.stories)
    if not first or not all(other and same_language(first, other) for other in others):
        return letter.language
    return next((one for one in letter.languages if same_language(one, first)), letter.language)


def _section(articles: Mapping[int, Article], one: Teaser) -> str:
    return section_key(articles[one.article_id].section) if one.article_id in articles else ""


def _is_breaking(articles: Mapping[int, Article], one: Teaser) -> bool:
    return one.article_id in articles and articles[one.article_id].priority is Priority.BREAKING
