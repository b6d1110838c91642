from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from db import attempts, deliveries, free_posts, log, log_picks, log_view, log_walk, posts
from db.log_view import LogFilter, LogOrder, PageMark
from db.records import Delivery, Failure, Mode, Outcome, Part, Post, Priority, State, SubjectKind, Verb
from db.session import Ground
from db.tables import deliveries as deliveries_table
from db.tables import issue_articles, issues, teasers
from tests.db.samples import ANNA, NOW, opened, sent, stored_article, stored_delivery

HOUR = timedelta(hours=1)
LATER = {"actor": "daily run", "now": NOW + HOUR}


def _shown(tx: Connection, limit: int = 50, after: PageMark | None = None, **wanted: Any) -> list[int]:
    return [row.delivery.id for row in log.deliveries(tx, LogFilter(**wanted), limit, after)]


def _story(tx: Connection, headline: str = "The bakery") -> int:
    return stored_article(tx, url=None, headline=headline).id


def _stand(tx: Connection, delivery: Delivery, state: State) -> Delivery:
    """Puts a row where a test wants it, past the rules of how it gets there."""
    change = deliveries_table.update().where(deliveries_table.c.id == delivery.id).values(state=state)
    tx.execute(change)
    return deliveries.get(tx, delivery.id)


def _issue(tx: Connection, article_ids: list[int], window: str = "2026-09-21", mode: Mode = Mode.REHEARSAL) -> Delivery:
    """An issue with these stories in it, and its delivery on the channel "mail"."""
    words = Post("mail", "email", (Part(text="All the bread", subject="Your morning bread"),))
    post = posts.add(tx, words, (), teaser_id=None, **ANNA)
    signed = {"actor": "anna", "created_at": NOW, "updated_at": NOW}
    teaser_id = tx.execute(
        teasers.insert()
        .values(
            subject_kind="article",
            subject_id=article_ids[0],
            channel=f"mail-{mode}-{window}",
            teaser_version=1,
            writer="daily run",
            content={},
            **signed,
        )
        .returning(teasers.c.id)
    ).scalar_one()
    place = {"mode": mode, "channel": "mail"}
    issue_id = tx.execute(
        issues.insert()
        .values(**place, window=window, frequency="daily", cut_at=NOW, post_id=post.id, **signed)
        .returning(issues.c.id)
    ).scalar_one()
    for position, article_id in enumerate(article_ids):
        tx.execute(
            issue_articles.insert().values(
                **place,
                issue_id=issue_id,
                article_id=article_id,
                position=position,
                carried="daily",
                teaser_id=teaser_id,
                **signed,
            )
        )
    return stored_delivery(
        tx, issue_id, subject_kind=SubjectKind.ISSUE, channel="mail", kind="email", purpose="digest", mode=mode
    )


def test_the_log_shows_the_moment_promised_last_first_page_by_page(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = _story(tx)
        moments = [0, 3, 1, 3, 2, 3]
        ids = [
            stored_delivery(tx, story, purpose=f"again-{n}", due_at=NOW + hours * HOUR).id
            for n, hours in enumerate(moments)
        ]
        wanted = [ids[n] for n in (5, 3, 1, 4, 2, 0)]
        assert _shown(tx) == wanted
        turned: list[int] = []
        mark: PageMark | None = None
        while page := log.deliveries(tx, LogFilter(), 2, mark):
            turned += [row.delivery.id for row in page]
            mark = page[-1].mark()
        assert turned == wanted


def test_every_filter_narrows_and_all_must_hold(ground: Ground) -> None:
    with ground.transaction() as tx:
        bakery, bridge = _story(tx, "The bakery"), _story(tx, "Über die Brücke")
        one = stored_delivery(tx, bakery, ordered_by="anna")
        two = _stand(tx, stored_delivery(tx, bakery, channel="fb", mode=Mode.LIVE, approved_by="ben"), State.SENT)
        three = _stand(tx, stored_delivery(tx, bridge, due_at=NOW + HOUR, priority=Priority.BREAKING), State.FAILED)
        opened(tx, two, text="Frisches BROT, 100 %")
        every = [three.id, two.id, one.id]
        for wanted, shown in (
            ({}, every),
            ({"story": bakery}, [two.id, one.id]),
            ({"channel": "fb"}, [two.id]),
            ({"states": {State.SENT, State.FAILED}}, [three.id, two.id]),
            ({"by_whom": "anna"}, [one.id]),
            ({"by_whom": "ben"}, [two.id]),
            ({"by_whom": "daily run"}, [three.id, two.id]),
            ({"since": NOW + HOUR}, [three.id]),
            ({"until": NOW + HOUR}, [two.id, one.id]),
            ({"mode": Mode.LIVE}, [two.id]),
            ({"mode": Mode.REHEARSAL}, [three.id, one.id]),
            ({"text": "brot frisches"}, [two.id]),
            ({"text": "BRÜCKE"}, [three.id]),
            ({"text": "bakery"}, [two.id, one.id]),
            ({"text": "brot bakery"}, []),
            ({"text": " "}, every),
            ({"story": bakery, "channel": "x-main", "states": [State.PLANNED], "mode": Mode.REHEARSAL}, [one.id]),
            ({"story": bakery, "mode": Mode.LIVE, "by_whom": "anna"}, []),
        ):
            assert _shown(tx, **wanted) == shown, wanted


def test_a_search_with_many_hits_finds_what_one_with_few_finds(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_picks, "FEW", 1)
    with ground.transaction() as tx:
        bakery, bridge = _story(tx, "The bakery"), _story(tx, "The bridge")
        one, two = stored_delivery(tx, bakery), stored_delivery(tx, bridge)
        issue = _issue(tx, [bakery])
        for delivery in (two, issue):
            opened(tx, delivery, text="Brot und Brücke")
        assert _shown(tx, text="the") == [two.id, one.id]
        assert _shown(tx, text="BRÜCKE") == [issue.id, two.id]
        assert _shown(tx, text="the brot") == []


def test_a_row_tells_headline_latest_try_and_address(ground: Ground) -> None:
    with ground.transaction() as tx:
        delivery = stored_delivery(tx, _story(tx), reason="waits for 08:30")
        row = log.row_of(tx, delivery.id)
        assert (row.headline, row.attempt, row.url, row.sentence) == ("The bakery", None, None, "waits for 08:30")
        first = opened(tx, delivery)
        failure = Failure(Outcome.RATE_LIMITED, "429", "X asks us to wait.")
        attempts.close_failed(tx, first, failure, now=NOW)
        assert log.row_of(tx, delivery.id).sentence == "X asks us to wait."
        second = sent(tx, delivery, "Bread, again.")
        (row,) = log.deliveries(tx, LogFilter(), 10)
        assert row.attempt == second
        assert row.url == second.url
        assert row.delivery == deliveries.get(tx, delivery.id)


def test_the_address_is_the_first_parts(ground: Ground) -> None:
    with ground.transaction() as tx:
        delivery = stored_delivery(tx, _story(tx))
        thread = [sent(tx, delivery), sent(tx, delivery)]
        assert log.row_of(tx, delivery.id).url == thread[0].url


def test_issues_and_free_posts_have_a_headline_too(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = _story(tx)
        issue = _issue(tx, [story])
        words = free_posts.add(tx, "We are hiring bakers. " * 9, None, **ANNA)
        free = stored_delivery(tx, words.id, subject_kind=SubjectKind.POST)
        assert log.row_of(tx, issue.id).headline == "Your morning bread"
        assert log.row_of(tx, free.id).headline == words.text[:80]
        assert _shown(tx, story=story) == [issue.id]


def test_an_unknown_delivery_is_answered_with_a_sentence(ground: Ground) -> None:
    with ground.reading() as tx, pytest.raises(deliveries.NoDelivery, match="there is no delivery 77;"):
        log.row_of(tx, 77)


def test_the_matrix_is_story_by_channel_newest_story_first_issues_included(ground: Ground) -> None:
    with ground.transaction() as tx:
        bakery, bridge, silent = _story(tx, "Bakery"), _story(tx, "Bridge"), _story(tx, "Silent")
        post = _stand(tx, stored_delivery(tx, bakery), State.SENT)
        attempt = sent(tx, post)
        issue = _issue(tx, [bakery, bridge])
        rows = log.matrix(tx, [bakery, bridge, silent])
        assert [(row.article_id, row.headline) for row in rows] == [
            (silent, "Silent"),
            (bridge, "Bridge"),
            (bakery, "Bakery"),
        ]
        assert rows[0].cells == {}
        assert rows[1].cells == {"mail": log.Cell(issue, None, False, 0)}
        assert rows[2].cells == {
            "mail": log.Cell(issue, None, False, 0),
            "x-main": log.Cell(post, attempt.url, False, 0),
        }
        assert [row.article_id for row in log.matrix(tx, limit=2)] == [silent, bridge]
        assert log.matrix(tx, []) == []


@pytest.mark.parametrize(
    ("standing", "decides"),
    [
        ([("first", State.SENT), ("again-1", State.PLANNED)], "first"),
        ([("first", State.FAILED), ("again-1", State.SENT)], "again-1"),
        ([("first", State.SENT), ("again-1", State.UNSETTLED)], "again-1"),
        ([("first", State.CANCELLED), ("again-1", State.FAILED)], "again-1"),
        ([("first", State.FAILED), ("again-1", State.PLANNED)], "again-1"),
        ([("first", State.SENT), ("again-1", State.SENT)], "again-1"),
        ([("first", State.CANCELLED), ("takedown-1", State.SENT)], "first"),
        ([("first", State.FAILED), ("correction-1", State.SENT)], "first"),
    ],
)
def test_what_may_be_out_decides_a_cell(ground: Ground, standing: list[tuple[str, State]], decides: str) -> None:
    with ground.transaction() as tx:
        story = _story(tx)
        for purpose, state in standing:
            _stand(tx, stored_delivery(tx, story, purpose=purpose), state)
        (row,) = log.matrix(tx, [story])
        assert row.cells["x-main"].delivery.purpose == decides
        assert row.cells["x-main"].others == 1


def test_a_post_taken_down_is_shown_so_until_it_goes_again(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = _story(tx)
        _stand(tx, stored_delivery(tx, story), State.SENT)
        down = stored_delivery(tx, story, purpose="takedown-1")
        assert not log.matrix(tx, [story])[0].cells["x-main"].taken_down
        _stand(tx, down, State.SENT)
        assert log.matrix(tx, [story])[0].cells["x-main"].taken_down
        _stand(tx, stored_delivery(tx, story, purpose="again-1"), State.SENT)
        assert not log.matrix(tx, [story])[0].cells["x-main"].taken_down


def test_live_comes_before_rehearsal_unless_one_of_them_is_asked_for(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = _story(tx)
        rehearsed = _stand(tx, stored_delivery(tx, story), State.SENT)
        live = stored_delivery(tx, story, mode=Mode.LIVE)
        assert log.matrix(tx, [story])[0].cells["x-main"].delivery == live
        assert log.matrix(tx, [story], mode=Mode.REHEARSAL)[0].cells["x-main"].delivery == rehearsed


def test_the_matrix_since_a_moment_holds_the_stories_promised_from_then_on(ground: Ground) -> None:
    with ground.transaction() as tx:
        early, late, mailed = _story(tx, "Early"), _story(tx, "Late"), _story(tx, "Mailed")
        stored_delivery(tx, early, due_at=NOW - HOUR)
        stored_delivery(tx, late, due_at=NOW, mode=Mode.LIVE)
        _issue(tx, [mailed])
        assert [row.article_id for row in log.matrix(tx, since=NOW)] == [mailed, late]
        assert [row.article_id for row in log.matrix(tx, since=NOW, mode=Mode.LIVE)] == [late]
        assert [row.article_id for row in log.matrix(tx, since=NOW - HOUR)] == [mailed, late, early]


def _walked(tx: Connection, wanted: LogFilter, order: LogOrder, at_once: int) -> list[Delivery]:
    """Every page of the log, one after the other."""
    seen: list[Delivery] = []
    mark: PageMark | None = None
    while page := log.deliveries(tx, wanted, at_once, mark, order):
        seen += [row.delivery for row in page]
        mark = page[-1].mark(order)
    return seen


def _sorted(every: list[Delivery], order: LogOrder) -> list[Delivery]:
    """The same order by the rule one would write first."""
    found = sorted(every, key=lambda one: (one.due_at, one.id), reverse=order is not LogOrder.OLDEST)
    if order.column == "state":
        found.sort(key=lambda one: log_view.BY_NEED.index(one.state), reverse=order.backwards)
    elif order.column == "channel":
        found.sort(key=lambda one: one.channel, reverse=order.backwards)
    elif order.column == "story":
        found.sort(key=lambda one: one.subject_id, reverse=True)
        found.sort(key=lambda one: log_view.BY_KIND.index(one.subject_kind))
        if order.backwards:
            found.reverse()
    return found


def test_every_order_shows_each_row_once_in_its_place_however_long_the_pages(ground: Ground) -> None:
    with ground.transaction() as tx:
        stories, states = [_story(tx, f"Story {n}") for n in range(3)], list(State)
        every = [_issue(tx, stories[:2])]
        for n in range(24):
            kind = SubjectKind.POST if n % 7 == 0 else SubjectKind.ARTICLE
            subject = free_posts.add(tx, f"Words {n}", None, **ANNA).id if n % 7 == 0 else stories[n % 3]
            place = {"subject_kind": kind, "channel": f"channel-{n % 4}", "purpose": f"again-{n}"}
            one = stored_delivery(tx, subject, due_at=NOW + n * 5 % 6 * HOUR, **place)
            every.append(_stand(tx, one, states[n * 3 % len(states)]))
        narrowed: tuple[tuple[LogFilter, Callable[[Delivery], bool]], ...] = (
            (LogFilter(), lambda one: True),
            (LogFilter(states={State.SENT, State.FAILED}), lambda one: one.state in (State.SENT, State.FAILED)),
            (LogFilter(channel="channel-1"), lambda one: one.channel == "channel-1"),
            (
                LogFilter(channel="channel-2", states=[State.PLANNED, State.WAITING, State.SENT, State.FAILED]),
                lambda one: one.channel == "channel-2" and one.state in ("planned", "waiting", "sent", "failed"),
            ),
            (LogFilter(since=NOW + HOUR, until=NOW + 4 * HOUR), lambda one: HOUR <= one.due_at - NOW < 4 * HOUR),
        )
        for order in LogOrder:
            for wanted, holds in narrowed:
                shown = _sorted([one for one in every if holds(one)], order)
                for at_once in (3, 50):
                    assert _walked(tx, wanted, order, at_once) == shown, (order, wanted, at_once)
            about = {one.id for one in _walked(tx, LogFilter(story=stories[0]), order, 3)}
            assert about == {
                one.id
                for one in every
                if one.subject_kind is SubjectKind.ISSUE
                or (one.subject_kind is SubjectKind.ARTICLE and one.subject_id == stories[0])
            }


@pytest.mark.parametrize("few", [10_000, 3, -1])
def test_filters_together_find_what_all_of_them_hold_for_however_they_are_looked_up(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(log_picks, "FEW", few)
    monkeypatch.setattr(log_picks, "_READ_ONE_BY_ONE", 2)
    monkeypatch.setattr(log_walk, "STRETCHES", ((2, 2), (7, 3)))  # every page ends before it is full
    with ground.transaction() as tx:
        stories, states = [_story(tx, f"Story {n}") for n in range(3)], list(State)
        words: dict[int, str] = {}
        every: list[Delivery] = []
        for n in range(16):
            place = {
                "channel": f"channel-{n % 3}",
                "purpose": f"again-{n}",
                "mode": Mode.LIVE if n % 8 else Mode.REHEARSAL,
            }
            who = {"ordered_by": f"person {n % 4}", "approved_by": "ben" if n % 5 == 0 else None}
            one = stored_delivery(tx, stories[n % 3], due_at=NOW + n * 5 % 6 * HOUR, **place, **who)
            opened(tx, one, text=words.setdefault(one.id, f"Said {n % 2} times, {'rare' if n == 7 else 'often'}"))
            every.append(_stand(tx, one, states[n * 3 % len(states)]))

        def by(name: str) -> Callable[[Delivery], bool]:
            return lambda one: name in (one.ordered_by, one.approved_by)

        checks: tuple[tuple[LogFilter, Callable[[Delivery], bool]], ...] = (
            (LogFilter(text="often"), lambda one: "often" in words[one.id]),
            (LogFilter(text="said 1"), lambda one: "1" in words[one.id]),
            (LogFilter(text="rare"), lambda one: "rare" in words[one.id]),
            (LogFilter(text="nowhere"), lambda one: False),
            (
                LogFilter(text="often", channel="channel-1", since=NOW + HOUR, until=NOW + 5 * HOUR),
                lambda one: (
                    "often" in words[one.id] and one.channel == "channel-1" and HOUR <= one.due_at - NOW < 5 * HOUR
                ),
            ),
            (
                LogFilter(by_whom="ben", states=[State.SENT, State.FAILED, State.PLANNED]),
                lambda one: by("ben")(one) and one.state in ("sent", "failed", "planned"),
            ),
            (LogFilter(by_whom="person 2", mode=Mode.LIVE), lambda one: by("person 2")(one) and one.mode == "live"),
            (
                LogFilter(mode=Mode.REHEARSAL, text="story 0"),
                lambda one: one.mode == "rehearsal" and one.subject_id == stories[0],
            ),
            (
                LogFilter(story=stories[1], text="said", by_whom="person 1"),
                lambda one: one.subject_id == stories[1] and by("person 1")(one),
            ),
        )
        for order in LogOrder:
            for wanted, holds in checks:
                shown = _sorted([one for one in every if holds(one)], order)
                assert _walked(tx, wanted, order, 3) == shown, (order, wanted)


def test_a_walk_that_passes_over_many_rows_ends_and_says_where(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_picks, "FEW", -1)
    monkeypatch.setattr(log_walk, "STRETCHES", ((2, 2), (3, 3)))
    with ground.transaction() as tx:
        story = _story(tx)
        ids = [stored_delivery(tx, story, purpose=f"again-{n}", due_at=NOW - n * HOUR).id for n in range(12)]
        for n, delivery_id in enumerate(ids):
            opened(tx, deliveries.get(tx, delivery_id), text="rain" if n in (3, 11) else "sun")
        page = log.page_of(tx, LogFilter(text="rain"), 5)
        assert [row.delivery.id for row in page.rows] == [ids[3]]
        assert page.further == PageMark(NOW - 4 * HOUR, ids[4])
        page = log.page_of(tx, LogFilter(text="rain"), 5, page.further)
        assert (page.rows, page.further) == ([], PageMark(NOW - 9 * HOUR, ids[9]))
        page = log.page_of(tx, LogFilter(text="rain"), 5, page.further)
        assert ([row.delivery.id for row in page.rows], page.further) == ([ids[11]], None)
        assert _shown(tx, text="rain") == [ids[3], ids[11]]


def test_every_state_and_kind_has_its_place_in_the_order() -> None:
    assert sorted(log_view.BY_NEED) == sorted(State)
    assert sorted(log_view.BY_KIND) == sorted(SubjectKind)


def test_a_channel_that_is_gone_since_the_page_before_leaves_the_next_page_whole(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = _story(tx)
        one, two = (stored_delivery(tx, story, channel=name) for name in ("a", "c"))
        mark = PageMark(NOW, 1, "b")
        assert [row.delivery for row in log.deliveries(tx, LogFilter(), 9, mark, LogOrder.CHANNEL)] == [two]
        assert [row.delivery for row in log.deliveries(tx, LogFilter(), 9, mark, LogOrder.CHANNEL_BACK)] == [one]


NARROWED: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a channel": {"channel": "x-main"},
    "a state": {"states": [State.SENT]},
    "states": {"states": [State.SENT, State.FAILED]},
    "a mode": {"mode": Mode.LIVE},
    "a person": {"by_whom": "anna"},
    "a moment": {"since": NOW},
}


@pytest.mark.parametrize("narrowed", NARROWED)
def test_a_page_is_read_in_the_index_made_for_it_whatever_it_is_narrowed_by(
    sqlite_ground: Ground, narrowed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_picks, "FEW", -1)  # a person's rows, too, are many
    wanted = LogFilter(**NARROWED[narrowed])
    mark, stop = PageMark(NOW, 77, "sent", 5), PageMark(NOW - HOUR, 3, "sent", 4)
    with sqlite_ground.reading() as tx:
        left = log_picks.left_by(tx, wanted)
        assert left.numbers is None
        for after in (None, mark):
            for order in LogOrder:
                group = {"time": "", "story": "article", "channel": "x-main"}.get(order.column, "sent")
                index = f"_{order.column}"
                if order.column == "time":
                    index = {"a channel": "_channel", "a state": "_state", "states": "_state"}.get(narrowed, "")
                page = log_walk.page_of_group(wanted, left, 50, group, after, order, stop)
                said = tx.exec_driver_sql(
                    "EXPLAIN QUERY PLAN " + str(page.compile(tx, compile_kwargs={"literal_binds": True}))
                ).all()
                steps = [str(row[-1]) for row in said]
                assert any(f"COVERING INDEX ix_deliveries_log{index} " in f"{step} " for step in steps), (order, steps)
                # Only the pages of the states, some rows each, are put in order when they are joined.
                merged = narrowed == "states" and order.column == "time"
                assert sum("TEMP B-TREE" in step for step in steps) == merged, (order, steps)


def test_that_a_person_has_no_deliveries_is_known_without_a_look_at_those_of_others(sqlite_ground: Ground) -> None:
    """At a million rows a page for somebody who ordered nothing looked at every one of them."""
    with sqlite_ground.transaction() as tx:
        story = _story(tx)
        for n in range(3):
            stored_delivery(tx, story, purpose=f"again-{n}", ordered_by="anna", approved_by="ben")
        asked: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            plan = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            asked.extend(str(row[-1]) for row in plan)

        event.listen(tx, "before_cursor_execute", note)
        for order in LogOrder:
            for wanted in ({}, {"states": [State.PLANNED]}, {"channel": "x-main"}, {"since": NOW - HOUR}):
                assert log.deliveries(tx, LogFilter(by_whom="nobody", **wanted), 50, order=order) == []
        event.remove(tx, "before_cursor_execute", note)
        assert [step for step in asked if step.startswith("SCAN deliveries")] == []
        assert len(log.deliveries(tx, LogFilter(by_whom="ben"), 50)) == 3
        assert any("INDEX ix_deliveries_ordered_by (ordered_by=?)" in step for step in asked)
        assert any("INDEX ix_deliveries_approved_by (approved_by=?)" in step for step in asked)


def test_a_cause_finds_what_failed_for_it_last_whatever_was_looked_for_since(ground: Ground) -> None:
    said, silence = Failure(Outcome.REJECTED, "187", "Said already."), Failure(Outcome.UNREACHABLE, "", "Nobody there.")
    with ground.transaction() as tx:
        story = _story(tx)
        rows = [stored_delivery(tx, story, channel=f"c{number}") for number in range(4)]
        for one, failures in zip(rows, ((said,), (silence,), (said, silence), (said,)), strict=True):
            for failure in failures:
                attempts.close_failed(tx, tried := opened(tx, one), failure, now=NOW)
            look = attempts.open_attempt(tx, replace(tried, id=0, number=0, verb=Verb.LOOK), **ANNA)
            attempts.close_look(tx, look, Outcome.NOT_THERE, "It is not there.", now=NOW)
            _stand(tx, one, State.FAILED)
        _stand(tx, rows[3], State.SENT)
    with ground.reading() as tx:
        assert _shown(tx, cause="187") == [rows[0].id]
        assert sorted(_shown(tx, cause="unreachable")) == [rows[1].id, rows[2].id]
        assert _shown(tx, cause="187", states=[State.SENT]) == [rows[3].id]
        assert _shown(tx, cause="nothing like it") == []
        assert log.deliveries(tx, LogFilter(cause="187"), 9, None, LogOrder.STATE)[0].delivery.id == rows[0].id


def test_a_post_without_a_story_is_found_by_its_own_words_before_it_was_tried(ground: Ground) -> None:
    with ground.transaction() as tx:
        number = free_posts.add(tx, "Bakers meet on Monday.", None, **ANNA).id
        one = stored_delivery(tx, number, subject_kind=SubjectKind.POST)
        stored_delivery(tx, number, subject_kind=SubjectKind.ARTICLE, channel="other")  # a story of the same number
    with ground.reading() as tx:
        assert _shown(tx, text="monday bakers") == [one.id]
        assert _shown(tx, text="tuesday bakers") == []
