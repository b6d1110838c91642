"""What a webhook is told, as JSON. What stands in it never changes between two tries of one event."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db import attempts, log
from db.records import SubjectKind
from db.webhooks import Owed

TEST = "webhook.test"


def body_of(tx: Connection, owed: Owed, newsroom: str) -> str:
    """The event with the delivery's name for life, and the receipts known at this moment."""
    row = log.row_of(tx, owed.delivery_id)
    one = row.delivery
    data = {
        "newsroom": newsroom,
        "delivery": one.id,
        "key": one.key,
        "version": owed.delivery_version,
        "state": owed.after,
        "was": owed.before or None,
        "mode": owed.mode,
        "channel": one.channel,
        "kind": one.kind,
        "purpose": one.purpose,
        "story": one.subject_id if one.subject_kind is SubjectKind.ARTICLE else None,
        "issue": one.subject_id if one.subject_kind is SubjectKind.ISSUE else None,
        "headline": row.headline,
        "due_at": owed.due_at.isoformat(),
        "by": owed.actor,
        "reason": owed.reason,
        "posts": [
            {"part": known.part, "id": known.receipt.id, "url": known.receipt.url}
            for known in attempts.receipts_of(tx, one.id)
        ],
    }
    return _written(f"delivery.{owed.event}", owed.at, data)


def trial_body(newsroom: str, at: datetime) -> str:
    """What ``pressrun webhooks test`` sends."""
    return _written(TEST, at, {"newsroom": newsroom})


def _written(kind: str, at: datetime, data: dict[str, Any]) -> str:
    return json.dumps({"type": kind, "timestamp": at.isoformat(), "data": data}, ensure_ascii=False)
