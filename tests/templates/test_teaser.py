"""The words an editor would sign: the news, attributed, within the limit, the same every time."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.x_length import weighted_length
from db.records import Article, Label
from templates.explain import mark_used
from templates.lexicon import label_word
from templates.own import own_fault, own_teaser
from templates.samples import sample_articles
from templates.teaser import NoWords, summarise, variants, write_teaser
from templates.thread import BREAK, following_posts
from tests.bench.gate import faults
from tests.templates.articles import EMAIL, FACEBOOK, LABELLED, LINK, X, bridge, story, style

KINDS = ((X, weighted_length, "x"), (FACEBOOK, len, "facebook"), (EMAIL, len, "email"))


def test_x_gets_the_news_and_the_link_in_the_text() -> None:
    teaser = write_teaser(bridge(), X, weighted_length, style())
    assert teaser.text.startswith("Northwick's iron bridge will close for eleven weeks from 4 June")
    assert teaser.text.endswith(f"\n{LINK}")
    assert teaser.used[0] == bridge().paragraphs[0]


def test_a_link_in_the_reply_stands_in_a_post_of_its_own() -> None:
    teaser = write_teaser(bridge(), X, weighted_length, style(link_in_reply=True))
    assert teaser.text.split(BREAK)[1:] == [LINK]
    assert LINK not in write_teaser(bridge(), FACEBOOK, len, style("facebook", link_in_reply=True)).text


def test_a_thread_is_numbered_and_each_of_its_posts_fits_and_stands_alone() -> None:
    article = bridge(label=Label.ANALYSIS)
    posts = write_teaser(article, X, weighted_length, style(thread=3)).text.split(BREAK)
    assert 2 <= len(posts) <= 3
    for number, post in enumerate(posts, 1):
        assert post.startswith(f"{number}/{len(posts)} ")
        assert weighted_length(post) <= 280
        assert "However" not in post or "engineer. However, traders" in post, "it stands behind what it points back to"
    assert "Analysis: " in posts[0]
    assert LINK in posts[0]
    assert len(set(posts)) == len(posts)
    short = story("The iron bridge in Northwick closes in June for repairs.")
    assert BREAK not in write_teaser(short, X, weighted_length, style(thread=3)).text


def test_in_a_thread_what_points_back_to_a_sentence_that_was_left_out_is_left_out_too() -> None:
    article = story(
        "The iron bridge in Northwick closes in June for repairs.",
        "Subscribe to our newsletter for more of this.",
        "However, the traders of Mill Street fear for their summer.",
        "Buses will go round by Hatherley, which adds 14 minutes to the way.",
    )
    (post,) = following_posts(article, (article.paragraphs[0],), 2, 280, len)
    assert post == article.paragraphs[3]


def test_facebook_puts_the_point_first_and_the_link_beside() -> None:
    teaser = write_teaser(bridge(), FACEBOOK, len, style("facebook"))
    assert LINK not in teaser.text
    assert teaser.link == LINK
    assert "iron bridge will close" in teaser.text[:125]


def test_email_gets_a_subject_of_sixty_and_a_preheader_that_says_something_else() -> None:
    article = bridge(
        headline="Iron bridge in Northwick to close for eleven weeks this June, traders fear for their summer"
    )
    teaser = write_teaser(article, EMAIL, len, style("email"))
    assert teaser.subject == "Iron bridge in Northwick to close for eleven weeks this…" or len(teaser.subject) <= 60
    assert teaser.preheader
    assert teaser.preheader.rstrip("….") not in teaser.subject
    assert len(teaser.preheader) <= 100


@pytest.mark.parametrize("label", LABELLED)
@pytest.mark.parametrize(("limits", "measure", "kind"), KINDS)
def test_every_teaser_of_a_labelled_article_carries_the_label_in_its_language(label, limits, measure, kind) -> None:  # type: ignore[no-untyped-def]
    for article in sample_articles():
        teaser = write_teaser(replace(article, label=label), limits, measure, style(kind))
        word = label_word(label, article.language)
        assert word in teaser.text
        assert kind != "email" or word in teaser.subject


def test_a_template_that_forgets_the_label_does_not_lose_it(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "default.j2").write_text("{{ summary }}", encoding="utf-8")
    teaser = write_teaser(bridge(label=Label.OPINION), X, weighted_length, style(folders=(tmp_path,)))
    assert teaser.text.startswith("Opinion: ")
    living = story(
        "People who live on Mill Street in Northwick are of one opinion: the bridge must open.", label=Label.LIVE
    )
    assert write_teaser(living, X, weighted_length, style(folders=(tmp_path,))).text.startswith("Live: ")


def test_the_newsrooms_template_for_channel_and_section_wins(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "local-news.j2").write_text("LOCAL {{ summary }} {{ link }}", encoding="utf-8")
    assert write_teaser(bridge(section="Local News"), X, weighted_length, style(folders=(tmp_path,))).text.startswith(
        "LOCAL "
    )
    (tmp_path / "x" / "x-main.j2").write_text("MAIN {{ summary }} {{ link }}", encoding="utf-8")
    assert write_teaser(bridge(section="Local News"), X, weighted_length, style(folders=(tmp_path,))).text.startswith(
        "MAIN "
    )


@pytest.mark.parametrize(("limits", "measure", "kind"), KINDS)
def test_the_sample_stories_pass_the_gate_on_every_kind_and_variant(limits, measure, kind) -> None:  # type: ignore[no-untyped-def]
    for article in sample_articles():
        for variant in variants(article):
            teaser = write_teaser(article, limits, measure, style(kind, max_hashtags=2, variant=variant))
            assert faults(article, teaser, limits, measure, label_word(article.label, article.language)) == []
            assert teaser.summary
            assert mark_used(article, teaser) or article.headline in teaser.text
            for (
                sentence
            ) in teaser.used:  # what an editor sees marked is there: its beginning where it was cut, or its end
                assert sentence[:20] in teaser.text or sentence[-20:-1] in teaser.text, (kind, variant, sentence)


def test_the_news_is_chosen_and_not_the_opinion_around_it() -> None:
    article = story(
        "The old guard of Ostmark took a naive gamble, and the price is now plain to see.",
        "Therefore, the two coastal towns must face serious problems of their own making.",
        "However, did the governor act on whispers?",
        "If so, both towns need to tread carefully.",
        "Wire North reports, “The island of Skarv will get 300 nurses and 40 doctors to reopen its two hospitals, the Health "
        "Board quoted its Director Runa Aspel as saying after a visit to the island.”",
        "On the contrary, the ministry is in a stronger position now.",
        "A reset is needed.",
        headline="Skarv to get 300 nurses and 40 doctors for its hospitals",
    )
    assert summarise(article) == (
        "Wire North reports, citing Runa Aspel: “The island of Skarv will get 300 nurses and 40 doctors to reopen its two hospitals.”"
    )


def test_a_report_of_a_report_is_the_news_however_much_stands_before_it() -> None:
    article = story(
        "The former governors of Ostmark and Westmark took a bold gamble with their hospitals.",
        "Equally alarming, a clause in a pact between Ostmark and Skarv specifies that they will share their doctors.",
        "The Coast Herald reports, “The two governors signed a pact with a clause that binds both to help the other.”",
        "Eventually, Ostmark acknowledged that Skarv openly asked for nurses during the winter storm.",
        "Skarv further announced its support of the coastal towns by promising to open 6,000 beds.",
        "Wire North reports, “The island of Skarv will get 300 nurses and 40 doctors to reopen its two hospitals, the Health "
        "Board quoted its Director Runa Aspel as saying after a visit to the island.”",
        headline="Skarv to get nurses and doctors for its hospitals",
    )
    assert summarise(article).startswith("Wire North reports, citing Runa Aspel: “The island of Skarv will get 300")


def test_a_dangling_opening_a_repeat_and_furniture_are_never_the_summary() -> None:
    article = story(
        "Bridge closed for repairs.",
        "Sign up for our newsletter to read more about the bridge and the town of Northwick.",
        "This comes after a winter in which nobody looked at the bolts of any bridge in the county.",
        "He has been the engineer of the county for as long as anybody can remember, and then some.",
        "Northwick's iron bridge closes on 4 June, and buses go round by Hatherley until the autumn.",
    )
    assert summarise(article) == article.paragraphs[-1]


def test_relative_time_goes_only_with_a_dated_article() -> None:
    text = "Northwick's iron bridge closed yesterday's fair early, and the town is still counting its losses."
    other = "Traders on Mill Street in Northwick have asked the county council for a second footbridge over the river."
    assert summarise(story(text, other)) == other
    dated = story(text, other, published_at=datetime(2026, 5, 2, tzinfo=UTC))
    assert "yesterday" in summarise(dated)


def test_a_name_that_sounds_like_a_time_is_none() -> None:
    text = "Ada Lind leaves the Today show in Northwick after eleven years to look after the town's iron bridge."
    assert summarise(story(text)) == text


@pytest.mark.parametrize("tie", [", however,", " also", ", meanwhile,"])
def test_words_that_tie_a_sentence_to_the_one_before_are_taken_out_of_its_middle(tie: str) -> None:
    article = story(f"The council of Northwick{tie} wants to close the old iron bridge to all lorries from 4 June.")
    assert (
        summarise(article) == "The council of Northwick wants to close the old iron bridge to all lorries from 4 June."
    )


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("Das alte Rathaus von Nordwick wird im Juni für elf Wochen geschlossen, die Ämter ziehen um.", True),
        ("Das sagte Bürgermeisterin Ada Lind am Montag bei einem Besuch der Brücke von Nordwick.", False),
        ("Das habe Bürgermeisterin Ada Lind schon im März bei einem Besuch der Brücke versprochen.", False),
        ("Was haben rostige Bolzen und ein trockener Sommer mit der Brücke von Nordwick zu tun?", True),
        ("Die Stadt Nordwick hat dabei auch die Bolzen der alten Brücke bei Hatherley untersucht.", False),
    ],
)
def test_german_openings_dangle_only_where_they_point_back(text: str, stands: bool) -> None:
    assert (summarise(story(text, headline="Brücke gesperrt", language="de")) == text) is stands


def test_hashtags_fall_before_words_do() -> None:
    wide = (
        "iron bridge will close for",
        "eleven weeks from 4 June",
        "engineers replace 212",
        "rusted bolts",
        "Northwick",
    )
    teaser = write_teaser(bridge(tags=(*wide, "close for eleven weeks")), X, weighted_length, style(max_hashtags=6))
    assert weighted_length(teaser.text) <= 280
    assert bridge().paragraphs[0] in teaser.text
    assert 0 < len(teaser.hashtags) < 6
    assert all(tag in teaser.text for tag in teaser.hashtags)


def test_a_hashtag_is_held_to_what_the_channel_shows() -> None:
    article = bridge(tags=("fingers",))
    assert "#Fingers" in write_teaser(article, FACEBOOK, len, style("facebook", max_hashtags=2)).text
    on_x = write_teaser(article, X, weighted_length, style(max_hashtags=2, link="https://example.org/fingers")).text
    assert "two fingers" not in on_x
    assert "#Fingers" not in on_x


LONG = (
    "Northwick's iron bridge will close for eleven weeks from 4 June while engineers replace 212 rusted bolts and paint "
    "the arches of the old toll house, even as traders on Mill Street fear for the trade of their summer."
)


def test_a_post_takes_whole_a_sentence_that_is_too_long_for_the_summary() -> None:
    for limits, measure, kind in KINDS:
        teaser = write_teaser(story(LONG), limits, measure, style(kind))
        assert len(teaser.summary) <= 200
        assert teaser.summary != LONG
        assert LONG in teaser.text


def test_the_second_sentence_falls_before_the_first_is_cut() -> None:
    short = "Northwick's iron bridge will close for eleven weeks."
    second = LONG.replace("Northwick's iron bridge will close", "The road over the gorge will close to every lorry")
    teaser = write_teaser(story(short, second), X, weighted_length, style())
    assert teaser.text == f"{short}\n{LINK}"
    assert teaser.used == (short,)
    whole = write_teaser(story(short, second), FACEBOOK, len, style("facebook")).text
    assert f"{short} {second}" in whole or whole == short


def test_a_sentence_too_long_for_a_post_gives_way_to_the_headline_else_to_the_next_and_is_cut_last() -> None:
    endless = f"{LONG[:-1]} and the ferrymen of Hatherley look forward to carrying every one of their 3,800 commuters."
    after = "Councillors in Hatherley approved £2.4 million to close and repair the bridge by 31 votes to 9."
    assert write_teaser(story(endless, after), X, weighted_length, style()).text == f"Bridge closed for repairs\n{LINK}"
    lure = "What you should know of the bridge"
    assert write_teaser(story(endless, after, headline=lure), X, weighted_length, style()).text == f"{after}\n{LINK}"
    alone = write_teaser(story(endless, headline=lure), X, weighted_length, style()).text
    assert weighted_length(alone) <= 280
    assert alone.split("\n")[0].endswith("…")


def test_a_trim_ends_where_the_statement_is_whole() -> None:
    adds = f"{LONG[: LONG.index(', even as')]}, which three hundred families of both villages crossed every day of the year to school and to work in Hatherley."
    assert weighted_length(adds) > 256
    assert write_teaser(story(adds), X, weighted_length, style()).text.startswith(
        f"{LONG[: LONG.index(', even as')]}.\n"
    )


def test_variants_are_distinct_and_of_their_kind() -> None:
    texts = {
        name: write_teaser(bridge(), X, weighted_length, style(variant=name)).summary for name in variants(bridge())
    }
    assert set(texts) == {"lead", "quote", "number"}
    assert len(set(texts.values())) == 3
    assert "Marguerite Oyelaran" in texts["quote"]
    assert any(mark.isdigit() for mark in texts["number"])


def test_a_variant_that_is_not_to_be_had_is_said() -> None:
    with pytest.raises(NoWords, match="no second version"):
        write_teaser(
            story("The iron bridge in Northwick closes in June for repairs."),
            X,
            weighted_length,
            style(variant="quote"),
        )


def test_the_publishers_own_teaser_is_used_where_it_is_good() -> None:
    good = "Eleven weeks without the iron bridge: what drivers, walkers and traders in Northwick need to know."
    assert summarise(bridge(summary=good)) == good
    assert summarise(bridge(dek=good[:-1])) == good


def test_a_dek_without_a_full_stop_may_be_the_summary_and_is_marked_in_the_article() -> None:
    dek = "Drivers and walkers in Northwick must do without their iron bridge until the end of summer"
    article = story(dek, "He said so at the town hall.", "They did not like it.", headline="Bridge closed for repairs")
    teaser = write_teaser(article, X, weighted_length, style())
    assert teaser.summary == f"{dek}."
    (mark,) = mark_used(article, teaser)
    assert article.paragraphs[mark.paragraph] == dek


@pytest.mark.parametrize(
    "poor",
    [
        "Northwick's iron bridge will close for eleven weeks from 4 June while…",
        "Northwick's iron bridge will close for eleven weeks [...]",
        "<p>Northwick's iron bridge will close for eleven weeks.</p>",
        "Bridge closed for repairs",
        "He said it would close for eleven weeks from the fourth of June.",
        "“We found bolts that you could turn with two fingers in the dark.”",
        "Read more about the bridge in Northwick on our website today.",
        "Closed.",
    ],
)
def test_a_poor_teaser_of_the_publishers_is_not_used(poor: str) -> None:
    assert own_fault(poor, bridge())
    assert own_teaser(bridge(summary=poor), 200) == ""


def test_an_article_without_words_is_refused_and_one_with_a_headline_only_goes_with_it() -> None:
    with pytest.raises(NoWords, match="neither a headline nor a body"):
        write_teaser(story(headline=" "), X, weighted_length, style())
    assert (
        write_teaser(story(headline="Bridge open again"), X, weighted_length, style()).text
        == f"Bridge open again\n{LINK}"
    )


def test_a_headline_without_end_still_fits() -> None:
    endless = story(headline="Bridge and road " * 3000)
    for limits, measure, kind in KINDS:
        teaser = write_teaser(endless, limits, measure, style(kind))
        assert measure(teaser.text) <= limits.length
        assert len(teaser.subject) <= 60


def test_an_at_sign_is_never_guessed_and_a_handle_comes_from_the_table_alone() -> None:
    article = bridge(authors=("Ada Lind",))
    assert "@" not in write_teaser(article, X, weighted_length, style()).text
    assert "@adalind" in write_teaser(article, X, weighted_length, style(handles={"Ada Lind": "@adalind"})).text


def test_the_used_sentences_are_marked_in_the_article_as_it_came() -> None:
    article = story(
        "An opening line about nothing.", "  The iron\u00a0bridge in Northwick closes in June.\u200b It reopens later. "
    )
    teaser = replace(
        write_teaser(article, X, weighted_length, style()),
        used=("The iron bridge in Northwick closes in June.", "Not there."),
    )
    (mark,) = mark_used(article, teaser)
    assert (
        article.paragraphs[mark.paragraph][mark.start : mark.end] == "The iron\u00a0bridge in Northwick closes in June."
    )


@pytest.mark.usefixtures("no_garbage_collected")
def test_the_same_article_gives_the_same_words_and_quickly() -> None:
    articles = sample_articles()
    first = [write_teaser(article, X, weighted_length, style()) for article in articles]
    started = time.thread_time()
    again = [write_teaser(article, X, weighted_length, style()) for article in articles]
    assert (time.thread_time() - started) / len(articles) < 0.05
    assert first == again


NAUGHTY = st.text(
    alphabet=st.sampled_from(
        "aA1 .,!?“”\"'()[]{}<>%#@$&\\/:;-–—…。「」、漢ـقל\u200b\u202e\u0301\U0001f600\n\t\x00é字ก"
    ),
    max_size=300,
)


@settings(max_examples=60, deadline=None)
@given(
    NAUGHTY,
    st.lists(NAUGHTY, max_size=6),
    NAUGHTY,
    st.sampled_from(["en", "de", "ja", "ar", "xx", ""]),
    st.sampled_from(list(Label)),
)
def test_any_article_gives_words_within_the_limit_and_without_markup(
    headline: str, body: list[str], tag: str, language: str, label: Label
) -> None:
    article = Article(
        headline=headline,
        paragraphs=tuple(body),
        source="t",
        language=language,
        label=label,
        tags=(tag,),
        summary=tag,
        section=tag,
        outlet=tag,
    )
    for limits, measure, kind in KINDS:
        try:
            teaser = write_teaser(article, limits, measure, style(kind, max_hashtags=2))
        except NoWords:
            continue
        assert measure(teaser.text) <= limits.length
        assert not set("\x00\u202e\u200b") & set(teaser.text + teaser.subject + teaser.preheader)
        assert "<a" not in teaser.summary
        assert "{{" not in teaser.summary


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("word " * 400_000,),
        ("x" * 2_000_000,),
        ("Short line.",) * 10_000,
        ("“" * 50_000,),
        ("(" * 50_000,),
        ("a. " * 100_000,),
        ("<" * 100_000,),
    ],
)
@pytest.mark.usefixtures("no_garbage_collected")
def test_a_monstrous_body_takes_no_longer_than_two_seconds(paragraphs: tuple[str, ...]) -> None:
    started = time.thread_time()
    write_teaser(story(*paragraphs), X, weighted_length, style())
    assert time.thread_time() - started < 2.0
