"""How settings are written: spans, times, slots, money, addresses and paths, read strictly.

Each type turns what stands in the file into the value the rooms use, or raises ``ValueError`` with a sentence that
says what is wrong and how it is written. Paths are taken from the folder of the settings file.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo

from db.records import Label, Mode, Money, Publish, same_language
from scheduler.slots import Quiet, Slots, parse_quiet, parse_slots
from scheduler.spans import parse_span

T = TypeVar("T")

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ADDRESS = re.compile(r"[^@\s<>\",;:\\]+@[^@\s<>\",;:\\]+\.[^@\s<>\",;:\\]+")
_NAMED_ADDRESS = re.compile(r"[^<>\r\n]*<([^<>]+)>")
UTM_SLOTS = ("kind", "channel", "section", "delivery")
"""What may stand in braces in a value of ``[links] utm``."""

MOST_MONEY = Money(1_000_000 * 1_000_000)


def _of_text(parse: Callable[[str], T], what: str) -> Callable[[object], T]:
    """A validator that takes text only and parses it; a value that is parsed already passes through ``parse``."""

    def read(value: object) -> T:
        if not isinstance(value, str):
            raise ValueError(f"{_shown(value)} is not {what}; it is written in quotation marks")
        return parse(value)

    return read


def _shown(value: object) -> str:
    return "true" if value is True else "false" if value is False else str(value)


def _longer_than_nothing(span: timedelta) -> timedelta:
    if span <= timedelta(0):
        raise ValueError('the span must be longer than nothing, e.g. "30s"')
    return span


def _read_slots_or_never(value: object) -> Slots | None:
    if value is None or (isinstance(value, str) and value.strip().lower() == "never"):
        return None
    return _read_slots(value)


def _read_slots(value: object) -> Slots:
    if isinstance(value, str):
        return parse_slots(value)
    if isinstance(value, list | tuple) and all(isinstance(line, str) for line in value):
        return parse_slots([str(line) for line in value])
    raise ValueError('slots are "immediately" or a list of texts such as ["mon-fri 08:00", "daily 18:15"]')


def _read_day(value: object) -> date:
    # tomllib gives a date for 2026-12-25 without quotes, and a datetime (a kind of date) for one with a time.
    if type(value) is date:
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError(f'"{value}" is not a day; write it as "2026-12-25"')


def _read_days(value: object) -> frozenset[date]:
    if not isinstance(value, list | tuple):
        raise ValueError('write the days as a list, e.g. ["2026-12-25", "2027-01-01"]')
    return frozenset(_read_day(day) for day in value)


def _read_moment(value: object) -> datetime:
    """A moment as TOML's own date and time or as text, with an offset or without: then it is the newsroom's wall."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.strip())
        except ValueError:
            pass
    raise ValueError(f'"{_shown(value)}" is not a moment; write it as "2026-11-03 18:00", in the newsroom\'s timezone')


def _read_open_hours(text: str) -> Quiet:
    try:
        return parse_quiet(text)
    except ValueError:
        raise ValueError(f'"{text}" are not hours of a day; write them as "08:00-20:00"') from None


def _only_approve(word: Publish) -> Publish:
    if word is not Publish.APPROVE:
        raise ValueError('a rule can only ask for more care; write "approve", or leave it out')
    return word


def _read_money(value: object) -> Money:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f'"{value}" is not an amount; write US dollars as a number, e.g. 0.015')
    micros = Decimal(str(value)) * 1_000_000 if math.isfinite(value) else Decimal(-1)
    if not 0 <= micros <= MOST_MONEY.micros:
        raise ValueError(f"{value} is not an amount; write US dollars from 0 to 1000000, e.g. 0.015")
    if micros != micros.to_integral_value():
        raise ValueError(f"{value} is finer than a millionth of a dollar; round it")
    return Money(int(micros))


def _read_rate(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1_000_000:
        raise ValueError(f"{_shown(value)} is no number of mails a second; write e.g. 14 or 0.5")
    return float(value)


def _read_day_numbers(value: object) -> tuple[int, ...]:
    growing = isinstance(value, list | tuple) and all(
        isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in value
    )
    if not growing or list(value) != sorted(value):  # type: ignore[call-overload]
        raise ValueError("these are no growing numbers of mails, one a day; write e.g. [500, 1000, 2500, 5000]")
    return tuple(value)  # type: ignore[arg-type]


def _read_zone(text: str) -> str:
    # Asking for the one zone first is a hundred times faster than listing all.
    try:
        if text and ZoneInfo(text).key == text:
            return text
    except (ValueError, OSError, KeyError):
        pass
    raise ValueError(f'"{text}" is not a time zone; write an IANA name such as "Europe/London"{_nearest_zone(text)}')


def _nearest_zone(text: str) -> str:
    import difflib

    by_folded = {name.casefold(): name for name in available_timezones()}
    close = difflib.get_close_matches(text.casefold().replace(" ", "_"), by_folded, n=1, cutoff=0.75)
    return f'; did you mean "{by_folded[close[0]]}"?' if close else ""


def _read_language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise ValueError(f'"{text}" is not a language tag; write e.g. "en", "de" or "pt-BR"')
    return text


def _read_languages(several: tuple[str, ...]) -> tuple[str, ...]:
    """Language tags, each language once."""
    for place, one in enumerate(several):
        _read_language(one)
        if any(same_language(one, other) for other in several[:place]):
            raise ValueError(f'"{one}" stands there already')
    return several


def _read_web_address(text: str) -> str:
    """A http(s) address without user, query or fragment, its last slash dropped."""
    _no_control(text)
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f'"{_without_user(text)}" is not a web address; write e.g. "https://news.example.org"')
    if parts.username or parts.password:
        raise ValueError("the address holds a user or password; a secret belongs in a secret_file")
    return text.rstrip("/")


def _read_source_address(text: str) -> str:
    """As a web address, but whole: at many sites a last slash makes another address."""
    _read_web_address(text)
    return text


def _read_platform_address(text: str) -> str:
    address = _read_web_address(text)
    parts = urlsplit(address)
    if parts.query or parts.fragment:
        raise ValueError(f'"{address}" has a query or fragment; write only scheme, host and path')
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError(f'"{address}" would send the token in the clear; write https://')
    return address


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: ``localhost`` or a loopback address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _read_mail_address(text: str) -> str:
    _no_control(text)
    named = _NAMED_ADDRESS.fullmatch(text.strip())
    if not _ADDRESS.fullmatch(named[1] if named else text.strip()):
        raise ValueError(f'"{text}" is not an e-mail address; write "desk@news.example.org" or "The Desk <desk@…>"')
    return text.strip()


def _read_host(text: str) -> str:
    if not text or any(sign in text for sign in " /@\t\r\n"):
        raise ValueError(f'"{_without_user(text)}" is not a host; write only its name, e.g. "smtp.example.org"')
    return text


def _no_control(text: str) -> None:
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        raise ValueError("the text holds a line break or another control character; write it on one line")


def _without_user(text: str) -> str:
    """A text for an error message, never with what stands before an @ in an address."""
    return re.sub(r"//[^/]*@", "//…@", text)


def _line(text: str) -> str:
    _no_control(text)
    return text.strip()


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("it is empty; write its name")
    return _line(text)


def _read_path(value: object, info: ValidationInfo) -> Path:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError('write the path as text, e.g. "inbox"; it is taken from the folder of the settings file')
    folder = (info.context or {}).get("folder", Path.cwd())
    return Path(folder, Path(value).expanduser())


def _optional(read: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: read(text) if text else ""


def _tuple(value: object) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise ValueError('write a list of texts, e.g. ["one", "two"]')
    return tuple(_line(item) for item in value)


def _handle(text: str) -> str:
    handle = text.removeprefix("@")
    if handle and not re.fullmatch(r"[A-Za-z0-9_]{1,15}", handle):
        raise ValueError(f'"{text}" is not a name on X; write 1 to 15 letters, digits or underscores')
    return handle


def _handles(table: dict[str, str]) -> dict[str, str]:
    """Each author's handle with its "@"; the author's name as bylines write it."""
    for author, text in table.items():
        if not author.strip():
            raise ValueError(f'"{text}" has no author before it; write e.g. {{ "Ada Lind" = "adalind" }}')
        if not _handle(text):
            raise ValueError(f'the handle of "{author}" is empty; write it or take the author out')
    return {" ".join(author.split()): f"@{_handle(text)}" for author, text in table.items()}


def _sender_id(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z0-9]{5,15}", text):
        raise ValueError(f'"{text}" is no sender\'s name for Feedback-ID; write 5 to 15 letters and digits')
    return text


def _page_id(text: str) -> str:
    if text and not re.fullmatch(r"[0-9]{1,32}", text):
        raise ValueError(f'"{text}" is not a Page id; write its number in quotation marks, not its name')
    return text


def _version(text: str) -> str:
    if not re.fullmatch(r"v[1-9][0-9]?\.[0-9]", text):
        raise ValueError(f'"{text}" is not a version of the Graph API; write e.g. "v25.0"')
    return text


def _utm(table: dict[str, str]) -> dict[str, str]:
    for name, value in table.items():
        if not re.fullmatch(r"utm_[a-z_]+", name):
            raise ValueError(f'"{name}" is no campaign parameter; its name begins with "utm_"')
        unknown = [slot for slot in re.findall(r"\{([^{}]*)\}", value) if slot not in UTM_SLOTS]
        if unknown:
            known = ", ".join(f"{{{slot}}}" for slot in UTM_SLOTS)
            raise ValueError(f'{name} asks for "{{{unknown[0]}}}"; what can be filled in is {known}')
        if any(sign in re.sub(r"\{[^{}]*\}", "", value) for sign in "{}"):
            raise ValueError(f'{name} has a brace without its partner: "{value}"')
    return table


class Strict(BaseModel):
    """A table of settings: frozen, no unknown key, no guessed type; values never show in an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


Span = Annotated[timedelta, PlainValidator(_of_text(parse_span, 'a span of time such as "15 min"'))]
LongSpan = Annotated[Span, AfterValidator(_longer_than_nothing)]
SlotList = Annotated[Slots, PlainValidator(_read_slots)]
SlotListOrNever = Annotated[Slots | None, PlainValidator(_read_slots_or_never)]
QuietHours = Annotated[Quiet, PlainValidator(_of_text(parse_quiet, 'quiet hours such as "22:00-06:30"'))]
OpenHours = Annotated[Quiet, PlainValidator(_of_text(_read_open_hours, 'hours such as "08:00-20:00"'))]
Moment = Annotated[datetime, PlainValidator(_read_moment)]
Days = Annotated[frozenset[date], PlainValidator(_read_days)]
Dollars = Annotated[Money, PlainValidator(_read_money)]
Zone = Annotated[str, AfterValidator(_read_zone)]
ZoneOrNone = Annotated[str, AfterValidator(_optional(_read_zone))]
Language = Annotated[str, AfterValidator(_read_language)]
LanguageOrNone = Annotated[str, AfterValidator(_optional(_read_language))]
Line = Annotated[str, AfterValidator(_line)]
Name = Annotated[str, AfterValidator(_filled)]
WebAddress = Annotated[str, AfterValidator(_read_web_address)]
WebAddressOrNone = Annotated[str, AfterValidator(_optional(_read_web_address))]
SourceAddress = Annotated[str, AfterValidator(_read_source_address)]
PlatformAddress = Annotated[str, AfterValidator(_optional(_read_platform_address))]
MailAddress = Annotated[str, AfterValidator(_read_mail_address)]
MailAddressOrNone = Annotated[str, AfterValidator(_optional(_read_mail_address))]
Host = Annotated[str, AfterValidator(_read_host)]
FilePath = Annotated[Path, PlainValidator(_read_path)]
LanguageList = Annotated[tuple[str, ...], PlainValidator(_tuple), AfterValidator(_read_languages)]
Texts = Annotated[tuple[str, ...], PlainValidator(_tuple)]
Rate = Annotated[float, PlainValidator(_read_rate)]
DayNumbers = Annotated[tuple[int, ...], PlainValidator(_read_day_numbers)]
ModeWord = Annotated[Mode, Field(strict=False)]
PublishWord = Annotated[Publish, Field(strict=False)]
AskWord = Annotated[PublishWord, AfterValidator(_only_approve)]
LabelWord = Annotated[Label, Field(strict=False)]
Handle = Annotated[str, AfterValidator(_handle)]
HandleTable = Annotated[dict[str, str], AfterValidator(_handles)]
SenderIdOrNone = Annotated[str, AfterValidator(_sender_id)]
PageId = Annotated[str, AfterValidator(_page_id)]
GraphVersion = Annotated[str, AfterValidator(_version)]
UtmTable = Annotated[dict[str, str], AfterValidator(_utm)]
