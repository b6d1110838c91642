"""What became of a post that is out: edited in place, said anew, taken down. Pure: from its story's deliveries.

A post's own delivery stays *sent*, since it was; what was done to it afterwards are deliveries of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.records import Delivery, State
from scheduler.correction import Manner, corrected, is_correction, is_edit, manner_of
from scheduler.takedown import ENDED_IN_VAIN, is_takedown, taken_back


@dataclass(frozen=True, slots=True)
class Aftermath:
    """``post`` is the delivery whose post stands for the first one's: itself, or what said it anew. ``words`` is the one
    whose words stand there: ``post``, or its last edit. ``takedown`` removes it, or has; None where nobody asked that."""

    post: Delivery
    words: Delivery
    takedown: Delivery | None


def what_became_of(delivery: Delivery, there: Sequence[Delivery]) -> Aftermath:
    """What became of this delivery's post; ``there`` are all of the story on the same channel in the same mode, in order."""
    done = [one for one in there if one.state is State.SENT and is_correction(one)]
    post = delivery
    while anew := [one for one in done if manner_of(one) is Manner.REPOST and corrected(one) == post.id]:
        post = anew[-1]
    edits = [one for one in done if is_edit(one) and corrected(one) == post.id]
    orders = [one for one in there if is_takedown(one) and taken_back(one) == post.id]
    takedown = orders[-1] if orders and orders[-1].state not in ENDED_IN_VAIN else None
    return Aftermath(post, edits[-1] if edits else post, takedown)


def how_it_stands(delivery: Delivery) -> str:
    """The delivery's state in a word: "taken down" and "corrected" for what did so, which put no post of its own out."""
    if delivery.state is State.SENT and is_takedown(delivery):
        return "taken down"
    if delivery.state is State.SENT and is_edit(delivery):
        return "corrected"
    return delivery.state.value
