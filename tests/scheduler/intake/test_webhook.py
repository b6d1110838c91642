"""Stories that a site sends by itself are taken only with the right signature."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found
from scheduler.intake.webhook import Call, NotSigned, read_webhook
from tests.scheduler.intake.stories import NOW, PARAGRAPHS
from tests.scheduler.intake.test_sites import post

SECRET = "harbour"


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Pressrun-Signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def call(data: Any) -> Call:
    body = json.dumps(data).encode()
    return read_webhook(body, signed(body), SECRET, source="hook", now=NOW)


def send(data: Any) -> tuple[Found, ...]:
    return call(data).found


PLAIN = {
    "id": 17,
    "headline": "Bridge closes",
    "body": "\n".join(PARAGRAPHS),
    "url": "https://courier.example/bridge",
    "authors": ["Jane Doe", {"name": "Max Roe"}],
    "published_at": "2026-09-21T10:00:00Z",
    "label": "analysis",
    "tags": ["Harbour"],
}
GHOST = {
    "post": {
        "current": {
            "id": "5f",
            "status": "published",
            "title": "Bridge closes",
            "html": f"<p>{PARAGRAPHS[0]}</p>",
            "url": "https://courier.example/bridge/",
            "custom_excerpt": "Ferries stand in.",
            "feature_image": "https://courier.example/b.jpg",
            "feature_image_alt": "The bridge at dusk",
            "primary_tag": {"name": "Harbour"},
            "tags": [{"name": "Harbour"}],
            "authors": [{"name": "Jane Doe"}],
            "published_at": "2026-09-21T10:00:00.000Z",
        },
        "previous": {},
    }
}


def test_a_newsrooms_own_json_is_a_story() -> None:
    (found,) = send(PLAIN)
    story = found.article
    assert (found.item_id, story.headline, story.paragraphs) == ("17", "Bridge closes", PARAGRAPHS)
    assert (story.authors, story.label.value) == (("Jane Doe", "Max Roe"), "analysis")
    assert story.published_at == datetime(2026, 9, 21, 10, tzinfo=UTC)


def test_ghosts_and_wordpress_shapes_are_stories() -> None:
    (ghost,) = send(GHOST)
    assert (ghost.article.summary, ghost.article.section, ghost.article.authors) == (
        "Ferries stand in.",
        "Harbour",
        ("Jane Doe",),
    )
    assert ghost.article.image is not None
    assert ghost.article.image.alt == "The bridge at dusk"
    (wordpress,) = send(post())
    assert wordpress.article.headline == "Bridge “closes” & ferries run"


def test_drafts_and_deletions_are_no_stories() -> None:
    assert send(PLAIN | {"status": "draft"}) == ()
    assert send({"post": {"current": {}, "previous": {"id": "5f"}}}) == ()
    assert send(post(status="draft")) == ()


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (PLAIN | {"status": "withdrawn"}, ("17", "https://courier.example/bridge")),
        ({"id": 17, "event": "post.deleted"}, ("17",)),
        (
            {"post": {"current": {}, "previous": {"id": "5f", "url": "https://a.example/b/"}}},
            ("5f", "https://a.example/b/"),
        ),
        (
            {"post": {"current": GHOST["post"]["current"] | {"status": "draft"}, "previous": {"status": "published"}}},
            ("5f", "https://courier.example/bridge/"),
        ),
        (post(status="trash"), ("https://courier.example/?p=17", "17", "https://courier.example/harbour/bridge/")),
        (
            {
                "hook": "wp_trash_post",
                "post_id": 17,
                "post": {"ID": 17, "guid": "https://courier.example/?p=17", "post_status": "trash"},
            },
            ("https://courier.example/?p=17", "17"),
        ),
        ({"event": "post_trashed", "post_id": 17}, ("17",)),
    ],
)
def test_what_a_site_takes_back_is_told_under_every_name_it_has(data: Any, names: tuple[str, ...]) -> None:
    told = call(data)
    assert told.found == ()
    (withdrawn,) = told.withdrawn
    assert set(names) <= set(withdrawn.names)


@pytest.mark.parametrize(
    "data", [PLAIN | {"status": "scheduled"}, {"post": {"current": {}, "previous": {}}}, {"status": "trash"}]
)
def test_what_is_not_yet_published_or_has_no_name_takes_nothing_back(data: Any) -> None:
    assert call(data) == Call()


def test_without_the_right_signature_nothing_is_taken() -> None:
    body = json.dumps(PLAIN).encode()
    for headers in (
        {},
        signed(body, "other"),
        signed(body + b" "),
        {"X-Pressrun-Signature": "ü"},
        {"X-Ghost-Signature": "sha256=, t=1"},
    ):
        with pytest.raises(NotSigned, match="not signed"):
            read_webhook(body, headers, SECRET, source="hook", now=NOW)
    with pytest.raises(NotSigned, match="no secret"):
        read_webhook(body, signed(body, ""), "", source="hook", now=NOW)


def test_ghosts_signature_holds_its_time_and_is_good_for_a_quarter_of_an_hour() -> None:
    body = json.dumps(GHOST).encode()
    stamp = str(int(NOW.timestamp() * 1000))
    signature = hmac.new(SECRET.encode(), body + stamp.encode(), hashlib.sha256).hexdigest()
    headers = {"X-Ghost-Signature": f"sha256={signature}, t={stamp}"}
    assert len(read_webhook(body, headers, SECRET, source="hook", now=NOW).found) == 1
    with pytest.raises(NotSigned, match="too long ago"):
        read_webhook(body, headers, SECRET, source="hook", now=NOW + timedelta(minutes=16))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*PLAIN, *GHOST["post"]["current"], "post", "current"]), inner, max_size=6)
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(_JSON)
def test_any_signed_json_is_a_story_or_a_sentence(data: Any) -> None:
    try:
        said = " ".join(found.article.headline for found in send(data))
    except IntakeError as refusal:
        said = str(refusal)
    assert isinstance(said, str)
