"""The keys of connected channels: opened when a channel speaks, refreshed by one worker alone.

A refresh token is good for one call. Whoever wants to make that call takes the right to it in the database first; the
new pair is written down before it is used. Where the answer to a refresh was lost, the token may be spent: it is not
tried again, the old access token serves to its end, and the desk is told to connect the channel anew.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from channels.errors import ChannelError, RateLimited, Unauthorized, Unreachable
from channels.granted import Granted
from db import channel_secrets, notices
from db.channel_secrets import Connected
from db.records import Failure, Mode, Outcome
from db.session import Ground
from scheduler.keys import keys_in
from scheduler.sealing import NotSealedHere, seal, unseal

EARLY = timedelta(minutes=10)
"""So long before its end an access token is refreshed."""
ANSWERED_BY = timedelta(seconds=60)
"""A refresh without a word after this span was lost, with its worker or its answer: longer than any call lasts."""
_PATIENCE = 12.0
_NAP = 0.1


class _Clock(Protocol):
    def now(self) -> datetime:
        """The time."""
        ...


class Vault:
    """The sealed keys of one newsroom's channels. Thread-safe: all that it shares lies in the database."""

    def __init__(self, ground: Ground, folder: Path, clock: _Clock) -> None:
        self._ground, self._folder, self._clock = ground, folder, clock

    def __repr__(self) -> str:
        return "Vault(…)"

    def values(self, mode: Mode, channel: str) -> Mapping[str, str] | None:
        """The keys of a connected channel, by the names of a secret file; None where it is not connected."""
        with self._ground.reading() as tx:
            one = channel_secrets.get(tx, mode, channel)
        return self._open(one) if one is not None else None

    def seal(self, mode: Mode, channel: str, values: Mapping[str, str]) -> str:
        """Keys as they lie in the database: bound to their row."""
        return seal(json.dumps(dict(values)), place_of(mode, channel), keys_in(self._folder).seal)

    def access_token(self, mode: Mode, channel: str, refresh: Callable[[Mapping[str, str]], Granted]) -> str:
        """The access token of this moment, refreshed where it ends soon.

        Raises ``Unauthorized`` where a person has to connect the channel, ``Unreachable`` or ``RateLimited`` where X did
        not answer and the token has ended.
        """
        me, patience = f"vault:{secrets.token_hex(8)}", time.monotonic() + _PATIENCE
        while True:
            now = self._clock.now()
            with self._ground.reading() as tx:
                one = channel_secrets.get(tx, mode, channel)
            if one is None:
                raise _unauthorized("not connected", not_connected(channel))
            ends = one.ends_at or now
            if ends - now > EARLY or (one.trouble and ends > now):
                return self._open(one)["ACCESS_TOKEN"]
            if one.trouble:
                raise _unauthorized("connect anew", one.trouble)
            if one.refresh_at is not None and now - one.refresh_at > ANSWERED_BY:
                self._tell_lost(one, _LOST)
            elif one.refresh_at is not None:
                if ends > now:
                    return self._open(one)["ACCESS_TOKEN"]  # somebody is at it, and this one still serves
                if time.monotonic() > patience:
                    raise Unreachable(Failure(Outcome.UNREACHABLE, "refreshing", _BUSY))
                time.sleep(_NAP)
            elif self._claim(one, me, now):
                return self._refreshed(one, me, ends > now, refresh)

    def _claim(self, one: Connected, me: str, now: datetime) -> bool:
        with self._ground.transaction() as tx:
            return channel_secrets.claim_refresh(tx, one, by=me, now=now)

    def _refreshed(
        self, one: Connected, me: str, still_good: bool, refresh: Callable[[Mapping[str, str]], Granted]
    ) -> str:
        """One call with the refresh token, which nobody else may make now. Never tried twice."""
        before = self._open(one)
        try:
            granted = refresh(before)
        except (Unreachable, RateLimited):
            with self._ground.transaction() as tx:
                channel_secrets.give_back(tx, one, by=me)
            if still_good:
                return before["ACCESS_TOKEN"]
            raise
        except ChannelError as error:
            why = _REFUSED if error.outcome is Outcome.REJECTED else _LOST
            self._tell_lost(one, why)
            if still_good:
                return before["ACCESS_TOKEN"]
            raise _unauthorized("connect anew", why.format(name=one.channel)) from None
        ends_at = self._clock.now() + (granted.lasts or timedelta(0))
        with self._ground.transaction() as tx:
            # Sealed inside, so that a change of the key comes wholly before or wholly after.
            sealed = self.seal(one.mode, one.channel, granted.values)
            kept = channel_secrets.keep_refreshed(tx, one, sealed, ends_at, by=me)
            if kept:
                notices.clear(tx, cause_of(one.mode, one.channel), now=self._clock.now())
        if not kept:  # connected anew meanwhile: that pair counts
            found = self.values(one.mode, one.channel)
            return found["ACCESS_TOKEN"] if found is not None else granted.values["ACCESS_TOKEN"]
        return granted.values["ACCESS_TOKEN"]

    def _tell_lost(self, one: Connected, why: str) -> None:
        sentence, now = why.format(name=one.channel), self._clock.now()
        with self._ground.transaction() as tx:
            if channel_secrets.set_trouble(tx, one, sentence):
                notices.tell_once(tx, cause_of(one.mode, one.channel), sentence, connect_command(one), now=now)

    def _open(self, one: Connected) -> Mapping[str, str]:
        try:
            found = json.loads(unseal(one.sealed, place_of(one.mode, one.channel), keys_in(self._folder).seal))
        except NotSealedHere as error:
            raise _unauthorized("sealed elsewhere", str(error)) from None
        return {str(name): str(value) for name, value in found.items()}


def place_of(mode: Mode, channel: str) -> str:
    """What a channel's sealed keys are bound to: copied into another row they do not open."""
    return f"channel_secrets/{mode}/{channel}/sealed"


def cause_of(mode: Mode, channel: str) -> str:
    """The notice that says why a channel has to be connected anew."""
    return f"connection {mode} {channel}"


def connect_command(one: Connected) -> str:
    """The command that connects it anew."""
    live = " --live" if one.mode is Mode.LIVE else ""
    return f"pressrun channels connect {one.channel}{live}"


def not_connected(channel: str) -> str:
    """Why a channel without keys does not speak."""
    return (
        f"{channel} is not connected to an account. Connect it on the Channels page, or: "
        f"pressrun channels connect {channel}"
    )


_LOST = (
    "{name} asked X for a fresh token and the answer was lost: the old one may be spent, so it is not used again. "
    "Connect {name} anew."
)
_REFUSED = "X no longer accepts the refresh token of {name}. Connect {name} anew."
_BUSY = "Another worker is refreshing the token. Pressrun tries again by itself."


def _unauthorized(code: str, sentence: str) -> Unauthorized:
    return Unauthorized(Failure(Outcome.UNAUTHORIZED, code, sentence))
