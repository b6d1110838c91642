"""What must agree between one key and another, and what a live channel needs before it may speak."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from db.happenings import EVENTS
from db.records import Mode
from scheduler.secrets import why_unusable
from scheduler.setting_types import is_loopback
from scheduler.settings import (
    AnyChannel,
    AnySource,
    EmailChannel,
    FacebookChannel,
    FolderSource,
    MailServer,
    Newsroom,
    Notices,
    Serve,
    Settings,
    Webhook,
    WebhookSource,
    XChannel,
)
from scheduler.settings_faults import Fault, suggest
from scheduler.slots import WEEKDAYS
from scheduler.spans import say_span


def check_channels(channels: Mapping[str, AnyChannel], newsroom: Newsroom) -> Iterator[Fault]:
    """Every fault between keys of the channels, and between them and the newsroom."""
    for name, channel in channels.items():
        at = f"channels.{name}"
        yield from _check_times(at, channel)
        if isinstance(channel, XChannel):
            yield from _check_budget(at, channel)
        if channel.mode is Mode.LIVE:
            yield from _check_live(at, channel)
    yield from _check_accounts(channels)
    if any(channel.mode is Mode.LIVE for channel in channels.values()):
        yield from _check_newsroom(channels, newsroom)


def check_rules(settings: Settings) -> Iterator[Fault]:
    """Faults of the rules: one that does nothing, half a silence, a channel or source that there is not."""
    zone = settings.newsroom.zone
    for name, rule in settings.rules.items():
        at = f"rules.{name}"
        if (rule.silent_from is None) is not (rule.silent_until is None):
            missing = "silent_from" if rule.silent_from is None else "silent_until"
            yield Fault(f"{at}.{missing}", "a silence has a beginning and an end", "write the other moment too")
        silence = rule.silence(zone)
        if silence is not None and silence[0] >= silence[1]:
            yield Fault(f"{at}.silent_until", "it is not after silent_from", "correct one of the two")
        if rule.publish is None and rule.hours is None and not rule.wait and rule.silent_from is rule.silent_until:
            remedy = 'write publish = "approve", hours, wait, or silent_from and silent_until'
            yield Fault(at, "this rule does nothing", remedy)
        for key, given, known in (
            ("channels", rule.channels, {*settings.channels, *settings.newsletters}),
            ("sources", rule.sources, {**settings.sources, "desk": None}),
        ):
            for one in given:
                if one not in known:
                    there = ", ".join(known) or "none"
                    yield Fault(f"{at}.{key}", f'there is no {key.removesuffix("s")} "{one}"', f"there are: {there}")


def check_relays(channels: Mapping[str, AnyChannel], relays: Mapping[str, MailServer]) -> Iterator[Fault]:
    """Faults between e-mail channels and the further mail servers, and of what signs and returns their mail."""
    for name, relay in relays.items():
        yield from _check_stream(f"relays.{name}", relay.provider, relay.stream)
        if relay.secret_file is None:
            continue
        if why := why_unusable(relay.secret_file):
            yield _fault(f"relays.{name}.secret_file", why)
        if relay.tls == "none":
            yield Fault(
                f"relays.{name}.tls", "the log-in would cross the network in the clear", 'write "starttls" or "tls"'
            )
    for name, channel in channels.items():
        if isinstance(channel, EmailChannel):
            yield from _check_mail(f"channels.{name}", channel, relays)


def _check_stream(at: str, provider: str, stream: str) -> Iterator[Fault]:
    if stream and provider != "postmark":
        yield Fault(
            f"{at}.stream", f'"{provider}" has no message streams', 'take it out, or write provider = "postmark"'
        )
    elif not re.fullmatch(r"[a-z0-9_-]*", stream):
        remedy = 'write its ID as Postmark shows it, e.g. "broadcast"'
        yield Fault(f"{at}.stream", "a message stream's ID has small letters, digits, - and _ only", remedy)


def _check_mail(at: str, channel: EmailChannel, relays: Mapping[str, MailServer]) -> Iterator[Fault]:
    yield from _check_stream(at, channel.provider, channel.stream)
    for name in channel.relays:
        if name not in relays:
            yield Fault(f"{at}.relays", f'there is no mail server "{name}"', f"describe it under [relays.{name}]")
    told = {"dkim_domain": channel.dkim_domain, "dkim_selector": channel.dkim_selector}
    if channel.dkim_key_file is not None or any(told.values()):
        for key, value in told.items():
            if not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", value):
                yield Fault(
                    f"{at}.{key}", "DKIM needs a DNS name here", 'write it, e.g. "news.example.org" and "s2026"'
                )
        if channel.dkim_key_file is None:
            yield Fault(f"{at}.dkim_key_file", "DKIM needs its private key", "name the PEM file, mode 0600")
        elif why := why_unusable(channel.dkim_key_file):
            yield _fault(f"{at}.dkim_key_file", why.replace("the secret file", "the key file"))


def check_sources(sources: Mapping[str, AnySource]) -> Iterator[Fault]:
    """Faults of the sources: a webhook whose secret cannot be read, an address that no fetch may reach."""
    for name, source in sources.items():
        if isinstance(source, FolderSource):
            continue
        if isinstance(source, WebhookSource):
            if why := why_unusable(source.secret_file):
                yield _fault(f"sources.{name}.secret_file", why)
        elif not source.local and is_loopback(urlsplit(source.url).hostname or ""):
            wrong = "this address is on this machine, where nothing is fetched from without your word"
            yield Fault(f"sources.{name}.url", wrong, "add local = true to this source")


def check_notices(notices: Notices) -> Iterator[Fault]:
    """Faults of the notices' secret file."""
    if notices.secret_file is not None and (why := why_unusable(notices.secret_file)):
        yield _fault("notices.secret_file", why)


def check_webhooks(webhooks: Mapping[str, Webhook]) -> Iterator[Fault]:
    """Faults of the webhooks: a secret that cannot be read, an event nobody knows, an address that may not be called."""
    for name, webhook in webhooks.items():
        at, host = f"webhooks.{name}", urlsplit(webhook.url).hostname or ""
        if why := why_unusable(webhook.secret_file):
            yield _fault(f"{at}.secret_file", why)
        for one in webhook.events:
            if one not in EVENTS:
                meant = suggest(one, EVENTS)
                cure = f"did you mean {meant}?" if meant else f"there are: {', '.join(EVENTS)}"
                yield Fault(f"{at}.events", f'there is no event "{one}"', cure)
        if not webhook.local and is_loopback(host):
            wrong = "this address is on this machine, where nothing is called without your word"
            yield Fault(f"{at}.url", wrong, "add local = true to this webhook")
        elif webhook.url.startswith("http:") and not webhook.local:
            yield Fault(f"{at}.url", "it would be called without encryption", "write https://")


def warnings_of_serve(serve: Serve, newsroom: Newsroom) -> Iterator[str]:
    """What is allowed of ``[serve]`` and still worth a sentence."""
    public = urlsplit(newsroom.public_url)
    for key, host in (("host", serve.host), ("public_host", serve.public_host)):
        if not is_loopback(host) and (key == "host" or serve.public_port is not None):
            yield (
                f"serve.{key} {host} can be reached from other machines without TLS; "
                "let a proxy with TLS stand before it, or write 127.0.0.1."
            )
    ports = [port for port in (serve.port, serve.public_port) if port is not None]
    here = is_loopback(serve.host) and is_loopback(public.hostname or "") and all(ports)
    if here and (public.port or 80) not in ports:
        told = " and ".join(str(port) for port in ports)
        yield (
            f"newsroom.public_url leads to port {public.port or 80} of this machine and pressrun serve answers on "
            f"{told}: links in mails would lead nowhere; make them agree."
        )


def check_serve(serve: Serve) -> Iterator[Fault]:
    """Faults of ``[serve]``: two doors on one port."""
    if serve.public_port and serve.public_port == serve.port and serve.public_host == serve.host:
        wrong = "the readers' pages alone cannot be served where everything is"
        yield Fault("serve.public_port", wrong, "choose another port, or take it away: port has those pages, too")


def warnings_of(channels: Mapping[str, AnyChannel], notices: Notices) -> Iterator[str]:
    """What is allowed and still worth a sentence."""
    for name, channel in channels.items():
        if channel.mode is Mode.LIVE and isinstance(channel, XChannel) and channel.monthly_budget is None:
            yield (
                f"channels.{name} is live without monthly_budget: X bills every post (with a link "
                f"{channel.link_price}); set the most you want to spend in a month."
            )
        if channel.mode is Mode.LIVE and not (notices.email or notices.webhook):
            yield f"channels.{name} is live and nobody is told when a post needs a person; set [notices] email."
    live = [channel for channel in channels.values() if channel.mode is Mode.LIVE]
    if notices.email and live and not any(isinstance(channel, EmailChannel) for channel in live):
        yield (
            "notices.email has no mail server while no e-mail channel is live; make one live or name a webhook, else "
            "the desk is not told."
        )
    if notices.webhook and notices.secret_file is None:
        yield "notices.webhook is not signed; name a secret_file with WEBHOOK_SECRET=… in it."


def _check_times(at: str, channel: AnyChannel) -> Iterator[Fault]:
    if channel.claim <= channel.deadline:
        wrong = f"a claim of {say_span(channel.claim)} would end before a call does ({say_span(channel.deadline)})"
        yield Fault(f"{at}.claim", wrong, "make claim longer than deadline")
    if not isinstance(channel, EmailChannel) and channel.settle <= channel.read_lag:
        wrong = (
            f"after {say_span(channel.settle)} a post may still be invisible (read_lag {say_span(channel.read_lag)})"
        )
        yield Fault(f"{at}.settle", wrong, "make settle longer than read_lag, else a post could go out twice")
    if channel.quiet is not None:
        for slot in channel.slots.places:
            if channel.quiet.holds(slot.at):
                wrong = f"the slot {WEEKDAYS[slot.weekday]} {slot.at:%H:%M} lies in the quiet hours and is never used"
                yield Fault(f"{at}.slots", wrong, "move the slot or change quiet")
                break


def _check_budget(at: str, channel: XChannel) -> Iterator[Fault]:
    if channel.monthly_budget is None:
        if channel.breaking_reserve.micros:
            yield Fault(
                f"{at}.breaking_reserve", "there is no monthly_budget to reserve it from", "set monthly_budget too"
            )
    elif channel.breaking_reserve > channel.monthly_budget:
        yield Fault(
            f"{at}.breaking_reserve",
            f"{channel.breaking_reserve} is more than the monthly_budget of {channel.monthly_budget}",
            "lower it",
        )


def _check_live(at: str, channel: AnyChannel) -> Iterator[Fault]:
    if channel.secret_file is not None and (why := why_unusable(channel.secret_file)):
        yield _fault(f"{at}.secret_file", why)
    if isinstance(channel, FacebookChannel) and not channel.page_id:
        yield Fault(f"{at}.page_id", "a live channel needs the Page it posts to", "write its number in quotation marks")
    if isinstance(channel, EmailChannel) and channel.secret_file is not None and channel.tls == "none":
        yield Fault(f"{at}.tls", "the log-in would cross the network in the clear", 'write "starttls" or "tls"')


def _check_accounts(channels: Mapping[str, AnyChannel]) -> Iterator[Fault]:
    """Two channels on one account would say everything twice (design: refused)."""
    seen: dict[tuple[Mode, str, str], str] = {}
    for name, channel in channels.items():
        for key, account in _accounts(channel):
            first = seen.setdefault((channel.mode, f"{channel.kind} {key}", account), name)
            if first != name:
                yield Fault(
                    f"channels.{name}.{key}",
                    f"the channels {first} and {name} have the same {key}, so each story would go out twice there",
                    "keep one of them, or give it an account of its own",
                )


def _accounts(channel: AnyChannel) -> Iterator[tuple[str, str]]:
    match channel:
        case XChannel():
            if channel.handle:
                yield "handle", channel.handle.casefold()
            if channel.secret_file is not None:
                yield "secret_file", str(channel.secret_file.resolve())
        case FacebookChannel():
            if channel.page_id:
                yield "page_id", channel.page_id
        case EmailChannel():
            return  # its lists are checked with all newsletters


def _check_newsroom(channels: Mapping[str, AnyChannel], newsroom: Newsroom) -> Iterator[Fault]:
    if _is_example(newsroom.site):
        yield Fault("newsroom.site", "a channel is live and this is still the example", "write your site's address")
    if not any(one.mode is Mode.LIVE and isinstance(one, EmailChannel) for one in channels.values()):
        return
    if not newsroom.postal_address.strip():
        wrong = "a live newsletter must carry the sender's postal address"
        yield Fault("newsroom.postal_address", wrong, "write it, in one line or several")
    if urlsplit(newsroom.public_url).scheme != "https" or _is_example(newsroom.public_url):
        wrong = "a live newsletter needs an address where readers can unsubscribe"
        yield Fault("newsroom.public_url", wrong, "write the https address under which Pressrun's pages are reached")


def _is_example(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    return host in ("example.org", "example.com") or host.endswith((".example.org", ".example.com", ".example"))


def _fault(key: str, sentence: str) -> Fault:
    wrong, _, remedy = sentence.rpartition("; ")
    return Fault(key, wrong, remedy)
