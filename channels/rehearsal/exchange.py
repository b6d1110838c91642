"""One HTTP exchange as values: what was asked, what is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol
from urllib.parse import parse_qsl

from channels.rehearsal.forms import FormField, read_multipart

JSON = "application/json; charset=utf-8"


class BadBody(ValueError):
    """The request's body is not what its content type says."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request, read whole. Header names are in lower case; ``base`` is scheme, host and port as asked."""

    method: str
    path: str
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = ""

    @property
    def query_pairs(self) -> list[tuple[str, str]]:
        """The query's names and values in order, decoded."""
        return parse_qsl(self.query_string, keep_blank_values=True)

    @property
    def query(self) -> dict[str, str]:
        """The query as a mapping; of a repeated name the last value counts."""
        return dict(self.query_pairs)

    @property
    def content_type(self) -> str:
        """The body's media type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def form_pairs(self) -> list[tuple[str, str]]:
        """The names and values of a urlencoded body; empty for any other kind of body."""
        if self.content_type != "application/x-www-form-urlencoded":
            return []
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def fields(self) -> list[FormField]:
        """The fields of a form, urlencoded or multipart. Raises ``BadBody`` for a broken multipart body."""
        if self.content_type == "multipart/form-data":
            try:
                return read_multipart(self.body, self.headers["content-type"])
            except ValueError as error:
                raise BadBody(str(error)) from error
        return [FormField(name, value.encode()) for name, value in self.form_pairs()]

    def json(self) -> object:
        """The body as JSON. Raises ``BadBody``."""
        try:
            value: object = json.loads(self.body)
        except ValueError as error:
            raise BadBody(f"The body is not JSON ({error}).") from error
        return value


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it is written. ``content_type`` None leaves the header out.

    ``bare`` keeps the platform from adding its own headers, as a gateway in front of it would answer.
    """

    status: int = 200
    body: bytes = b""
    content_type: str | None = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    bare: bool = False

    def with_headers(self, headers: Mapping[str, str]) -> Answer:
        """The answer with these headers added; those that it has already stay."""
        return replace(self, headers={**headers, **self.headers})


def json_answer(value: object, status: int = 200, content_type: str = JSON) -> Answer:
    """An answer that holds this value as JSON."""
    return Answer(status, json.dumps(value, ensure_ascii=False).encode(), content_type)


class Refused(Exception):
    """Raised by a platform's rule; carries the answer that says so. Nothing was published."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body.decode("utf-8", "replace"))
        self.answer = answer


class Service(Protocol):
    """One platform behind HTTP."""

    platform: str

    def kind(self, request: Request) -> str:
        """What kind of call this is, in the words of ``faults.MATCHES``."""
        ...

    def answer(self, request: Request, lag: timedelta) -> Answer:
        """Does what is asked. What it publishes is out of every look for ``lag`` more. May raise ``Refused``."""
        ...

    def dress(self, request: Request, answer: Answer) -> Answer:
        """The answer with the headers that the platform puts on each, errors included."""
        ...
