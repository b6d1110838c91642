"""The rules in force, kept in the store, so that every process of a rehearsal has the same."""

from __future__ import annotations

import json

from channels.rehearsal.rules import Rules
from channels.rehearsal.store import Store


class RulesKept:
    """Reads the rules at each call; parses them only when they changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._text: str | None = None
        self._rules = Rules()

    def get(self) -> Rules:
        """The rules now."""
        text = self._store.fact("rules")
        if text != self._text:
            self._rules = Rules().changed(json.loads(text)) if text else Rules()
            self._text = text
        return self._rules

    def set(self, rules: Rules) -> None:
        """Puts these in force."""
        self._store.remember("rules", rules.to_json())
