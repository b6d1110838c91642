"""How the log is printed."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """How the log is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
