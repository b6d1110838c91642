"""What ``pressrun issue`` prints: the newsletters, a preview with its pre-flight, a report with bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desk.cli.moments import Times
    from desk.cli.opening import Desk
    from desk.shapes.newsletters import ByWhomForm, CountedForm, IssueForm
    from scheduler.issue_preview import Preview
    from scheduler.issue_standing import Counted, IssueStanding
    from scheduler.preflight_finding import Finding

BAR = 30
NUMBERS = ("sent", "refused", "unknown", "excluded", "open", "expired", "cancelled")
FOUR = NUMBERS[:4]
MOST_REASONS = 12
MOST_SIGNS = 6
SIGNS = {
    "apple": "Apple's mail privacy",
    "gmail": "Gmail's picture proxy",
    "yahoo": "Yahoo's picture proxy",
    "proxy": "another picture proxy",
    "scanner": "programs and scanners",
    "head": "HEAD requests",
    "prefetch": "prefetching browsers",
    "instant": "within three seconds",
    "early": "many links within a minute",
    "": "many links in one go",
}
"""What gave a machine away, in words; see ``scheduler.hit_signs``."""


def tell_newsletters(desk: Desk, shown: int) -> None:
    """What each newsletter cuts next, then its last issues with their four numbers."""
    from db import issues
    from desk.cli.columns import Column
    from desk.cli.printing import Table
    from scheduler.ahead import issues_ahead
    from scheduler.issue_standing import standing_of

    app, page, times = desk.app, desk.page, desk.times
    letters = [one for one in app.outlets.values() if one.letter is not None]
    if not letters:
        page.say("There is no newsletter yet; write [newsletters.NAME] into settings.toml: docs/newsletters.md.")
    ahead = issues_ahead(app)
    with app.ground.reading() as tx:
        found = [
            standing_of(tx, one) for letter in letters for one in issues.recent(tx, letter.mode, letter.name, shown)
        ]
    for one in ahead:
        moment = f"is cut {times.show(one.at)}" if one.at is not None else "has no slot"
        page.say(
            f"{one.channel}: the next {one.frequency} issue {moment} with {_counted(one.stories, 'story', 'stories')}"
        )
    heads = [Column("id", right=True), Column("newsletter"), Column("window", flexible=True), Column("state")]
    heads += [Column(name, right=True) for name in FOUR]
    rows = [
        [str(one.issue.id), one.issue.channel, one.issue.window, one.delivery.state.value, *_numbers(one)]
        for one in sorted(found, key=lambda one: -one.issue.id)
    ]
    if rows and ahead:
        page.say("")
    page.table(Table(heads, rows))
    if letters and not rows and not ahead:
        page.say("No issue was cut yet, and no story waits for one.")
    if ahead:
        page.say(f"Times are in {times.name}.")
    page.give(
        timezone=times.name,
        next=[
            {
                "newsletter": one.channel,
                "frequency": one.frequency.value,
                "stories": one.stories,
                "at": times.iso(one.at),
            }
            for one in ahead
        ],
        issues=[report_form(times, one) for one in found],
    )


def tell_preview(desk: Desk, shown: Preview, found: Sequence[Finding]) -> None:
    """The head as an inbox shows it, the text part, the findings."""
    page = desk.page
    issue = shown.issue
    what = (
        f"Issue {issue.id} of {shown.outlet.name}, {issue.window}"
        if issue
        else f"The next issue of {shown.outlet.name}"
    )
    page.say(f"{what}: {_counted(len(shown.lineup.stories), 'story', 'stories')}")
    if shown.embargo_at is not None:
        page.say(f"UNDER EMBARGO until {desk.times.show(shown.embargo_at)} {desk.times.name}: no copy goes before.")
    page.facts({"subject": shown.part.subject, "preheader": shown.part.preheader, "reader": shown.reader})
    page.say("")
    page.verbatim(shown.part.text)
    tell_findings(desk, found)
    page.give(
        newsletter=shown.outlet.name,
        issue=issue.id if issue else None,
        window=shown.lineup.window,
        embargo_at=desk.times.iso(shown.embargo_at),
        subject=shown.part.subject,
        preheader=shown.part.preheader,
        stories=[one.article_id for one in shown.lineup.stories],
        text=shown.part.text,
        html=shown.part.html,
        html_bytes=shown.html_size,
        mail_bytes=len(shown.message),
        findings=[{"name": one.name, "level": one.level.value, "sentence": one.sentence} for one in found],
    )


def tell_findings(desk: Desk, found: Sequence[Finding]) -> None:
    """The pre-flight as a table; what is not well stands below it whole, where a narrow screen would cut it."""
    from desk.cli.columns import Column
    from desk.cli.printing import Table
    from scheduler.preflight_finding import Level

    heads = [Column("pre-flight"), Column("finding"), Column("what was seen", flexible=True)]
    desk.page.table(Table(heads, [[one.name, one.level.value, one.sentence] for one in found]))
    for one in found:
        if one.level in (Level.STOP, Level.NOTE):
            desk.page.say(f"  {one.name}: {one.sentence}")


def tell_report(desk: Desk, standing: IssueStanding) -> None:
    """The numbers with bars, then every reason behind them."""
    from desk.cli.columns import Column
    from desk.cli.printing import Table

    page, times, issue, counts = desk.page, desk.times, standing.issue, standing.counts
    page.say(f"Issue {issue.id} of {issue.channel}, {issue.window}: {standing.delivery.state}")
    for fix in standing.corrected_by:
        page.say(f"Corrected by issue {fix.id}: pressrun issue report {fix.id}")
    if issue.corrects is not None:
        page.say(f"It corrects issue {issue.corrects}.")
    if not standing.frozen:
        page.say("Its audience is not frozen yet; its readers are decided when it goes.")
    most = max([getattr(counts, name) for name in NUMBERS], default=0)
    for name in NUMBERS:
        number = getattr(counts, name)
        if number or name in FOUR:
            page.say(f"  {name:<10}{number:>10,}  {'█' * round(BAR * number / most) if most else ''}".rstrip())
    page.say(f"  {'candidates':<10}{counts.candidates:>10,}")
    if len(standing.variants) > 1:
        page.say(f"Readers' choices make {len(standing.variants)} variants of it.")
    rows = [[one.state, f"{one.number:,}", " ".join((one.code, one.sentence)).strip()] for one in standing.reasons]
    if rows:
        page.say("")
    page.table(
        Table([Column("reason"), Column("copies", right=True), Column("why", flexible=True)], rows[:MOST_REASONS])
    )
    if len(rows) > MOST_REASONS:
        page.say(f"and {len(rows) - MOST_REASONS} more reasons; --json lists them")
    if standing.counted is not None:
        tell_counted(desk, standing.counted, counts.sent)
    if counts.unknown:
        page.say(f"Whether {counts.unknown:,} got it, only a person can say: pressrun settle d{standing.delivery.id}")
    page.give(timezone=times.name, **report_form(times, standing), counted=counted_form(standing.counted))


def tell_counted(desk: Desk, counted: Counted, sent: int) -> None:
    """Opens and clicks with bars, people and machines apart, then the links."""
    from desk.cli.columns import Column
    from desk.cli.printing import Table

    page, tally = desk.page, counted.tally
    page.say("")
    kinds = [("opened", tally.opened, tally.opened_by_machine)] if counted.opens else []
    kinds += [("followed", tally.clicked, tally.clicked_by_machine)] if counted.clicks else []
    for name, people, machines in kinds:
        for who, number in (("by people", people), ("by machines alone", machines)):
            bar = "█" * round(BAR * min(number, sent) / sent) if sent else ""
            share = f"{100 * number / sent:.1f} %" if sent else ""
            page.say(f"  {name:<9} {who:<18}{number:>10,} {share:>8}  {bar}".rstrip())
            name = ""
    told = ", ".join(f"{SIGNS.get(sign, sign)} {number:,}" for _, sign, number in counted.signs[:MOST_SIGNS])
    if told:
        page.say(f"Machines: {told}.")
    if counted.opens:
        page.say("Opens are a guess: many programs load pictures unread, others never. Clicks say more.")
    rows = [
        [f"{one.clicked:,}", f"{one.clicked_by_machine:,}", one.headline or one.address]
        for one in counted.links[:MOST_REASONS]
    ]
    if rows:
        page.say("")
        heads = [Column("people", right=True), Column("machines", right=True), Column("followed to", flexible=True)]
        page.table(Table(heads, rows))
    if len(counted.links) > MOST_REASONS:
        page.say(f"and {len(counted.links) - MOST_REASONS} more links; --json lists them")


def counted_form(counted: Counted | None) -> CountedForm | None:
    """Opens and clicks for programs; null where nothing is counted."""
    if counted is None:
        return None
    tally = counted.tally
    opens: ByWhomForm = {"people": tally.opened, "machines": tally.opened_by_machine}
    clicks: ByWhomForm = {"people": tally.clicked, "machines": tally.clicked_by_machine}
    return {
        "opens": opens if counted.opens else None,
        "clicks": clicks if counted.clicks else None,
        "machines": [{"what": what, "sign": sign, "copies": number} for what, sign, number in counted.signs],
        "links": [
            {
                "address": one.address,
                "headline": one.headline,
                "people": one.clicked,
                "machines": one.clicked_by_machine,
            }
            for one in counted.links
        ],
    }


def report_form(times: Times, standing: IssueStanding) -> IssueForm:
    """An issue's report for programs."""
    issue, counts = standing.issue, standing.counts
    return {
        "issue": issue.id,
        "newsletter": issue.channel,
        "window": issue.window,
        "frequency": issue.frequency,
        "corrects": issue.corrects,
        "stories": list(issue.article_ids),
        "cut_at": times.iso(issue.cut_at),
        "delivery": standing.delivery.id,
        "state": standing.delivery.state,
        "audience_frozen": standing.frozen,
        "finished": standing.finished,
        "candidates": counts.candidates,
        "sent": counts.sent,
        "refused": counts.refused,
        "unknown": counts.unknown,
        "excluded": counts.excluded,
        "open": counts.open,
        "expired": counts.expired,
        "cancelled": counts.cancelled,
        "variants": len(standing.variants),
        "reasons": [
            {"state": one.state, "code": one.code, "sentence": one.sentence, "copies": one.number}
            for one in standing.reasons
        ],
        "corrections": [
            {"story": one.article_id, "note": one.note, "told_in": one.told_in} for one in standing.corrections
        ],
    }


def _numbers(one: IssueStanding) -> list[str]:
    return [f"{getattr(one.counts, name):,}" for name in FOUR]


def _counted(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {many}"
