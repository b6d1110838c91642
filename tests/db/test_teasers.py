from __future__ import annotations

from dataclasses import replace

import pytest

from db import teasers
from db.deliveries import Stale
from db.errors import NotThere
from db.records import Image, Label, SubjectKind, Teaser
from db.session import Ground
from tests.db.samples import ANNA

STORY = SubjectKind.ARTICLE
WORDS = Teaser(
    channel="x-main",
    kind="x",
    text="Bread from five.",
    article_id=1,
    revision=2,
    headline="The bakery",
    link="https://example.org/bakery",
    subject="Bread",
    preheader="From five",
    label=Label.ANALYSIS,
    language="en",
    hashtags=("#bread",),
    image=Image(url="https://example.org/i.jpg", alt="A loaf"),
    summary="Bread",
    used=("Bread is sold from five.",),
    variant="lead",
)


def test_words_come_back_as_they_were_written_with_id_and_version(ground: Ground) -> None:
    with ground.transaction() as tx:
        first = teasers.add(tx, STORY, 1, WORDS, **ANNA)
        assert first == replace(WORDS, id=first.id, version=1)
        assert teasers.get(tx, first.id) == first == teasers.newest(tx, STORY, 1, "x-main")


def test_each_edit_is_the_next_version_and_the_old_ones_stay(ground: Ground) -> None:
    with ground.transaction() as tx:
        first = teasers.add(tx, STORY, 1, WORDS, **ANNA)
        second = teasers.add(tx, STORY, 1, replace(first, text="Bread at five.", writer="anna"), **ANNA)
        third = teasers.add(tx, STORY, 1, replace(second, text="Five."), **ANNA)
        assert [teaser.version for teaser in (first, second, third)] == [1, 2, 3]
        assert teasers.history(tx, STORY, 1, "x-main") == [first, second, third]
        assert teasers.newest(tx, STORY, 1, "x-main") == third
        assert second.writer == "anna"


def test_an_edit_of_words_that_changed_meanwhile_is_refused(ground: Ground) -> None:
    with ground.transaction() as tx:
        seen_by_both = teasers.add(tx, STORY, 1, WORDS, **ANNA)
        hers = teasers.add(tx, STORY, 1, replace(seen_by_both, text="Hers"), **ANNA)
        with pytest.raises(Stale, match="changed by somebody else"):
            teasers.add(tx, STORY, 1, replace(seen_by_both, text="His"), **ANNA)
        with pytest.raises(Stale):
            teasers.add(tx, STORY, 1, replace(hers, version=3), **ANNA)
        assert teasers.newest(tx, STORY, 1, "x-main") == hers


def test_subjects_and_channels_do_not_share_versions(ground: Ground) -> None:
    with ground.transaction() as tx:
        teasers.add(tx, STORY, 1, WORDS, **ANNA)
        for kind, subject, channel in ((STORY, 2, "x-main"), (STORY, 1, "fb"), (SubjectKind.POST, 1, "x-main")):
            assert teasers.newest(tx, kind, subject, channel) is None
            assert teasers.add(tx, kind, subject, replace(WORDS, channel=channel), **ANNA).version == 1


def test_an_unknown_teaser_is_answered_with_a_sentence(ground: Ground) -> None:
    with ground.reading() as tx, pytest.raises(NotThere, match="there is no teaser 5;"):
        teasers.get(tx, 5)


def test_a_character_no_database_holds_is_left_out_of_the_words(ground: Ground) -> None:
    with ground.transaction() as tx:
        assert teasers.add(tx, STORY, 1, replace(WORDS, text="A\x00B"), **ANNA).text == "AB"
