from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, select, text, update
from sqlalchemy.exc import IntegrityError

from db import attempts, audit
from db.records import Attempt, SubjectKind
from db.session import Ground
from db.tables import attempts as attempts_table
from db.tables import audit as audit_table
from db.tables import consents, issues, lists, receipts, recipient_attempts, recipients, subscribers
from db.triggers import CLOSING, WRITTEN_ONCE
from tests.db.samples import ANNA, NOW, opened, sent, stored_article, stored_delivery

SIGNED = {"actor": "anna", "created_at": NOW, "updated_at": NOW}


def _refused(tx: Connection, statement: Any, sentence: str) -> None:
    with pytest.raises(IntegrityError, match=sentence), tx.begin_nested():
        tx.execute(statement)


def _inserted(tx: Connection, table: Table, **values: Any) -> int:
    row_id: int = tx.execute(table.insert().values(**values, **SIGNED).returning(table.c.id)).scalar_one()
    return row_id


def _attempt(tx: Connection) -> Attempt:
    return opened(tx, stored_delivery(tx, stored_article(tx, url=None).id))


def _recipient_attempt(tx: Connection) -> int:
    delivery = stored_delivery(tx, 1, subject_kind=SubjectKind.ISSUE)
    cut = {"window": "w", "frequency": "daily", "cut_at": NOW, "post_id": delivery.post_id}
    issue = _inserted(tx, issues, mode="live", channel="mail", **cut)
    recipient = _inserted(
        tx,
        recipients,
        issue_id=issue,
        delivery_id=delivery.id,
        subscriber_id=1,
        fingerprint="f",
        state="planned",
        send_at=NOW,
    )
    return _inserted(
        tx, recipient_attempts, recipient_id=recipient, number=1, fingerprint="f", opened_at=NOW, worker="w"
    )


def _other_value(table: Table, row: Any, column: str) -> Any:
    value = getattr(row, column)
    if isinstance(value, int):
        return value + 1
    return NOW.replace(year=1999) if table.c[column].type.python_type is not str else "something else"


def test_every_column_that_was_opened_is_closed_to_change(ground: Ground) -> None:
    with ground.transaction() as tx:
        for table, row_id in ((attempts_table, _attempt(tx).id), (recipient_attempts, _recipient_attempt(tx))):
            row = tx.execute(select(table).where(table.c.id == row_id)).one()
            frozen = [column.name for column in table.c if column.name not in CLOSING[table.name]]
            assert "text" in frozen or table is recipient_attempts
            for name in frozen:
                change = update(table).where(table.c.id == row_id).values({name: _other_value(table, row, name)})
                _refused(tx, change, "what was opened never changes")
            same = {name: getattr(row, name) for name in frozen}
            assert tx.execute(update(table).where(table.c.id == row_id).values(same)).rowcount == 1


def test_a_try_is_closed_once(ground: Ground) -> None:
    with ground.transaction() as tx:
        for table, row_id in ((attempts_table, _attempt(tx).id), (recipient_attempts, _recipient_attempt(tx))):
            close = update(table).where(table.c.id == row_id).values(closed_at=NOW, outcome="sent", code="201")
            assert tx.execute(close).rowcount == 1
            _refused(tx, close, "a closed row never changes")
            for name in ("sentence", "closed_at"):
                again = update(table).where(table.c.id == row_id).values({name: None if name == "closed_at" else "x"})
                _refused(tx, again, "a closed row never changes")


def test_nothing_in_the_log_is_ever_deleted(ground: Ground) -> None:
    with ground.transaction() as tx:
        open_try = _attempt(tx)
        closed_try = sent(tx, stored_delivery(tx, stored_article(tx, url=None).id))
        recipient_try = _recipient_attempt(tx)
        for attempt in (open_try, closed_try):
            _refused(tx, delete(attempts_table).where(attempts_table.c.id == attempt.id), "no row is ever deleted")
        _refused(
            tx, delete(recipient_attempts).where(recipient_attempts.c.id == recipient_try), "no row is ever deleted"
        )
        assert attempts.get(tx, closed_try.id) == closed_try


def test_receipts_audit_and_consents_are_written_once(ground: Ground) -> None:
    with ground.transaction() as tx:
        sent(tx, stored_delivery(tx, stored_article(tx, url=None).id))
        audit.write(tx, "edit", "article-1", **ANNA)
        subscriber = _inserted(tx, subscribers, address="a@b.example", address_key="a@b.example", token_seed="s")
        a_list = _inserted(tx, lists, name="morning")
        _inserted(tx, consents, list_id=a_list, subscriber_id=subscriber, event="asked", at=NOW, source="the form")
        for table in (receipts, audit_table, consents):
            assert tx.execute(select(table.c.id)).first() is not None
            _refused(tx, update(table).values(actor="somebody else"), f"{table.name}: no row ever changes")
            _refused(tx, delete(table), rf"{table.name}: no row .*is ever deleted")


def test_consents_may_go_once_their_subscriber_is_erased_and_not_before(ground: Ground) -> None:
    with ground.transaction() as tx:
        a_list = _inserted(tx, lists, name="morning")
        for name in ("a", "b"):
            who = _inserted(
                tx, subscribers, address=f"{name}@b.example", address_key=f"{name}@b.example", token_seed=name
            )
            _inserted(tx, consents, list_id=a_list, subscriber_id=who, event="asked", at=NOW, source="the form")
        tx.execute(delete(subscribers).where(subscribers.c.token_seed == "a"))
        _refused(tx, delete(consents), "no row of a known subscriber is ever deleted")
        known = select(subscribers.c.id)
        assert tx.execute(delete(consents).where(consents.c.subscriber_id.not_in(known))).rowcount == 1
        assert tx.execute(select(consents.c.subscriber_id)).scalars().all() == [who]


def test_postgresql_refuses_to_empty_a_table_of_the_log(postgres_ground: Ground) -> None:
    with postgres_ground.transaction() as tx:
        for name in (*CLOSING, *WRITTEN_ONCE):
            _refused(tx, text(f"TRUNCATE {name} CASCADE"), "no row is ever deleted")
