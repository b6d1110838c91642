"""What a person changes of the words on one channel: each thing by itself, and what cannot be changed says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db.records import Frequency, Image, Teaser
from scheduler.lineup import Lineup, words_of
from scheduler.rewording import NotPossible, Rewording, differences, reworded, told
from tests.scheduler.test_copies import letter

LINK = "https://news.example.org/f?utm_source=x&utm_medium=social"
WORDS = Teaser(
    "x-main",
    "x",
    f"The ferry runs late.\n#Ferry\n{LINK}",
    link=LINK,
    hashtags=("#Ferry",),
    used=("The ferry runs late.",),
)
PICTURE = Image(path="/kept/a.jpg", sha256="a" * 64, alt="A ferry at night")
MAIL = Teaser("letter", "email", "The ferry runs late.", link=LINK, subject="Ferry", preheader="Late again")


def test_another_campaign_stands_in_the_link_and_in_the_text_and_nothing_else_changes() -> None:
    new = reworded(WORDS, Rewording(utm={"utm_source": "", "utm_campaign": "night boats"}))
    assert new.link == "https://news.example.org/f?utm_medium=social&utm_campaign=night%20boats"
    assert new.text == f"The ferry runs late.\n#Ferry\n{new.link}"
    assert (new.used, new.by_hand) == (WORDS.used, ("utm",))


def test_hashtags_change_in_the_text_and_the_sentences_used_stay_marked() -> None:
    new = reworded(WORDS, Rewording(hashtags=("Port", "#Sea")))
    assert (new.text, new.hashtags) == (f"The ferry runs late.\n#Port #Sea\n{LINK}", ("#Port", "#Sea"))
    assert new.used == WORDS.used
    assert "text" not in new.by_hand


def test_a_text_of_ones_own_unmarks_the_article_and_keeps_its_own_hashtags() -> None:
    new = reworded(WORDS, Rewording(text="Late #boats"))
    assert (new.used, new.hashtags) == ((), ("#boats",))
    assert "text" in new.by_hand


def test_a_picture_comes_goes_and_is_described() -> None:
    shown = reworded(WORDS, Rewording(picture="a" * 64), picture=PICTURE)
    assert shown.image == PICTURE
    assert reworded(shown, Rewording(alt=" A boat\nat night ")).image == replace(PICTURE, alt="A boat at night")
    assert reworded(shown, Rewording(picture="none")).image is None
    assert reworded(WORDS, Rewording(alt="")).image is None


def test_subject_and_second_line_are_the_mails_alone() -> None:
    new = reworded(MAIL, Rewording(subject=" Night \n ferry", preheader=""))
    assert (new.subject, new.preheader, new.by_hand) == ("Night ferry", "", ("subject", "preheader"))


@pytest.mark.parametrize(
    ("words", "asked", "why"),
    [
        (WORDS, Rewording(subject="S"), "only e-mail"),
        (MAIL, Rewording(hashtags=("#A",)), "no hashtags"),
        (MAIL, Rewording(subject="s" * 151), "150 are possible"),
        (WORDS, Rewording(alt="A boat"), "no picture to describe"),
        (WORDS, Rewording(hashtags=("a b",)), "no hashtag"),
        (WORDS, Rewording(utm={"redirect": "evil"}), "no campaign parameter"),
        (WORDS, Rewording(utm={"utm_source": "a\nb"}), "on one line"),
        (replace(WORDS, link=None), Rewording(utm={"utm_source": "a"}), "no address"),
    ],
)
def test_what_cannot_be_done_says_why(words: Teaser, asked: Rewording, why: str) -> None:
    with pytest.raises(NotPossible, match=why):
        reworded(words, asked)


def test_a_parameter_that_the_settings_name_may_be_set_too() -> None:
    assert "at_custom=1" in (reworded(WORDS, Rewording(utm={"at_custom": "1"}), parameters=("at_custom",)).link or "")


def test_the_audit_tells_each_change_by_its_name() -> None:
    new = reworded(MAIL, Rewording(text="It runs.", subject="Runs"))
    assert told(differences(MAIL, new)) == ("The ferry runs late.\nsubject: Ferry", "It runs.\nsubject: Runs")


def test_the_line_a_person_wrote_for_the_inbox_stands_behind_the_issues_subject_and_the_machines_gives_way() -> None:
    other = Teaser("letter", "email", "Trains too.", article_id=2, headline="Trains run late")
    machines, written = (
        Lineup("2026-09-21", Frequency.DAILY, (lead, other), {})
        for lead in (MAIL, reworded(MAIL, Rewording(preheader="Mine")))
    )
    assert words_of(letter(), machines).preheader == "Trains run late"
    assert words_of(letter(), written).preheader == "Mine"
