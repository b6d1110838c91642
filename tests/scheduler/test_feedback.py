"""What comes back: whose it is, what it counts, and what follows for the reader and the list."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy import update

from channels.email.addresses import parse_address
from channels.email.links import make_token
from channels.email.returned import Returned, What, leaving_address
from channels.email.returning import return_address
from db import bounces, exclusions, notices, recipients, stops, subscribers, suppressions
from db.consents import ConsentEvent, Proof
from db.records import Recipient, Scope, State
from db.subscribers import Tie
from db.tables import recipients as copies
from scheduler import bounce_score, newsroom, reputation
from scheduler.bounce_mailbox import MailboxFault, fetch_bounces
from scheduler.feedback import take_mail, take_returned
from scheduler.keys import keys_in
from scheduler.newsroom import Reach
from tests.channels.email.returned_mails import HOLIDAY, LETTER, complaint, report
from tests.scheduler.house import MAIL, MORNING, SETTINGS, House, house

BOX = '\n[bounces]\nmaildir = "{}"\n'


def sent_issue(h: House, readers: int) -> list[Recipient]:
    """An issue that everybody got; their copies."""
    h.readers(readers)
    h.take()
    h.work()
    h.work()
    with h.app.ground.reading() as tx:
        return recipients.of_issue(tx, 1)


def back_to(h: House, copy: Recipient) -> str:
    return return_address(parse_address("bounce@news.example.org"), keys_in(h.app.folder).link, copy.id).wire


def suppressed(h: House) -> list[str]:
    with h.app.ground.reading() as tx:
        return [row[0] for row in tx.exec_driver_sql("select cause from suppressions order by id")]


def test_a_hard_bounce_to_its_copys_own_address_ends_mail_to_that_reader_at_once(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        first, second = sent_issue(h, 2)
        raw = report(to=back_to(h, second), reader="somewhere-else@example.net")
        (taken,) = take_mail(h.app, raw, source="mailbox")
        assert (taken.what, taken.subscriber_id) == (What.HARD, second.subscriber_id)
        assert suppressed(h) == [suppressions.HARD_BOUNCE]
        (again,) = take_mail(h.app, raw, source="mailbox")
        assert again.followed == "it is here already"
        with h.app.ground.reading() as tx:
            (kept,) = bounces.of_subscriber(tx, second.subscriber_id)
            assert (kept.recipient_id, kept.issue_id, kept.status) == (second.id, second.issue_id, "5.1.1")
            assert not bounces.of_subscriber(tx, first.subscriber_id)
        h.clock.advance(timedelta(days=1))
        h.take(headline="Another story", url="https://news.example.org/another")
        h.work()
        h.work()
        with h.app.ground.reading() as tx:
            assert [one.reason for one in exclusions.of_issue(tx, 2)] == ["suppressed: hard bounce"]


def test_a_complaint_ends_mail_at_once_and_holiday_notes_nothing(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        sent_issue(h, 2)
        for raw in (HOLIDAY, LETTER, report(action="delayed", reader="r0@readers.example.org")):
            take_mail(h.app, raw, source="mailbox")
        assert suppressed(h) == []
        (taken,) = take_mail(h.app, complaint(reader="r1@readers.example.org"), source="mailbox")
        assert taken.what is What.COMPLAINT
        assert suppressed(h) == [suppressions.COMPLAINT]


def test_who_leaves_by_the_link_of_a_mail_service_gets_no_further_issue(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        first, _ = sent_issue(h, 2)
        with h.app.ground.reading() as tx:
            named = recipients.find(tx, first.id)
        assert named is not None
        assert named.receipt_id
        for _ in range(2):
            taken = take_returned(h.app, Returned(What.LEAVING), "e-1", source="postmark", receipt=named.receipt_id)
            assert (taken.subscriber_id, taken.followed) == (first.subscriber_id, "left morning")
        with h.app.ground.reading() as tx:
            there = subscribers.on_list(tx, "morning", first.subscriber_id)
        assert there is not None
        assert there.tie is Tie.ENDED
        assert suppressed(h) == [suppressions.UNSUBSCRIBED]
        nobody = take_returned(h.app, Returned(What.LEAVING, "x@example.net"), "e-2", source="postmark")
        assert nobody.followed == "nobody here has this address"


def test_a_service_that_tells_late_or_twice_who_left_ends_no_later_subscription(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        first, _ = sent_issue(h, 2)

        def left(at: datetime | None, receipt: str | None) -> tuple[str, Tie, list[str]]:
            told = Returned(What.LEAVING, "r0@readers.example.org")
            taken = take_returned(h.app, told, "e-1", source="postmark", receipt=receipt or "", at=at)
            with h.app.ground.reading() as tx:
                there = subscribers.on_list(tx, "morning", first.subscriber_id)
            assert there is not None
            return taken.followed, there.tie, suppressed(h)

        ended = ("left morning", Tie.ENDED, [suppressions.UNSUBSCRIBED])
        stands: tuple[str, Tie, list[str]] = ("nothing: they subscribed to morning again afterwards", Tie.CONFIRMED, [])

        def comes_back() -> None:
            with h.app.ground.transaction() as tx:
                number, now = subscribers.list_id(tx, "morning"), h.app.clock.now()
                proof = Proof(ConsentEvent.CONFIRMED, now, "link in the confirmation letter")
                subscribers.confirm(tx, number, first.subscriber_id, proof, actor="reader", now=now)
                tx.exec_driver_sql("delete from suppressions")

        left_at = h.app.clock.now()
        assert left(left_at, first.receipt_id) == ended
        h.clock.advance(timedelta(days=1))
        comes_back()
        assert left(left_at, first.receipt_id) == stands  # the same call once more
        assert left(left_at, "") == stands
        again_at = h.app.clock.now() + timedelta(minutes=1)
        assert left(again_at, first.receipt_id) == ended  # by the link in an old issue, but now
        comes_back()
        assert left(None, first.receipt_id) == ended  # who does not say when is believed
        comes_back()
        with h.app.ground.transaction() as tx:  # a service whose clock is slow: the copy was sent after the yes
            tx.execute(update(copies).where(copies.c.id == first.id).values(closed_at=again_at))
        assert left(left_at, first.receipt_id) == ended


def leaving(h: House, number: int, change: str = "") -> bytes:
    """The mail that a mail program writes for a reader who leaves by mail."""
    with h.app.ground.reading() as tx:
        seed = subscribers.get(tx, number)
    assert seed is not None
    token = make_token(keys_in(h.app.folder).link, "morning", seed.token_seed, 1)
    address = leaving_address("bounce@news.example.org", f"{token}{change}")
    to, _, subject = address.removeprefix("mailto:").partition("?subject=")
    return f"From: lea@example.org\nTo: {to}\nSubject: {unquote(subject)}\n\n\n".encode()


def test_a_reader_may_leave_by_mail_and_a_forged_token_does_nothing(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        first, second = sent_issue(h, 2)
        (forged,) = take_mail(h.app, leaving(h, first.subscriber_id, "x"), source="mailbox")
        assert forged.followed.startswith("nothing: the link is damaged")
        holiday = leaving(h, first.subscriber_id).replace(b"\n\n", b"\nAuto-Submitted: auto-replied\n\n", 1)
        (reply,) = take_mail(h.app, holiday, source="mailbox")
        assert (reply.what, suppressed(h)) == (What.REPLY, [])
        for _ in range(2):
            (left,) = take_mail(h.app, leaving(h, first.subscriber_id), source="mailbox")
            assert (left.what, left.followed) == (What.LEAVING, "left morning")
        assert suppressed(h) == [suppressions.UNSUBSCRIBED]
        with h.app.ground.reading() as tx:
            ties = [subscribers.on_list(tx, "morning", one.subscriber_id) for one in (first, second)]
        assert [one.tie for one in ties if one is not None] == [Tie.ENDED, Tie.CONFIRMED]


def test_the_id_in_the_250_answer_finds_the_copy(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        (copy,) = sent_issue(h, 1)
        from channels.email.returned import Returned

        assert copy.receipt_id
        told = Returned(What.HARD, "old-address@example.net")
        taken = take_returned(h.app, told, "event-1", source="ses", receipt=copy.receipt_id)
        assert taken.subscriber_id == copy.subscriber_id


def test_what_is_about_nobody_here_is_told_and_changes_nothing(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        sent_issue(h, 1)
        (taken,) = take_mail(h.app, report(reader="stranger@example.org"), source="mailbox")
        assert (taken.subscriber_id, taken.followed) == (0, "nobody here has this address")
        (taken,) = take_mail(
            h.app, report(to="bounce+aaaaaaaaaaaaaaaa@news.example.org", reader="no address"), source="m"
        )
        assert taken.subscriber_id == 0
        assert suppressed(h) == []


def test_soft_bounces_count_by_the_day_until_they_are_enough(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        (copy,) = sent_issue(h, 1)
        for day in range(12):
            for hour in range(2):
                raw = report(to=back_to(h, copy), status="4.2.2", message_id=f"<{day}.{hour}@n.org>")
                (taken,) = take_mail(h.app, raw, source="mailbox")
                assert taken.what is What.SOFT
            if suppressed(h):
                break
            h.clock.advance(timedelta(days=1))
        assert day == 9  # ten days at half a point
        assert suppressed(h) == [suppressions.HARD_BOUNCE]


def test_the_score_begins_anew_after_a_week_of_quiet() -> None:
    days = [(MORNING + timedelta(days=day), False) for day in range(5)]
    assert bounce_score.score(days, MORNING + timedelta(days=5)) == 2.5
    assert bounce_score.score(days, MORNING + timedelta(days=12)) == 0.0
    later: list[tuple[datetime, bool]] = [*days, (MORNING + timedelta(days=20), True)]
    assert bounce_score.score(later, MORNING + timedelta(days=20)) == 1.0
    twice = [(MORNING, False), (MORNING + timedelta(hours=1), True), (MORNING + timedelta(hours=2), False)]
    assert bounce_score.score(twice, MORNING + timedelta(hours=3)) == 1.0


def test_mail_that_came_back_proves_that_it_had_gone_out(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        (copy,) = sent_issue(h, 1)
        with h.app.ground.transaction() as tx:
            tx.exec_driver_sql("update recipients set state = 'unsettled'")
        take_mail(h.app, report(to=back_to(h, copy), status="5.2.2"), source="mailbox")
        with h.app.ground.reading() as tx:
            assert recipients.of_issue(tx, 1)[0].state is State.SENT


def test_a_report_that_names_no_copy_proves_nothing_of_the_last_one(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        sent_issue(h, 1)
        with h.app.ground.transaction() as tx:
            tx.exec_driver_sql("update recipients set state = 'unsettled'")
        (taken,) = take_mail(h.app, report(reader="r0@readers.example.org"), source="mailbox")
        assert (taken.what, suppressed(h)) == (What.HARD, [suppressions.HARD_BOUNCE])
        with h.app.ground.reading() as tx:
            assert recipients.of_issue(tx, 1)[0].state is State.UNSETTLED


def test_a_list_that_bounces_too_often_stops_by_itself_and_the_desk_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reputation, "ENOUGH_TO_JUDGE", 20)
    with house(tmp_path, SETTINGS + MAIL.replace("connections = 1", "connections = 4")) as h:
        copies = sent_issue(h, 50)
        take_mail(h.app, report(to=back_to(h, copies[0])), source="mailbox")
        with h.app.ground.reading() as tx:
            assert not stops.active(tx, h.clock.now())
        take_mail(h.app, report(to=back_to(h, copies[1])), source="mailbox")
        with h.app.ground.reading() as tx:
            (stop,) = stops.active(tx, h.clock.now())
            assert "2 of 50 readers" in stop.reason
            assert any("2 of 50" in one.sentence for one in notices.standing(tx))
        newsroom.resume(h.app, Reach(Scope.CHANNEL, "mail"), actor="ada")
        with h.app.ground.reading() as tx:
            assert not stops.active(tx, h.clock.now())


# --- mailboxes ---------------------------------------------------------------------------------


def test_a_maildir_is_worked_and_each_mail_counts_once(tmp_path: Path) -> None:
    box = tmp_path / "box"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    (tmp_path / "desk").mkdir()
    with house(tmp_path / "desk", SETTINGS + MAIL + BOX.format(box)) as h:
        first, second = sent_issue(h, 2)
        (box / "new" / "1.a").write_bytes(report(to=back_to(h, first)))
        (box / "new" / "2.b").write_bytes(HOLIDAY)
        assert [one.what for one in fetch_bounces(h.app)] == [What.HARD, What.REPLY]
        assert not list((box / "new").iterdir())
        assert len(list((box / "cur").iterdir())) == 2
        assert fetch_bounces(h.app) == []
        (box / "new" / "3.c").write_bytes(complaint(to=back_to(h, second)))
        h.clock.advance(timedelta(minutes=5))
        h.work()  # the journey looks by itself
        assert suppressed(h) == [suppressions.HARD_BOUNCE, suppressions.COMPLAINT]


def test_a_mailbox_that_cannot_be_read_is_told_in_a_sentence_and_cleared_when_it_can(tmp_path: Path) -> None:
    box = tmp_path / "box"
    (tmp_path / "desk").mkdir()
    with house(tmp_path / "desk", SETTINGS + MAIL + BOX.format(box)) as h:
        with pytest.raises(MailboxFault, match="no Maildir"):
            fetch_bounces(h.app)
        h.work()
        assert any("no Maildir" in one for one in h.notices())
        for name in ("new", "cur", "tmp"):
            (box / name).mkdir(parents=True)
        h.clock.advance(timedelta(minutes=5))
        h.work()
        assert not any("no Maildir" in one for one in h.notices())
