"""The shadow week: what a rehearsing channel would have posted beside what people posted on the real account.

The account is only read, with the channel's own live credentials; nothing is posted and nothing is stored. Two posts
tell the same when they link to the same page, campaign marks aside, or when nearly all their words agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.errors import ChannelError
from channels.matching import Likeness, Wording, compare, plain_links, wording
from db import posts
from db.records import Money, Part, SeenPost
from db.shadowed import Rehearsed, rehearsed
from scheduler.app import App, Outlet

SAME_EVENT = timedelta(days=1)
"""People may have posted a story a day before or after: further apart it is another time."""


@dataclass(frozen=True, slots=True)
class Would:
    """A post that Pressrun would have sent: the story, the words, when."""

    rehearsed: Rehearsed
    text: str
    price: Money


@dataclass(frozen=True, slots=True)
class Pair:
    """The same story on both sides."""

    would: Would
    seen: SeenPost

    @property
    def later(self) -> timedelta:
        """How much later than people Pressrun would have been; negative: sooner."""
        return self.would.rehearsed.at - self.seen.at if self.seen.at is not None else timedelta(0)


@dataclass(frozen=True, slots=True)
class Shadow:
    """One channel's comparison over a span. ``problem`` says why the account could not be read, else "".

    ``complete`` is False where the account has more than could be read: then "only ours" may be wrong.
    """

    channel: str
    account: str
    pairs: tuple[Pair, ...] = ()
    only_ours: tuple[Would, ...] = ()
    only_theirs: tuple[SeenPost, ...] = ()
    complete: bool = True
    cost: Money = field(default=Money())  # of reading the account
    bill: Money = field(default=Money())  # what ours would have cost
    problem: str = ""

    @property
    def ours(self) -> int:
        """How many posts Pressrun would have sent."""
        return len(self.pairs) + len(self.only_ours)

    @property
    def theirs(self) -> int:
        """How many people posted."""
        return len({pair.seen.id for pair in self.pairs}) + len(self.only_theirs)


def shadow(app: App, outlet: Outlet, since: datetime, until: datetime) -> Shadow:
    """Compares one channel over a span. ``app`` and ``outlet`` stand on settings in which the channel is live.

    Raises nothing for an account that cannot be read: the result says why.
    """
    would = _would(app, outlet, since, until)
    channel = app.channel(outlet)
    try:
        health = channel.check()
        if not health.ok:
            why = " ".join(problem.message for problem in health.problems)
            return Shadow(outlet.name, health.account_name, only_ours=tuple(would), problem=why)
        seen = channel.timeline(since - SAME_EVENT)
    except ChannelError as error:
        return Shadow(outlet.name, "", only_ours=tuple(would), problem=error.failure.sentence)
    account = health.account_name or health.account_id
    pairs, rest = _paired(would, list(seen.posts))
    known = {pair.seen.id for pair in pairs}
    theirs = [one for one in seen.posts if one.id not in known and (one.at is None or since <= one.at < until)]
    return Shadow(
        outlet.name,
        account,
        pairs=tuple(pairs),
        only_ours=tuple(rest),
        only_theirs=tuple(reversed(theirs)),
        complete=seen.complete,
        cost=Money(outlet.look_price.micros * len(seen.posts)),
        bill=sum((one.price for one in would), Money()),
    )


def _would(app: App, outlet: Outlet, since: datetime, until: datetime) -> list[Would]:
    found = []
    with app.ground.reading() as tx:
        for one in rehearsed(tx, outlet.name, since, until):
            post = posts.get(tx, one.post_id)
            text = "\n\n".join(_whole(part) for part in post.parts)
            found.append(Would(one, text, app.silent(outlet).price(post)))
    return found


def _whole(part: Part) -> str:
    return f"{part.text}\n{part.link}" if part.link and part.link not in part.text else part.text


def _paired(would: list[Would], seen: list[SeenPost]) -> tuple[list[Pair], list[Would]]:
    """Each of ours with the nearest in time of theirs that tells the same; and those that nobody posted."""
    theirs = [(one, _wording(one.text, one.links)) for one in seen]
    pairs, rest = [], []
    for ours in would:
        mine = _wording(ours.text, ())
        same = [one for one, other in theirs if compare(mine, other) is not Likeness.NO and _near(ours, one)]
        if same:
            pairs.append(Pair(ours, min(same, key=lambda one: abs(Pair(ours, one).later))))
        else:
            rest.append(ours)
    return pairs, rest


def _wording(text: str, links: tuple[str, ...]) -> Wording:
    spans = plain_links(text)
    return wording(text, spans, [*links, *(text[start:end] for start, end in spans)])


def _near(ours: Would, one: SeenPost) -> bool:
    return one.at is None or abs(ours.rehearsed.at - one.at) <= SAME_EVENT
