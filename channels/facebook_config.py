"""One Facebook Page as the settings have it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from db.records import Mode


@dataclass(frozen=True, slots=True)
class FacebookConfig:
    """One Facebook Page as configured. ``token`` is the Page's own token; secrets never show in ``repr``.

    With ``app_secret`` every call carries its proof; with ``app_id`` too, the check looks into the token.
    ``version`` is the Graph version asked for. With ``comments`` the check asks for the permission to comment too.
    """

    name: str
    mode: Mode
    page_id: str
    token: str = field(repr=False)
    app_secret: str | None = field(default=None, repr=False)
    app_id: str | None = None
    base_url: str = "https://graph.facebook.com"
    version: str = "v25.0"
    deadline: timedelta = timedelta(seconds=20)
    read_lag: timedelta = timedelta(seconds=60)
    comments: bool = False
