"""Moments as sources write them, and whether they can be believed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_OLDEST = datetime(1970, 1, 2, tzinfo=UTC)
"""Earlier ones are the zero of some program's calendar (1899, 1900, 1970), not a day of publication."""
_AHEAD = timedelta(hours=24)
"""How far a clock or a zone at the source may be wrong before its date is not believed."""
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s?(?:Z|[+-]\d{2}:?\d{2})?)?", re.I)


def parse_moment(text: str) -> datetime | None:
    """ISO 8601 or RFC 5322 as aware UTC; a time without a zone is read as UTC. None when it is neither."""
    text = text.strip()[:64]
    try:
        if _ISO.fullmatch(text):
            fraction_cut = re.sub(r"([.,]\d{6})\d+", r"\1", text.replace(",", ".")).upper().replace(" +", "+")
            moment = datetime.fromisoformat(fraction_cut)
        else:
            moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


SCHEDULED_FROM = timedelta(minutes=10)
"""A date further ahead than clocks go wrong is no mistake: the story is to be published then."""
_SCHEDULED_WITHIN = timedelta(days=366)


def is_scheduled(moment: datetime | None, now: datetime) -> bool:
    """True for a date that lies ahead and may be meant: no word of the story leaves before it."""
    return moment is not None and now + SCHEDULED_FROM < moment <= now + _SCHEDULED_WITHIN


def believable(moment: datetime | None, now: datetime) -> bool:
    """False for a moment no newsroom published at: before 1970, or more than a day ahead of ``now``."""
    return moment is not None and _OLDEST <= moment <= now + _AHEAD


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january januar janvier enero gennaio jan",
            "february februar février febrero febbraio feb",
            "march märz mars marzo mar",
            "april avril abril aprile apr",
            "may mai mayo maggio",
            "june juni juin junio giugno jun",
            "july juli juillet julio luglio jul",
            "august août agosto aug",
            "september septembre septiembre settembre sep sept",
            "october oktober octobre octubre ottobre oct okt",
            "november novembre noviembre nov",
            "december dezember décembre diciembre dicembre dec dez",
        ),
        start=1,
    )
    for name in names.split()
}
_DAY_FORMS = (
    re.compile(r"(?P<y>\d{4})(?:[-/.]|年)\s?(?P<m>\d{1,2})(?:[-/.]|月)\s?(?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:de\s+)?(?P<name>[^\W\d_]{3,10})\.?,?\s+(?:de\s+)?(?P<y>\d{4})"),
    re.compile(r"(?P<name>[^\W\d_]{3,10})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})"),
)


def parse_day(text: str) -> datetime | None:
    """The first day named in a date line ("12 May 2026", "May 12, 2026", "12.5.2026", 2026年5月12日), at 00:00 UTC.

    Days that read differently in two countries (5/12/2026) are not guessed.
    """
    for form in _DAY_FORMS:
        match = form.search(text[:200])
        if not match:
            continue
        found = match.groupdict()
        month = int(found["m"]) if found.get("m") else _MONTHS.get((found.get("name") or "").casefold(), 0)
        try:
            return datetime(int(found["y"]), month, int(found["d"]), tzinfo=UTC)
        except ValueError:
            continue
    return None
