"""Times as the desk writes them: the newsroom's zone, whatever the machine's zone is."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.cli.moments import NotATime, Times, span_of
from desk.cli.options import WrongUsage

BERLIN = ZoneInfo("Europe/Berlin")
TIMES = Times(BERLIN, datetime(2026, 9, 21, 12, 30, tzinfo=UTC))  # a Monday, 14:30 on the newsroom's wall


def wall(text: str, *, past: bool = False) -> str:
    return f"{TIMES.read(text, past=past).at.astimezone(BERLIN):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("18:15", "2026-09-21 18:15"),
        ("8:05", "2026-09-21 08:05"),
        ("today 18:15", "2026-09-21 18:15"),
        ("Tomorrow 08:00", "2026-09-22 08:00"),
        ("2026-12-24 18:15", "2026-12-24 18:15"),
        ("2026-12-24T18:15", "2026-12-24 18:15"),
        ("2026-12-24 18:15:00", "2026-12-24 18:15"),
        ("2026-12-24T18:15:00+09:00", "2026-12-24 10:15"),
        ("2026-12-24T18:15Z", "2026-12-24 19:15"),
        ("in 30m", "2026-09-21 15:00"),
        ("in 1h30m", "2026-09-21 16:00"),
        ("now", "2026-09-21 14:30"),
        ("wed 09:00", "2026-09-23 09:00"),
        ("monday 15:00", "2026-09-21 15:00"),
        ("monday 14:00", "2026-09-28 14:00"),
        ("6pm", "2026-09-21 18:00"),
        ("6 PM", "2026-09-21 18:00"),
        ("6:30pm", "2026-09-21 18:30"),
        ("6.30 p.m.", "2026-09-21 18:30"),
        ("12:30am", "2026-09-21 00:30"),
        ("12:30 pm", "2026-09-21 12:30"),
        ("at 18.15", "2026-09-21 18:15"),
        ("18.10", "2026-09-21 18:10"),
        ("18h15", "2026-09-21 18:15"),
        ("noon", "2026-09-21 12:00"),
        ("tomorrow 8", "2026-09-22 08:00"),
        ("tomorrow 18h", "2026-09-22 18:00"),
        ("tomorrow 8am", "2026-09-22 08:00"),
        ("Tomorrow at 8", "2026-09-22 08:00"),
        ("6pm tomorrow", "2026-09-22 18:00"),
        ("fri 9", "2026-09-25 09:00"),
        ("Friday, 9.30", "2026-09-25 09:30"),
        ("noon on friday", "2026-09-25 12:00"),
        ("mon 15", "2026-09-21 15:00"),
        ("24 Dec 18:15", "2026-12-24 18:15"),
        ("Thu 24 December 18:15", "2026-12-24 18:15"),
        ("Sept 22nd 6pm", "2026-09-22 18:00"),
        ("3 Jan 9:00", "2027-01-03 09:00"),
        ("3 May 2028 9:00", "2028-05-03 09:00"),
        ("2026/12/24 18:15", "2026-12-24 18:15"),
    ],
)
def test_a_moment_to_come_is_read_in_the_newsrooms_zone(said: str, meant: str) -> None:
    assert wall(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("明日 9:00", "2026-09-22 09:00"),
        ("明日9時", "2026-09-22 09:00"),
        ("明日の午後6時", "2026-09-22 18:00"),
        ("明日 8", "2026-09-22 08:00"),
        ("明後日 正午", "2026-09-23 12:00"),
        ("18時", "2026-09-21 18:00"),
        ("18時30分", "2026-09-21 18:30"),
        ("６時半", "2026-09-21 06:30"),
        ("午後6時", "2026-09-21 18:00"),
        ("午後６：３０", "2026-09-21 18:30"),
        ("午前 9時", "2026-09-21 09:00"),
        ("午後0時30分", "2026-09-21 12:30"),
        ("金曜 9:00", "2026-09-25 09:00"),
        ("金曜日の18時", "2026-09-25 18:00"),
        ("12月24日（木） 18:15", "2026-12-24 18:15"),
        ("2027年1月5日（火）18時", "2027-01-05 18:00"),
        ("30分後", "2026-09-21 15:00"),
        ("1時間半後", "2026-09-21 16:00"),
        ("今", "2026-09-21 14:30"),
    ],
)
def test_a_moment_to_come_is_read_in_japanese_too(said: str, meant: str) -> None:
    assert wall(said) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("yesterday", "2026-09-20 00:00"),
        ("today", "2026-09-21 00:00"),
        ("2026-09-01", "2026-09-01 00:00"),
        ("monday", "2026-09-21 00:00"),
        ("tue", "2026-09-15 00:00"),
        ("monday 15:00", "2026-09-14 15:00"),
        ("2h", "2026-09-21 12:30"),
        ("2h ago", "2026-09-21 12:30"),
        ("08:00", "2026-09-21 08:00"),
        ("fri 9", "2026-09-18 09:00"),
        ("mon 8", "2026-09-21 08:00"),
        ("20 Sep", "2026-09-20 00:00"),
        ("昨日", "2026-09-20 00:00"),
        ("昨日 18時", "2026-09-20 18:00"),
        ("2時間前", "2026-09-21 12:30"),
    ],
)
def test_looking_back_a_day_is_its_beginning_and_a_span_is_so_long_ago(said: str, meant: str) -> None:
    assert wall(said, past=True) == meant


@pytest.mark.parametrize(
    "said", ["", "soon", "25:00", "tomorrow", "2026-09-31 10:00", "in a while", "30m", "18:15 18:16"]
)
def test_what_is_no_time_is_refused_with_how_times_are_written(said: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        TIMES.read(said)
    assert str(refused.value).endswith(".")
    assert "write" in str(refused.value)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("8", 'may be 08:00, 20:00 or a day: write "8:00", "8am" or "8pm"'),
        ("18", 'may be an hour or a day: write "18:00"'),
        ("2h", 'may be a time or a span: write "2:00" or "in 2h"'),
        ("30 min", 'is a span of time: write "in 30 min"'),
        ("12am", "may be noon or midnight, of this day or the next"),
        ("tomorrow 12 pm", "may be noon or midnight, of this day or the next"),
        ("fri midnight", "may be noon or midnight, of this day or the next"),
        ("午後12時", "may be noon or midnight, of this day or the next"),
        ("18pm", "there the hours go from 1 to 12"),
        ("午後18時", "there the hours go from 0 to 11"),
        ("today 8", 'may be 08:00, which is past today, or 20:00: write "today 20:00" or the date'),
        ("mon 9", 'may be 09:00, which is past today, or 21:00: write "today 21:00" or the date'),
        ("tue 21 Sep 18:15", "names a weekday that 2026-09-21 is not"),
        ("20 Sep 18:15", "is 2026-09-20, which is past: write the year where another is meant"),
        ("29 Feb 18:15", "needs its year"),
        ("25時", "is not a time of day; write 00:00 to 23:59"),
        ("9/10 18:00", "is not a time; write"),
        ("30 Feb 18:00", "is not a time; write"),
        ("next friday 18:00", "is not a time; write"),
    ],
)
def test_what_may_mean_two_moments_is_refused_and_says_how_each_is_written(said: str, why: str) -> None:
    with pytest.raises(NotATime) as refused:
        TIMES.read(said)
    assert str(refused.value).startswith(f'"{said}"')
    assert why in str(refused.value)


def test_where_a_date_alone_would_do_it_is_read_and_a_time_that_looks_like_one_is_refused() -> None:
    assert TIMES.read("2026-12-24", day_alone=True).at == datetime(2026, 12, 23, 23, tzinfo=UTC)
    for options in ({"day_alone": True}, {"past": True}):
        with pytest.raises(NotATime, match='may be a time or a date: write "18:12" or a date'):
            TIMES.read("18.12", **options)
    with pytest.raises(NotATime, match="names a day and no time of day"):
        TIMES.read("tomorrow", day_alone=True)


def test_a_moment_no_calendar_holds_is_refused() -> None:
    late = Times(BERLIN, datetime(9999, 12, 31, 22, 0, tzinfo=UTC))
    with pytest.raises(NotATime, match="too far away"):
        late.read("in 9d")


def test_a_wall_time_that_clocks_skip_is_moved_forward_and_told() -> None:
    said = TIMES.read("2027-03-28 02:30")
    assert said.at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert said.note == "02:30 does not exist on 2027-03-28: clocks go forward, so 03:30 is meant."


def test_a_wall_time_that_comes_twice_is_the_first_and_told() -> None:
    said = TIMES.read("2026-10-25 02:30")
    assert said.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "comes twice" in said.note
    assert "+0200" in said.note


def test_a_plain_moment_has_no_note() -> None:
    assert TIMES.read("18:15").note == ""


def test_moments_are_shown_on_the_newsrooms_wall() -> None:
    assert TIMES.show(datetime(2026, 9, 21, 16, 15, tzinfo=UTC)) == "Mon 21 Sep 18:15"
    assert TIMES.show(datetime(2027, 1, 1, 16, 15, tzinfo=UTC)) == "Fri 01 Jan 2027 17:15"
    assert TIMES.show(None) == "–"


def test_the_two_hours_of_a_repeated_wall_time_can_be_told_apart() -> None:
    first, second = (TIMES.show(datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in (0, 1))
    assert (first, second) == ("Sun 25 Oct 02:30 (+0200)", "Sun 25 Oct 02:30 (+0100)")


def test_programs_get_the_offset_and_spreadsheets_the_wall() -> None:
    moment = datetime(2026, 9, 21, 16, 15, 30, tzinfo=UTC)
    assert TIMES.iso(moment) == "2026-09-21T18:15:30+02:00"
    assert TIMES.iso(None) is None
    assert TIMES.wall(moment) == "2026-09-21 18:15:30"


@given(st.integers(min_value=1_000_000_000, max_value=3_900_000_000))
def test_what_programs_are_told_is_read_back_as_the_same_moment(second: int) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    told = TIMES.iso(moment)
    assert told is not None
    assert TIMES.read(told).at == moment


_MINUTES = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 9, 22) + timedelta(minutes=minutes)  # noqa: DTZ001 - a time on the wall
)


@given(_MINUTES)
def test_a_moment_as_pressrun_shows_it_is_read_back_as_the_same(at: datetime) -> None:
    moment = at.replace(tzinfo=BERLIN).astimezone(UTC)
    shown = TIMES.show(moment)
    if not shown.endswith(")"):  # one that comes twice carries its offset and is shown to be read alone
        near = Times(BERLIN, moment - timedelta(days=40))  # "Mon 21 Sep" without its year is this year's
        assert near.read(near.show(moment)).at == moment
        assert TIMES.read(f"{at:%Y-%m-%d %H:%M}").at == moment


@given(_MINUTES)
def test_one_time_of_day_is_the_same_moment_however_it_is_typed(at: datetime) -> None:
    hour, minute = at.hour, at.minute
    forms = [f"{hour:02}:{minute:02}", f"{hour}.{minute:02}", f"{hour}h{minute:02}", f"{hour} h {minute:02}"]
    forms += [f"{hour}時{minute}分", f"{'午前' if hour < 12 else '午後'}{hour % 12}時{minute}分"]
    if minute or hour % 12:
        half = "am" if hour < 12 else "pm"
        forms += [f"{hour % 12 or 12}:{minute:02}{half}", f"{hour % 12 or 12}.{minute:02} {half.upper()}"]
    if not minute:
        forms += [f"{hour}", f"{hour}時"]
    days = [f"{at:%Y-%m-%d}", f"{at:%d %b %Y},", f"{at:%a} {at.day} {at:%B %Y}", f"{at.year}年{at.month}月{at.day}日"]
    meant = {TIMES.read(f"{day} {form}").at for day in days for form in forms}
    assert meant == {TIMES.read(f"{at:%Y-%m-%dT%H:%M}").at}


@given(st.integers(0, 99), st.sampled_from(["", ":", ".", "h", "am", "pm", "時", ":00pm"]), st.booleans())
def test_what_is_read_is_never_an_hour_that_was_not_typed(number: int, behind: str, past: bool) -> None:
    try:
        at = TIMES.read(f"tomorrow {number}{behind}", past=past).at.astimezone(BERLIN)
    except NotATime:
        return
    assert at.date() == date(2026, 9, 22)
    assert at.hour == (number % 12 + 12 if behind.endswith("pm") else number)


_PIECES = "8|18|6|12|30|:|.|00|15| |h|pm|am|fri|tomorrow|in|at|sep|noon|2026-09-22|/|t|z|+02:00|ago|,"
_MORE = "時|分|午後|明日|金曜|の|後|前|月|日|（"


@given(st.lists(st.sampled_from(f"{_PIECES}|{_MORE}".split("|")), max_size=8).map("".join))
def test_pieces_of_times_in_any_order_are_read_or_refused_in_words(text: str) -> None:
    refusals = []
    for past in (False, True):
        try:
            TIMES.read(text, past=past)
        except WrongUsage as refused:
            refusals.append(str(refused))
    assert all(one.endswith(".") and "write" in one for one in refusals)


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(text: str) -> None:
    for past in (False, True):
        with suppress(WrongUsage):
            TIMES.read(text, past=past)


def test_spans_are_read_and_refused_in_words() -> None:
    assert span_of("1h30m") == timedelta(minutes=90)
    with pytest.raises(WrongUsage, match="is not a span of time"):
        span_of("a bit")
