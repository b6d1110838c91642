"""A story kept as a Word document (.docx): its paragraphs as Word's styles name them, without Word."""

from __future__ import annotations

import io
import zipfile
import zlib
from datetime import datetime

from lxml import etree

from db.records import Article
from scheduler.intake.cleaning import clean_line
from scheduler.intake.decoding import MAX_BYTES
from scheduler.intake.errors import IntakeError
from scheduler.intake.text_file import read_text

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"


def read_docx_file(data: bytes, *, source: str, now: datetime) -> Article:
    """The story in a Word document: text in "Title" or first "Heading 1" style is the headline, else the first line.

    Deleted text, comments and notes are not read. Raises ``IntakeError``.
    """
    titled: list[str] = []
    lines: list[str] = []
    for style, line in _paragraphs(_document(data)):
        if not titled and (style == "title" or style.startswith("heading1")):
            titled.append(line)
        else:
            lines.append(line)
    return read_text("\n".join([*titled, *lines]), source=source, now=now)


def _document(data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package, package.open("word/document.xml") as part:
            text = part.read(MAX_BYTES + 1)
    except KeyError:
        raise IntakeError("It is a ZIP or Office file, but not a Word document: save the story as .docx.") from None
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError):
        raise IntakeError("The Word document is broken or locked with a password: save it again.") from None
    if len(text) > MAX_BYTES:
        raise IntakeError("The Word document has more text than any story: send the story alone.")
    return text


def _paragraphs(document: bytes) -> list[tuple[str, str]]:
    """``(style, text)`` of every paragraph that has text; the style's name in lower case without spaces."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise IntakeError("The Word document is broken: save it again.") from None
    space = _STRICT if root.tag.startswith(_STRICT) else _W
    found: list[tuple[str, str]] = []
    for paragraph in root.iter(f"{space}p"):
        style = paragraph.find(f"{space}pPr/{space}pStyle")
        name = str(style.get(f"{space}val") or "") if style is not None else ""
        for line in _text(paragraph, space).split("\n"):
            if cleaned := clean_line(line):
                found.append((name.lower().replace(" ", ""), cleaned))
    return found


def _text(paragraph: etree._Element, space: str) -> str:
    parts: list[str] = []
    for one in paragraph.iter(f"{space}t", f"{space}tab", f"{space}br", f"{space}cr"):
        if next(one.iterancestors(f"{space}p")) is not paragraph:
            continue
        if one.tag == f"{space}t":
            parts.append(one.text or "")
        else:
            parts.append(" " if one.tag == f"{space}tab" else "\n")
    return "".join(parts)
