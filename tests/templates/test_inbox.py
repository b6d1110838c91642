"""Subjects and preheaders: what is left says something true, and a cut is seen."""

from __future__ import annotations

import pytest

from templates.inbox import shorten_preheader, shorten_subject


@pytest.mark.parametrize(
    ("headline", "subject"),
    [
        (
            "Council of Northwick replaces rusted bolts after inspectors close the iron bridge",
            "Council of Northwick replaces rusted bolts",
        ),
        (
            "Ada Lind Opens The Iron Bridge Of Northwick And Her Neighbours Could Not Be Happier",
            "Ada Lind Opens The Iron Bridge Of Northwick…",
        ),
        (
            "Bridge of Northwick does not run at full load during the long dry summer",
            "Bridge of Northwick does not run at full load…",
        ),
        (
            "Ada Lind Is No Longer In The Running For The Post Of Secretary Of State",
            "Ada Lind Is No Longer In The Running…",
        ),
        (
            "The iron bridge of old Northwick is a brilliant, heartbreaking monument",
            "The iron bridge of old Northwick…",
        ),
        ("A short headline", "A short headline"),
    ],
)
def test_a_subject_ends_where_a_statement_ends_or_shows_its_cut(headline: str, subject: str) -> None:
    assert shorten_subject(headline, 60, "en") == subject


def test_a_subject_leaves_no_quotation_open() -> None:
    headline = "Lind praises ‘the finest iron bridge that the county of Northwick ever built’ at opening"
    subject = shorten_subject(headline, 60, "en")
    assert subject.count("‘") == subject.count("’")


def test_a_preheader_that_is_cut_inside_a_statement_says_so() -> None:
    text = "People cross the iron bridge of Northwick more often than ever in summer as well as in the long and dark winter."
    assert shorten_preheader(text, 90, "en").endswith("…")
    whole = "The iron bridge of Northwick is closed. " + text
    assert shorten_preheader(whole, 90, "en") == "The iron bridge of Northwick is closed."


@pytest.mark.parametrize(
    ("headline", "end"),
    [
        ("Northwick Bridge Toll House doesn’t sparkle in the grey light of the first winter morning", "House…"),
        ("Police release photos of bolts in Dec. 22 Northwick Bank robbery near the old toll house", "bolts…"),
    ],
)
def test_a_subject_ends_neither_after_a_verb_that_wants_more_nor_inside_a_name(headline: str, end: str) -> None:
    assert shorten_subject(headline, 52, "en").endswith(end)
