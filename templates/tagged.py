"""Hashtags in words that stand already: which there are, and others in their place. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import regex

_TAG = regex.compile(r"(?<![^\s(\[（「『“\"'])[#＃](?=[\p{N}\p{M}_]*\p{L})[\p{L}\p{N}\p{M}_]+")
_ONE = regex.compile(r"[#＃]?(?=[\p{N}\p{M}_]*\p{L})[\p{L}\p{N}\p{M}_]+")
_BREAK = regex.compile(r"(\n[ \t]*---[ \t]*(?:\n|$))")


class NoHashtag(ValueError):
    """A word that no platform makes a hashtag of; ``word`` is it."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def read_hashtags(text: str | Iterable[str]) -> tuple[str, ...]:
    """The hashtags a person named, parted by blanks or commas, each with its "#", none twice. Raises ``NoHashtag``."""
    words = text.replace(",", " ").replace("、", " ").split() if isinstance(text, str) else list(text)
    found: dict[str, str] = {}
    for word in words:
        if not _ONE.fullmatch(word):
            raise NoHashtag(word)
        tag = f"#{word.lstrip('#＃')}"
        found.setdefault(tag.casefold(), tag)
    return tuple(found.values())


def hashtags_in(text: str) -> tuple[str, ...]:
    """The hashtags of a text's first part, in order, none twice; a "#" inside an address is none."""
    return read_hashtags([found.group() for found in _TAG.finditer(_BREAK.split(text)[0])])


def with_hashtags(text: str, wanted: Sequence[str], link: str | None = None, *, apart: bool = False) -> str:
    """``text`` with exactly these hashtags in its first part.

    One that stands inside a sentence stays there; where it is not wanted any more only its "#" goes. The others stand
    on a line of their own: where such a line was, else before a closing line that is ``link``, else at the end.
    ``apart`` puts an empty line before a new one.
    """
    first, *rest = _BREAK.split(text)
    keys = {tag.casefold() for tag in wanted}
    lines: list[str] = []
    place: int | None = None
    inline: set[str] = set()
    for line in first.split("\n"):
        words = line.split()
        if words and all(_TAG.fullmatch(word) for word in words):
            place = len(lines) if place is None else place
            continue
        kept = _TAG.sub(lambda tag: tag.group() if _key(tag.group()) in keys else tag.group()[1:], line)
        inline |= {_key(found.group()) for found in _TAG.finditer(kept)}
        lines.append(kept)
    own = [tag for tag in wanted if tag.casefold() not in inline]
    if own:
        new = " ".join(own)
        if place is not None:
            lines.insert(place, new)
        elif link and lines[-1].strip() == link:
            lines.insert(len(lines) - 1, new)
        else:
            lines += ["", new] if apart and lines[-1].strip() else [new]
    elif place is not None and place > 0 and not lines[place - 1].strip() and not "".join(lines[place:]).strip():
        del lines[place - 1]
    return "".join(["\n".join(lines).strip("\n"), *rest])


def _key(tag: str) -> str:
    return f"#{tag[1:]}".casefold()
