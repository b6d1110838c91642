"""What a reader found, and the one way it becomes an ``Article``: cleaned, told apart, checked and flagged."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from db.records import Article, Image, Label, Removed
from scheduler.intake.bylines import is_house, marked_authors, person_names, split_names
from scheduler.intake.cleaning import clean_line
from scheduler.intake.dates import believable, is_scheduled
from scheduler.intake.decoding import MAX_LETTERS
from scheduler.intake.errors import IntakeError
from scheduler.intake.labels import label_of, split_label
from scheduler.intake.languages import detect_language, language_tag
from scheduler.intake.reading import read_body
from templates.sentences import ends_sentence, split_sentences

MAX_HEADLINE = 300
NO_ADDRESS = "No address: readers would get no link. Give it one, or say that it may go without."
NO_DATE = "No date: nobody said when it was published."
NO_TEXT = "No text: only the headline is known."

_NAMES = (
    "a|abbr|article|aside|audio|b|base|blockquote|body|br|button|canvas|center|code|dd|del|details|div|dl|dt|em|embed|"
    "figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|map|"
    "mark|math|meta|nav|noscript|object|ol|option|p|picture|pre|q|s|script|section|select|small|source|span|strong|"
    "style|sub|summary|sup|svg|table|tbody|td|template|textarea|th|thead|time|title|tr|u|ul|video"
)
_TAG = re.compile(
    # A whole tag of any name; an end tag, or one of a name that browsers know, however badly it is written.
    rf"</?[A-Za-z][A-Za-z0-9:-]{{0,30}}(?:\s[^<>]{{0,2000}})?/?>|</[A-Za-z][^<>]{{0,2000}}>"
    rf"|</?(?:{_NAMES})\b[^<>]{{0,2000}}>"
    r"|<!--.{0,2000}?-->|<!\[CDATA\[|\]\]>|<![A-Za-z][^<>]{0,200}>",
    re.DOTALL | re.IGNORECASE,
)
_TAG_ROUNDS = 3
"""One tag cut out may leave another that stood around it."""
_UNREAD = re.compile(r"<(script|style)\b[^<>]{0,2000}>.{0,20000}?</\1\s*>", re.DOTALL | re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,24}\d?);", re.IGNORECASE)
_CUT = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.|&hellip;)\s*\]|…|\.\.\.|\[\+\d+ chars\])\s*$")


@dataclass(frozen=True, slots=True)
class Draft:
    """A story as a reader found it: any text, any dates, nothing checked yet. Texts are not markup any more."""

    headline: str
    paragraphs: Iterable[str] = ()
    guid: str = ""
    url: str = ""
    outlet: str = ""
    dek: str = ""
    summary: str = ""
    authors: Iterable[str] = ()
    section: str = ""
    tags: Iterable[str] = ()
    label: Label = Label.NEWS
    kickers: Iterable[str] = ()  # names that may be a label: kicker line, section, categories
    language: str = ""
    image: Image | None = None
    published_at: datetime | None = None
    modified_at: datetime | None = None
    removed: tuple[Removed, ...] = ()
    flags: tuple[str, ...] = ()
    card: Mapping[str, str] = field(default_factory=dict)
    date_binds: bool = True  # a date ahead is the source's own embargo; in a plain text it may be any date


def plain(text: str) -> str:
    """One clean line without tags or character references; "a < b" and "<3" stay."""
    for _ in range(2):
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
    if "<" in text or "]]>" in text:
        text = _UNREAD.sub(" ", text)
        for _ in range(_TAG_ROUNDS):
            text, cut = _TAG.subn(" ", text)
            if not cut:
                break
    return clean_line(text)


def web_address(text: str) -> str | None:
    """The address if it is a whole http or https one that a reader can be sent to; else None."""
    text = clean_line(text)
    if not text or len(text) > 2_000 or re.search(r"[\s<>\"{}|\\^`]", text):
        return None
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or parts.username or parts.password:
        return None
    return text.replace(
        parts.netloc, parts.netloc.removesuffix(":"), 1
    )  # "https://host:/x" ends in some readers at the host


def finish(draft: Draft, *, source: str, now: datetime) -> Article:
    """The article; raises ``IntakeError`` when there is no headline or far too much text."""
    headline, prefix, label = _headline(draft)
    outlet = plain(draft.outlet)[:120].rstrip()
    authors = _authors(draft.authors, outlet)
    lines = [line for line in map(plain, draft.paragraphs) if line]
    if sum(map(len, lines)) > MAX_LETTERS:
        raise IntakeError(f"Its text is longer than {MAX_LETTERS:,} letters: no story is. Send the story alone.")
    kept, removed = read_body(lines, headline=headline, authors=authors, outlet=outlet)
    language = language_tag(draft.language) or detect_language(" ".join([headline, *kept[:5]])[:2_000])
    kept = _whole_end(kept, language)
    removed = (*draft.removed, *([Removed("label", prefix)] if prefix else []), *removed)
    if not authors:
        found = [marked_authors(one.text) or () for one in removed if one.kind == "byline"]
        authors = _authors([name for names in found for name in names], outlet)
    url = web_address(draft.url)
    published, modified, flags = _dates(draft, now)
    embargo_at = published if draft.date_binds and is_scheduled(published, now) else None
    if draft.url.strip() and not url:
        flags.append("Its address is not a web address and was left out.")
    flags = [*([NO_ADDRESS] if not url else []), *flags, *([NO_TEXT] if not kept else []), *draft.flags]
    summary = _own_teaser(draft.summary, headline)
    dek = _own_teaser(draft.dek, headline)
    return Article(
        headline=headline,
        paragraphs=kept,
        source=source,
        guid=clean_line(draft.guid)[:500].rstrip() or None,
        url=url,
        outlet=outlet,
        dek=dek,
        summary=summary,
        authors=authors,
        section=plain(draft.section)[:120].rstrip(),
        tags=_tags(draft.tags),
        label=draft.label if draft.label is not Label.NEWS else label,
        language=language,
        image=_image(draft.image),
        published_at=published,
        modified_at=modified,
        embargo_at=embargo_at,
        removed=removed,
        flags=tuple(dict.fromkeys(flags)),
        card={key: text for key, value in draft.card.items() if (text := plain(value)[:1_000].rstrip())},
    )


def _headline(draft: Draft) -> tuple[str, str, Label]:
    headline = plain(draft.headline)
    outlet = plain(draft.outlet)
    if outlet:
        headline = re.sub(rf"\s+[|–—-]\s+{re.escape(outlet)}$", "", headline)
    label, prefix, headline = split_label(headline)
    if not any(letter.isalnum() for letter in headline):
        raise IntakeError("It has no headline: put one on the first line, or in the title field.")
    if len(headline) > MAX_HEADLINE:
        raise IntakeError(
            f"Its headline has {len(headline):,} characters, and none has more than {MAX_HEADLINE}: "
            "put the headline on a line of its own, above the text."
        )
    return headline, prefix, label if label is not Label.NEWS else label_of([*draft.kickers, draft.section])


def _authors(names: Iterable[str], outlet: str) -> tuple[str, ...]:
    people: list[str] = []
    for raw in names:
        name = plain(raw)
        if re.search(r"https?:|www\.", name):
            continue
        found = marked_authors(name) or person_names(name) or ((name,) if len(name) < 60 else split_names(name))
        people += [re.sub(r"\s*\([^)]*\)$|^\S+@\S+\s*\((.+)\)$", r"\1", one) for one in found]
    kept = [
        one for one in people if one and "@" not in one and one.casefold() not in {outlet.casefold(), "admin", "editor"}
    ]
    return tuple(dict.fromkeys(one[:80].rstrip() for one in kept if not (is_house(one) and outlet and one in outlet)))[
        :20
    ]


def _dates(draft: Draft, now: datetime) -> tuple[datetime | None, datetime | None, list[str]]:
    flags: list[str] = []
    if draft.date_binds and is_scheduled(draft.published_at, now):
        assert draft.published_at is not None
        flags.append(f"Its date lies ahead: no word of it leaves before {draft.published_at:%Y-%m-%d %H:%M} UTC.")
        return draft.published_at, draft.modified_at if believable(draft.modified_at, now) else None, flags
    published = draft.published_at if believable(draft.published_at, now) else None
    modified = draft.modified_at if believable(draft.modified_at, now) else None
    if draft.published_at and not published:
        flags.append(f"Its date, {draft.published_at:%Y-%m-%d}, cannot be right and was left out.")
    elif not published:
        flags.append(NO_DATE)
    return published, modified, flags


def _whole_end(paragraphs: tuple[str, ...], language: str) -> tuple[str, ...]:
    """A last paragraph that the source cut off ("… [...]") ends with its last whole sentence, or goes."""
    if not paragraphs or not re.search(r"\[\s*(?:…|\.\.\.)\s*\]$|\[\+\d+ chars\]$", paragraphs[-1]):
        return paragraphs
    text = _CUT.sub("", paragraphs[-1])
    last = split_sentences(text, language)[-1:]
    if last and not ends_sentence(last[0]):
        text = text[: text.rfind(last[0])].rstrip()
    return (*paragraphs[:-1], text) if text else paragraphs[:-1]


def _own_teaser(text: str, headline: str) -> str:
    """The publisher's own teaser, or "" when it was cut off, repeats the headline or is furniture."""
    text = plain(text)[:2_000].rstrip()
    kept, _ = read_body([text], headline=headline)
    if not kept or _CUT.search(kept[0]):
        return ""
    return kept[0]


def _tags(tags: Iterable[str]) -> tuple[str, ...]:
    cleaned = (plain(tag).lstrip("#") for tag in tags)
    return tuple({tag.casefold(): tag for tag in cleaned if tag and len(tag) <= 80}.values())[:30]


def _image(image: Image | None) -> Image | None:
    if image is None:
        return None
    url = web_address(image.url or "")
    if url is None and image.path is None:
        return None
    return Image(
        url=url,
        path=image.path,
        sha256=image.sha256,
        alt=plain(image.alt)[:1_000].rstrip(),
        credit=plain(image.credit)[:300].rstrip(),
        media_type=image.media_type,
    )
