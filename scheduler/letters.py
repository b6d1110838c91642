"""Sending letters: to confirm a subscription, or with the link to one's choices. One row, one attempt, one answer.

A letter is owed to one person who waits for it, so it goes at once, on the list's own channel, past slots and quiet
hours; a stop on the channel or on everything keeps it, and so do the safeguards. It counts to its mail server's day
and takes the next server where one is away or has had its day. What nobody knows the end of is unknown and never goes
again by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from channels.email.addresses import BadAddress, parse_address, parse_mailbox
from channels.email.headers import UnsafeHeader
from channels.email.letter import letter as letter_bytes
from channels.errors import ChannelError
from db import letters, notices, stops, subscribers
from db.letters import Letter, LetterPurpose, LetterTry
from db.records import Cause, Failure, Outcome, Receipt, Scope, State, Subscriber
from scheduler import mail_retry
from scheduler.app import App, Outlet
from scheduler.letter_words import words_of_letters
from scheduler.mail_allowance import Allowance
from scheduler.outcomes import lay_stop, record
from scheduler.public_lists import public_lists
from scheduler.standing import first_use

if TYPE_CHECKING:
    from channels.email.channel import EmailChannel
    from channels.email.smtp import Relay

CLAIM_MARGIN = timedelta(seconds=15)
LATE = timedelta(minutes=30)
"""So long a letter may wait for its mail server before the desk is told."""
FAULTS_IN_A_ROW = 3
"""After so many letters in a row that could not be handed over the rest waits for the next tick."""


def send_letters(app: App, outlet: Outlet) -> None:
    """Sends every letter that a channel owes now. Raises ``GroundLost`` while the database is away."""
    now = app.clock.now()
    with app.ground.reading() as tx:
        flying = letters.in_flight(tx, outlet.mode, outlet.name)
        due_at = letters.next_moment(tx, outlet.mode, outlet.name)
    dead = [one for one in flying if one.claim is None or app.is_dead(one.claim)]
    if dead:
        with app.ground.transaction() as tx:
            for one in dead:
                reason = "the worker that was sending it died; the mail may have gone"
                letters.abandon(tx, one, actor=app.worker, now=now, reason=reason)
    if due_at is None or due_at > now or app.safeguard.refusal() is not None:
        return
    with app.ground.transaction() as tx:
        letters.expire(tx, outlet.mode, outlet.name, actor=app.worker, now=now)
    if not held(app, outlet) and first_use(app, outlet):
        _Run(app, outlet).work()


def held(app: App, outlet: Outlet) -> str:
    """Why no letter may leave by this channel now; "" when nothing keeps it."""
    with app.ground.reading() as tx:
        for stop in stops.active(tx, app.clock.now()):
            mine = stop.scope is Scope.EVERYTHING or (stop.scope is Scope.CHANNEL and stop.target == outlet.name)
            if mine and stop.mode in (None, outlet.mode):
                return stop.reason or "a stop lies over the channel"
    return ""


class _Run:
    """One worker's pass over the letters of one channel."""

    def __init__(self, app: App, outlet: Outlet) -> None:
        settings = app.settings
        self._app, self._outlet = app, outlet
        self._reply_to = outlet.letter.reply_to if outlet.letter is not None else ""
        self._allowance = Allowance(settings.newsroom.zone)
        self._titles = {one.name: one.title for one in public_lists(settings).values()}
        self._words = words_of_letters(app, outlet)

    def work(self) -> None:
        """Letter after letter until none is due, no server can take one, or we are to stop."""
        channel: EmailChannel = self._app.channel(self._outlet)  # type: ignore[assignment]  # crowds are e-mail
        faults = 0
        with ExitStack() as lines:
            relays = [lines.enter_context(relay) for relay in channel.relays()]
            kept: list[Failure] = []
            while faults < FAULTS_IN_A_ROW and not self._app.stopping() and self._app.safeguard.refusal() is None:
                relay = self._open_one(relays, kept)
                if relay is None:  # nothing is claimed, so nothing is spent; the next tick asks again
                    self._tell(_weightiest(kept))
                    return
                tried, reader = self._next(relay)
                if tried is None:
                    return
                faults = 0 if reader is None or self._send(relay, channel, tried, reader) else faults + 1

    def _open_one(self, relays: list[Relay], kept: list[Failure]) -> Relay | None:
        """The first server that takes a mail now, its line open. What keeps the others is added to ``kept``.

        One that took none is left out of ``relays``, and so for the rest of this pass.
        """
        while relays:
            try:
                failure = self._full(relays[0])
                if failure is None:
                    relays[0].open()
                    return relays[0]
            except ChannelError as error:
                failure = error.failure
            kept.append(failure)
            relays.pop(0).close()
        return None

    def _full(self, relay: Relay) -> Failure | None:
        with self._app.ground.reading() as tx:
            return self._allowance.keeps(tx, self._outlet.mode, relay.config, self._app.clock.now())

    def _next(self, relay: Relay) -> tuple[LetterTry | None, Subscriber | None]:
        """Claims the next letter and opens its attempt in one transaction; with no reader it was called off.

        The mail counts to the server's day in that transaction. One whose last mail went in this very moment is left
        to the next tick.
        """
        app, now = self._app, self._app.clock.now()
        if held(app, self._outlet):
            return None, None
        with app.ground.transaction() as tx:
            self._allowance.hold(tx, self._outlet.mode, relay.config, now)
            if self._allowance.keeps(tx, self._outlet.mode, relay.config, now) is not None:
                return None, None
            claim = app.claim(relay.deadlines.total + CLAIM_MARGIN)
            tried = letters.claim_next(tx, self._outlet.mode, self._outlet.name, claim, now=now)
            if tried is None:
                return None, None
            reader = subscribers.get(tx, tried.letter.subscriber_id)
            why = self._unwanted(tx, tried.letter, reader)
            if why:
                letters.close(tx, tried, State.CANCELLED, sentence=why, spends_try=False, actor=app.worker, now=now)
                return tried, None
            self._allowance.count_one(tx, self._outlet.mode, relay.config, now)
        return tried, reader

    def _unwanted(self, tx: Connection, letter: Letter, reader: Subscriber | None) -> str:
        if reader is None:
            return "the reader was erased"
        if letter.purpose is LetterPurpose.CONFIRM:
            found = subscribers.on_list(tx, letter.list_name, reader.id)
            if found is not None and found.tie is subscribers.Tie.CONFIRMED:
                return "confirmed meanwhile"
        return ""

    def _send(self, relay: Relay, channel: EmailChannel, tried: LetterTry, reader: Subscriber) -> bool:
        """One conversation and its record. False when the line, rather than this reader, was at fault."""
        app = self._app
        failure, receipt = self._deliver(relay, channel, tried.letter, reader)
        now = app.clock.now()
        if failure is None:
            record(app, lambda tx: letters.close(tx, tried, State.SENT, receipt=receipt, actor=app.worker, now=now))
            self._went()
            return True
        after = mail_retry.after_failure(
            tried.letter, tried.number, failure, give_up_at=tried.letter.latest_at, now=now
        )
        state = State.UNKNOWN if after.state is State.UNSETTLED else after.state

        def close(tx: Connection) -> None:
            letters.close(
                tx,
                tried,
                state,
                failure=failure,
                sentence=after.sentence,
                send_at=after.send_at,
                spends_try=after.spends_try,
                actor=app.worker,
                now=now,
            )
            self._allowance.note_refusal(tx, self._outlet.mode, relay.config, failure, now)

        record(app, close)
        if failure.outcome is Outcome.UNAUTHORIZED and state is State.PLANNED:
            self._tell(failure)
        return failure.outcome is Outcome.REJECTED

    def _tell(self, failure: Failure) -> None:
        """A server that turns us away stops the channel; of one that is away the desk hears once letters are late."""
        app, outlet, now = self._app, self._outlet, self._app.clock.now()
        with app.ground.transaction() as tx:
            if failure.outcome is Outcome.UNAUTHORIZED:
                lay_stop(app, outlet, tx, Cause.UNAUTHORIZED, failure.sentence, now)
                return
            since_at = letters.waiting_since(tx, outlet.mode, outlet.name)
            if since_at is not None and since_at <= now - LATE:
                sentence = f"letters to readers of {outlet.name} wait since {app.told(since_at)}: {failure.sentence}"
                notices.tell_once(tx, self._cause, sentence, f"pressrun channels check {outlet.name}", now=now)

    def _went(self) -> None:
        with self._app.ground.reading() as tx:
            told = any(one.cause_key == self._cause for one in notices.standing(tx))
        if told:
            with self._app.ground.transaction() as tx:
                notices.clear(tx, self._cause, now=self._app.clock.now())

    @property
    def _cause(self) -> str:
        return f"letters {self._outlet.mode} {self._outlet.name}"

    def _deliver(
        self, relay: Relay, channel: EmailChannel, letter: Letter, reader: Subscriber
    ) -> tuple[Failure | None, Receipt]:
        nothing = Receipt(id="")
        try:
            to = parse_address(reader.address)
            words = self._words.of(letter, reader, self._titles.get(letter.list_name, letter.list_name))
            at = self._app.clock.now()
            message = letter_bytes(
                channel.sender,
                parse_mailbox(self._reply_to) if self._reply_to else None,
                to,
                subject=words.subject,
                text=words.text,
                page=words.html,
                key=f"{letter.mode}/letter-{letter.id}/{letter.channel}",
                at=at,
            )
            message = channel.signed(message, relay.config.provider, at)
        except (BadAddress, UnsafeHeader, ValueError) as error:
            sentence = f"the letter could not be written: {error}"
            return Failure(Outcome.REJECTED, code="not called", sentence=sentence), nothing
        try:
            return None, relay.deliver(channel.letters_return_path(relay.config.provider), to, message)
        except ChannelError as error:
            return error.failure, nothing
        except Exception as error:
            relay.close()  # anything at all may have left the house
            sentence = "Pressrun met a fault of its own while sending; the mail may have gone"
            return Failure(Outcome.UNCERTAIN, code=type(error).__name__, sentence=sentence), nothing


def _weightiest(kept: Sequence[Failure]) -> Failure:
    """What is told where no server takes a mail: only where every one of them turns us away, that."""
    return next((one for one in kept if one.outcome is not Outcome.UNAUTHORIZED), kept[0])


def owed_at(app: App, tx: Connection) -> list[datetime]:
    """When each channel with a crowd owes its next letter."""
    moments = (letters.next_moment(tx, outlet.mode, outlet.name) for outlet in app.outlets.values() if outlet.crowd)
    return [moment for moment in moments if moment is not None]
