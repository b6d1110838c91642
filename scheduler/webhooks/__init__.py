"""Outgoing webhooks: the life of every delivery, told to programs of the newsroom's own, at least once and in order."""
