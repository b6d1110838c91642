"""Already posted by hand: seen before the first post, held with the link, never ours and never taken down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from channels.rehearsal.faults import Fault
from db import articles, attempts
from db.records import Mode, Outcome, Part, Scope, State, Verb
from scheduler import by_hand, newsroom, prepare
from scheduler.deliver import deliver_next
from scheduler.newsroom import Reach
from scheduler.prepare import Draft, draft
from tests.scheduler.house import PATIENT, House, house

LOOKS = PATIENT.replace('kind = "x"', 'kind = "x"\nlook_first = true').replace(
    'kind = "facebook"', 'kind = "facebook"\nlook_first = true'
)
URL = "https://news.example.org/ferry-to-run-until-midnight"


def colleague(h: House, channel: str, text: str, link: str = "") -> str:
    """Somebody posts at the platform itself; the post's number there."""
    outlet = h.app.outlets[channel]
    inside = link and outlet.kind == "x"
    part = Part(f"{text} {link}" if inside else text, link=link or None)
    receipt = outlet.build().send(part, "by hand", None)
    return receipt.id


def out(h: House, platform: str) -> list[str]:
    return [one.id for one in h.platforms.published(platform)]


def composed(h: House, story: int) -> Draft:
    """What the machine would post of the story on X."""
    with h.app.ground.reading() as tx:
        article = articles.get(tx, story)
    return draft(h.app, h.app.outlets["x-main"], article)


@pytest.mark.parametrize("channel", ["x-main", "fb-main"])
@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("Late boats at last!", f"{URL}?utm_source=hand"),
        ("Late boats at last!", URL.replace("https://", "http://www.") + "/"),
    ],
)
def test_a_colleagues_post_of_the_story_holds_ours_with_its_link(
    channel: str, text: str, link: str, tmp_path: Path
) -> None:
    with house(tmp_path, LOOKS) as h:
        number = colleague(h, channel, text, link)
        story = h.take()
        h.work()
        held = h.of(story, channel)
        assert held.state is State.WAITING
        assert "by hand already" in held.reason
        assert number.rpartition("_")[2] in held.reason
        assert [one.verb for one in h.attempts(held)] == [Verb.LOOK]
        assert any("by hand already" in one for one in h.notices())
        other = "fb-main" if channel == "x-main" else "x-main"
        assert h.of(story, other).state is State.SENT


def test_nearly_the_same_words_without_a_link_hold_it_too(tmp_path: Path) -> None:
    with house(tmp_path, LOOKS) as h:
        story = h.take()
        words = composed(h, story).teaser
        colleague(h, "x-main", words.text.replace(words.link or "", "").strip() + "!")
        h.work()
        assert h.of(story, "x-main").state is State.WAITING


def test_other_posts_of_the_account_keep_nothing(tmp_path: Path) -> None:
    with house(tmp_path, LOOKS) as h:
        colleague(h, "x-main", "Good morning, harbour!", "https://news.example.org/weather")
        story = h.take()
        h.work()
        assert h.of(story, "x-main").state is State.SENT
        assert [one.verb for one in h.attempts(h.of(story, "x-main"))] == [Verb.LOOK, Verb.SEND]


def test_our_own_posts_of_another_story_with_the_same_link_are_not_a_colleagues(tmp_path: Path) -> None:
    with house(tmp_path, LOOKS) as h:
        first = h.take()
        h.work()
        second = h.take("Library opens on Sundays")
        h.work()
        assert [h.of(one, "x-main").state for one in (first, second)] == [State.SENT, State.SENT]
        newsroom.again(h.app, first, "x-main", actor="ada", text="Once more: the ferry")
        h.work()
        again = h.of(first, "x-main")
        assert again.state is State.SENT
        assert [one.verb for one in h.attempts(again)] == [Verb.SEND]  # only the first post of a story is looked for


def test_a_yes_posts_it_all_the_same_and_a_kill_leaves_the_colleagues_post_alone(tmp_path: Path) -> None:
    with house(tmp_path, LOOKS) as h:
        theirs = colleague(h, "x-main", "Late boats at last!", URL)
        story = h.take()
        h.work()
        newsroom.approve(h.app, story, actor="ada", channels=["x-main"])
        h.work()
        ours = h.of(story, "x-main")
        assert ours.state is State.SENT
        assert len(out(h, "x")) == 2
        assert not [one for one in h.notices() if "by hand" in one]
        newsroom.kill(h.app, story, actor="ada", reason="wrong")
        h.work()
        assert [one.id for one in h.platforms.published("x") if one.deleted_at is None] == [theirs]


def test_a_lost_answer_never_takes_the_colleagues_very_same_post_for_ours(tmp_path: Path) -> None:
    with house(tmp_path, LOOKS) as h:
        story = h.take()
        outlet = h.app.outlets["x-main"]
        same = composed(h, story).post.parts[0]
        theirs = outlet.build().send(same, "by hand", None).id  # byte for byte what we would post, a moment before us
        h.work()
        assert h.of(story, "x-main").state is State.WAITING
        newsroom.approve(h.app, story, actor="ada", channels=["x-main"], at_once=True)
        h.platforms.faults.add(Fault("x", "send", "closed", times=1))
        h.work()
        for _ in range(4):
            h.clock.advance(timedelta(minutes=7))
            h.work()
        ours = h.of(story, "x-main")
        with h.app.ground.reading() as tx:
            ids = {one.receipt.id for one in attempts.receipts_of(tx, ours.id)}
        assert theirs not in ids


def test_a_look_that_fails_keeps_nothing(tmp_path: Path) -> None:
    with house(tmp_path, LOOKS) as h:
        colleague(h, "x-main", "Late boats at last!", URL)
        h.platforms.faults.add(Fault("x", "look", "503-html", times=1))
        story = h.take()
        h.work()
        sent = h.of(story, "x-main")
        assert sent.state is State.SENT
        assert [(one.verb, one.outcome) for one in h.attempts(sent)] == [
            (Verb.LOOK, Outcome.UNCERTAIN),
            (Verb.SEND, Outcome.SENT),
        ]


def test_a_look_that_was_lost_with_its_worker_keeps_nothing_for_longer_than_a_claim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path, LOOKS) as h:
        story = h.take()
        outlet = h.app.outlets["x-main"]
        prepare.prepare_waiting(h.app)

        class Killed(BaseException):
            """The worker dies inside the look."""

        def die(*_: object) -> None:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(by_hand, "look", die)
            with pytest.raises(Killed):
                deliver_next(h.app, outlet)
        waits = h.of(story, "x-main")
        assert (waits.state, waits.tries, waits.claim) == (State.PLANNED, 0, None)
        deliver_next(h.app, outlet)
        assert h.of(story, "x-main").state is State.PLANNED
        h.clock.advance(outlet.claim_span + timedelta(seconds=1))
        deliver_next(h.app, outlet)
        assert h.of(story, "x-main").state is State.SENT
        assert len(out(h, "x")) == 1


def test_a_stop_laid_while_the_account_is_read_keeps_the_post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with house(tmp_path, LOOKS) as h:
        story = h.take()
        prepare.prepare_waiting(h.app)
        real = by_hand.look

        def slow(app: object, outlet: object, looking: object) -> object:
            newsroom.hold(h.app, Reach(Scope.EVERYTHING), actor="ada", reason="a tragedy")
            return real(app, outlet, looking)  # type: ignore[arg-type]

        monkeypatch.setattr(by_hand, "look", slow)
        deliver_next(h.app, h.app.outlets["x-main"])
        assert h.of(story, "x-main").state is State.PLANNED
        assert out(h, "x") == []


def test_the_price_of_the_look_counts_against_the_budget_and_never_takes_the_posts_own_money(tmp_path: Path) -> None:
    priced = LOOKS.replace("look_first = true", "look_first = true\nmonthly_budget = 0.202", 1)
    with house(tmp_path, priced) as h:
        colleague(h, "x-main", "Good morning, harbour!")
        first = h.take()
        h.work()
        sent = h.of(first, "x-main")
        assert sent.state is State.SENT
        look, post = h.attempts(sent)
        assert (look.cost.micros, post.cost.micros) == (1_000, 200_000)
        with h.app.ground.reading() as tx:
            outlet = h.app.outlets["x-main"]
            month = outlet.guards(h.clock.now()).month_began_at
            assert attempts.spent(tx, outlet.mode, "x-main", month).micros == 201_000


def test_without_money_for_the_look_the_post_goes_without(tmp_path: Path) -> None:
    priced = LOOKS.replace("look_first = true", "look_first = true\nmonthly_budget = 0.2", 1)
    with house(tmp_path, priced) as h:
        story = h.take()
        h.work()
        sent = h.of(story, "x-main")
        assert sent.state is State.SENT
        assert [one.verb for one in h.attempts(sent)] == [Verb.SEND]


def test_a_rehearsal_looks_only_when_told_and_a_live_channel_unless_told_not_to(tmp_path: Path) -> None:
    with house(tmp_path, PATIENT) as h:
        outlet = h.app.outlets["x-main"]
        assert not outlet.look_first
        asked = h.app.settings.channels["x-main"]
        assert asked.model_copy(update={"mode": Mode.LIVE}).looks_first  # type: ignore[union-attr]
        assert replace(outlet, look_first=True).look_first
