"""A contract for import-linter: who may see what, said with patterns.

import-linter's own contracts want every module by name, so a new file would stand outside the rule until
somebody remembered to add it. Here a rule speaks of patterns (``channels.x_*``) and holds for files that do
not exist yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def trespasses(
    graph: ImportGraph, modules: Sequence[str], of: Sequence[str], only: Sequence[str]
) -> list[tuple[str, str]]:
    """The direct imports that break the rule "of ``of``, ``modules`` see only ``only``", as sorted pairs.

    All three are shell patterns; a star also covers dots. A module may always import what the rule does not
    speak of.
    """
    return sorted(
        (importer, imported)
        for importer in graph.modules
        if _any(importer, modules)
        for imported in graph.find_modules_directly_imported_by(importer)
        if _any(imported, of) and not _any(imported, only)
    )


def _any(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


class SeesContract(Contract):
    """Of the modules ``of``, the modules ``modules`` may import only ``only``."""

    type_name = "sees"

    modules = fields.ListField(subfield=fields.StringField())
    of = fields.ListField(subfield=fields.StringField())
    only = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        found = trespasses(graph, self._list(self.modules), self._list(self.of), self._list(self.only))
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["found"]:
            output.print_error(f"{importer} may not import {imported}.")

    @staticmethod
    def _list(value: object) -> list[str]:
        return [str(item) for item in value] if isinstance(value, Iterable) else []
