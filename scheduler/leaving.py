"""Leaving a list by the link in a mail: at once, for good, and as often as anybody presses the button."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from channels.email.addresses import parse_address
from channels.email.links import read_token, suppression_hash
from db import subscribers, suppressions
from db.records import Subscriber
from db.session import Ground

READER = "reader"
"""The actor when a reader acted for themselves."""


def list_of(token: str, keys: Sequence[bytes]) -> str:
    """The list a link leaves. Touches nothing: mail scanners open links. Raises ``BadToken``."""
    return read_token(token, keys).list_name


def leave(
    ground: Ground,
    token: str,
    *,
    keys: Sequence[bytes],
    suppression_key: bytes,
    now: datetime,
    source: str,
    ip: str = "",
) -> str:
    """Ends the subscription, keeps the proof of its end, and suppresses the address for this list; the list's name.

    Pressing again changes nothing, and neither does the link of somebody who was erased or of a test mail.
    ``source`` is how they left, for the consent row, which also names the issue whose link it was. Raises
    ``BadToken``, or ``GroundLost``: then nothing is done.
    """
    leaving = read_token(token, keys)
    with ground.transaction() as tx:
        reader = subscribers.by_seed(tx, leaving.seed)
        if reader is not None:
            end(
                tx,
                leaving.list_name,
                reader,
                suppression_key=suppression_key,
                source=source,
                issue_id=leaving.issue_id or None,
                ip=ip,
                actor=READER,
                now=now,
                reason="asked to get no further issue",
            )
    return leaving.list_name


def end(
    tx: Connection,
    list_name: str,
    reader: Subscriber,
    *,
    suppression_key: bytes,
    source: str,
    issue_id: int | None = None,
    ip: str = "",
    actor: str,
    now: datetime,
    reason: str,
) -> bool:
    """Ends one person's subscription and suppresses their address for the list. False when it had ended already."""
    ended = subscribers.end_subscription(
        tx, list_name, reader.id, source=source, issue_id=issue_id, ip=ip, actor=actor, now=now, reason=reason
    )
    hashed = suppression_hash(suppression_key, parse_address(reader.address).key, list_name)
    suppressions.add(tx, hashed, suppressions.UNSUBSCRIBED, actor=actor, now=now, reason=reason, list_name=list_name)
    return ended
