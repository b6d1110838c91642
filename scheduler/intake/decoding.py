"""Bytes to text, whatever the label says: byte-order marks, UTF-8, then the encoding whose text reads best.

The label (a header's or a file's own) is only one more witness: wrong labels are common, and valid UTF-8 with
non-ASCII bytes is never an accident.
"""

from __future__ import annotations

import codecs
import re
from functools import cache

from scheduler.intake.errors import IntakeError

MAX_BYTES = 8_000_000
"""No article, feed or page is longer; what is, is refused with a sentence."""

MAX_LETTERS = 1_000_000
MAX_LINES = 50_000
"""Of one story's text."""

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP or Office file"),
    (b"\xd0\xcf\x11\xe0", "an old Word file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"{\\rtf", "an RTF file"),
)
_GUESSES = ("cp932", "euc_jp", "gb18030", "cp1252")
_LABELS = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
_LABELS |= {"shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "gb2312": "gb18030", "gbk": "gb18030"}
"""Labels that in practice mean a wider encoding (WHATWG Encoding Standard, section 4.2)."""

_PLAUSIBLE = re.compile(
    r"(?:windows-?|cp)\d{3,4}|iso-?8859-?\d+|koi8-?[ru]|big5(?:-?hkscs)?|euc-?(?:kr|jp)|gb18030|macintosh"
)

_PRINTED = re.compile("[\\t\\r\\n -~\u2010-\u2026\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uffe6]")
_COMMON_HAN = frozenset(
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天"
    "而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些"
    "与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相"
    "次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市部区报记员议布电警选举经济总统"
)
_SAMPLE = 64_000


def decode(data: bytes, label: str = "") -> str:
    """The text of ``data``; ``label`` is the encoding its sender named, if any.

    Raises ``IntakeError`` for nothing, too much, or what is not text.
    """
    if len(data) > MAX_BYTES:
        raise IntakeError(
            f"It has {len(data) / 1e6:.0f} MB, and no story has more than {MAX_BYTES / 1e6:.0f}: send the text alone."
        )
    if not data.strip(b"\0 \t\r\n\f"):
        raise IntakeError("It is empty: nothing to take in.")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, errors="replace")
    for magic, what in _BINARY:
        if data.startswith(magic):
            raise IntakeError(f"It is {what}, not text: save the story as plain text, Markdown, HTML or DOCX.")
    if wide := _bare_utf16(data):
        return data.decode(wide, errors="replace")
    if b"\0" in data or _control_share(data) > 0.05:
        for encoding in ("utf-16-le", "utf-16-be"):
            if _is_written(data, encoding):
                return data.decode(encoding, errors="replace")
        raise IntakeError("It is not text: save the story as plain text, Markdown, HTML or DOCX.")
    if b"\x1b$" in data:
        return data.decode("iso2022_jp", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(data, label)


def decode_story(data: bytes) -> str:
    """``decode`` for a file that is one story's text: lines end in ``\\n``, and runs of blank lines are one.

    Raises ``IntakeError`` too where there is more text than any story has.
    """
    text = re.sub(r"\n[ \t]*\n\s*\n", "\n\n", decode(data).replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) > MAX_LETTERS or text.count("\n") > MAX_LINES:
        raise IntakeError(
            f"Its text is longer than {MAX_LETTERS:,} letters or {MAX_LINES:,} lines: send the story alone."
        )
    return text


def _bare_utf16(data: bytes) -> str | None:
    sample = data[: min(len(data), 4_000) & ~1]
    pairs = len(sample) // 2
    if pairs < 4:
        return None
    low, high = sample[1::2].count(0) / pairs, sample[0::2].count(0) / pairs
    if low > 0.4 and high < 0.05:
        return "utf-16-le"
    return "utf-16-be" if high > 0.4 and low < 0.05 else None


def _is_written(data: bytes, encoding: str) -> bool:
    """True when nearly every character is one that East Asian papers print."""
    sample = data[: min(len(data), _SAMPLE) & ~1].decode(encoding, errors="replace")
    return len(sample) >= 8 and len(_PRINTED.findall(sample)) >= 0.97 * len(sample)


def _control_share(data: bytes) -> float:
    sample = data[:_SAMPLE]
    text = re.sub(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]", b"", sample)
    return 1 - len(text) / len(sample)


def _guess(data: bytes, label: str) -> str:
    if _mostly_utf8(data):
        return data.decode("utf-8", errors=_mixed())
    named = _LABELS.get(label.strip().lower(), label.strip().lower())
    best, best_score = "", 0.3
    for encoding in dict.fromkeys([*_GUESSES, *([named] if _known(named) else [])]):
        score = _score(data[:_SAMPLE], encoding) + (0.25 if encoding == named else 0)
        if score > best_score:
            best, best_score = encoding, score
    if not best and _known(named) and _decodes(data, named):
        best = named
    if not best:
        from charset_normalizer import from_bytes

        match = from_bytes(data[:_SAMPLE]).best()
        if match is None:
            raise IntakeError("Its letters are in no encoding we can read: save it as UTF-8.")
        best = match.encoding
    return data.decode(best, errors="replace")


def _known(name: str) -> bool:
    if not _PLAUSIBLE.fullmatch(name):
        return False
    try:
        return b"".decode(name) == ""
    except LookupError:
        return False


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(data: bytes) -> bool:
    text = data[:_SAMPLE].decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    foreign = sum(1 for letter in text if letter > "\x7f")
    return foreign - broken > 20 * broken


@cache
def _mixed() -> str:
    """UTF-8 with a few single bytes pasted in from a Windows program."""

    def from_cp1252(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end

    codecs.register_error("pressrun-cp1252", from_cp1252)
    return "pressrun-cp1252"


def _score(data: bytes, encoding: str) -> float:
    """How well the bytes read in that encoding, about 1 for running text of its language, below 0 for noise."""
    decoder = codecs.getincrementaldecoder(encoding)()  # the sample may end inside a character
    try:
        text = decoder.decode(data)
    except UnicodeDecodeError:
        return -1.0
    foreign = sum(1 for byte in data if byte > 0x7F) or 1
    rate = {"cp932": _japanese, "euc_jp": _japanese, "gb18030": _chinese}.get(encoding, _western)
    return rate(text) / foreign


def _japanese(text: str) -> float:
    score = 0.0
    for letter in text:
        if "\u3041" <= letter <= "\u30fe" or "\u3000" <= letter <= "\u303f" or "\uff01" <= letter <= "\uff5e":
            score += 2
        elif "\u4e00" <= letter <= "\u9fa0":
            score += 1
        elif letter > "\x7f":
            score -= 3
    return score if re.search("[\u3041-\u3096]", text) else score - 2 * len(text)


def _chinese(text: str) -> float:
    score, han, common = 0.0, 0, 0
    for letter in text:
        if "\u4e00" <= letter <= "\u9fa5":
            han += 1
            common += letter in _COMMON_HAN
        elif "\u3000" <= letter <= "\u303f" or "\uff01" <= letter <= "\uff5e" or letter in "“”‘’—…·":
            score += 2
        elif letter > "\x7f":
            score -= 2
    return score + (2 * han if han and common / han > 0.15 else -2 * han)


def _western(text: str) -> float:
    """Accented letters and typographic marks stand alone between plain ones; runs of them are another encoding."""
    score = 0.0
    for run in re.findall(r"[^\x00-\x7f]+", text):
        good = sum(1 for letter in run if letter.isalpha() or letter in "‘’“”„«»‹›–—…•€£§°·¿¡®©™´½¼¾²³  ")
        score += good - 2 * (len(run) - good)
        if len(run) > 3 and not run.isalpha():
            score -= len(run)
        elif len(run) > 3 and not (run[1:].islower() or run.isupper() or run[0] > "\u0590"):
            score -= 2 * len(run)
    return score
