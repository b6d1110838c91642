"""Hashtags in words that stand: found, put in, taken out, the sentences left as they are."""

from __future__ import annotations

import pytest

from templates.tagged import NoHashtag, hashtags_in, read_hashtags, with_hashtags

LINK = "https://news.example.org/f#part"


def test_hashtags_are_found_in_the_first_part_and_never_in_an_address_or_a_number() -> None:
    text = f"Room #12 on the #Ferry, (#Port) and #ferry again\n#橋 {LINK}\n---\n#Later"
    assert hashtags_in(text) == ("#Ferry", "#Port", "#橋")


def test_what_a_person_types_becomes_hashtags_and_what_cannot_is_named() -> None:
    assert read_hashtags("Ferry, #Port_9 #ferry") == ("#Ferry", "#Port_9")
    for word in ("#123", "two-words", "#"):
        with pytest.raises(NoHashtag) as no:
            read_hashtags(["#Ferry", word])
        assert no.value.word == word


@pytest.mark.parametrize(
    ("text", "wanted", "after"),
    [
        (f"It runs.\n#Ferry\n{LINK}", ["#Port", "#Sea"], f"It runs.\n#Port #Sea\n{LINK}"),
        (f"It runs.\n#Ferry\n{LINK}", [], f"It runs.\n{LINK}"),
        (f"It runs.\n{LINK}", ["#Ferry"], f"It runs.\n#Ferry\n{LINK}"),
        ("The #Ferry runs.", ["#Port"], "The Ferry runs.\n#Port"),
        ("The #Ferry runs.", ["#Ferry"], "The #Ferry runs."),
        ("It runs.\n\n#Ferry", [], "It runs."),
        ("One.\n---\nTwo #Kept", ["#A"], "One.\n#A\n---\nTwo #Kept"),
        ("", ["#A"], "#A"),
    ],
)
def test_exactly_the_wanted_hashtags_stand_in_the_text(text: str, wanted: list[str], after: str) -> None:
    assert with_hashtags(text, wanted, LINK) == after
    assert set(hashtags_in(after)) == set(wanted)


def test_a_new_line_of_hashtags_may_stand_apart() -> None:
    assert with_hashtags("It runs.", ["#A"], apart=True) == "It runs.\n\n#A"
    assert with_hashtags("It runs.\n\n#B", ["#A"], apart=True) == "It runs.\n\n#A"
