"""The contract that says who may see whom is itself held to its word."""

from __future__ import annotations

import tomllib

from grimp import ImportGraph

from desk.cli.rooms import ROOT
from tests.import_contracts import trespasses


def _graph(*pairs: tuple[str, str]) -> ImportGraph:
    graph = ImportGraph()
    for importer, imported in pairs:
        graph.add_import(importer=importer, imported=imported)
    return graph


def test_an_import_outside_the_allowed_ones_is_found() -> None:
    graph = _graph(("channels.x", "db.records"), ("channels.x", "db.tables"), ("channels.email.smtp", "db"))
    found = trespasses(graph, ["channels", "channels.*"], ["db", "db.*"], ["db.records"])
    assert found == [("channels.email.smtp", "db"), ("channels.x", "db.tables")]


def test_a_rule_says_nothing_of_what_it_does_not_speak_of() -> None:
    graph = _graph(("channels.x", "channels.wire"), ("scheduler.app", "db.tables"))
    assert trespasses(graph, ["channels", "channels.*"], ["db", "db.*"], ["db.records"]) == []


def _contract(start: str) -> tuple[list[str], list[str], list[str]]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (found,) = [contract for contract in contracts["contracts"] if contract["name"].startswith(start)]
    return found["modules"], found["of"], found["only"]


def test_kinds_are_strangers_whatever_their_files_are_called() -> None:
    kinds = {
        "x": ["channels.x", "channels.x_media"],
        "facebook": ["channels.facebook", "channels.facebook_errors"],
        "email": ["channels.email", "channels.email.smtp"],
        "rehearsal": ["channels.rehearsal", "channels.rehearsal.graph"],
    }
    for kind, own in kinds.items():
        strangers = [name for other, names in kinds.items() if other != kind for name in names]
        common = ["channels.base", "channels.errors", "channels.wire", "db.records"]
        graph = _graph(*((mine, seen) for mine in own for seen in [*strangers, *common, *own] if mine != seen))
        assert trespasses(graph, *_contract(f"{kind} ")) == sorted((mine, seen) for mine in own for seen in strangers)


def test_rehearsal_may_count_as_x_counts() -> None:
    assert trespasses(_graph(("channels.rehearsal.x", "channels.x_length")), *_contract("rehearsal ")) == []


def test_the_pure_files_see_records_and_each_other_only() -> None:
    graph = _graph(
        ("scheduler.plan", "db.records"),
        ("scheduler.plan", "scheduler.slots"),
        ("scheduler.retry", "scheduler.clock"),
        ("scheduler.slots", "db.moves"),
    )
    assert trespasses(graph, *_contract("plan, story_rules, slots, retry and spans")) == [
        ("scheduler.retry", "scheduler.clock"),
        ("scheduler.slots", "db.moves"),
    ]
