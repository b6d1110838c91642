"""What is said to the desk when no table row fits: one sentence for each thing a channel does.

A request that never left is ``Unreachable`` whatever it wanted. One that left without a clear answer is
``Uncertain``, except in preparation (a picture handed over before the post): nothing was published, so it is
``Unreachable`` and may be tried again.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from channels.wire import Answer, WireFault
from db.records import Failure, Outcome, Quota

RAW_LIMIT: Final = 8_000
"""So many characters of a raw answer go into the log."""


class Doing(StrEnum):
    """What a call was for; what may be said of a fault depends on it."""

    PUBLISH = "publish"
    PREPARE = "prepare"
    LOOK = "look"
    CORRECT = "correct"
    DELETE = "delete"
    CHECK = "check"


_UNCLEAR: Final = {
    Doing.PUBLISH: "{where} gave no clear answer ({why}). The post may be out: Pressrun looks at the account first "
    "and never sends it twice.",
    Doing.PREPARE: "{where} did not take the picture ({why}). Nothing was posted; Pressrun tries again.",
    Doing.LOOK: "{where} could not show what the account has published ({why}). Pressrun looks again later.",
    Doing.CORRECT: "{where} gave no clear answer ({why}). The words may have been changed or not: open the post and "
    "look before you correct it again.",
    Doing.DELETE: "{where} gave no clear answer ({why}). The post may be gone or not: take it down again, that does "
    "no harm.",
    Doing.CHECK: "{where} gave no clear answer to the check ({why}). Try the check again in a few minutes.",
}


_NOTHING: Final = Quota()


def unclear(where: str, doing: Doing, code: str, why: str, raw: str = "", quota: Quota = _NOTHING) -> Failure:
    """The failure for a call that left and brought no answer that a table knows."""
    outcome = Outcome.UNREACHABLE if doing is Doing.PREPARE else Outcome.UNCERTAIN
    sentence = _UNCLEAR[doing].format(where=where, why=why)
    return Failure(outcome, code, sentence, raw=raw[:RAW_LIMIT], quota=quota)


def wire_failure(where: str, doing: Doing, fault: WireFault) -> Failure:
    """The failure for a request without an answer."""
    if fault.left:
        return unclear(where, doing, f"wire: {fault.code}", str(fault))
    sentence = f"{where} could not be reached: {fault}. Nothing left this house; Pressrun tries again by itself."
    if fault.code in ("refused address", "unsendable"):
        sentence = f"Nothing was sent to {where}: {fault}. Mend the channel's settings, then run the check."
    return Failure(Outcome.UNREACHABLE, f"wire: {fault.code}", sentence)


def nature_of(answer: Answer) -> tuple[str, str]:
    """What kind of an answer it is when no table row fits: a code for the log, words for the desk."""
    if 300 <= answer.status < 400:
        return f"redirect {answer.status}", f"it pointed to another address, {answer.status}"
    if answer.status >= 500:
        return f"http {answer.status}", f"its servers failed, {answer.status}"
    if answer.content() is None:
        return f"no json {answer.status}", f"its answer could not be read, {answer.status}"
    return f"unknown {answer.status}", f"an answer that Pressrun does not know, {answer.status}"
