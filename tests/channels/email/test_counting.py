"""Counted links lead through us and hold nothing; what changes a subscription is never counted."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.counting import HitLinks, link_mark, targets_of, with_slots
from channels.email.links import BadToken, make_hit_token, make_token, read_hit_token, read_token
from channels.email.message import Reader, compile_issue
from db.records import Part
from tests.channels.email.strict import read_strictly, text_of
from tests.channels.email.test_message import AT, LETTERHEAD, PART, mail, reader

KEY, SEED = b"link key", "ab" * 16
STORY = "https://news.example.org/ferry?a=1&b=2"
PAGE = (
    "<html><body><p>Hello %%NAME%%</p>"
    '<a href="https://news.example.org/ferry?a=1&amp;b=2">Ferry</a> <a class="x" href=\'https://news.example.org/bus\'>Bus</a>'
    '<a href="https://news.example.org/ferry?a=1&amp;b=2">Read on</a><a href="mailto:desk@example.org">Write</a>'
    '<a href="%%CHOICES%%">Choose</a><a href="%%UNSUBSCRIBE%%">Off</a></body></html>\n'
)
COUNTED = Part(
    text="Hello %%NAME%%\nhttps://news.example.org/bus\n%%UNSUBSCRIBE%%\n",
    html=PAGE,
    subject="Ferry",
    count_opens=True,
    count_clicks=True,
)
HITS = HitLinks("https://n.example.org", KEY, SEED, 7)


def counted_reader() -> Reader:
    return replace(reader(), hits=HITS, choices="https://n.example.org/p/token")


def page_of(raw: bytes) -> str:
    body = read_strictly(raw).get_body(("html",))
    assert body is not None
    return str(body.get_content())


def test_every_story_leads_through_us_and_nothing_else_does() -> None:
    page = page_of(mail(counted_reader(), COUNTED))
    token = HITS.token(AT)
    hrefs = re.findall(r"""href=["']([^"']+)""", page)
    ferry, bus = (
        f"https://n.example.org/k/{token}/{link_mark(one)}" for one in (STORY, "https://news.example.org/bus")
    )
    assert hrefs[:4] == [ferry, bus, ferry, "mailto:desk@example.org"]
    assert hrefs[4:] == ["https://n.example.org/p/token", counted_reader().unsubscribe]
    assert page.count(f'src="https://n.example.org/o/{token}.gif"') == 1
    assert page.index("/o/") < page.index("Hello")


def test_the_text_part_and_the_head_stay_as_they_are() -> None:
    counted, plain = (
        mail(counted_reader(), COUNTED),
        mail(counted_reader(), replace(COUNTED, count_opens=False, count_clicks=False)),
    )
    assert text_of(read_strictly(counted), "plain") == text_of(read_strictly(plain), "plain")
    assert counted.split(b"--=_")[0].replace(b"\r\n", b"") == plain.split(b"--=_")[0].replace(b"\r\n", b"")


def test_a_preview_holds_the_links_themselves_and_asks_nobody() -> None:
    page = page_of(mail(reader(), COUNTED))
    assert "/k/" not in page
    assert 'src="data:image/gif;base64,' in page
    assert page.count("https://news.example.org/ferry?a=1&amp;b=2") == 2


def test_a_preview_and_a_copy_differ_in_the_slots_alone() -> None:
    compiled = compile_issue(COUNTED, LETTERHEAD, "live/issue-7")
    to = counted_reader()
    shown, sent = (page_of(compiled.for_recipient(one, AT)) for one in (replace(to, hits=None), to))
    token = HITS.token(AT)
    for target in targets_of(PAGE):
        sent = sent.replace(f"https://n.example.org/k/{token}/{link_mark(target)}", target.replace("&", "&amp;"))
    sent = re.sub(r'src="[^"]+"', "", sent)
    assert sent == re.sub(r'src="[^"]+"', "", shown)


def test_an_issue_that_counts_nothing_is_the_same_bytes_with_and_without_what_would_count() -> None:
    assert mail(counted_reader(), PART) == mail(replace(counted_reader(), hits=None), PART)


def test_the_size_that_is_checked_is_that_of_a_readers_copy() -> None:
    compiled = compile_issue(COUNTED, LETTERHEAD, "live/issue-7")
    assert compiled.html_size(counted_reader()) == compiled.html_size(replace(counted_reader(), hits=None))
    assert compiled.html_size(reader()) > len(PAGE)


def test_a_token_tells_issue_and_moment_and_no_reader() -> None:
    token = make_hit_token(KEY, SEED, 7, 1_790_000_000)
    said = read_hit_token(token, [b"a newer key", KEY])
    assert (said.issue_id, said.at) == (7, 1_790_000_000)
    packed = token.partition("-")[2]
    assert bytes.fromhex(SEED) not in base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    assert read_hit_token(make_hit_token(KEY, SEED, 7, 5), [KEY]).mark == said.mark
    assert read_hit_token(make_hit_token(KEY, SEED, 8, 5), [KEY]).mark != said.mark
    assert read_hit_token(make_hit_token(KEY, "cd" * 16, 7, 5), [KEY]).mark != said.mark


def test_a_counted_link_never_leaves_a_list_and_a_link_to_leave_never_counts() -> None:
    with pytest.raises(BadToken):
        read_token(make_hit_token(KEY, SEED, 7, 5), [KEY])
    with pytest.raises(BadToken):
        read_hit_token(make_token(KEY, "morning", SEED, 7), [KEY])


@given(st.integers(0, 60), st.sampled_from("abcdefXYZ0189-_"))
def test_no_changed_token_is_believed(place: int, letter: str) -> None:
    token = make_hit_token(KEY, SEED, 7, 5)
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    if changed != token:
        with pytest.raises(BadToken):
            read_hit_token(changed, [KEY])


def test_what_no_browser_follows_or_is_a_readers_own_is_no_target() -> None:
    page = '<a href="javascript:x">a</a><a href="%%UNSUBSCRIBE%%">b</a><a href="https://a.example/%%NAME%%">c</a>'
    page += f'<a href="https://a.example/{"x" * 2_000}">d</a><img src="https://a.example/p.png"><a href="http://b.example">e</a>'
    assert targets_of(page) == ["http://b.example"]


def test_more_links_than_letters_keep_apart() -> None:
    page = "".join(f'<a href="https://a.example/{number}">x</a>' for number in range(60))
    counting = with_slots(page, opens=False, clicks=True)
    assert list(counting.targets.values()) == [f"https://a.example/{number}" for number in range(60)]
    assert len(set(counting.targets)) == 60
