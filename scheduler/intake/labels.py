"""What kind of piece an article says it is: analysis, opinion, live, sponsored; news when it says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from db.records import Label

_WORDS = {
    Label.SPONSORED: "sponsored|sponsored content|paid content|paid post|partner content|advertorial|"
    "advertisement feature|"
    "anzeige|gesponsert|publireportage|contenu sponsorisé|publicité|patrocinado|pr|提供|広告|推广",
    Label.OPINION: "opinion|opinions|op-ed|oped|comment|commentary|editorial|editorials|column|columns|"
    "columnists|viewpoint|"
    "perspective|letters|kommentar|kommentare|meinung|leitartikel|kolumne|gastbeitrag|glosse|tribune|"
    "éditorial|chronique|"
    "opinión|editoriale|opinione|opinioni|opinião|社説|論説|オピニオン|コラム|评论|社论|사설|칼럼",
    Label.ANALYSIS: "analysis|news analysis|explainer|explained|analyse|analyses|hintergrund|análisis|analisi|"
    "análise|"
    "décryptage|解説|分析|해설",
    Label.LIVE: "live|live blog|liveblog|live updates|live coverage|liveticker|ticker|en direct|direct|en vivo|"
    "in diretta|ao vivo|速報中継|直播",
}
_EXACT = {word: label for label, words in _WORDS.items() for word in words.split("|")}
_PREFIX = re.compile(
    r"(?P<word>"
    + "|".join(re.escape(word) for word in sorted(_EXACT, key=len, reverse=True))
    + r")\s*[:：|｜]\s*(?=\S)",
    re.IGNORECASE,
)
_NOT_AS_PREFIX = frozenset({"pr", "comment", "direct", "letters", "column", "tribune", "perspective", "hintergrund"})


def label_of(texts: Iterable[str]) -> Label:
    """The label the first of these names (sections, kickers, tags) stands for; ``news`` when none does."""
    for text in texts:
        if label := _EXACT.get(text.strip(" :|[]()【】—–-").casefold()):
            return label
    return Label.NEWS


def split_label(headline: str) -> tuple[Label, str, str]:
    """``(label, prefix, rest)`` of "Opinion: Why …" or "Analysis | …"; ``(news, "", headline)`` without one."""
    match = _PREFIX.match(headline)
    if not match or match["word"].casefold() in _NOT_AS_PREFIX:
        return Label.NEWS, "", headline
    return _EXACT[match["word"].casefold()], match.group().strip(), headline[match.end() :]
