"""What keeps the log append-only: triggers in the database itself, for SQLite and PostgreSQL.

An attempt may be closed once, and only by writing the columns of a closing; nothing in it changes after that and it
is never deleted. Receipts and the audit are written once, and so are consents while their subscriber is known. A statement that breaks this fails as an
integrity error whose text says which rule it broke.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table

from db.tables import metadata

_SIGNATURE = frozenset({"actor", "reason", "version", "updated_at"})

CLOSING: dict[str, frozenset[str]] = {
    "attempts": _SIGNATURE | {"closed_at", "outcome", "code", "sentence", "raw", "cost_micros"},
    "recipient_attempts": _SIGNATURE | {"closed_at", "outcome", "code", "sentence", "receipt_id"},
    "letter_attempts": _SIGNATURE | {"closed_at", "outcome", "code", "sentence", "receipt_id"},
}
"""Tables whose rows are opened and closed once -> the columns that the closing writes."""

WRITTEN_ONCE = ("receipts", "audit", "bounces", "consents")
"""Tables whose rows are written once and never touched."""

KEPT_FOR_THE_KNOWN = ("consents",)
"""Of these the rows whose subscriber was erased, and no others, may be deleted: the law asks for both."""
_KNOWN = "EXISTS (SELECT 1 FROM subscribers WHERE subscribers.id = OLD.subscriber_id)"
_KNOWN_SENTENCE = "no row of a known subscriber is ever deleted"


def lay(tx: Connection) -> None:
    """Lays every trigger anew. Harmless where they lie already; tables that are rebuilt lose theirs."""
    statements = _postgresql() if tx.dialect.name == "postgresql" else _sqlite()
    for statement in statements:
        tx.exec_driver_sql(statement)


def _rules(distinct: str) -> Iterator[tuple[str, str, str, str, str]]:
    """(trigger, table, UPDATE or DELETE, condition or "", sentence) of every rule."""
    for table, closing in CLOSING.items():
        opened = [column.name for column in _table(table).columns if column.name not in closing]
        changed = " OR ".join(f'OLD."{name}" {distinct} NEW."{name}"' for name in opened)
        yield f"{table}_closed", table, "UPDATE", "OLD.closed_at IS NOT NULL", f"{table}: a closed row never changes"
        yield f"{table}_opened", table, "UPDATE", changed, f"{table}: what was opened never changes"
        yield f"{table}_kept", table, "DELETE", "", f"{table}: no row is ever deleted"
    for table in WRITTEN_ONCE:
        yield f"{table}_unchanged", table, "UPDATE", "", f"{table}: no row ever changes"
        if table not in KEPT_FOR_THE_KNOWN:
            yield f"{table}_kept", table, "DELETE", "", f"{table}: no row is ever deleted"


def _table(name: str) -> Table:
    return metadata.tables[name]


def _sqlite() -> Iterator[str]:
    for trigger, table, verb, condition, sentence in _rules("IS NOT"):
        when = f" WHEN {condition}" if condition else ""
        yield f"DROP TRIGGER IF EXISTS {trigger}"
        yield (
            f"CREATE TRIGGER {trigger} BEFORE {verb} ON {table} FOR EACH ROW{when} "
            f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )
    for table in KEPT_FOR_THE_KNOWN:
        yield f"DROP TRIGGER IF EXISTS {table}_kept"
        yield (
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW WHEN {_KNOWN} "
            f"BEGIN SELECT RAISE(ABORT, '{table}: {_KNOWN_SENTENCE}'); END"
        )


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION pressrun_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for trigger, table, verb, condition, sentence in _rules("IS DISTINCT FROM"):
        when = f" WHEN ({condition})" if condition else ""
        yield f"DROP TRIGGER IF EXISTS {trigger} ON {table}"
        yield (
            f"CREATE TRIGGER {trigger} BEFORE {verb} ON {table} FOR EACH ROW{when} "
            f"EXECUTE FUNCTION pressrun_refuse('{sentence}')"
        )
    yield (  # a trigger's condition may hold no question there, so the function asks it
        "CREATE OR REPLACE FUNCTION pressrun_keep_for_the_known() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {_KNOWN} THEN "
        "RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; END IF; "
        "RETURN OLD; END $$"
    )
    for table in KEPT_FOR_THE_KNOWN:
        yield f"DROP TRIGGER IF EXISTS {table}_kept ON {table}"
        yield (
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION pressrun_keep_for_the_known('{table}: {_KNOWN_SENTENCE}')"
        )
    for table in (*CLOSING, *WRITTEN_ONCE):
        yield f"DROP TRIGGER IF EXISTS {table}_emptied ON {table}"
        yield (
            f"CREATE TRIGGER {table}_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
            f"EXECUTE FUNCTION pressrun_refuse('{table}: no row is ever deleted')"
        )
