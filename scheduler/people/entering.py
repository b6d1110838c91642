"""Coming in and going out: log in, the set-up link, one-time links, a visit's length. Each verb is one transaction."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import audit, entry_links, people, visits
from db.people import Person
from db.session import GroundLost
from db.visits import Visit
from scheduler.app import App
from scheduler.keys import keys_in
from scheduler.newsroom.grounds import Refused
from scheduler.people import passwords, throttle, totp
from scheduler.people.actor import Actor, needs
from scheduler.people.roles import MAY, Permission, Role
from scheduler.people.staffing import named
from scheduler.people.throttle import Comer
from scheduler.people.tokens import hash_of, new_token
from scheduler.sealing import unseal

VISIT = timedelta(days=14)
"""A visit ends so long after the browser was last seen."""
_NOTE_AGAIN = timedelta(minutes=5)
_LINE = threading.BoundedSemaphore(8)
"""So many log-ins at once: whoever else comes is told to come back, and the pages of those who are in go on."""
_NEXT_IN_LINE = timedelta(seconds=5)
SETUP_LASTS = timedelta(hours=24)
ENTER_LASTS = timedelta(minutes=10)


class NotLetIn(Exception):
    """The door stays shut; ``word`` names the sentence of the catalogue, ``wait`` how long to stay away."""

    exit_code = 2

    def __init__(self, word: str, wait: timedelta = timedelta(0)) -> None:
        super().__init__(word)
        self.word, self.wait = word, wait


@dataclass(frozen=True, slots=True)
class LetIn:
    """A person who is in, and the token their browser keeps."""

    person: Person
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Inside:
    """Who asks for a page: the person, this visit, and the actor that verbs take."""

    person: Person
    visit: Visit
    actor: Actor

    @property
    def role(self) -> Role:
        """What the person is at the desk."""
        return Role(self.person.role)


def log_in(app: App, name: str, password: str, code: str, *, comer: Comer, browser: str) -> LetIn:
    """Lets in whoever gives the right password and, where one is set, code. Raises ``NotLetIn``."""
    if not _LINE.acquire(blocking=False):
        raise NotLetIn("wait", _NEXT_IN_LINE)
    try:
        return _logged_in(app, name, password, code, comer, browser)
    finally:
        _LINE.release()


def _logged_in(app: App, name: str, password: str, code: str, comer: Comer, browser: str) -> LetIn:
    now = app.clock.now()
    tried, wait = throttle.begun(app.ground, comer, now)
    if wait > timedelta(0):
        raise NotLetIn("wait", wait)
    with app.ground.reading() as tx:
        person = people.by_name(tx, name)
    known = person if person is not None and person.left_at is None else None
    right = passwords.fits(known.password_hash if known is not None else None, password)
    if known is None or not right:
        raise NotLetIn("wrong")
    fresh = passwords.hashed(password) if passwords.is_dated(known.password_hash or "") else None
    with app.ground.transaction() as tx:
        let = _by_code(app, tx, known, code, comer, tried, browser)
        if isinstance(let, LetIn):
            throttle.came_in(tx, comer, tried)
            if fresh is not None:
                people.change(tx, known.id, actor=known.name, now=now, password_hash=fresh)
    if isinstance(let, NotLetIn):
        raise let
    return let


def _by_code(
    app: App, tx: Connection, known: Person, code: str, comer: Comer, tried: list[int], browser: str
) -> LetIn | NotLetIn:
    """What a right password leads to; a no is given, not raised, so that its count is kept."""
    now = app.clock.now()
    if known.totp_sealed is not None:
        if not code.strip():
            throttle.strike(tx, tried)
            return NotLetIn("code")
        wait = throttle.wait_for_code(tx, known.id, comer, now)
        if wait > timedelta(0):
            throttle.strike(tx, tried)
            return NotLetIn("wait", wait)
        if not _code_fits(app, tx, known, code, now):
            throttle.wrong_code(tx, known.id, comer, now)
            return NotLetIn("wrong code")
    return _begin(tx, known, browser, now, "log in")


def enter_by_link(app: App, token: str, *, browser: str) -> LetIn:
    """Lets in by a one-time link. Raises ``NotLetIn``."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        link = entry_links.find(tx, hash_of(token), now)
        if link is None or link.purpose != entry_links.ENTER or link.person_id is None:
            raise NotLetIn("link")
        person = people.by_id(tx, link.person_id)
        if person is None or person.left_at is not None:
            raise NotLetIn("link")
        if not entry_links.use(tx, link.id, actor=person.name, now=now):
            raise NotLetIn("link")
        return _begin(tx, person, browser, now, "log in by link")


def purpose_of(app: App, token: str) -> tuple[str, Person | None]:
    """What a one-time link is for, and for whom; it stays unused. Raises ``NotLetIn``."""
    with app.ground.reading() as tx:
        link = entry_links.find(tx, hash_of(token), app.clock.now())
        if link is None:
            raise NotLetIn("link")
        return link.purpose, people.by_id(tx, link.person_id) if link.person_id is not None else None


def choose_password(app: App, token: str, name: str, password: str, *, browser: str) -> LetIn | None:
    """Spends a set-up or password link: the person has this password from now on, and is in; other visits end.

    None for who has a second factor: a link is no code, so they log in with both. ``name`` is asked for by the set-up
    link alone: it makes the first admin. Raises ``NotLetIn``, ``WeakPassword``.
    """
    purpose, known = purpose_of(app, token)
    kept = passwords.hashed(password, name=known.name if known is not None else name)
    now = app.clock.now()
    with app.ground.transaction() as tx:
        link = entry_links.find(tx, hash_of(token), now)
        if link is None or link.purpose not in (entry_links.SETUP, entry_links.PASSWORD):
            raise NotLetIn("link")
        if purpose == entry_links.SETUP:
            if people.any_admin(tx):
                raise NotLetIn("link")
            known = people.by_name(tx, name) or people.add(tx, name, Role.ADMIN, actor=name, now=now)
            assert known is not None
            people.change(tx, known.id, actor=known.name, now=now, role=Role.ADMIN.value, left_at=None)
        if known is None or not entry_links.use(tx, link.id, actor=known.name, now=now):
            raise NotLetIn("link")
        people.change(tx, known.id, actor=known.name, now=now, password_hash=kept)
        visits.end_all(tx, known.id, actor=known.name, now=now, reason="a new password")
        audit.write(tx, "choose password", f"person {known.name}", actor=known.name, now=now)
        if known.totp_sealed is not None:
            return None
        return _begin(tx, known, browser, now, "log in by link")


def who(app: App, token: str) -> Inside | None:
    """Who this browser is, with the permissions they have now; None where it is nobody."""
    now = app.clock.now()
    with app.ground.reading() as tx:
        found = visits.standing(tx, hash_of(token), now)
    if found is None:
        return None
    visit, person = found
    if now - visit.seen_at > _NOTE_AGAIN:
        with app.ground.transaction() as tx:
            visits.seen(tx, visit.id, now=now, until=now + VISIT)
    return Inside(person, visit, Actor(person.name, MAY[Role(person.role)]))


def still_in(app: App, token: str) -> bool:
    """Whether this browser's visit still holds; that it was asked keeps it no longer. False while the database is away."""
    try:
        with app.ground.reading() as tx:
            return visits.standing(tx, hash_of(token), app.clock.now()) is not None
    except GroundLost:
        return False


def log_out(app: App, inside: Inside) -> None:
    """Ends this visit."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        visits.end(tx, inside.visit.id, actor=inside.actor, now=now, reason="logged out")
        audit.write(tx, "log out", f"person {inside.person.name}", actor=inside.actor, now=now)


def setup_link(app: App) -> str | None:
    """A new set-up token, where no admin can come in yet; an older one stops working."""
    now = app.clock.now()
    with app.ground.reading() as tx:
        if people.any_admin(tx):
            return None
    token = new_token()
    with app.ground.transaction() as tx:
        if people.any_admin(tx):
            return None
        entry_links.make(
            tx, hash_of(token), entry_links.SETUP, None, actor=app.worker, now=now, until=now + SETUP_LASTS
        )
    return token


@needs(Permission.PEOPLE)
def enter_link(app: App, name: str, *, actor: str) -> str:
    """A token that lets a person in once, within ten minutes. Raises ``Refused`` for who is not there or left."""
    now, token = app.clock.now(), new_token()
    with app.ground.transaction() as tx:
        person = named(tx, name)
        if person.left_at is not None:
            raise Refused(f'{person.name} has left; let them back in with: pressrun people back "{person.name}"')
        entry_links.make(
            tx, hash_of(token), entry_links.ENTER, person.id, actor=actor, now=now, until=now + ENTER_LASTS
        )
        audit.write(tx, "enter link", f"person {person.name}", actor=actor, now=now)
    return token


def _begin(tx: Connection, person: Person, browser: str, now: datetime, verb: str) -> LetIn:
    token = new_token()
    visits.forget(tx, now - VISIT)
    visits.begin(tx, hash_of(token), person, browser=browser, now=now, until=now + VISIT)
    audit.write(tx, verb, f"person {person.name}", actor=person.name, now=now, after=browser)
    return LetIn(person, token)


def _code_fits(app: App, tx: Connection, person: Person, code: str, now: datetime) -> bool:
    assert person.totp_sealed is not None
    secret = unseal(person.totp_sealed, totp_place(person), keys_in(app.folder).seal)
    step = totp.step_matching(secret, code, now)
    return step is not None and people.use_step(tx, person.id, step)


def totp_place(person: Person) -> str:
    """Where a person's second secret belongs."""
    return totp_place_of(person.id)


def totp_place_of(person_id: int) -> str:
    """The same by the person's number."""
    return f"people/{person_id}/totp"
