"""What the rules would do with a story, told before anything is planned: for ``pressrun rules test`` and previews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from db.records import Article
from scheduler import story_rules
from scheduler.app import App
from scheduler.first_posts import rules_now
from scheduler.hand_in import is_local
from scheduler.intake.targets import read_target
from scheduler.outlet import Outlet
from scheduler.plan import asked_by
from scheduler.story_rules import Fit


@dataclass(frozen=True, slots=True)
class Trial:
    """One story on one channel. ``rules`` are all of the newsroom's, those that do not fit included.

    ``asked`` is why a person's yes is needed ("" where it is not), by rule, source, section or channel. ``at`` is the
    first moment at which the rules let it go, None for never; ``by`` the rule that keeps it until then.
    """

    channel: str
    rules: tuple[Fit, ...]
    asked: str
    at: datetime | None
    by: Fit | None


def try_rules(app: App, outlet: Outlet, article: Article, at: datetime) -> Trial:
    """What happens to a story that comes in, or stands, at ``at``; reads the database, writes nothing."""
    rules = tuple(story_rules.fit(rule, article, outlet.name) for rule in outlet.rules.stories)
    found = [one for one in rules if one.fits]
    start, second_look = story_rules.not_before(found, article.taken_in_at or at, article.priority)
    if start <= at or outlet.crowd:
        start, second_look = at, None
    opening = story_rules.opens(found, start, article.priority, by_person=outlet.crowd)
    with app.ground.reading() as tx:
        asked = asked_by(article, rules_now(tx, outlet))
    return Trial(outlet.name, rules, asked, opening.at, opening.by or second_look)


def stories_at(app: App, target: str) -> tuple[Article, ...]:
    """The stories in a file or at a web address, read and not taken in. Raises ``IntakeError``."""
    found, _ = read_target(target, now=app.clock.now(), fetch=app.fetch, local=is_local(app, target))
    return tuple(one.article for one in found)
