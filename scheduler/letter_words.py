"""What letters say: the words of one for one reader, with the link that is theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from channels.email.links import make_confirm_token, make_token
from db.letters import Letter, LetterPurpose
from db.records import Subscriber
from scheduler.app import App, Outlet
from scheduler.keys import keys_in

if TYPE_CHECKING:
    from templates.letter import LetterTemplates, LetterWords


@dataclass(frozen=True, slots=True)
class LettersWords:
    """What every letter of a channel is made from."""

    templates: LetterTemplates
    link_key: bytes = field(repr=False)
    base: str
    newsroom: str
    postal: str
    language: str
    zone: ZoneInfo
    within: timedelta

    def of(self, letter: Letter, reader: Subscriber, title: str) -> LetterWords:
        """The words of one letter; the link counts from the second in which it was asked for."""
        around = {
            "newsletter": title,
            "newsroom": self.newsroom,
            "postal": self.postal,
            "language": self.language,
        }
        if letter.purpose is LetterPurpose.CHOICES:
            token = make_token(self.link_key, letter.list_name, reader.token_seed)
            return self.templates.choices(link=f"{self.base}/p/{token}", **around)
        asked = int(letter.created_at.timestamp())
        token = make_confirm_token(self.link_key, letter.list_name, reader.token_seed, asked)
        until = (datetime.fromtimestamp(asked, UTC) + self.within).astimezone(self.zone).date()
        return self.templates.confirm(link=f"{self.base}/c/{token}", until=until, **around)


def words_of_letters(app: App, outlet: Outlet) -> LettersWords:
    """What the letters of this newsletter are made from at this moment."""
    from templates.letter import LetterTemplates

    settings, folder, letter = app.settings, app.settings.teasers.folder, outlet.letter
    return LettersWords(
        templates=LetterTemplates([folder] if folder is not None else []),
        link_key=keys_in(app.folder).link,
        base=settings.newsroom.public_url.rstrip("/"),
        newsroom=settings.newsroom.name,
        postal=settings.newsroom.postal_address,
        language=(letter.language if letter is not None else "") or settings.newsroom.language,
        zone=letter.zone if letter is not None else settings.newsroom.zone,
        within=settings.readers.confirm_within,
    )
