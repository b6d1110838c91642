"""HTML to paragraphs: what a reader would read, nothing that a browser would run or hide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from db.records import Image, Removed
from scheduler.intake.cleaning import clean_line

_UNREAD = frozenset(
    "script style noscript template iframe object embed applet svg math canvas audio video form button select "
    "textarea input nav head rt rp dialog map".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer h1 h2 h3 h4 "
    "h5 h6 header hr html li main ol p pre section summary table tbody thead tfoot tr ul caption".split()
)
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:share|sharing|social|sharedaddy|related|jp-relatedposts|recirc|newsletter|signup|subscribe|advert|advertisement|ad|ads|promo|"
    r"sponsor|outbrain|taboola|comments?|breadcrumbs?|pagination|cookie|paywall|author-?bio|byline|tags?|toc|"
    r"read-?more|most-?read|recommended|skip-link|screen-reader-text|visually-hidden|sr-only|twitter-tweet|instagram-media)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"caption|credit|copyright", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])", re.IGNORECASE)
_CREDIT = re.compile(
    r"[(\[]?\s*(?:photos?|foto|bild|image|credit|picture|courtesy|写真|©|\(c\))[^:：/©]{0,20}[:：/©]?\s*(.+?)[)\]]?$",
    re.I,
)
_TEXTS = etree.XPath(".//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::template)]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of HTML as text: ``paragraphs`` in order, what was ``removed`` as furniture, its first picture."""

    paragraphs: tuple[str, ...]
    removed: tuple[Removed, ...] = ()
    image: Image | None = None
    heading: str = ""  # the first h1, which is not among the paragraphs


def parse_html(text: str) -> etree._Element | None:
    """The tree of a page or fragment however broken it is; None when there is nothing in it. Loads nothing."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(_CONTROLS.sub("", text).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root


def read_html(text: str, base: str = "") -> Text:
    """The text of a piece of HTML; addresses of pictures are joined to ``base``."""
    if "<" not in text and "&" not in text:
        return Text(tuple(line for line in map(clean_line, re.split(r"\n\s*\n", text)) if line))
    root = parse_html(text)
    return read_tree(root, base) if root is not None else Text(())


def read_line(text: str) -> str:
    """A piece of HTML as one line: for titles, names and summaries."""
    return clean_line(" ".join(read_html(text).paragraphs)) if "<" in text or "&" in text else clean_line(text)


def read_tree(root: etree._Element, base: str = "") -> Text:
    """``read_html`` for an element that is parsed already. Walks without recursion: depth costs nothing."""
    walk = _Walk(base)
    skipped: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if skipped is not None:
            if event == "end" and element is skipped:
                skipped = None
                walk.text(element.tail)
            continue
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag == "img":
                walk.picture(element)
            kind = _kind_of(element, tag)
            if kind is not None and element is not root:
                skipped = element
                walk.leave_out(element, kind)
                continue
            walk.open(tag)
            walk.text(element.text)
        else:
            walk.close(tag)
            if element is not root:
                walk.text(element.tail)
    walk.end_block()
    return Text(tuple(walk.paragraphs), tuple(walk.removed), walk.image, walk.heading)


class _Walk:
    """The state of one walk: the block being gathered and what is finished."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.paragraphs: list[str] = []
        self.removed: list[Removed] = []
        self.image: Image | None = None
        self.heading = ""
        self._parts: list[str] = []

    def text(self, text: str | None) -> None:
        if text:
            self._parts.append(text)

    def open(self, tag: str) -> None:
        if tag == "br":
            if self._parts and self._parts[-1] == "\n":
                self.end_block()
            else:
                self._parts.append("\n")
        elif tag in _BLOCKS:
            self.end_block()
        elif tag in {"td", "th"}:
            self._parts.append(" ")

    def close(self, tag: str) -> None:
        if tag == "h1" and not self.heading:
            self.heading = clean_line("".join(self._parts))
            self._parts.clear()
        elif tag in _BLOCKS:
            self.end_block()

    def end_block(self) -> None:
        line = clean_line("".join(self._parts))
        self._parts.clear()
        if line:
            self.paragraphs.append(line)

    def leave_out(self, element: etree._Element, kind: str) -> None:
        if kind != "br":
            self.end_block() if element.tag in _BLOCKS else None
        if not kind:
            return
        for picture in element.iter("img"):
            self.picture(picture)
        line = clean_line(" ".join(words_of(element)))[:1_000]
        if not line:
            return
        self.removed.append(Removed(kind, line))
        if kind == "credit" and self.image and not self.image.credit:
            self.image = _with_caption(self.image, line)

    def picture(self, element: etree._Element) -> None:
        source = str(element.get("src") or element.get("data-src") or "")
        size = str(element.get("width") or ""), str(element.get("height") or "")
        if self.image or not source or source.startswith("data:") or any(side in {"0", "1"} for side in size):
            return
        try:
            url = urljoin(self.base, source)
        except ValueError:
            return
        self.image = Image(url=url, alt=clean_line(str(element.get("alt") or "")))


def _kind_of(element: etree._Element, tag: str) -> str | None:
    """None: read on. "": nothing to read in it. Else: the kind of furniture it is."""
    if not tag or tag in _UNREAD or element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return ""
    if _HIDDEN.search(element.get("style") or ""):
        return ""
    if tag in {"figure", "figcaption"}:
        return "credit"
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if names != " " and tag not in {"html", "body", "article", "main"}:
        if tag not in _BLOCKS and tag != "span":
            return None
        if _CAPTION.search(names):
            return "credit"
        if _FURNITURE.search(names) and len(list(element.iter("p"))) < 6:
            return "furniture"
    return "furniture" if tag in {"footer", "aside"} else None


def words_of(element: etree._Element) -> list[str]:
    """The text of an element, piece by piece in its order, without what is run or styled by."""
    found = _TEXTS(element)
    return [str(piece) for piece in found] if isinstance(found, list) else []


def _with_caption(image: Image, line: str) -> Image:
    match = _CREDIT.search(line[-160:])
    credit = match[1].strip() if match else ""
    return Image(url=image.url, alt=image.alt, credit=credit)
