"""The Page's own first comment: composed, sent under its post, looked for there, taken down."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.facebook import FacebookChannel
from channels.rehearsal.faults import Fault
from channels.rehearsal.platforms import RehearsalPlatforms
from channels.rehearsal.rules import GraphRules, Rules
from db.records import Image, Outcome, Part
from tests.channels.facebook_ground import KEY, LINK, WORDS, a_while_ago, alone, codes, teaser
from tests.channels.kinds import facebook_channel
from tests.channels.scripted import answering, reply, serving

COMMENT = Part(text=f"Read it here: {LINK}", comment=True)


@pytest.fixture
def channel(platforms: RehearsalPlatforms) -> FacebookChannel:
    return facebook_channel(platforms)


def test_what_follows_a_line_of_dashes_is_the_first_comment_and_its_link_stands_nowhere_else() -> None:
    post = alone().compose(teaser(f"{WORDS}\n---\n{LINK}", link=LINK))
    assert post.parts == (Part(text=WORDS), Part(text=LINK, comment=True))
    pictured = alone().compose(teaser(f"{WORDS}\n---\n{LINK}", link=LINK, image=Image(path="/tmp/a.png", sha256="1")))
    assert LINK not in pictured.parts[0].text
    spoken = alone().compose(teaser(f"{WORDS}\n---\nWere you there? Tell us.", link=LINK))
    assert (spoken.parts[0].link, spoken.parts[1].text) == (LINK, "Were you there? Tell us.")


def test_a_comment_needs_a_post_before_it_and_there_is_one_of_them() -> None:
    assert codes(Part(text=WORDS), COMMENT) == []
    assert codes(COMMENT) == ["parts"]
    assert codes(Part(text=WORDS), Part(text="Two.")) == ["parts"]
    assert codes(Part(text=WORDS), COMMENT, Part(text="Another.", comment=True)) == ["parts"]
    assert codes(Part(text=WORDS), Part(text="x" * 8_001, comment=True)) == ["too long"]


def test_the_comment_goes_under_its_post_and_is_found_and_taken_down_there(
    channel: FacebookChannel, platforms: RehearsalPlatforms
) -> None:
    post = channel.send(Part(text=WORDS), KEY, None)
    assert channel.find_existing(COMMENT, KEY, a_while_ago(), post).complete
    comment = channel.send(COMMENT, KEY, post)
    (published, _) = platforms.published("facebook")
    assert (published.id, published.kind, published.reply_to) == (comment.id, "comment", post.id)
    assert comment.url is not None
    assert comment.url.startswith(f"{post.url}?comment_id=")
    look = channel.find_existing(COMMENT, KEY, a_while_ago(), post)
    assert ([one.id for one in look.exact], look.complete) == ([comment.id], True)
    assert look.exact[0].url == comment.url
    assert not channel.find_existing(Part(text="Something else entirely", comment=True), KEY, a_while_ago(), post).exact
    channel.delete(comment)
    assert not channel.find_existing(COMMENT, KEY, a_while_ago(), post).exact
    channel.delete(comment)  # gone already is success


def test_a_comment_long_after_its_post_is_still_found(channel: FacebookChannel) -> None:
    post = channel.send(Part(text=WORDS), KEY, None)
    comment = channel.send(COMMENT, KEY, post)
    since = comment.at - timedelta(seconds=1) if comment.at else a_while_ago()
    assert channel.find_existing(COMMENT, KEY, since, post).exact


def test_a_comment_without_its_post_is_refused_and_looking_for_it_proves_nothing(channel: FacebookChannel) -> None:
    from channels.errors import Rejected

    with pytest.raises(Rejected, match="send the post first"):
        channel.send(COMMENT, KEY, None)
    look = channel.find_existing(COMMENT, KEY, a_while_ago())
    assert (look.exact, look.complete) == ((), False)


def test_the_same_words_by_a_reader_are_not_ours() -> None:
    rows = b"""{"data": [{"id": "7_9", "message": "Read it here: %s", "created_time": "2026-11-27T10:00:00+0000",
        "from": {"id": "4711", "name": "A reader"}}]}""" % LINK.encode()
    with serving(answering(reply(b'{"id": "42_7"}'), reply(rows))) as heard:
        channel = alone(base_url=heard.url)
        post = channel.send(Part(text=WORDS), KEY, None)
        look = channel.find_existing(COMMENT, KEY, a_while_ago().replace(year=2020), post)
    assert (look.exact, look.near, look.complete) == ((), (), True)
    assert b"GET /v25.0/42_7/comments?" in heard.requests[1]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_to_a_comment_is_uncertain(
    channel: FacebookChannel, platforms: RehearsalPlatforms, when: str
) -> None:
    from channels.errors import Uncertain

    post = channel.send(Part(text=WORDS), KEY, None)
    platforms.faults.add(Fault("facebook", "send", "closed", when=when))
    with pytest.raises(Uncertain) as caught:
        channel.send(COMMENT, KEY, post)
    assert caught.value.failure.outcome is Outcome.UNCERTAIN
    assert bool(channel.find_existing(COMMENT, KEY, a_while_ago(), post).exact) is (when == "after")


def test_the_check_asks_for_the_permission_to_comment_only_where_comments_are_wanted(
    platforms: RehearsalPlatforms,
) -> None:
    platforms.rules = Rules(graph=GraphRules(scopes=("pages_read_engagement", "pages_manage_posts")))
    assert facebook_channel(platforms).check().ok
    health = facebook_channel(platforms, comments=True).check()
    assert not health.ok
    assert "pages_manage_engagement" in health.problems[0].message


def test_looking_for_a_comment_whose_post_was_removed_by_hand_proves_nothing_and_stops_nothing(
    channel: FacebookChannel,
) -> None:
    from channels.errors import ChannelError

    post = channel.send(Part(text=WORDS), KEY, None)
    channel.delete(post)
    with pytest.raises(ChannelError) as caught:
        channel.find_existing(COMMENT, KEY, a_while_ago(), post)
    assert caught.value.failure.outcome not in (Outcome.UNAUTHORIZED, Outcome.RATE_LIMITED)
    with pytest.raises(ChannelError) as caught:
        channel.send(COMMENT, KEY, post)
    assert caught.value.failure.outcome is Outcome.REJECTED
