"""Says why a person must read the machine's words before they go: the story speaks in another's voice. Pure."""

from __future__ import annotations

import regex

from db.records import Article, Label, Teaser
from templates.candidates import words_of
from templates.documents import document_of
from templates.hook import stands_beside
from templates.lexicon import primary
from templates.story_told import headline_names, misses_story, shares_nothing
from templates.voice import judges, speaks_as_writer

_OF_AGE = 18
_AGE = regex.compile(r"\b(\d{1,2})-year-old\b|(?<=\p{L}),\s(\d{1,2}),\s")
_WHOLE_NAME = regex.compile(r"\b\p{Lu}\p{Ll}+\s\p{Lu}\p{Ll}+")


def asks_to_be_read(article: Article, teaser: Teaser | None = None) -> str:
    """A sentence for the desk, "" where the words may go unread: a report's, and those that a person wrote.

    Without ``teaser`` only the story itself is judged.
    """
    if teaser is not None and "text" in teaser.by_hand:
        return ""
    document = document_of(article)
    if document is not None:
        return f"It waits for a person's yes: the story reads like {document}, whose words are not the newsroom's own."
    if teaser is not None and speaks_for_itself(teaser):
        return 'It waits for a person\'s yes: the words say "I" or "we" as if the newsroom spoke.'
    if teaser is not None and teaser.used and teaser.label is Label.NEWS and judges(teaser.text, teaser.language):
        return "It waits for a person's yes: the words judge, outside quotation marks."
    if teaser is not None and names_a_minor(teaser):
        return "It waits for a person's yes: the words name somebody under eighteen."
    if names_no_event(article):
        return "It waits for a person's yes: the headline tells no event, so nothing says what the news is."
    if teaser is not None and leaves_story_out(article, teaser):
        return "It waits for a person's yes: the words do not say what the headline is about."
    return ""


def names_a_minor(teaser: Teaser) -> bool:
    """Whether the machine's words give somebody's whole name and an age under eighteen."""
    if not teaser.used:
        return False
    ages = [int(age) for found in _AGE.findall(teaser.text) for age in found if age]
    return any(age < _OF_AGE for age in ages) and _WHOLE_NAME.search(teaser.text) is not None


def names_no_event(article: Article) -> bool:
    """Whether a headline is one word, or names and nothing that happens: a page about something, no report. English."""
    if primary(article.language) != "en":
        return False
    words = words_of(article.headline, article.language)
    names = {name.lower() for name in headline_names(article)}
    return len(article.headline.split()) == 1 or 0 < len(words) == len(words & names)


def leaves_story_out(article: Article, teaser: Teaser) -> bool:
    """Whether the machine's words for a post say something else than what the headline promises, and nothing beside them says it.

    A mail carries the headline as its subject, Facebook shows it on the link's card: there only words that share
    nothing at all with it are about something else. A second version, of what was out before, says more by design.
    """
    if not teaser.used or teaser.variant != "lead":
        return False
    tags = set(teaser.hashtags)
    said = " ".join(word for word in teaser.text.split() if word not in tags and word != teaser.link)
    beside = stands_beside(teaser.kind, teaser.link)
    return misses_story(said, article) and (not beside or shares_nothing(said, article))


def speaks_for_itself(teaser: Teaser) -> bool:
    """Whether the machine's words say "I" or "we" outside quotation marks, in a story that is no opinion."""
    ours = "text" not in teaser.by_hand and bool(teaser.used) and teaser.label is not Label.OPINION
    return ours and speaks_as_writer(teaser.text, teaser.language)
