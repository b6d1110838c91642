"""Drafts the next revision from what ``db.tables`` says and the revisions so far do not: read it before you keep it.

python -m db.migrations "what it changes"
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory

from db.schema import alembic_config
from db.session import open_ground
from db.tables import UtcDateTime


def draft(message: str) -> Path:
    """Writes the next numbered revision beside the others and gives its path."""
    with tempfile.TemporaryDirectory() as folder:
        ground = open_ground(f"sqlite:///{folder}/scratch.db")
        with ground.transaction() as connection:
            config = alembic_config(connection)
            config.attributes["render_item"] = _rendered
            command.upgrade(config, "head")
            head = ScriptDirectory.from_config(config).get_current_head()
            number = f"{int(head or 0) + 1:04d}"
            script = command.revision(config, message, autogenerate=True, rev_id=number)
        ground.close()
    if script is None or isinstance(script, list):
        raise SystemExit("Alembic wrote no revision; nothing to keep.")
    return Path(script.path)


def _rendered(kind: str, item: Any, context: Any) -> str | bool:
    """Revisions must not change with our types: each is written down as the type it stores."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit('Say in a few words what it changes: python -m db.migrations "add a column for …"')
    print(f"Drafted {draft(sys.argv[1])}.")
    print("Read it, format it (ruff check --fix, ruff format), then set NEWEST in db/schema.py to its number.")
