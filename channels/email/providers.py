"""What is known of the services that carry a newsroom's mail, as data: who signs, whose return path, how fast.

Each fact is from the service's own documentation, named beside it; ``per_second`` and ``per_day`` in settings.toml say
otherwise. Ids in the 250 answer are what the service's own feedback names (``channels.email.hooks``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Provider:
    """One service. ``per_second`` and ``per_day`` None: it names no limit that holds for every account.

    ``headers`` are lines that it wants in every newsletter. ``names_message_id``: its feedback names a mail by our
    Message-ID, which is kept where its 250 answer holds no id.
    """

    name: str
    signs_dkim: bool = False
    owns_return_path: bool = False
    per_second: float | None = None
    per_day: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    names_message_id: bool = False


SMTP = Provider("smtp")
STREAM = "X-PM-Message-Stream"

PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        "smtp": SMTP,
        # Easy DKIM signs with our domain; a custom MAIL FROM domain still points its MX at SES. Outside the sandbox (200
        # a day, one a second) limits "vary" by account: docs.aws.amazon.com/ses/latest/dg/quotas.html. Beyond them it
        # answers "454 Throttling failure" (manage-sending-quotas-errors.html), after which everything waits: 14 a second
        # is our own caution until the account's rate stands in settings.toml. Its 250 answer holds the messageId of its
        # notifications, and it writes a Message-ID of its own.
        "ses": Provider("ses", signs_dkim=True, owns_return_path=True, per_second=14.0),
        # Bulk mail must name a broadcast stream, or goes out over the transactional one
        # (postmarkapp.com/support/article/how-to-create-and-send-through-message-streams). Signs once a domain's DKIM
        # record stands; bounces come back to pm_bounces or a CNAME to it.
        "postmark": Provider("postmark", signs_dkim=True, owns_return_path=True, headers=((STREAM, "broadcast"),)),
        # Bounces come back to bounce+…@ our domain at Mailgun, which signs; webhooks name the mail by its Message-ID
        # (documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads).
        "mailgun": Provider("mailgun", signs_dkim=True, owns_return_path=True, names_message_id=True),
        # Signs with our domain once it is authenticated; the return path is Brevo's. Webhooks name the mail by its
        # message-id (developers.brevo.com/docs/transactional-webhooks).
        "brevo": Provider("brevo", signs_dkim=True, owns_return_path=True, names_message_id=True),
    }
)
"""By the word in settings.toml."""


def service(word: str, stream: str = "") -> Provider:
    """The service of this word; ``stream`` names Postmark's message stream, where it is not "broadcast"."""
    found = PROVIDERS[word]
    return replace(found, headers=((STREAM, stream),)) if stream and found.name == "postmark" else found
