"""Changing one word of settings.toml for a person: comments, order and line ends stay as they are."""

from __future__ import annotations

import os
import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from db.records import Mode


class CannotWrite(Exception):
    """The file was left as it is; ``str()`` says why and what to write by hand."""

    exit_code = 3


def with_mode(text: str, channel: str, mode: Mode) -> str:
    """The text of settings.toml with one channel's ``mode`` set. Raises ``CannotWrite`` where it cannot be placed."""
    from tomlkit.exceptions import TOMLKitError

    wanted = tomllib.loads(text)
    table = "newsletters" if channel in wanted.get("newsletters", {}) else "channels"
    wanted[table][channel]["mode"] = mode.value
    for place in (_behind_kind, _anywhere):
        try:
            changed = place(text, table, channel, mode)
            if tomllib.loads(changed) == wanted:
                return changed
        except (TOMLKitError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError):
            continue  # written in some way of its own: nothing but the one key may change
    raise CannotWrite(
        "settings.toml is written in a way that cannot be changed without changing more; write it yourself: in "
        f'[{table}.{channel}] the line: mode = "{mode}"'
    )


def _behind_kind(text: str, name: str, channel: str, mode: Mode) -> str:
    """Replaces the key, or puts it behind ``kind`` (a newsletter's ``channel``): a new one would else go to the table's end, behind the comments
    that introduce the next table."""
    import tomlkit

    document: Any = tomlkit.parse(text)
    table = document[name][channel]
    if "mode" in table:
        table["mode"] = mode.value
    else:
        trivia = table["kind" if name == "channels" else "channel"].trivia
        trivia.trail = f'{trivia.trail}mode = "{mode}"{trivia.trail}'
    return tomlkit.dumps(document)


def _anywhere(text: str, name: str, channel: str, mode: Mode) -> str:
    import tomlkit

    document: Any = tomlkit.parse(text)
    document[name][channel]["mode"] = mode.value
    return tomlkit.dumps(document)


def replace_text(file: Path, before: str, after: str) -> None:
    """Puts ``after`` in the place of a file whose text is still ``before``, whole or not at all, with its permissions.

    Raises ``CannotWrite``.
    """
    file = file.resolve()
    try:
        raw = file.read_bytes()
        if raw.decode("utf-8-sig").replace("\r\n", "\n") != before.replace("\r\n", "\n"):
            raise CannotWrite(f"{file} was changed by somebody else in this moment; nothing was written, try again")
        mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
        ends = "\r\n" if b"\r\n" in raw else "\n"
        content = mark + after.replace("\r\n", "\n").replace("\n", ends).encode()
        handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as new:
                new.write(content)
                new.flush()
                os.fsync(new.fileno())
            shutil.copymode(file, name)
            os.replace(name, file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CannotWrite(f"{file} could not be written ({error.strerror})") from None
