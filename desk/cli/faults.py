"""What a person reads when something goes wrong, and the exit code that a script reads.

Our own errors carry ``exit_code`` (1, 2 or 3) and their text is already the sentence. Disk and database have a
sentence here. Whatever is left is a fault of Pressrun: its traceback goes to a file, for a bug report.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

USAGE = 2
COULD_NOT = 3

_DISK = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "your share of the disk is used up; free some space",
    errno.EROFS: "the disk is read-only; choose another folder",
    errno.EACCES: "Pressrun may not go there; give its account the right",
    errno.EPERM: "Pressrun may not do that there; give its account the right",
    errno.EMFILE: "too many files are open; raise the limit (ulimit -n)",
    errno.EIO: "the disk does not answer; have it looked at",
}


def sentence_for(error: Exception) -> tuple[str, int]:
    """The sentence for ``error`` and the exit code that goes with it; for a group without its command, its help."""
    code = getattr(error, "exit_code", None)
    told = getattr(error, "format_message", None)
    if callable(told):  # Typer's own: everything it refuses is wrong usage
        return _usage(str(told()), error), USAGE
    if isinstance(code, int):
        sentence = str(error)
        # The verbs ask pages and programs for a reason, too, and do not know where a shell takes it.
        return f'{sentence}; write --why "REASON"' if sentence.startswith("say why") else sentence, code
    if isinstance(error, OSError) and error.errno in _DISK:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{_DISK[error.errno]}, then run the same command again.", COULD_NOT
    database = sys.modules.get("sqlalchemy.exc")
    if database is not None and isinstance(error, database.OperationalError):
        words = str(error.orig).strip().splitlines() or ["it gave no reason"]
        return (
            f"The database cannot be used ({words[0]}): check [database] url in the settings, the disk and who else"
            " holds it, then run the same command again.",
            COULD_NOT,
        )
    return _own_fault(error), COULD_NOT


def _usage(message: str, error: Exception) -> str:
    from typer._click.exceptions import NoArgsIsHelpError

    if isinstance(error, NoArgsIsHelpError):
        return message
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "pressrun"
    sentence = " ".join(message.split()).rstrip(".")
    return f"{sentence}{'' if sentence.endswith('?') else ';'} '{command} --help' tells how it is used."


def _own_fault(error: Exception) -> str:
    kind = type(error).__name__
    try:
        place = _keep("".join(traceback.format_exception(error)))
    except OSError:
        return f"Pressrun met a fault of its own ({kind}) and stopped; its details could not be written anywhere."
    return f"Pressrun met a fault of its own ({kind}) and stopped; details for a bug report are in {place}."


def _keep(details: str) -> Path:
    """Writes ``details`` to a file that only this account can read, in the state folder, else the temporary one."""
    name = f"fault-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    try:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "pressrun"
        folder.mkdir(parents=True, exist_ok=True)
        return _write(folder / name, details)
    except (OSError, RuntimeError):  # no home, or one that cannot be written
        return _write(Path(tempfile.mkdtemp(prefix="pressrun-")) / name, details)


def _write(place: Path, details: str) -> Path:
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(details)
    return place
