"""Kinds are found by name and loaded only when asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from channels.registry import KINDS, UnknownKind, config_class, make_channel
from channels.x_config import XConfig
from db.records import Mode


def test_a_kind_makes_its_channel_from_its_config() -> None:
    config = config_class("x")(
        name="x-main",
        mode=Mode.REHEARSAL,
        consumer_key="k",
        consumer_secret="s",
        access_token="t",
        access_token_secret="z",
    )
    assert isinstance(config, XConfig)
    channel = make_channel("x", config)
    assert (channel.kind, channel.name) == ("x", "x-main")


def test_every_kind_has_its_two_classes() -> None:
    for kind in KINDS:
        assert config_class(kind).__dataclass_params__.frozen


def test_a_kind_that_there_is_not_is_told_with_those_there_are() -> None:
    with pytest.raises(UnknownKind, match="use one of x, facebook, email"):
        make_channel("mastodon", None)


def test_no_platform_library_is_loaded_before_the_first_call() -> None:
    heavy = "'tweepy', 'facebook', 'requests', 'smtplib', 'oauthlib'"
    code = f"import sys, channels.registry, channels.x, channels.facebook; print([m for m in ({heavy}) if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
