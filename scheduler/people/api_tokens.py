"""Tokens for programs: a person makes one for what they may themselves, and takes it back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from db import api_tokens, audit
from db.api_tokens import ApiToken
from scheduler.app import App
from scheduler.newsroom.grounds import Refused
from scheduler.people.actor import Actor, check, needs
from scheduler.people.roles import MAY, Permission, Role
from scheduler.people.staffing import named
from scheduler.people.tokens import hash_of, new_token

PREFIX = "pressrun_"
LONGEST = timedelta(days=10 * 365)
_NOTE_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A token as it was made; ``text`` is shown once and kept nowhere."""

    token: ApiToken
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Program:
    """A program that calls, and the actor it is: its person's name and its own, and what both may."""

    token: ApiToken
    actor: Actor


@needs(Permission.READ)
def make_token(
    app: App, person: str, name: str, scopes: Collection[str], *, actor: str, lasts: timedelta | None = None
) -> MadeToken:
    """A token in a person's name, for a span or until it is taken back. One for somebody else needs the right to.

    Raises ``Refused`` for no name, for nothing that it may, for more than its person may, and for no span.
    """
    now, name = app.clock.now(), " ".join(name.split())
    if not name or not name.isprintable() or len(name) > api_tokens.NAME_LENGTH:
        raise Refused(f"Name the program in 1 to {api_tokens.NAME_LENGTH} letters: it stands in the log.")
    try:
        wanted = frozenset(Permission(scope) for scope in scopes)
    except ValueError:
        raise Refused(f"There is no such right; choose of: {', '.join(Permission)}.") from None
    if not wanted:
        raise Refused("Choose at least one thing that the token may.")
    if lasts is not None and not timedelta(0) < lasts <= LONGEST:
        raise Refused(f"A token lasts a minute to {LONGEST.days // 365} years, or until it is taken back.")
    ends = now + lasts if lasts is not None else None
    with app.ground.transaction() as tx:
        whose = named(tx, person)
        if whose.name != actor:
            check(actor, Permission.PEOPLE)
        more = wanted - MAY[Role(whose.role)]
        if more:
            raise Refused(f"{whose.name} may not {', '.join(sorted(more))}: a token never may more than its person.")
        text = PREFIX + new_token()
        made = api_tokens.add(tx, whose, hash_of(text), name, wanted, actor=actor, now=now, expires_at=ends)
        until = f" until {app.told(ends)}" if ends is not None else ""
        after = f"{name}: {_told(wanted)}{until}"
        audit.write(tx, "make token", f"person {whose.name}", actor=actor, now=now, after=after)
        return MadeToken(made, text)


@needs(Permission.READ)
def end_token(app: App, token_id: int, *, actor: str, reason: str = "") -> None:
    """Takes a token back: it opens nothing from now on. Raises ``Refused`` where there is none that stands."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        found = next(((one, whose) for one, whose in api_tokens.every(tx) if one.id == token_id), None)
        if found is None:
            raise Refused(f"There is no token {token_id} that still opens anything.")
        token, whose = found
        if whose != actor:
            check(actor, Permission.PEOPLE)
        api_tokens.end(tx, token_id, actor=actor, now=now, reason=reason)
        audit.write(tx, "end token", f"person {whose}", actor=actor, now=now, reason=reason, before=token.name)


def tokens(app: App) -> list[tuple[ApiToken, str]]:
    """Every token that was not taken back, with its person's name."""
    with app.ground.reading() as tx:
        return api_tokens.every(tx)


def program_of(app: App, text: str) -> Program | None:
    """Which program a token belongs to, with what it may now; None where it opens nothing."""
    now = app.clock.now()
    with app.ground.reading() as tx:
        found = api_tokens.standing(tx, hash_of(text), now)
    if found is None:
        return None
    token, person = found
    if token.used_at is None or now - token.used_at > _NOTE_AGAIN:
        with app.ground.transaction() as tx:
            api_tokens.used(tx, token.id, now=now)
    may = MAY[Role(person.role)] & {Permission(scope) for scope in token.scopes}
    return Program(token, Actor(f"{person.name} ({token.name})", may))


def _told(scopes: Collection[Permission]) -> str:
    return ", ".join(sorted(scopes))
