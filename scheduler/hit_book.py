"""Counts opens and clicks: gathered in memory, written in one transaction a second, apart from everything that is due.

Only what a newsletter counts is counted, and only issues that are kept lead anywhere. What was called in the second
before a crash is lost, since a count is no promise.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from channels.email.counting import link_mark, targets_of
from channels.email.links import HitToken
from db import hits, issue_variants, issues, posts
from db.errors import NotThere
from db.hits import Hit
from db.records import HitKind
from db.session import Ground, GroundLost
from scheduler.hit_signs import sign_of, swept

EVERY = 1.0
"""Seconds between two writings."""
MOST_KEPT = 10_000
"""Calls kept in memory while the database is away; what comes beyond is not counted."""
_ISSUES_KEPT = 100
_LOOK_AGAIN = 60.0
_ACTOR = "reader"


@dataclass(frozen=True, slots=True)
class Counted:
    """An issue whose links lead through us: its newsletter's name, and each link's name with where it leads."""

    channel: str
    targets: Mapping[str, str]
    cut_at: datetime
    read: float


def links_in(pages: Sequence[str]) -> dict[str, str]:
    """The names of these pages' links and where they lead. Pure."""
    return {link_mark(target): target for page in pages for target in targets_of(page)}


class HitBook:
    """Takes calls from any thread. ``counted`` names what each newsletter counts; ``now`` is the wall clock.

    What is called of an issue older than ``keep`` is not counted any more: its totals stand.
    """

    def __init__(
        self,
        ground: Ground,
        now: Callable[[], datetime],
        counted: Mapping[str, frozenset[HitKind]],
        *,
        keep: timedelta,
        every: float = EVERY,
    ) -> None:
        self._ground, self._now, self._counted, self._keep, self._every = ground, now, counted, keep, every
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._waiting: list[Hit] = []
        self._timer: threading.Timer | None = None
        self._issues: dict[int, Counted] = {}

    def target(self, token: HitToken, link: str) -> str | None:
        """Where a link of this token's issue leads; None when the issue has no such link. Raises ``GroundLost``."""
        found = self._issue(token.issue_id, link)
        return found.targets.get(link) if found is not None else None

    def note(self, token: HitToken, method: str, headers: Mapping[str, str], link: str = "") -> None:
        """Counts a call of a pixel, or of a ``link``, where the newsletter counts such. Never waits for the disk."""
        what = HitKind.CLICK if link else HitKind.OPEN
        known = self._issues.get(token.issue_id)
        now = self._now()
        if known is not None and not self._counts(known, what, now):
            return
        after = now - datetime.fromtimestamp(token.at, UTC)
        sign, machine = sign_of(method, headers, after, click=bool(link))
        hit = Hit(token.issue_id, token.mark, what, link, sign, machine, now)
        with self._lock:
            if len(self._waiting) < MOST_KEPT:
                self._waiting.append(hit)
            self._wind()

    def write(self) -> None:
        """Writes what was gathered. While the database is away it is kept for the next time."""
        with self._writing:
            with self._lock:
                taken, self._waiting, self._timer = self._waiting, [], None
            if not taken:
                return
            try:
                self._write(_summed(taken))
            except GroundLost:
                with self._lock:
                    self._waiting = [*taken, *self._waiting][:MOST_KEPT]
                    self._wind()

    def _wind(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(self._every, self.write)
            self._timer.daemon = True
            self._timer.start()

    def _write(self, several: Sequence[Hit]) -> None:
        now, kept = self._now(), []
        for one in several:
            issue = self._issue(one.issue_id)
            if issue is not None and self._counts(issue, one.what, now):
                kept.append(one)
        clicked: dict[int, set[str]] = {}
        for one in kept:
            if one.what is HitKind.CLICK:
                clicked.setdefault(one.issue_id, set()).add(one.copy)
        with self._ground.transaction() as tx:
            hits.add(tx, kept, actor=_ACTOR, now=now)
            for issue_id, copies in clicked.items():
                links = len(self._issues[issue_id].targets)
                machines: set[int] = set()
                for rows in hits.clicks_of(tx, issue_id, copies).values():
                    machines |= swept(rows, links) - {row.id for row in rows if row.machine}
                hits.judge(tx, machines, actor=_ACTOR, now=now)

    def _counts(self, issue: Counted, what: HitKind, now: datetime) -> bool:
        return what in self._counted.get(issue.channel, frozenset()) and now < issue.cut_at + self._keep

    def _issue(self, issue_id: int, link: str = "") -> Counted | None:
        """An issue and its links, as last read; read again where it lacks this link, but at most once a minute."""
        known, now = self._issues.get(issue_id), time.monotonic()
        if known is not None and (not link or link in known.targets or now - known.read < _LOOK_AGAIN):
            return known
        with self._ground.reading() as tx:
            try:
                issue = issues.get(tx, issue_id)
            except NotThere:
                return None
            ids = dict.fromkeys([issue.post_id, *(one.post_id for one in issue_variants.of_issue(tx, issue_id))])
            pages = [posts.get(tx, one).parts[0].html for one in ids]
        found = Counted(issue.channel, links_in(pages), issue.cut_at, now)
        with self._lock:
            self._issues.pop(issue_id, None)
            while len(self._issues) >= _ISSUES_KEPT:
                del self._issues[next(iter(self._issues))]
            self._issues[issue_id] = found
        return found


def _summed(several: Sequence[Hit]) -> list[Hit]:
    """The same calls, those of one kind as one, in an order that is the same for everybody who writes."""
    summed: dict[tuple[int, str, HitKind, str, str], Hit] = {}
    for one in several:
        kind = (one.issue_id, one.copy, one.what, one.link, one.sign)
        before = summed.get(kind)
        summed[kind] = one if before is None else replace(before, times=before.times + one.times)
    return [summed[kind] for kind in sorted(summed)]
