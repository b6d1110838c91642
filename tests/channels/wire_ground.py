"""What the tests of the wire share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from channels.wire import PinnedSession, WireFault
from db.records import Mode

SDK = "https://api.twitter.com"
DEADLINE = timedelta(seconds=0.75)
GRACE = 30.0
"""Seconds that a busy machine may take on top; what hangs or drips in these tests lasts far longer."""


@contextmanager
def session_to(base: str, deadline: timedelta = timedelta(seconds=30), **kw: Any) -> Iterator[PinnedSession]:
    kw.setdefault("mode", Mode.REHEARSAL)
    with PinnedSession({SDK: base}, deadline=deadline, **kw) as session:
        yield session


def fault_of(session: PinnedSession, url: str = SDK + "/2/tweets", **kw: Any) -> WireFault:
    """The fault of one POST, which must come within the deadline and a little."""
    began = time.monotonic()
    with pytest.raises(WireFault) as caught:
        session.request("POST", url, **(kw or {"json": {"text": "a"}}))
    assert time.monotonic() - began < DEADLINE.total_seconds() + GRACE
    assert caught.value.__cause__ is None
    assert session.last is None
    return caught.value
