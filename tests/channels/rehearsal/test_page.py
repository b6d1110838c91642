"""The page shows what was published, safely, without a script."""

from __future__ import annotations

import re
import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser

import pytest
import requests

from channels.rehearsal.faults import Fault
from channels.rehearsal.page import cut
from channels.rehearsal.platforms import RehearsalPlatforms
from tests.channels.rehearsal.callers import GraphCaller, XCaller, png
from tests.channels.rehearsal.conftest import Clock

BAD = "<script>alert('x')</script>"


class Outline(HTMLParser):
    """Counts tags and collects attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def get(platforms: RehearsalPlatforms, path: str) -> requests.Response:
    answer = requests.get(platforms.addresses.page_url + path, timeout=60)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    return answer


def mail(platforms: RehearsalPlatforms, subject: str = "Morning") -> str:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "desk@news.example", "r@mail.example", subject
    message.set_content("The plain part.")
    message.add_alternative("<p style='color:red'>The HTML part.</p><script>1</script>", "html")
    with smtplib.SMTP(platforms.addresses.smtp_host, platforms.addresses.smtp_port, "t.example", timeout=60) as line:
        line.send_message(message)
    return platforms.published("email")[0].id


def test_the_overview_shows_all_three_newest_first(
    platforms: RehearsalPlatforms, x: XCaller, graph: GraphCaller, clock: Clock
) -> None:
    x.post("The first https://www.example.com/a")
    clock.on(minutes=1)
    x.post("The second")
    graph.post("On the Page", link="https://www.example.com/b")
    mail(platforms)
    text = get(platforms, "/").text
    assert "REHEARSAL" in text
    assert text.index("The second") < text.index("The first")
    for words in ("On the Page", "Morning", "The HTML part.", "r@mail.example", "$0.215", "www.example.com/a"):
        assert words in text
    assert "https://t.co/" in text


def test_an_empty_page_says_so(platforms: RehearsalPlatforms) -> None:
    assert get(platforms, "/").text.count("Nothing yet.") == 3


def test_words_are_never_markup(platforms: RehearsalPlatforms, x: XCaller, graph: GraphCaller) -> None:
    id = x.post(BAD)
    graph.post(BAD)
    key = mail(platforms, BAD)
    for path in ("/", f"/x/{id}", f"/mail/{key}"):
        text = get(platforms, path).text
        assert BAD not in text
        assert "&lt;script&gt;" in text
        assert Outline(text).all("script") == []


def test_the_policy_allows_only_this_server_and_no_inline_style(platforms: RehearsalPlatforms, x: XCaller) -> None:
    x.post("A")
    answer = get(platforms, "/")
    policy = answer.headers["content-security-policy"]
    outline = Outline(answer.text)
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert not [attrs for _, attrs in outline.tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    assert outline.all("style") == []
    assert get(platforms, "/style.css").headers["content-type"].startswith("text/css")


def test_a_post_has_a_page_of_its_own_with_what_was_said_under_it(
    platforms: RehearsalPlatforms, x: XCaller, graph: GraphCaller
) -> None:
    first = x.post("Part one.")
    x.post("Part two.", in_reply_to_tweet_id=first)
    post = graph.post("The tower.")
    graph.api.put_comment(post, "The link.")
    assert "Part two." in get(platforms, f"/x/{first}").text
    assert "The link." in get(platforms, f"/facebook/{post}").text
    assert platforms.addresses.x_post_url.format(id=first).endswith(f"/x/{first}")


def test_the_x_server_shows_a_post_at_its_public_address(platforms: RehearsalPlatforms, x: XCaller) -> None:
    id = x.post("The tower.")
    answer = requests.get(f"{platforms.addresses.x_url}/newsroom/status/{id}", timeout=60)
    assert answer.status_code == 200
    assert "The tower." in answer.text
    assert f'href="{platforms.addresses.page_url}/style.css"' in answer.text
    assert platforms.addresses.page_url in answer.headers["content-security-policy"]
    assert requests.get(f"{platforms.addresses.x_url}/newsroom/status/1", timeout=60).status_code == 404


def test_what_is_not_plainly_public_says_why(
    platforms: RehearsalPlatforms, x: XCaller, graph: GraphCaller, clock: Clock
) -> None:
    down = x.post("Down.")
    x.client.delete_tweet(down)
    platforms.faults.add(Fault("x", "send", "timeline-lag"))
    x.post("Lagging.")
    graph.post("Later.", published=False, scheduled_publish_time=int(clock.at.timestamp()) + 900)
    graph.post("Never.", published=False)
    platforms.faults.add(Fault("email", "dot", "closed", "after", times=3))
    text = get(platforms, "/").text
    for words in (
        "Taken down at",
        "Not in the timeline before",
        "Goes out at",
        "Not published",
        "email, dot: closed after",
    ):
        assert words in text


def test_pictures_are_shown_with_their_alt_text(platforms: RehearsalPlatforms, x: XCaller) -> None:
    media = x.upload(png())
    x.ask("POST", "/2/media/metadata", json={"id": media, "metadata": {"alt_text": {"text": 'A "tower"'}}})
    x.post("Look.", media_ids=[media])
    (image,) = Outline(get(platforms, "/").text).all("img")
    assert image["alt"] == 'A "tower"'
    assert "/photo/1" not in get(platforms, "/").text
    assert get(platforms, "/icon.svg").headers["content-type"] == "image/svg+xml"
    shown = get(platforms, str(image["src"]))
    assert (shown.content, shown.headers["content-type"]) == (png(), "image/png")


def test_a_mail_shows_its_parts_the_html_one_shut_in(platforms: RehearsalPlatforms) -> None:
    key = mail(platforms)
    page = get(platforms, f"/mail/{key}")
    (frame,) = Outline(page.text).all("iframe")
    inner = get(platforms, str(frame["src"]))
    raw = get(platforms, f"/mail/{key}/raw")
    policy = inner.headers["content-security-policy"]
    assert "The plain part." in page.text
    assert frame["sandbox"] is None
    assert frame["title"]
    assert "color:red" in inner.text
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert raw.headers["content-type"].startswith("text/plain")
    assert raw.content == platforms.published("email")[0].raw


@pytest.mark.parametrize(
    "path", ["/x/1", "/facebook/1_2", "/mail/NONE", "/media/1", "/nothing", "/mail/../x", "/x/1/html"]
)
def test_what_was_never_published_is_404_in_words(platforms: RehearsalPlatforms, path: str) -> None:
    answer = get(platforms, path)
    assert answer.status_code == 404
    assert "Nothing was published under this address" in answer.text


def test_the_page_can_be_read_and_nothing_else(platforms: RehearsalPlatforms) -> None:
    assert requests.post(platforms.addresses.page_url + "/", timeout=60).status_code == 405
    assert requests.head(platforms.addresses.page_url + "/", timeout=60).status_code == 200


def test_long_words_are_cut_as_facebook_cuts_them(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    text = "tower " * 200
    start, rest = cut(text)
    graph.post(text)
    assert len(start) <= 477
    assert f"{start} {rest}" == text
    assert cut("short") == ("short", "")
    assert cut("a" * 500)[0] == "a" * 477
    assert "See more" in get(platforms, "/").text


def test_the_page_is_made_for_everybody(platforms: RehearsalPlatforms, x: XCaller) -> None:
    x.post("A")
    outline = Outline(get(platforms, "/").text)
    assert outline.all("html")[0]["lang"] == "en"
    assert len(outline.all("h1")) == len(outline.all("main")) == 1
    assert any(link.get("href") == "#main" for link in outline.all("a"))
    assert all(section["aria-labelledby"] for section in outline.all("section"))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_words_stand_out_from_their_ground_in_light_and_dark(platforms: RehearsalPlatforms) -> None:
    css = get(platforms, "/style.css").text
    for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL):
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
        for words, grounds in {
            "ink": ("paper", "sheet"),
            "soft": ("paper", "sheet"),
            "link": ("paper", "sheet"),
            "gone": ("sheet",),
            "wait": ("sheet",),
        }.items():
            for ground in grounds:
                light, dark = sorted((luminance(colours[words]), luminance(colours[ground])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (words, ground)
        assert 1.05 / (luminance(colours["mark"]) + 0.05) >= 4.5
    assert "prefers-color-scheme: dark" in css


def test_more_than_a_hundred_posts_are_counted_not_all_shown(platforms: RehearsalPlatforms) -> None:
    with smtplib.SMTP(platforms.addresses.smtp_host, platforms.addresses.smtp_port, "t.example", timeout=60) as line:
        for number in range(103):
            line.sendmail("a@b.example", ["c@d.example"], f"Subject: Number {number}.\r\n\r\nA\r\n")
    text = get(platforms, "/").text
    assert "And 3 older" in text
    assert "Number 102." in text
    assert "Number 2." not in text
