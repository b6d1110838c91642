"""The schema's history, as Alembic revisions; ``db.schema`` runs them. Draft the next: ``python -m db.migrations``."""
