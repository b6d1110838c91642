"""``pressrun rules``: what stands in the settings, and what it would do with a story."""

from __future__ import annotations

from tests.desk.newsdesk import SETTINGS, Newsdesk

RULES = """
[rules.minors]
words = ["mayor"]
publish = "approve"
why = "the family is asked first"

[rules.daytime]
sections = ["Lifestyle"]
hours = "10:00-20:00"

[rules.election]
channels = ["x-main"]
silent_from = "2026-09-21 00:00"
silent_until = "2026-09-22 18:00"
"""


def test_the_rules_are_listed_with_what_each_is_for_and_does(room: Newsdesk) -> None:
    room.set(SETTINGS + RULES + '[sections.Police]\npublish = "approve"\n')
    told = room.tell("rules")
    assert told.code == 0
    assert "  for:  word mayor" in told.lines
    assert "  does: waits for a person's yes (the family is asked first)" in told.lines
    assert "  does: goes only from 10:00 to 20:00" in told.lines
    assert "[sections.Police]" in told.lines
    assert "is silent from Mon 21 Sep 2026 00:00 to Tue 22 Sep 2026 18:00" in told.out
    form = room.tell("rules", "--json").json
    assert [one["rule"] for one in form["rules"]] == ["minors", "daytime", "election"]
    assert form["rules"][1]["hours"] == ["10:00", "20:00"]


def test_without_rules_it_says_how_to_make_one(room: Newsdesk) -> None:
    assert "add [rules.NAME] to settings.toml" in room.tell("rules").out


def test_a_story_a_file_and_its_number_are_tried_alike(room: Newsdesk) -> None:
    room.set(SETTINGS + RULES)
    path = room.write()
    by_file = room.tell("rules", "test", path, "--channel", "x-main")
    number = room.story()
    by_number = room.tell("rules", "test", str(number), "--channel", "x-main")
    for told in (by_file, by_number):
        assert told.code == 0, told.err
        assert 'minors fits: the word "mayor" is in paragraph 2' in told.out
        assert 'daytime does not: its section is empty, not "Lifestyle"' in told.out
        assert 'not before Tue 22 Sep 18:00 (rule "election")' in " ".join(told.out.split())
    assert room.tell("queue", "--json").json["deliveries"] == []


def test_the_trial_agrees_with_what_is_planned(room: Newsdesk) -> None:
    room.set(SETTINGS.replace('slots = ["daily 18:15"]', 'slots = "immediately"') + RULES)
    number = room.story()
    form = room.tell("rules", "test", str(number), "--json").json["stories"][0]["channels"]
    tried = {one["channel"]: one for one in form}
    room.tell("tick")
    planned = room.delivery("x-main")
    assert planned["state"] == "waiting"
    assert tried["x-main"]["waits_for_a_person"]
    assert tried["x-main"]["asked"] in planned["reason"]
    assert tried["x-main"]["not_before"] == planned["due_at"]


def test_the_preview_and_the_queue_name_the_rule(room: Newsdesk) -> None:
    room.set(SETTINGS)
    number = room.prepared()
    room.set(SETTINGS + RULES.replace("2026-09-22 18:00", "2026-09-21 23:00"))
    assert 'Rule "election" is silent from' in room.tell("preview", str(number)).out
    queue = room.tell("queue")
    assert 'is held: rule "election" keeps it until Mon 21 Sep 2026 23:00' in " ".join(queue.out.split())


def test_what_cannot_be_tried_is_said(room: Newsdesk) -> None:
    told = room.tell("rules", "test", "nothing like it")
    assert told.code == 2
    assert "No story has" in told.err
    empty = room.write("", "empty.txt")
    assert room.tell("rules", "test", empty).code == 2
