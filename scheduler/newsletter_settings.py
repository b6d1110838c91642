"""``[newsletters.NAME]``: a named periodical, whom it goes to, and when and of what its issues are cut."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from scheduler.setting_types import (
    Days,
    LanguageList,
    LanguageOrNone,
    Line,
    LongSpan,
    MailAddressOrNone,
    ModeWord,
    Name,
    PublishWord,
    SlotListOrNever,
    Strict,
    Texts,
    ZoneOrNone,
)
from scheduler.slots import Slots

Order = Literal["newest", "oldest", "sections"]
Alerts = Literal["off", "breaking", "all"]


def _template(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", text):
        raise ValueError(
            f'"{text}" is not the name of a template; write it without folder and ending: "issue" means '
            "issue.mjml.j2 and issue.txt.j2"
        )
    return text


class Newsletter(Strict):
    """One newsletter. What it leaves out comes from its channel and the newsroom; ``list`` empty: its own name."""

    channel: Name
    title: Name
    mode: ModeWord | None = None
    list_name: Line = Field(default="", alias="list")
    sender: MailAddressOrNone = Field(default="", alias="from")
    reply_to: MailAddressOrNone = ""
    language: LanguageOrNone = ""
    languages: LanguageList = ()
    publish: PublishWord | None = None
    daily: SlotListOrNever = Slots()
    weekly: SlotListOrNever = None
    except_dates: Days = Field(default=frozenset(), alias="except")
    timezone: ZoneOrNone = ""
    local_times: bool = False
    latest: LongSpan = timedelta(hours=12)
    sections: Texts = ()
    order: Order = "newest"
    minimum: int = Field(default=1, ge=1, le=100)
    maximum: int = Field(default=25, ge=1, le=100)
    oldest: LongSpan = timedelta(days=8)
    alerts: Alerts = "off"
    alerts_a_day: int = Field(default=5, ge=1)
    alert_latest: LongSpan = timedelta(hours=1)
    template: Annotated[str, AfterValidator(_template)] = "issue"
    may_be_clipped: bool = False
    count_opens: bool = False
    count_clicks: bool = False
