"""The rules about stories: what fits, what waits, what keeps, and what passes; then through the whole house."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import articles, issues, queue
from db.records import Article, Label, Priority, Removed, State
from scheduler import newsroom
from scheduler.newsroom import Refused
from scheduler.settings_faults import SettingsError
from scheduler.settings_load import load_settings
from scheduler.slots import parse_quiet
from scheduler.story_rules import StoryRule, asks, fit, fits, not_before, opens, word_in
from tests.scheduler.house import MAIL, MORNING, PATIENT, House, house

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)  # a Monday, 08:30 in Berlin
STORY = Article(
    "Schoolboy saves dog",
    ("A boy of eleven jumped into the river.", "The minority leader praised him."),
    "wire",
    section="Local",
    tags=("Dogs", "Rivers"),
)
HOUR = timedelta(hours=1)


def rule(**more: object) -> StoryRule:
    return StoryRule(**({"name": "r", "zone": BERLIN} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("which", "because"),
    [
        ({}, "it is for every story"),
        ({"sections": ("sport", "LOCAL")}, 'its section is "Local"'),
        ({"tags": ("dogs",)}, 'it has the tag "Dogs"'),
        ({"labels": ("news",)}, "it is labelled news"),
        ({"sources": ("wire",)}, 'it came from "wire"'),
        ({"words": ("schoolboy",)}, 'the word "Schoolboy" is in its headline'),
        ({"words": ("minorit*",)}, 'the word "minority" is in paragraph 2'),
        ({"words": ("boy  of eleven",)}, 'the word "boy of eleven" is in paragraph 1'),
        ({"channels": ("x-main",), "sections": ("local",)}, 'its section is "Local"'),
    ],
)
def test_a_rule_fits_and_says_why(which: dict[str, object], because: str) -> None:
    found = fit(rule(**which), STORY, "x-main")
    assert (found.fits, found.because) == (True, because)


@pytest.mark.parametrize(
    ("which", "because"),
    [
        ({"sections": ("Sport", "Police")}, 'its section is "Local", not "Sport" or "Police"'),
        ({"tags": ("Cats",)}, 'it has none of the tags "Cats"'),
        ({"labels": ("opinion",)}, 'it is labelled "news", not "opinion"'),
        ({"channels": ("fb-main",)}, 'it is for the channel "fb-main"'),
        ({"words": ("minor",)}, "none of its 1 words is in the story"),
        ({"sections": ("Local",), "words": ("cat",)}, "none of its 1 words is in the story"),
    ],
)
def test_a_rule_that_does_not_fit_says_why_not(which: dict[str, object], because: str) -> None:
    found = fit(rule(**which), STORY, "x-main")
    assert (found.fits, found.because) == (False, because)


def test_an_empty_section_is_no_section() -> None:
    assert not fit(rule(sections=("",)), replace(STORY, section=""), "x-main").fits


def test_words_are_found_in_scripts_without_spaces_and_in_what_was_left_out() -> None:
    chinese = Article("北京警方通报一起案件", ("未成年人受伤。",), "s")
    assert word_in(chinese, ("未成年",)) == 'the word "未成年" is in paragraph 1'
    noted = Article("Fire", ("It burned.",), "s", removed=(Removed("correction", "An earlier version named a minor."),))
    assert word_in(noted, ("minor",)) == 'the word "minor" is in its correction line'


@given(st.lists(st.text(max_size=8), max_size=4), st.text(max_size=60))
def test_any_words_of_the_settings_can_be_looked_for_in_any_text(words: list[str], text: str) -> None:
    word_in(Article(text, (text,), "s"), tuple(words))


def test_breaking_passes_hours_and_wait_and_neither_silence_nor_the_yes() -> None:
    held = rule(
        asks=True, hours=parse_quiet("10:00-20:00"), wait=HOUR, silence=(NOW - HOUR, NOW + HOUR), sections=("Local",)
    )
    found = fits([held], STORY, "x-main")
    assert asks(found, Priority.BREAKING) is not None
    assert not_before(found, NOW, Priority.NORMAL)[0] == NOW + HOUR
    assert not_before(found, NOW, Priority.BREAKING) == (NOW, None)
    assert opens(found, NOW, Priority.BREAKING).at == NOW + HOUR
    assert opens(found, NOW, Priority.NORMAL).at == datetime(2026, 9, 21, 8, 0, tzinfo=UTC)  # 10:00 in Berlin


@pytest.mark.parametrize(("lets", "passes"), [(None, False), (True, True), (False, False)])
def test_a_rule_may_say_itself_whether_breaking_passes_a_silence(lets: bool | None, passes: bool) -> None:
    found = fits([rule(silence=(NOW - HOUR, NOW + HOUR), lets_breaking=lets)], STORY, "x-main")
    assert (opens(found, NOW, Priority.BREAKING).by is None) is passes


def test_a_person_passes_hours_and_nobody_a_silence() -> None:
    hours, silence = rule(hours=parse_quiet("10:00-20:00")), rule(silence=(NOW - HOUR, NOW + HOUR))
    assert opens(fits([hours], STORY, "x"), NOW, Priority.NORMAL, by_person=True).by is None
    assert opens(fits([silence], STORY, "x"), NOW, Priority.NORMAL, by_person=True).at == NOW + HOUR


def test_hours_that_cross_midnight_and_a_silence_that_ends_in_the_night_lead_to_the_next_opening() -> None:
    found = fits(
        [rule(hours=parse_quiet("22:00-02:00")), rule(silence=(NOW, NOW + timedelta(hours=20)))], STORY, "x-main"
    )
    at = opens(found, NOW, Priority.NORMAL).at
    assert at == datetime(2026, 9, 22, 20, 0, tzinfo=UTC)  # the silence ends at 04:30 in Berlin; then 22:00


def test_rules_that_never_open_together_say_so() -> None:
    found = fits([rule(hours=parse_quiet("08:00-10:00")), rule(hours=parse_quiet("12:00-14:00"))], STORY, "x-main")
    opening = opens(found, NOW, Priority.NORMAL)
    assert opening.at is None
    assert opening.by is not None


@given(
    st.lists(
        st.builds(
            lambda start, span, begins, length: rule(
                hours=parse_quiet(f"{start:02d}:00-{(start + span) % 24:02d}:30"),
                silence=(NOW + timedelta(hours=begins), NOW + timedelta(hours=begins + length)),
            ),
            st.integers(0, 23),
            st.integers(0, 23),
            st.integers(-30, 30),
            st.integers(1, 60),
        ),
        max_size=3,
    ),
    st.integers(0, 100),
)
def test_the_opening_is_open_and_everything_before_it_is_closed(rules: list[StoryRule], later: int) -> None:
    at = NOW + timedelta(hours=later)
    found = fits(rules, STORY, "x-main")
    opening = opens(found, at, Priority.NORMAL)
    if opening.at is None:
        return
    assert opening.at >= at
    assert opens(found, opening.at, Priority.NORMAL).by is None
    for minutes in range(0, int((opening.at - at).total_seconds() // 60), 37):
        assert opens(found, at + timedelta(minutes=minutes), Priority.NORMAL).by is not None


# --- in the settings -----------------------------------------------------------------------------

PARAGRAPHS = (
    "The ferry will run until midnight from 2 May, the council of Port Selwyn decided on Tuesday by 19 votes to 12.",
    "The service will cost 340,000 pounds a year and adds six late sailings on every weekday of the summer.",
    *(
        f"Councillor number {number} spoke for {number} minutes about the harbour and its walls."
        for number in range(2, 14)
    ),
)

RULES = """
[rules.obituaries]
sections = ["Obituaries", "Police"]
publish = "approve"

[rules.minors]
words = ["schoolboy", "minor*"]
publish = "approve"
why = "the family is asked first"

[rules.daytime]
sections = ["Lifestyle"]
hours = "10:00-20:00"

[rules.election]
tags = ["Election"]
silent_from = 2026-09-21T00:00:00
silent_until = "2026-09-22 18:00"

[rules.second-look]
sources = ["desk"]
labels = ["opinion"]
wait = "15 min"
"""


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('sections = ["A"]', "line 2, rules.r: this rule does nothing; write publish"),
        ('publish = "auto"', 'line 3, rules.r.publish: a rule can only ask for more care; write "approve"'),
        ('hours = "8-20"', 'line 3, rules.r.hours: "8-20" are not hours of a day; write them as "08:00-20:00"'),
        ('silent_from = "soon"', 'line 3, rules.r.silent_from: "soon" is not a moment'),
        ('silent_from = "2026-11-03 18:00"', "line 2, rules.r.silent_until: a silence has a beginning and an end"),
        (
            'silent_from = "2026-11-03 18:00"\nsilent_until = "2026-11-03T18:00+01:00"',
            "line 4, rules.r.silent_until: it is not after silent_from",
        ),
        ('publish = "approve"\nchannels = ["x"]', 'line 4, rules.r.channels: there is no channel "x"; there are: none'),
        ('publish = "approve"\nsources = ["s"]', 'line 4, rules.r.sources: there is no source "s"; there are: desk'),
        ('publish = "approve"\nlabels = ["odd"]', "line 4, rules.r.labels"),
        ('publish = "approve"\nword = ["a"]', "line 4, rules.r.word: no such key"),
    ],
)
def test_a_rule_that_cannot_be_is_named_with_its_line(written: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(f"\n[rules.r]\n{written}\n")
    with pytest.raises(SettingsError) as error:
        load_settings(tmp_path / "settings.toml", {})
    assert told in str(error.value)


# --- through the house ---------------------------------------------------------------------------


def revise(h: House, story: int, **changes: object) -> None:
    """The story changes at its source."""
    with h.app.ground.transaction() as tx:
        changed = replace(articles.get(tx, story), **changes)  # type: ignore[arg-type]
        articles.revise(tx, story, changed, actor="pressrun", now=h.clock.now())
        queue.put(tx, story, changed.priority, actor="pressrun", now=h.clock.now())


def test_what_a_rule_asks_for_waits_and_names_the_rule(tmp_path: Path) -> None:
    with house(tmp_path, PATIENT + RULES) as h:
        story, free = h.take("Schoolboy saves dog"), h.take("Library opens on Sundays")
        h.work()
        held = h.of(story, "x-main")
        assert held.state is State.WAITING
        assert 'rule "minors", the word "Schoolboy" is in its headline' in held.reason
        assert h.of(free, "x-main").state is State.SENT
        newsroom.approve(h.app, story, actor="ada")
        h.work()
        assert h.of(story, "x-main").state is State.SENT


def test_a_word_that_a_revision_brings_takes_the_machines_yes_back_and_leaves_a_persons(tmp_path: Path) -> None:
    settings = PATIENT.replace('kind = "x"', 'kind = "x"\nslots = ["daily 18:15"]').replace(
        'kind = "facebook"', 'kind = "facebook"\nslots = ["daily 18:15"]\npublish = "approve"'
    )
    with house(tmp_path, settings + RULES) as h:
        story = h.take(paragraphs=PARAGRAPHS)
        h.work()
        newsroom.approve(h.app, story, actor="ada", channels=["fb-main"])
        assert h.of(story, "x-main").state is State.PLANNED
        revise(h, story, paragraphs=(*PARAGRAPHS, "A minor was among the passengers."))
        h.work()
        assert h.of(story, "x-main").state is State.WAITING
        assert "minor" in h.of(story, "x-main").reason
        assert h.of(story, "fb-main").state is State.PLANNED  # the post is byte for byte the one ada said yes to


def test_daytime_is_planned_for_and_a_person_may_send_before(tmp_path: Path) -> None:
    with house(tmp_path, PATIENT + RULES) as h:
        story = h.take(section="Lifestyle")
        h.work()
        planned = h.of(story, "x-main")
        assert planned.state is State.PLANNED
        assert planned.due_at == datetime(2026, 9, 21, 8, 0, tzinfo=UTC)
        newsroom.now(h.app, story, actor="ada", channels=["x-main"])
        h.work()
        assert h.of(story, "x-main").state is State.SENT
        assert h.of(story, "fb-main").state is State.PLANNED
        h.clock.advance(timedelta(hours=2))
        h.work()
        assert h.of(story, "fb-main").state is State.SENT


def test_a_silence_keeps_breaking_and_persons_alike_and_nothing_is_lost(tmp_path: Path) -> None:
    with house(tmp_path, PATIENT + RULES) as h:
        story = h.take(tags=("Election",))
        h.work()
        ends = datetime(2026, 9, 22, 16, 0, tzinfo=UTC)
        assert h.of(story, "x-main").due_at == ends
        with pytest.raises(Refused, match=r'rule "election" keeps it until Tue 22 Sep 2026 18:00'):
            newsroom.now(h.app, story, actor="ada")
        newsroom.declare_breaking(h.app, story, actor="ada")
        h.work()
        kept = h.of(story, "x-main")
        assert (kept.state, kept.next_at) == (State.PLANNED, ends)
        assert 'rule "election" keeps it until' in kept.reason


def test_a_silence_written_into_the_settings_after_planning_is_kept_at_the_claim(tmp_path: Path) -> None:
    slotted = PATIENT.replace('kind = "x"', 'kind = "x"\nslots = ["daily 18:15"]')
    with house(tmp_path, slotted) as h:
        story = h.take(tags=("Election",))
        h.work()
        clock = h.clock
    clock.advance(timedelta(hours=10))  # 18:30 in Berlin
    with house(tmp_path, slotted + RULES, clock=clock) as h:
        h.work()
        kept = h.of(story, "x-main")
        assert (kept.state, kept.tries, h.attempts(kept)) == (State.PLANNED, 0, [])
        assert kept.next_at == datetime(2026, 9, 22, 16, 0, tzinfo=UTC)
        free = h.take("Library opens on Sundays")
        h.work()
        assert h.of(free, "x-main").state is State.PLANNED  # its own slot, tomorrow; the kept one took no spacing


def test_a_second_look_waits_its_span_and_then_goes_by_itself(tmp_path: Path) -> None:
    with house(tmp_path, PATIENT + RULES) as h:
        story = h.take(label=Label.OPINION)
        h.work()
        assert h.of(story, "x-main").due_at == MORNING + timedelta(minutes=15)
        assert h.of(story, "x-main").state is State.PLANNED
        h.clock.advance(timedelta(minutes=16))
        h.work()
        assert h.of(story, "x-main").state is State.SENT


def test_an_issue_goes_without_the_stories_a_silence_lies_over(tmp_path: Path) -> None:
    with house(tmp_path, PATIENT + MAIL + RULES) as h:
        h.readers(2)
        silent, free = h.take("Votes are counted", tags=("Election",)), h.take("Library opens on Sundays")
        h.work()
        with h.app.ground.reading() as tx:
            (issue,) = issues.of_article(tx, free)
            assert issues.of_article(tx, silent) == []
            assert issue.article_ids == (free,)


def test_a_take_down_passes_every_rule(tmp_path: Path) -> None:
    with house(tmp_path, PATIENT) as h:
        story = h.take(tags=("Election",))
        h.work()
        clock = h.clock
    with house(tmp_path, PATIENT + RULES, clock=clock) as h:
        newsroom.kill(h.app, story, actor="ada", reason="wrong")
        h.work()
        assert h.of(story, "x-main").purpose.startswith("takedown-")
        assert h.of(story, "x-main").state is State.SENT
