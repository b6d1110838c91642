"""SPF is counted as receivers count it: what they give up on is said before an issue goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from scheduler.preflight_finding import Finding, Level
from scheduler.preflight_spf import spf

OURS = "news.example.org"


def asked(records: Mapping[str, Sequence[str]], returns_to: str = OURS) -> Finding:
    return spf(returns_to, OURS, lambda name, kind="TXT": records.get(name if kind == "TXT" else f"{kind} {name}", []))


def chain(number: int) -> dict[str, list[str]]:
    """Our record, with so many services included one by the other."""
    names = [OURS, *(f"s{one}.example" for one in range(number))]
    return {
        name: [f"v=spf1 include:{after} -all" if after else "v=spf1 ip4:192.0.2.1 -all"]
        for name, after in zip(names, [*names[1:], ""], strict=True)
    }


def test_ten_look_ups_are_allowed_and_the_eleventh_breaks_the_record_for_everybody() -> None:
    fits = asked(chain(10))
    assert (fits.level, "(10 of 10 look-ups)" in fits.sentence) == (Level.OK, True)
    broken = asked(chain(11))
    assert broken.level is Level.STOP
    assert "needs more than 10 look-ups" in broken.sentence
    assert "take out services" in broken.sentence


@pytest.mark.parametrize(
    ("record", "number"),
    [
        ("v=spf1 a mx:mail.example a/24 ?exists:%{i}.example ptr -all", 5),
        ("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 exp=why.example ~all", 0),
        ("v=spf1 redirect=one.example", 1),
        ("v=spf1 -all redirect=one.example include:nowhere.example", 0),  # what stands behind all is never looked at
        ("v=spf1 include:%{d}.example +include:one.example -all", 2),
        ("V=SPF1 INCLUDE:one.example INCLUDE:one.example -ALL", 2),
    ],
)
def test_what_asks_the_dns_counts_and_nothing_else(record: str, number: int) -> None:
    records = {
        OURS: [record],
        "one.example": ["v=spf1 ip4:192.0.2.1 -all"],
        f"A {OURS}": ["192.0.2.1"],
        "MX mail.example": ["10 a.mail.example."],
    }
    assert f"({number} of 10 look-ups)" in asked(records).sentence


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {OURS: ["v=spf1 include:gone.example -all"]},
            "names gone.example (include in the record of news.example.org)",
        ),
        ({OURS: ["v=spf1 redirect=gone.example"]}, "names gone.example (redirect in the record of news.example.org)"),
        ({OURS: ["v=spf1 include:two.example -all"], "two.example": ["v=spf1 a", "v=spf1 mx"]}, "has 2 SPF records"),
        ({OURS: [f"v=spf1 include:{OURS} -all"]}, "needs more than 10 look-ups"),
    ],
)
def test_a_record_that_receivers_give_up_on_stops_the_issue(change: Mapping[str, Sequence[str]], said: str) -> None:
    found = asked(change)
    assert found.level is Level.STOP
    assert said in found.sentence


def test_where_a_mail_service_has_the_return_path_our_own_record_is_only_noted() -> None:
    assert asked(chain(11), returns_to="").level is Level.NOTE


def test_two_names_behind_which_there_is_nothing_are_forgiven_and_the_third_breaks_the_record() -> None:
    dead = ["v=spf1 a:gone.example mx:gone.example include:one.example exists:%{i}.gone.example -all"]
    records = {OURS: dead, "one.example": ["v=spf1 a:new.example -all"], "AAAA new.example": ["2001:db8::1"]}
    assert asked(records).level is Level.OK
    broken = asked({**records, "one.example": ["v=spf1 a:new.example exists:old.example -all"]})
    assert broken.level is Level.STOP
    assert (
        "asks for more than 2 names behind which there is nothing (a:gone.example in the record of" in broken.sentence
    )
    assert "exists:old.example in the record of one.example" in broken.sentence


def test_a_domain_with_more_than_ten_mail_servers_breaks_the_record() -> None:
    records = {OURS: ["v=spf1 mx -all"], f"MX {OURS}": [f"10 mx{one}.example." for one in range(10)]}
    assert asked(records).level is Level.OK
    broken = asked({**records, f"MX {OURS}": [*records[f"MX {OURS}"], "20 mx10.example."]})
    assert (broken.level, "which has 11 mail servers" in broken.sentence) == (Level.STOP, True)
