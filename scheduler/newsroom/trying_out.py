"""A live channel tried on the rehearsal platforms of this machine: what would be read, and the world reads nothing."""

from __future__ import annotations

from channels.errors import ChannelError
from db import audit
from db.records import Receipt
from scheduler.app import App
from scheduler.newsroom.free_posting import own_words
from scheduler.newsroom.grounds import Refused, outlet_named
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.prepare import checked


@needs(Permission.APPROVE)
def try_out(app: App, channel: str, text: str, *, actor: str) -> tuple[Receipt, ...]:
    """Posts a person's own words on the rehearsal platform of a channel, whatever its mode; the receipts, part by part.

    No delivery is promised: those of a live channel are live, and this is not. The audit keeps the words. Raises
    ``Refused`` for words with a problem, for a newsletter, and with the platform's sentence where it does not take them.
    """
    outlet = outlet_named(app, channel)
    words = own_words(outlet, text, writer=actor)
    if outlet.build_trial is None:
        raise Refused(f"{channel} has no rehearsal platform to be tried on")
    if not words.text:
        raise Refused("there are no words to try: write some")
    mouth, now = outlet.build_trial(), app.clock.now()
    draft = checked(outlet, mouth, words)
    if stops := [problem.message for problem in draft.problems if problem.stops]:
        raise Refused(" ".join(stops))
    receipts: list[Receipt] = []
    try:
        for part in draft.post.parts:
            receipts.append(mouth.send(part, f"try {now.isoformat()}", receipts[-1] if receipts else None))
    except ChannelError as fault:
        raise Refused(str(fault)) from None
    with app.ground.transaction() as tx:
        audit.write(tx, "try post", f"channel {channel}", actor=actor, now=now, after=words.text)
    return tuple(receipts)
