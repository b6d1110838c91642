"""``pressrun preview``: what would be sent, byte for byte, from the code path that sends it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from desk.cli.options import AsJson, Channels, SettingsFile, Story

if TYPE_CHECKING:
    from db.records import Article, Delivery, Part, Post, Problem, Teaser
    from desk.cli.opening import Desk
    from scheduler.app import Outlet


_SLOT = re.compile(r"%%[A-Z]+%%")
"""Where a newsletter's text has what is each reader's own."""


@dataclass(frozen=True, slots=True)
class Preview:
    """One channel's post: the stored one of its delivery, the newest words, or the machine's draft."""

    outlet: Outlet
    post: Post
    problems: tuple[Problem, ...]
    teaser: Teaser | None
    delivery: Delivery | None
    stored: bool


def preview(story: Story, channel: Channels = None, as_json: AsJson = False, settings: SettingsFile = None) -> int:
    """Show exactly what would be sent for a story, on one channel or all.

    For each channel: the text byte for byte, its length as the platform counts it with the limit, what it costs, what
    an editor must fix, which sentences of the story the words were made of, and what was left out of them. Where
    nothing is stored yet it shows the draft that the next run would write, and stores nothing.

    \b
    Examples:
      pressrun preview latest
      pressrun preview 12 --channel x-main
    """
    from desk.cli.forms import article_body_form
    from desk.cli.naming import check_channels, find_story
    from desk.cli.opening import opened

    with opened(settings, as_json=as_json) as desk:
        chosen = check_channels(desk, channel)
        article = find_story(desk, story)
        shown = [
            _preview(desk, outlet, article) for name, outlet in desk.app.outlets.items() if name in chosen or not chosen
        ]
        _tell_embargo(desk, article)
        for one in shown:
            _tell(desk, one)
            _tell_rules(desk, one, article)
        _tell_left_out(desk, article)
        desk.page.say("", f"Times are in {desk.times.name}.")
        forms = [{**_form(desk, one), "rules": _rules_form(one, article)} for one in shown]
        desk.page.give(timezone=desk.times.name, story=article_body_form(article, desk.times), posts=forms)
    return 0


def _preview(desk: Desk, outlet: Outlet, article: Article) -> Preview:
    from db import deliveries, posts, teasers
    from db.records import SubjectKind
    from scheduler.prepare import checked, draft

    with desk.app.ground.reading() as tx:
        found = deliveries.of_subject(tx, SubjectKind.ARTICLE, article.id, mode=outlet.mode, channel=outlet.name)
        if found:
            last = found[-1]
            teaser_id = posts.teaser_id(tx, last.post_id)
            words = teasers.get(tx, teaser_id) if teaser_id is not None else None
            return Preview(outlet, posts.get(tx, last.post_id), posts.problems(tx, last.post_id), words, last, True)
        newest = teasers.newest(tx, SubjectKind.ARTICLE, article.id, outlet.name)
    one = checked(outlet, desk.app.silent(outlet), newest) if newest else draft(desk.app, outlet, article)
    return Preview(outlet, one.post, one.problems, one.teaser, None, newest is not None)


def _tell_embargo(desk: Desk, article: Article) -> None:
    if article.embargo_at is not None and article.embargo_at > desk.app.clock.now():
        until = f"{desk.times.show(article.embargo_at)} {desk.times.name}"
        desk.page.say(f"UNDER EMBARGO until {until}: for the desk's eyes, no word of it leaves before.")


def _tell(desk: Desk, one: Preview) -> None:
    from desk.cli.standing_words import moment_of

    page, channel = desk.page, desk.app.silent(one.outlet)
    page.say("")
    standing = "words stored, goes with the next issue" if one.outlet.crowd else "words stored, not planned"
    if one.delivery is not None:
        standing = f"d{one.delivery.id}, {one.delivery.state}, {moment_of(one.delivery, desk.times)}"
    elif not one.stored:
        standing = "a draft, nothing stored yet"
    page.say(f"== {one.outlet.name} ({one.outlet.kind}, {one.outlet.mode}): {standing}")
    for number, part in enumerate(one.post.parts, 1):
        alone, price = len(one.post.parts) == 1, ""
        if not alone:
            page.say("The first comment:" if part.comment else f"Part {number} of {len(one.post.parts)}:")
            costs = channel.price(replace(one.post, parts=(part,)))
            price = f", {costs}" if costs.micros else ""
        _tell_part(desk, part)
        counted, what = _counted(one, part)
        page.say(f"[{channel.measure(counted)} of {channel.limits.length} {what}{price}]")
    page.say(f"Cost: {channel.price(one.post)}")
    if one.teaser is not None:
        page.say(f"Words: version {one.teaser.version}, by {one.teaser.writer}")
        for sentence in one.teaser.used:
            page.say(f"  made of: {sentence}")
    for problem in one.problems:
        page.say(f"{'Must be fixed' if problem.stops else 'Note'}: {problem.message}")


def _tell_rules(desk: Desk, one: Preview, article: Article) -> None:
    """The newsroom's rules that fit the story here, and why nothing goes yet where one keeps it."""
    from scheduler.needs import planned_but_stopped
    from scheduler.story_rules import fits, says

    for found in fits(one.outlet.rules.stories, article, one.outlet.name):
        desk.page.say(f'Rule "{found.rule.name}" {says(found.rule)}: {found.because}')
    if one.delivery is not None:
        with desk.app.ground.reading() as tx:
            kept = planned_but_stopped(desk.app, tx, one.delivery)
        if kept:
            desk.page.say(f"Held: {kept}")


def _rules_form(one: Preview, article: Article) -> list[dict[str, str]]:
    from scheduler.story_rules import fits

    found = fits(one.outlet.rules.stories, article, one.outlet.name)
    return [{"rule": fit.rule.name, "because": fit.because} for fit in found]


def _tell_part(desk: Desk, part: Part) -> None:
    if part.subject:
        desk.page.say(f"Subject:   {part.subject}", f"Preheader: {part.preheader}", "")
    desk.page.verbatim(_SLOT.sub("(each reader's own link)", part.text))
    if part.link and part.link not in part.text:
        desk.page.verbatim(f"Link beside the text: {part.link}")
    for image in part.images:
        desk.page.say(f"Picture: {image.path or image.url} (alt text: {image.alt or 'none'})")


def _counted(one: Preview, part: Part) -> tuple[str, str]:
    """The text that the limit is about, and what is counted: the story's words in an issue, a post's text."""
    if one.outlet.crowd:
        return one.teaser.text if one.teaser else part.text, "characters for the story"
    return part.text, "as the platform counts"


def _tell_left_out(desk: Desk, article: Article) -> None:
    if article.removed:
        desk.page.say("", "Left out of every teaser:")
        for line in article.removed:
            desk.page.say(f"  {line.kind}: {line.text}")


def _form(desk: Desk, one: Preview) -> dict[str, Any]:
    from desk.cli.forms import delivery_form, dollars, post_form, problem_form

    channel = desk.app.silent(one.outlet)
    form = post_form(one.post)
    parts = [
        {**shown, "count": channel.measure(_counted(one, part)[0])}
        for part, shown in zip(one.post.parts, form["parts"], strict=True)
    ]
    return {
        "channel": one.outlet.name,
        "kind": one.outlet.kind,
        "channel_mode": one.outlet.mode.value,
        "stored": one.stored,
        "delivery": delivery_form(one.delivery, desk.times) if one.delivery else None,
        "fingerprint": form["fingerprint"],
        "parts": parts,
        "limit": channel.limits.length,
        "cost_usd": dollars(channel.price(one.post)),
        "version": one.teaser.version if one.teaser else None,
        "writer": one.teaser.writer if one.teaser else None,
        "used": list(one.teaser.used) if one.teaser else [],
        "problems": [problem_form(problem) for problem in one.problems],
    }
