"""No secret survives the mask, and nothing else is lost."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.masking import Mask, MaskingFilter

SECRET = "EAAGm0PX4ZCpsBAKZC/+=x"


@pytest.mark.parametrize(
    "text",
    [
        f"GET /v25.0/me?access_token={SECRET}&fields=id",
        f"https://graph.facebook.com/debug_token?input_token={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f'Authorization: OAuth oauth_token="{SECRET}", oauth_signature="{SECRET}"',
        f'{{"access_token": "{SECRET}", "expires_in": 5}}',
        f"{{'consumer_secret': '{SECRET}'}}",
        f"client_secret={SECRET}",
        f"appsecret_proof={SECRET}\nnext",
        f"password={SECRET} tail",
    ],
)
def test_the_shapes_of_secrets_are_masked_without_knowing_them(text: str) -> None:
    masked = Mask()(text)
    assert "EAAGm0PX" not in masked
    assert "[hidden]" in masked


def test_what_stands_around_a_secret_stays() -> None:
    assert Mask()("a?access_token=abcdefgh&fields=id b") == "a?access_token=[hidden]&fields=id b"


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=8, max_size=40), st.text(), st.text())
def test_a_configured_value_is_masked_wherever_it_stands(secret: str, before: str, after: str) -> None:
    marked = f"s3cr3t{secret}"
    masked = Mask([marked, None, ""])(before + marked + after)
    assert marked not in masked


def test_a_percent_encoded_value_is_masked_too() -> None:
    assert Mask(["ab/cd+ef=g"])("x ab%2Fcd%2Bef%3Dg y") == "x [hidden] y"


def test_a_mask_tells_nothing_of_its_values() -> None:
    assert SECRET not in repr(Mask([SECRET]))


def test_a_masked_log_line_holds_no_secret_in_its_arguments(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("tests.masking")
    logger.addFilter(MaskingFilter(Mask([SECRET])))
    logger.warning("Failed to parse headers (url=%s)", f"https://x/?access_token={SECRET}")
    assert caplog.messages == ["Failed to parse headers (url=https://x/?access_token=[hidden])"]
