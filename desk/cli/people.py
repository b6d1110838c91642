"""``pressrun people``: who may come into the desk, as what, and the links with which they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.cli.options import AsJson, AsName, SettingsFile, Why, WrongUsage

if TYPE_CHECKING:
    from db.api_tokens import ApiToken
    from db.people import Person
    from desk.cli.opening import Desk
    from scheduler.people.roles import Role

people = typer.Typer(add_completion=False, rich_markup_mode=None, invoke_without_command=True)

ROLES = "viewer, editor, approver or admin"
Name = Annotated[str, typer.Argument(metavar="NAME", help="Who, by the name in the log.")]


@people.callback()
def _people(context: typer.Context, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Show who may come into the desk, as what, and who has left.

    Viewers read; editors also queue stories, write words and stop posts; approvers also say yes, take back and settle;
    admins also connect channels and decide who may come in.

    \b
    Examples:
      pressrun people
      pressrun people add "Ada Example" --role editor
    """
    from desk.cli.columns import Column
    from desk.cli.opening import opened
    from desk.cli.printing import Table
    from scheduler.people.staffing import everybody

    if context.invoked_subcommand is not None:
        if as_json or settings:
            raise WrongUsage(f"Write the options behind {context.invoked_subcommand}.")
        return 0
    with opened(settings, as_json=as_json) as desk:
        found = everybody(desk.app)
        rows = [(one.name, one.role, _standing(one), desk.times.show(one.created_at)) for one in found]
        if rows:
            columns = [Column("name", flexible=True), Column("role"), Column("standing"), Column("since")]
            desk.page.table(Table(columns, rows))
        else:
            desk.page.say("Nobody yet. Add yourself: pressrun people add NAME --role admin")
        desk.page.give(timezone=desk.times.name, people=[_form(desk, one) for one in found])
    return 0


@people.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name that stands in the log.")],
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help=f"What they may do: {ROLES}.")] = "editor",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Add somebody, and print the link with which they choose a password: it works once, for three days.

    \b
    Example:
      pressrun people add "Ada Example" --role editor
    """
    from desk.cli.opening import opened
    from scheduler.people import staffing

    chosen = _role(role)
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        made = staffing.add_person(desk.app, name, chosen, actor=desk.actor)
        desk.page.say(f"{made.person.name} is {made.person.role}. The link for choosing a password, once:")
        _give_link(desk, made.person, made.token)
    return 0


@people.command("role")
def role(
    name: Name,
    role: Annotated[str, typer.Argument(metavar="ROLE", help=f"{ROLES[0].upper()}{ROLES[1:]}.")],
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Give somebody another role; it holds from their next click.

    \b
    Example:
      pressrun people role "Ada Example" approver
    """
    from desk.cli.opening import opened
    from scheduler.people import staffing

    chosen = _role(role)
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        person = staffing.set_role(desk.app, name, chosen, actor=desk.actor, reason=why)
        desk.page.say(f"{person.name} is {person.role} now.")
        desk.page.give(timezone=desk.times.name, people=[_form(desk, person)])
    return 0


@people.command("link")
def link(
    name: Name,
    no_code: Annotated[bool, typer.Option("--no-code", help="Take their second factor away too.")] = False,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Print a link with which somebody chooses a new password: it works once, for three days.

    The old password works until then. A second factor is taken away with --no-code.

    \b
    Example:
      pressrun people link "Ada Example"
    """
    from desk.cli.opening import opened
    from scheduler.people import staffing

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        made = staffing.new_link(desk.app, name, actor=desk.actor, no_code=no_code)
        desk.page.say(f"The link with which {made.person.name} chooses a new password, once:")
        _give_link(desk, made.person, made.token)
    return 0


@people.command("enter")
def enter(name: Name, as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Print a link that lets somebody in at once, without a password: it works once, for ten minutes.

    \b
    Example:
      pressrun people enter "Ada Example"
    """
    from desk.cli.opening import opened
    from scheduler.people import entering, staffing

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        token = entering.enter_link(desk.app, name, actor=desk.actor)
        with desk.app.ground.reading() as tx:
            person = staffing.named(tx, name)
        desk.page.say(f"This lets {person.name} in, once, within ten minutes, while pressrun serve runs:")
        _give_link(desk, person, token)
    return 0


@people.command("leave")
def leave(
    name: Name, why: Why = "", as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None
) -> int:
    """Let somebody go: they are out at once; their name stays with what they did.

    \b
    Example:
      pressrun people leave "Ada Example" --why "now with the sports desk"
    """
    from desk.cli.opening import opened
    from scheduler.people import staffing

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        person = staffing.let_go(desk.app, name, actor=desk.actor, reason=why)
        desk.page.say(f"{person.name} may no longer come in.")
        desk.page.give(timezone=desk.times.name, people=[_form(desk, person)])
    return 0


@people.command("out")
def out(
    name: Name, why: Why = "", as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None
) -> int:
    """Log somebody out wherever they are logged in, as for a lost laptop; they may come in again.

    \b
    Example:
      pressrun people out "Ada Example" --why "her laptop was stolen"
    """
    from desk.cli.opening import opened
    from scheduler.people import staffing

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        ended = staffing.log_out(desk.app, name, actor=desk.actor, reason=why)
        desk.page.say(f"Logged out of {ended} browser{'' if ended == 1 else 's'}.")
        desk.page.give(ended=ended)
    return 0


@people.command("back")
def back(
    name: Name, why: Why = "", as_user: AsName = None, as_json: AsJson = False, settings: SettingsFile = None
) -> int:
    """Let somebody in again who had left, with a new link.

    \b
    Example:
      pressrun people back "Ada Example"
    """
    from desk.cli.opening import opened
    from scheduler.people import staffing

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        made = staffing.let_back(desk.app, name, actor=desk.actor, reason=why)
        desk.page.say(f"{made.person.name} may come in again, as {made.person.role}. The link for a password, once:")
        _give_link(desk, made.person, made.token)
    return 0


@people.command("token")
def token(
    name: Name,
    program: Annotated[str, typer.Option("--for", metavar="PROGRAM", help="What will use it; it stands in the log.")],
    may: Annotated[
        str, typer.Option("--may", metavar="RIGHTS", help="What it may, with commas: read,queue …")
    ] = "read",
    lasts: Annotated[
        str | None, typer.Option("--lasts", metavar="SPAN", help="How long it opens: 90d; else until it is taken back.")
    ] = None,
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Make a token with which a program calls the API in somebody's name; it is shown once.

    It may what you say here, and never more than its person. Rights: read, queue, word, approve, stop, take back,
    settle, override, readers, channels, audit.

    \b
    Example:
      pressrun people token "Ada Example" --for "the CMS" --may read,queue --lasts 90d
    """
    from desk.cli.moments import span_of
    from desk.cli.opening import opened
    from scheduler.people.api_tokens import make_token

    span = span_of(lasts) if lasts is not None else None
    scopes = [one.strip().lower() for one in may.split(",") if one.strip()]
    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        made = make_token(desk.app, name, program, scopes, actor=desk.actor, lasts=span)
        desk.page.say(f"The token of {made.token.name}, in the name of {name}; it is shown only now:")
        desk.page.verbatim(made.text)
        desk.page.say(f"To take it back: pressrun people untoken {made.token.id}")
        desk.page.give(timezone=desk.times.name, tokens=[_token_form(desk, made.token, name)], token=made.text)
    return 0


@people.command("tokens")
def tokens(as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Show the tokens that open the API: whose, for what, what they may, when they were used last.

    \b
    Example:
      pressrun people tokens
    """
    from db import api_tokens
    from desk.cli.columns import Column
    from desk.cli.opening import opened
    from desk.cli.printing import Table

    with opened(settings, as_json=as_json) as desk:
        with desk.app.ground.reading() as tx:
            found = api_tokens.every(tx)
        if found:
            heads = [Column("#", right=True), Column("program", flexible=True), Column("person"), Column("may")]
            heads += [Column("ends"), Column("used last")]
            rows = [
                (
                    str(one.id),
                    one.name,
                    whose,
                    ", ".join(one.scopes),
                    desk.times.show(one.expires_at, "–"),
                    desk.times.show(one.used_at, "never"),
                )
                for one, whose in found
            ]
            desk.page.table(Table(heads, rows))
        else:
            desk.page.say("No token opens the API. Make one: pressrun people token NAME --for PROGRAM --may read")
        desk.page.give(timezone=desk.times.name, tokens=[_token_form(desk, one, whose) for one, whose in found])
    return 0


@people.command("untoken")
def untoken(
    number: Annotated[int, typer.Argument(metavar="#", help="Which, as pressrun people tokens numbers them.")],
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Take a token back: it opens nothing from now on.

    \b
    Example:
      pressrun people untoken 3 --why "the CMS moved"
    """
    from desk.cli.opening import opened
    from scheduler.people.api_tokens import end_token

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        end_token(desk.app, number, actor=desk.actor, reason=why)
        desk.page.say(f"Token {number} opens nothing any more.")
        desk.page.give(timezone=desk.times.name, ended=number)
    return 0


def _token_form(desk: Desk, one: ApiToken, whose: str) -> dict[str, Any]:
    return {
        "number": one.id,
        "program": one.name,
        "person": whose,
        "may": list(one.scopes),
        "created_at": desk.times.iso(one.created_at),
        "expires_at": desk.times.iso(one.expires_at),
        "used_at": desk.times.iso(one.used_at),
    }


def _role(word: str) -> Role:
    from scheduler.people.roles import Role

    try:
        return Role(word.strip().lower())
    except ValueError:
        raise WrongUsage(f'There is no role "{word}": write {ROLES}.') from None


def _give_link(desk: Desk, person: Person, token: str) -> None:
    from desk.cli.desk_address import desk_address

    address = f"{desk_address(desk.app.settings)}/enter/{token}"
    desk.page.verbatim(address)
    desk.page.give(timezone=desk.times.name, people=[_form(desk, person)], link=address)


def _standing(one: Person) -> str:
    if one.left_at is not None:
        return "left"
    return "may come in" if one.password_hash is not None else "no password yet"


def _form(desk: Desk, one: Person) -> dict[str, Any]:
    return {
        "name": one.name,
        "role": one.role,
        "has_password": one.password_hash is not None,
        "has_second_factor": one.totp_sealed is not None,
        "since_at": desk.times.iso(one.created_at),
        "left_at": desk.times.iso(one.left_at),
    }
