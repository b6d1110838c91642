"""Addresses: what is taken, how it is compared, what is refused."""

from __future__ import annotations

import pytest

from channels.email.addresses import BadAddress, parse_address, parse_mailbox


def test_two_spellings_of_one_mailbox_share_a_key() -> None:
    assert parse_address("Ann.Lee@Example.ORG").key == parse_address(" ann.lee@example.org ").key


def test_a_domain_beyond_ascii_is_shown_as_written_and_sent_as_a_label() -> None:
    address = parse_address("leser@bücher.example.org")
    assert address.text == "leser@bücher.example.org"
    assert address.wire == "leser@xn--bcher-kva.example.org"
    assert address.key == "leser@xn--bcher-kva.example.org"
    assert not address.needs_smtputf8


def test_a_name_before_the_at_sign_beyond_ascii_needs_smtputf8() -> None:
    assert parse_address("użytkownik@example.org").needs_smtputf8


def test_composed_and_decomposed_letters_are_one_mailbox() -> None:
    assert parse_address("jose\u0301@example.org").key == parse_address("jos\u00e9@example.org").key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "two@at@example.org",
        "a b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "a\n@example.org",
        "a@exam ple.org",
        "a@localhost",
        "a..b@example.org",
        "a@example.org\0",
        "l" * 65 + "@example.org",
        "a@" + "d" * 64 + ".example.org",
        "Ann <ann@example.org>",
    ],
)
def test_what_mail_cannot_go_to_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadAddress, match=r"\w.*\."):
        parse_address(text)


def test_the_longest_name_before_the_at_sign_passes() -> None:
    assert parse_address("l" * 64 + "@example.org").text.startswith("lll")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Morning Desk <desk@example.org>", "Morning Desk"),
        ('"Lee, Ann" <desk@example.org>', "Lee, Ann"),
        ('"The \\"Post\\"" <desk@example.org>', 'The "Post"'),
        ("desk@example.org", ""),
        ("Café d'Été <desk@example.org>", "Café d'Été"),
    ],
)
def test_a_display_name_is_read_with_its_address(text: str, name: str) -> None:
    mailbox = parse_mailbox(text)
    assert (mailbox.name, mailbox.address.text) == (name, "desk@example.org")


@pytest.mark.parametrize("text", ["Desk <desk@example.org", "Desk\r\nBcc: x <desk@example.org>", "Desk <>"])
def test_a_broken_display_form_is_refused(text: str) -> None:
    with pytest.raises(BadAddress):
        parse_mailbox(text)
