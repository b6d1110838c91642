"""A newsletter in several languages: each reader gets the stories of the one they chose, in words of that language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from db import exclusions, issue_counts, issue_variants, issues, subscribers
from db.records import Choices, Frequency, Mode
from desk.web.app import public_app
from scheduler import newsroom
from scheduler.copies import OTHER_LANGUAGE, Copy, Occasion, Piece, copy_for
from scheduler.issue_preview import preview
from scheduler.newsroom.grounds import Refused
from scheduler.settings_faults import SettingsError
from scheduler.settings_load import load_settings
from tests.scheduler.house import House, house
from tests.scheduler.readers import LETTERS
from tests.scheduler.test_copies import DUE, letter

SETTINGS = (
    LETTERS.replace("[newsroom]", '[newsroom]\npublic_url = "https://n.example.org"')
    + 'daily = ["daily 03:00"]\nlanguages = ["en", "de"]\n'
)


def occasion(*languages: str, correction: bool = False) -> Occasion:
    pieces = [Piece(number, "Local", language) for number, language in enumerate(languages, 1)]
    return Occasion(letter(languages=("en", "de")), Frequency.DAILY, pieces, DUE, None, correction)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("", (1, 2, 3)),
        ("en", (1, 3)),
        ("de-AT", (2, 3)),
        ("fr", (1, 2, 3)),  # a language that the newsletter does not have cannot be what they miss
    ],
)
def test_a_language_chosen_leaves_out_the_others_and_never_a_story_of_no_known_one(
    chosen: str, expected: tuple[int, ...]
) -> None:
    assert copy_for(occasion("en-GB", "de", ""), Choices(language=chosen), now=DUE) == Copy(expected, DUE)


def test_an_issue_without_a_story_in_their_language_is_told_so_and_a_correction_goes_to_whoever_had_it() -> None:
    assert copy_for(occasion("en"), Choices(language="de"), now=DUE) == OTHER_LANGUAGE
    assert copy_for(occasion("en", correction=True), Choices(language="de"), now=DUE) == Copy((1,), DUE)


def cut_for(h: House, people: str) -> None:
    file = h.app.folder / "people.csv"
    file.write_text(f"email,language\n{people}")
    h.take_in_readers(file, "morning")
    h.take("Ferry to run until midnight", language="en")
    h.take(
        "Rat beschließt Nachtbus",
        language="de",
        paragraphs=(
            "Der Rat von Port Selwyn hat am Dienstag mit 19 zu 12 Stimmen beschlossen, dass der Nachtbus bleibt.",
        ),
    )
    h.work()
    newsroom.cut_now(h.app, "morning", Frequency.DAILY, actor="ada")
    h.work()


def test_each_reader_gets_a_variant_in_one_language_and_who_chose_none_the_whole(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS) as h:
        cut_for(h, "ann@readers.example.org,en-US\nben@readers.example.org,de\ncem@readers.example.org,\n")
        pages = {one.to[0][:3]: (one.subject, one.html) for one in h.platforms.published("email")}
        texts = {one.to[0][:3]: one.text for one in h.platforms.published("email")}
        assert set(pages) == {"ann", "ben", "cem"}
        assert ("Ferry" in texts["ann"], "Nachtbus" in texts["ann"]) == (True, False)
        assert ("Ferry" in texts["ben"], "Nachtbus" in texts["ben"]) == (False, True)
        assert ("Ferry" in texts["cem"], "Nachtbus" in texts["cem"]) == (True, True)
        frames = {name: re.findall(r'<html[^>]*lang="([a-z]+)"', page) for name, (_, page) in pages.items()}
        assert frames == {"ann": ["en"], "ben": ["de"], "cem": ["en"]}
        assert "Abbestellen: " in texts["ben"]
        assert "Unsubscribe: " in texts["ann"]
        assert "Nachtbus" in pages["ben"][0]
        with h.app.ground.reading() as tx:
            issue = issues.latest(tx, Mode.REHEARSAL, "morning")
            assert issue is not None
            assert len(issue_variants.of_issue(tx, issue.id)) == 3
            assert issue_counts.counts(tx, issue.id).sent == 3
        assert "Abbestellen" in preview(h.app, issue, reader="ben@readers.example.org").part.text


def test_whom_no_story_is_for_stands_in_the_issue_with_the_reason(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS.replace('"de"]', '"de", "fr"]')) as h:
        cut_for(h, "ann@readers.example.org,en\nfou@readers.example.org,fr\n")
        with h.app.ground.reading() as tx:
            issue = issues.latest(tx, Mode.REHEARSAL, "morning")
            assert issue is not None
            assert exclusions.reasons(tx, issue.id) == [(OTHER_LANGUAGE, 1)]
        with pytest.raises(Refused, match="no story of it in the language"):
            preview(h.app, issue, reader="fou@readers.example.org")


def test_a_reader_chooses_the_language_on_the_page_that_the_mail_leads_to(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS) as h:
        cut_for(h, "cem@readers.example.org,\n")
        (mail,) = h.platforms.published("email")
        client = TestClient(public_app(h.app), follow_redirects=False)
        found = re.search(r"https://n\.example\.org(/p/\S+)", mail.text)
        assert found is not None
        page = client.get(found[1]).text
        assert '<option value="" selected>every language</option>' in page
        assert '<option value="de" lang="de">Deutsch</option>' in page
        assert client.post(found[1], data={"s0": "daily", "language": "de"}).status_code == 200
        assert '<option value="de" selected lang="de">' in client.get(found[1]).text
        assert client.post(found[1], data={"s0": "daily", "language": "fr"}).status_code == 422
        with h.app.ground.reading() as tx:
            (cem,) = subscribers.candidates(tx, "morning")
        assert cem.choices.language == "de"


@pytest.mark.parametrize(
    ("languages", "said"),
    [('["en"]', "with one language there is nothing to choose"), ('["en", "en-GB"]', "stands there already")],
)
def test_languages_that_leave_nothing_to_choose_are_refused(tmp_path: Path, languages: str, said: str) -> None:
    (tmp_path / "settings.toml").write_text(SETTINGS.replace('["en", "de"]', languages))
    with pytest.raises(SettingsError, match=said):
        load_settings(tmp_path / "settings.toml", {})
