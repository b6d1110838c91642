"""What is known of the services that carry a newsroom's mail, as data: who signs, whose return path, how fast.

The numbers are what a new production account gets; ``per_second`` and ``per_day`` in settings.toml say otherwise. Ids
in the 250 answer are what the service's own feedback names (``channels.email.feedback``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Provider:
    """One service. ``per_second`` and ``per_day`` None: it names no limit of its own.

    ``headers`` are lines that it wants in every newsletter. ``names_message_id``: its feedback carries our Message-ID
    where its 250 answer holds no id.
    """

    name: str
    signs_dkim: bool = False
    owns_return_path: bool = False
    per_second: float | None = None
    per_day: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    names_message_id: bool = False


SMTP = Provider("smtp")

PROVIDERS: Mapping[str, Provider] = MappingProxyType(
    {
        "smtp": SMTP,
        # Easy DKIM signs with our domain; a custom MAIL FROM domain still points its MX at SES. 14/s and 50,000 a day
        # is where an account begins that has left the sandbox. "454 4.7.0 Throttling failure" is a reply like others.
        "ses": Provider("ses", signs_dkim=True, owns_return_path=True, per_second=14.0, per_day=50_000),
        # Bulk mail belongs to a broadcast stream; on the transactional one it is against the terms.
        "postmark": Provider(
            "postmark", signs_dkim=True, owns_return_path=True, headers=(("X-PM-Message-Stream", "broadcast"),)
        ),
        "mailgun": Provider("mailgun", signs_dkim=True, owns_return_path=True, names_message_id=True),
        "brevo": Provider("brevo", signs_dkim=True, owns_return_path=True, names_message_id=True),
    }
)
"""By the word in settings.toml."""
