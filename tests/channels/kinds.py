"""How a test gets a channel of each kind on the rehearsal platforms. The contract runs over all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from channels.base import Channel
from channels.email.channel import EmailChannel, EmailConfig
from channels.facebook import FacebookChannel
from channels.facebook_config import FacebookConfig
from channels.rehearsal.accounts import facebook_page, x_account
from channels.rehearsal.platforms import RehearsalPlatforms
from channels.x import XChannel
from channels.x_config import XConfig
from db.records import Mode
from templates.issue import IssueTemplates

Builder = Callable[..., Channel]


def x_channel(platforms: RehearsalPlatforms, *, name: str = "x-main", **overrides: Any) -> XChannel:
    """An X channel with an account of its own, named after the channel."""
    account = x_account(name)
    values: dict[str, Any] = {
        "consumer_key": account.consumer_key,
        "consumer_secret": account.consumer_secret,
        "access_token": account.access_token,
        "access_token_secret": account.access_token_secret,
        "base_url": platforms.addresses.x_url,
        "deadline": timedelta(seconds=5),
        "read_lag": timedelta(0),
        "post_url_template": platforms.addresses.x_post_url,
    }
    return XChannel(XConfig(name=name, mode=Mode.REHEARSAL, **(values | overrides)))


def facebook_channel(
    platforms: RehearsalPlatforms, *, name: str = "facebook-main", **overrides: Any
) -> FacebookChannel:
    """A Facebook channel with a Page of its own, named after the channel."""
    page = facebook_page(name)
    values: dict[str, Any] = {
        "page_id": page.page_id,
        "token": page.token,
        "app_id": page.app_id,
        "app_secret": page.app_secret,
        "base_url": platforms.addresses.graph_url,
        "deadline": timedelta(seconds=5),
        "read_lag": timedelta(0),
    }
    return FacebookChannel(FacebookConfig(name=name, mode=Mode.REHEARSAL, **(values | overrides)))


def email_channel(platforms: RehearsalPlatforms, *, name: str = "email-main", **overrides: Any) -> EmailChannel:
    """A newsletter's channel; its test mails go to the desk."""
    values: dict[str, Any] = {
        "list_name": "morning",
        "newsletter": "Morning Briefing",
        "sender": "The Harbour Post <morning@news.example.org>",
        "reply_to": "desk@example.org",
        "host": platforms.addresses.smtp_host,
        "port": platforms.addresses.smtp_port,
        "tls": "none",
        "public_url": "https://news.example.org",
        "postal_address": "1 Quay Street, Harbour",
        "link_key": b"rehearsal link key",
        "suppression_key": b"rehearsal suppression key",
        "render": IssueTemplates().render,
        "language": "en",
        "deadline": timedelta(seconds=5),
    }
    return EmailChannel(EmailConfig(name=name, mode=Mode.REHEARSAL, **(values | overrides)))


KINDS: dict[str, Builder] = {"x": x_channel, "facebook": facebook_channel, "email": email_channel}
"""Kind -> builder: ``KINDS[kind](platforms, name="…", deadline=timedelta(…))``."""


def _x_secrets(name: str) -> tuple[str, ...]:
    account = x_account(name)
    return account.consumer_key, account.consumer_secret, account.access_token, account.access_token_secret


def _facebook_secrets(name: str) -> tuple[str, ...]:
    page = facebook_page(name)
    return page.token, page.app_secret


SECRETS: dict[str, Callable[[str], tuple[str, ...]]] = {"x": _x_secrets, "facebook": _facebook_secrets}
"""Kind -> the secrets of the channel of that name; a kind that has none may be missing."""
