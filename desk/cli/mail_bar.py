"""A bar for each issue that goes out while a command works: how many readers are done, how fast, how long still."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from desk.cli.progress import Bar

if TYPE_CHECKING:
    from scheduler.mail_room import MailRoom

LOOK_EVERY = 0.2


@contextmanager
def mail_bars(room: MailRoom) -> Iterator[None]:
    """Draws on stderr until the block ends; nothing where that is no terminal."""
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(room, ended), name="mail bar", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _watch(room: MailRoom, ended: threading.Event) -> None:
    bars: dict[tuple[int, bool], tuple[Bar, int]] = {}
    while True:
        over = ended.wait(LOOK_EVERY)
        here = {(one.delivery_id, one.preparing): one for one in room.under_way()}
        for number, one in here.items():
            bar = (
                bars[number][0]
                if number in bars
                else Bar(f"{'readers of' if one.preparing else 'mail to'} {one.channel}")
            )
            bars[number] = (bar, one.total)
            bar(one.done, one.total)
        for number in [number for number in bars if number not in here]:
            bar, total = bars.pop(number)
            bar(total, total)  # over: sent, or put off; the sheet tells which
        if over:
            return
