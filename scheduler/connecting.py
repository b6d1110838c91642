"""Connecting a channel to an account, step by step: ask the platform, a person says yes there, keep what it grants.

What waits and what is granted lies sealed in the database. A channel whose settings name a ``secret_file`` takes its
keys from there and is not connected here.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from channels.errors import ChannelError
from channels.granted import Asking, Begun, Granted
from db import audit, channel_secrets, connections, notices
from db.channel_secrets import Connected
from db.connections import Pending
from db.records import Health, Mode
from scheduler.app import App, Outlet
from scheduler.building import asking_of, with_keys
from scheduler.keys import keys_in
from scheduler.newsroom.grounds import Refused, outlet_named
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.people.tokens import hash_of
from scheduler.sealing import NotSealedHere, seal, unseal
from scheduler.settings import FacebookChannel, XChannel
from scheduler.standing import check, strange_account
from scheduler.vault import cause_of

PIN: Final = "pin"
OAUTH2: Final = "oauth2"
PAGE: Final = "page"
WAYS: Final[Mapping[str, tuple[str, ...]]] = {"x": (PIN, OAUTH2), "facebook": (PAGE,)}
"""The ways to connect a kind, the first is the usual one."""
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    PIN: ("CONSUMER_KEY", "CONSUMER_SECRET"),
    OAUTH2: ("CLIENT_ID", "CLIENT_SECRET"),
    PAGE: ("APP_ID", "APP_SECRET"),
}
"""The app's own keys that each way needs; X takes a public client without CLIENT_SECRET."""
LASTS: Final = timedelta(minutes=15)
"""So long a connection waits for the person's yes."""
CALLBACK: Final = "/channels/connected"
"""Where a platform sends the person back, at the desk's own address."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A connection that waits for a person. ``address`` is where they say yes."""

    channel: str
    mode: Mode
    way: str
    address: str = field(repr=False)
    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel is connected in a mode; ``file`` says that its settings name a secret file."""

    mode: Mode
    connected: Connected | None
    waiting: bool
    file: bool


@needs(Permission.CHANNELS)
def begin(
    app: App,
    channel: str,
    *,
    actor: str,
    way: str = "",
    mode: Mode | None = None,
    keys: Mapping[str, str] | None = None,
    desk: str = "",
    reason: str = "",
) -> Waiting:
    """The first step: where the person says yes. ``desk`` is the desk's own address, to which the platform sends back.

    In rehearsal the app's keys are made up. Raises ``Refused`` with what is missing, or with what the platform said.
    """
    outlet = outlet_named(app, channel)
    mode = mode or outlet.mode
    way = way or WAYS.get(outlet.kind, ("",))[0]
    asked = _asked(app, outlet, mode, way)
    own = _app_keys(way, mode, keys or {})
    state = secrets.token_urlsafe(32)
    redirect = f"{desk.rstrip('/')}{CALLBACK}"
    asking = asking_of(app.rehearsal, asked, mode)
    begun = _begun(asking, asked, way, own, redirect, state)
    address = begun.address
    if mode is Mode.REHEARSAL:  # the rehearsal's platforms have an account for every channel's name
        address += f"&{urlencode({'screen_name': channel})}"
    held = json.dumps({**begun.values, "ADDRESS": address})
    sealed = seal(held, _place(mode, channel), keys_in(app.folder).seal)
    now = app.clock.now()
    with app.ground.transaction() as tx:
        connections.put(tx, mode, channel, way=way, sealed=sealed, state_hash=hash_of(state), actor=actor, now=now)
        audit.write(
            tx, "begin connecting", f"channel {channel}", actor=actor, now=now, reason=reason, after=f"{mode}, {way}"
        )
    return Waiting(channel, mode, way, address, str(actor), now + LASTS)


@needs(Permission.CHANNELS)
def finish(app: App, channel: str, answer: str, *, actor: str, mode: Mode | None = None) -> Health:
    """The second step, with the PIN, the code, or the whole address that the platform led to; who it speaks for now.

    Raises ``Refused``: nothing waits, it waited too long, or the platform or the account do not fit; then it is begun anew.
    """
    outlet = outlet_named(app, channel)
    mode = mode or outlet.mode
    with app.ground.reading() as tx:
        pending = connections.get(tx, mode, channel)
        if pending is None:
            raise Refused(f"No connection of {channel} was begun. Begin it first.")
        state = _said_in(answer, "state")
        if state is not None and connections.by_state(tx, hash_of(state)) != pending:
            raise Refused("This address answers another connection. Open the one shown here, say yes, and paste that.")
    return _finish(app, outlet, pending, _code_in(answer), actor)


@needs(Permission.CHANNELS)
def finish_by_state(app: App, state: str, code: str, *, actor: str) -> tuple[str, Health]:
    """The second step as the platform sends a browser back: only for whoever began it, or whose program did.

    Raises ``Refused``.
    """
    with app.ground.reading() as tx:
        pending = connections.by_state(tx, hash_of(state))
    if pending is None or not _is_theirs(pending.by, str(actor)) or not code:
        raise Refused("This answer belongs to no connection that you have begun. Begin it anew on the Channels page.")
    return pending.channel, _finish(app, outlet_named(app, pending.channel), pending, code, actor)


@needs(Permission.CHANNELS)
def disconnect(app: App, channel: str, *, actor: str, mode: Mode | None = None, reason: str = "") -> None:
    """Forgets the keys of a channel. Raises ``Refused`` where it has none."""
    outlet = outlet_named(app, channel)
    mode, now = mode or outlet.mode, app.clock.now()
    with app.ground.transaction() as tx:
        one = channel_secrets.get(tx, mode, channel)
        if one is None or not channel_secrets.remove(tx, mode, channel):
            raise Refused(f"{channel} is not connected here.")
        notices.clear(tx, cause_of(mode, channel), now=now)
        before = f"{mode}, {one.way}, {one.account_name}"
        audit.write(tx, "disconnect", f"channel {channel}", actor=actor, now=now, reason=reason, before=before)
    app.follow_connections()


def ways_of(outlet: Outlet) -> tuple[str, ...]:
    """The ways to connect a channel. Raises ``Refused`` for one whose keys stand in its file alone."""
    if outlet.kind not in WAYS:
        raise Refused(f"{outlet.name} is not connected here: a mail server's log-in stands in its secret_file.")
    return WAYS[outlet.kind]


def standings(app: App, outlet: Outlet) -> list[Standing]:
    """How a channel is connected: in rehearsal, and for the world."""
    asked = app.settings.channels.get(outlet.name)
    file = asked is not None and asked.secret_file is not None
    found = []
    with app.ground.reading() as tx:
        for mode in (Mode.REHEARSAL, Mode.LIVE):
            if mode is Mode.REHEARSAL and outlet.mode is Mode.LIVE:
                continue
            pending = connections.get(tx, mode, outlet.name)
            fresh = pending is not None and app.clock.now() - pending.at <= LASTS
            found.append(Standing(mode, channel_secrets.get(tx, mode, outlet.name), fresh, file and mode is Mode.LIVE))
    return found


def waiting_of(app: App, channel: str, mode: Mode) -> Waiting | None:
    """The connection that waits for a person's yes, if one does."""
    with app.ground.reading() as tx:
        pending = connections.get(tx, mode, channel)
    if pending is None or app.clock.now() - pending.at > LASTS:
        return None
    try:
        return Waiting(channel, mode, pending.way, _opened(app, pending)["ADDRESS"], pending.by, pending.at + LASTS)
    except Refused:
        return None


def _finish(app: App, outlet: Outlet, pending: Pending, code: str, actor: str) -> Health:
    asked = _asked(app, outlet, pending.mode, pending.way)
    values = _opened(app, pending)
    if not code:
        raise Refused("Write the PIN or the code that the platform showed.")
    with app.ground.transaction() as tx:  # a code is good once: whoever comes second finds nothing
        if not connections.take(tx, pending):
            raise Refused("Somebody else has just ended this connection.")
    if app.clock.now() - pending.at > LASTS:
        raise Refused(f"This connection waited for more than {LASTS.seconds // 60} minutes. Begin it anew.")
    asking = asking_of(app.rehearsal, asked, pending.mode)
    try:
        granted = _granted(app, asking, asked, outlet, pending, values, code)
        health = with_keys(app.rehearsal, outlet.name, asked, pending.mode, granted.values).check()
    except ChannelError as error:
        raise Refused(error.failure.sentence) from None
    as_mode = replace(outlet, mode=pending.mode)
    with app.ground.reading() as tx:
        strange = strange_account(app, tx, as_mode, health)
    wrong = [one.message for one in (*health.problems, *([strange] if strange else ())) if one.stops]
    if wrong or not health.ok:
        raise Refused(" ".join(wrong) or "The account does not pass its check. Begin anew.")
    _keep(app, outlet, pending, granted, health, actor)
    if outlet.mode is pending.mode:
        check(app, app.outlets[outlet.name])  # pins the account, and lifts the stop that missing keys laid
    return health


def _keep(app: App, outlet: Outlet, pending: Pending, granted: Granted, health: Health, actor: str) -> None:
    now, mode = app.clock.now(), pending.mode
    account = health.account_name or health.account_id
    with app.ground.transaction() as tx:
        channel_secrets.put(
            tx,
            mode,
            outlet.name,
            way=pending.way,
            sealed=app.vault.seal(mode, outlet.name, granted.values),
            account_id=health.account_id,
            account_name=health.account_name,
            ends_at=now + granted.lasts if granted.lasts is not None else None,
            actor=actor,
            now=now,
        )
        notices.clear(tx, cause_of(mode, outlet.name), now=now)
        after = f"{mode}, {pending.way}, speaks for {account}"
        audit.write(tx, "connect", f"channel {outlet.name}", actor=actor, now=now, after=after)
    app.follow_connections()


def _begun(asking: Asking, asked: Any, way: str, own: Mapping[str, str], redirect: str, state: str) -> Begun:
    try:
        if way == PAGE:
            from channels import facebook_connect

            return facebook_connect.begin(asking, asked.version, own["APP_ID"], own["APP_SECRET"], redirect, state)
        from channels import x_connect

        if way == PIN:
            return x_connect.begin_pin(asking, own["CONSUMER_KEY"], own["CONSUMER_SECRET"])
        return x_connect.begin_pkce(asking, own["CLIENT_ID"], own["CLIENT_SECRET"], redirect, state)
    except ChannelError as error:
        raise Refused(error.failure.sentence) from None


def _granted(
    app: App,
    asking: Asking,
    asked: XChannel | FacebookChannel,
    outlet: Outlet,
    pending: Pending,
    values: Mapping[str, str],
    code: str,
) -> Granted:
    if isinstance(asked, FacebookChannel):
        from channels import facebook_connect
        from channels.rehearsal.accounts import facebook_page

        page = facebook_page(outlet.name).page_id if pending.mode is Mode.REHEARSAL else asked.page_id
        return facebook_connect.finish(asking, asked.version, values, code, page)
    from channels import x_connect

    return (x_connect.finish_pin if pending.way == PIN else x_connect.finish_pkce)(asking, values, code)


def _asked(app: App, outlet: Outlet, mode: Mode, way: str) -> XChannel | FacebookChannel:
    asked, ways = app.settings.channels.get(outlet.name), ways_of(outlet)
    assert isinstance(asked, XChannel | FacebookChannel)
    if way not in ways:
        raise Refused(f"{outlet.name} is connected by {' or '.join(WAYS[outlet.kind])}.")
    if outlet.mode is Mode.LIVE and mode is Mode.REHEARSAL:
        raise Refused(f"{outlet.name} is live: it has no rehearsal to connect.")
    if mode is Mode.LIVE and asked.secret_file is not None:
        raise Refused(
            f"{outlet.name} takes its keys from {asked.secret_file}. To connect it here, take secret_file out of "
            f"[channels.{outlet.name}] first."
        )
    if mode is Mode.LIVE and isinstance(asked, FacebookChannel) and not asked.page_id:
        raise Refused(f"Name the Page first: page_id under [channels.{outlet.name}] in settings.toml.")
    return asked


def _app_keys(way: str, mode: Mode, given: Mapping[str, str]) -> dict[str, str]:
    if mode is Mode.REHEARSAL:
        from channels.rehearsal import accounts

        x = (accounts.X_CONSUMER_KEY, accounts.X_CONSUMER_SECRET)
        made_up = x if way != PAGE else (accounts.FACEBOOK_APP_ID, accounts.FACEBOOK_APP_SECRET)
        return dict(zip(KEYS[way], made_up, strict=True))
    own = {name: given.get(name, "").strip() for name in KEYS[way]}
    missing = [name for name, value in own.items() if not value and name != "CLIENT_SECRET"]
    if missing:
        raise Refused(f"Give the app's own keys: {', '.join(missing)}.")
    bad = [name for name, value in own.items() if not value.isascii() or not all(" " < one <= "~" for one in value)]
    if bad:
        raise Refused(f"{', '.join(bad)} has a sign that no key has: copy it again.")
    return own


def _code_in(answer: str) -> str:
    """A PIN or a code, or the one in the address that the platform led to."""
    said = _said_in(answer, "code")
    return said if said is not None else answer.strip()


def _said_in(answer: str, name: str) -> str | None:
    """A value in the address that the platform led to, "" where it holds none; None for what is no address."""
    answer = answer.strip()
    if "://" not in answer and not answer.startswith("?"):
        return None
    try:
        return "".join(parse_qs(urlsplit(answer).query).get(name, [""])[:1])
    except ValueError:
        return ""


def _is_theirs(begun_by: str, actor: str) -> bool:
    return begun_by == actor or begun_by.startswith(f"{actor} (")


def _opened(app: App, pending: Pending) -> dict[str, str]:
    try:
        text = unseal(pending.sealed, _place(pending.mode, pending.channel), keys_in(app.folder).seal)
    except NotSealedHere:
        raise Refused("This connection was begun under another key. Begin it anew.") from None
    found: dict[str, str] = json.loads(text)
    return found


def _place(mode: Mode, channel: str) -> str:
    return f"connections/{mode}/{channel}/sealed"
