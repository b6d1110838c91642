"""What a newsletter's correction would do, before it is given: the mails as they would go, and to how many readers.

It runs the correction itself in a transaction that is rolled back, so what is foreseen and what is done part in nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from channels.email.channel import EmailChannel
from db import posts, recipients
from db.records import Part
from scheduler.app import App
from scheduler.newsroom.correcting_mail import MailCorrected, correct_within
from scheduler.newsroom.grounds import outlet_named
from scheduler.people.actor import needs
from scheduler.people.roles import Permission


@dataclass(frozen=True, slots=True)
class ForeseenMail:
    """One mail that readers would get: an issue made anew, or a correction of its own (``to_misled``)."""

    part: Part
    message: bytes
    to_misled: bool


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a correction would do now; ``done.mark`` goes with the order, so that nothing else is done by then.

    Numbers of deliveries and issues in ``done`` belong to nothing: they were rolled back.
    """

    done: MailCorrected
    mails: tuple[ForeseenMail, ...]


class _Enough(Exception):
    """Leaves the transaction, so that nothing of it is kept or told."""


@needs(Permission.TAKE_BACK)
def foresee_mail(app: App, article_id: int, channel: str, text: str, *, actor: str, note: str = "") -> Foreseen:
    """What ``correct_mail`` would do with these words now. Keeps nothing. Raises ``Refused`` where it would."""
    outlet, found = outlet_named(app, channel), list[tuple[MailCorrected, list[Part]]]()
    try:
        with app.ground.transaction() as tx:
            done = correct_within(
                app,
                tx,
                article_id,
                channel,
                text,
                actor=actor,
                reason="foreseen",
                note=note,
                exchange=recipients.count_exchangeable,
            )
            found.append((done, [posts.get(tx, one.post_id).parts[0] for one in (*done.renewed, *done.mails)]))
            raise _Enough
    except _Enough:
        ((done, parts),) = found
    letters = app.silent(outlet)
    assert isinstance(letters, EmailChannel)
    now, reader = app.clock.now(), letters.preview_reader()
    mails = [
        ForeseenMail(
            part, letters.compile(part, f"preview {channel}").for_recipient(reader, now), number >= len(done.renewed)
        )
        for number, part in enumerate(parts)
    ]
    return Foreseen(done, tuple(mails))
