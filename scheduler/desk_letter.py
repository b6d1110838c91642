"""A letter to the desk that is no notice: a report, told at once and on no other way than mail."""

from __future__ import annotations

from scheduler import carriers
from scheduler.app import App
from scheduler.desk_messages import Kind, Message


def mail_desk(app: App, key: str, subject: str, lines: list[str]) -> None:
    """Mails the desk where ``[notices] email`` is set; nothing else. ``key`` names the letter for life.

    Raises ``NotCarried`` with a sentence where it does not get there.
    """
    if not app.settings.notices.email:
        return
    message = Message(key, Kind.DAY, subject, details=tuple(lines))
    carriers.carrier(app, carriers.EMAIL).carry([message], app.clock.now())
