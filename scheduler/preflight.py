"""The pre-flight: everything that is looked at before an issue goes to its readers, and that can stop it.

Asked for by name with ``pressrun issue preview``, and by itself before an issue's audience is frozen. In rehearsal
nothing is asked of the net, since nothing leaves the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.email.addresses import parse_address
from channels.email.channel import EmailChannel
from channels.email.dkim import read_signer
from channels.email.providers import PROVIDERS, Provider
from db import audit, deliveries, exclusions, issue_counts, issues, subscribers, suppressions
from db.records import Delivery, Frequency, Mode, SubjectKind
from scheduler.app import App, Outlet
from scheduler.issue_preview import Preview, preview
from scheduler.lineup import Lineup
from scheduler.mail_allowance import Allowance
from scheduler.newsroom.issuing import ANYWAY
from scheduler.periodical import Periodical
from scheduler.preflight_domain import SendingDomain, dns_records, domain_is_ready
from scheduler.preflight_finding import Finding, Level, fine, note, skipped, stop
from scheduler.preflight_message import check_message, links_of
from scheduler.preflight_net import links_answer, one_click_answers
from scheduler.preflight_spf import Ask
from scheduler.settings import EmailChannel as EmailSettings
from scheduler.slots import start_of_day

_PROVIDERS = {
    "Gmail": ("gmail.com", "googlemail.com"),
    "Yahoo": ("yahoo.com", "ymail.com", "aol.com", "yahoo.co.uk"),
    "Microsoft": ("outlook.com", "hotmail.com", "live.com", "msn.com"),
    "Apple": ("icloud.com", "me.com", "mac.com"),
}
NAMED, NAMED_LETTERS = 5, 80
"""So many stories are named in a finding, each with so many letters of its headline."""
BULK = 5_000
"""Messages a day to personal accounts from which on Gmail and Microsoft count a sender as bulk."""


def preflight(
    app: App,
    shown: Preview,
    *,
    ask: Ask = dns_records,
    post: Callable[[str], Finding] = one_click_answers,
    net: bool = True,
) -> list[Finding]:
    """Every finding about an issue, in the order in which a person would look. ``net`` False: nothing is asked of it."""
    outlet, letter = shown.outlet, shown.outlet.letter
    assert letter is not None
    live = outlet.mode is Mode.LIVE
    channel = app.silent(outlet)
    assert isinstance(channel, EmailChannel)
    found = [stop("words", one.message) if one.stops else note("words", one.message) for one in shown.problems]
    found.append(addresses_of(shown.lineup))
    found += check_message(shown.message, shown.html_size, live=live, may_be_clipped=letter.may_be_clipped)
    if live and net:
        found.append(post(channel.preview_reader().unsubscribe))
        found.append(links_answer(links_of(shown.part.text), app.fetch))
        asked = app.settings.channels[letter.channel]
        assert isinstance(asked, EmailSettings)
        others = [PROVIDERS[app.settings.relays[name].provider] for name in asked.relays]
        found += domain_is_ready(_sending(asked, others, channel.sender.address.domain), ask)
    else:
        why = "an alert does not wait for the net" if live else "nothing leaves this machine in rehearsal"
        found += [skipped(name, why) for name in ("one-click answers", "links", "domain")]
    with app.ground.reading() as tx:
        found += _audience(app, tx, outlet, shown)
    return found


def addresses_of(lineup: Lineup) -> Finding:
    """Whether the words carry a link to every story: those without are named, unless a person let them go so."""
    let_go = {number for number, one in lineup.articles.items() if one.no_link}
    without = [one.headline for one in lineup.stories if not one.link and one.article_id not in let_go]
    if not without:
        return fine("addresses", "readers get a link to every story that is to have one")
    named = ", ".join(f'"{headline[:NAMED_LETTERS]}"' for headline in without[:NAMED]) + "…" * (len(without) > NAMED)
    return note(
        "addresses",
        f"no address, so readers get no link to {len(without)} of the {len(lineup.stories)} stories: {named}; "
        "give each one on its page, or say there that it may go without",
    )


def _sending(asked: EmailSettings, others: Sequence[Provider], sender: str) -> SendingDomain:
    """Whose records vouch for a channel's mail: the return path's SPF, our key's DKIM, the sender's DMARC.

    What Pressrun itself signs or takes back through any of its mail servers is looked at; ``others`` are the further ones'.
    """
    providers, returns_to = [PROVIDERS[asked.provider], *others], ""
    if not all(one.owns_return_path for one in providers):
        returns_to = parse_address(asked.bounce_address).domain if asked.bounce_address else sender
    if asked.dkim_key_file is None or all(one.signs_dkim for one in providers):
        return SendingDomain(sender, returns_to)
    signer = read_signer(asked.dkim_key_file, asked.dkim_domain, asked.dkim_selector)
    return SendingDomain(sender, returns_to, signer.domain, signer.selector, signer.published)


def before_it_goes(app: App, outlet: Outlet, delivery: Delivery) -> str:
    """Why an issue whose audience is not frozen yet must not go, "" when it may, or a person said "anyway"."""
    with app.ground.reading() as tx:
        issue = issues.get(tx, delivery.subject_id)
        if issues.prepared_at(tx, issue.id) is not None or issue.corrects is not None:
            return ""
        rows = audit.rows(tx, subject=f"delivery {delivery.id}", verb=ANYWAY)
        if any(row.after == delivery.fingerprint for row in rows):
            return ""
    found = preflight(app, preview(app, issue), net=not issue.is_alert)
    return " ".join(_sentence(one) for one in found if one.level is Level.STOP)


def _sentence(one: Finding) -> str:
    said = f"{one.name}: {one.sentence}"
    return said if said.endswith(".") else f"{said}."


def _audience(app: App, tx: Connection, outlet: Outlet, shown: Preview) -> Iterator[Finding]:
    letter = outlet.letter
    assert letter is not None
    now = app.clock.now()
    lists = {one.name: one for one in subscribers.overview(tx)}
    there = lists.get(letter.list_name)
    confirmed = there.confirmed if there is not None else 0
    if not confirmed:
        yield stop("readers", f"the list {letter.list_name} has no reader who confirmed")
    else:
        yield fine("readers", f"{confirmed:,} confirmed on the list {letter.list_name}")
    if shown.issue is not None and issues.prepared_at(tx, shown.issue.id) is not None:
        reasons = exclusions.reasons(tx, shown.issue.id)
        held = sum(number for why, number in reasons if why.startswith("suppressed"))
        yield fine("suppressed", f"{held:,} of the issue's candidates must not be written to")
    else:
        orders = sum(suppressions.counts(tx).values())
        yield fine("suppressed", f"{orders:,} addresses must not be written to; whoever is on the list is left out")
    yield from _volume(app, tx, outlet, shown, confirmed, now)


def _volume(app: App, tx: Connection, outlet: Outlet, shown: Preview, readers: int, now: datetime) -> Iterator[Finding]:
    """What went out today by mailbox provider, and whether the issue keeps to the plan of a young list."""
    letter = outlet.letter
    assert letter is not None
    today = start_of_day(now.astimezone(letter.zone).date(), letter.zone)
    domains = issue_counts.sent_by_domain(tx, outlet.mode, today)
    by_provider: dict[str, int] = {}
    for domain, number in domains.items():
        name = next((one for one, theirs in _PROVIDERS.items() if domain in theirs), "others")
        by_provider[name] = by_provider.get(name, 0) + number
    told = ", ".join(f"{name} {number:,}" for name, number in sorted(by_provider.items(), key=lambda one: -one[1]))
    bulk = [name for name, number in by_provider.items() if name != "others" and number + readers > BULK]
    more = f"; with this issue {', '.join(bulk)} may count you as a bulk sender" if bulk else ""
    yield fine("volume today", f"{told or 'nothing went out yet'}{more}")
    asked = app.settings.channels[letter.channel]
    assert isinstance(asked, EmailSettings)
    allowance = Allowance(app.settings.newsroom.zone, asked.ramp)
    rest = "the rest waits for the next day"
    if _latest(tx, shown, letter, now) <= allowance.tomorrow(now):
        rest = "the rest gets none of it, since it is too late before the next day begins; set a longer latest"
    day = allowance.ramp_day(tx, outlet.mode, outlet.name, now)
    if day is None and asked.ramp:
        yield fine("warm-up", f"its {len(asked.ramp)} days are over")
    elif day is not None:
        said = f"day {day.number} of {len(asked.ramp)}: {day.may:,} mails, {day.begun:,} of them gone"
        yield _enough("warm-up", said, day.may - day.begun, readers, rest)
    limits = {f"channels.{letter.channel}": asked.per_day}
    if outlet.mode is Mode.LIVE:  # in rehearsal there is one server
        limits |= {f"relays.{name}": app.settings.relays[name].per_day for name in asked.relays}
    left = allowance.left_today(tx, outlet.mode, limits, now)
    if left is not None:
        yield _enough("day's limit", f"{left:,} mails may still go through the mail servers today", left, readers, rest)


def _latest(tx: Connection, shown: Preview, letter: Periodical, now: datetime) -> datetime:
    """When the issue is given up, or would be if it were cut now."""
    issue = shown.issue
    kept = deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id)[-1].latest_at if issue is not None else None
    alert = shown.lineup.frequency is Frequency.IMMEDIATE
    span = letter.alert_latest if alert else letter.latest + timedelta(days=1 if letter.local_times else 0)
    return kept or now + span


def _enough(name: str, said: str, left: int, readers: int, rest: str) -> Finding:
    if left >= readers:
        return fine(name, said)
    return note(name, f"{said}; the issue has {readers:,} readers, so {rest}")
