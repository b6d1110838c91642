"""What people may change of themselves: password, language, second factor, and where they are logged in."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from db import audit, people, visits
from db.people import Person
from db.visits import Visit
from scheduler.app import App
from scheduler.keys import keys_in
from scheduler.newsroom.grounds import Refused
from scheduler.people import passwords, throttle, totp
from scheduler.people.actor import Actor, needs
from scheduler.people.entering import Inside, totp_place
from scheduler.people.roles import Permission
from scheduler.people.throttle import Comer
from scheduler.sealing import seal


def my_visits(app: App, inside: Inside) -> list[Visit]:
    """Where the person is logged in, the one seen last first."""
    with app.ground.reading() as tx:
        return visits.of_person(tx, inside.person.id, app.clock.now())


@needs(Permission.READ)
def change_password(app: App, inside: Inside, old: str, new: str, *, actor: Actor) -> None:
    """Another password; all other visits end. Raises ``Refused``, ``WeakPassword``."""
    _prove(app, inside.person, old)
    kept = passwords.hashed(new, name=inside.person.name)
    now = app.clock.now()
    with app.ground.transaction() as tx:
        people.change(tx, inside.person.id, actor=actor, now=now, password_hash=kept)
        visits.end_all(tx, inside.person.id, actor=actor, now=now, reason="a new password", but=inside.visit.id)
        audit.write(tx, "change password", f"person {inside.person.name}", actor=actor, now=now)


@needs(Permission.READ)
def choose_language(app: App, inside: Inside, language: str, *, actor: Actor) -> None:
    """The language of the person's pages; "" for the newsroom's."""
    with app.ground.transaction() as tx:
        people.change(tx, inside.person.id, actor=actor, now=app.clock.now(), language=language)


@needs(Permission.READ)
def set_second_factor(app: App, inside: Inside, password: str, secret: str, code: str, *, actor: Actor) -> None:
    """From now on a log-in needs a code as well. Raises ``Refused`` for a wrong password or code."""
    _prove(app, inside.person, password)
    now = app.clock.now()
    try:
        step = totp.step_matching(secret, code, now)
    except ValueError:
        step = None
    if step is None:
        raise Refused("This code is not the one your app shows now: wait for the next one, and check the app's clock.")
    sealed = seal(secret, totp_place(inside.person), keys_in(app.folder).seal)
    with app.ground.transaction() as tx:
        people.change(tx, inside.person.id, actor=actor, now=now, totp_sealed=sealed, totp_step=step)
        audit.write(tx, "set second factor", f"person {inside.person.name}", actor=actor, now=now)


@needs(Permission.READ)
def drop_second_factor(app: App, inside: Inside, password: str, *, actor: Actor) -> None:
    """A log-in needs the password alone again. Raises ``Refused`` for a wrong password."""
    _prove(app, inside.person, password)
    now = app.clock.now()
    with app.ground.transaction() as tx:
        people.change(tx, inside.person.id, actor=actor, now=now, totp_sealed=None, totp_step=None)
        audit.write(tx, "drop second factor", f"person {inside.person.name}", actor=actor, now=now)


@needs(Permission.READ)
def end_visit(app: App, inside: Inside, visit_id: int, *, actor: Actor) -> None:
    """Logs the person out of one other browser. Raises ``Refused`` where they are logged in no such one."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        found = next((one for one in visits.of_person(tx, inside.person.id, now) if one.id == visit_id), None)
        if found is None or not visits.end(tx, visit_id, actor=actor, now=now, reason="ended from elsewhere"):
            raise Refused("You are logged in there no more.")
        audit.write(tx, "end visits", f"person {inside.person.name}", actor=actor, now=now, before=found.browser)


@needs(Permission.READ)
def end_others(app: App, inside: Inside, *, actor: Actor) -> int:
    """Logs the person out everywhere but here; how many visits ended."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        ended = visits.end_all(
            tx, inside.person.id, actor=actor, now=now, reason="ended from elsewhere", but=inside.visit.id
        )
        audit.write(tx, "end visits", f"person {inside.person.name}", actor=actor, now=now, after=str(ended))
        return ended


def _prove(app: App, person: Person, password: str) -> None:
    """Whoever sits at an open desk proves that it is theirs, with no more guesses than at the door. Raises ``Refused``."""
    if person.password_hash is None:
        raise Refused("You have no password yet: ask an admin for a link, or run: pressrun people link NAME")
    comer, now = Comer(person.name, "", f"inside {person.id}"), app.clock.now()
    tried, wait = throttle.begun(app.ground, comer, now)
    if wait > timedelta(0):
        seconds = ceil(wait.total_seconds())
        raise Refused(f"Too many wrong passwords: try again in {seconds} seconds.")
    if not passwords.fits(person.password_hash, password):
        raise Refused("This is not your password.")
    with app.ground.transaction() as tx:
        throttle.came_in(tx, comer, tried)
