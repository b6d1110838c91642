"""Fills the template that a channel, a section or a kind has for one article."""

from __future__ import annotations

from collections.abc import Mapping

import regex

from db.records import Article, Label
from templates.fit import shorten_headline
from templates.lexicon import label_word, writes_without_spaces
from templates.plain import visible
from templates.render import find_template, render
from templates.style import Style

LONGEST_HEADLINE = 300
"""A headline of more characters is a fault of its source and is shortened."""

BELOW = {"x": ".reply", "facebook": ".comment"}
"""The templates of what goes under a teaser: X's reply and Facebook's first comment, which carry the link."""

_SLUG = regex.compile(r"[^\p{L}\p{N}]+")
_STORY_WORDS = ("paragraph", "summary", "more", "headline", "link")


def fill(article: Article, style: Style, words: Mapping[str, object], part: str = "") -> str:
    """The text of one template; ``part`` is "" for the teaser, ".subject" for the subject line, else one of ``BELOW``'s.

    The label is put in front where the template left it out, but not once more below the teaser. Raises ``TemplateFault``.
    """
    folders = style.all_folders()
    name = find_template(folders, template_names(style, article.section, part)) or f"{style.kind}/default{part}.j2"
    text = render(folders, name, words)
    return text if part in BELOW.values() or _says_label(text, article, words) else label_prefix(article) + text


def clean_headline(article: Article) -> str:
    """The headline, cleaned, at most ``LONGEST_HEADLINE`` characters."""
    return shorten_headline(visible(article.headline[:2000]), LONGEST_HEADLINE, article.language)


def template_names(style: Style, section: str, part: str = "") -> list[str]:
    """The templates looked for, best first: the channel's own, the section's, the kind's."""
    names = [f"{style.kind}/{style.channel}{part}.j2"]
    slug = _SLUG.sub("-", (style.section or section).casefold()).strip("-")
    if slug:
        names.append(f"{style.kind}/{slug}{part}.j2")
    return [*names, f"{style.kind}/default{part}.j2"]


def template_words(
    article: Article, style: Style, summary: str, more: str, tags: tuple[str, ...], link: str | None
) -> Mapping[str, object]:
    """All that a template may use, by name."""
    joined = "" if writes_without_spaces(article.language) else " "
    return {
        "summary": summary,
        "more": more,
        "paragraph": joined.join(text for text in (summary, more) if text),
        "headline": clean_headline(article),
        "label": label_word(article.label, article.language),
        "label_prefix": label_prefix(article),
        "link": link or "",
        "hashtags": list(tags),
        "section": style.section or article.section,
        "outlet": visible(article.outlet),
        "authors": [visible(author) for author in article.authors],
        "handles": [style.handles[author] for author in article.authors if author in style.handles],
        "language": article.language,
        "variant": style.variant,
    }


def label_prefix(article: Article) -> str:
    """The label as it stands before a text ("Analysis: ", "【解説】"); "" for news."""
    word = label_word(article.label, article.language)
    if not word or article.label is Label.NEWS:
        return ""
    return f"【{word}】" if writes_without_spaces(article.language) else f"{word}: "


def _says_label(text: str, article: Article, words: Mapping[str, object]) -> bool:
    """Whether the label stands in ``text`` beside the story's own words, or opens it."""
    word = label_word(article.label, article.language).casefold()
    if not word or text.casefold().startswith(word):
        return True
    for name in _STORY_WORDS:
        if value := str(words.get(name, "")):
            text = text.replace(value, " ")
    return word in text.casefold()
