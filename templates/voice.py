"""Tells words in which the writer speaks ("I", "my", "we") from a newsroom's own: as ours they would be somebody else's."""

from __future__ import annotations

import regex

from templates.lexicon import primary
from templates.quotations import outside_quotations

_FIRST_PERSON = {
    "en": regex.compile(
        r"\bI['’](?:m|ve|d|ll)\b|(?<!\p{Lu}\p{L}*\s)\bI\s\p{Ll}"
        r"|\b(?:As|When|If|While|After|Before|But|And|So|Because|Then|Sometimes|What|Until|Since|Although|Once|How|Why|Where)\sI\s\p{Ll}|\bI\s(?:am|have|had|think|do|don['’]t|did|didn['’]t|can|could|know|love|want)\b"
        r"|\b(?:my|me|myself|we|we['’](?:re|ve|ll|d)|our|ours|us|ourselves)\b|(?:^|[.!?:]\s)(?:My|We|Our)(?:['’]\p{Ll}+)?\s\p{Ll}|\b[Ll]et['’]s\b"
    ),
    "de": regex.compile(r"\b(?:[Ii]ch|mir|mich|[Mm]ein(?:e[mnrs]?)?|[Ww]ir|uns|[Uu]nser(?:e[mnrs]?)?)\b"),
}
"""Case counts: "US" is a country, "World War I" a war, "This Is Us" a title."""
_NO_WORDS = regex.compile(r"(?:https?://|www\.)\S+|[#@]\w+|\w+(?:-\w+)+")
"""Addresses, tags and compounds: "/world/us-news" and "en-us" say nothing of who speaks."""

_LOADED = regex.compile(
    r"\b(?:stooges?|thugs?|traitors?|liars?|hypocri(?:sy|te|tes|tical)|disgraceful|shameful|lunatics?|morons?|idiots?|idiotic|naive|naïve|short-sighted|shortsighted|cowardly|"
    r"treasonous|bogus|fascists?|a\ssham|witch\shunt|laughable|pathetic|sickening|trash\spile|hooey"
    r"|(?:sensational|stunning|incredible|killer|enviable|toned|rock[\s-]hard|curvy|sizzling|bikini|famous)\s(?:body|bod|figure|physique|curves|abs|legs|looks|cleavage)"
    r"|(?:stunning|gorgeous|sexy|drop-dead|smoking-hot|leggy|busty)\s(?:\p{L}+\s)?(?:girlfriend|boyfriend|wife|husband|model|actress|singer|star|beauty|blonde|brunette|daughter)"
    r"|(?:flaunt(?:s|ed|ing)?|show(?:s|ed|ing)?\soff)\s(?:her|his|their)\s(?:\p{L}+\s){0,2}(?:body|bod|figure|physique|curves|abs|legs|cleavage|assets)"
    r"|nude|naked|topless|lingerie|grop(?:e[sd]?|ing)|stans|bestie|baby\sdaddy|baby\sbump|booty|sideboob"
    r"|(?:industry|market|world)[\s-]leading|world[\s-]class|state[\s-]of[\s-]the[\s-]art|cutting[\s-]edge|best[\s-]in[\s-]class|one[\s-]stop|award[\s-]winning\s(?:solutions?|platform)"
    r"|(?:premium|innovative|comprehensive)[\s\p{L},-]{0,40}\s(?:content|solutions?|platform)|leading\sprovider)\b|(?<!\p{L})['’‘]em\b",
    regex.IGNORECASE,
)
"""Words that judge, praise or leer, slang, and the words of advertising: a report has them in quotation marks only."""


def judges(text: str, language: str) -> bool:
    """Whether ``text`` judges in words of its own, outside quotation marks; English."""
    return primary(language) == "en" and _LOADED.search(outside_quotations(text)) is not None


def speaks_as_writer(text: str, language: str) -> bool:
    """Whether the first person stands in ``text`` outside quotation marks, addresses and tags; English and German."""
    pattern = _FIRST_PERSON.get(primary(language))
    if pattern is None:
        return False
    outside = outside_quotations(text)
    return pattern.search(outside) is not None and pattern.search(_NO_WORDS.sub(" ", outside)) is not None
