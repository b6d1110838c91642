"""The kinds of values that several shapes hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Moment = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, description="ISO, with the newsroom's offset.")
]
Fingerprint = Annotated[str, Field(description="The hash that names exactly these words: a yes is to it.")]
Dollars = Annotated[float, Field(description="US dollars.")]
Zone = Annotated[str, Field(description="The newsroom's zone, by its IANA name.")]
Next = Annotated[int | None, Field(description="`before` of the following page; null at the end.")]
Cursor = Annotated[str | None, Field(description="`cursor` of the following page; null at the end.")]
