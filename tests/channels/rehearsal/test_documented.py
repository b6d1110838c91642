"""docs/rehearsal.md says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from channels.rehearsal.catalogue import CATALOGUE
from channels.rehearsal.fault_classes import FaultClass
from channels.rehearsal.faults import MATCHES, fault_from
from channels.rehearsal.platforms import RehearsalPlatforms
from channels.rehearsal.rules import Rules

PAGE = (Path(__file__).parents[3] / "docs" / "rehearsal.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


def test_the_catalogue_in_the_document_is_the_one_in_the_code() -> None:
    told = {row[0].strip("`"): row[1:] for row in table("The faults")}
    assert list(told) == list(CATALOGUE)
    for name, entry in CATALOGUE.items():
        arguments = ", ".join(f"`{key}` = {json.dumps(value)}" for key, value in entry.arguments.items())
        assert told[name] == [", ".join(entry.platforms), entry.what, arguments]


def test_the_calls_and_the_classes_in_the_document_are_those_in_the_code() -> None:
    assert [(row[0].strip("`"), row[1]) for row in table("The calls a fault may wait for")] == list(MATCHES.items())
    assert all(f"**{kind}**" in PAGE for kind in FaultClass)


def test_every_rule_is_in_the_document() -> None:
    told = [row[0].strip("`") for row in table("The rules")]
    rules = json.loads(Rules().to_json())
    assert told == [f"{part}.{key}" for part in rules for key in rules[part]]
    values = {row[0].strip("`"): row[1] for row in table("The rules")}
    for part in rules:
        for key, value in rules[part].items():
            assert values[f"{part}.{key}"] == json.dumps(value)


ORDERS = re.findall(r"/rehearsal/faults' .*?-d '(.*?)'", PAGE, re.DOTALL)


def test_the_document_gives_examples() -> None:
    assert len(ORDERS) >= 5


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_in_the_document_can_be_given(order: str) -> None:
    value = json.loads(order)
    for one in value if isinstance(value, list) else [value]:
        assert fault_from(one)


def test_every_address_in_the_document_answers(platforms: RehearsalPlatforms) -> None:
    addresses = re.findall(r"^\| `(GET|POST|DELETE) (/rehearsal/\w+)`", PAGE, re.MULTILINE)
    assert len(addresses) == 10
    for verb, path in addresses:
        body: Any = {} if path.endswith("rules") else []
        json_body: Any = body if verb == "POST" and not path.endswith("reset") else None
        answer = requests.request(verb, platforms.addresses.page_url + path, json=json_body, timeout=60)
        assert answer.status_code == 200, (verb, path)
