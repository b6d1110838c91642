"""A feed's bytes as XML that every parser agrees on: UTF-8, no document type, well-formed.

feedparser reads broken XML with a second, lenient parser whose time grows with the square of the rubbish; mending
first keeps it on the strict one.
"""

from __future__ import annotations

import html
import re

from lxml import etree

from scheduler.intake.decoding import decode
from scheduler.intake.errors import IntakeError

_DECLARED = re.compile(rb"[^>]{0,40}<\?xml[^>]{0,100}encoding\s*=\s*[\"']([\w.:-]{1,40})")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[>]{0,1000}(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_OPENING = re.compile(rb"<[A-Za-z]")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ROOT = re.compile(r"<(?:\w{1,20}:)?(?:rss|feed|RDF|channel)\b[^>]{0,4000}>", re.IGNORECASE)
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z]{2,24}\d{0,2});")
_BARE = re.compile(r"&(?!(?:[A-Za-z]{2,24}\d{0,2}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
_PREFIX = re.compile(r"</?([A-Za-z][\w-]{0,30}):[A-Za-z]")
_SPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
MAX_ELEMENTS = 100_000
"""Five thousand items have about half as many; feedparser reads as many in a second and a half."""
NOT_A_FEED = 'This is not a feed: give the address of its RSS, Atom or JSON Feed, or use kind = "page".'


def mended_feed(data: bytes, label: str = "") -> bytes:
    """The feed as well-formed UTF-8; what is broken is closed where it broke. ``label`` is the header's charset.

    Raises ``IntakeError`` for what is no XML feed, or broken beyond mending.
    """
    declared = _DECLARED.match(data)
    text = decode(data, declared[1].decode("ascii") if declared else label)
    text = _DECLARATION.sub("", _NOT_XML.sub("", text.lstrip("\ufeff")), count=1)
    text = _DOCTYPE.sub("", text, count=1).strip()
    root = _ROOT.search(text[:20_000])
    if root is None:
        raise IntakeError(NOT_A_FEED)
    encoded = text.encode()
    if not _is_well_formed(encoded):
        encoded = _mended(text[root.start() :], root.group())
    if len(_OPENING.findall(_CDATA.sub(b"", encoded))) > MAX_ELEMENTS:
        raise IntakeError("The feed is far too long: ask whoever runs the site for one of the newest stories only.")
    return encoded


def _is_well_formed(data: bytes) -> bool:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return False
    return not re.search(rb"&[A-Za-z]", re.sub(rb"&(?:amp|lt|gt|quot|apos);", b"", _CDATA.sub(b"", data)))


def _mended(text: str, root: str) -> bytes:
    """Names of letters as letters, stray "&" escaped, missing namespaces declared, open elements closed."""
    text = _BARE.sub("&amp;", _NAMED.sub(_letter, text))
    missing = sorted(set(_PREFIX.findall(text)) - set(re.findall(r"xmlns:([\w-]{1,31})\s*=", text)) - {"xml"})[:40]
    spaces = "".join(f' xmlns:{name}="{_SPACES.get(name, f"urn:{name}")}"' for name in missing)
    place = re.match(r"<[\w:]+", root)
    at = place.end() if place else 0
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.fromstring((text[:at] + spaces + text[at:]).encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        tree = None
    if tree is None:
        raise IntakeError("The feed is broken XML: tell whoever runs the site.")
    return etree.tostring(tree, encoding="utf-8")


def _letter(match: re.Match[str]) -> str:
    """A named letter of HTML ("&eacute;"), or the name as it stands with its "&" escaped."""
    letter = html.unescape(match.group())
    return "&amp;" + match.group()[1:] if letter == match.group() or letter in "<>&" else letter
