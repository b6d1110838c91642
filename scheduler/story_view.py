"""A story as the desk shows it: for each channel the words, the exact post, what it counts and costs, and where it stands.

Read through the code path that sends: what is shown for a delivery is its stored post, never one composed anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from db import audit, deliveries, log, posts, teasers
from db.log import LogRow
from db.log_view import LogFilter
from db.records import Article, AuditRow, Delivery, Image, Money, Post, Problem, State, SubjectKind, Teaser
from scheduler.aftermath import what_became_of
from scheduler.app import App, Outlet
from scheduler.newsroom.approving import words_mark
from scheduler.newsroom.free_posting import own_words
from scheduler.newsroom.grounds import MAY_CHANGE, Refused, outlet_named
from scheduler.newsroom.wording import reworded_for
from scheduler.prepare import checked, draft
from scheduler.ready_stories import asks_for_a_person
from scheduler.rewording import Rewording
from scheduler.words import teaser_for
from templates.render import TemplateFault
from templates.style import VARIANTS
from templates.teaser import NoWords


@dataclass(frozen=True, slots=True)
class Standing:
    """One channel of a story. ``count`` of ``limit`` as the platform counts; ``seen`` is what a yes to it names.

    ``teaser`` and ``post`` are None where the story offers no words (``fault`` says why). ``stored``: they stand in the
    database, else they are the draft that the next run would write. ``waits``: a person's yes is wanted now.
    ``edit`` put these words in the place of those that ``delivery`` put out; ``takedown`` removes its post, or has.
    """

    outlet: Outlet
    teaser: Teaser | None
    post: Post | None
    problems: tuple[Problem, ...]
    delivery: Delivery | None
    count: int
    limit: int
    cost: Money
    stored: bool
    waits: bool
    fault: str = ""
    edit: Delivery | None = None
    takedown: Delivery | None = None

    @property
    def seen(self) -> str:
        """What ``approve(seen=…)`` wants of this channel."""
        if self.outlet.crowd:
            return words_mark(self.teaser) if self.teaser is not None else ""
        return self.delivery.fingerprint if self.delivery is not None else ""

    @property
    def may_change(self) -> bool:
        """Whether words and time are still a person's to change."""
        if self.delivery is None:
            return self.stored
        return self.delivery.state in MAY_CHANGE

    @property
    def stops(self) -> bool:
        """Whether a problem must be fixed first."""
        return any(problem.stops for problem in self.problems)


def standings(app: App, article: Article) -> list[Standing]:
    """Every channel's, in the order of the settings. Raises ``GroundLost``."""
    with app.ground.reading() as tx:
        stored = {outlet.name: _stored(app, tx, outlet, article) for outlet in app.outlets.values()}
    return [stored[outlet.name] or _drafted(app, outlet, article) for outlet in app.outlets.values()]


def standing_of(app: App, article: Article, outlet: Outlet) -> Standing:
    """One channel's."""
    with app.ground.reading() as tx:
        return _stored(app, tx, outlet, article) or _drafted(app, outlet, article)


def versions(app: App, article: Article, channel: str, most: int = 10) -> list[Teaser]:
    """The versions of the words on one channel, the last ones, the first of them first."""
    with app.ground.reading() as tx:
        return teasers.history(tx, SubjectKind.ARTICLE, article.id, channel)[-most:]


def tried(app: App, article: Article, channel: str, asked: str | Rewording) -> Standing:
    """How one channel would stand with what a person changes in place of what there is; nothing is stored.

    Raises ``Refused`` for a channel there is not, and for what its posts cannot carry.
    """
    outlet = outlet_named(app, channel)
    with app.ground.reading() as tx:
        stored = _stored(app, tx, outlet, article)
        now = stored or _drafted(app, outlet, article)
        if now.teaser is None:
            raise Refused(f"story {article.id} has no words for {channel} yet")
        asked = Rewording(text=asked) if isinstance(asked, str) else asked
        words = reworded_for(app, tx, outlet, article, now.teaser, asked)
    one = checked(outlet, app.silent(outlet), words)
    return replace(_of(app, outlet, one.teaser, one.post, one.problems, now.delivery, now.stored), waits=now.waits)


def tried_post(app: App, text: str, channel: str, *, writer: str, picture: Image | None = None) -> Standing:
    """How a person's own words would stand on one channel, without a story; nothing is stored. Raises ``Refused``."""
    outlet = outlet_named(app, channel)
    one = checked(outlet, app.silent(outlet), own_words(outlet, text, writer=writer, picture=picture))
    return _of(app, outlet, one.teaser, one.post, one.problems, None, False)


def wordings(app: App, article: Article, channel: str) -> Mapping[str, str]:
    """The story's other wordings for a channel, by the name of the variant; the machine's own, nothing stored."""
    outlet = outlet_named(app, channel)
    found: dict[str, str] = {}
    for variant in VARIANTS:
        try:
            text = teaser_for(app, outlet, article, variant=variant).text
        except (NoWords, TemplateFault):
            continue
        if text not in found.values():
            found[variant] = text
    return found


def history(app: App, article_id: int, most: int = 100) -> list[LogRow]:
    """The story's deliveries on all channels, the issues it was in included, the moment promised last first."""
    with app.ground.reading() as tx:
        return log.deliveries(tx, LogFilter(story=article_id), most)


def deeds(app: App, article_id: int, known: Sequence[LogRow], most: int = 50) -> list[AuditRow]:
    """Who did what with a story, its words on each channel and its deliveries among ``known``, the last first."""
    own = [one.delivery for one in known if one.delivery.subject_kind is SubjectKind.ARTICLE]
    channels = dict.fromkeys((*app.outlets, *(one.channel for one in own)))
    subjects = [f"story {article_id}", *(f"story {article_id} on {one}" for one in channels)]
    subjects += [f"delivery {one.id}" for one in own]
    with app.ground.reading() as tx:
        return audit.rows(tx, subjects=subjects, limit=most)


def words_waiting(app: App, tx: Connection, stories: Sequence[Article]) -> dict[int, list[str]]:
    """For each story the newsletters for which its words wait for a yes: they stand in no delivery of their own yet."""
    asked: list[tuple[int, str, int]] = []
    for outlet in app.outlets.values():
        for article in stories if outlet.crowd else ():
            newest = teasers.newest(tx, SubjectKind.ARTICLE, article.id, outlet.name)
            if newest is not None and article.skipped_at is None and asks_for_a_person(outlet, article, newest):
                asked.append((article.id, outlet.name, newest.id))
    given = teasers.approved(tx, [one for _, _, one in asked])
    found: dict[int, list[str]] = {}
    for article_id, channel, teaser_id in asked:
        if teaser_id not in given:
            found.setdefault(article_id, []).append(channel)
    return found


def _stored(app: App, tx: Connection, outlet: Outlet, article: Article) -> Standing | None:
    found = deliveries.of_subject(tx, SubjectKind.ARTICLE, article.id, mode=outlet.mode, channel=outlet.name)
    own = [one for one in found if one.purpose.startswith(("first", "again-", "evergreen-"))] or found
    if own:
        became = what_became_of(own[-1], found)
        post_id = became.words.post_id
        teaser_id = posts.teaser_id(tx, post_id)
        words = teasers.get(tx, teaser_id) if teaser_id is not None else None
        there = _of(app, outlet, words, posts.get(tx, post_id), posts.problems(tx, post_id), became.post, True)
        return replace(there, edit=became.words if became.words is not became.post else None, takedown=became.takedown)
    newest = teasers.newest(tx, SubjectKind.ARTICLE, article.id, outlet.name)
    if newest is None:
        return None
    one = checked(outlet, app.silent(outlet), newest)
    yes = bool(teasers.approved(tx, [newest.id]))
    asked = outlet.crowd and not yes and article.skipped_at is None and asks_for_a_person(outlet, article, newest)
    return replace(_of(app, outlet, one.teaser, one.post, one.problems, None, True), waits=asked)


def _drafted(app: App, outlet: Outlet, article: Article) -> Standing:
    try:
        one = draft(app, outlet, article)
    except (NoWords, TemplateFault) as fault:
        limit = app.silent(outlet).limits.length
        return Standing(outlet, None, None, (), None, 0, limit, Money(), False, False, str(fault))
    return _of(app, outlet, one.teaser, one.post, one.problems, None, False)


def _of(
    app: App,
    outlet: Outlet,
    words: Teaser | None,
    post: Post,
    problems: tuple[Problem, ...],
    delivery: Delivery | None,
    stored: bool,
) -> Standing:
    channel = app.silent(outlet)
    counted = words.text if outlet.crowd and words is not None else post.parts[0].text
    return Standing(
        outlet=outlet,
        teaser=words,
        post=post,
        problems=problems,
        delivery=delivery,
        count=channel.measure(counted),
        limit=channel.limits.length,
        cost=channel.price(post),
        stored=stored,
        waits=delivery is not None and delivery.state is State.WAITING,
    )
