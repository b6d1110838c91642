"""Every verb asks who acts: a person through a door may only what their role says, and the last admin stays."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from scheduler import hand_in, importing, issue_preview, newsroom, readership
from scheduler.people import entering, own, staffing
from scheduler.people.actor import Actor, NotAllowed, needs
from scheduler.people.roles import MAY, Permission, Role
from scheduler.webhooks import verbs as webhook_verbs

VERBS = {
    f"{room.__name__}.{name}": found
    for room in (newsroom, staffing, entering, own, hand_in, readership, importing, issue_preview, webhook_verbs)
    for name, found in inspect.getmembers(room, inspect.isfunction)
    if "actor" in inspect.signature(found).parameters
    and found.__module__.startswith(room.__name__)
    and not name.startswith("_")
}


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_names_its_permission_and_takes_the_actor_by_name(name: str) -> None:
    verb = VERBS[name]
    assert inspect.signature(verb).parameters["actor"].kind is inspect.Parameter.KEYWORD_ONLY
    assert isinstance(verb.__dict__.get("permission"), Permission), f"put @needs(Permission.…) above {name}"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", VERBS)
def test_a_person_without_the_permission_is_turned_away_before_anything_is_read(name: str, role: Role) -> None:
    verb = VERBS[name]
    permission: Permission = verb.__dict__["permission"]
    if permission in MAY[role]:
        return
    nothing: list[Any] = [
        None for one in inspect.signature(verb).parameters.values() if one.kind is one.POSITIONAL_OR_KEYWORD
    ]
    with pytest.raises(NotAllowed, match="needs the permission"):
        verb(*nothing, actor=Actor("Vera", MAY[role]))


def test_each_role_may_all_that_the_one_before_may() -> None:
    roles = list(Role)
    assert all(MAY[lower] < MAY[higher] for lower, higher in pairwise(roles))
    assert MAY[Role.ADMIN] == set(Permission)


def test_the_shell_is_asked_nothing_and_an_actor_is_frozen() -> None:
    @needs(Permission.PEOPLE)
    def verb(*, actor: str) -> str:
        return actor

    call: Callable[..., str] = verb
    assert call(actor="ada") == "ada"
    actor = Actor("Vera", {Permission.READ})
    with pytest.raises(NotAllowed, match="only the role admin has"):
        call(actor=actor)
    with pytest.raises(AttributeError):
        actor.permissions = frozenset(Permission)
    assert copy.deepcopy(actor).permissions == pickle.loads(pickle.dumps(actor)).permissions == {Permission.READ}
    with pytest.raises(TypeError):
        call(actor=None)


def test_an_actor_stays_one_when_a_record_that_names_it_is_copied_or_kept() -> None:
    ada = Actor("ada", MAY[Role.EDITOR])
    for same in (copy.deepcopy(ada), pickle.loads(pickle.dumps(ada))):
        assert (same, same.permissions) == (ada, ada.permissions)
