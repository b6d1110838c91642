"""What a person changes of a story's words on one channel, and the words that come of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import regex

from db.records import Image, Teaser
from templates.links import campaign_of, with_utm, without_parameters
from templates.tagged import NoHashtag, hashtags_in, read_hashtags, with_hashtags

LONGEST_SUBJECT, LONGEST_PREHEADER, LONGEST_VALUE = 150, 110, 200
NO_PICTURE, STORYS_PICTURE = "none", "story"
_NAME = regex.compile(r"utm_[a-z0-9_.-]{1,40}", regex.IGNORECASE)


class NotPossible(ValueError):
    """A change that cannot be made of these words; ``str()`` says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Rewording:
    """What to change; None leaves a thing as it is.

    ``picture``: ``none``, ``story`` (the story's own), or the hash of a picture that is kept. ``hashtags``: exactly
    these, each with or without its "#". ``utm``: values by the parameter's name, "" takes one out.
    """

    text: str | None = None
    subject: str | None = None
    preheader: str | None = None
    picture: str | None = None
    alt: str | None = None
    hashtags: tuple[str, ...] | None = None
    utm: Mapping[str, str] | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return self == Rewording()


def reworded(
    words: Teaser, asked: Rewording, *, picture: Image | None = None, parameters: Collection[str] = ()
) -> Teaser:
    """``words`` as a person wishes them. ``picture`` is what ``asked.picture`` names; ``parameters`` are the campaign's
    beside ``utm_…``. The sentences they were made of stay named where the text stays. Raises ``NotPossible``.
    """
    text = words.text if asked.text is None else asked.text.strip()
    link, text = _with_campaign(words, text, asked.utm, parameters)
    if asked.hashtags is not None:
        if words.kind == "email":
            raise NotPossible("a mail has no hashtags; leave them out")
        text = with_hashtags(text, _tags(asked.hashtags), link, apart=words.kind == "facebook")
    subject = _line(words, asked.subject, words.subject, "subject", LONGEST_SUBJECT)
    preheader = _line(words, asked.preheader, words.preheader, "line behind the subject", LONGEST_PREHEADER)
    image = words.image if asked.picture is None else picture
    if asked.alt is not None:
        if image is None and asked.alt.strip():
            raise NotPossible("there is no picture to describe; choose one first, or leave its alt text out")
        image = replace(image, alt=" ".join(asked.alt.split())) if image is not None else None
    own_text = asked.text is not None and asked.text.strip() != words.text.strip()
    new = replace(
        words,
        text=text,
        used=() if own_text else words.used,
        subject=subject,
        preheader=preheader,
        link=link,
        image=image,
        hashtags=words.hashtags if text == words.text else hashtags_in(text),
    )
    changed = [name for name, _, _ in differences(words, new) if name != "text" or own_text]
    return replace(new, by_hand=tuple(dict.fromkeys((*words.by_hand, *changed))))


def differences(before: Teaser, after: Teaser) -> list[tuple[str, str, str]]:
    """What differs: its name, what it was and what it is, in words."""
    pairs = {
        "text": (before.text, after.text),
        "subject": (before.subject, after.subject),
        "preheader": (before.preheader, after.preheader),
        "image": (_named(before.image), _named(after.image)),
        "alt": (before.image.alt if before.image else "", after.image.alt if after.image else ""),
        "hashtags": (" ".join(hashtags_in(before.text)), " ".join(hashtags_in(after.text))),
        "utm": (before.link or "", after.link or ""),
    }
    return [(name, was, becomes) for name, (was, becomes) in pairs.items() if was != becomes]


def told(found: list[tuple[str, str, str]]) -> tuple[str, str]:
    """Before and after for the audit: the text as it is, every other thing by its name."""
    lines = [(name, was, becomes) for name, was, becomes in found if name != "hashtags" or len(found) == 1]
    before = "\n".join(was if name == "text" else f"{name}: {was or '–'}" for name, was, _ in lines)
    after = "\n".join(becomes if name == "text" else f"{name}: {becomes or '–'}" for name, _, becomes in lines)
    return before, after


def _with_campaign(
    words: Teaser, text: str, utm: Mapping[str, str] | None, parameters: Collection[str]
) -> tuple[str | None, str]:
    """The link with other campaign parameters, and the text with that link in the place of the old one."""
    if not utm:
        return words.link, text
    if not words.link:
        if any(utm.values()):
            raise NotPossible("the story has no address that could carry campaign parameters")
        return words.link, text
    for name, value in utm.items():
        if not _NAME.fullmatch(name) and name not in parameters:
            raise NotPossible(
                f'"{name}" is no campaign parameter: give utm_source, utm_medium, utm_campaign or the like'
            )
        if len(value) > LONGEST_VALUE or any(ord(mark) < 32 for mark in value):
            raise NotPossible(f"the value of {name} is too long: {LONGEST_VALUE} characters at most, on one line")
    had = campaign_of(words.link, parameters)
    gone = {name for name, value in utm.items() if not value.strip() and name in had}
    set_to = {name: value.strip() for name, value in utm.items() if value.strip() and had.get(name) != value.strip()}
    link = with_utm(without_parameters(words.link, gone) if gone else words.link, set_to)
    return link, text.replace(words.link, link)


def _line(words: Teaser, asked: str | None, now: str, what: str, longest: int) -> str:
    if asked is None:
        return now
    if words.kind != "email":
        raise NotPossible(f"a post on {words.channel} has no {what}; only e-mail has one")
    line = " ".join(asked.split())
    if len(line) > longest:
        raise NotPossible(f"the {what} has {len(line)} characters, {longest} are possible; shorten it")
    return line


def _tags(asked: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return read_hashtags(asked)
    except NoHashtag as no:
        raise NotPossible(
            f'"{no.word}" is no hashtag: letters, digits and _ alone, at least one of them a letter'
        ) from None


def _named(image: Image | None) -> str:
    return (image.url or image.sha256 or "") if image is not None else ""
