"""What the head and the channels say: each sentence in the source has its form in every language of the desk."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from channels import facebook_errors, x_errors
from db.records import Outcome
from templates.desk_texts import languages, texts_of
from templates.desk_told import pattern_of, told
from templates.desk_words import words_in
from tests.desk.web.sentences import sentences

_COMMAND = re.compile(r"pressrun [\w -]+")
_HALF = re.compile(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b|\b(?:is|are|was|were|has|have|the)\b")
"""What is left of English where a form of another sentence took one for its own."""
OTHERS = [one for one in languages() if one != "en"]


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_that_a_page_may_show_lacks_its_form(language: str) -> None:
    with ThreadPoolExecutor(1) as apart:  # where another test's browser runs in this thread, Python 3.11 cannot parse
        said = apart.submit(sentences).result(60)
    assert len(said) > 800, "the sentences are no longer found in the source"
    assert {one: where for one, where in said.items() if told(language, one) is None} == {}
    assert {one: text for one in said if _HALF.search(text := _COMMAND.sub("", str(told(language, one))))} == {}


def test_the_platforms_refusals_in_english_are_those_of_the_tables() -> None:
    x = {row.code: row.sentence for row in x_errors.TABLE} | {"no edit": x_errors._NO_EDIT}
    facebook = {row.name: row.sentence for row in facebook_errors.TABLE if row.outcome is not Outcome.UNCERTAIN}
    wanted = {f"refusal.x.{code}": text for code, text in x.items()}
    wanted |= {f"refusal.facebook.{name}": text for name, text in facebook.items()}
    assert {name: text for name, text in texts_of("en").items() if name.startswith("refusal.")} == wanted


def test_a_refusal_is_told_by_its_code_and_an_unknown_one_as_it_is() -> None:
    words = words_in("ja")
    told = words.refused("x", "403 duplicate", "old words that the log keeps")
    assert told.startswith("同じ文面")
    assert words.refused("facebook", "506 duplicate", "").startswith("同じ文面を直前に")
    assert (
        words.told(texts_of("en")["refusal.facebook.token expired"]) == texts_of("ja")["refusal.facebook.token expired"]
    )
    assert words.refused("x", "403 new", "Never heard.") == '<span lang="en">Never heard.</span>'
    assert words_in("en").refused("x", "403 duplicate", "as the log says") == "as the log says"
    assert (
        words.told("delivery 7 is sent, it does not wait for a yes")
        == "配信7は「送信済み」で、承認待ちではありません。"
    )


@pytest.mark.parametrize(
    ("sentence", "japanese"),
    [
        (
            "It waits for a person's yes. It goes stale Mon 21 Sep 2026 19:30 Europe/London.",
            "承認を待っています。2026年9月21日（月）19:30 Europe/Londonに古くなります。",
        ),
        (
            "every 30 days, at most 1 time, from 11-15 to 12-24, on x-main, fb-main",
            "30日ごと、最大1回、11-15から12-24の期間、x-main, fb-mainで",
        ),
        (
            'rule "night" keeps it until Mon 21 Sep 2026 08:00: its section is "Crime" and the word "minor" is in paragraph 3',
            "ルール「night」により2026年9月21日（月）08:00まで止めています："
            "セクションが「Crime」です、第3段落に「minor」があります",
        ),
        ("Ada says: it is not out (I looked)", "Adaの判定：公開されていません（I looked）"),
        (
            "https://example.org/x is not there: check the address (404).",
            "https://example.org/xはありません。アドレスを確かめてください（404）。",
        ),
        (
            "delivery d3 on x-main, delivery d4 on x-main and 3 more: expire from then on Mon 21 Sep 2026 08:00. "
            "x-main has used its monthly budget",
            "x-mainの配信d3、x-mainの配信d4、ほか3件は2026年9月21日（月）08:00から順に期限切れになります。"
            "x-mainは今月の予算を使い切りました",
        ),
        ("delivery 4 is sent already", "配信4はすでに「送信済み」です"),
        (
            "readers.csv, line 3: An email address must have an @-sign.; mend the row and import again",
            "readers.csvの3行目：メールアドレスには@が必要です。行を直して、もう一度取り込んでください",
        ),
        (
            "Nothing left the house; try 2 of 5 follows in 1 h 30 min.",
            "何も送っていません。5回のうち2回目を1時間30分後に試します。",
        ),
    ],
)
def test_a_sentence_is_told_with_all_that_stands_in_it(sentence: str, japanese: str) -> None:
    assert told("ja", sentence) == japanese


def test_what_only_looks_like_a_form_stays_english() -> None:
    assert told("ja", "The harbour is not where it was (404).") is None, "a gap named form takes known words alone"
    assert told("ja", "Never heard. It is too late to send it now.") is None, "half of a sentence is not told"
    assert told("ja", "x" * 5_000) is None
    match = pattern_of("{a} meets {a} at {b}")
    assert match.fullmatch("Ada meets Ada at noon")
    assert not match.fullmatch("Ada meets Bob at noon")


def test_words_that_people_wrote_stand_as_they_are_and_texts_of_the_catalogue_are_not_called_english() -> None:
    words = words_in("ja")
    assert words.said("the figure was wrong") == "the figure was wrong"
    assert words.said("the story was skipped") == "記事が見送られました"
    assert words.told(words("queue.nothing_given")) == words("queue.nothing_given")
    assert words_in("en").said("the story was skipped") == "the story was skipped"


def test_a_long_sentence_that_is_not_known_costs_no_time(no_garbage_collected: None) -> None:
    sentence = "Somebody (a clerk), who knows, said so; and it was so: to be sure. " * 20
    told("ja", "warm")
    began = time.thread_time()
    assert told("ja", sentence) is None
    assert time.thread_time() - began < 0.5
