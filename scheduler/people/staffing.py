"""Who belongs to the desk: add, change a role, send a new link, let go. Each verb is one transaction with its audit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection

from db import audit, entry_links, people, visits
from db.people import Person
from scheduler.app import App
from scheduler.newsroom.grounds import Refused
from scheduler.people.actor import needs
from scheduler.people.roles import Permission, Role
from scheduler.people.tokens import hash_of, new_token

LINK_LASTS = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Invited:
    """A person and the token of the link with which they choose a password."""

    person: Person
    token: str = field(repr=False)


@needs(Permission.PEOPLE)
def add_person(app: App, name: str, role: Role, *, actor: str) -> Invited:
    """A new colleague, and the token of their first link. Raises ``Refused`` for a name that is taken or none."""
    now = app.clock.now()
    if not name.strip() or not name.isprintable() or len(name) > people.NAME_LENGTH:
        raise Refused(f"A name has 1 to {people.NAME_LENGTH} letters; write the name that shall stand in the log.")
    with app.ground.transaction() as tx:
        person = people.add(tx, name, role.value, actor=actor, now=now)
        if person is None:
            raise Refused(f'There is somebody called "{name}" already; for a new link: pressrun people link "{name}"')
        audit.write(tx, "add person", f"person {person.name}", actor=actor, now=now, after=role.value)
        return Invited(person, _link(app, tx, person, actor))


@needs(Permission.PEOPLE)
def set_role(app: App, name: str, role: Role, *, actor: str, reason: str = "") -> Person:
    """Gives a person another role, from their next click on. Raises ``Refused``; the last admin stays one."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        person = named(tx, name)
        if role is not Role.ADMIN:
            _keep_one_admin(tx, person)
        people.change(tx, person.id, actor=actor, now=now, reason=reason, role=role.value)
        audit.write(
            tx, "set role", f"person {person.name}", actor=actor, now=now, reason=reason,
            before=person.role, after=role.value,
        )  # fmt: skip
        return named(tx, name)


@needs(Permission.PEOPLE)
def new_link(app: App, name: str, *, actor: str, no_code: bool = False) -> Invited:
    """A link with which a person chooses a new password; the old one works until then. Raises ``Refused``.

    ``no_code`` takes their second factor away: for who lost the device it is on.
    """
    now = app.clock.now()
    with app.ground.transaction() as tx:
        person = named(tx, name)
        if person.left_at is not None:
            raise Refused(f'{person.name} has left; let them back in with: pressrun people back "{person.name}"')
        if no_code:
            people.change(tx, person.id, actor=actor, now=now, totp_sealed=None, totp_step=None)
        audit.write(
            tx, "new link", f"person {person.name}", actor=actor, now=now, after="without second factor" * no_code
        )
        return Invited(person, _link(app, tx, person, actor))


@needs(Permission.PEOPLE)
def let_go(app: App, name: str, *, actor: str, reason: str = "") -> Person:
    """A person may no longer come in and is out at once; the name stays with what it did. Raises ``Refused``."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        person = named(tx, name)
        _keep_one_admin(tx, person)
        people.change(tx, person.id, actor=actor, now=now, reason=reason, left_at=now)
        visits.end_all(tx, person.id, actor=actor, now=now, reason="left")
        audit.write(tx, "let go", f"person {person.name}", actor=actor, now=now, reason=reason)
        return named(tx, name)


@needs(Permission.PEOPLE)
def log_out(app: App, name: str, *, actor: str, reason: str = "") -> int:
    """Ends every visit of a person, as for a laptop that was lost; how many. They may come in again. Raises ``Refused``."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        person = named(tx, name)
        ended = visits.end_all(tx, person.id, actor=actor, now=now, reason="ended by an admin")
        audit.write(
            tx, "end visits", f"person {person.name}", actor=actor, now=now, reason=reason, after=str(ended)
        )  # fmt: skip
        return ended


@needs(Permission.PEOPLE)
def let_back(app: App, name: str, *, actor: str, reason: str = "") -> Invited:
    """Lets a person in again, with a new link. Raises ``Refused``."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        person = named(tx, name)
        people.change(tx, person.id, actor=actor, now=now, reason=reason, left_at=None)
        audit.write(tx, "let back", f"person {person.name}", actor=actor, now=now, reason=reason)
        return Invited(person, _link(app, tx, person, actor))


def everybody(app: App) -> list[Person]:
    """All who belong or belonged to the desk, by name."""
    with app.ground.reading() as tx:
        return people.every(tx)


def named(tx: Connection, name: str) -> Person:
    """The person of this name. Raises ``Refused`` that says how to see them all."""
    found = people.by_name(tx, name)
    if found is None:
        raise Refused(f'There is nobody called "{name}"; see: pressrun people')
    return found


def _keep_one_admin(tx: Connection, person: Person) -> None:
    if person.role == Role.ADMIN and person.left_at is None and people.count_admins(tx) == 1:
        raise Refused(f"{person.name} is the only admin: make somebody else admin first.")


def _link(app: App, tx: Connection, person: Person, actor: str) -> str:
    token, now = new_token(), app.clock.now()
    entry_links.make(tx, hash_of(token), entry_links.PASSWORD, person.id, actor=actor, now=now, until=now + LINK_LASTS)
    return token
