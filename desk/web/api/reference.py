"""The API's description as people read it: addresses by theme, each with what it takes, gives and needs. Pure.

Made from the very document that programs read (``openapi.json``), so that neither can say what the other does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]
_SHAPES = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: words, and the shape that they name, "" for none."""

    words: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """One parameter, or one key of a shape."""

    name: str
    kind: Kind
    required: bool
    note: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What stands in a JSON object."""

    name: str
    note: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One address asked in one way. ``takes`` and ``gives`` are the shapes of its body and of its good answer."""

    method: str
    path: str
    sentence: str
    permission: str
    parameters: tuple[Key, ...]
    takes: str
    gives: str
    status: str

    @property
    def mark(self) -> str:
        """Its place on its page."""
        return f"{self.method}{self.path}".replace("/", "-").replace("{", "").replace("}", "").lower()


@dataclass(frozen=True, slots=True)
class Theme:
    """The addresses of one theme, and every shape that they speak of, by name."""

    name: str
    operations: tuple[Operation, ...]
    shapes: tuple[Shape, ...]


def themes(document: Document, needs: Mapping[tuple[str, str], str]) -> tuple[Theme, ...]:
    """Every address by theme, in the description's order. ``needs``: the permission by path and method."""
    found: dict[str, list[Operation]] = {}
    for path, verbs in document["paths"].items():
        for method, told in verbs.items():
            found.setdefault(told["tags"][0], []).append(_operation(path, method, told, needs[path, method]))
    schemas = document["components"]["schemas"]
    return tuple(
        Theme(name, tuple(operations), tuple(_shapes(schemas, operations))) for name, operations in found.items()
    )


def _operation(path: str, method: str, told: Document, permission: str) -> Operation:
    (status, good) = next((status, one) for status, one in told["responses"].items() if status.startswith("2"))
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return Operation(
        method=method.upper(),
        path=path,
        sentence=told["description"],
        permission=permission,
        parameters=tuple(
            Key(one["name"], _kind(one["schema"]), one.get("required", False), one.get("description", ""))
            for one in told["parameters"]
            if "$ref" not in one  # what each address of its manner takes stands once above all
        ),
        takes=_kind(body).shape if body else "",
        gives=_kind(good["content"]["application/json"]["schema"]).shape,
        status=status,
    )


def _shapes(schemas: Document, operations: list[Operation]) -> Iterator[Shape]:
    """Every shape that is spoken of, the ones that others speak of included."""
    waiting = [name for one in operations for name in (one.takes, one.gives) if name]
    known = dict.fromkeys(waiting)
    while waiting:
        for key in _keys(schemas[waiting.pop()]):
            if key.kind.shape and key.kind.shape not in known:
                known[key.kind.shape] = None
                waiting.append(key.kind.shape)
    for name in sorted(known):
        schema = schemas[name]
        values = " | ".join(map(str, schema.get("enum", ())))
        yield Shape(name, values or schema.get("description", ""), tuple(_keys(schema)))


def _keys(schema: Document) -> Iterator[Key]:
    asked = set(schema.get("required", ()))
    for name, one in schema.get("properties", {}).items():
        yield Key(name, _kind(one), name in asked, one.get("description", ""))


def _kind(schema: Document) -> Kind:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_SHAPES)
        return Kind(name, name)
    if "anyOf" in schema:
        kinds = [_kind(one) for one in schema["anyOf"]]
        return Kind(" or ".join(one.words for one in kinds), next((one.shape for one in kinds if one.shape), ""))
    if "enum" in schema:
        return Kind(" | ".join(map(str, schema["enum"])))
    if "const" in schema:
        return Kind(str(schema["const"]))
    match schema.get("type", "any"):
        case "array":
            inner = _kind(schema.get("items", {}))
            return Kind(f"list of {inner.words}", inner.shape)
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            inner = _kind(schema["additionalProperties"])
            return Kind(f"object of {inner.words}", inner.shape)
        case str(plain):
            told = f"{plain}, {schema['format']}" if "format" in schema else plain
            return Kind(told + _bounds(schema))
        case _:
            return Kind("any")


def _bounds(schema: Document) -> str:
    if "maxLength" in schema:
        return f", up to {schema['maxLength']:,}"
    if "maximum" in schema and schema["maximum"] < 2**53 - 1:
        return f", {schema.get('minimum', 0)} to {schema['maximum']:,}"
    return ""
