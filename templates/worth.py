"""What a desk would not sign as a post although it may stand alone: another's voice, leftovers, openings without news."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from db.records import Article, Label
from templates.attribution import proper_names
from templates.candidates import words_of
from templates.lexicon import primary, writes_without_spaces
from templates.picks import Pick
from templates.sentences import split_sentences
from templates.voice import speaks_as_writer

_LEFTOVER = regex.compile(
    r"\[\s?Time\sFrame|(?<!\d)\(?\d{3}\)?[-. ]\d{3}[-.]\d{4}(?!\d)|\b(?i:request\spermission|customer\sservice)\b"
    r"|^(?:\p{Lu}\p{Ll}+\s){1,2}\p{Lu}\p{L}+:\s(?=\p{Lu})"
    r"|^[^,]{3,60}(?:,\s(?:Inc|Ltd|LLC|Corp)\.)?,\s(?:which|who)\s[^,;]+[.!]$"
)
"""A form's field, a telephone number, a licence's boilerplate, a caption's label ("Harbour Nation: …"), a subject that lost its verb ("The works, which built it.")."""

_BROKEN = regex.compile(
    r"\bhave\s(?:from|of|the|in|at|by|with)\b(?<=\b(?:may|might|could|would|should|must)\s\S+\s\S+)|\bthe\s(?:the|an?|of|is|are|was|were|has|and)\s|\ba\s(?:the|an|of|is|was|has|and)\s"
    r"|\bof\s(?:of|is|was|has)\s|[.!?](?<=\p{Ll}{3}.)(?=\p{Lu}\p{Ll}+\s)|,(?<=\p{Ll}{2},)(?=\p{L}{3})|\b(?:pictures?|photos?)\sbelow\b"
)
"""A sentence that lost a word, or words and sentences that lost the space between them."""

_THROAT = regex.compile(
    r"^(?:(?:it['’]s|it\sis)\s(?:no\s(?:secret|surprise|wonder)|safe\sto\ssay|fair\sto\ssay|not\severy\sday|hard\sto\sbelieve)"
    r"|let['’]s\sface\sit|admit\sit|believe\sit\sor\snot|there['’]s\sno\sdenying|needless\sto\ssay|as\swe\sall\sknow|everyone\sknows"
    r"|first\s(?:it|he|she|they|of\sall)|maybe|perhaps|or|imagine|picture\sthis|once\supon\sa\stime"
    r"|every\s(?:day|week|month)|in\sreal\slife"
    r"|born\s(?=[^,]{1,60},\s(?:he|she)\b)|growing\sup\b)\b",
    regex.IGNORECASE,
)
_EXCLAIMED = 70
"""A cry of fewer characters opens a story with its mood."""

_POINTS_BACK = regex.compile(
    r"\b(?:shared|broke|announced|confirmed|revealed|reacted\sto|responded\sto|reporting)\s(?:the|this)\s(?:news|announcement|revelation|death|decision)\b"
    r"(?!\s(?:that|of|about|on|to|in|from|from|by))",
    regex.IGNORECASE,
)
"""“The mayor first shared the news over the weekend”: the news itself stands elsewhere."""

_GOES_ON = regex.compile(
    r"^(?:“[^”]*”|\"[^\"]*\")\s(?:\p{Lu}\p{L}+\s(?:added|continued|went\son|concluded)|(?:added|continued|went\son|concluded)\s\p{Lu}\p{L}+)(?=[.,]|\sto\b|$)"
    r"|^the\s(?:following|next|same)\s(?:\p{L}+\s)?(?:day|night|week|month|year|morning|afternoon|evening|\p{L}+day)\b"
    r"|\s(?:few|several|many|two|three|four|five|\d+|hundred)\s(?:\p{L}+\s)?(?:days|weeks|months|years|decades|centuries)\s(?:earlier|later|before|prior)\.$",
    regex.IGNORECASE,
)
"""“…,” Lind added. / The following Monday … / … a few years earlier.: a sentence before it said more."""

_CAPITALS_ONLY = 70
_IN_BRACKETS = regex.compile(r"\([^()]*\)")
_NAME_FIRST = regex.compile(r"^\p{Lu}\p{Ll}+\s\p{Lu}\p{L}+")
_SMALL = frozenset("the a an in on at it as is was of and for to with when he she they there after this that".split())
_SHORT = 45
"""An opening of fewer characters that names nobody, gives no figure and shares no word with the headline sets a scene."""


def is_leftover(text: str) -> bool:
    """Whether a sentence belongs to the page or its forms, not to the story, or came broken from its source."""
    return _LEFTOVER.search(text) is not None or _BROKEN.search(text) is not None


def is_anothers_voice(text: str, article: Article) -> bool:
    """Whether a sentence speaks in the first person where no opinion is labelled."""
    return article.label is not Label.OPINION and speaks_as_writer(text, article.language)


def is_told_in_person(article: Article, sentences: Sequence[str]) -> bool:
    """Whether a third of the sentences speak in the first person: out of such a piece none is a newsroom's own."""
    spoken = sum(is_anothers_voice(text, article) for text in sentences)
    return spoken * 3 >= len(sentences) > 0


def opens_weakly(pick: Pick, article: Article) -> bool:
    """Whether the first sentence asks, clears its throat, names only or sets a scene instead of telling the news."""
    language = article.language
    opening = next(iter(split_sentences(pick.sentences[0], language)), "")
    if any(text.rstrip("”\"’'»").endswith(("?", "？", "؟")) for text in (opening, *pick.sentences)):
        return True
    if _POINTS_BACK.search(opening) or (primary(language) == "en" and _GOES_ON.search(opening)):
        return True
    if primary(language) == "en" and _THROAT.match(opening):
        return True
    if writes_without_spaces(language) or not opening:
        return False
    if primary(language) == "en" and not any(len(word) > 2 and word.islower() for word in opening.split()):
        return True
    return (
        len(opening) < _SHORT
        and not any(mark.isdigit() for mark in opening)
        and not proper_names(opening, language)
        and not words_of(opening, language) & words_of(article.headline, language)
    )


def names_only(text: str, language: str) -> bool:
    """Whether a short "sentence" is a caption: names and small words, nothing that happens (languages that write nouns small)."""
    plain = _IN_BRACKETS.sub(" ", text)
    if len(text) > _CAPITALS_ONLY or primary(language) not in ("en", "fr", "es", "it", "pt", "nl"):
        return False
    words = [word.strip(",.;:!?“”\"'’") for word in plain.split()]
    return len(words) > 1 and not any(word.islower() and word not in _SMALL for word in words) and not plain.isupper()


def leading_name(article: Article) -> str:
    """The name that opens the headline, where the story writes it so too; else ""."""
    found = _NAME_FIRST.match(article.headline)
    name = found.group() if found is not None else ""
    return name if name and any(name in text for text in article.paragraphs[:40]) else ""


def says_name(pick: Pick, name: str) -> bool:
    """Whether a part of the name stands in the pick's first sentence."""
    return any(part in pick.sentences[0] for part in name.split())


def weakest(picks: Sequence[Pick], article: Article) -> list[Pick]:
    """Those of the best picks that open weakly, or miss what the headline promises where another at hand says it."""
    told = [news_told(pick, article) for pick in picks]
    calm = max((count for pick, count in zip(picks, told, strict=True) if not _cries(pick, article)), default=-1)
    name = leading_name(article)
    named = [bool(name) and says_name(pick, name) for pick in picks]
    return [
        pick
        for pick, count, says in zip(picks, told, named, strict=True)
        if opens_weakly(pick, article)
        or (_cries(pick, article) and calm >= count)
        or misses_news(count, max(told))
        or (any(named) and not says)
    ]


def _cries(pick: Pick, article: Article) -> bool:
    """Whether the pick opens with its story's mood: a short sentence that ends in an exclamation mark."""
    opening = next(iter(split_sentences(pick.sentences[0], article.language)), "")
    return opening.endswith("!") and len(opening) < _EXCLAIMED


def news_told(pick: Pick, article: Article) -> int:
    """How many words of the headline that carry meaning stand in the pick's sentences, endings aside."""
    said = {_stem(word) for text in pick.sentences for word in words_of(text, article.language)}
    return len(said & {_stem(word) for word in words_of(article.headline, article.language)})


def misses_news(told: int, most: int) -> bool:
    """Whether words say next to nothing of what the headline promises, where others at hand say clearly more."""
    return most >= told + 3 and told <= 1


def _stem(word: str) -> str:
    """A word without its ending, so that "simulation" and "simulated" count as one."""
    return word[:6]


def answers_a_box(sentence: str, body: str) -> bool:
    """Whether a sentence of the body answers the question of a review's box ("What is it?")."""
    found = body.find(sentence)
    return found > 0 and body[:found].rstrip().endswith("What is it?")


def without_drop_cap(text: str, body: str) -> str:
    """``text`` with the capitals of a drop cap at its head written as the story writes them further on ("ADA Lind")."""
    words = text.split(" ")
    for number, word in enumerate([] if _whole_caps(words) else words[:3]):
        plain = word.strip(",.;:“”\"'’")
        if number == 0 and plain in ("A", "I"):
            continue
        if not plain.isalpha() or not plain.isupper() or len(plain) < 2:
            break
        forms = (plain.lower(), plain.capitalize())
        known = next((form for form in forms if form in _SMALL or _stands_in(form, body)), "")
        if not known:
            break
        words[number] = word.replace(plain, known if number else plain.capitalize())
    return " ".join(words)


def _stands_in(word: str, body: str) -> bool:
    """Whether the body writes a word in just this way."""
    return regex.search(rf"(?<!\p{{L}}){word}(?!\p{{L}})", body) is not None


def _whole_caps(words: list[str]) -> bool:
    """Whether a line is written in capitals throughout, which is no drop cap."""
    return sum(word.isupper() for word in words) * 2 > len(words)
