"""Tells plain prose from what is none: markup, addresses, furniture of a page, headings."""

from __future__ import annotations

import unicodedata

import regex

_INVISIBLE = regex.compile(
    r"[\p{Cc}\p{Cs}\u00AD\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF\uFFF9-\uFFFC]"
)
_SHORTCODE = regex.compile(r"\[/?[a-z][a-z_-]{1,20}(?:\s+[a-z_-]{1,20}=[^\[\]]{0,200})?/?\]", regex.IGNORECASE)
_MARKUP = regex.compile(
    r"</?[a-zA-Z!][^<>]{0,500}>|&(?:[a-zA-Z]{2,10}|#\d{1,6}|#x[0-9a-fA-F]{1,6});|\{\{|\}\}|\{%|%\}|\]\(|^\s*#{1,6}\s|\*\*|__|"
    r"```|\[/?[a-z]{1,20}[\]=]|\bfunction\s*\(|javascript:|\{[^{}]*:[^{}]*;\s*\}",
    regex.IGNORECASE,
)
_ADDRESS = regex.compile(
    r"https?://|www\.|\S@\S+\.\S|\b(?!(?-i:\p{Lu}[\p{L}\p{N}]*\.com\b(?!/)))[\w-]+\.(?:com|org|net|co\.uk|de|io|tv)\b|\.com/",
    regex.IGNORECASE,
)
"""“Amazon.com” is a company's name; “amazon.com” is an address."""

_ADDRESS_MARKS = ("://", "www.", "@", ".com", ".org", ".net", ".co.uk", ".de", ".io", ".tv")
"""Without one of these there is no address; looking for them first is ten times as fast."""

_FURNITURE = regex.compile(
    r"""©|\b(?:ap|getty|rex)\s(?:images|photo)|\((?:photo|picture|image|file)\b|\[(?:photo|picture|image)\b|mandatory\scredit|\b(?:file\ photo|pictured\ (?:above|below))\b
    |\b(?:click\ (?:here|on|the|through)|sign\ up|subscribe[drs]?\b|newsletter|follow\ (?:us|me|@)|share\ this|read\ more|read\ also|more\ info
    |cookies?\ (?:policy|to)|privacy\ policy|terms\ (?:of|and)|all\ rights\ reserved|advertisement|advertising|originally\ (?:appeared|published)
    |first\ appeared|this\ (?:article|post|story|page|site|website|video)\ (?:was|is|has|originally|first|contains|may)|updated\ on|last\ updated
    |getty|shutterstock|screengrab|screenshot|photo\ (?:by|credit|courtesy)|image\ (?:source|credit|via)|picture\ credit|view\ full\ size
    |watch\ (?:the\ video|below|above|more|now|live)|scroll\ down|see\ (?:below|above|also|more)|listen\ to|check\ out|pic\.twitter|hide\ caption
    |contributed\ to\ this\ report|affiliate|commission\ (?:from|on)|permission\ to\ re(?:print|use|publish)|rightslink|link\ in\ bio|javascript|your\ browser|wake\ up\ to\ |log\ in|register\ (?:now|here)
    |related\ (?:articles|stories|content|posts)|news\ flash|stay\ tuned|let\ us\ know|in\ the\ comments|comments\ (?:below|section)
    |story\ continues|continue\ reading|loading|is\ (?:a\ )?part\ of\ the\ .{0,40}group|play\ video|copyright|photograph:|foto:|photos?:|credit:
    |by\ clicking|our\ (?:website|site|editors|team|readers|newsletter)|opt\ out|unsubscribe|disclaimer|sponsored\ by|click\ to
    |abonnieren|mehr\ lesen|lesen\ sie|zum\ thema|jetzt\ anmelden|hier\ klicken|lire\ aussi|lea\ también|suscríbase|s’abonner)""",
    regex.VERBOSE,
)
"""Searched in lower case: several times as fast as ignoring case."""
_STAMP = regex.compile(
    r"^(?:UPDATED?|Updated?|BREAKING|Breaking|EXCLUSIVE|Exclusive|WATCH|VIDEO|Video|LIVE)\s*[:|–—-]\s*(?=\p{Lu})"
)
_NOUNS_SMALL = ("en", "fr", "es", "it", "pt", "nl")
_TIES = frozenset("of the and in at for de la le du van von der del da di y et e".split())
_MENTION = regex.compile(r"(?<![\p{L}\p{N}_])[@＠][A-Za-z0-9_]{2,}")
_HOLE = regex.compile(r"[,;]\s*,|\b(?:the|a|an|and|of|with)\s,")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\p{L}*\.?"
_CAPTION = regex.compile(
    rf"^{_MONTH} \d{{1,2}}, \d{{4}}; |\p{{Lu}}\p{{L}}+,? {_MONTH} \d{{1,2}}, \d{{4}}\.$|\b(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun), {_MONTH} \d{{1,2}}, \d{{4}}\b",
    regex.IGNORECASE,
)
_YEAR = regex.compile(r"\d{4}")
_STANDS_BELOW = regex.compile(
    r"^(?:below|above|here)\s(?:is|are)\b|^(?:the\s)?(?:below|above|following|accompanying)\s(?:letter|article|story|essay|interview|transcript|excerpt|statement|text|video|photo|picture|list)\b",
    regex.IGNORECASE,
)
"""How picture agencies and pages write captions and stamps: “Dec 27, 2014; Louisville, KY; …”, “… in Baluchi, Afghanistan
November 1, 2007.”; and sentences about what stands below them."""
_SPEAKER = regex.compile(r"^(?:\p{Lu}[\p{Lu}.'’-]*,?\s+){1,5}\p{Lu}[\p{Lu}.'’-]*:\s|^\p{Lu}{3,}:\s")
_DATELINE = regex.compile(
    r"""^(?:\(?(?:Reuters|AP|AFP|CNN|Bloomberg|UPI|dpa|BBC|WASHINGTON|Efe|Xinhua|PTI|ANI|KTRK)\)?\s*[-–—:]{1,2}\s*)
      |^(?=[^–—]{0,70}(?:\s[-–—]{1,2}\s|[–—]))
       \p{Lu}[\p{Lu}.'’\-]+(?:\s\p{Lu}[\p{Lu}.'’\-]+){0,3}
       (?:,?\s(?:\p{Lu}[\p{L}.]*|\d{1,2}\.?|\d{4})){0,4},?\s?(?:\([^()]{1,30}\))?\s?[-–—]{1,2}\s*
      |^\(\p{Lu}[\p{L}./ -]{2,30}\)\s[-–—]\s
      |^\p{Lu}[\p{L}.'’-]+(?:\s\p{Lu}[\p{L}.'’-]+){0,3}(?:,\s\p{Lu}[\p{L}.]+(?:\s\p{Lu}[\p{L}.]+)?)?\s\|\s(?=\p{Lu})
      |^\p{Lu}[\p{L}.'’\-]+(?:\s\p{Lu}[\p{L}.]+){0,2}(?:,\s\p{Lu}[\p{L}.]{1,12})?\s(?:\([A-Z][A-Za-z]{1,12}\)\s?[-–—]{1,2}|--|—|–)\s+(?=\p{Lu})
    """,
    regex.VERBOSE,
)


def visible(text: str) -> str:
    """``text`` in NFC, white space made single, without control, invisible or bidi-override characters and shortcodes.

    Joiners (U+200C, U+200D) carry meaning in Persian, Hindi and emoji and stay.
    """
    text = _SHORTCODE.sub("", text)
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    return " ".join(_INVISIBLE.sub("", spaced).split())


def has_markup(text: str) -> bool:
    """Whether tags, entities, template braces or Markdown stand in ``text``."""
    return _MARKUP.search(text) is not None


def has_address(text: str) -> bool:
    """Whether a web or mail address stands in ``text``."""
    lowered = text.lower()
    return any(mark in lowered for mark in _ADDRESS_MARKS) and _ADDRESS.search(text) is not None


def is_furniture(text: str) -> bool:
    """Whether ``text`` is no prose of the story: credits, calls to subscribe, notices, transcripts, lines with holes."""
    if _FURNITURE.search(text.lower()) is not None or _SPEAKER.match(text) is not None:
        return True
    if _STANDS_BELOW.match(text) is not None or (_YEAR.search(text) is not None and _CAPTION.search(text) is not None):
        return True
    return _HOLE.search(text) is not None


def is_name_line(text: str, language: str) -> bool:
    """Whether a line in a language that writes nouns small holds names and titles only ("Chief Officer Dr Ada Lind.")."""
    if not language.startswith(_NOUNS_SMALL):
        return False
    words = text.rstrip(".!?…").split()
    return (
        1 < len(words) <= 9
        and not text.isupper()
        and all(word[:1].isupper() or word.lower() in _TIES for word in words)
    )


def mentions_account(text: str) -> bool:
    """Whether ``text`` holds an "@name": posted again, it would call on somebody who did not ask."""
    return _MENTION.search(text) is not None


def without_dateline(text: str) -> str:
    """``text`` without a place and agency line before its first sentence ("OSLO, May 3 (Wire) — ")."""
    text = _STAMP.sub("", text)
    found = _DATELINE.match(text)
    rest = text[found.end() :] if found else text
    return rest if (len(rest) > 20 and rest[:1].isupper()) or found is None else text
