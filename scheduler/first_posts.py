"""The first posts of a channel that went live: a person says yes to each, whatever its ``publish`` says."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from db import channel_states, deliveries
from db.records import Mode
from scheduler.outlet import Outlet
from scheduler.plan import Rules

FIRST_POSTS = 10
"""So many posts need a person's yes after ``pressrun live``."""


def rules_now(tx: Connection, outlet: Outlet) -> Rules:
    """The channel's rules as they hold now, with how many of its first posts still need a yes.

    Counted are the posts that a person said yes to since the channel went live. A channel that was never taken live by
    ``pressrun live`` has no first posts: its ``publish`` alone decides.
    """
    if outlet.mode is not Mode.LIVE:
        return outlet.rules
    since = channel_states.live_since(tx, outlet.name)
    if since is None:
        return outlet.rules
    left = FIRST_POSTS - deliveries.approved_by_people(tx, outlet.mode, outlet.name, since, most=FIRST_POSTS)
    return replace(outlet.rules, first_posts=max(0, left))
