"""Makes sure that our rooms are ours: other projects publish packages named channels, scheduler, db, templates."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOMS = ("channels", "db", "desk", "scheduler", "templates")
ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds all rooms: the checkout, or site-packages when Pressrun was installed as a wheel."""


def stranger_among_rooms() -> str | None:
    """One sentence when Python would import a room from somewhere else than ``ROOT``, else None. Imports nothing."""
    for room in ROOMS:
        spec = importlib.util.find_spec(room)
        if spec is None or spec.origin is None:
            return f"Pressrun is incomplete: its part '{room}' is missing from {ROOT}; install it anew."
        found = Path(spec.origin).resolve().parent
        if found.parent != ROOT:
            return (
                f"Another package named '{room}' in {found} hides Pressrun's own: uninstall it there, or start"
                " Pressrun in an environment of its own."
            )
    return None
