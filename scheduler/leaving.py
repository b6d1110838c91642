"""Leaving a list by the link in a mail: at once, for good, and as often as anybody presses the button."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from channels.email.addresses import parse_address
from channels.email.links import read_token, suppression_hash
from db import subscribers, suppressions
from db.session import Ground

READER = "reader"
"""The actor when a reader acted for themselves."""


def list_of(token: str, keys: Sequence[bytes]) -> str:
    """The list a link leaves. Touches nothing: mail scanners open links. Raises ``BadToken``."""
    return read_token(token, keys).list_name


def leave(
    ground: Ground, token: str, *, keys: Sequence[bytes], suppression_key: bytes, now: datetime, source: str
) -> str:
    """Ends the subscription, keeps the proof of its end, and suppresses the address for this list; the list's name.

    Pressing again changes nothing, and neither does the link of somebody who was erased or of a test mail.
    ``source`` is how they left, for the consent row. Raises ``BadToken``, or ``GroundLost``: then nothing is done.
    """
    leaving = read_token(token, keys)
    with ground.transaction() as tx:
        reader = subscribers.by_seed(tx, leaving.seed)
        if reader is not None:
            reason = "asked to get no further issue"
            subscribers.end_subscription(
                tx, leaving.list_name, reader.id, source=source, actor=READER, now=now, reason=reason
            )
            hashed = suppression_hash(suppression_key, parse_address(reader.address).key, leaving.list_name)
            suppressions.add(tx, hashed, suppressions.UNSUBSCRIBED, actor=READER, now=now, reason=reason)
    return leaving.list_name
