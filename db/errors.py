"""What the stores raise when a person or a caller names something that is not there."""

from __future__ import annotations


class NotThere(KeyError):
    """No row has this number or name. ``str()`` is one sentence for a person."""

    exit_code = 2

    def __str__(self) -> str:
        """The sentence itself: a plain ``KeyError`` would put it in quotation marks."""
        return str(self.args[0]) if self.args else ""
