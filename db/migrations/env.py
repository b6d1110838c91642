"""What Alembic runs for every command: our tables, on the connection that ``db.schema`` hands it."""

from __future__ import annotations

from alembic import context

from db.tables import metadata
from db.word_index import is_laid_aside

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    include_name=lambda name, kind, parents: not is_laid_aside(name),
    render_item=context.config.attributes.get("render_item", lambda kind, item, autogen: False),
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
