"""Threads, the link in a reply, the link in the first comment, authors' handles: from settings to the platforms."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from channels.rehearsal.faults import Fault
from db.records import KnownBy, State, Verb
from scheduler import newsroom
from tests.scheduler.house import SETTINGS, House, house

LINK = "https://news.example.org/ferry-to-run-until-midnight"
REPLY = SETTINGS.replace('kind = "x"', 'kind = "x"\nlink_in_reply = true')
THREAD = SETTINGS.replace('kind = "x"', 'kind = "x"\nthread = 3')
COMMENT = SETTINGS.replace('kind = "facebook"', 'kind = "facebook"\nlink_in_comment = true')
BODY = (
    "The ferry between Port Selwyn and Hatherley runs until midnight from 2 May, the council of Port Selwyn decided by 19 votes to 12.",
    "The service will cost 340,000 pounds a year and adds six late sailings on every day of the week, the harbour office of Port Selwyn said.",
    "Hatherley has asked for a late ferry since 2019, when the last night bus over the bridge of Northwick was given up for want of drivers.",
    "Some 3,800 commuters go round by Hatherley, and the way costs each of them 14 minutes, a count of Northwick's engineers in March showed.",
    "Two ships, the Marigold and the Elder, take turns on the line, and each of them carries 140 people and 22 cars at a time.",
)


def test_the_link_goes_into_a_reply_and_both_posts_are_billed(tmp_path: Path) -> None:
    with house(tmp_path, REPLY) as h:
        story = h.take()
        h.work()
        delivery = h.of(story, "x-main")
        reply, post = h.platforms.published("x")
        assert LINK not in post.text
        assert (reply.text, reply.reply_to) == (LINK, post.id)
        rows = h.attempts(delivery)
        assert [row.cost.micros for row in rows] == [15_000, 200_000]
        assert delivery.cost.micros == 215_000
        assert delivery.state is State.SENT


def test_a_thread_tells_the_story_in_numbered_posts_each_answering_the_one_before(tmp_path: Path) -> None:
    with house(tmp_path, THREAD) as h:
        h.take(paragraphs=BODY)
        h.work()
        third, second, first = h.platforms.published("x")
        assert [one.text[:4] for one in (first, second, third)] == ["1/3 ", "2/3 ", "3/3 "]
        assert (second.reply_to, third.reply_to) == (first.id, second.id)
        assert LINK in first.text


@pytest.mark.parametrize(("settings", "channel", "kind"), [(REPLY, "x-main", "x"), (COMMENT, "fb-main", "facebook")])
def test_a_lost_answer_to_the_part_with_the_link_is_looked_for_and_not_sent_again(
    tmp_path: Path, settings: str, channel: str, kind: str
) -> None:
    with house(tmp_path, settings) as h:
        h.platforms.faults.add(Fault(kind, "send", "closed", when="after", containing="ferry-to-run"))
        story = h.take()
        h.work()
        assert h.of(story, channel).state is State.UNCERTAIN
        h.clock.advance(timedelta(minutes=7))
        h.work()
        found = h.of(story, channel)
        assert (found.state, found.known_by) == (State.SENT, KnownBy.LOOKING)
        assert len(h.platforms.published(kind)) == 2
        assert [(row.verb, row.part) for row in h.attempts(found)] == [(Verb.SEND, 0), (Verb.SEND, 1), (Verb.LOOK, 1)]


def test_a_comment_that_was_held_up_for_long_is_still_not_doubled(tmp_path: Path) -> None:
    with house(tmp_path, COMMENT) as h:
        h.platforms.faults.add(Fault("facebook", "send", "graph-limit", containing="ferry-to-run"))
        story = h.take()
        h.work()
        h.platforms.faults.add(Fault("facebook", "send", "closed", when="after", containing="ferry-to-run"))
        for _ in range(6):
            h.clock.advance(timedelta(hours=1))
            h.work()
        assert h.of(story, "fb-main").state is State.SENT
        assert sorted(one.kind for one in h.platforms.published("facebook")) == ["comment", "post"]


def test_the_first_comment_carries_the_link_under_a_post_without_card(tmp_path: Path) -> None:
    with house(tmp_path, COMMENT) as h:
        story = h.take()
        h.work()
        comment, post = h.platforms.published("facebook")
        assert (post.link, LINK in post.text) == (None, False)
        assert (comment.kind, comment.text, comment.reply_to) == ("comment", LINK, post.id)
        assert len(_receipts(h, story)) == 2


def test_a_story_taken_back_takes_its_comment_with_it(tmp_path: Path) -> None:
    with house(tmp_path, COMMENT) as h:
        story = h.take()
        h.work()
        newsroom.kill(h.app, story, actor="ada", reason="It was wrong.")
        h.work()
        assert all(one.deleted for one in h.platforms.published("facebook"))


def test_a_correction_changes_the_post_and_leaves_its_comment(tmp_path: Path) -> None:
    with house(tmp_path, COMMENT) as h:
        story = h.take()
        h.work()
        newsroom.correct(
            h.app, story, "fb-main", "The ferry runs until one.", actor="ada", reason="The hour was wrong."
        )
        h.work()
        comment, post = h.platforms.published("facebook")
        assert (post.text, comment.text) == ("The ferry runs until one.", LINK)


def test_an_author_is_named_on_x_by_the_handle_of_the_table_alone(tmp_path: Path) -> None:
    settings = SETTINGS + '\n[teasers]\nhandles = { "Ada  Lind" = "adalind" }\n'
    with house(tmp_path, settings) as h:
        h.take(authors=("Ada Lind", "Ben Orr"))
        h.work()
        (on_x,), (on_page,) = h.platforms.published("x"), h.platforms.published("facebook")
        assert "@adalind" in on_x.text
        assert "@" not in on_page.text
        assert on_x.text.count("@") == 1


def _receipts(h: House, story: int) -> list[str]:
    return [row.receipt_id for row in h.attempts(h.of(story, "fb-main")) if row.receipt_id]
