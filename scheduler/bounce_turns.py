"""When the mailboxes of returned mail are looked at, and what the desk hears when one cannot be read."""

from __future__ import annotations

from db import notices
from scheduler.app import App


def look_for_bounces(app: App) -> None:
    """Takes in what came back, every so often as the settings say; nothing where they name no mailbox."""
    asked = app.settings.bounces
    if asked.maildir is None and not asked.imap_host:
        return
    if app.clock.boot() < app.bounces_after:
        return
    from scheduler.bounce_mailbox import MailboxFault, fetch_bounces
    from scheduler.secrets import SecretError

    app.bounces_after = app.clock.boot() + asked.every.total_seconds()
    try:
        fetch_bounces(app)
    except (MailboxFault, SecretError) as fault:
        with app.ground.transaction() as tx:
            notices.tell_once(tx, "bounces", str(fault), "pressrun bounces fetch", now=app.clock.now())
        return
    with app.ground.transaction() as tx:
        notices.clear(tx, "bounces", now=app.clock.now())
