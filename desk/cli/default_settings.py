"""Where the commented default settings lie: in a checkout its settings.toml, in an installed wheel a copy."""

from __future__ import annotations

from pathlib import Path

_DESK = Path(__file__).resolve().parents[1]


def default_settings() -> str:
    """The text of the settings.toml that Pressrun ships, comments and all. Raises ``FileNotFoundError``."""
    shipped = _DESK / "default_settings.toml"
    return (shipped if shipped.exists() else _DESK.parent / "settings.toml").read_text(encoding="utf-8")
