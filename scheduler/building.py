"""From settings to outlets: each configured channel with its rules, and how its mouth is built.

A rehearsal channel speaks to the platforms on this machine with made-up credentials; a live one reads its secret
file. Channel kinds are imported only when one of them is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from channels.base import Channel
from channels.errors import ChannelError
from channels.granted import Asking
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
from scheduler.vault import Vault

if TYPE_CHECKING:
    from channels.email.smtp import RelayConfig

NOWHERE = "http://127.0.0.1:9"  # RFC 863's discard port: a channel built to think, not to speak


def outlets_from(settings: Settings, folder: Path, rehearsal: Rehearsal, vault: Vault) -> dict[str, Outlet]:
    """Every destination by name, in the order of the settings: channels, and newsletters behind them.

    An e-mail channel that only carries newsletters is no destination itself.
    """
    letters = periodicals(settings)
    found = {
        name: _outlet(settings, rehearsal, vault, name, asked)
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
    settings: Settings, rehearsal: Rehearsal, vault: Vault, name: str, asked: XChannel | FacebookChannel
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
        build=_builder(rehearsal, vault, name, asked),
        build_silent=partial(_mouth, rehearsal, name, asked, asked.mode, None, None),
        look_first=not isinstance(asked, EmailChannel) and asked.looks_first,
        build_trial=partial(_on_trial, rehearsal, name, asked),
    )


def _builder(rehearsal: Rehearsal, vault: Vault, name: str, asked: XChannel | FacebookChannel) -> Callable[[], Channel]:
    """How a channel that speaks is made: with the keys of its secret file, else with those it was connected with; in
    rehearsal, where it was not connected, with made-up ones."""

    def build() -> Channel:
        if asked.mode is Mode.LIVE and asked.secret_file is not None:
            keys: Mapping[str, str] | None = {key: one.reveal() for key, one in read_secrets(asked).items()}
        else:
            try:
                keys = vault.values(asked.mode, name)
            except ChannelError:
                keys = {}  # sealed elsewhere: the first call says so, and the channel stops
        if keys is None and asked.mode is Mode.REHEARSAL:
            keys = _made_up(name, asked)
        renew = partial(_access_token, rehearsal, vault, name, asked)
        return _mouth(rehearsal, name, asked, asked.mode, keys or {}, renew)

    return build


def with_keys(
    rehearsal: Rehearsal, name: str, asked: XChannel | FacebookChannel, mode: Mode, keys: Mapping[str, str]
) -> Channel:
    """A channel that speaks with just these keys and never refreshes: to see whose they are before they are kept."""
    return _mouth(rehearsal, name, asked, mode, keys, lambda: keys.get("ACCESS_TOKEN", ""))


def _on_trial(rehearsal: Rehearsal, name: str, asked: XChannel | FacebookChannel) -> Channel:
    """A channel on the platforms of this machine whatever its mode is: their own addresses, made-up keys, none of its."""
    here = asked.model_copy(update={"mode": Mode.REHEARSAL, "base_url": None})
    return _mouth(rehearsal, name, here, Mode.REHEARSAL, _made_up(name, here), None)


def asking_of(rehearsal: Rehearsal, asked: XChannel | FacebookChannel, mode: Mode) -> Asking:
    """How the platform of a channel is asked while it is connected or refreshed."""
    return Asking(mode, _base_url(rehearsal, asked, mode))


def _access_token(rehearsal: Rehearsal, vault: Vault, name: str, asked: XChannel | FacebookChannel) -> str:
    from channels.x_connect import refresh

    return vault.access_token(asked.mode, name, partial(refresh, asking_of(rehearsal, asked, asked.mode)))


def _base_url(rehearsal: Rehearsal, asked: XChannel | FacebookChannel, mode: Mode) -> str:
    if asked.base_url:
        return asked.base_url.rstrip("/")
    if isinstance(asked, XChannel):
        return rehearsal.addresses().x_url if mode is Mode.REHEARSAL else "https://api.x.com"
    return rehearsal.addresses().graph_url if mode is Mode.REHEARSAL else "https://graph.facebook.com"


def _made_up(name: str, asked: XChannel | FacebookChannel) -> dict[str, str]:
    """The keys of a channel that only rehearses: its own account on the platforms of this machine."""
    from channels.rehearsal.accounts import facebook_page, x_account

    if isinstance(asked, FacebookChannel):
        page = facebook_page(name)
        return {"PAGE_TOKEN": page.token, "APP_ID": page.app_id, "APP_SECRET": page.app_secret}
    account = x_account(name)
    return {
        "CONSUMER_KEY": account.consumer_key,
        "CONSUMER_SECRET": account.consumer_secret,
        "ACCESS_TOKEN": account.access_token,
        "ACCESS_TOKEN_SECRET": account.access_token_secret,
    }


def _mouth(
    rehearsal: Rehearsal,
    name: str,
    asked: XChannel | FacebookChannel,
    mode: Mode,
    keys: Mapping[str, str] | None,
    renew: Callable[[], str] | None,
) -> Channel:
    """A channel with these keys; without any (None) it can only think."""
    if isinstance(asked, XChannel):
        return _x(rehearsal, name, asked, mode, keys, renew)
    if isinstance(asked, FacebookChannel):
        return _facebook(rehearsal, name, asked, mode, keys)
    assert_never(asked)


def _x(
    rehearsal: Rehearsal,
    name: str,
    asked: XChannel,
    mode: Mode,
    keys: Mapping[str, str] | None,
    renew: Callable[[], str] | None,
) -> Channel:
    from channels.x import XChannel as Mouth
    from channels.x_config import XConfig

    config = XConfig(
        name=name,
        mode=mode,
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
    if keys is None:
        return Mouth(config)
    config = replace(config, base_url=_base_url(rehearsal, asked, mode))
    if "CONSUMER_KEY" in keys:
        config = replace(
            config,
            consumer_key=keys["CONSUMER_KEY"],
            consumer_secret=keys["CONSUMER_SECRET"],
            access_token=keys["ACCESS_TOKEN"],
            access_token_secret=keys["ACCESS_TOKEN_SECRET"],
        )
    else:  # connected by OAuth 2, or not at all: then it says so when it is asked for a token
        config = replace(config, bearer=renew)
    if mode is Mode.REHEARSAL:
        from channels.rehearsal.accounts import x_account

        account, addresses = x_account(name), rehearsal.addresses()
        config = replace(
            config, user_id=account.user_id, handle=account.username, post_url_template=addresses.x_post_url
        )
    return Mouth(config)


def _facebook(
    rehearsal: Rehearsal, name: str, asked: FacebookChannel, mode: Mode, keys: Mapping[str, str] | None
) -> Channel:
    from channels.facebook import FacebookChannel as Mouth
    from channels.facebook_config import FacebookConfig

    config = FacebookConfig(
        name=name,
        mode=mode,
        page_id=asked.page_id,
        token="",
        base_url=NOWHERE,
        version=asked.version,
        deadline=asked.deadline,
        read_lag=asked.read_lag,
        comments=asked.link_in_comment,
    )
    if keys is None:
        return Mouth(config)
    config = replace(
        config,
        token=keys.get("PAGE_TOKEN", ""),
        app_id=keys.get("APP_ID"),
        app_secret=keys.get("APP_SECRET"),
        base_url=_base_url(rehearsal, asked, mode),
    )
    if mode is Mode.REHEARSAL:
        from channels.rehearsal.accounts import facebook_page

        config = replace(config, page_id=facebook_page(name).page_id)
    return Mouth(config)


def _email(
    settings: Settings, folder: Path, rehearsal: Rehearsal, letter: Periodical, asked: EmailChannel, speaks: bool
) -> Channel:
    from channels.email.channel import EmailChannel as Mouth
    from channels.email.channel import EmailConfig
    from channels.email.dkim import read_signer
    from channels.email.providers import service
    from templates.issue import IssueTemplates

    newsroom, keys = settings.newsroom, keys_in(folder)
    templates = IssueTemplates([settings.teasers.folder] if settings.teasers.folder else [])
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
        render=templates.render,
        subject_of=templates.subject,
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
        server=f"channels.{letter.channel}",
        bounce_address=asked.bounce_address,
        feedback_id=asked.feedback_id,
        provider=service(asked.provider, asked.stream),
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
            further=tuple(_mail_server(one, settings.relays[one], asked) for one in asked.relays),
        )
    return Mouth(config)


def _mail_server(name: str, server: MailServer, channel: EmailChannel) -> RelayConfig:
    """A further mail server of a live e-mail channel."""
    from channels.email.channel import deadlines_within
    from channels.email.providers import service
    from channels.email.smtp import RelayConfig

    secret, provider = read_secrets(server), service(server.provider, server.stream)
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
        per_day=server.per_day or provider.per_day,
        name=f"relays.{name}",
        weight=server.weight,
        provider=provider,
    )
