"""Naughty words in every field, and bodies made to be slow: always words within the limits, never markup, never a hang."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.x_length import weighted_length
from db.records import Article, Label, Limits
from templates.explain import mark_used
from templates.plain import has_markup
from templates.style import VARIANTS
from templates.teaser import NoWords, write_teaser
from tests.templates.articles import EMAIL, FACEBOOK, X, story, style

KINDS: tuple[tuple[str, Limits], ...] = (("x", X), ("facebook", FACEBOOK), ("email", EMAIL))
PIECES = (
    "<script>alert(1)</script>", "<img src=x onerror=y>", "&lt;b&gt;", "&#x202E;", "{{ 7*7 }}", "{% for a in b %}", "${jndi:ldap://x}",
    "[link](https://example.org)", "**bold**", "'; DROP TABLE posts; --", "\x00", "\u202e", "\u200b", "\ufeff", "\u2028", "\ud83d", "👨‍👩‍👧‍👦", "🇪🇺",
    "é", "Z̸͑a̷l̶g̴o̶", "ﷺ", "漢字かな", "「引用」", "قالت الوزيرة", "אמר ראש", "हिन्दी", "ภาษาไทย", "“", "”", "„", "«", "(", ")", "[", "…", "—", " – ", "’", "'", '"',
    "\n", "\t", " ", ". ", ", ", ": ", "; ", "? ", "! ", "It is clear that ", "because ", "the city, ", "According to Ada Lind, ", "he said", "said Ada Lind",
    "Northwick", "Mr. ", "U.S. ", "1,000", "$5 million", "4 June 2026", "just last week", "https://example.org/a?b=c#d", "www.example.org", "Example.com", "@ada",
    "#tag", "$ABC", "a" * 90, "A" * 40, "---", "\n---\n", "by Ada Lind", "Read more", "1/2 ", "%s%n", "COM1", "null", "-1e309",
)  # fmt: skip
NAUGHTY = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@settings(max_examples=40, deadline=None)
@given(
    NAUGHTY,
    st.lists(NAUGHTY, max_size=5),
    st.tuples(NAUGHTY, NAUGHTY, NAUGHTY, NAUGHTY, NAUGHTY),
    st.sampled_from(["en", "de", "fr", "ja", "ko", "ar", "he", "hi", "th", "xx", "", "en_GB-x", "\u202e"]),
    st.sampled_from(list(Label)),
    st.sampled_from(VARIANTS),
    st.booleans(),
)
@pytest.mark.usefixtures("no_garbage_collected")
def test_naughty_words_in_any_field_give_words_that_fit_and_hold_no_markup(
    headline: str,
    body: list[str],
    fields: tuple[str, str, str, str, str],
    language: str,
    label: Label,
    variant: str,
    below: bool,
) -> None:
    dek, summary, author, tag, url = fields
    article = Article(
        headline=headline,
        paragraphs=tuple(body),
        source="t",
        language=language,
        label=label,
        dek=dek,
        summary=summary,
        authors=(author,),
        tags=(tag,),
        section=tag,
        outlet=author,
        url=url,
    )
    for kind, limits in KINDS:
        measure = weighted_length if kind == "x" else len
        wishes = style(
            kind,
            max_hashtags=2,
            variant=variant,
            thread=3,
            link_in_reply=below,
            link_in_comment=below,
            handles={author: "@a"},
        )
        started = time.thread_time()
        try:
            teaser = write_teaser(article, limits, measure, wishes)
        except NoWords:
            continue
        assert time.thread_time() - started < 2
        assert all(measure(part) <= limits.length for part in teaser.text.split("\n---\n"))
        assert len(teaser.subject) <= 60
        assert "\n" not in teaser.subject + teaser.preheader
        assert not has_markup(teaser.summary)
        assert not set("\x00\u202e\u200b\ufeff") & set(teaser.text + teaser.subject + teaser.preheader)
        mark_used(article, teaser)


HOSTILE = {
    "impersonal": "It is clear that " * 3000,
    "known nouns": "The city, the town, the show, " * 2000,
    "reasons": "Because of it, and because of that, " * 2000,
    "sources": "according to Ada Lind, said Ada Lind, " * 2000,
    "quotations": "“It is so,” said Ada Lind, “because ” " * 2000,
    "single quotes": "'a 'b 'c " * 4000,
    "apostrophes": "’" * 40_000,
    "dashes": "a — b – c - d " * 3000,
    "hyphens": "Aa-" * 13_000,
    "names": "Ada Of The Lind " * 2500,
    "dates": "on Monday in June 2026 after " * 1500,
    "captions": "In Baluchi, Afghanistan November 1, 2007 " * 1000,
    "ago": "just two years ago last week, " * 1500,
    "commas": "a, " * 14_000,
    "brackets": "(a [b {c " * 5000,
    "digits": "1,000.50 $ 3% " * 3000,
    "dots": "U.S. e.g. Mr. " * 3000,
    "addresses": "www.a.b.c.example.org/" * 2000,
    "at signs": "@a " * 14_000,
    "marks": "e\u0301\u0302\u0303" * 10_000,
    "families": "👨‍👩‍👧‍👦" * 3000,
    "japanese": "「彼は言った。」と" * 4000,
    "thai": "ภาษาไทย" * 5000,
    "shortcodes": "[a b=" * 8000,
    "tags": "<a " * 14_000,
    "entities": "&amp" * 10_000,
    "braces": "{" * 20_000 + ":" * 20_000,
    "places": "Aaaa Bbbb, " * 3000 + "| C",
    "spaces": " a" + " " * 40_000 + "b.",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.usefixtures("no_garbage_collected")
def test_a_body_made_to_be_slow_takes_no_longer_than_two_seconds(name: str) -> None:
    hostile = HOSTILE[name]
    article = story("The bridge is open.", hostile + ".", headline=hostile[:3000])
    for kind, limits, measure in (("x", X, weighted_length), ("email", EMAIL, len)):
        started = time.thread_time()
        write_teaser(
            replace(article, dek=hostile, summary=hostile, tags=(hostile,), authors=(hostile,)),
            limits,
            measure,
            style(kind, max_hashtags=3, thread=3),
        )
        assert time.thread_time() - started < 2, (name, kind)
