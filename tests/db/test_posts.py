from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import free_posts, posts, teasers
from db.errors import NotThere
from db.records import FreePost, Image, Part, Post, Problem, SubjectKind, canonical_post
from db.session import Ground
from tests.db.samples import ANNA, NOW
from tests.db.test_teasers import WORDS

_words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
_images = st.builds(
    Image,
    url=st.none() | _words,
    path=st.none() | _words,
    sha256=st.none() | _words,
    alt=_words,
    credit=_words,
    media_type=_words,
)
_parts = st.builds(
    Part,
    text=_words,
    link=st.none() | _words,
    images=st.lists(_images, max_size=2).map(tuple),
    subject=_words,
    preheader=_words,
    html=_words,
)
_posts = st.builds(
    Post, channel=st.just("x-main"), kind=st.sampled_from(["x", "email"]), parts=st.lists(_parts, max_size=3).map(tuple)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(post=_posts)
def test_a_stored_post_has_the_fingerprint_it_had_whatever_it_holds(ground: Ground, post: Post) -> None:
    with ground.transaction() as tx:
        stored = posts.add(tx, post, (), teaser_id=None, **ANNA)
    with ground.reading() as tx:
        again = posts.get(tx, stored.id)
    assert canonical_post(again) == canonical_post(post)
    assert again.fingerprint == post.fingerprint
    assert again == stored


def test_a_post_keeps_its_problems_in_order_and_its_teaser(ground: Ground) -> None:
    found = (Problem("too-long", "Cut 3 characters."), Problem("no-alt", "Describe the picture.", stops=False))
    with ground.transaction() as tx:
        teaser = teasers.add(tx, SubjectKind.ARTICLE, 1, WORDS, **ANNA)
        post = posts.add(tx, Post("x-main", "x", (Part("A"),)), iter(found), teaser_id=teaser.id, **ANNA)
        assert posts.problems(tx, post.id) == found
        assert posts.teaser_id(tx, post.id) == teaser.id
        plain = posts.add(tx, Post("x-main", "x", (Part("A"),)), (), teaser_id=None, **ANNA)
        assert posts.problems(tx, plain.id) == ()
        assert posts.teaser_id(tx, plain.id) is None
        assert plain.id != post.id


def test_a_post_that_could_not_be_stored_unchanged_is_refused(ground: Ground) -> None:
    with ground.transaction() as tx:
        with pytest.raises(ValueError, match="NUL character"):
            posts.add(tx, Post("x-main", "x", (Part("A\x00"),)), (), teaser_id=None, **ANNA)
        escaped = posts.add(tx, Post("x-main", "x", (Part("A\\u0000"),)), (), teaser_id=None, **ANNA)
        assert posts.get(tx, escaped.id).parts[0].text == "A\\u0000"


def test_an_unknown_post_is_answered_with_a_sentence(ground: Ground) -> None:
    with ground.reading() as tx:
        for ask in (posts.get, posts.problems, posts.teaser_id):
            with pytest.raises(NotThere, match="there is no post 9;"):
                ask(tx, 9)
        with pytest.raises(NotThere, match="there is no post without a story under the number 9;"):
            free_posts.get(tx, 9)


def test_a_free_post_names_who_ordered_it(ground: Ground) -> None:
    image = Image(path="/tmp/loaf.jpg", sha256="ab", alt="A loaf")
    with ground.transaction() as tx:
        with_image = free_posts.add(tx, "We are \x00hiring", image, **ANNA)
        without = free_posts.add(tx, "We are open", None, **ANNA)
        assert free_posts.get(tx, with_image.id) == with_image
        assert with_image == FreePost(with_image.id, "We are hiring", image, "anna", NOW)
        assert without.image is None
