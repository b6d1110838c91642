"""Values that the API takes, by the kinds that its description names, and the smallest call that it understands."""

from __future__ import annotations

import base64
from typing import Any

from tests.desk.test_verbs import PNG

KINDS: dict[str, list[str]] = {
    "moment": ["2026-09-22T08:15:00+01:00", "tomorrow 08:00", "in 30m", "23:15"],
    "past-moment": ["2026-09-21", "yesterday", "2h", "2026-09-20T08:15:00Z"],
    "date": ["2026-09-01", "2024-02-29"],  # a day of consent: any day but one to come, which no form of JSON can say
    "email": ["lea@example.org", "reader-1@readers.example.org", "zoë@exämple.org"],
    "mail-address": ["", "lea@example.org", "reader-1@readers.example.org"],
    "headline": ["A ferry until midnight", "Ö\n\u2028zwei Zeilen\x85"],
    "reason": ["the reader asked", "。"],
    "web-address": ["https://news.example.org/a", "http://example.org/ü?b=1#c"],
    "channel": ["x-main", "fb-main", "mail"],
    "app-key": ["", "two words"],  # none that X or Facebook would be asked with
    "platform-answer": ["1234567", "?code=a&state=b"],
    "newsletter": ["mail"],
    "list": ["morning"],
    "webhook": ["cms"],
    "source": ["wire"],
    "section": ["Transport"],
    "story-address": ["http://127.0.0.1:9/none"],  # nobody is there, and nobody is asked: it is no public address
    "person": ["Nemo"],  # nobody: who is let go cannot call any more
    "token": ["999999"],
    "slot": ["mon 08:15", "daily 12:00"],
    "span": ["30d", "2w"],
    "season": ["", "11-15..12-24"],
    "cursor": [""],  # a real one stands in test_api: it is another page's, and belongs to its order
    "picture-base64": [base64.b64encode(PNG).decode()],
    "csv": ["email\nben@example.org\n", "name;email\nBen;ben@example.org\n"],
}
"""Of each kind of text that no pattern can tell, some that are right in the sample newsroom."""


def smallest(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """What a schema of the description asks for and no more."""
    if "$ref" in schema:
        return smallest(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return smallest(schema["anyOf"][0], document)
    match schema["type"]:
        case "object":
            asked = schema.get("required", ())
            return {name: smallest(schema["properties"][name], document) for name in asked}
        case "array":
            return []
        case "integer":
            return 1
    if schema.get("pattern") == "^[0-9a-f]{64}$":
        return "0" * 64
    return KINDS.get(schema.get("format", ""), ["a word"])[0]
