"""Header lines, byte for byte: encoded words for text, nothing but ASCII and no folding for addresses and links.

The email package's own policies turn a List-Unsubscribe of 76 characters or more into encoded words, which kills
the one-click button, and write encoded words one character over the limit. So the lines are written here:
RFC 5322 §2.1.1 (998 octets a line), RFC 2047 §2 (75 characters an encoded word, 76 a line that holds one).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

from channels.email.addresses import Address

LINE_OCTETS = 998
_WORD = 75
_LINE = 76
_CHARSET = "=?utf-8?{}?"
_OVERHEAD = len("=?utf-8?q?") + len("?=")
_Q_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047 §5 (3)
_NOT_Q_PLAIN = bytes(byte for byte in range(256) if byte not in _Q_PLAIN and byte != 32)
_Q_OF = [chr(byte) if byte in _Q_PLAIN else "_" if byte == 32 else f"={byte:02X}" for byte in range(256)]
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")  # Cc, Cs, Zl and Zp are these and no more
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


class UnsafeHeader(ValueError):
    """A value that could end its header line early or cannot be written. ``str()`` names header and fault."""


def check_value(name: str, value: str) -> None:
    """Raises ``UnsafeHeader`` when the value holds a line break, NUL, another control character or half a pair."""
    found = _UNSAFE.search(value)
    if found:
        raise UnsafeHeader(f"{name} holds a character that no header may carry (U+{ord(found[0]):04X}); take it out")


def text_line(name: str, text: str) -> bytes:
    """``name: text`` for free text such as a subject, folded and encoded as needed, with its CRLF."""
    check_value(name, text)
    words = _plain_words(text)
    if words is None:
        return f"{name}: {_encoded(text, len(name) + 2)}\r\n".encode("ascii")
    lines, room = [f"{name}:"], _LINE
    for word in words:
        if len(lines[-1]) + 1 + len(word) > room and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def mailbox_line(name: str, display_name: str, address: Address) -> bytes:
    """``name: Display Name <address>``. UTF-8 appears only where the address itself needs SMTPUTF8."""
    check_value(name, display_name)
    check_value(name, address.wire)
    where = f"<{address.wire}>" if display_name.strip() else address.wire
    if not display_name.strip():
        return f"{name}: {where}\r\n".encode()
    phrase = _phrase(display_name.strip(), len(name) + 2)
    last = len(phrase.rpartition("\r\n")[2]) + (0 if "\r\n" in phrase else len(name) + 2)
    gap = " " if last + 1 + len(where.encode()) <= _LINE else "\r\n "  # octets: the address may need SMTPUTF8
    return f"{name}: {phrase}{gap}{where}\r\n".encode()


def list_id_line(title: str, identifier: str) -> bytes:
    """``List-Id: Title <label.domain>`` (RFC 2919)."""
    check_value("List-Id", title)
    phrase = _phrase(title.strip(), len("List-Id: ")) + "\r\n " if title.strip() else ""
    return f"List-Id: {phrase}<{identifier}>\r\n".encode("ascii")


def exact_line(name: str, value: str) -> bytes:
    """``name: value`` byte for byte on one line: for links, ids and dates, which no folding may touch.

    Raises ``UnsafeHeader`` when it is not printable ASCII or the line would pass 998 octets.
    """
    if not value.isascii() or not value.isprintable():
        raise UnsafeHeader(f"{name} must be plain ASCII without line breaks")
    line = f"{name}: {value}"
    if len(line) > LINE_OCTETS:
        raise UnsafeHeader(f"{name} is {len(line)} characters long, {LINE_OCTETS} is the most a header line may have")
    return f"{line}\r\n".encode("ascii")


def _plain_words(text: str) -> list[str] | None:
    """The words to fold between, or None when the text must be encoded to arrive as it is."""
    words = text.split(" ")
    plain = text.isascii() and "=?" not in text and all(words) and max(map(len, words)) < _LINE - 20
    return words if plain else None


def _phrase(text: str, used: int) -> str:
    """A display name: atoms as they are, other ASCII quoted, the rest as encoded words."""
    if text.isascii() and "=?" not in text and len(text) + used + 2 <= _LINE:
        if _ATOMS.fullmatch(text):
            return text
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return _encoded(text, used)


def _encoded(text: str, used: int) -> str:
    """Encoded words joined by folds; ``used`` characters stand before the first one on its line."""
    octets = text.encode()
    quoted = 3 * len(octets) - 2 * len(octets.translate(None, _NOT_Q_PLAIN))
    packed = len(octets) * 4 // 3
    form, encode = ("q", _q) if quoted <= packed else ("b", _b)
    words, start = [], 0
    room = min(_WORD, _LINE - used) - _OVERHEAD
    while start < len(text):
        end = _longest(text, start, room, encode)
        words.append(f"{_CHARSET.format(form)}{encode(text[start:end])}?=")
        start, room = end, min(_WORD, _LINE - 1) - _OVERHEAD
    return "\r\n ".join(words) or ""


def _longest(text: str, start: int, room: int, encode: Callable[[str], str]) -> int:
    """The end of the longest run from ``start`` that fits, at least one character."""
    if len(encode(text[start:])) <= room:
        return len(text)
    end = start + 1
    while end < len(text) and len(encode(text[start : end + 1])) <= room:
        end += 1
    return end


def _q(text: str) -> str:
    return "".join([_Q_OF[byte] for byte in text.encode()])


def _b(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
