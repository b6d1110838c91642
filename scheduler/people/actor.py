"""Who acts, with what they may do; and the one gate before the verbs that asks.

A plain ``str`` as actor is the command line's and the machine's: whoever has the shell has the database too, and is
asked nothing. Whoever comes through a web door is an ``Actor`` and may only what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import ParamSpec, TypeVar

from scheduler.people.roles import MAY, Permission, Role

P = ParamSpec("P")
R = TypeVar("R")


class NotAllowed(Exception):
    """The actor may not do this; ``str()`` says who may."""

    exit_code = 2

    def __init__(self, actor: str, permission: Permission) -> None:
        roles = [role.value for role in Role if permission in MAY[role]]
        super().__init__(f"{actor} may not do this: it needs the permission “{permission}”, which {_who(roles)}.")
        self.permission = permission


class Actor(str):
    """A person's name as every verb takes it, frozen, with the permissions that the verbs ask for."""

    __slots__ = ("permissions",)
    permissions: frozenset[Permission]

    def __new__(cls, name: str, permissions: Collection[Permission]) -> Actor:
        """Raises ``ValueError`` for a name that is none."""
        if not name.strip():
            raise ValueError("an actor has a name")
        made = super().__new__(cls, name)
        object.__setattr__(made, "permissions", frozenset(permissions))
        return made

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an actor is frozen")

    def __copy__(self) -> Actor:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Actor:
        return self  # frozen; records that hold the name are copied as a whole

    def __reduce__(self) -> tuple[type[Actor], tuple[str, frozenset[Permission]]]:
        return Actor, (str(self), self.permissions)

    def may(self, permission: Permission) -> bool:
        """Whether this actor may."""
        return permission in self.permissions


def check(actor: str, permission: Permission) -> None:
    """Raises ``NotAllowed`` for a person who came through a door and may not."""
    if isinstance(actor, Actor) and not actor.may(permission):
        raise NotAllowed(actor, permission)


def needs(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks a verb, which takes ``actor`` by name, with the permission that it needs; nobody else gets in."""

    def gate(verb: Callable[P, R]) -> Callable[P, R]:
        @wraps(verb)
        def asked(*args: P.args, **named: P.kwargs) -> R:
            check(str_or_actor(named["actor"]), permission)
            return verb(*args, **named)

        asked.__dict__["permission"] = permission
        return asked

    return gate


def str_or_actor(actor: object) -> str:
    """The actor as given. Raises ``TypeError`` for what is no name."""
    if not isinstance(actor, str):
        raise TypeError("an actor is a name")
    return actor


def _who(roles: list[str]) -> str:
    return f"the roles {', '.join(roles)} have" if len(roles) > 1 else f"only the role {roles[0]} has"
