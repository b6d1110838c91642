"""Our records as JSON for programs: keys that stay, times with their offset, money in dollars, None for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.log import LogRow
    from db.records import Article, Attempt, Delivery, Money, Post, Problem
    from db.webhooks import Owed, Try
    from desk.cli.moments import Times
    from desk.shapes.deliveries import AttemptForm, DeliveryForm, LogRowForm
    from desk.shapes.standing import LookForm, SourceForm, WebhookEventForm, WebhookForm
    from desk.shapes.stories import EvergreenForm, PostForm, ProblemForm, StoryBodyForm, StoryForm
    from scheduler.newsroom import Evergreen
    from scheduler.source_standing import SourceLook, SourceStanding
    from scheduler.webhooks.standing import WebhookStanding


def dollars(money: Money) -> float:
    """Money as a number of US dollars."""
    return money.micros / 1_000_000


def article_form(article: Article, times: Times) -> StoryForm:
    """A story."""
    return {
        "story": article.id,
        "revision": article.revision,
        "headline": article.headline,
        "authors": list(article.authors),
        "outlet": article.outlet,
        "url": article.url,
        "source": article.source,
        "section": article.section,
        "label": article.label,
        "language": article.language,
        "priority": article.priority,
        "published_at": times.iso(article.published_at),
        "taken_in_at": times.iso(article.taken_in_at),
        "embargo_at": times.iso(article.embargo_at),
        "skipped_at": times.iso(article.skipped_at),
        "no_link": article.no_link,
        "wants_yes": article.wants_yes,
        "flags": list(article.flags),
    }


def article_body_form(article: Article, times: Times) -> StoryBodyForm:
    """A story with its paragraphs and what was left out of every teaser."""
    return {
        **article_form(article, times),
        "paragraphs": list(article.paragraphs),
        "removed": [{"kind": one.kind, "text": one.text} for one in article.removed],
    }


def delivery_form(one: Delivery, times: Times) -> DeliveryForm:
    """A delivery as it stands."""
    return {
        "delivery": one.id,
        "key": one.key,
        "mode": one.mode,
        "subject": one.subject_kind,
        "subject_id": one.subject_id,
        "channel": one.channel,
        "kind": one.kind,
        "purpose": one.purpose,
        "state": one.state,
        "reason": one.reason,
        "priority": one.priority,
        "due_at": times.iso(one.due_at),
        "next_at": times.iso(one.next_at),
        "latest_at": times.iso(one.latest_at),
        "ordered_by": one.ordered_by,
        "approved_by": one.approved_by,
        "approved_at": times.iso(one.approved_at),
        "known_by": one.known_by,
        "wish": one.wish,
        "tries": one.tries,
        "cost_usd": dollars(one.cost),
        "fingerprint": one.fingerprint,
        "updated_at": times.iso(one.updated_at),
    }


def log_row_form(row: LogRow, times: Times) -> LogRowForm:
    """A line of the log: the delivery, its story's headline, the address, how its latest try ended."""
    tried = row.attempt
    return {
        **delivery_form(row.delivery, times),
        "headline": row.headline,
        "url": row.url,
        "outcome": tried.outcome if tried else None,
        "code": tried.code if tried else "",
        "sentence": row.sentence,
        "tried_at": times.iso(tried.opened_at) if tried else None,
        "text": tried.text if tried else None,
    }


def attempt_form(one: Attempt, times: Times) -> AttemptForm:
    """One try, with the exact text it carried."""
    return {
        "attempt": one.number,
        "verb": one.verb,
        "part": one.part,
        "mode": one.mode,
        "opened_at": times.iso(one.opened_at),
        "closed_at": times.iso(one.closed_at),
        "outcome": one.outcome,
        "code": one.code,
        "sentence": one.sentence,
        "receipt_id": one.receipt_id,
        "url": one.url,
        "known_by": one.known_by,
        "cost_usd": dollars(one.cost),
        "ordered_by": one.ordered_by,
        "approved_by": one.approved_by,
        "teaser_version": one.teaser_version,
        "teaser_writer": one.teaser_writer,
        "article_revision": one.article_revision,
        "worker": one.worker,
        "fingerprint": one.fingerprint,
        "text": one.text,
        "raw": one.raw,
    }


def post_form(post: Post) -> PostForm:
    """The exact payload, part by part."""
    return {
        "fingerprint": post.fingerprint,
        "parts": [
            {
                "text": part.text,
                "link": part.link,
                "subject": part.subject,
                "preheader": part.preheader,
                "html": part.html,
                "images": [
                    {"url": image.url, "sha256": image.sha256, "alt": image.alt, "credit": image.credit}
                    for image in part.images
                ],
            }
            for part in post.parts
        ],
    }


def problem_form(problem: Problem) -> ProblemForm:
    """What an editor must fix, or should know."""
    return {"code": problem.code, "message": problem.message, "stops": problem.stops}


def webhook_form(one: WebhookStanding, times: Times) -> WebhookForm:
    """A webhook as it stands; of its address only the host."""
    return {
        "webhook": one.name,
        "host": one.host,
        "state": one.word,
        "events": list(one.events),
        "answered_at": times.iso(one.answered_at),
        "failures": one.failures,
        "failing_since": times.iso(one.failing_since),
        "next_at": times.iso(one.next_at),
        "paused_at": times.iso(one.paused_at),
        "sentence": one.sentence or None,
        "owed": one.counts.owed,
        "told": one.counts.told,
        "given_up": one.counts.given_up,
    }


def webhook_event_form(one: Owed, tries: list[Try], times: Times) -> WebhookEventForm:
    """An event for a webhook with every call that was made for it."""
    return {
        "id": one.event_id,
        "type": f"delivery.{one.event}",
        "delivery": one.delivery_id,
        "version": one.delivery_version,
        "at": times.iso(one.at),
        "outcome": one.outcome or "owed",
        "done_at": times.iso(one.done_at),
        "next_at": None if one.done_at else times.iso(one.next_at),
        "tries": [
            {
                "opened_at": times.iso(each.opened_at),
                "closed_at": times.iso(each.closed_at),
                "status": each.status,
                "sentence": each.sentence or None,
            }
            for each in tries
        ],
    }


def evergreen_form(one: Evergreen, times: Times) -> EvergreenForm:
    """A story that comes again: its rule and its turns."""
    mark = one.mark
    return {
        "story": one.article.id,
        "headline": one.article.headline,
        "every_seconds": int(mark.every.total_seconds()),
        "times": mark.times,
        "until_at": times.iso(mark.until_at),
        "season": mark.season or None,
        "channels": list(mark.channels),
        "marked_by": mark.marked_by,
        "marked_at": times.iso(mark.marked_at),
        "ended_at": times.iso(mark.ended_at),
        "turns": [
            {
                "channel": turn.channel,
                "done": turn.done,
                "next_at": times.iso(turn.next_at),
                "delivery": turn.open.id if turn.open else None,
            }
            for turn in one.turns
        ],
        "called_off": [gone.id for gone in one.called_off],
    }


def source_form(one: SourceStanding, times: Times) -> SourceForm:
    """How a source stands."""
    return {
        "source": one.name,
        "kind": one.kind,
        "state": one.word,
        "fetched_at": times.iso(one.fetched_at),
        "next_at": times.iso(one.next_at),
        "new_at": times.iso(one.new_at),
        "new_today": one.new_today,
        "new_total": one.new_total,
        "failures": one.failures,
        "sentence": one.sentence or None,
        "refused": [{"item": refused.item_id, "sentence": refused.sentence} for refused in one.refused],
    }


def look_form(look: SourceLook, times: Times) -> LookForm:
    """What a look at a source found."""
    return {
        "source": look.name,
        "kind": look.kind,
        "ok": not look.error,
        "error": look.error or None,
        "note": look.note or None,
        "fresh_files": look.fresh,
        "stories": [
            {
                "what": one.what,
                "headline": one.headline,
                "url": one.url,
                "published_at": times.iso(one.published_at),
                "flags": list(one.flags),
            }
            for one in look.stories
        ],
        "refused": [{"item": one.item_id, "sentence": one.sentence} for one in look.refused],
    }
