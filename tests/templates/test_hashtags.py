"""Hashtags come from the newsroom's own words and from nowhere else."""

from __future__ import annotations

from templates.hashtags import choose_hashtags
from tests.templates.articles import bridge, story

SAID = "The city council met about COVID-19 on the ferry at Northwick, the transport office said."


def test_tags_come_first_then_the_section_and_never_too_many() -> None:
    article = bridge(tags=("city council", "COVID-19", "ferry"), section="Transport")
    assert choose_hashtags(article, 2, (), SAID) == ("#CityCouncil", "#COVID19")
    assert choose_hashtags(article, 9, (), SAID) == ("#CityCouncil", "#COVID19", "#Ferry", "#Transport")
    assert choose_hashtags(article, 0, (), SAID) == ()


def test_a_hashtag_stands_for_nothing_that_the_post_does_not_say() -> None:
    article = bridge(tags=("ferry", "city council", "bridge"), section="Transport")
    assert choose_hashtags(article, 9, (), "The bridges close, and the council of the city met.") == ("#Bridge",)
    assert choose_hashtags(article, 9, (), "Engineers replace the bolts.") == ("#Bridge",)  # the headline says it
    named = story(*["We saw Northwick again and again."] * 3, headline="Why Northwick matters")
    assert choose_hashtags(named, 9, (), "The ferry runs late.") == ()


def test_names_of_the_headline_are_used_when_the_body_keeps_speaking_of_them() -> None:
    article = story(*["We saw Northwick again and again."] * 3, headline="Why Northwick matters")
    assert choose_hashtags(article, 3, (), "Northwick's ferry runs late.") == ("#Northwick",)


def test_authors_outlet_and_the_stop_list_are_never_hashtags() -> None:
    article = bridge(
        tags=("Ada Lind", "Northwick Post", "news", "bridge"), authors=("Ada Lind",), outlet="Northwick Post"
    )
    said = "Ada Lind of the Northwick Post brought news of the bridge."
    assert choose_hashtags(article, 5, {"#News"}, said) == ("#Bridge",)


def test_a_tag_of_digits_or_signs_or_a_sentence_is_none() -> None:
    tags = ("2026", "!!!", "", "this is a very long tag that nobody reads")
    assert choose_hashtags(bridge(tags=tags), 5, (), " ".join(tags)) == ()


def test_the_same_tag_twice_is_one_and_other_scripts_stay() -> None:
    said = "The ferry. 汐見市の図書館船。نقل مدرسي"
    assert choose_hashtags(bridge(tags=("Ferry", "ferry", "図書館", "نقل_مدرسي")), 5, (), said) == (
        "#Ferry",
        "#図書館",
        "#نقل_مدرسي",
    )


def test_a_name_is_a_hashtag_as_a_whole() -> None:
    article = story(
        "President Ada Lind opened the iron bridge. Ada Lind had promised it in March, and Lind kept her word.",
        "We asked why Lind had waited. The bridge, said Lind, was not ready. Then Lind left for the Game of Bolts.",
        "Nobody plays the Game of Bolts as the people of Northwick play the Game of Bolts, and Lind knows it.",
        headline="Lind opens the bridge and watches the Game of Bolts",
    )
    assert choose_hashtags(article, 2, (), "Lind opened the bridge and left for the Game of Bolts.") == (
        "#AdaLind",
        "#GameOfBolts",
    )


def test_of_two_rivals_both_are_tagged_or_none() -> None:
    article = story(
        *["We saw Northwick again and again, and Hatherley too, as Northwick and Hatherley played."] * 3,
        headline="Northwick beats Hatherley at last",
    )
    assert choose_hashtags(article, 2, (), "Northwick won.") == ()
    assert set(choose_hashtags(article, 2, (), "Northwick won, Hatherley lost.")) == {"#Northwick", "#Hatherley"}
    assert choose_hashtags(article, 1, (), "Northwick won, Hatherley lost.") == ()


def test_what_somebody_is_is_no_hashtag() -> None:
    article = story(
        *["We met Chief Bolt Officer Lind, and our Chief Bolt Officer is proud, said the Chief Bolt Officer."] * 3,
        headline="Works name Chief Bolt Officer",
    )
    assert choose_hashtags(article, 2, (), "The works have a Chief Bolt Officer.") == ()


def test_no_name_is_tagged_under_news_of_death_or_violence() -> None:
    body = ("Yesterday Ada Lind crossed the bridge.", "The mayor thanked Ada Lind.", "Nobody saw Ada Lind after that.")
    words = "Yesterday Ada Lind crossed the bridge."
    calm = story(*body, headline="Ada Lind crosses the iron bridge")
    grave = story(*body, headline="Ada Lind dies on the iron bridge", tags=("harbour",))
    assert choose_hashtags(calm, 2, (), words) == ("#AdaLind",)
    assert choose_hashtags(grave, 2, (), words) == ()
    assert choose_hashtags(grave, 2, (), f"{words} It is the harbour's.") == ("#Harbour",)


def test_a_people_alone_is_no_hashtag() -> None:
    body = (
        "Pilots of an American ferry waved.",
        "Then the American ferry left.",
        "Nobody saw an American ferry after that.",
    )
    assert (
        choose_hashtags(story(*body, headline="Hatherley waves at American ferry"), 2, (), "The American ferry left.")
        == ()
    )
