"""The editor's hand on an issue: order, what is left out, words above it; nothing changes once readers begin to get it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from db import audit, deliveries, issue_variants, issue_wishes, issues
from db.records import Delivery, Frequency, OwnWords, State, SubjectKind
from scheduler import newsroom
from scheduler.cutting import waiting_for
from scheduler.issue_preview import preview
from scheduler.lineup import pins_for
from scheduler.newsroom import Refused
from tests.scheduler.house import House, house
from tests.scheduler.readers import LETTERS, Wish, inbox, subscribe

DAY = Frequency.DAILY
SETTINGS = LETTERS + 'daily = ["daily 23:00"]\nweekly = ["sun 23:00"]\n'


def stand(h: House, *headlines: str) -> list[int]:
    """Stories with words for the newsletter; their numbers, the newest last."""
    found = []
    for headline in headlines:
        found.append(h.take(headline))
        h.clock.advance(timedelta(minutes=1))
    h.work()
    return found


def waiting(h: House) -> list[int]:
    """The next issue's stories in order."""
    with h.app.ground.reading() as tx:
        found = waiting_for(tx, h.app.outlets["morning"], DAY, h.clock.now())
    return [one.article_id for one in found.stories]


def carried(h: House, delivery: Delivery) -> tuple[int, ...]:
    """The stories of a cut issue in order."""
    with h.app.ground.reading() as tx:
        return issues.get(tx, delivery.subject_id).article_ids


@pytest.mark.parametrize(
    ("wanted", "usual", "pins"),
    [
        ([1, 2, 3], [1, 2, 3], ()),
        ([3, 1, 2], [1, 2, 3], (3,)),
        ([2, 1, 3], [1, 2, 3], (2,)),
        ([1, 3, 2], [1, 2, 3], (1, 3)),
        ([3, 2, 1], [1, 2, 3], (3, 2)),
        ([4, 1], [1, 2], (4, 1)),  # one was crowded out without its pin
    ],
)
def test_an_order_pins_as_few_stories_as_it_needs(wanted: list[int], usual: list[int], pins: tuple[int, ...]) -> None:
    assert pins_for(wanted, usual) == pins


def test_the_next_issue_keeps_its_order_and_what_comes_in_later_stands_behind_what_was_put_first(
    tmp_path: Path,
) -> None:
    with house(tmp_path, SETTINGS) as h:
        ferry, mill, tram = stand(h, "Ferry stays", "Mill opens", "Tram returns")
        assert waiting(h) == [tram, mill, ferry]
        assert newsroom.order_next(h.app, "morning", [ferry], DAY, actor="ada") == [ferry, tram, mill]
        (late,) = stand(h, "Late news")
        assert waiting(h) == [ferry, late, tram, mill]
        with pytest.raises(Refused, match="does not wait"):
            newsroom.order_next(h.app, "morning", [999], DAY, actor="ada")
        with h.app.ground.reading() as tx:
            (row,) = audit.rows(tx, verb="order")
        assert (row.actor, row.after) == ("ada", f"{ferry}, {tram}, {mill}")


def test_a_story_left_out_stays_out_of_every_issue_until_it_is_put_back(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS) as h:
        ferry, mill = stand(h, "Ferry stays", "Mill opens")
        newsroom.pin(h.app, "morning", mill, actor="ada")
        assert newsroom.leave_out(h.app, "morning", mill, actor="ada")
        assert not newsroom.leave_out(h.app, "morning", mill, actor="ada")
        assert waiting(h) == [ferry]
        assert carried(h, newsroom.cut_now(h.app, "morning", DAY, actor="ada")) == (ferry,)
        assert waiting(h) == []
        assert newsroom.leave_out(h.app, "morning", mill, actor="ada", back=True)
        assert waiting(h) == [mill]


def test_words_of_one_s_own_hold_while_their_story_leads_and_for_one_issue(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS) as h:
        subscribe(h, {"ann": Wish()})
        ferry, mill = stand(h, "Ferry stays", "Mill opens")
        assert newsroom.word_next(h.app, "morning", DAY, "  Two openings  ", "Read on", actor="ada") == OwnWords(
            mill, "Two openings", "Read on", "ada"
        )
        assert preview(h.app, "morning").part.subject == "Two openings"
        newsroom.order_next(h.app, "morning", [ferry], DAY, actor="ada")
        assert preview(h.app, "morning").part.subject == "Ferry stays"
        newsroom.order_next(h.app, "morning", [mill], DAY, actor="ada")
        newsroom.cut_now(h.app, "morning", DAY, actor="ada")
        h.work()
        assert [subject for _, subject in inbox(h, "ann")] == ["Two openings"]
        with h.app.ground.reading() as tx:
            assert issue_wishes.words(tx, "morning", DAY) is None


def test_words_that_no_inbox_could_show_are_refused(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS) as h:
        stand(h, "Ferry stays")
        with pytest.raises(Refused, match="at most 300"):
            newsroom.word_next(h.app, "morning", DAY, "x" * 301, "", actor="ada")
        with pytest.raises(Refused, match="cannot be printed"):
            newsroom.word_next(h.app, "morning", DAY, "a\x00b", "", actor="ada")
        assert newsroom.word_next(h.app, "morning", DAY, "", " ", actor="ada") is None


def test_a_cut_issue_is_arranged_anew_and_waits_for_a_yes_to_exactly_that(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS) as h:
        subscribe(h, {"ann": Wish()})
        ferry, mill, tram = stand(h, "Ferry stays", "Mill opens", "Tram returns")
        newsroom.leave_out(h.app, "morning", tram, actor="ada")
        cut = newsroom.cut_now(h.app, "morning", DAY, actor="ada")
        assert carried(h, cut) == (mill, ferry)
        done = newsroom.arrange_issue(
            h.app, cut.id, [ferry, tram], actor="ada", subject="All of it", seen=cut.fingerprint
        )
        assert done.delivery.state is State.WAITING
        assert carried(h, cut) == (ferry, tram)
        with h.app.ground.reading() as tx:
            assert issue_wishes.left_out(tx, "morning") == [mill]
            assert [one.article_ids for one in issue_variants.of_issue(tx, cut.subject_id)] == [(ferry, tram)]
            shown = preview(h.app, issues.get(tx, cut.subject_id))
        assert (shown.part.subject, shown.lineup.own) == ("All of it", OwnWords(ferry, "All of it", "", "ada"))
        h.work()
        assert inbox(h, "ann") == []  # nobody said yes to it
        with pytest.raises(Refused, match="while you looked"):
            newsroom.arrange_issue(h.app, cut.id, [tram], actor="ben", seen=cut.fingerprint)
        with pytest.raises(Refused, match="changed since you saw it"):
            newsroom.send_issue(h.app, cut.id, actor="ben", seen=cut.fingerprint)
        with pytest.raises(Refused, match="changed since you saw it"):
            newsroom.approve_issue(h.app, cut.id, actor="ben", fingerprint=cut.fingerprint)
        newsroom.send_issue(h.app, cut.id, actor="ada", seen=done.delivery.fingerprint)
        h.work()
        assert [subject for _, subject in inbox(h, "ann")] == ["All of it"]
        with pytest.raises(Refused, match="readers have it"):
            newsroom.arrange_issue(h.app, cut.id, [tram], actor="ada")


def test_an_issue_arranged_and_back_again_says_what_it_said_at_first(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS) as h:
        subscribe(h, {"ann": Wish()})
        ferry, mill = stand(h, "Ferry stays", "Mill opens")
        cut = newsroom.cut_now(h.app, "morning", DAY, actor="ada")
        newsroom.arrange_issue(h.app, cut.id, actor="ada", subject="Another")
        newsroom.arrange_issue(h.app, cut.id, actor="ada", subject="")
        same = newsroom.arrange_issue(h.app, cut.id, [mill, ferry], actor="ada")
        assert same.delivery.fingerprint == cut.fingerprint
        with h.app.ground.reading() as tx:
            assert preview(h.app, issues.get(tx, cut.subject_id)).part.subject == "Mill opens"
        newsroom.send_issue(h.app, cut.id, actor="ada")
        h.work()
        assert [subject for _, subject in inbox(h, "ann")] == ["Mill opens"]


def test_what_cannot_stand_in_an_issue_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS) as h:
        ferry, mill = stand(h, "Ferry stays", "Mill opens")
        cut = newsroom.cut_now(h.app, "morning", DAY, actor="ada")
        for wanted, why in (([], "never empty"), ([ferry, ferry], "twice"), ([ferry, 999], "does not wait")):
            with pytest.raises(Refused, match=why):
                newsroom.arrange_issue(h.app, cut.id, wanted, actor="ada")
        assert carried(h, cut) == (mill, ferry)
        with h.app.ground.reading() as tx:
            (found,) = deliveries.of_subject(tx, SubjectKind.ISSUE, cut.subject_id)
        assert found.fingerprint == cut.fingerprint


def test_where_two_people_are_asked_for_words_above_an_issue_wait_for_the_other_one(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + "[rights]\nfour_eyes = true\n") as h:
        subscribe(h, {"ann": Wish()})
        stand(h, "Ferry stays")
        newsroom.word_next(h.app, "morning", DAY, "Another subject", "", actor="ada")
        cut = newsroom.cut_now(h.app, "morning", DAY, actor="ben")
        assert cut.state is State.WAITING
        assert "ada wrote the words above it" in cut.reason
        with pytest.raises(Refused, match="somebody else"):
            newsroom.send_issue(h.app, cut.id, actor="Ada")
        newsroom.send_issue(h.app, cut.id, actor="ben")
        h.work()
        assert [subject for _, subject in inbox(h, "ann")] == ["Another subject"]


def test_an_alert_stays_one_story(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + 'alerts = "all"\n') as h:
        ferry, mill = stand(h, "Ferry stays", "Mill opens")
        subscribe(h, {"ann": Wish({"": (Frequency.IMMEDIATE,)})})
        alert = newsroom.alert_now(h.app, "morning", ferry, actor="ada")
        with pytest.raises(Refused, match="an alert, of one story"):
            newsroom.arrange_issue(h.app, alert.id, [ferry, mill], actor="ada")
        done = newsroom.arrange_issue(h.app, alert.id, actor="ada", subject="Ferry: it stays")
        assert done.delivery.state is State.WAITING
