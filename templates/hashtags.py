"""Hashtags from what the newsroom itself says of a story: its tags, its proper names, its section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import regex

from db.records import Article
from templates.attribution import proper_names
from templates.lexicon import lexicon, primary
from templates.story_told import headline_names

LONGEST = 30
"""A hashtag of more characters is not read any more."""

_PART = regex.compile(r"[\p{L}\p{M}\p{N}_]+")
_SPOKEN = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Khmer}\p{Lao}\p{Myanmar}]")
_NAME_RUN = regex.compile(r"(?<![.!?:]\s)(?<!^)\b\p{Lu}[\p{L}\p{M}]+(?:\s\p{Lu}[\p{L}\p{M}]+){0,2}")
_WHOLE_NAME = regex.compile(
    r"(?<!\p{Lu}[\p{L}\p{M}-]{0,30}\s)\b\p{Lu}[\p{L}\p{M}-]{1,40}+(?:\s(?:of\s(?:the\s)?|de\s|da\s|van\s|von\s|al-)?\p{Lu}[\p{L}\p{M}-]{1,40}+){1,3}+(?!\s\p{Lu})"
)
_RIVALS = regex.compile(
    r"\b(?:vs?\.?|versus|over|against|beats?|defeats?|leads?|lead|trails?|ahead\sof)\b", regex.IGNORECASE
)
"""Headlines that set two sides against each other: a hashtag for one of them takes a side."""

_GRAVE = regex.compile(
    r"\b(?:die[sd]?|dead|deaths?|kill(?:s|ed|ing|er|ings)?|murder\w*|slain|massacre|shootings?|stabb\w+|bomb(?:s|ed|ing|ings)?|rap(?:e|ed|ist)|assault\w*|suicide|"
    r"crash(?:es|ed)?|victims?|funeral|tot(?:e|er|en)?|getötet|ermordet|morts?|tués?|muert[eoa]s?)\b",
    regex.IGNORECASE,
)
"""A name under such news is nobody's to promote: only the newsroom's own tags go."""

_OF_A_PEOPLE = regex.compile(r"(?:ican|dian|sian|nian|ish|ese|ench|erman)s?$")
"""“American” alone tags nothing."""

_OFFICES = frozenset(
    """president prime minister secretary chancellor governor senator mayor chief officer chairman chairwoman director king queen prince princess duke
    duchess sir dame lord lady judge justice attorney general professor dr mr mrs ms former actor actress singer star sen gov rep gen pope ceo
    detective sergeant captain coach congressman congresswoman representative deputy premier emperor sheikh""".split()
)


def choose_hashtags(article: Article, most: int, stop_list: Iterable[str], words: str) -> tuple[str, ...]:
    """At most ``most`` hashtags for a post of these ``words``, each with its "#", none twice and none of the stop list.

    The article's tags come first, then proper names that stand in the headline and often in the body, whole ("#AdaLind",
    never "#Lind"), then the section. A tag or section must stand in ``words`` or in the headline; a name, which nobody
    chose, in ``words``, at least by its last word, and under no news of death or violence. Bylines, outlet and footer are never a source.
    """
    if most <= 0:
        return ()
    stopped = {_bare(word).casefold() for word in stop_list}
    stopped |= {_bare(word).casefold() for word in (*article.authors, article.outlet) if word}
    chosen: list[str] = []
    seen: set[str] = set()
    said, also = _spoken(words), _spoken(f"{words} {article.headline}")
    known = _names(article)
    names = [name for name in known if _stands_in(name.split()[-1], said) and _may_be_tagged(name, article)]
    rivals = _RIVALS.search(article.headline) is not None and (len(names) < len(known) or len(names) > most)
    if rivals or _GRAVE.search(f"{article.headline} {words}") is not None:
        names = []
    tags = [one for one in (*article.tags, *names, article.section) if one in names or _stands_in(one, also)]
    for source in tags:
        tag = _bare(source)
        key = tag.casefold()
        if not tag or key in seen or key in stopped or len(tag) > LONGEST or not any(mark.isalpha() for mark in tag):
            continue
        seen.add(key)
        chosen.append(f"#{tag}")
        if len(chosen) == most:
            break
    return tuple(chosen)


def _may_be_tagged(name: str, article: Article) -> bool:
    """Whether a name is one: no office, no word that the story writes small too, no part of a longer name or a numbered thing."""
    if _is_office(name) or (" " not in name and _OF_A_PEOPLE.search(name)):
        return False
    if primary(article.language) != "en":
        return True
    sure, parts = set(headline_names(article)), name.split()
    words = [word.strip(",.;:!?“”\"'’‘()") for word in article.headline.split()]
    if any(part in words and part[0].isupper() and part not in sure for part in parts):
        return False
    if len(parts) > 1 or name not in words:
        return True
    at = words.index(name)
    beside = words[max(0, at - 1) : at] + words[at + 1 : at + 2]
    return not any(word in sure or word.isdigit() for word in beside)


def _is_office(name: str) -> bool:
    """Whether a "name" is what somebody is ("Chief Strategy Officer")."""
    return name.split()[-1].casefold() in _OFFICES and " " in name


def _spoken(text: str) -> str:
    """The text's words, lower case, each between two spaces."""
    return f" {' '.join(found.group() for found in _SPOKEN.finditer(text.casefold()))} "


def _stands_in(source: str, said: str) -> bool:
    """Whether the words of ``source`` stand together in ``said``; the last one may have an ending ("bridges")."""
    asked = _spoken(source).strip()
    if not asked:
        return False
    if any(_UNSPACED.match(mark) for mark in asked):
        return asked.replace(" ", "") in said.replace(" ", "")
    return regex.search(rf" {regex.escape(asked)}\p{{L}}{{0,2}} ", said) is not None


def _bare(words: str) -> str:
    """The words as one: "city council" becomes "CityCouncil", "COVID-19" becomes "COVID19"."""
    parts = [found.group() for found in _PART.finditer(words)]
    if len(parts) == 1:
        return parts[0] if not parts[0].islower() else parts[0][:1].upper() + parts[0][1:]
    return "".join(part[:1].upper() + part[1:] for part in parts)


def _names(article: Article) -> list[str]:
    """Proper names of the headline that the body speaks of at least three times, most often first, each as its whole name."""
    if primary(article.language) == "de":
        return []
    body = "\n".join(article.paragraphs)[:20_000]
    headline = {name.casefold() for name in proper_names(article.headline, article.language)}
    counts = Counter(found.group() for found in _NAME_RUN.finditer(body))
    often = [
        name
        for name, count in counts.most_common(20)
        if count >= 3 and all(part.casefold() in headline for part in name.split())
    ]
    if not often:
        return []
    wholes = _whole_names(body, article.language)
    return list(dict.fromkeys(_whole(name, wholes, headline) for name in often))


def _whole_names(body: str, language: str) -> Counter[str]:
    """The names of two or three words that the body gives, without offices and titles before them, and how often."""
    small = lexicon(language).small
    wholes: Counter[str] = Counter()
    for found in _WHOLE_NAME.finditer(body):
        parts = found.group().split()
        while parts and (parts[0].casefold() in _OFFICES or parts[0].casefold() in small):
            parts = parts[1:]
        if 1 < len(parts) <= 3 and not found.group().isupper():
            wholes[" ".join(parts)] += 1
    return wholes


def _whole(name: str, wholes: Counter[str], headline: set[str]) -> str:
    """The whole name that the story gives most often for a part of it; the part itself where it gives none."""
    part = name.casefold()
    if " " in part:
        return name
    small = {"of", "the", "de", "da", "van", "von"}
    longer = [
        (count, -len(whole), whole)
        for whole, count in wholes.items()
        if part in (words := whole.casefold().split()) and (count >= 2 or headline.issuperset(set(words) - small))
    ]
    return max(longer)[2] if longer else name
