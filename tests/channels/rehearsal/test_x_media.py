"""Pictures on the rehearsal X."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from channels.rehearsal import accounts
from channels.rehearsal.platforms import RehearsalPlatforms
from tests.channels.rehearsal.callers import XCaller, png
from tests.channels.rehearsal.conftest import Clock

VIDEO = b"\0\0\0\x18ftypmp42" + b"\0" * 60


def describe(x: XCaller, id: str, text: str) -> int:
    return x.ask("POST", "/2/media/metadata", json={"id": id, "metadata": {"alt_text": {"text": text}}}).status_code


def test_a_picture_goes_up_as_multipart_or_base64_and_out_with_its_alt_text(
    platforms: RehearsalPlatforms, x: XCaller
) -> None:
    first = x.upload(png(30, 20))
    body = {"media": base64.b64encode(png(3, 2)).decode(), "media_category": "tweet_image"}
    answer: Any = x.client.request("POST", "/2/media/upload", json=body, user_auth=True)
    second = answer.json()["data"]["id"]
    assert answer.json()["data"]["image"] == {"w": 3, "h": 2, "image_type": "image/png"}
    assert describe(x, first, "A tower") == 200
    x.post("Look.", media_ids=[first, second])
    (post,) = platforms.published("x")
    assert (post.media, post.alt, post.text) == ((first, second), ("A tower", ""), "Look.")


def test_a_post_with_pictures_shows_one_more_link(x: XCaller) -> None:
    x.post("Look https://www.example.com/a", media_ids=[x.upload(png())])
    (post,) = x.timeline(tweet_fields=["entities", "attachments"])
    links = [url["expanded_url"] for url in post.entities["urls"]]
    assert links[0] == "https://www.example.com/a"
    assert links[1].endswith("/photo/1")
    assert post.text.count("https://t.co/") == 2


def test_a_picture_may_stand_without_words(x: XCaller) -> None:
    answer = x.ask("POST", "/2/tweets", json={"media": {"media_ids": [x.upload(png())]}})
    assert answer.status_code == 201


def test_a_chunked_upload_is_joined_processed_and_then_usable(
    platforms: RehearsalPlatforms, x: XCaller, clock: Clock
) -> None:
    start = {"media_type": "video/mp4", "total_bytes": len(VIDEO), "media_category": "tweet_video"}
    id = x.ask("POST", "/2/media/upload/initialize", json=start).json()["data"]["id"]
    at = f"/2/media/upload/{id}"
    x.ask("POST", f"{at}/append", files={"media": VIDEO[40:]}, data={"segment_index": "1"})
    early = x.ask("POST", f"{at}/finalize")
    coded = base64.b64encode(VIDEO[:40]).decode()
    x.ask("POST", f"{at}/append", json={"media": coded, "segment_index": 0})
    done = x.ask("POST", f"{at}/finalize").json()["data"]
    status = {"media_id": id, "command": "STATUS"}
    busy = x.ask("GET", "/2/media/upload", params=status).json()["data"]["processing_info"]["state"]
    refused = x.ask("POST", "/2/tweets", json={"text": "V", "media": {"media_ids": [id]}})
    clock.on(seconds=done["processing_info"]["check_after_secs"])
    ready = x.ask("GET", "/2/media/upload", params=status).json()["data"]["processing_info"]["state"]
    assert early.status_code == 400
    assert (busy, ready, refused.status_code) == ("in_progress", "succeeded", 400)
    assert x.post("V", media_ids=[id])


def test_a_media_id_dies_after_a_day_and_is_nobody_elses(
    platforms: RehearsalPlatforms, x: XCaller, clock: Clock
) -> None:
    id = x.upload(png())
    other = XCaller(platforms.addresses.x_url, accounts.x_account("other"))
    foreign = other.ask("POST", "/2/tweets", json={"text": "Mine?", "media": {"media_ids": [id]}})
    other.close()
    clock.on(seconds=86_400)
    late = x.ask("POST", "/2/tweets", json={"text": "Late.", "media": {"media_ids": [id]}})
    assert (foreign.status_code, late.status_code) == (400, 400)


@pytest.mark.parametrize(
    ("data", "category"),
    [
        (b"no picture", "tweet_image"),
        (b"GIF89a\x01\0\x01\0", "tweet_image"),
        (png(), "tweet_gif"),
        (png(), "tweet_video"),
        (VIDEO, "tweet_image"),
        (png(), "portrait"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 5_242_880, "tweet_image"),
        (b"", "tweet_image"),
    ],
)
def test_what_is_no_such_picture_or_too_big_is_400(x: XCaller, data: bytes, category: str) -> None:
    form = {"media_category": category}
    answer = x.ask("POST", "/2/media/upload", files={"media": ("a.png", data)}, data=form)
    assert answer.status_code == 400


def test_alt_text_of_1001_characters_is_400(x: XCaller) -> None:
    id = x.upload(png())
    assert [describe(x, id, "a" * 1_000), describe(x, id, "a" * 1_001), describe(x, id, "")] == [200, 400, 400]
    assert describe(x, "1", "a") == 400


def test_pictures_do_not_mix_with_a_gif(x: XCaller, clock: Clock) -> None:
    gif = x.ask(
        "POST", "/2/media/upload", files={"media": b"GIF89a\x01\0\x01\0;"}, data={"media_category": "tweet_gif"}
    ).json()["data"]["id"]
    clock.on(seconds=2)
    answer = x.ask("POST", "/2/tweets", json={"text": "A", "media": {"media_ids": [gif, x.upload(png())]}})
    assert answer.status_code == 400
