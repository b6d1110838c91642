"""Limits a day: the service's over all newsletters, a list's ramp day by day; the rest waits and spends no try."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from channels.rehearsal.faults import Fault
from db import issue_counts, recipients, server_days
from db.issue_counts import Counts
from db.records import Mode, State
from db.server_days import ServerDay
from db.tables import letters
from scheduler import issue_preview
from scheduler.joining import Form, Joining, ask
from scheduler.keys import keys_in
from scheduler.letters import LATE
from scheduler.public_lists import public_lists
from tests.scheduler.house import MAIL, SETTINGS, House, house

SLOW = MAIL.replace("connections = 1", 'connections = 3\nlatest = "3 days"\n{}')


def sent(h: House, issue: int = 1) -> Counts:
    with h.app.ground.reading() as tx:
        return issue_counts.counts(tx, issue)


def work(h: House) -> None:
    for _ in range(3):
        h.work()


def test_what_is_over_the_days_limit_goes_tomorrow_and_spends_no_try(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + SLOW.format("per_day = 5")) as h:
        h.readers(8)
        h.take()
        work(h)
        assert sent(h) == Counts(sent=5, open=3)
        work(h)
        assert sent(h) == Counts(sent=5, open=3)
        with h.app.ground.reading() as tx:
            assert {row.tries for row in recipients.of_issue(tx, 1, {State.PLANNED})} == {0}
        h.clock.advance(timedelta(days=1))
        work(h)
        assert sent(h) == Counts(sent=8)


def test_a_new_list_begins_slowly_and_is_free_after_the_ramp(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + SLOW.format("ramp = [2, 3]")) as h:
        h.readers(9)
        h.take()
        numbers = []
        for _ in range(3):
            work(h)
            numbers.append(sent(h).sent)
            h.clock.advance(timedelta(days=1))
        assert numbers == [2, 5, 9]


# --- letters and other single mails count to the server's day ---


QUOTA_USED = {"code": 550, "text": "5.4.5 Daily user sending quota exceeded"}


def day(h: House) -> date:
    return h.clock.now().astimezone(h.app.settings.newsroom.zone).date()


def begun(h: House, server: str = "channels.mail") -> int:
    """How many mails are counted to a server's day."""
    with h.app.ground.reading() as tx:
        return server_days.of_servers(tx, Mode.REHEARSAL, [server], day(h)).get(server, ServerDay()).begun


def ask_for_letters(h: House, *addresses: str) -> None:
    """Each asks for the newsletter by the form."""
    to = public_lists(h.app.settings)["morning"]
    keys = keys_in(h.app.folder)
    joining = Joining((keys.link,), keys.suppression)
    for address in addresses:
        ask(h.app.ground, to, address, "", "en", Form("/n/morning", "Yes."), joining, h.clock.now())


def letter_states(h: House) -> list[State]:
    with h.app.ground.reading() as tx:
        return [State(one) for one in tx.execute(select(letters.c.state).order_by(letters.c.id)).scalars()]


def test_letters_count_to_their_servers_day_and_those_that_are_over_go_tomorrow(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + SLOW.format("per_day = 5")) as h:
        ask_for_letters(h, "lea@example.org", "ben@example.org")
        h.work()
        assert (letter_states(h), begun(h)) == ([State.SENT] * 2, 2)
        h.readers(6)
        h.take()
        work(h)
        assert sent(h) == Counts(sent=3, open=3, excluded=2)
        ask_for_letters(h, "eva@example.org")
        h.work()
        assert (letter_states(h), begun(h)) == ([State.SENT, State.SENT, State.PLANNED], 5)
        h.clock.advance(LATE)
        h.work()
        assert any("as many as may go through" in said and "letters to readers" in said for said in h.notices())
        h.clock.advance(timedelta(days=1) - LATE)
        work(h)
        assert (letter_states(h), sent(h)) == ([State.SENT] * 3, Counts(sent=6, excluded=2))
        assert begun(h) == 4
        assert not any("letters to readers" in said for said in h.notices())


def test_what_a_server_says_of_a_letter_but_means_for_all_keeps_issues_too(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + SLOW.format("")) as h:
        h.platforms.faults.add(Fault("email", "rcpt", "smtp-reply", arguments=QUOTA_USED))
        ask_for_letters(h, "lea@example.org", "ben@example.org")
        h.work()
        assert letter_states(h) == [State.PLANNED] * 2
        h.readers(2)
        h.take()
        work(h)
        assert sent(h) == Counts(open=2, excluded=2)
        h.clock.advance(timedelta(hours=1))
        work(h)
        assert (letter_states(h), sent(h)) == ([State.SENT] * 2, Counts(sent=2, excluded=2))


def test_a_test_mail_counts_to_the_day_and_is_not_kept_when_it_is_over(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + SLOW.format("per_day = 1")) as h:
        h.take()
        h.work()
        shown = issue_preview.preview(h.app, "mail")
        for number in (1, 2):
            issue_preview.send_test(h.app, shown, "ada@news.example.org", actor="ada")
            assert begun(h) == number
