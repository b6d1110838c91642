"""What follows a failure and what follows a look. Pure: no wire, no table, no clock.

The rule that shapes this page: no second call for a key without a successful look, unless every earlier call was
Unreachable, for even a 4xx or a 429 can lie. So whatever left the house and may be tried again becomes *uncertain*
first, also where the answer was clear: ``look_at`` says when to look, ``next_at`` when it may be called again, and
only a look that shows "surely not there" makes it planned. Nobody can forget the look, since no legal move leads
from uncertain to sending.

==================  ==========================================  =====  ===================
outcome             next                                        try    also
==================  ==========================================  =====  ===================
rejected            failed, one look after the settle time      spent
... asked again     uncertain; planned after ``again_after``    spent  at most ``at_most``
... "duplicate"     uncertain, look                             spent
unauthorized        uncertain; planned when let                 kept   stop: unauthorized
rate limited        uncertain; planned after ``retry_after``    kept   the channel waits
unreachable         planned after a growing pause               spent  too many: failed
uncertain, others   uncertain, look                             spent
==================  ==========================================  =====  ===================

A kind that cannot look (SMTP) has answers that bind (RFC 5321 section 4.2: one reply, one meaning), so a clear
answer is believed there: planned or failed at once; what is uncertain is a person's matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from db.records import Cause, Delivery, Failure, Outcome, State
from scheduler.spans import say_span

_MINUTE = timedelta(minutes=1)
_LONGEST_BREAK = 60 * _MINUTE
_LONGEST_WAIT = timedelta(days=31)
_LOOK_OWED = "One look follows"

_ONLY_A_PERSON = "Only a person can say whether it is out."


class Verdict(StrEnum):
    """What looking for a post told."""

    FOUND = "found"  # exactly it, newer than the try, not another's receipt
    NEAR = "near"  # something very like it
    NOT_THERE = "not there"  # every page read, surely absent
    INCOMPLETE = "incomplete"  # read, but not far enough back
    FAILED = "failed"  # the look itself failed
    CANNOT_LOOK = "cannot look"  # this kind cannot be asked


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The spans and counts of one channel's retries.

    ``settle`` must be longer than the platform's read lag: only after it is "not there" believed. ``rounds`` and
    ``patience`` bound the looking; ``breaker_threshold`` failures in a row pause the channel.
    """

    settle: timedelta
    can_find: bool = True
    max_tries: int = 6
    first_pause: timedelta = timedelta(seconds=30)
    pause_factor: float = 3.0
    longest_pause: timedelta = timedelta(minutes=15)
    jitter_share: float = 0.25
    rate_wait: timedelta = timedelta(minutes=15)
    look_pause: timedelta = timedelta(minutes=2)
    check_every: timedelta = timedelta(minutes=15)
    rounds: int = 3
    patience: timedelta = timedelta(minutes=30)
    breaker_threshold: int = 5


@dataclass(frozen=True, slots=True)
class Decision:
    """What a delivery becomes.

    ``next_at``: not called before this (None: as it stands). ``look_at``: look not before this (None: no look is
    owed). ``spends_try`` and ``counts_look`` add one to the row's tries and looks. ``stop`` is laid on the channel
    until a check lifts it; ``channel_waits_until``: the platform said "not now", so nothing else of this channel is
    called before. ``take_down``: it is out although a person had called it off. ``sentence`` is the row's reason.
    """

    state: State
    sentence: str
    next_at: datetime | None = None
    look_at: datetime | None = None
    spends_try: bool = False
    counts_look: bool = False
    stop: Cause | None = None
    channel_waits_until: datetime | None = None
    take_down: bool = False


def after_failure(
    delivery: Delivery,
    failure: Failure,
    policy: RetryPolicy,
    now: datetime,
    jitter: float,
    *,
    rejections: int | None = None,
) -> Decision:
    """What a sending delivery becomes when its call failed at ``now``.

    ``delivery.tries`` are the tries spent before this call; ``rejections`` how many of them were refusals (None:
    all of them, the careful reading). ``jitter`` is 0 to 1. Total: an outcome that is none of the five is
    uncertain. Every state it gives is a legal move from sending.
    """
    match failure.outcome:
        case Outcome.REJECTED:
            refused = delivery.tries if rejections is None else rejections
            return _after_rejected(delivery, failure, policy, now, refused)
        case Outcome.UNREACHABLE:
            return _after_unreachable(delivery, failure, policy, now, jitter)
        case Outcome.RATE_LIMITED:
            wait = _told_wait(failure, policy)
            then = f"It is asked again in {say_span(wait)}; being told to wait costs no try."
            return _again(delivery, failure, policy, now, wait, then, channel_waits=True)
        case Outcome.UNAUTHORIZED:
            then = "The channel is stopped until its check passes; the delivery keeps its place."
            return _again(delivery, failure, policy, now, timedelta(0), then, stop=Cause.UNAUTHORIZED)
        case _:
            return _uncertain(failure, policy, now)


def after_look(
    delivery: Delivery,
    verdict: Verdict,
    policy: RetryPolicy,
    now: datetime,
    sentence: str = "",
    *,
    failure: Failure | None = None,
    tried_at: datetime | None = None,
    jitter: float = 0.0,
) -> Decision:
    """What an uncertain or failed delivery becomes after a look that ended at ``now``.

    ``sentence`` says what the look showed, ``failure`` how it failed if the platform answered at all. ``tried_at``
    is when the last call ended: with it, "not there" is refused until the settle time has passed, whenever the look
    was made. ``jitter`` is 0 to 1. Every state it gives is a legal move from the delivery's own.
    """
    settled_at = tried_at + policy.settle if tried_at is not None else None
    match verdict:
        case Verdict.FOUND:
            return _found(delivery, sentence)
        case Verdict.NEAR:
            said = _join(sentence or "Something like it is on the account.", _ONLY_A_PERSON)
            return Decision(State.UNSETTLED, said)
        case Verdict.CANNOT_LOOK:
            said = _join(sentence or "This kind of channel cannot be searched.", _ONLY_A_PERSON)
            return Decision(State.UNSETTLED, said)
        case Verdict.NOT_THERE:
            if settled_at is not None and now < settled_at:
                said = f"It is not on the account yet; that is believed only after {say_span(policy.settle)}."
                return Decision(delivery.state, said, look_at=settled_at)
            return _not_there(delivery, policy, now, sentence or "It is surely not on the account.")
        case Verdict.INCOMPLETE:
            said = sentence or "The account could not be read back far enough."
            return _looked_in_vain(delivery, policy, now, said, jitter)
        case Verdict.FAILED:
            said = sentence or (failure.sentence if failure else "The look failed.")
            return _look_failed(delivery, policy, now, said, settled_at, failure, jitter)


def pause_after(tries: int, policy: RetryPolicy, jitter: float) -> timedelta:
    """How long to wait after the ``tries``-th try (1, 2, ...) did not leave the house: growing, with jitter on top."""
    steps = min(max(tries, 1) - 1, 40)
    factor = min(math.pow(policy.pause_factor, steps), policy.longest_pause / policy.first_pause)
    plain = policy.first_pause * factor
    return plain * (1 + policy.jitter_share * min(max(jitter, 0.0), 1.0))


def breaker_after(failures_in_row: int, breaker_round: int, *, threshold: int = 5) -> timedelta:
    """How long a channel pauses after so many failures in a row: 5, 10, 20, 40, then 60 min by round (from 0).

    Zero below the threshold.
    """
    if failures_in_row < threshold:
        return timedelta(0)
    return min(5 * _MINUTE * (1 << min(max(breaker_round, 0), 10)), _LONGEST_BREAK)


def _after_rejected(delivery: Delivery, failure: Failure, policy: RetryPolicy, now: datetime, refused: int) -> Decision:
    if failure.look:
        return _uncertain(failure, policy, now)
    may_again = refused < failure.at_most and delivery.tries + 1 < policy.max_tries
    if failure.again_after is not None and may_again:
        wait = _within_reason(failure.again_after)
        then = f"It is asked once more in {say_span(wait)}."
        return _again(delivery, failure, policy, now, wait, then, spends_try=True)
    if delivery.wish is not None and policy.can_find:
        return _uncertain(failure, policy, now)
    if not policy.can_find:
        state = State.FAILED if delivery.wish is None else State.CANCELLED
        return Decision(state, _join(failure.sentence, "It was refused and is not out."), spends_try=True)
    then = f"{_LOOK_OWED} in {say_span(policy.settle)}, in case it went out all the same."
    return Decision(State.FAILED, _join(failure.sentence, then), look_at=now + policy.settle, spends_try=True)


def _after_unreachable(
    delivery: Delivery, failure: Failure, policy: RetryPolicy, now: datetime, jitter: float
) -> Decision:
    spent = delivery.tries + 1
    if delivery.wish is not None:
        return Decision(State.CANCELLED, "It never left and a person had called it off.", spends_try=True)
    if spent >= policy.max_tries:
        then = f"That was try {spent} of {policy.max_tries}; nothing left the house."
        return Decision(State.FAILED, _join(failure.sentence, then), spends_try=True)
    pause = pause_after(spent, policy, jitter)
    then = f"Nothing left the house; try {spent + 1} of {policy.max_tries} follows in {say_span(pause)}."
    return Decision(State.PLANNED, _join(failure.sentence, then), next_at=now + pause, spends_try=True)


def _again(
    delivery: Delivery,
    failure: Failure,
    policy: RetryPolicy,
    now: datetime,
    wait: timedelta,
    then: str,
    *,
    spends_try: bool = False,
    stop: Cause | None = None,
    channel_waits: bool = False,
) -> Decision:
    """A clear "not now": looked for first, called again after ``wait``."""
    if policy.can_find:
        state, look_at = State.UNCERTAIN, now + policy.settle
        then = f"{then} First a look makes sure that it did not go out all the same."
    elif delivery.wish is not None:
        state, look_at, then = State.CANCELLED, None, "A person had called it off."
    else:
        state, look_at = State.PLANNED, None
    return Decision(
        state,
        _join(failure.sentence, then),
        next_at=None if state is State.CANCELLED else now + wait,
        look_at=look_at,
        spends_try=spends_try,
        stop=stop,
        channel_waits_until=now + wait if channel_waits else None,
    )


def _uncertain(failure: Failure, policy: RetryPolicy, now: datetime) -> Decision:
    if not policy.can_find:
        said = _join(failure.sentence, "No look can tell what became of it.")
        return Decision(State.UNCERTAIN, said, look_at=now, spends_try=True)
    then = f"Pressrun looks for it on the account in {say_span(policy.settle)} before anything else."
    return Decision(State.UNCERTAIN, _join(failure.sentence, then), look_at=now + policy.settle, spends_try=True)


def _found(delivery: Delivery, sentence: str) -> Decision:
    said = sentence or "It was found on the account."
    if delivery.wish is not None:
        return Decision(State.SENT, _join(said, "A person had called it off."), take_down=True)
    return Decision(State.SENT, said)


def _not_there(delivery: Delivery, policy: RetryPolicy, now: datetime, said: str) -> Decision:
    if delivery.state is State.FAILED:
        why = delivery.reason.partition(_LOOK_OWED)[0].strip()
        return Decision(State.FAILED, _join(why, "A look made sure that it is not out."))
    if delivery.wish is not None:
        return Decision(State.CANCELLED, _join(said, "A person had called it off."))
    if delivery.latest_at is not None and now >= delivery.latest_at:
        return Decision(State.EXPIRED, _join(said, "It is too late to send it now."))
    if delivery.tries >= policy.max_tries:
        return Decision(State.FAILED, _join(said, f"{delivery.tries} tries were made; no further one follows."))
    next_at = max(now, delivery.next_at)
    when = "now" if next_at == now else f"in {say_span(next_at - now)}"
    return Decision(State.PLANNED, _join(said, f"It goes out {when}, under the same key."), next_at=next_at)


def _looked_in_vain(delivery: Delivery, policy: RetryPolicy, now: datetime, said: str, jitter: float) -> Decision:
    """Reading that proves nothing counts as a round; the last round, or the latest time, makes it a person's."""
    if _too_late(delivery, now) or delivery.looks + 1 >= policy.rounds:
        return Decision(State.UNSETTLED, _join(said, _ONLY_A_PERSON), counts_look=True)
    pause = _look_pause(policy, jitter)
    then = f"The next look follows in {say_span(pause)}."
    return Decision(delivery.state, _join(said, then), look_at=now + pause, counts_look=True)


def _look_failed(
    delivery: Delivery,
    policy: RetryPolicy,
    now: datetime,
    said: str,
    settled_at: datetime | None,
    failure: Failure | None,
    jitter: float,
) -> Decision:
    """A failed look is no round: patience and the latest time bound it. Being told to wait uses up no patience.

    Where nobody knows when the doubt began there is no patience to measure, so the look counts as a round.
    """
    pause = _look_pause(policy, jitter)
    stop: Cause | None = None
    waits_until: datetime | None = None
    outcome = failure.outcome if failure else Outcome.UNCERTAIN
    if failure is not None and outcome is Outcome.RATE_LIMITED:
        pause = max(pause, _told_wait(failure, policy))
        waits_until = now + pause
    elif outcome is Outcome.UNAUTHORIZED:
        pause, stop = max(pause, policy.check_every), Cause.UNAUTHORIZED
    told_to_wait = outcome in (Outcome.RATE_LIMITED, Outcome.UNAUTHORIZED)
    began = max((moment for moment in (delivery.uncertain_at, settled_at) if moment is not None), default=None)
    if began is None and not told_to_wait:
        return _looked_in_vain(delivery, policy, now, said, jitter)
    impatient = not told_to_wait and began is not None and now >= began + policy.patience
    if impatient or _too_late(delivery, now):
        said = _join(said, _ONLY_A_PERSON)
        return Decision(State.UNSETTLED, said, stop=stop, channel_waits_until=waits_until)
    then = f"The next look follows in {say_span(pause)}."
    return Decision(delivery.state, _join(said, then), look_at=now + pause, stop=stop, channel_waits_until=waits_until)


def _too_late(delivery: Delivery, now: datetime) -> bool:
    """Whether an uncertain row is past its latest time; for a failed one that no longer matters."""
    return delivery.state is State.UNCERTAIN and delivery.latest_at is not None and now >= delivery.latest_at


def _look_pause(policy: RetryPolicy, jitter: float) -> timedelta:
    return policy.look_pause * (1 + policy.jitter_share * min(max(jitter, 0.0), 1.0))


def _told_wait(failure: Failure, policy: RetryPolicy) -> timedelta:
    """How long the platform asks for; where it does not say, at least a quarter of an hour."""
    return policy.rate_wait if failure.retry_after is None else _within_reason(failure.retry_after)


def _within_reason(wait: timedelta) -> timedelta:
    """A span that a platform told: it may be nonsense, and the calendar ends in the year 9999."""
    return min(max(wait, timedelta(0)), _LONGEST_WAIT)


def _join(sentence: str, then: str) -> str:
    """Two sentences as one text; the first gets its full stop."""
    first = sentence.strip()
    if first and first[-1] not in ".!?":
        first += "."
    return f"{first} {then}".strip()
