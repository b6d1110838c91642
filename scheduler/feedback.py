"""What comes back from readers' mailboxes, taken in: whose it is, what it counts, and whether they still get mail.

A complaint or a hard bounce suppresses at once, soft ones by their score. A bounce of a copy whose outcome nobody knew
proves that it went out. A list whose mail is refused too often stops by itself before its sender is blocked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from channels.email.addresses import BadAddress, parse_address
from channels.email.links import BadToken, suppression_hash
from channels.email.returned import Returned, What, leaving_token, read_returned
from channels.email.returning import returned_to
from db import bounces, consents, issues, recipients, subscribers, suppressions
from db.bounces import Bounce
from db.consents import ConsentEvent
from db.records import MACHINE, Recipient, State, Subscriber
from scheduler import bounce_score
from scheduler.app import App
from scheduler.keys import keys_in
from scheduler.leaving import READER, end, leave
from scheduler.reputation import judge_list


@dataclass(frozen=True, slots=True)
class Taken:
    """What one report did: ``what`` it was, whom it was about (0: nobody we know), and what followed, in words."""

    what: What
    subscriber_id: int = 0
    followed: str = ""


def take_mail(app: App, raw: bytes, *, source: str) -> list[Taken]:
    """Takes in one mail to the bounce address: what came back, or a reader who leaves. Given twice, it counts once.

    Raises ``GroundLost``.
    """
    if token := leaving_token(raw):
        return [_left(app, token)]
    mark = hashlib.sha256(raw).hexdigest()
    return [take_returned(app, one, f"{mark} {number}", source=source) for number, one in enumerate(read_returned(raw))]


def take_returned(
    app: App, returned: Returned, event: str, *, source: str, receipt: str = "", at: datetime | None = None
) -> Taken:
    """Takes in one report. ``event`` names it within its ``source``, for life; ``receipt`` is the id in our log.

    ``at``: when a reader left, where that was told; a subscription that they confirmed afterwards stands.
    """
    if returned.what in (What.OTHER, What.REPLY, What.DELAYED):
        return Taken(returned.what, followed="noted nowhere: it is no bounce")
    now = app.clock.now()
    with app.ground.transaction() as tx:
        copy = _copy(app, tx, returned, receipt)
        reader = _reader(tx, copy, returned)
        if reader is None:
            return Taken(returned.what, followed="nobody here has this address")
        named = copy is not None
        if copy is None:  # known by the address alone: for the figures the last one stands for it, but proves nothing
            copy = next(iter(reversed(recipients.of_subscriber(tx, reader.id))), None)
        channel = issues.get(tx, copy.issue_id).channel if copy is not None else ""
        if returned.what is What.LEAVING:
            sent_at = copy.closed_at if copy is not None and named else None
            return Taken(What.LEAVING, reader.id, _leaves(app, tx, reader, copy, channel, source, now, (at, sent_at)))
        kept = Bounce(
            returned.what,
            now,
            reader.id,
            copy.id if copy is not None else 0,
            copy.issue_id if copy is not None else 0,
            channel,
            returned.status,
            returned.words.replace(returned.address, "<address>") if returned.address else returned.words,
            source,
        )
        if not bounces.add(tx, kept, event, actor=MACHINE, now=now):
            return Taken(returned.what, reader.id, "it is here already")
        followed = _follow(app, tx, reader, returned.what, now)
        if copy is not None:
            if named:
                _it_went_out(tx, copy, now)
            judge_list(tx, copy, channel, now)
    return Taken(returned.what, reader.id, followed)


def _left(app: App, token: str) -> Taken:
    """The reader leaves the list as by the one-click address, however often they ask; a forged token does nothing."""
    keys = keys_in(app.folder)
    try:
        name = leave(
            app.ground,
            token,
            keys=[keys.link, *keys.old],
            suppression_key=keys.suppression,
            now=app.clock.now(),
            source="unsubscribe mail",
        )
    except BadToken as error:
        return Taken(What.LEAVING, followed=f"nothing: {error}")
    return Taken(What.LEAVING, followed=f"left {name}")


def _leaves(
    app: App,
    tx: Connection,
    reader: Subscriber,
    copy: Recipient | None,
    channel: str,
    source: str,
    now: datetime,
    signs: tuple[datetime | None, datetime | None],
) -> str:
    """The reader used the link that a mail service adds: it sends them nothing more, so they have left here, too.

    ``signs`` of when that was: when they left by the service's clock, and when the copy went out that it names. A call
    may come late or twice, and not before both are older than the reader's last yes is it known to be about an earlier
    subscription.
    """
    letter = app.outlets[channel].letter if channel in app.outlets else None
    if letter is None or copy is None:
        return "nothing: no newsletter here has written to them"
    yes = consents.last(tx, subscribers.list_id(tx, letter.list_name), reader.id, ConsentEvent.CONFIRMED)
    left_at, sent_at = signs
    if yes is not None and left_at is not None and max(left_at, sent_at or left_at) < yes.at:
        return f"nothing: they subscribed to {letter.list_name} again afterwards"
    end(
        tx,
        letter.list_name,
        reader,
        suppression_key=keys_in(app.folder).suppression,
        source=f"link of {source}",
        issue_id=copy.issue_id,
        actor=READER,
        now=now,
        reason="asked to get no further issue",
    )
    return f"left {letter.list_name}"


def _copy(app: App, tx: Connection, returned: Returned, receipt: str) -> Recipient | None:
    """The copy that a return path or a receipt names."""
    keys = keys_in(app.folder)
    for address in returned.sent_to:
        number = returned_to(address, [keys.link, *keys.old])
        if number is not None:
            return recipients.find(tx, number)
    for named in (receipt, returned.message_id):
        found = recipients.by_receipt(tx, named.strip("<>")) if named else None
        if found is not None:
            return found
    return None


def _reader(tx: Connection, copy: Recipient | None, returned: Returned) -> Subscriber | None:
    if copy is not None:
        return subscribers.get(tx, copy.subscriber_id)
    try:
        return subscribers.find(tx, parse_address(returned.address).key)
    except BadAddress:
        return None


def _follow(app: App, tx: Connection, reader: Subscriber, what: What, now: datetime) -> str:
    """Suppresses where that is due; what followed, in words."""
    cause = suppressions.COMPLAINT if what is What.COMPLAINT else suppressions.HARD_BOUNCE
    if what is What.SOFT:
        known = [(one.at, one.what == What.HARD) for one in bounces.of_subscriber(tx, reader.id)]
        reached = bounce_score.score(known, now)
        if reached < bounce_score.ENOUGH:
            return f"counted: {reached:g} of {bounce_score.ENOUGH:g}"
    hashed = suppression_hash(keys_in(app.folder).suppression, parse_address(reader.address).key)
    new = suppressions.add(tx, hashed, cause, actor=MACHINE, now=now)
    return "nothing more is sent there" if new else "was suppressed already"


def _it_went_out(tx: Connection, copy: Recipient, now: datetime) -> None:
    """Mail that came back has been out: what nobody knew is known."""
    if copy.state in (State.UNSETTLED, State.UNKNOWN):
        reason = "it came back from the reader's server, so it had gone out"
        recipients.move(tx, copy, State.SENT, actor=MACHINE, now=now, reason=reason)
