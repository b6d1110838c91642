"""Bodies with slots, encoded once: what differs from reader to reader is filled into bytes that are ready.

Three transfer encodings (RFC 2045 §6), chosen by the text: a Cyrillic page is 2.9 times its size as
quoted-printable and 1.3 times as base64, an English one the other way round. All lines end in CRLF and none
passes 998 octets.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from typing import Protocol

SLOTS = ("UNSUBSCRIBE", "CHOICES", "NAME", "ADDRESS")
"""What a template may leave open for each reader."""
SLOT = re.compile(r"%%([A-Z]+)%%")
LINK_ROOM = 400
"""The longest value of the slots that are links to leave or to choose, in octets: what keeps 7-bit lines within 998."""

_LINKS = frozenset({"UNSUBSCRIBE", "CHOICES"})
_LONGEST, _LINE = 998, 76


class UnknownSlot(ValueError):
    """A slot that no recipient's data can fill. ``str()`` names it."""


class Body(Protocol):
    """An encoded body, all but its slots."""

    @property
    def encoding(self) -> str:
        """The Content-Transfer-Encoding."""
        ...

    @property
    def names(self) -> frozenset[str]:
        """The slots that ``fill`` wants a value for."""
        ...

    def fill(self, values: Mapping[str, bytes]) -> bytes:
        """The whole body as it goes over the wire, ending in CRLF."""
        ...


def compile_body(text: str, further: Collection[str] = ()) -> Body:
    """Encodes ``text`` the shortest way. Slots are written ``%%NAME%%``; ``further`` ones may stand in this text alone.

    Raises ``UnknownSlot``.
    """
    statics, slots = split_slots(text, further)
    if _fits_seven_bit(text, slots):
        return _SevenBit(statics, slots)
    quoted, packed = _Quoted(statics, slots), _Packed(statics, slots)
    return quoted if quoted.size <= packed.size else packed


def split_slots(text: str, further: Collection[str] = ()) -> tuple[list[bytes], list[str]]:
    """The text as n + 1 fixed pieces (UTF-8, lines ended by CRLF) around n slots. Raises ``UnknownSlot``."""
    lines = re.sub(r"\r\n|\r|\n", "\r\n", text)
    if not lines.endswith("\r\n"):
        lines += "\r\n"
    pieces = SLOT.split(lines)
    statics, slots = [piece.encode() for piece in pieces[::2]], pieces[1::2]
    for slot in slots:
        if slot not in SLOTS and slot not in further:
            raise UnknownSlot(f"%%{slot}%% is not a slot; the slots are {', '.join(f'%%{name}%%' for name in SLOTS)}")
    return statics, slots


def _fits_seven_bit(text: str, slots: list[str]) -> bool:
    """ASCII, lines short enough with a link in them, no value that may be anything, nothing relays mangle."""
    if not text.isascii() or "\0" in text or not _LINKS.issuperset(slots):
        return False
    lines = text.splitlines()
    return all(len(line) + LINK_ROOM * line.count("%%") // 2 <= _LONGEST and line[:5] != "From " for line in lines)


class _SevenBit:
    encoding = "7bit"

    def __init__(self, statics: list[bytes], slots: list[str]) -> None:
        self.names = frozenset(slots)
        self._first, self._rest = statics[0], list(zip(slots, statics[1:], strict=True))

    def fill(self, values: Mapping[str, bytes]) -> bytes:
        parts = [self._first]
        for slot, static in self._rest:
            parts += (values[slot], static)
        return b"".join(parts)


class _Quoted:
    """Quoted-printable: pieces meet at soft breaks, so each is encoded without knowing its neighbours."""

    encoding = "quoted-printable"

    def __init__(self, statics: list[bytes], slots: list[str]) -> None:
        self.names = frozenset(slots)
        encoded = [_quote(static) for static in statics]
        before = [piece if not piece or piece.endswith(b"\r\n") else piece + b"=\r\n" for piece in encoded[:-1]]
        after = [piece if piece.startswith(b"\r\n") else b"=\r\n" + piece for piece in encoded[1:]]
        # Between two slots a piece needs both breaks; joined they would leave an empty soft line, which is legal.
        self._first = before[0] if slots else encoded[0]
        self._rest: list[tuple[str, bytes]] = []
        for number, slot in enumerate(slots):
            tail = after[number]
            if number + 1 < len(slots) and not tail.endswith(b"\r\n"):
                tail += b"=\r\n"
            self._rest.append((slot, tail))
        self.size = len(self._first) + sum(len(tail) for _, tail in self._rest)

    def fill(self, values: Mapping[str, bytes]) -> bytes:
        parts = [self._first]
        for slot, tail in self._rest:
            parts += (_quote(values[slot]), tail)
        return b"".join(parts)


class _Packed:
    """Base64: each fixed piece is encoded for all three alignments; a slot's length picks the one that fits."""

    encoding = "base64"

    def __init__(self, statics: list[bytes], slots: list[str]) -> None:
        self.names, self._slots = frozenset(slots), slots
        self._pieces = [[_aligned(static, skip) for skip in range(3)] for static in statics]
        self.size = sum(len(piece[0][1]) for piece in self._pieces)

    def fill(self, values: Mapping[str, bytes]) -> bytes:
        _, middle, carry = self._pieces[0][0]
        parts = [middle]
        for slot, piece in zip(self._slots, self._pieces[1:], strict=True):
            carry += values[slot]
            head, middle, tail = piece[-len(carry) % 3]
            carry += head
            if len(carry) % 3 == 0:
                parts += (_pack(carry), middle)
                carry = tail
            # else the piece was shorter than its skip: it is in the carry, whole, and the next one follows
        parts.append(_pack(carry))
        return b"".join(parts)


def _aligned(static: bytes, skip: int) -> tuple[bytes, bytes, bytes]:
    """``static`` as a head of ``skip`` bytes, whole triples encoded, and the bytes left over."""
    body = static[skip:]
    whole = len(body) - len(body) % 3
    return static[:skip], _pack(body[:whole]), body[whole:]


def _pack(content: bytes) -> bytes:
    """Base64 in lines of 76, each ended by CRLF; nothing for nothing."""
    packed = base64.b64encode(content)
    return b"".join(packed[at : at + _LINE] + b"\r\n" for at in range(0, len(packed), _LINE))


def _quote(content: bytes) -> bytes:
    """Quoted-printable with CRLF line ends and soft breaks."""
    lines = []
    for line in content.split(b"\r\n"):
        encoded = binascii.b2a_qp(line, istext=False).replace(b"=\n", b"=\r\n")
        lines.append(b"=46rom " + encoded[5:] if encoded.startswith(b"From ") else encoded)
    return b"\r\n".join(lines)
