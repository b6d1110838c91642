"""A yes to exactly one post, as the columns of a delivery."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from db.records import Post


def approval(actor: str, post: Post, now: datetime, *, given: bool) -> dict[str, Any]:
    """The columns of a yes to exactly this post, or of none."""
    return {
        "approved_by": actor if given else None,
        "approved_at": now if given else None,
        "approved_fingerprint": post.fingerprint if given else None,
    }
