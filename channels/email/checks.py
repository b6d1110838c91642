"""What an editor, or whoever wrote the settings, must fix before an issue may go. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from channels.email.addresses import BadAddress, parse_mailbox
from channels.email.bodies import SLOT, SLOTS
from channels.email.headers import UnsafeHeader, check_value
from channels.email.message import Compiled, Reader
from db.records import Mode, Part, Problem

SUBJECT_LENGTH = 150
SUBJECT_SHOWN = 90
HTML_CLIPPED = 102_400
"""Octets of HTML, as sent, from which on large mail programs cut the page and hide its end."""
HTML_NEAR = 90 * 1024

_FREE_MAIL = frozenset(
    {"gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "aol.com", "outlook.com", "hotmail.com", "live.com"}
    | {"msn.com", "icloud.com", "me.com", "mail.ru", "gmx.de", "gmx.net", "web.de", "proton.me", "protonmail.com"}
    | {"qq.com", "163.com"}
)


def settings_problems(mode: Mode, sender: str, reply_to: str, public_url: str) -> Iterator[Problem]:
    """Faults of the addresses in settings.toml."""
    for key, value in (("from", sender), ("reply_to", reply_to)):
        if not value and key == "reply_to":
            continue
        try:
            mailbox = parse_mailbox(value)
            check_value(key, mailbox.name)
        except (BadAddress, UnsafeHeader) as error:
            yield Problem(f"bad {key}", f'{key} = "{value}" in settings.toml is not a mail address: {error}')
            continue
        if mailbox.address.needs_smtputf8:
            yield Problem(f"bad {key}", f"{key} in settings.toml needs an address in plain ASCII before the @-sign")
        if key == "from" and mode is Mode.LIVE and mailbox.address.domain in _FREE_MAIL:
            yield Problem(
                "free mail",
                f"Mail from {mailbox.address.domain} that another server sends fails DMARC; set from to an address of "
                "the newsroom's own domain.",
            )
    split = urlsplit(public_url)
    if mode is Mode.LIVE and (split.scheme != "https" or not split.hostname):
        yield Problem(
            "public_url",
            "One-click unsubscribe needs an https address that readers can reach; set [newsroom] public_url.",
        )
    elif public_url and (not public_url.isascii() or any(mark.isspace() for mark in public_url)):
        yield Problem("public_url", "[newsroom] public_url must be a plain ASCII address without spaces.")


def standing_problems(mode: Mode, postal_address: str, feedback_id: str) -> Iterator[Problem]:
    """What the law and the large mailbox providers want to see."""
    if not postal_address.strip():
        yield Problem(
            "postal address",
            "The law asks for the newsroom's postal address in every newsletter; set postal_address.",
            stops=mode is Mode.LIVE,
        )
    if feedback_id and not (5 <= len(feedback_id) <= 15 and feedback_id.isascii() and feedback_id.isalnum()):
        yield Problem("feedback_id", "feedback_id must be 5 to 15 letters and digits; Gmail ignores any other.")


def part_problems(part: Part) -> Iterator[Problem]:
    """Faults of the words themselves."""
    if not part.subject.strip():
        yield Problem("no subject", "The subject is empty: write one.")
    elif len(part.subject) > SUBJECT_LENGTH:
        yield Problem(
            "long subject",
            f"The subject has {len(part.subject)} characters, {SUBJECT_LENGTH} is the most; shorten it.",
        )
    elif len(part.subject) > SUBJECT_SHOWN:
        yield Problem(
            "long subject",
            f"The subject has {len(part.subject)} characters; most inboxes show fewer than {SUBJECT_SHOWN}.",
            stops=False,
        )
    try:
        check_value("The subject", part.subject)
    except UnsafeHeader as error:
        yield Problem("subject characters", f"{error}.")
    for where, words in (("HTML", part.html), ("text", part.text)):
        slots = SLOT.findall(words)
        if not words.strip():
            yield Problem(f"no {where}", f"The {where} part is empty: mend the template.")
        elif "UNSUBSCRIBE" not in slots:
            yield Problem(
                "no unsubscribe link",
                f"The {where} part has no unsubscribe link; put %%UNSUBSCRIBE%% back into the template.",
            )
        for slot in sorted(set(slots) - set(SLOTS)):
            yield Problem("unknown slot", f"%%{slot}%% in the {where} part is not a slot; take it out of the template.")


def size_problems(compiled: Compiled, reader: Reader, *, may_be_clipped: bool = False) -> Iterator[Problem]:
    """Whether mail programs would clip the page: counted as sent, so in the encoding that was chosen for it.

    ``may_be_clipped``: the newsroom said that it may, so that it is told and stops nothing.
    """
    size = compiled.html_size(reader)
    if size > HTML_CLIPPED:
        yield Problem(
            "clipped",
            f"The HTML part is {size:,} bytes as sent; over {HTML_CLIPPED:,} Gmail hides the rest, the unsubscribe "
            "link with it. Take stories out or shorten them, or allow it with may_be_clipped.",
            stops=not may_be_clipped,
        )
    elif size > HTML_NEAR:
        yield Problem(
            "nearly clipped",
            f"The HTML part is {size:,} bytes as sent; Gmail hides what passes {HTML_CLIPPED:,}.",
            stops=False,
        )
