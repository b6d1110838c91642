"""``pressrun show``: one story with all its deliveries, or one delivery with every attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.cli.options import AsJson, SettingsFile

if TYPE_CHECKING:
    from db.issue_counts import Counts
    from db.log import LogRow
    from db.records import Article, Attempt, AuditRow
    from desk.cli.opening import Desk

MOST = 500


def show(
    name: Annotated[
        str, typer.Argument(metavar="ID", help="A story (number, 'latest', words of its headline), or d12.")
    ],
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Show all that is known of a story, or of a delivery with every attempt.

    A number is a story; a delivery is written with a d, as the tables write it.

    \b
    Examples:
      pressrun show 12
      pressrun show d31
    """
    from desk.cli.naming import delivery_number, find_story, is_delivery
    from desk.cli.opening import opened

    with opened(settings, as_json=as_json) as desk:
        if is_delivery(name):
            _show_delivery(desk, delivery_number(name))
        else:
            _show_story(desk, find_story(desk, name))
    return 0


def _show_story(desk: Desk, article: Article) -> None:
    from db import stops
    from desk.cli.forms import article_body_form, log_row_form
    from desk.cli.ties import stop_form, stop_told, stops_over_story
    from scheduler.story_view import deeds, history

    rows = history(desk.app, article.id, MOST)
    done = deeds(desk.app, article.id, rows)
    with desk.app.ground.reading() as tx:
        lying = stops_over_story(stops.active(tx, desk.app.clock.now()), article)
    _tell_story(desk, article)
    for stop in lying:
        desk.page.facts({"stop": stop_told(stop, desk.times)})
    _tell_deliveries(desk, rows)
    _tell_audit(desk, done, f"story {article.id}")
    desk.page.give(
        timezone=desk.times.name,
        story=article_body_form(article, desk.times),
        stops=[stop_form(stop, desk.times) for stop in lying],
        deliveries=[log_row_form(row, desk.times) for row in rows],
        audit=[_audit_form(desk, one) for one in done],
    )


def _tell_story(desk: Desk, article: Article) -> None:
    page, times = desk.page, desk.times
    facts = {
        "by": ", ".join(article.authors),
        "outlet": article.outlet,
        "address": article.url or ("none, and it may go without" if article.no_link else "none"),
        "section": article.section,
        "label": article.label if article.label != "news" else "",
        "language": article.language,
        "priority": article.priority if article.priority != "normal" else "",
        "published": times.show(article.published_at, ""),
        "taken in": f"{times.show(article.taken_in_at)} from {article.source}, revision {article.revision}",
        "embargo": _embargo(desk, article),
        "skipped": times.show(article.skipped_at, ""),
        "text": f"{len(article.paragraphs)} paragraph{'' if len(article.paragraphs) == 1 else 's'}",
    }
    page.facts(facts)
    for flag in article.flags:
        page.facts({"flag": flag})


def _embargo(desk: Desk, article: Article) -> str:
    if article.embargo_at is None:
        return ""
    over = article.embargo_at <= desk.app.clock.now()
    told = desk.times.show(article.embargo_at)
    return f"over since {told}" if over else f"until {told}, no word of it leaves before"


def _tell_deliveries(desk: Desk, rows: list[LogRow]) -> None:
    from desk.cli.standing_words import moment_of

    page = desk.page
    page.say("", "Deliveries:" if rows else "Nothing of it was planned yet.")
    for row in rows:
        one = row.delivery
        page.say(f"  d{one.id}  {one.channel}  {one.state}, {moment_of(one, desk.times)}  ({one.mode}, {one.purpose})")
        if row.url:
            page.verbatim(f"      {row.url}")
        if row.sentence:
            page.say(f"      {row.sentence}")
    page.say(f"Times are in {desk.times.name}.")


def _show_delivery(desk: Desk, number: int) -> None:
    from db import attempts, audit, issue_counts, log, stops
    from db.moves import OPEN
    from db.records import SubjectKind
    from desk.cli.forms import attempt_form, log_row_form
    from desk.cli.ties import stop_form, stop_told, ties_of

    with desk.app.ground.reading() as tx:
        row = log.row_of(tx, number)
        tries = attempts.of_delivery(tx, number)
        done = audit.rows(tx, subject=f"delivery {number}")
        is_issue = row.delivery.subject_kind is SubjectKind.ISSUE
        crowd = issue_counts.counts(tx, row.delivery.subject_id) if is_issue else None
        tied = ties_of(tx, row.delivery)
        lying = stops.over(tx, row.delivery, desk.app.clock.now()) if row.delivery.state in OPEN else []
    _tell_delivery(desk, row, crowd)
    desk.page.facts({"tied": tied})
    for stop in lying:
        desk.page.facts({"stop": stop_told(stop, desk.times)})
    for one in tries:
        _tell_attempt(desk, one)
    _tell_audit(desk, done, f"delivery {number}")
    desk.page.say("", f"Times are in {desk.times.name}.")
    desk.page.give(
        timezone=desk.times.name,
        delivery=log_row_form(row, desk.times),
        attempts=[attempt_form(one, desk.times) for one in tries],
        recipients=_counts_form(crowd) if crowd is not None else None,
        tied=tied,
        stops=[stop_form(stop, desk.times) for stop in lying],
        audit=[_audit_form(desk, one) for one in done],
    )


def _tell_delivery(desk: Desk, row: LogRow, crowd: Counts | None) -> None:
    from desk.cli.standing_words import KNOWN, moment_of

    page, times, one = desk.page, desk.times, row.delivery
    page.say(f"Delivery d{one.id}: {row.headline}")
    approved = f"{one.approved_by}, {times.show(one.approved_at)}" if one.approved_by else "nobody yet"
    facts = {
        "key": one.key,
        "state": f"{one.state}, {moment_of(one, times)}",
        "reason": one.reason,
        "known by": KNOWN[one.known_by] if one.known_by else "",
        "address": row.url or "",
        "due": f"{times.show(one.due_at)}, stale {times.show(one.latest_at, 'never')}",
        "ordered": one.ordered_by,
        "approved": approved,
        "cost": str(one.cost) if one.cost.micros else "",
        "wish": one.wish or "",
        "readers": ", ".join(f"{number} {name}" for name, number in _counts_form(crowd).items() if number),
    }
    page.facts(facts)


def _tell_attempt(desk: Desk, one: Attempt) -> None:
    page, times = desk.page, desk.times
    outcome = one.outcome or "no answer recorded yet"
    code = f" ({one.code})" if one.code else ""
    page.say("", f"Attempt {one.number}: {one.verb}, {times.show(one.opened_at)}, {outcome}{code}")
    if one.sentence:
        page.say(f"  {one.sentence}")
    if one.receipt_id:
        page.say(f"  receipt {one.receipt_id}, known by {one.known_by}")
    if one.url:
        page.verbatim(f"  {one.url}")
    if one.teaser_version is not None:
        revision = f", revision {one.article_revision} of the story" if one.article_revision else ""
        page.say(f"  words: version {one.teaser_version}, by {one.teaser_writer}{revision}")
    page.say(f"  ordered by {one.ordered_by}, approved by {one.approved_by or 'nobody'}")
    page.say("  text:")
    page.verbatim("\n".join(f"    {line}" if line else "" for line in one.text.splitlines()))


def _tell_audit(desk: Desk, done: list[AuditRow], of: str) -> None:
    """``of`` is what they were done to; a line that was done to a part of it, or on one channel, says so."""
    if done:
        desk.page.say("", "At the desk, the last first:")
    for one in done:
        why = f": {one.reason}" if one.reason else ""
        beside = one.subject.removeprefix(of).strip()
        place = f" ({beside})" if beside else ""
        desk.page.say(f"  {desk.times.show(one.at)}  {one.actor}  {one.verb}{place}{why}")


def _audit_form(desk: Desk, one: AuditRow) -> dict[str, Any]:
    return {
        "at": desk.times.iso(one.at),
        "actor": one.actor,
        "verb": one.verb,
        "reason": one.reason,
        "before": one.before,
        "after": one.after,
    }


def _counts_form(crowd: Counts | None) -> dict[str, int]:
    if crowd is None:
        return {}
    names = ("sent", "refused", "unknown", "excluded", "open", "expired", "cancelled")
    return {name: getattr(crowd, name) for name in names}
