"""What stands on a story's page, piece by piece: marks, changes, previews; together they are always the text."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from db.records import Article
from desk.web.pages.previews import SEE_MORE, _before_see_more
from desk.web.pages.story_changes import changes
from desk.web.pages.story_marks import Piece, marked

ARTICLE = Article("A headline", ("The boat sails at noon. It is red.", "Nobody was hurt."), "desk")
TEXTS = st.text(alphabet="ab .\n", max_size=40)


def test_a_sentence_that_was_used_is_marked_with_its_channels_whatever_the_spaces_are() -> None:
    (first, second) = marked(
        ARTICLE.paragraphs, {"x": ["The boat  sails at noon."], "mail": ["The boat sails at noon."]}
    )
    assert first == [Piece("The boat sails at noon.", ("x", "mail")), Piece(" It is red.")]
    assert second == [Piece("Nobody was hurt.")]


@given(paragraph=TEXTS, used=st.lists(TEXTS, max_size=3))
def test_the_pieces_of_a_paragraph_are_the_paragraph(paragraph: str, used: list[str]) -> None:
    (pieces,) = marked([paragraph], {"x": used})
    assert "".join(piece.text for piece in pieces) == paragraph


def test_a_change_shows_the_words_that_went_and_came_and_nothing_that_stayed_the_same() -> None:
    after = replace(ARTICLE, paragraphs=("The boat sails at one. It is red.", "Nobody was hurt.", "More soon."))
    first, second = changes(ARTICLE, after)
    assert [(one.kind, one.text) for one in first if one.kind != "stayed"] == [("went", "noon"), ("came", "one")]
    assert [(one.kind, one.text) for one in second] == [("came", "More soon.")]
    assert changes(ARTICLE, ARTICLE) == []


@given(before=TEXTS, after=TEXTS)
def test_what_stayed_and_came_is_the_new_text(before: str, after: str) -> None:
    found = changes(replace(ARTICLE, paragraphs=(before,)), replace(ARTICLE, paragraphs=(after,)))
    if before != after:
        (one,) = found
        assert "".join(stretch.text for stretch in one if stretch.kind != "went") == after
        assert "".join(stretch.text for stretch in one if stretch.kind != "came") == before


@given(text=st.text(alphabet="abc \n", max_size=1500))
def test_see_more_hides_the_rest_and_loses_nothing(text: str) -> None:
    shown, rest = _before_see_more(text)
    assert shown + rest == text
    assert len(shown) <= SEE_MORE
