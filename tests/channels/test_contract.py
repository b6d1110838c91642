"""The promise of ``channels.base.Channel``, kept by every kind: through the real SDKs, against the rehearsal platforms.

A kind takes part by its builder in ``kinds.KINDS``.
"""

from __future__ import annotations

import dataclasses
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from channels.base import Channel
from channels.errors import ChannelError, Rejected
from channels.rehearsal.catalogue import CATALOGUE
from channels.rehearsal.faults import Fault
from channels.rehearsal.platforms import RehearsalPlatforms
from db.records import Failure, Outcome, Part, Post, Receipt, Teaser
from tests.channels.kinds import KINDS, SECRETS

TEASER = Teaser(
    channel="main",
    kind="any",
    headline="Council votes to keep the river path open all winter",
    text="Council votes to keep the river path open all winter: lamps & gravel come first\n\n"
    "https://news.example.com/2026/river-path?utm_content=live-article-12-main-first",
    link="https://news.example.com/2026/river-path?utm_content=live-article-12-main-first",
    subject="The river path stays open",
    preheader="Lamps and gravel come first",
    language="en",
)
KEY = "rehearsal/article-12/main/first"
SHORT = timedelta(seconds=0.3)
GRACE = 20.0
"""Seconds that a busy machine may take on top; the rehearsal's hang and drip last half a minute."""


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def channel(kind: str, platforms: RehearsalPlatforms) -> Channel:
    return KINDS[kind](platforms, name=f"{kind}-contract")


@pytest.fixture(autouse=True)
def no_secret_is_told(kind: str, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does: no secret in any log line, though all loggers are asked for everything."""
    caplog.set_level(logging.DEBUG)
    yield
    assert_no_secret(kind, caplog.text)


def assert_no_secret(kind: str, told: str) -> None:
    secrets = SECRETS[kind](f"{kind}-contract") if kind in SECRETS else ()
    for secret in secrets:
        assert secret not in told


def a_while_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=15)


def first_part(channel: Channel) -> Part:
    return channel.compose(TEASER).parts[0]


def public(platforms: RehearsalPlatforms, kind: str) -> int:
    return sum(1 for post in platforms.published(kind) if not post.deleted)


def needs(allowed: bool) -> None:
    if not allowed:
        pytest.skip("this kind cannot")


def unplug(platforms: RehearsalPlatforms, kind: str) -> None:
    """Takes the platform off the line, and returns once nobody listens there any more."""
    addresses = platforms.addresses
    ports = {"x": addresses.x_url, "facebook": addresses.graph_url, "email": f":{addresses.smtp_port}"}
    port = int(ports[kind].rsplit(":", 1)[1])
    platforms.faults.add(Fault(kind, "any", "unplugged", arguments={"seconds": 60}))
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            return
    raise AssertionError(f"{kind} still listens")


class TestWords:
    def test_the_same_teaser_always_makes_the_same_post(
        self, kind: str, channel: Channel, platforms: RehearsalPlatforms
    ) -> None:
        again = KINDS[kind](platforms, name=f"{kind}-contract")
        assert channel.compose(TEASER) == again.compose(TEASER)
        assert channel.compose(TEASER).fingerprint == again.compose(TEASER).fingerprint

    def test_other_words_make_another_fingerprint(self, channel: Channel) -> None:
        other = dataclasses.replace(TEASER, text="Other " + TEASER.text, subject="Other words")
        assert channel.compose(other).fingerprint != channel.compose(TEASER).fingerprint

    def test_a_post_is_frozen_and_names_its_channel(self, kind: str, channel: Channel) -> None:
        post = channel.compose(TEASER)
        assert (post.channel, post.kind, channel.kind) == (channel.name, kind, kind)
        with pytest.raises(dataclasses.FrozenInstanceError):
            post.parts[0].text = "changed"  # type: ignore[misc]

    def test_a_good_post_has_no_problem_and_fits(self, channel: Channel) -> None:
        post = channel.compose(TEASER)
        assert [problem for problem in channel.validate(post) if problem.stops] == []
        assert channel.measure("") == 0

    def test_an_empty_post_has_a_problem_that_stops(self, channel: Channel) -> None:
        post = Post(channel.name, channel.kind, (Part(text=" "),))
        assert any(problem.stops for problem in channel.validate(post))

    def test_the_price_is_known_before_anything_is_sent(
        self, kind: str, channel: Channel, platforms: RehearsalPlatforms
    ) -> None:
        assert channel.price(channel.compose(TEASER)).micros >= 0
        assert platforms.requests(kind) == ()

    def test_the_limits_name_their_kind_and_spans(self, kind: str, channel: Channel) -> None:
        assert channel.limits.kind == kind
        assert channel.limits.deadline > timedelta(0)
        assert channel.limits.read_lag >= timedelta(0)


class TestLife:
    def test_a_send_publishes_exactly_once_what_was_composed(
        self, kind: str, channel: Channel, platforms: RehearsalPlatforms
    ) -> None:
        receipt = channel.send(first_part(channel), KEY, None)
        published = platforms.published(kind)
        assert len(published) == 1
        assert receipt.id
        assert receipt.code
        assert receipt.at is not None
        if channel.limits.can_find:
            assert receipt.id == published[0].id
            assert published[0].text == first_part(channel).text

    def test_what_was_sent_is_found_exactly_and_was_not_there_before(self, channel: Channel) -> None:
        needs(channel.limits.can_find)
        part = first_part(channel)
        before = channel.find_existing(part, KEY, a_while_ago())
        assert (before.exact, before.near, before.complete) == ((), (), True)
        receipt = channel.send(part, KEY, None)
        after = channel.find_existing(part, KEY, a_while_ago())
        assert [found.id for found in after.exact] == [receipt.id]
        assert after.complete
        assert after.exact[0].url == receipt.url
        assert after.exact[0].at is not None
        assert abs(after.exact[0].at - datetime.now(UTC)) < timedelta(minutes=1)

    def test_a_changed_post_is_near_and_another_is_nothing(self, channel: Channel) -> None:
        needs(channel.limits.can_find)
        part = first_part(channel)
        channel.send(part, KEY, None)
        near = channel.find_existing(
            dataclasses.replace(part, text=part.text.replace("keep", "leave")), KEY, a_while_ago()
        )
        assert (len(near.exact), len(near.near)) == (0, 1)
        other = Part(text="Rain is expected in the north on Sunday")
        found = channel.find_existing(other, KEY, a_while_ago())
        assert (found.exact, found.near, found.complete) == ((), (), True)

    def test_older_posts_than_asked_for_are_not_shown(self, channel: Channel) -> None:
        needs(channel.limits.can_find)
        part = first_part(channel)
        channel.send(part, KEY, None)
        later = channel.find_existing(part, KEY, datetime.now(UTC) + timedelta(minutes=5))
        assert (later.exact, later.complete) == ((), True)

    def test_a_kind_that_cannot_look_never_says_not_there(self, channel: Channel) -> None:
        if channel.limits.can_find:
            pytest.skip("this kind can")
        assert not channel.find_existing(first_part(channel), KEY, a_while_ago()).complete

    def test_a_deleted_post_is_gone_and_deleting_it_again_is_no_fault(self, channel: Channel) -> None:
        needs(channel.limits.can_delete)
        part = first_part(channel)
        receipt = channel.send(part, KEY, None)
        channel.delete(receipt)
        gone = channel.find_existing(part, KEY, a_while_ago())
        assert (gone.exact, gone.complete) == ((), True)
        channel.delete(receipt)

    def test_a_correction_replaces_the_words_or_is_refused(
        self, kind: str, channel: Channel, platforms: RehearsalPlatforms
    ) -> None:
        receipt = channel.send(first_part(channel), KEY, None)
        post = channel.compose(dataclasses.replace(TEASER, text="Corrected: " + TEASER.text))
        if channel.limits.can_correct:
            corrected = channel.correct(receipt, post)
            assert corrected.id == receipt.id
            assert [found.text for found in platforms.published(kind)] == [post.parts[0].text]
        else:
            with pytest.raises(Rejected):
                channel.correct(receipt, post)

    def test_a_kind_that_cannot_delete_says_so(self, channel: Channel) -> None:
        if channel.limits.can_delete:
            pytest.skip("this kind can")
        with pytest.raises(Rejected):
            channel.delete(Receipt(id="1"))

    def test_the_check_finds_a_channel_that_could_post_and_posts_nothing(
        self, kind: str, channel: Channel, platforms: RehearsalPlatforms
    ) -> None:
        health = channel.check()
        assert [problem.message for problem in health.problems if problem.stops] == []
        assert health.ok
        assert health.account_id
        assert platforms.published(kind) == ()

    def test_out_of_reach_is_told_by_the_check_and_never_raised(
        self, kind: str, channel: Channel, platforms: RehearsalPlatforms
    ) -> None:
        unplug(platforms, kind)
        health = channel.check()
        assert not health.ok
        assert health.problems

    def test_out_of_reach_nothing_left_and_nothing_is_published(
        self, kind: str, channel: Channel, platforms: RehearsalPlatforms
    ) -> None:
        unplug(platforms, kind)
        with pytest.raises(ChannelError) as caught:
            channel.send(first_part(channel), KEY, None)
        assert caught.value.outcome is Outcome.UNREACHABLE
        platforms.faults.clear()
        assert platforms.published(kind) == ()


STRIKES = [
    pytest.param(kind, name, when, id=f"{kind}-{name}-{when}")
    for kind in sorted(KINDS)
    for name, entry in CATALOGUE.items()
    for when in ("before", "after")
    if kind in entry.platforms and name not in ("none", "unplugged")
]
READABLE = [strike for strike in STRIKES if strike.values[0] in {"x", "facebook"}]
"""The faults of kinds whose account can be read back and whose posts can be taken down."""

SLOW = {"hang", "drip", "slow"}
NOTHING_OUT = {Outcome.UNREACHABLE}
"""Outcomes after which nothing may be out, however the platform lied."""


def patient(platforms: RehearsalPlatforms, kind: str) -> Channel:
    """The same channel with time enough for what must succeed first."""
    return KINDS[kind](platforms, name=f"{kind}-contract")


def channel_for(platforms: RehearsalPlatforms, kind: str, fault: str) -> Channel:
    """A channel whose patience is short where the fault would use it up, and long where it must not matter."""
    return KINDS[kind](platforms, name=f"{kind}-contract", deadline=SHORT if fault in SLOW else timedelta(seconds=30))


@contextmanager
def in_time(channel: Channel) -> Iterator[None]:
    """The block must not last longer than the channel's deadline and a little."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < channel.limits.deadline.total_seconds() + GRACE


class TestFaults:
    @pytest.mark.parametrize(("kind", "name", "when"), STRIKES)
    def test_every_fault_of_a_send_ends_as_a_receipt_or_one_of_the_five_in_time(
        self, kind: str, name: str, when: str, platforms: RehearsalPlatforms
    ) -> None:
        channel = channel_for(platforms, kind, name)
        platforms.faults.add(Fault(kind, "send", name, when=when))
        failure: Failure | None = None
        told = repr(channel)
        with in_time(channel):
            try:
                told += repr(channel.send(first_part(channel), KEY, None))
            except ChannelError as error:
                failure = error.failure
                told += f"{error!r} {error} {failure!r} {error.__cause__!r}"
        assert_no_secret(kind, told)
        outcome = failure.outcome if failure else Outcome.SENT
        if failure:
            assert failure.sentence
            assert failure.retry_after or outcome is not Outcome.RATE_LIMITED
        out = public(platforms, kind)
        assert out <= 1
        if outcome is Outcome.SENT:
            assert out == 1
        if outcome in NOTHING_OUT:
            assert out == 0
        if out == 1 and when == "before":
            assert outcome in (Outcome.SENT, Outcome.UNCERTAIN)

    @pytest.mark.parametrize(("kind", "name", "when"), [p for p in READABLE if p.values[2] == "before"])
    def test_every_fault_of_a_look_never_says_not_there(
        self, kind: str, name: str, when: str, platforms: RehearsalPlatforms
    ) -> None:
        channel = channel_for(platforms, kind, name)
        part = first_part(channel)
        patient(platforms, kind).send(part, KEY, None)
        platforms.faults.add(Fault(kind, "look", name, when=when))
        look, told = None, ""
        with in_time(channel):
            try:
                look = channel.find_existing(part, KEY, a_while_ago())
            except ChannelError as error:
                told = f"{error!r} {error.failure!r}"
        assert_no_secret(kind, told)
        assert look is None or look.exact or not look.complete

    @pytest.mark.parametrize(("kind", "name", "when"), READABLE)
    def test_every_fault_of_a_delete_never_pretends(
        self, kind: str, name: str, when: str, platforms: RehearsalPlatforms
    ) -> None:
        channel = channel_for(platforms, kind, name)
        receipt = patient(platforms, kind).send(first_part(channel), KEY, None)
        platforms.faults.add(Fault(kind, "delete", name, when=when))
        told = ""
        with in_time(channel):
            try:
                channel.delete(receipt)
            except ChannelError as error:
                told = f"{error!r} {error.failure!r}"
        assert_no_secret(kind, told)
        assert told or public(platforms, kind) == 0

    @pytest.mark.parametrize(("kind", "name", "when"), [p for p in STRIKES if p.values[2] == "before"])
    def test_every_fault_of_a_check_is_told_and_never_raised(
        self, kind: str, name: str, when: str, platforms: RehearsalPlatforms
    ) -> None:
        channel = channel_for(platforms, kind, name)
        platforms.faults.add(Fault(kind, "check", name, when=when))
        with in_time(channel):
            health = channel.check()
        assert health.ok or health.problems
        assert_no_secret(kind, repr(health))
