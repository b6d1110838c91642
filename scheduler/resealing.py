"""A fresh key for the secrets in the database: it seals from now on, all that is sealed is sealed again with it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from db import audit, channel_secrets, connections
from db.tables import people
from scheduler.app import App
from scheduler.key_ring import drop_old_seals, rotate_seal
from scheduler.keys import keys_in
from scheduler.newsroom.grounds import Refused
from scheduler.people.actor import needs
from scheduler.people.entering import totp_place_of
from scheduler.people.roles import Permission
from scheduler.sealing import is_sealed_with, seal, unseal
from scheduler.vault import place_of


@needs(Permission.CHANNELS)
def reseal_all(app: App, *, actor: str, reason: str = "") -> int:
    """Makes a fresh key and seals every secret with it; how many. The older keys stay in the file.

    Whoever dies in between leaves secrets under two keys, both in the file: give the command again. Connections that
    wait for a person's yes are begun anew. Raises ``NotSealedHere`` for a secret that no key opens, ``KeyFileError``.
    """
    keys = rotate_seal(app.folder).seal
    now, done = app.clock.now(), 0
    with app.ground.transaction() as tx:
        for one in channel_secrets.every(tx):
            done += channel_secrets.reseal(tx, one, _again(one.sealed, place_of(one.mode, one.channel), keys))
        rows = tx.execute(select(people.c.id, people.c.totp_sealed).where(people.c.totp_sealed.is_not(None)))
        for row in rows.all():
            sealed = _again(row.totp_sealed, totp_place_of(row.id), keys)
            tx.execute(update(people).where(people.c.id == row.id).values(totp_sealed=sealed))
            done += 1
        connections.forget_all(tx)
        after = f"{done} secrets sealed with a fresh key"
        audit.write(tx, "rotate seal key", "secrets", actor=actor, now=now, reason=reason, after=after)
    return done


@needs(Permission.CHANNELS)
def forget_old_keys(app: App, *, actor: str) -> int:
    """Takes the older seal keys out of the file, so that a copy of the old file opens nothing; how many.

    Raises ``Refused`` while something is sealed with one of them: a running worker may have sealed just now.
    """
    now, newest = app.clock.now(), keys_in(app.folder).seal[0]
    with app.ground.transaction() as tx:  # others write again once the file has changed
        held = [one.sealed for one in channel_secrets.every(tx)]
        held += tx.execute(select(people.c.totp_sealed).where(people.c.totp_sealed.is_not(None))).scalars()
        if not all(is_sealed_with(sealed, newest) for sealed in held):
            raise Refused("A secret was sealed with an older key in this moment: give the command again.")
        gone = drop_old_seals(app.folder)
        audit.write(tx, "forget seal keys", "secrets", actor=actor, now=now, after=f"{gone} older keys")
    return gone


def _again(sealed: str, place: str, keys: Sequence[bytes]) -> str:
    return seal(unseal(sealed, place, keys), place, keys)
