"""One delivery as a worker holds it: the row, its exact post, who wrote the words, and which steps are done."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from db import attempts, posts, teasers
from db.records import Attempt, Delivery, Money, Part, Post, Receipt, Teaser, Verb
from scheduler import correction, takedown


@dataclass(frozen=True, slots=True)
class Work:
    """What a lane needs to act; read in the transaction that claimed the row.

    A post's steps are its parts, a take-down's are the posts it removes; ``out`` holds the receipt of each step done.
    """

    delivery: Delivery
    post: Post
    teaser: Teaser | None
    out: dict[int, Receipt]
    removing: tuple[Receipt, ...] = ()
    answers: Receipt | None = None  # a correction: the post it replaces or replies to

    @property
    def verb(self) -> Verb:
        """What its steps do at the platform."""
        if takedown.is_takedown(self.delivery):
            return Verb.DELETE
        return Verb.CORRECT if correction.is_edit(self.delivery) else Verb.SEND

    @property
    def steps(self) -> int:
        """How many calls the whole of it takes."""
        match self.verb:
            case Verb.DELETE:
                return len(self.removing)
            case Verb.CORRECT:
                return 1  # the post's own words; what stands below it stays
        return len(self.post.parts)

    def next_part(self) -> int | None:
        """The first step without a receipt, None when all are done."""
        return next((index for index in range(self.steps) if index not in self.out), None)

    def before(self, part: int) -> Receipt | None:
        """The receipt of the part that ``part`` follows in a thread, or of the post that the whole of it answers."""
        return self.out.get(part - 1) if part else self.answers


def read_work(tx: Connection, delivery: Delivery) -> Work:
    """All that belongs to a delivery."""
    teaser_id = posts.teaser_id(tx, delivery.post_id)
    out: dict[int, Receipt] = {}
    for known in attempts.receipts_of(tx, delivery.id):
        out.setdefault(known.part, known.receipt)
    return Work(
        delivery=delivery,
        post=posts.get(tx, delivery.post_id),
        teaser=teasers.get(tx, teaser_id) if teaser_id is not None else None,
        out=out,
        removing=takedown.to_remove(tx, delivery) if takedown.is_takedown(delivery) else (),
        answers=correction.answered(tx, delivery),
    )


def attempt_for(work: Work, verb: Verb, part: int, *, worker: str, cost: Money) -> Attempt:
    """The row to open before ``verb`` is tried on a step: exact text, who ordered, approved and wrote."""
    delivery, teaser = work.delivery, work.teaser
    return Attempt(
        delivery_id=delivery.id,
        number=0,
        verb=verb,
        part=part,
        mode=delivery.mode,
        channel=delivery.channel,
        text=f"take down {work.removing[part].id}" if verb is Verb.DELETE else exact_text(work.post.parts[part]),
        fingerprint=delivery.fingerprint,
        ordered_by=delivery.ordered_by,
        approved_by=delivery.approved_by,
        teaser_version=teaser.version if teaser else None,
        teaser_writer=teaser.writer if teaser else None,
        article_revision=teaser.revision if teaser and teaser.article_id else None,
        opened_at=delivery.next_at,  # the store writes the moment at which it opens
        cost=cost,
        worker=worker,
    )


def exact_text(part: Part) -> str:
    """Everything a reader gets of a part, as text: subject first for mail, the link last where it stands beside."""
    lines = [part.subject] if part.subject else []
    lines.append(part.text)
    if part.link and part.link not in part.text:
        lines.append(part.link)
    return "\n".join(lines)
