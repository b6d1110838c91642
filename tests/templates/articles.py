"""Invented stories and limits that the tests of this room share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from db.records import Article, Label, Limits
from templates.style import Style

SPAN = timedelta(seconds=60)
X = Limits("x", 280, 23, 4, 1000, True, False, True, SPAN, SPAN, True)
FACEBOOK = Limits("facebook", 63_206, None, 10, 1000, True, True, True, SPAN, SPAN, False)
EMAIL = Limits("email", 100_000, None, 0, 0, False, False, False, SPAN, SPAN, False)
LINK = "https://news.example.org/story?utm_source=x"


def story(*paragraphs: str, headline: str = "Bridge closed for repairs", **rest: Any) -> Article:
    return Article(headline=headline, paragraphs=paragraphs, source="test", language=rest.pop("language", "en"), **rest)


def bridge(**rest: Any) -> Article:
    return story(
        "Northwick's iron bridge will close for eleven weeks from 4 June while engineers replace 212 rusted bolts.",
        "The county council approved £2.4 million for the work on Thursday by 31 votes to 9.",
        '"We found bolts that you could turn with two fingers," said Marguerite Oyelaran, the county\'s chief engineer.',
        "However, traders on Mill Street fear for their summer.",
        "Buses will go round by Hatherley, which adds 14 minutes to the way of 3,800 commuters.",
        **rest,
    )


def style(kind: str = "x", **rest: Any) -> Style:
    rest.setdefault("link", LINK)
    return Style(channel=f"{kind}-main", kind=kind, **rest)


LABELLED = (Label.ANALYSIS, Label.OPINION, Label.LIVE, Label.SPONSORED)
