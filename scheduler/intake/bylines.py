"""Who wrote it: byline lines in the forms newspapers use, with or without "By".

A line without a marker counts as a byline only where the caller knows that one may stand there (under the
headline), since "Modern Times" is as capitalised as "Jane Doe".
"""

from __future__ import annotations

import re

_BY = re.compile(
    r"(?:(?:written|reported|story|words|text|analysis|opinion|commentary|review|interview)\s+)?by\s*[:\-–—]?\s+|"
    r"(?:(?:ein|eine)\s+\w+\s+)?von\s+|par\s+|por\s+|di\s+|door\s+|av\s+|af\s+|"
    r"(?:authors?|reporters?|autore?n?|autor(?:es|in)?|auteurs?|text|texte|texto|testo)\s*[:：]\s*",
    re.IGNORECASE,
)
_CJK_BY = re.compile(
    r"(?:文|取材|執筆|記者|作者|著者|记者|撰文|編輯|编辑)\s*[・:：=＝/／|｜]?\s*(?P<after>[\u3040-\u30ff\u3400-\u9fff\s、，・]{2,30})|"
    r"[（(【\[]?\s*(?P<before>[\u3040-\u30ff\u3400-\u9fff\s、，・]{2,24}?)\s*(?:記者|通信員|记者|編集委員|論説委員)\s*[）)】\]]?"
)
_JOIN = re.compile(
    r"\s*(?:,|;|/|\||&|、|，)\s*(?:(?:and|AND|und|UND|et|ET|y|e|en|och|og)\s+)?|\s+(?:and|AND|und|UND|et|ET|y|och|og|with|WITH)\s+"
)
_PARTICLES = frozenset(
    "de del della di da dos das do du des la le van von der den ten ter zu zur el al bin ibn bint abu ben st st. "
    "y e i af av mac mc o' dela san santa".split()
)
_FIRST_NAMES_TOO = frozenset(("ben", "van", "della", "mac"))
"""Particles that are first names where they open a name: Ben Smith, Van Morrison."""
_ARTICLES = frozenset(("the", "die", "der", "das", "this", "share", "an", "new", "our", "les", "los", "las"))
_HOUSE = re.compile(
    r"\b(?:times|news|post|herald|tribune|gazette|journal|press|daily|weekly|today|observer|guardian|mirror|telegraph|"
    r"standard|examiner|chronicle|courier|bulletin|dispatch|express|independent|globe|sun|star|world|review|"
    r"magazine|media|agency|agencies|network|radio|television|tv|desk|staff|reporters?|correspondents?|bureau|team|editors?|editorial|"
    r"board|newsroom|service|services|online|report|reuters|afp|dpa|tass|bbc|cnn|npr|associated|international|national|"
    r"zeitung|tageblatt|nachrichten|anzeiger|rundschau|kurier|redaktion|presse|agentur|journal|monde|figaro|"
    r"echo|voice|ledger|record|register|sentinel|monitor|inquirer|advocate|argus|reporter|group|wire)\b|"
    r"\w+(?:zeitung|blatt|nachrichten|anzeiger|kurier|bote|spiegel)\b|新聞|通信|日報|新闻|日报|通讯社|통신|신문",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"\b(?:police|images|pictures|edition|videos?|contributors?|information|entertainment|biography|office|house|"
    r"stories|copyright|officials|system)\b",
    re.IGNORECASE,
)
"""Capitalised words of captions and headings that no person is called."""
_ROLE = re.compile(
    r"[,|–—-]\s*(?:\w+\s+){0,4}(?:correspondent|reporter|editor|writer|columnist|staff|bureau chief|analyst|"
    r"korrespondent(?:in)?|redakteur(?:in)?|reporterin|journalist(?:e|in)?)\b.*$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*[|•·–—-]\s*(?:(?:published|updated|posted)\b.*|(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|"
    r"sep|oct|nov|dec)\w*\.?\b.*|\d.*)$|\s*\([^)]*\)\s*$",
    re.IGNORECASE,
)
_MAIL = re.compile(r"\S+@\S+\.\w+|@\w+")


def marked_authors(line: str) -> tuple[str, ...] | None:
    """The names of a line that says it is a byline ("By Jane Doe and Max Roe", "Von …", "山田太郎記者"); else None."""
    if len(line) > 240:
        return None
    if cjk := _CJK_BY.fullmatch(line.strip("　 ")):
        return split_names(cjk["after"] or cjk["before"])
    marker = _BY.match(line)
    if not marker:
        return None
    names = split_names(line[marker.end() :])
    return names if names and all(_is_name(name) or is_house(name) for name in names) else None


def bare_authors(line: str) -> tuple[str, ...] | None:
    """The names of a line that is nothing but people's names; None when any part could not be a name."""
    if len(line) > 200 or (line.endswith((".", "!", "?", ":", "…", "。")) and not re.search(r"\b(?:Jr|Sr)\.$", line)):
        return None
    names = split_names(line)
    return names if names and all(_is_name(name) and not is_house(name) for name in names) else None


def person_names(text: str) -> tuple[str, ...]:
    """Those parts of a list that are people's names; roles, desks and addresses beside them are dropped."""
    return tuple(name for name in split_names(text) if _is_name(name) and not is_house(name))


def is_house(text: str) -> bool:
    """True when the words name a paper, an agency or a desk rather than a person."""
    return bool(_HOUSE.search(text))


def split_names(text: str) -> tuple[str, ...]:
    """Names out of a list with commas, "and", "&"; roles, dates and addresses behind them are dropped."""
    text = _MAIL.sub("", text[:300])
    text = _TAIL.sub("", _ROLE.sub("", text)).strip(" .,;:|–—-")
    names = (" ".join(name.split()).strip(" .,;:|") if len(name) > 3 else name for name in _JOIN.split(text))
    return tuple(dict.fromkeys(name for name in names if name))


def _is_name(name: str) -> bool:
    if _NOBODY.search(name) or re.search(r"\d|https?:|[!?\"“”()\[\]<>%$#=]", name) or len(name) > 60:
        return False
    if re.fullmatch(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3・\s]{2,14}", name):
        return True
    words = name.split()
    if not 2 <= len(words) <= 6 or words[-1].lower() in _PARTICLES or words[0].lower() in _ARTICLES:
        return False
    if len(words) > 4 and name.isupper():
        return False
    first = words[0].lower() in _FIRST_NAMES_TOO and words[0][0].isupper()
    proper = [*words[:first], *(word for word in words[first:] if word.lower() not in _PARTICLES)]
    return len(proper) >= 2 and all(_starts_a_name(word) for word in proper)


def _starts_a_name(word: str) -> bool:
    bare = word.strip("'’.-")
    if not bare or not all(letter.isalpha() or letter in "'’.-‐" for letter in bare):
        return False
    return bare[0].isupper() or bare[:2] in {"d'", "d’", "l'", "l’"} or not (bare.isupper() or bare.islower())
