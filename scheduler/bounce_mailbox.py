"""Fetching what came back: from a Maildir that the mail server fills, or from a mailbox over IMAP.

A mail is taken in, and only then moved on (Maildir: from new to cur) or marked as seen (IMAP): one that was cut off in
between is read again and counts once. Nothing is ever deleted.
"""

from __future__ import annotations

import imaplib
import os
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

from scheduler.app import App
from scheduler.feedback import Taken, take_mail
from scheduler.secrets import read_secrets

MOST_BYTES = 5_000_000
AT_ONCE = 1_000
SECONDS = 30.0


class MailboxFault(Exception):
    """The mailbox cannot be read. ``str()`` says which, why and what to do."""

    exit_code = 3


def fetch_bounces(app: App) -> list[Taken]:
    """Takes in what is new in every mailbox that the settings name. Raises ``MailboxFault`` and ``SecretError``."""
    asked = app.settings.bounces
    taken: list[Taken] = []
    if asked.maildir is not None:
        taken += _from_maildir(app, asked.maildir)
    if asked.imap_host:
        taken += _from_imap(app)
    return taken


def _from_maildir(app: App, folder: Path) -> Iterator[Taken]:
    if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
        raise MailboxFault(f"{folder} is no Maildir (it lacks new and cur); correct [bounces] maildir")
    try:
        for name in sorted(os.listdir(folder / "new"))[:AT_ONCE]:
            with (folder / "new" / name).open("rb") as file:
                yield from take_mail(app, file.read(MOST_BYTES), source="mailbox")
            (folder / "new" / name).rename(folder / "cur" / f"{name}:2,S")
    except OSError as error:
        wrong = f"the Maildir {folder} cannot be worked ({error.strerror})"
        raise MailboxFault(f"{wrong}; give this user the right to read and move its mails") from None


def _from_imap(app: App, connect: Callable[..., imaplib.IMAP4] | None = None) -> Iterator[Taken]:
    asked = app.settings.bounces
    secret = read_secrets(asked)
    try:
        context = ssl.create_default_context()
        if connect is not None:
            line = connect(asked.imap_host, asked.imap_port)
        else:
            line = imaplib.IMAP4_SSL(asked.imap_host, asked.imap_port, ssl_context=context, timeout=SECONDS)
        with line:
            line.login(asked.imap_user, secret["IMAP_PASSWORD"].reveal() if "IMAP_PASSWORD" in secret else "")
            line.select(asked.imap_folder)
            _, found = line.uid("SEARCH", "UNSEEN")
            for uid in (found[0] or b"").split()[:AT_ONCE]:
                _, answer = line.uid("FETCH", uid.decode(), "(BODY.PEEK[])")
                raw = next((part[1] for part in answer if isinstance(part, tuple)), b"")
                yield from take_mail(app, raw[:MOST_BYTES], source="mailbox")
                line.uid("STORE", uid.decode(), "+FLAGS", "(\\Seen)")
    except (imaplib.IMAP4.error, OSError) as error:
        said = str(error) if isinstance(error, OSError) else "the server refused"
        raise MailboxFault(
            f"the mailbox of {asked.imap_user} at {asked.imap_host} cannot be read ({said}); check [bounces] and its "
            "secret file"
        ) from None
