"""What a Page token and a Graph version are good for: the reading of ``/debug_token`` and of version dates. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from db.records import Problem

NEEDED: Final = ("pages_manage_posts", "pages_read_engagement")
"""The permissions without which a Page cannot be posted to and read back."""

TO_COMMENT: Final = "pages_manage_engagement"
"""The permission to comment as the Page."""

VERSION_ENDS: Final = {
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
}
"""The day each Graph version ends, from the platform's changelog; a version that is missing has no day yet."""

_SOON: Final = timedelta(days=30)

ENDS_SOON: Final = timedelta(days=14)
"""So long before a token ends the desk is told."""


def version_problems(asked: str, served: str | None, now: datetime | None) -> list[Problem]:
    """What the desk should know of the version: another one was served, or its end is near. None of it stops."""
    problems = []
    if served and served != asked:
        problems.append(
            Problem(
                "other version",
                f"Facebook answered as Graph {served}, the settings ask for {asked}. Set version to one that lives.",
                stops=False,
            )
        )
    ends = VERSION_ENDS.get(asked)
    if ends and now and ends - _SOON <= now.date():
        problems.append(
            Problem("old version", f"Graph {asked} ends on {ends}. Set version to a newer one before that day.", False)
        )
    return problems


def token_problems(
    told: Mapping[str, Any], page_id: str, now: datetime | None, *, comments: bool = False
) -> tuple[list[Problem], list[str]]:
    """What stops the token described by ``told`` (the ``data`` of ``/debug_token``), and notes on when it ends.

    ``comments``: the channel puts links into comments, so the token needs the permission for that too.
    """
    if told.get("is_valid") is not True:
        error = told.get("error")
        why = str(error.get("message", "")) if isinstance(error, Mapping) else ""
        said = f" ({why})" if why else ""
        return [
            Problem(
                "token",
                f"Facebook says the Page token is not valid{said}. Connect the Page anew, or make a new one for the secret file.",
            )
        ], []
    problems = []
    scopes = told.get("scopes")
    missing = [
        name
        for name in (*NEEDED, *((TO_COMMENT,) if comments else ()))
        if name not in (scopes if isinstance(scopes, list) else [])
    ]
    if missing:
        problems.append(
            Problem(
                "permission",
                f"The token lacks {' and '.join(missing)}. Connect the Page anew and allow that, or make a token with it for "
                "the secret file.",
            )
        )
    profile = told.get("profile_id")
    if profile and str(profile) != page_id:
        problems.append(
            Problem("other page", f"The token is for Page {profile}, the settings say {page_id}. Mend one of them.")
        )
    notes = []
    for name, what in (("expires_at", "The token"), ("data_access_expires_at", "The token's access to data")):
        ends = _moment(told.get(name))
        if ends is None:
            continue
        notes.append(f"{what} ends on {ends:%Y-%m-%d}.")
        if now and ends - now <= ENDS_SOON:
            problems.append(
                Problem("token ends", f"{what} ends on {ends:%Y-%m-%d %H:%M} UTC. Make a new token before.", False)
            )
    return problems, notes


def _moment(seconds: object) -> datetime | None:
    """A time in seconds since 1970; None for 0 ("never") and nonsense."""
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
