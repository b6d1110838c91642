"""Text as a reader should see it: NFC, no control, invisible or direction-override character, plain spaces.

Joiners stay only where they are letters' or emoji's own: ZERO WIDTH JOINER inside an emoji sequence or after an
Indic virama, ZERO WIDTH NON-JOINER between letters of scripts that spell with it (Persian, Hindi ...).
"""

from __future__ import annotations

import unicodedata

import regex

_INVISIBLE = regex.compile(
    # Format characters (Cf holds bidi controls, zero-width space, BOM, soft hyphen), controls, surrogates, private
    # use and unassigned; fillers and joiners that Unicode calls letters or marks but that show nothing.
    r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u3164\uFFA0\uFFFC]"
    r"|(?![\u200C\u200D\U000E0020-\U000E007F\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2])\p{Cf}"
)
_ZWJ = regex.compile(
    r"(?<!\p{Extended_Pictographic}\p{M}*\p{Emoji_Modifier}?|\p{M})\u200D|\u200D(?![\p{Extended_Pictographic}\p{L}])"
)
_ZWNJ = regex.compile(
    r"(?<![\p{L}\p{M}])\u200C|\u200C(?![\p{L}\p{M}])|(?<=[\p{Latin}\p{Greek}\p{Cyrillic}\p{Han}])\u200C"
)
_TAGS = regex.compile(r"(?<!\U0001F3F4[\U000E0020-\U000E007F]{0,7})[\U000E0020-\U000E007F]")
_VARIATION = regex.compile(r"(?<![\p{Emoji}\p{Han}\p{S}])[\uFE00-\uFE0F]|(?<!\p{Han})[\U000E0100-\U000E01EF]")
_SPACES = regex.compile(r"[\p{Zs}\t\u2800]+")
_BREAKS = regex.compile(r"\r\n?|[\x0B\x0C\x85\u2028\u2029]")
_MARK_RUN = regex.compile(r"(\p{M}{30})\p{M}+")
"""UAX #15's stream-safe text: no run of more than 30 marks; a longer one makes normalising quadratic."""


def clean_text(text: str) -> str:
    """The text with lines kept (``\\n``), each line cleaned as ``clean_line`` does. Linear in its length."""
    text = _BREAKS.sub("\n", text)
    return "\n".join(clean_line(line) for line in text.split("\n"))


def clean_line(text: str) -> str:
    """One line: breaks and runs of spaces become one space, ends are trimmed, what nobody can see is gone."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = _SPACES.sub(" ", _BREAKS.sub(" ", text).replace("\n", " "))
    text = _MARK_RUN.sub(r"\1", _INVISIBLE.sub("", text))
    if "\u200d" in text:
        text = _ZWJ.sub("", text)
    if "\u200c" in text:
        text = _ZWNJ.sub("", text)
    text = _VARIATION.sub("", _TAGS.sub("", text))
    return " ".join(unicodedata.normalize("NFC", text).split())
