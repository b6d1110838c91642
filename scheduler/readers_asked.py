"""Says why a person must read the machine's words before they go: the story speaks in another's voice. Pure."""

from __future__ import annotations

from db.records import Article, Label, Teaser
from templates.documents import document_of
from templates.voice import judges, speaks_as_writer


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
    return ""


def speaks_for_itself(teaser: Teaser) -> bool:
    """Whether the machine's words say "I" or "we" outside quotation marks, in a story that is no opinion."""
    ours = "text" not in teaser.by_hand and bool(teaser.used) and teaser.label is not Label.OPINION
    return ours and speaks_as_writer(teaser.text, teaser.language)
