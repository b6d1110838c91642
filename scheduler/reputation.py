"""A list's good name with mailbox providers: what a mail server's own refusals count, and when its mail stops by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.email.returned import What, what_of_status
from db import bounces, deliveries, notices, stops, suppressions
from db.bounces import Bounce
from db.records import MACHINE, Cause, Recipient, Scope, Stop
from scheduler import bounce_score

MOST_HARD, MOST_COMPLAINTS = 0.02, 0.001
"""The shares of readers at which a list's mail stops by itself: hard bounces, complaints."""
ENOUGH_TO_JUDGE = 100
"""So many copies must have gone before a share of them means anything."""
JUDGED = timedelta(days=7)


def refused(tx: Connection, copy: Recipient, channel: str, code: str, words: str, hashed: str, now: datetime) -> None:
    """What a mail server's own refusal says of the reader, counted as a report that comes back would be.

    No such mailbox (5.1.x) or a closed one (5.2.1) ends mail to it at once; a full one (5.2.x) counts by the score. Any
    other refusal is about the mail, or about us, and says nothing of the reader. ``code`` as in the log: ``550 5.2.1``.
    """
    what = what_of_status(code)
    if what is not What.HARD and " 5.2." not in code:
        return
    kept = Bounce(what, now, copy.subscriber_id, copy.id, copy.issue_id, channel, code[4:], words, "mail server")
    if not bounces.add(tx, kept, f"copy {copy.id}", actor=MACHINE, now=now):
        return
    known = [(one.at, one.what == What.HARD) for one in bounces.of_subscriber(tx, copy.subscriber_id)]
    if what is What.HARD or bounce_score.score(known, now) >= bounce_score.ENOUGH:
        suppressions.add(tx, hashed, suppressions.HARD_BOUNCE, actor=MACHINE, now=now, reason=words)
    judge_list(tx, copy, channel, now)


def judge_list(tx: Connection, copy: Recipient, channel: str, now: datetime) -> None:
    """Stops a channel whose last week had too many hard bounces or complaints; a person lets it go on."""
    delivery = deliveries.get(tx, copy.delivery_id)
    begun = bounces.copies_begun(tx, delivery.mode, (channel,), now - JUDGED, now - 2 * JUDGED)
    if begun < ENOUGH_TO_JUDGE:
        return
    came = bounces.tally(tx, channel, now - JUDGED)
    for what, most in ((What.HARD, MOST_HARD), (What.COMPLAINT, MOST_COMPLAINTS)):
        number = came.get(what, 0)
        # One reader who presses "spam" is no share of anything.
        if number < 2 or number < most * begun or _lies(tx, channel, now):
            continue
        sentence = (
            f"{number} of {begun} readers of {channel} in a week are a {what}: at {most:.1%} mailbox providers begin to "
            "block a sender"
        )
        # As a person's own pause: nothing lifts it but a person.
        stop = Stop(Scope.CHANNEL, channel, None, Cause.PERSON, sentence, MACHINE, now)
        stops.lay(tx, stop, actor=MACHINE, now=now)
        remedy = f"look at where these readers came from, then: pressrun resume {channel}"
        notices.tell_once(tx, f"reputation {delivery.mode} {channel}", sentence, remedy, now=now)


def _lies(tx: Connection, channel: str, now: datetime) -> list[Stop]:
    return [
        stop
        for stop in stops.active(tx, now)
        if stop.scope is Scope.CHANNEL and stop.target == channel and stop.by == MACHINE
    ]
