"""Tells an opening that dangles, which points to something said before it, from one that stands by itself."""

from __future__ import annotations

import regex

from templates.attribution import proper_names
from templates.lexicon import primary, words_pattern
from templates.quotations import find_quotations, outside_quotations

_THIRD = regex.compile(r"\b(?:he|she|they|his|her|him|their|them|himself|herself)\b", regex.IGNORECASE)
_THIS = regex.compile(
    r"^(?:\W*[\p{L}'’]+\s+){0,3}(?:this|these|that same|such)\s+(?!week|month|year|morning|afternoon|evening|weekend|summer|winter|spring|fall|"
    r"autumn|season|time|past|season|holiday|christmas|january|february|march|april|may|june|july|august|september|october|"
    r"november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|as\b)",
    regex.IGNORECASE,
)
_THIS_CASE = regex.compile(
    r"\b(?:this|these)\s(?:categor(?:y|ies)|case|cases|situation|kind|type|sort|issue|issues|problem|problems|question|questions|approach|decision|move|"
    r"incident|claim|claims|trend|phenomenon|condition|product|products|list|rule|rules|law|bill|deal|plan|project|idea|method|matter|topic|reason|reasons)\b",
    regex.IGNORECASE,
)
"""Inside a sentence that stands alone, “this category” has no category before it."""

_KNOWN_ALREADY = regex.compile(
    r"^the\s(?:\d+-year-old|city|town|village|country|state|county|company|firm|show|film|movie|series|actor|actress|singer|star|couple|pair|duo|trio|band|"
    r"group|team|man|woman|boy|girl|suspect|victim|victims|incident|accident|letter|report|article|deal|bill|law|find|finding|findings|discovery|magazine|"
    r"newspaper|outlet|site|website|publication|tabloid|insider|source|model|rapper|comedian|author|director|teenager|teen|driver|officer|officers|"
    r"announcement|decision|move|news|event|project|plan|study|post|photo|video|image|clip|tweet|song|album|book|game|device|product|campaign|"
    r"investigation|case|trial|attack|shooting|crash|fire|storm)(?:['’]s)?(?:,|\s(?!of\b|that\b|who\b|which\b|where\b|between\b|in\b|at\b|on\b|for\b|about\b|"
    r"by\b|from\b|to\b|behind\b|over\b|against\b|known\b|called\b|with\b|(?-i:\p{Lu})))",
    regex.IGNORECASE,
)
"""“The city, …”: a noun that an earlier sentence has named, where the sentence is not the story's first."""

_NOUN = regex.compile(r"\b(?:a|an|the|two|three|four|five|\d+)\s+\p{L}{3,}", regex.IGNORECASE)
_NEXT_NAME = regex.compile(r"^(?:\s\p{L}+){0,2}(?:\s|,\s)\p{Lu}\p{L}+")

_BEING = (
    r"(?:['’]s\sbeen|['’]s|\sis|\swas|['’]ll\sbe|\swill\sbe|\swould\sbe|\smay\sbe|\smight\sbe|\scould\sbe|\smust\sbe|\shas\sbeen|\sremains|\sbecame|\sbecomes|"
    r"\smay\s(?:seem|sound)|\smight\s(?:seem|sound))(?:n['’]t|\snot)?"
)
_HOW = r"(?:\s(?:now|still|already|once|also|almost|nearly|quite|very|too|so|never|hardly|always|perhaps|apparently|certainly|even|all|increasingly|often))?"
_SPAN = (
    r"(?:(?:just|only|about|over|more\sthan|almost|nearly|at\sleast|less\sthan)\s)?(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|\d+|a\sfew|"
    r"several|many|some)\s(?:\p{L}+\s){0,2}(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|decades?|centur(?:y|ies))"
)
_IMPERSONAL = regex.compile(
    rf"""^it(?:
        {_BEING}{_HOW}\s(?:
            (?:an?\s)?(?:un|im|il|ir|dis)?(?:clear|likely|possible|important|true|official|known|obvious|certain|sure|fair|good|bad|best|better|wrong|right|strange|odd|
                surprising|usual|common|rare|noteworthy|interesting|ironic|probable|deniable|fact|truth|shame|pity|mystery|miracle|secret|myth|
                no\s(?:secret|surprise|wonder|coincidence|accident|mystery|joke)|an?\s(?:\p{{L}}+\s)?(?:fact|truth|secret|mystery|shame|pity|question))
                (?:\s(?:that|whether|if|how|why|when|where|who|what)\b|:\s|,\s(?:that|too)\b)
          | (?:hard|easy|difficult|tough|impossible|possible|tempting)\sto\s(?:believe|imagine|say|tell|know|think|deny|overstate)\b
          | (?:safe|fair|nice|good|necessary|strange|odd|fun)\sto\s(?:say|see|know|think|hear|assume|remember)\b
          | (?:worth\s(?:noting|asking|remembering|saying)|time\sfor)\b
          | old[\s-]fashioned,\sbut\b
          | {_SPAN}\s(?:since|for|that|after|before|ago)\b
          | an?\s(?:\p{{L}}+\s){{0,3}}(?:day|night|week|weekend|month|months|year|years|season|summer|winter|afternoon|evening|morning)\s(?:for|of|in|at|when|that)\b
          | the\s(?:\p{{L}}+\s){{0,2}}(?:day|night|moment|year|week|season|summer|winter)\s(?:that|when)\b
          | (?:off|back)\sto\s | official[:,]\s | time\s(?:for|to)\b | raining\b | snowing\b
          | (?:not\s)?(?:every\sday|often)\s(?:that|you|we|when)\b
        )
      | \s(?:(?:now|also)\s)?(?:seems|seemed|appears|appeared|turns\sout|turned\sout|emerged|emerges|happened|happens|follows|transpired)\s
            (?:that|as\sif|as\sthough|like\s(?=(?-i:\p{{Lu}}))|(?=(?-i:\p{{Lu}})\p{{L}}+\s)|(?:nobody|nothing|everyone|everybody)\s
                |the\s(?:\p{{L}}+\s){{1,5}}(?:is|are|has|have|was|were|will|may|can|could)\b)
      | \slooks\s(?:like\s(?=(?-i:\p{{Lu}}))|as\sif|as\sthough)
      | \s(?:took|takes|will\stake)\s(?:{_SPAN})\b
      | \s(?:rained|snowed|rains|snows)\b
    )""",
    regex.IGNORECASE | regex.VERBOSE,
)
"""“It” that stands for nothing said before: “It seems that …”, “It is clear that …”, “It took two years …”."""

_REASON_FIRST = regex.compile(
    r"^because\s[^.!?]{12,160}?,\s(?!(?:and|or|but|who|which|as)\b)\p{L}+\s\p{L}+", regex.IGNORECASE
)
"""“Because the bridge is closed, buses go round.”: the reason comes first, and the sentence is whole."""

_NOW_THAT = regex.compile(r"^now\sthat\s", regex.IGNORECASE)
_NAMED_LATER = regex.compile(
    r"^(?:while|as|after|before|since|although|though|when|in|with|during|following|despite|for|from|on|at|once|until|like)\s(?:\p{L}+\s){0,3}?"
    r"(?:his|her|their)\s(?:\p{L}+[\s,]\s?){1,8}",
    regex.IGNORECASE,
)
"""“While her husband, …”: a pronoun whose name follows within the sentence."""

_INNER_TIES = {
    "en": regex.compile(
        r"(?<=\p{L}),\s(?:however|meanwhile|therefore|moreover|furthermore|nevertheless|nonetheless|though|likewise),(?=\s\p{L})"
        r"|(?<=^[^,;:“”\"]{3,60})(?<!\b(?:but|and|only|not))\salso(?=\s\p{Ll})"
    ),
    "de": regex.compile(r"(?<=\p{L})\s(?:jedoch|allerdings|zudem|hingegen|außerdem|indes|unterdessen)(?=\s\p{L})"),
}
_GERMAN_BACK = regex.compile(
    r"^(?:[\p{L}\p{N}-]+\s){1,6}(?:dabei|dafür|damit|dazu|daran|darin|davon|darauf|dagegen|hierzu|hierbei|stattdessen)(?=[\s:])"
)
_GERMAN_ARTICLE = regex.compile(
    r"^das\s(?:\d\S*\s)?(?:(?!(?:habe|werde|könne|müsse|solle|wolle|dürfe|komme|gehe|mache|liege|stehe|zeige|wäre|käme|ginge|hieße|gäbe|bleibe|"
    r"führe|sorge|bringe|gebe|sehe|nehme|lasse|helfe|gelte|heiße|schaffe|reiche|passe|treffe)\s)"
    r"(?:\p{Ll}+(?<![td])e|erste|zweite|dritte|letzte|nächste|größte|beste|gesamte|bekannte|neueste|alte|rote|gute|weltweit)\s)?(?-i:\p{Lu})",
    regex.IGNORECASE,
)
"""“Das” before a noun, not for something said before."""
_GERMAN_IMPERSONAL = regex.compile(
    r"^es\s(?:gibt|gab|geht\sum|ging\sum|handelt\ssich|regnet|schneit|fehlt\san|fehlte\san|"
    r"(?:ist|war|bleibt|scheint|steht)\s(?:\p{Ll}+\s){0,3}(?:klar|fraglich|unklar|bekannt|möglich|wahrscheinlich|soweit|fest|offen|spannend)\b)",
    regex.IGNORECASE,
)
_GERMAN_QUESTION = regex.compile(r"^(?:wer|was|wie|warum|wo)\s.*\?$", regex.IGNORECASE)


def dangles(text: str, language: str) -> bool:
    """Whether ``text`` opens with a word that points outside it, or names nobody before "he"."""
    bare = text.lstrip("“\"„«‘'「『(")
    if bare.lower().startswith("yet another "):
        return False
    if words_pattern(language, "danglers", at_start=True).match(bare) and not _stands(bare, language):
        return True
    if words_pattern(language, "connectives", at_start=True).match(bare) and not _stands(bare, language):
        return True
    if primary(language) == "de":
        return _GERMAN_BACK.match(bare) is not None
    if primary(language) == "en":
        return (
            _points_back(text)
            or _THIS.match(bare) is not None
            or _THIS_CASE.search(outside_quotations(text)) is not None
        )
    return False


def names_what_is_known(text: str, language: str) -> bool:
    """Whether a sentence opens with "the city" or the like, which only an earlier sentence can have named."""
    return primary(language) == "en" and _KNOWN_ALREADY.match(text.lstrip("“\"„«‘'")) is not None


def without_connective(text: str, language: str) -> str:
    """``text`` without words like "However," that tie it to the sentence before, at its head or set off inside it."""
    found = words_pattern(language, "connectives", at_start=True).match(text)
    if found is not None and text[found.end() : found.end() + 2] == ", ":
        rest = text[found.end() + 2 :]
        return rest[:1].upper() + rest[1:] if len(rest) > 20 else text
    tie = _INNER_TIES.get(primary(language))
    inner = tie.search(text) if tie is not None else None
    if inner is None or any(one.start < inner.start() < one.end for one in find_quotations(text)):
        return text
    return text[: inner.start()] + text[inner.end() :]


def is_impersonal(text: str) -> bool:
    """Whether an English sentence opens with an "it" that stands for nothing said before it."""
    return _IMPERSONAL.match(text) is not None


def _stands(bare: str, language: str) -> bool:
    """Whether a sentence stands by itself although its first word often points back."""
    match primary(language):
        case "de":
            return any(one.match(bare) for one in (_GERMAN_ARTICLE, _GERMAN_QUESTION, _GERMAN_IMPERSONAL))
        case "en":
            return any(one.match(bare) for one in (_IMPERSONAL, _REASON_FIRST, _NOW_THAT))
    return False


def _points_back(text: str) -> bool:
    """Whether an English sentence says "he" or "their" before it names anybody, and not of one it names right after."""
    outside = outside_quotations(text)
    third = _THIRD.search(outside)
    if third is None:
        return False
    before = outside[: third.start()]
    if proper_names(before, "en") or _NOUN.search(before):
        return False
    return _NAMED_LATER.match(outside) is None or not proper_names(outside[third.end() :], "en")
