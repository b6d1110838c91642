"""What a person may do, by name, and which role may do what. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """One right. A verb names the one it needs (``scheduler.people.actor.needs``)."""

    READ = "read"  # every page and list, but people and audit
    QUEUE = "queue"  # take stories in, skip them, say how urgent they are
    WORD = "word"  # write and change words; propose times
    APPROVE = "approve"  # say yes to a post; give it its moment
    STOP = "stop"  # hold, pause, release, call off
    TAKE_BACK = "take back"  # take down, kill, correct what is out
    SETTLE = "settle"  # say what became of an unsettled post; adopt
    OVERRIDE = "override"  # move a post past a rule, by name; an embargo excepted
    READERS = "readers"  # lists, subscribers, suppressions: their addresses
    CHANNELS = "channels"  # connect channels, change slots
    AUDIT = "audit"  # read who did what
    PEOPLE = "people"  # who may come in, and as what; API tokens of others


class Role(StrEnum):
    """What a person is at the desk; each may all that the one before may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    APPROVER = "approver"
    ADMIN = "admin"


_VIEWER = frozenset({Permission.READ, Permission.AUDIT})
_EDITOR = _VIEWER | {Permission.QUEUE, Permission.WORD, Permission.STOP}
_APPROVER = _EDITOR | {
    Permission.APPROVE,
    Permission.TAKE_BACK,
    Permission.SETTLE,
    Permission.OVERRIDE,
    Permission.READERS,
}

MAY: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {Role.VIEWER: _VIEWER, Role.EDITOR: _EDITOR, Role.APPROVER: _APPROVER, Role.ADMIN: frozenset(Permission)}
)
"""The permissions of each role."""
