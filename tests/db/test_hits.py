"""Opens and clicks: one row for each copy, link and sign; a copy that a person opened is theirs, whoever else did."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from db import bounces, consents, hit_totals, hits, subscribers
from db.bounces import Bounce
from db.consents import ConsentEvent, Proof
from db.hit_totals import HitTally, LinkTally
from db.hits import Hit
from db.records import HitKind, Issue, SubjectKind
from db.session import Ground
from db.tallies import latest_issues
from tests.db.samples import NOW, stored_delivery
from tests.db.test_issues import cut, story

WHO: dict[str, Any] = {"actor": "reader", "now": NOW}


def an_issue(ground: Ground) -> Issue:
    with ground.transaction() as tx:
        issue = cut(tx, "2026-09-21", story(tx, "One"))
    assert issue is not None
    return issue


def hit(issue: Issue, copy: str, link: str = "", sign: str = "", *, machine: bool = False, after: int = 0) -> Hit:
    what = HitKind.CLICK if link else HitKind.OPEN
    return Hit(issue.id, copy, what, link, sign, machine, NOW + timedelta(seconds=after))


def test_the_same_call_again_counts_up_and_keeps_its_first_moment(ground: Ground) -> None:
    issue = an_issue(ground)
    with ground.transaction() as tx:
        hits.add(tx, [hit(issue, "a", "l1")], **WHO)
        hits.add(tx, [hit(issue, "a", "l1", after=60), hit(issue, "a", "l1", "early")], **WHO)
        (rows,) = hits.clicks_of(tx, issue.id, ["a", "b"]).values()
    assert sorted((one.sign, one.times, one.first_at) for one in rows) == [("", 2, NOW), ("early", 1, NOW)]


def test_people_and_machines_are_told_apart_by_copy(ground: Ground) -> None:
    issue = an_issue(ground)
    with ground.transaction() as tx:
        several = [
            hit(issue, "a", sign="apple", machine=True),
            hit(issue, "a"),
            hit(issue, "b", sign="apple", machine=True),
            hit(issue, "b", "l1"),
            hit(issue, "c", "l1", "scanner", machine=True),
            hit(issue, "c", "l2", "scanner", machine=True),
        ]
        hits.add(tx, several, **WHO)
        assert hits.tallies(tx, [issue.id, 99]) == {issue.id: HitTally(1, 1, 1, 1)}
        assert hits.by_link(tx, issue.id) == [LinkTally("l1", 1, 1), LinkTally("l2", 0, 1)]
        assert hits.machine_signs(tx, issue.id) == [("open", "apple", 2), ("click", "scanner", 1)]


def test_what_turns_out_to_be_a_machine_is_judged_afterwards(ground: Ground) -> None:
    issue = an_issue(ground)
    with ground.transaction() as tx:
        hits.add(tx, [hit(issue, "a", "l1"), hit(issue, "b", "l1")], **WHO)
        (mine,) = hits.clicks_of(tx, issue.id, ["a"])["a"]
        hits.judge(tx, {mine.id}, **WHO)
        assert hits.tallies(tx, [issue.id]) == {issue.id: HitTally(clicked=1, clicked_by_machine=1)}
        hits.add(tx, [hit(issue, "a", "l1", after=9)], **WHO)
        (again,) = hits.clicks_of(tx, issue.id, ["a"])["a"]
    assert (again.machine, again.times) == (True, 2)


def test_an_issue_tells_how_many_readers_bounced_complained_and_left_by_it(ground: Ground) -> None:
    issue = an_issue(ground)
    with ground.transaction() as tx:
        stored_delivery(tx, issue.id, subject_kind=SubjectKind.ISSUE, channel=issue.channel, mode=issue.mode)
        assert [(one.bounced, one.complained, one.left) for one in latest_issues(tx, issue.mode)] == [(0, 0, 0)]
        for number, (reader, what) in enumerate(
            ((1, "hard bounce"), (1, "soft bounce"), (2, "soft bounce"), (3, "complaint"), (4, "auto-reply"))
        ):
            back = Bounce(what, issue.cut_at, reader, issue_id=issue.id, channel=issue.channel)
            bounces.add(tx, back, f"event {number}", **WHO)
        bounces.add(tx, Bounce("hard bounce", issue.cut_at, 5, issue_id=99, channel=issue.channel), "other", **WHO)
        morning = subscribers.put_list(tx, "morning", **WHO)
        gone = Proof(ConsentEvent.ENDED, issue.cut_at, "the link in the mail")
        consents.note(tx, morning, [6, 7], gone, issue_id=issue.id, **WHO)
        consents.note(tx, morning, [8], gone, **WHO)
        assert [(one.bounced, one.complained, one.left) for one in latest_issues(tx, issue.mode)] == [(2, 1, 2)]


def test_an_issue_of_which_nothing_is_counted_has_no_numbers(ground: Ground) -> None:
    issue = an_issue(ground)
    with ground.reading() as tx:
        assert hits.tallies(tx, [issue.id]) == {}
        assert all(one.hits is None for one in latest_issues(tx, issue.mode))


def test_what_the_rows_add_up_to_is_told_when_they_are_gone(ground: Ground) -> None:
    issue = an_issue(ground)
    with ground.transaction() as tx:
        several = [hit(issue, "a"), hit(issue, "b", "l1", "scanner", machine=True), hit(issue, "c", "l1")]
        hits.add(tx, several, **WHO)
        assert hits.issues_with_rows(tx, NOW + timedelta(days=1)) == [issue.id]
        assert hits.issues_with_rows(tx, NOW - timedelta(days=1)) == []
        before = hits.totals_of(tx, issue.id)
        for _ in range(2):
            hit_totals.keep(tx, issue.id, before, **WHO)
        assert [hits.forget(tx, issue.id, 2) for _ in range(3)] == [2, 1, 0]
        assert hits.issues_with_rows(tx, NOW + timedelta(days=1)) == []
        assert hit_totals.of_issues(tx, [issue.id]) == {issue.id: before}
        assert hits.tallies(tx, [issue.id]) == {issue.id: HitTally(1, 0, 1, 1)}
        assert hits.by_link(tx, issue.id) == [LinkTally("l1", 1, 1)]
        assert hits.machine_signs(tx, issue.id) == [("click", "scanner", 1)]
