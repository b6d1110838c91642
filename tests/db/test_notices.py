from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from db import audit, notices
from db.session import Ground
from db.tables import notices as notices_table
from tests.db.samples import ANNA, NOW

LATER = NOW + timedelta(minutes=5)


def test_a_cause_is_told_once_and_anew_after_it_was_gone(ground: Ground) -> None:
    with ground.transaction() as tx:
        assert notices.tell_once(tx, "x-main/401", "X refuses us.", "pressrun channels check x-main", now=NOW)
        assert not notices.tell_once(tx, "x-main/401", "X refuses us.", "pressrun channels check x-main", now=LATER)
        assert notices.tell_once(tx, "fb/190", "Facebook refuses us.", "", now=LATER)
        assert [notice.cause_key for notice in notices.standing(tx)] == ["x-main/401", "fb/190"]
        assert notices.clear(tx, "x-main/401", now=LATER)
        assert not notices.clear(tx, "x-main/401", now=LATER)
        assert [notice.cause_key for notice in notices.standing(tx)] == ["fb/190"]
        assert notices.tell_once(tx, "x-main/401", "X refuses us again.", "", now=LATER)


def test_a_standing_notice_says_how_things_are_now_and_since_when(ground: Ground) -> None:
    with ground.transaction() as tx:
        notices.tell_once(tx, "late", "2 posts are late.", "pressrun log", now=NOW)
        notices.tell_once(tx, "late", "3 posts are late.", "pressrun log", now=LATER)
        (notice,) = notices.standing(tx)
        assert (notice.sentence, notice.remedy, notice.since_at) == ("3 posts are late.", "pressrun log", NOW)
        notices.clear(tx, "late", now=LATER)
        notices.tell_once(tx, "late", "1 post is late.", "", now=LATER)
        notices.tell_once(tx, "late", "4 posts are late.", "", now=LATER)
        kept = tx.execute(select(notices_table.c.sentence).order_by(notices_table.c.id)).scalars().all()
        assert kept == ["3 posts are late.", "4 posts are late."]


def test_a_notice_waits_until_it_has_left_the_house(ground: Ground) -> None:
    with ground.transaction() as tx:
        notices.tell_once(tx, "late", "2 posts are late.", "", now=NOW)
        (notice,) = notices.untold(tx)
        assert notices.mark_told(tx, notice.id, now=LATER)
        assert not notices.mark_told(tx, notice.id, now=LATER)
        assert notices.untold(tx) == []
        assert [told.told_at for told in notices.standing(tx)] == [LATER]


def test_causes_of_any_length_are_told_apart(ground: Ground) -> None:
    with ground.transaction() as tx:
        assert notices.tell_once(tx, "c" * 900 + "1", "One.", "", now=NOW)
        assert notices.tell_once(tx, "c" * 900 + "2", "Two.", "", now=NOW)
        assert notices.clear(tx, "c" * 900 + "1", now=NOW)
        assert [notice.sentence for notice in notices.standing(tx)] == ["Two."]


def test_the_audit_says_who_did_what_to_which_thing_and_why(ground: Ground) -> None:
    with ground.transaction() as tx:
        row = audit.write(tx, "edit", "article-1", reason="typo", before="Bred", after="Bread", **ANNA)
        assert audit.rows(tx) == [row]
    assert (row.actor, row.verb, row.subject, row.reason) == ("anna", "edit", "article-1", "typo")
    assert (row.before, row.after, row.at) == ("Bred", "Bread", NOW)


def test_the_audit_is_narrowed_and_turned_page_by_page(ground: Ground) -> None:
    with ground.transaction() as tx:
        one = audit.write(tx, "edit", "article-1", **ANNA)
        two = audit.write(tx, "approve", "article-1", actor="ben", now=LATER)
        three = audit.write(tx, "edit", "article-2", actor="ben", now=LATER)
        assert audit.rows(tx) == [three, two, one]
        assert audit.rows(tx, subject="article-1") == [two, one]
        assert audit.rows(tx, actor="anna") == [one]
        assert audit.rows(tx, verb="edit") == [three, one]
        assert audit.rows(tx, since=LATER) == [three, two]
        assert audit.rows(tx, until=LATER) == [one]
        assert audit.rows(tx, limit=1) == [three]
        assert audit.rows(tx, limit=1, before_id=three.id) == [two]


def test_a_long_subject_is_cut_the_same_way_when_asked_for(ground: Ground) -> None:
    with ground.transaction() as tx:
        row = audit.write(tx, "edit", "s" * 300, actor="a" * 300, now=NOW)
        assert audit.rows(tx, subject="s" * 300) == [row]
