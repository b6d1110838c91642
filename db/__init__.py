"""The ground: SQLAlchemy tables and the stores over them. Knows nothing of the rooms above it."""
