"""An issue before it goes: what would be cut now or what was, as the very bytes a reader gets, and the desk's test mail.

Preview and sending share one path: stored or composed words, compiled, filled for a reader. What differs between the
preview's bytes and a reader's are the reader's own: To, Date, Message-ID, their links and name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from channels.email.addresses import parse_address
from channels.email.channel import TEST_SEED, EmailChannel
from db import audit, embargoes, issue_corrections, issue_variants, issue_wishes, posts, subscribers, teasers
from db.records import Frequency, Issue, Mode, Part, Problem, Receipt, Subscriber
from db.subscribers import Candidate
from scheduler.app import App, Outlet
from scheduler.copies import Occasion, Piece, copy_for
from scheduler.cutting import waiting_for
from scheduler.issue_promise import compose
from scheduler.issue_standing import newsletter_named
from scheduler.lineup import Lineup
from scheduler.mail_allowance import Allowance
from scheduler.mailing import issue_key
from scheduler.newsroom.grounds import Refused
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.variants import box, lineup_of

_QUEUED = re.compile(r"queued as (\w+)")
"""How the rehearsal's mail server names what it took; its page shows it under that name."""


@dataclass(frozen=True, slots=True)
class Preview:
    """An issue as it would go. ``message`` are the bytes for ``reader``; ``issue`` is None while it is not cut.

    ``embargo_at`` is the end of the last embargo over what it tells, None where none lies now.
    """

    outlet: Outlet
    issue: Issue | None
    lineup: Lineup
    part: Part
    problems: tuple[Problem, ...]
    message: bytes
    html_size: int
    reader: str
    embargo_at: datetime | None = None


def preview(app: App, name: Issue | str, frequency: Frequency = Frequency.DAILY, reader: str = "") -> Preview:
    """A stored issue, or what a newsletter's next one would be if it were cut now.

    ``reader``: the address of a subscriber, whose own variant and links are shown; "" shows the whole issue with links
    that belong to nobody. Raises ``Refused`` where there is nothing to show.
    """
    now = app.clock.now()
    outlet = newsletter_named(app, name.channel if isinstance(name, Issue) else name)
    letter, channel = outlet.letter, app.silent(outlet)
    assert letter is not None
    assert isinstance(channel, EmailChannel)
    with app.ground.reading() as tx:
        if isinstance(name, Issue):
            lineup = lineup_of(tx, name)
            problems = posts.problems(tx, name.post_id)
        else:
            waiting = waiting_for(tx, outlet, frequency, now)
            if not waiting.stories:
                raise Refused(f"no story waits for the next {frequency} issue of {name}; see: pressrun queue")
            untold = issue_corrections.untold(tx, outlet.mode, outlet.name, now)
            lineup = Lineup(
                letter.window(frequency, now),
                frequency,
                waiting.stories,
                waiting.articles,
                tuple(box(one.note, teasers.get(tx, one.teaser_id)) for one in untold),
                own=issue_wishes.words(tx, outlet.name, frequency),
            )
            problems = ()
        person = _reader(tx, channel, reader) if reader else None
        chosen: tuple[int, ...] = tuple(one.article_id for one in lineup.stories)
        if person is not None:
            chosen = _chosen(tx, outlet, name, lineup, person, app=app)
        whole = chosen == tuple(one.article_id for one in lineup.stories)
        part = _stored(tx, name, chosen, whole=whole) if isinstance(name, Issue) else None
        embargo_at = embargoes.of_issue(tx, name.id, now) if isinstance(name, Issue) else None
    if part is None:
        post, found = compose(app, outlet, lineup.only(chosen))
        (part,), problems = post.parts, found
    key = issue_key(name) if isinstance(name, Issue) else f"preview {outlet.name}"
    compiled = channel.compile(part, key, lane="alert" if lineup.frequency is Frequency.IMMEDIATE else "digest")
    number = name.id if isinstance(name, Issue) else 0
    to = channel.reader(person.subscriber, number) if person is not None else channel.preview_reader()
    message = compiled.for_recipient(to, now)
    size = compiled.html_size(to)
    issue = name if isinstance(name, Issue) else None
    return Preview(outlet, issue, lineup.only(chosen), part, tuple(problems), message, size, reader, embargo_at)


@dataclass(frozen=True, slots=True)
class TestMail:
    """A test mail that the mail server took: to whom, what the server said, and where a rehearsal shows it, else ""."""

    to: str
    receipt: Receipt
    page: str


@needs(Permission.WORD)
def send_test(app: App, shown: Preview, to: str, *, actor: str) -> TestMail:
    """Sends what a preview shows to one address of the desk, once, with links that belong to nobody; audited.

    Its subject line says where a story of it is under embargo. Raises ``ChannelError`` when the server does not take it, ``BadAddress`` for what is no address.
    """
    channel = app.channel(shown.outlet)
    assert isinstance(channel, EmailChannel)
    now = app.clock.now()
    address = parse_address(to) if to else channel.preview_reader().address
    reader = channel.reader(Subscriber(address=address.text, token_seed=TEST_SEED))
    kept = f", under embargo until {app.told(shown.embargo_at)}" if shown.embargo_at is not None else ""
    part = replace(shown.part, subject=f"[Test{kept}] {shown.part.subject}")
    message = channel.compile(part, f"test {now.isoformat()}").for_recipient(reader, now)
    with channel.relay() as relay:
        relay.open()
        with app.ground.transaction() as tx:
            Allowance(app.settings.newsroom.zone).count_one(tx, shown.outlet.mode, relay.config, now)
        sealed = channel.sealed(message, relay.config.provider, now)
        receipt = relay.deliver(channel.letters_return_path(relay.config.provider), address, sealed)
    with app.ground.transaction() as tx:
        subject = f"issue {shown.issue.id}" if shown.issue is not None else f"next issue of {shown.outlet.name}"
        audit.write(tx, "test mail", subject, actor=actor, now=now, after=receipt.code or receipt.id)
    return TestMail(address.text, receipt, _in_rehearsal(app, shown.outlet.mode, receipt))


def _in_rehearsal(app: App, mode: Mode, receipt: Receipt) -> str:
    found = _QUEUED.search(f"{receipt.code} {receipt.raw}") if mode is Mode.REHEARSAL else None
    return f"{app.rehearsal.addresses().page_url}/mail/{found[1]}" if found is not None else ""


def _reader(tx: Connection, channel: EmailChannel, address: str) -> Candidate:
    found = subscribers.find(tx, parse_address(address).key)
    there = subscribers.on_list(tx, channel.list_name, found.id) if found is not None else None
    if there is None:
        raise Refused(f"{address} is not on the list {channel.list_name}")
    return there


def _chosen(
    tx: Connection, outlet: Outlet, name: Issue | str, lineup: Lineup, person: Candidate, *, app: App
) -> tuple[int, ...]:
    letter, now = outlet.letter, app.clock.now()
    assert letter is not None
    had: frozenset[int] = frozenset()
    if isinstance(name, Issue):
        had = issue_variants.had(tx, issue_variants.elsewhere(tx, name), [person.subscriber.id]).get(
            person.subscriber.id, frozenset()
        )
    occasion = Occasion(
        letter=letter,
        frequency=lineup.frequency,
        pieces=[
            Piece(one.article_id, lineup.section_of(one.article_id), lineup.language_of(one.article_id))
            for one in lineup.stories
        ],
        due_at=now,
        latest_at=None,
        correction=lineup.corrected,
    )
    copy = copy_for(occasion, person.choices, had=had, now=now)
    if isinstance(copy, str):
        raise Refused(f"{person.subscriber.address} gets no copy: {copy}")
    return copy.article_ids


def _stored(tx: Connection, issue: Issue, chosen: tuple[int, ...], *, whole: bool) -> Part | None:
    """What is stored for these stories; for all of them the issue's own words, as they will go out."""
    if whole:
        (part,) = posts.get(tx, issue.post_id).parts
        return part
    for variant in reversed(issue_variants.of_issue(tx, issue.id)):
        if variant.article_ids == chosen:
            (part,) = posts.get(tx, variant.post_id).parts
            return part
    return None
