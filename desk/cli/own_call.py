"""How a person calls this very Pressrun from a folder: by its name where the path knows it, else by where it lies."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from desk.cli.rooms import ROOT

NAME = "pressrun"


def own_call(folder: Path) -> str:
    """What to type in ``folder``: ``pressrun``, ``./pressrun``, ``../pressrun``, or the whole path, quoted for a shell.

    A path that begins with ``..`` is only used inside the checkout, where both move together.
    """
    own = _own()
    found = shutil.which(NAME)
    if own is None or (found is not None and Path(found).resolve() == own):
        return NAME
    folder = folder.resolve()
    if not folder.is_relative_to(own.parent):
        return shlex.quote(str(own))
    near = os.path.relpath(own, folder)
    return shlex.quote(near if os.sep in near else f".{os.sep}{near}")


def _own() -> Path | None:
    """The file that starts this Pressrun: the checkout's own, else the script an installation made. None: not known."""
    for place in (ROOT / NAME, Path(sys.argv[0])):
        if place.name == NAME and place.is_file() and os.access(place, os.X_OK):
            return place.resolve()
    return None
