"""The values that calls carry: their bounds, and their kinds by name (``format``), as the description tells them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BeforeValidator, Field

MOST_NUMBER = 2**53 - 1
"""The greatest whole number that every reader of JSON reads exactly (RFC 8259 §6); no row is numbered higher."""
MOST_OF_A_PAGE = 200
KEY_PATTERN = r"^[!-~]([ -~]{0,198}[!-~])?$"
"""What an ``Idempotency-Key`` may be: up to 200 visible letters of ASCII, spaces between them."""


def kind(name: str) -> dict[str, Any]:
    """For ``json_schema_extra``: a text that is more than any text, told by the name of its kind."""
    return {"format": name}


_NO_BREAK = {"pattern": r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"}
# Told and not checked here: the verbs say in a sentence what is wrong, which a pattern cannot.


def _a_number(value: object) -> object:
    """JSON knows one kind of number, and 7.0 is a whole one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _a_day(value: object) -> object:
    if isinstance(value, str | date):
        return value
    raise ValueError("a day as YYYY-MM-DD")


Numbered = Annotated[int, Path(ge=1, le=MOST_NUMBER)]
ChannelNamed = Annotated[str, Path(min_length=1, max_length=120, json_schema_extra=kind("channel"))]
NewsletterNamed = Annotated[str, Path(min_length=1, max_length=120, json_schema_extra=kind("newsletter"))]
ListNamed = Annotated[str, Path(min_length=1, max_length=120, json_schema_extra=kind("list"))]
SourceNamed = Annotated[str, Path(min_length=1, max_length=120, json_schema_extra=kind("source"))]
SectionNamed = Annotated[str, Path(min_length=1, max_length=120, json_schema_extra=kind("section"))]
WebhookNamed = Annotated[str, Path(min_length=1, max_length=120, json_schema_extra=kind("webhook"))]
Before = Annotated[int | None, Query(ge=1, le=MOST_NUMBER, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MOST_OF_A_PAGE, description="How many at most.")]
Number = Annotated[int, Field(ge=1, le=MOST_NUMBER), BeforeValidator(_a_number)]
Channel = Annotated[str, Field(min_length=1, max_length=120, json_schema_extra=kind("channel"))]
ListName = Annotated[str, Field(min_length=1, max_length=120, json_schema_extra=kind("list"))]
WebAddress = Annotated[str, Field(max_length=2_000, json_schema_extra=kind("web-address"))]
Text = Annotated[str, Field(max_length=100_000)]
At = Annotated[
    str,
    Field(
        min_length=1,
        max_length=80,
        json_schema_extra=kind("moment"),
        description="ISO, or as people type it: tomorrow 08:00, fri 9am, 18.15.",
    ),
]
Moment = Annotated[str, Query(max_length=80, json_schema_extra=kind("past-moment"))]
Address = Annotated[str, Field(min_length=3, max_length=400, json_schema_extra=kind("email"))]
Words = Annotated[str, Query(max_length=200)]
Line = Annotated[str, Field(max_length=300, json_schema_extra=_NO_BREAK)]
ReaderName = Annotated[str, Field(max_length=200, json_schema_extra=_NO_BREAK)]
Reason = Annotated[str, Field(max_length=1_000, description="Why; it stands in the audit.")]
Demanded = Annotated[
    str,
    Field(
        max_length=1_000, json_schema_extra=kind("reason"), description="Why; it stands in the audit, and is demanded."
    ),
]
Day = Annotated[date, Field(strict=False), BeforeValidator(_a_day)]
