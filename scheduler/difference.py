"""What an article says now and did not say before, in one line for the desk. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher

from db.records import Article

_ROOM = 90
"""So many characters of each side are shown, the first difference among them."""


def difference(before: Article, after: Article) -> str:
    """The first thing that changed, both states of it, and how many more did; "" where nothing a reader sees did."""
    found = []
    for name, old, new in (
        ("headline", before.headline, after.headline),
        ("dek", before.dek, after.dek),
        ("the publisher's teaser", before.summary, after.summary),
        ("label", before.label.value, after.label.value),
        ("address", before.url or "", after.url or ""),
    ):
        if old != new:
            found.append(f"{name} {_pair(old, new)}")
    found += _paragraphs(before.paragraphs, after.paragraphs)
    if not found:
        return ""
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return found[0] + more


def _paragraphs(before: tuple[str, ...], after: tuple[str, ...]) -> list[str]:
    told = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        old, new = " ".join(before[a:b]), " ".join(after[c:d])
        told.append(f"paragraph {max(c, a) + 1} {_pair(old, new)}")
    return told


def _pair(old: str, new: str) -> str:
    """Both sides, cut to where they begin to differ."""
    same = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), 0)
    start = max(0, same - _ROOM // 3)
    start = old.rfind(" ", 0, start) + 1 if start else 0
    if not old:
        return f"is new: {_shown(new, 0)}"
    if not new:
        return f"is gone: {_shown(old, 0)}"
    return f"was {_shown(old, start)}, is {_shown(new, start)}"


def _shown(text: str, start: int) -> str:
    piece = text[start : start + _ROOM].strip()
    return f'"{"… " if start else ""}{piece}{" …" if start + _ROOM < len(text) else ""}"'
