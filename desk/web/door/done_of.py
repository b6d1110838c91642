"""What the line over a page says was done with one story: which it was, and when it goes where. Read as it stands now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from db import articles, deliveries
from db.errors import NotThere
from db.records import Delivery, State, SubjectKind
from desk.web.door.times import PageTimes
from scheduler.app import App
from scheduler.newsroom.grounds import MAY_CHANGE
from templates.desk_words import DeskWords

MOST_LETTERS = 80


@dataclass(frozen=True, slots=True)
class DoneOf:
    """The story that was acted on. ``when`` says for each channel asked about when it goes; ``open``: it can be stopped."""

    story: int
    headline: str
    when: str
    open: bool

    def sentence(self, words: DeskWords, done: str, plain: str) -> str:
        """The line for what was ``done``, a name under ``done`` in the catalogue; ``plain`` is what it says unnamed."""
        name = f"done_of.{done}"
        if name in words and self.when:
            return words(name, headline=self.headline, when=self.when)
        return words("done_of.named", headline=self.headline, done=plain)


def done_of(app: App, asked: Mapping[str, str], times: PageTimes, words: DeskWords) -> DoneOf | None:
    """What an address asks about: ``story=5&on=x-main,fb-main``. None where it names no story that there is."""
    number = asked.get("story", "")
    if not (number.isdecimal() and len(number) < 19):
        return None
    channels = [one for one in asked.get("on", "").split(",") if one in app.outlets]
    with app.ground.reading() as tx:
        try:
            article = articles.get(tx, int(number))
        except NotThere:
            return None
        found = {one.channel: one for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article.id)}
    headline = article.headline
    if len(headline) > MOST_LETTERS:
        headline = f"{headline[:MOST_LETTERS].rstrip()}…"
    told = [
        words("done_of.place", channel=one, when=_when(found.get(one), times, words, crowd=app.outlets[one].crowd))
        for one in channels
    ]
    still = any(one.state in MAY_CHANGE for name, one in found.items() if name in channels)
    return DoneOf(article.id, headline, words("done_of.between").join(told), still)


def _when(one: Delivery | None, times: PageTimes, words: DeskWords, *, crowd: bool) -> str:
    if one is None or crowd:
        return words("done_of.next_issue")
    if one.state is not State.PLANNED:
        return words(f"state.{one.state}")
    return words("done_of.at_once") if one.next_at <= times.now else times.show(one.next_at)
