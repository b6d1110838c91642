"""From settings to outlets: each configured channel with its rules, and how its mouth is built.

A rehearsal channel speaks to the platforms on this machine with made-up credentials; a live one reads its secret
file. Channel kinds are imported only when one of them is built.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from channels.base import Channel
from db.records import Mode, Money
from scheduler.channel_rules import policy_of, rules_of, rules_of_letter
from scheduler.intake.source_config import SourceConfig
from scheduler.keys import keys_in
from scheduler.outlet import Outlet
from scheduler.periodical import Periodical, periodicals
from scheduler.rehearsing import Rehearsal
from scheduler.secrets import read_secrets
from scheduler.settings import (
    AnyFetchedSource,
    EmailChannel,
    FacebookChannel,
    FolderSource,
    MailServer,
    Settings,
    WebhookSource,
    XChannel,
)

if TYPE_CHECKING:
    from channels.email.smtp import RelayConfig

NOWHERE = "http://127.0.0.1:9"  # RFC 863's discard port: a channel built to think, not to speak


def outlets_from(settings: Settings, folder: Path, rehearsal: Rehearsal) -> dict[str, Outlet]:
    """Every destination by name, in the order of the settings: channels, and newsletters behind them.

    An e-mail channel that only carries newsletters is no destination itself.
    """
    letters = periodicals(settings)
    found = {
        name: _outlet(settings, folder, rehearsal, name, asked)
        for name, asked in settings.channels.items()
        if not isinstance(asked, EmailChannel)
    }
    made = {name: _letter_outlet(settings, folder, rehearsal, letter) for name, letter in letters.items()}
    order = [*settings.channels, *settings.newsletters]
    return {name: (found | made)[name] for name in order if name in found or name in made}


def sources_from(settings: Settings) -> dict[str, SourceConfig]:
    """Every source that is looked at in its turn, by name; a webhook is none of them, for it calls us."""
    return {
        name: _source(name, asked) for name, asked in settings.sources.items() if not isinstance(asked, WebhookSource)
    }


def _source(name: str, asked: FolderSource | AnyFetchedSource) -> SourceConfig:
    fetched = None if isinstance(asked, FolderSource) else asked
    return SourceConfig(
        name=name,
        kind=asked.kind,
        path=asked.path if isinstance(asked, FolderSource) else None,
        url=fetched.url if fetched else None,
        every=asked.every,
        publish=asked.publish,
        section=asked.section,
        local=fetched.local if fetched else False,
    )


def _letter_outlet(settings: Settings, folder: Path, rehearsal: Rehearsal, letter: Periodical) -> Outlet:
    channel = settings.channels[letter.channel]
    assert isinstance(channel, EmailChannel)
    itself = letter.channel == letter.name
    return Outlet(
        name=letter.name,
        kind=channel.kind,
        mode=letter.mode,
        rules=rules_of(letter.name, settings) if itself else rules_of_letter(letter, settings),
        policy=policy_of(channel),
        deadline=channel.deadline,
        claim_span=channel.claim,
        build=partial(_email, settings, folder, rehearsal, letter, channel, True),
        build_silent=partial(_email, settings, folder, rehearsal, letter, channel, False),
        letter=letter,
    )


def _outlet(
    settings: Settings, folder: Path, rehearsal: Rehearsal, name: str, asked: XChannel | FacebookChannel
) -> Outlet:
    return Outlet(
        name=name,
        kind=asked.kind,
        mode=asked.mode,
        rules=rules_of(name, settings),
        policy=policy_of(asked),
        deadline=asked.deadline,
        claim_span=asked.claim,
        budget=asked.monthly_budget if isinstance(asked, XChannel) else None,
        reserve=asked.breaking_reserve if isinstance(asked, XChannel) else Money(),
        look_price=asked.read_price if isinstance(asked, XChannel) else Money(),
        delete_price=asked.delete_price if isinstance(asked, XChannel) else Money(),
        build=_builder(rehearsal, name, asked, speaks=True),
        build_silent=_builder(rehearsal, name, asked, speaks=False),
        look_first=not isinstance(asked, EmailChannel) and asked.looks_first,
    )


def _builder(
    rehearsal: Rehearsal, name: str, asked: XChannel | FacebookChannel, *, speaks: bool
) -> Callable[[], Channel]:
    if isinstance(asked, XChannel):
        return partial(_x, rehearsal, name, asked, speaks)
    if isinstance(asked, FacebookChannel):
        return partial(_facebook, rehearsal, name, asked, speaks)
    assert_never(asked)


def _x(rehearsal: Rehearsal, name: str, asked: XChannel, speaks: bool) -> Channel:
    from channels.x import XChannel as Mouth
    from channels.x_config import XConfig

    config = XConfig(
        name=name,
        mode=asked.mode,
        consumer_key="",
        consumer_secret="",
        access_token="",
        access_token_secret="",
        base_url=NOWHERE,
        handle=asked.handle or None,
        deadline=asked.deadline,
        read_lag=asked.read_lag,
        post_price=asked.post_price,
        link_price=asked.link_price,
        edit_window=asked.edit_window,
    )
    if speaks and asked.mode is Mode.REHEARSAL:
        from channels.rehearsal.accounts import x_account

        account, addresses = x_account(name), rehearsal.addresses()
        config = replace(
            config,
            consumer_key=account.consumer_key,
            consumer_secret=account.consumer_secret,
            access_token=account.access_token,
            access_token_secret=account.access_token_secret,
            user_id=account.user_id,
            handle=account.username,
            base_url=asked.base_url or addresses.x_url,
            post_url_template=addresses.x_post_url,
        )
    elif speaks:
        secret = read_secrets(asked)
        config = replace(
            config,
            consumer_key=secret["CONSUMER_KEY"].reveal(),
            consumer_secret=secret["CONSUMER_SECRET"].reveal(),
            access_token=secret["ACCESS_TOKEN"].reveal(),
            access_token_secret=secret["ACCESS_TOKEN_SECRET"].reveal(),
            base_url=asked.base_url or "https://api.x.com",
        )
    return Mouth(config)


def _facebook(rehearsal: Rehearsal, name: str, asked: FacebookChannel, speaks: bool) -> Channel:
    from channels.facebook import FacebookChannel as Mouth
    from channels.facebook_config import FacebookConfig

    config = FacebookConfig(
        name=name,
        mode=asked.mode,
        page_id=asked.page_id,
        token="",
        base_url=NOWHERE,
        version=asked.version,
        deadline=asked.deadline,
        read_lag=asked.read_lag,
        comments=asked.link_in_comment,
    )
    if speaks and asked.mode is Mode.REHEARSAL:
        from channels.rehearsal.accounts import facebook_page

        page = facebook_page(name)
        config = replace(
            config,
            page_id=page.page_id,
            token=page.token,
            app_id=page.app_id,
            app_secret=page.app_secret,
            base_url=asked.base_url or rehearsal.addresses().graph_url,
        )
    elif speaks:
        secret = read_secrets(asked)
        config = replace(
            config,
            token=secret["PAGE_TOKEN"].reveal(),
            app_id=secret["APP_ID"].reveal() if "APP_ID" in secret else None,
            app_secret=secret["APP_SECRET"].reveal() if "APP_SECRET" in secret else None,
            base_url=asked.base_url or "https://graph.facebook.com",
        )
    return Mouth(config)


def _email(
    settings: Settings, folder: Path, rehearsal: Rehearsal, letter: Periodical, asked: EmailChannel, speaks: bool
) -> Channel:
    from channels.email.channel import EmailChannel as Mouth
    from channels.email.channel import EmailConfig
    from channels.email.dkim import read_signer
    from channels.email.providers import PROVIDERS
    from templates.issue import IssueTemplates

    newsroom, keys = settings.newsroom, keys_in(folder)
    config = EmailConfig(
        name=letter.name,
        mode=letter.mode,
        list_name=letter.list_name,
        newsletter=letter.title,
        sender=letter.sender,
        host="127.0.0.1",
        port=9,
        public_url=newsroom.public_url,
        link_key=keys.link,
        old_link_keys=keys.old,
        suppression_key=keys.suppression,
        render=IssueTemplates([settings.teasers.folder] if settings.teasers.folder else []).render,
        reply_to=letter.reply_to,
        tls="none",
        postal_address=newsroom.postal_address,
        newsroom=newsroom.name,
        language=letter.language,
        template=letter.template,
        may_be_clipped=letter.may_be_clipped,
        count_opens=letter.count_opens,
        count_clicks=letter.count_clicks,
        deadline=asked.deadline,
        connections=asked.connections,
        per_connection=asked.per_connection,
        per_second=asked.per_second,
        per_day=asked.per_day,
        bounce_address=asked.bounce_address,
        provider=PROVIDERS[asked.provider],
    )
    if asked.dkim_key_file is not None and speaks:
        config = replace(config, signer=read_signer(asked.dkim_key_file, asked.dkim_domain, asked.dkim_selector))
    if speaks and letter.mode is Mode.REHEARSAL:
        addresses = rehearsal.addresses()
        config = replace(config, host=addresses.smtp_host, port=addresses.smtp_port)
    elif speaks:
        secret = read_secrets(asked) if asked.secret_file else {}
        config = replace(
            config,
            host=asked.host,
            port=asked.port,
            tls=asked.tls,
            username=secret["USERNAME"].reveal() if "USERNAME" in secret else "",
            password=secret["PASSWORD"].reveal() if "PASSWORD" in secret else "",
            further=tuple(_mail_server(settings.relays[one], asked) for one in asked.relays),
        )
    return Mouth(config)


def _mail_server(server: MailServer, channel: EmailChannel) -> RelayConfig:
    """A further mail server of a live e-mail channel."""
    from channels.email.channel import deadlines_within
    from channels.email.providers import PROVIDERS
    from channels.email.smtp import RelayConfig

    secret, provider = read_secrets(server), PROVIDERS[server.provider]
    return RelayConfig(
        host=server.host,
        port=server.port,
        tls=server.tls,
        username=secret["USERNAME"].reveal() if "USERNAME" in secret else "",
        password=secret["PASSWORD"].reveal() if "PASSWORD" in secret else "",
        loopback_only=False,
        deadlines=deadlines_within(channel.deadline),
        per_connection=channel.per_connection,
        per_second=server.per_second or provider.per_second,
        weight=server.weight,
        provider=provider,
    )
