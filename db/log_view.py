"""What is asked of the log: what to show, in which order, and from where on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.records import Delivery, Mode, State, SubjectKind

BY_NEED = (
    State.UNSETTLED,
    State.WAITING,
    State.FAILED,
    State.UNCERTAIN,
    State.EXPIRED,
    State.UNKNOWN,
    State.SENDING,
    State.PLANNED,
    State.SENT,
    State.CANCELLED,
)
"""The states in their order: what waits for a person, what went wrong, what is under way, what is over."""

BY_KIND = (SubjectKind.ARTICLE, SubjectKind.ISSUE, SubjectKind.POST)
"""Stories come before issues, and those before posts without a story."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What to show. Everything given must hold; a field left as it is asks for nothing.

    ``story`` is an article's number and includes the issues it was in. ``since`` counts in, ``until`` does not;
    both look at the moment promised. ``by_whom`` ordered or approved. ``text`` is words, all of which one attempt's
    text, the headline or a free post's own words hold, case-blind. ``cause`` is why the latest try did not end well, by
    the platform's code, or by its outcome where it gave none; what is sent is left out then, unless ``states`` asks for it.
    """

    story: int | None = None
    channel: str | None = None
    states: Collection[State] = ()
    by_whom: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    mode: Mode | None = None
    cause: str = ""


class LogOrder(StrEnum):
    """How the log is sorted. Its values are the words of the address bar and of the API.

    By state and by channel, one state or channel stands after the other, each with the moment promised last first:
    states in the order of ``BY_NEED``, channels by name. By story the newest story comes first with all its deliveries,
    the last first. A minus turns the order: of states, of channels, or of all there is by story.
    """

    NEWEST = "newest"
    OLDEST = "oldest"
    STATE = "state"
    STATE_BACK = "-state"
    CHANNEL = "channel"
    CHANNEL_BACK = "-channel"
    STORY = "story"
    STORY_BACK = "-story"

    @property
    def column(self) -> str:
        """What it sorts by: ``time``, ``state``, ``channel`` or ``story``."""
        return "time" if self in (LogOrder.NEWEST, LogOrder.OLDEST) else self.removeprefix("-")

    @property
    def backwards(self) -> bool:
        """Whether it is the other of its column's two ways."""
        return self is LogOrder.OLDEST or self.startswith("-")


@dataclass(frozen=True, slots=True)
class PageMark:
    """Where a page ended; the next one begins after it.

    ``group`` is the state, the channel or the kind of subject it ended in, empty in an order by time; ``subject_id``
    counts in an order by story only.
    """

    due_at: datetime
    delivery_id: int
    group: str = ""
    subject_id: int = 0


def mark_of(delivery: Delivery, order: LogOrder) -> PageMark:
    """The mark of a page that ends with this delivery."""
    groups = {"time": "", "state": delivery.state, "channel": delivery.channel, "story": delivery.subject_kind}
    subject_id = delivery.subject_id if order.column == "story" else 0
    return PageMark(delivery.due_at, delivery.id, str(groups[order.column]), subject_id)
