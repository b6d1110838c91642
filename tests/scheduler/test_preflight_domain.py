"""The sender's domain is asked of a real name server; what is wrong there stops an issue, and silence is told as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import pytest

from scheduler import preflight_domain
from scheduler.preflight_domain import SendingDomain, dns_records, domain_is_ready
from scheduler.preflight_finding import Finding, Level
from scheduler.preflight_spf import Ask
from tests.channels.email.test_dkim import SIGNER
from tests.scheduler.name_server import Records, closed_port, name_server

DOMAIN = SendingDomain("news.example.org", "news.example.org", "example.org", "s1", SIGNER.published)
KEY = "s1._domainkey.example.org"
GOOD: Records = {
    "news.example.org": ["google-site-verification=x", "v=spf1 include:mail.example.org -all"],
    "mail.example.org": ["v=spf1 ip4:192.0.2.1 -all"],
    KEY: [f"v=DKIM1; k=rsa; p={SIGNER.published}"],
    "_dmarc.example.org": ["v=DMARC1; p=none"],
}


def found(records: Records, domain: SendingDomain = DOMAIN) -> list[Finding]:
    with name_server(records) as resolver:
        return list(domain_is_ready(domain, partial(dns_records, resolver=resolver)))


def levels(records: Records, domain: SendingDomain = DOMAIN) -> dict[str, Level]:
    return {one.name: one.level for one in found(records, domain)}


def told(records: Records, domain: SendingDomain = DOMAIN) -> str:
    """What the one finding that is not well says."""
    (one,) = (one for one in found(records, domain) if one.level is not Level.OK)
    return f"{one.level}: {one.name}: {one.sentence}"


def test_a_domain_in_order_passes_each_of_the_four() -> None:
    assert levels(GOOD) == dict.fromkeys(("SPF", "DKIM", "DMARC", "alignment"), Level.OK)


def test_what_the_record_names_is_asked_for_by_its_own_kind() -> None:
    names = {"MX outlet.example": [f"10 mx{one}.outlet.example." for one in range(11)], "A one.example": ["192.0.2.1"]}
    assert told({**GOOD, **names, "mail.example.org": ["v=spf1 a:one.example mx:outlet.example -all"]}).startswith(
        "stops it: SPF: news.example.org names outlet.example (mx:outlet.example in the record of mail.example.org), "
    )
    dead = "v=spf1 a:one.example a:two.example a:three.example a:four.example -all"
    assert "behind which there is nothing" in told({**GOOD, **names, "mail.example.org": [dead]})


def test_records_too_long_for_a_packet_are_read_whole() -> None:
    long = "v=spf1 " + " ".join(f"ip4:192.0.2.{number}" for number in range(90)) + " -all"
    assert len(long) > 1_200
    with name_server({"long.example": [long]}) as resolver:
        assert dns_records("long.example", resolver=resolver) == [long]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"news.example.org": ["x"]}, "stops it: SPF: news.example.org has no SPF record"),
        ({"news.example.org": ["v=spf10 -all"]}, "stops it: SPF: news.example.org has no SPF record"),
        ({"news.example.org": ["v=spf1 -all", "V=SPF1 ~all"]}, "stops it: SPF: news.example.org has 2 SPF records"),
        ({"news.example.org": ["v=spf1 a +all"]}, "note: SPF: news.example.org lets anybody send"),
        ({KEY: []}, f"stops it: DKIM: {KEY} holds no key"),
        ({KEY: ["v=DKIM1; p="]}, f"stops it: DKIM: the key at {KEY} is revoked"),
        ({KEY: ["v=DKIM1; p=MIIBIjAN"]}, f"stops it: DKIM: {KEY} holds another key than dkim_key_file"),
        ({KEY: ["v=DKIM1; p=a", "v=DKIM1; p=b"]}, f"stops it: DKIM: {KEY} holds 2 keys"),
        ({KEY: [f"v=DKIM1; t=y; p={SIGNER.published}"]}, f"note: DKIM: {KEY} says t=y"),
        ({"_dmarc.example.org": ["x"]}, "stops it: DMARC: news.example.org has no DMARC record"),
        ({"_dmarc.example.org": ["v=DMARC1; rua=mailto:a@b"]}, "stops it: DMARC: _dmarc.example.org says no policy"),
        ({"_dmarc.example.org": ["v=DMARC1; p=none"] * 2}, "stops it: DMARC: _dmarc.example.org has 2 records"),
    ],
)
def test_what_mailbox_providers_refuse_is_told_with_what_to_do(change: Records, said: str) -> None:
    distinct = {name: list(texts or ()) for name, texts in change.items()}
    for name, texts in distinct.items():  # a record that stands twice is one
        distinct[name] = [text + " " * number for number, text in enumerate(texts)]
    assert told({**GOOD, **distinct}).startswith(said)


def test_a_policy_above_the_sender_counts_however_many_labels_its_ending_has() -> None:
    records = {
        "news.outlet.co.uk": ["v=spf1 -all"],
        "s1._domainkey.outlet.co.uk": GOOD[KEY],
        "_dmarc.outlet.co.uk": ["v=DMARC1;p=reject"],
    }
    domain = replace(DOMAIN, sender="news.outlet.co.uk", returns_to="news.outlet.co.uk", signs="outlet.co.uk")
    assert levels(records, domain)["DMARC"] is Level.OK


def test_nobody_who_vouches_for_the_senders_domain_stops_it() -> None:
    elsewhere: Mapping[str, Sequence[str] | None] = {
        **GOOD,
        "bounce.example.net": ["v=spf1 -all"],
        "s1._domainkey.example.net": GOOD[KEY],
    }
    domain = replace(DOMAIN, signs="example.net", returns_to="bounce.example.net")
    assert told(elsewhere, domain).startswith("stops it: alignment: neither the signature (example.net)")
    assert levels(elsewhere, replace(domain, returns_to="news.example.org"))["alignment"] is Level.OK
    strict = {**GOOD, "_dmarc.example.org": ["v=DMARC1; p=none; adkim=s; aspf=s"]}
    assert levels(strict, replace(DOMAIN, returns_to="news.example.org"))["alignment"] is Level.OK
    strict["bounce.example.org"] = ["v=spf1 -all"]
    assert levels(strict, replace(DOMAIN, returns_to="bounce.example.org"))["alignment"] is Level.STOP


def test_a_mail_service_that_signs_and_takes_returns_is_judged_by_dmarc_alone() -> None:
    domain = SendingDomain("news.example.org")
    assert levels(GOOD, domain) == {"SPF": Level.OK, "DKIM": Level.SKIPPED, "DMARC": Level.OK}
    assert levels({**GOOD, "news.example.org": []}, domain)["SPF"] is Level.NOTE


@pytest.fixture
def silent() -> Ask:
    return partial(dns_records, resolver=closed_port())


def test_where_no_name_server_answers_nothing_is_claimed(silent: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight_domain, "SECONDS", 0.2)
    (one,) = domain_is_ready(DOMAIN, silent)
    assert (one.name, one.level) == ("domain", Level.SKIPPED)
    assert "no name server answers here" in one.sentence


def test_a_name_server_that_fails_half_way_leaves_the_rest_unasked() -> None:
    records = {**GOOD, KEY: None}
    assert levels(records) == {"SPF": Level.OK, "domain": Level.SKIPPED}
