"""``pressrun suppress``: standing orders not to write to an address; laying, showing and lifting them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, SettingsFile, Why, WrongUsage

if TYPE_CHECKING:
    from db.suppressions import Suppression
    from desk.cli.opening import Desk

suppress = typer.Typer(add_completion=False, rich_markup_mode=None)
MOST_SHOWN = 100
_SHOWN_HASH = 12

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The e-mail address.")]


@suppress.callback()
def _suppress() -> int:
    """Lay, show or lift orders not to write to an address. They are kept as keyed hashes.

    \b
    Examples:
      pressrun suppress add lea@example.org --why "asked by phone"
      pressrun suppress list lea@example.org
    """
    return 0


@suppress.command("add")
def add(
    address: Address,
    on: Annotated[str, typer.Option("--list", metavar="L", help="For this list alone; without it for all mail.")] = "",
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Order that an address is not written to, known or not.

    \b
    Example:
      pressrun suppress add lea@example.org --why "asked by phone"
    """
    from channels.email.addresses import BadAddress
    from desk.cli.opening import opened
    from scheduler import readership

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        try:
            laid = readership.suppress(desk.app, address, on, actor=desk.actor, reason=why)
        except BadAddress as fault:
            raise WrongUsage(str(fault)) from None
        what = f'for the list "{on}"' if on else "for all mail"
        told = "is not written to any more" if laid else "was not written to already: the first order stays"
        desk.page.say(f"{address} {told}, {what}.")
        desk.page.give(laid=laid, list=on or None)
    return 0


@suppress.command("list")
def list_orders(
    address: Annotated[
        str | None, typer.Argument(metavar="[ADDRESS]", help="Only the orders over this address.")
    ] = None,
    cause: Annotated[
        str, typer.Option("--cause", metavar="C", help="Only: unsubscribed, hard bounce, complaint, by hand, erased.")
    ] = "",
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Show the orders that stand, newest first; the addresses cannot be read from them.

    \b
    Examples:
      pressrun suppress list --cause complaint
      pressrun suppress list lea@example.org
    """
    from channels.email.addresses import BadAddress, parse_address
    from db import suppressions
    from desk.cli.opening import opened
    from scheduler.readership import orders_over

    if cause and cause not in suppressions.CAUSES:
        raise WrongUsage(f'There is no cause "{cause}": write {", ".join(suppressions.CAUSES)}.')
    with opened(settings, as_json=as_json) as desk:
        with desk.app.ground.reading() as tx:
            if address is None:
                orders = list(islice(suppressions.newest(tx, cause=cause), MOST_SHOWN))
                counts = suppressions.counts(tx)
            else:
                try:
                    found = orders_over(desk.app, tx, parse_address(address))
                except BadAddress as fault:
                    raise WrongUsage(str(fault)) from None
                orders = [one for one in found if not cause or one.cause == cause]
                counts = {}
        _tell(desk, orders, counts, address)
    return 0


@suppress.command("lift")
def lift(
    address: Address,
    on: Annotated[str | None, typer.Option("--list", metavar="L", help="Only the order for this list.")] = None,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Lift the orders over an address, with a reason. A subscription that ended stays ended.

    \b
    Example:
      pressrun suppress lift lea@example.org --why "the mailbox is mended"
    """
    from channels.email.addresses import BadAddress
    from desk.cli.opening import opened
    from scheduler import readership

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        try:
            gone = readership.lift(desk.app, address, on, actor=desk.actor, reason=why)
        except BadAddress as fault:
            raise WrongUsage(str(fault)) from None
        if not gone:
            desk.page.say(f"No order stands over {address}.")
        for one in gone:
            where = f'the list "{one.list_name}"' if one.list_name else "all mail"
            desk.page.say(f"Lifted: {one.cause}, for {where}.")
        if gone:
            desk.page.say("Subscriptions that ended stay so: the reader can subscribe again by the form.")
        desk.page.give(lifted=[_form(desk, one) for one in gone])
    return 0


def _tell(desk: Desk, orders: list[Suppression], counts: dict[str, int], address: str | None) -> None:
    from desk.cli.columns import Column
    from desk.cli.printing import Table

    if not orders:
        desk.page.say(f"No order stands over {address}." if address else "No order stands.")
    rows = [
        [
            desk.times.show(one.since_at),
            one.cause,
            one.list_name or "all mail",
            one.by,
            one.reason,
            one.address_hash[:_SHOWN_HASH],
        ]
        for one in orders
    ]
    heads = [Column("since"), Column("cause"), Column("for"), Column("by"), Column("reason", flexible=True)]
    desk.page.table(Table([*heads, Column("hash")], rows))
    total = sum(counts.values())
    if total > len(orders):
        told = ", ".join(f"{number:,} {cause}" for cause, number in sorted(counts.items()))
        desk.page.say(f"{total:,} in all: {told}.")
    desk.page.give(timezone=desk.times.name, suppressions=[_form(desk, one) for one in orders], counts=counts or None)


def _form(desk: Desk, one: Suppression) -> dict[str, object]:
    return {
        "since": desk.times.iso(one.since_at),
        "cause": one.cause,
        "list": one.list_name or None,
        "by": one.by,
        "reason": one.reason,
        "hash": one.address_hash,
    }
