"""The mouths: each kind knows one platform; none knows the database, the clock or another kind."""
