"""E-mail as a channel: an issue composed once, checked, and handed to the mail server.

Editors see one delivery per issue and list. ``send`` is the test mail to the desk; the crowd goes through
``compile`` and ``smtp.Relay``, one recipient at a time. A mail cannot be found, corrected or taken back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Protocol

from channels.email import checks
from channels.email.addresses import Address, Mailbox, parse_address, parse_mailbox, stored_address
from channels.email.counting import HitLinks
from channels.email.dkim import Signer
from channels.email.headers import exact_line
from channels.email.links import make_token, suppression_hash
from channels.email.message import Compiled, Letterhead, Reader, compile_issue
from channels.email.providers import SMTP, Provider
from channels.email.returned import leaving_address
from channels.email.returning import return_address
from channels.email.smtp import Deadlines, Relay, RelayConfig
from channels.errors import ChannelError, Rejected
from db.records import (
    Failure,
    Health,
    IssueWords,
    Limits,
    Look,
    Mode,
    Money,
    Outcome,
    Part,
    Post,
    Problem,
    Receipt,
    Recipient,
    Subscriber,
    Teaser,
    Timeline,
)

KIND = "email"
TEST_SEED = "0" * 32
"""The token seed of test mails and previews: their unsubscribe link is signed and belongs to nobody."""

_NOWHERE = "https://unsubscribe.invalid"  # RFC 2606: rehearsal without a public_url
_PREHEADER = 110
STORY_LENGTH = 600
"""So many characters a story may have in an issue: a reader who wants more follows its link."""


class RenderIssue(Protocol):
    """Turns words into (html, text), slots in them. ``templates.issue.IssueTemplates.render`` is one."""

    def __call__(self, words: IssueWords, *, newsroom: str, postal_address: str) -> tuple[str, str]:
        """Pure but for the template files."""
        ...


@dataclass(frozen=True, slots=True)
class EmailConfig:
    """One e-mail channel as settings.toml has it.

    ``sender`` and ``reply_to`` are ``Name <a@b>``; ``list_name`` names the list in the database and, for ever, in
    List-Id. ``link_key`` signs unsubscribe links and may be replaced while ``old_link_keys`` keep the old ones
    working; ``suppression_key`` must never change. ``server`` names the mail server in its count of the day. ``feedback_id`` is the sender's
    constant name in Feedback-ID, "" for one made from its domain. ``deadline`` is the total span of one message, most of it the
    wait after the final dot.
    """

    name: str
    mode: Mode
    list_name: str
    newsletter: str
    sender: str
    host: str
    port: int
    public_url: str
    link_key: bytes = field(repr=False)
    suppression_key: bytes = field(repr=False)
    render: RenderIssue = field(repr=False)
    subject_of: Callable[[IssueWords], str] = field(default=attrgetter("subject"), repr=False)
    reply_to: str = ""
    tls: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    postal_address: str = ""
    newsroom: str = ""
    language: str = ""
    feedback_id: str = ""
    template: str = "issue"
    may_be_clipped: bool = False
    count_opens: bool = False
    count_clicks: bool = False
    deadline: timedelta = timedelta(minutes=15)
    old_link_keys: tuple[bytes, ...] = field(default=(), repr=False)
    connections: int = 8
    per_connection: int = 100
    per_second: float | None = None
    per_day: int | None = None
    server: str = ""
    provider: Provider = SMTP
    further: tuple[RelayConfig, ...] = ()
    bounce_address: str = ""
    signer: Signer | None = None


class EmailChannel:
    """One newsletter by e-mail. Keeps the promise of ``channels.base.Channel``."""

    def __init__(self, config: EmailConfig) -> None:
        self._config = config

    @property
    def name(self) -> str:
        """The name in settings.toml."""
        return self._config.name

    @property
    def kind(self) -> str:
        """Always ``email``."""
        return KIND

    @property
    def list_name(self) -> str:
        """The list its issues go to."""
        return self._config.list_name

    @property
    def newsletter(self) -> str:
        """The periodical's name as readers know it."""
        return self._config.newsletter or self._config.list_name

    @property
    def limits(self) -> Limits:
        """Facts of the kind. ``length`` is one story's in an issue; what a subject may have stands in ``checks``."""
        return Limits(
            kind=KIND,
            length=STORY_LENGTH,
            link_length=None,
            images=1,
            alt_length=500,
            can_find=False,
            can_correct=False,
            can_delete=False,
            read_lag=timedelta(0),
            deadline=self._config.deadline,
            link_in_text=False,
        )

    # --- words ---------------------------------------------------------------------------------

    def measure(self, text: str) -> int:
        """Characters, as a reader counts them."""
        return len(text)

    def compose(self, teaser: Teaser) -> Post:
        """The issue that this story alone would make: for the preview."""
        return self.compose_issue(
            IssueWords(
                channel=self.name,
                newsletter=self.newsletter,
                window="",
                subject=one_line(teaser.subject or teaser.headline or teaser.text)[: checks.SUBJECT_LENGTH],
                preheader=one_line(teaser.preheader or teaser.text)[:_PREHEADER],
                stories=(teaser,),
                language=teaser.language or self._config.language,
                template=self._config.template,
            )
        )

    def compose_issue(self, words: IssueWords) -> Post:
        """The whole issue, HTML and text, with the recipient's slots left open. Pure but for the template files."""
        page, text = self._config.render(
            words,
            newsroom=self._config.newsroom or self.newsletter,
            postal_address=self._config.postal_address,
        )
        part = Part(
            text=text,
            html=page,
            subject=one_line(self._config.subject_of(words)),
            preheader=words.preheader,
            count_opens=self._config.count_opens,
            count_clicks=self._config.count_clicks,
        )
        return Post(channel=self.name, kind=KIND, parts=(part,))

    def validate(self, post: Post) -> Sequence[Problem]:
        """What must be fixed before this issue may go."""
        problems = self._standing()
        if len(post.parts) != 1:
            return (*problems, Problem("parts", "An issue is one mail: compose it again."))
        problems += tuple(checks.part_problems(post.parts[0]))
        if not any(problem.stops for problem in problems):
            compiled = self.compile(post.parts[0], "check")
            problems += tuple(
                checks.size_problems(compiled, self.preview_reader(), may_be_clipped=self._config.may_be_clipped)
            )
        return problems

    def price(self, post: Post) -> Money:
        """Nothing: the newsroom's own mail server does not bill by the mail."""
        return Money()

    # --- the crowd -----------------------------------------------------------------------------

    def compile(self, part: Part, issue_key: str, *, lane: str = "digest") -> Compiled:
        """The issue in bytes but for its readers. Raises ``UnsafeHeader`` or ``UnknownSlot``, as ``validate`` says."""
        return compile_issue(part, self._letterhead(issue_key, lane), issue_key)

    def reader(self, subscriber: Subscriber, issue_id: int = 0) -> Reader:
        """One recipient with their own one-click address, which names the issue. Raises ``BadAddress``.

        Without an issue nothing of theirs is counted.
        """
        config = self._config
        token = make_token(config.link_key, config.list_name, subscriber.token_seed, issue_id)
        base = (config.public_url or _NOWHERE).rstrip("/")
        hits = None
        counts = config.count_opens or config.count_clicks
        if counts and issue_id and config.public_url and subscriber.token_seed != TEST_SEED:
            hits = HitLinks(base, config.link_key, subscriber.token_seed, issue_id)
        return Reader(
            address=stored_address(subscriber.address),
            name=subscriber.name,
            unsubscribe=f"{base}/u/{token}",
            key=str(subscriber.id),
            choices=f"{base}/p/{token}",
            hits=hits,
            by_mail=f"{self._leave_by_mail}{token}" if self._leave_by_mail else "",
        )

    def preview_reader(self) -> Reader:
        """The desk itself as a reader, with a link that belongs to nobody."""
        to = self._desk()
        return self.reader(Subscriber(address=to.address.text, name=to.name, token_seed=TEST_SEED))

    def suppression_hashes(self, address_key: str) -> tuple[str, str]:
        """The two hashes under which a standing order not to write may be kept: for all mail, for this list."""
        key = self._config.suppression_key
        return suppression_hash(key, address_key), suppression_hash(key, address_key, self._config.list_name)

    def relay(self) -> Relay:
        """A line to the mail server, not yet opened. One thread at a time may use it."""
        config = self._config
        return Relay(
            RelayConfig(
                host=config.host,
                port=config.port,
                tls=config.tls,
                username=config.username,
                password=config.password,
                loopback_only=config.mode is Mode.REHEARSAL,
                deadlines=deadlines_within(config.deadline),
                per_connection=config.per_connection,
                per_second=config.per_second or (config.provider.per_second if config.mode is Mode.LIVE else None),
                per_day=config.per_day or (config.provider.per_day if config.mode is Mode.LIVE else None),
                name=config.server,
                provider=config.provider,
            )
        )

    def relays(self) -> tuple[Relay, ...]:
        """The mail servers the crowd's mail is shared out over, lines not yet opened."""
        return (self.relay(), *(Relay(config) for config in self._config.further))

    @property
    def connections(self) -> int:
        """At most so many lines to mail servers at once."""
        return self._config.connections

    def return_path(self, recipient: Recipient, provider: Provider) -> Address:
        """The envelope's sender for one reader's copy: its own where the return path is ours."""
        if self._bounces is None or provider.owns_return_path:
            return self.sender.address
        return return_address(self._bounces, self._config.link_key, recipient.id)

    def letters_return_path(self, provider: Provider) -> Address:
        """The envelope's sender of a mail that is no reader's copy: where what comes back is read, else the sender."""
        return self.sender.address if self._bounces is None or provider.owns_return_path else self._bounces

    def sealed(self, message: bytes, provider: Provider, at: datetime) -> bytes:
        """The message as it leaves for a server of ``provider``: with the lines it wants, signed where it does not."""
        if provider.headers:
            message = b"".join(exact_line(name, value) for name, value in provider.headers) + message
        return self.signed(message, provider, at)

    def signed(self, message: bytes, provider: Provider, at: datetime) -> bytes:
        """A letter to one person as it leaves: signed where the service does not, and without a newsletter's lines."""
        if self._config.signer is None or provider.signs_dkim:
            return message
        return self._config.signer.sign(message, at)

    @cached_property
    def _bounces(self) -> Address | None:
        return parse_address(self._config.bounce_address) if self._config.bounce_address else None

    @cached_property
    def _leave_by_mail(self) -> str:
        """The mailto address to leave by, without the token at its end; "" where no mail comes back to us."""
        return leaving_address(self._bounces.wire, "") if self._bounces is not None else ""

    @cached_property
    def sender(self) -> Mailbox:
        """Whom the mail is from; its address is the return path too. Raises ``BadAddress``."""
        return parse_mailbox(self._config.sender)

    # --- calls ---------------------------------------------------------------------------------

    def send(self, part: Part, key: str, before: Receipt | None) -> Receipt:
        """The test mail: this issue to the desk (reply_to, else sender), once. The crowd never goes this way."""
        to = self.preview_reader()
        now = datetime.now(UTC)
        message = self.compile(part, f"test {key}").for_recipient(to, now)
        message = self.sealed(message, self._config.provider, now)
        with self.relay() as relay:
            receipt = relay.deliver(self.letters_return_path(self._config.provider), to.address, message)
        return receipt if receipt.id else replace(receipt, id=f"test {key}")

    def find_existing(self, part: Part, key: str, since: datetime, under: Receipt | None = None) -> Look:
        """A mail server does not tell what it has sent: nothing found, and that proves nothing."""
        return Look(complete=False)

    def timeline(self, since: datetime) -> Timeline:
        """A mail server does not tell what it has sent."""
        return Timeline(complete=False)

    def correct(self, receipt: Receipt, post: Post) -> Receipt:
        """Always ``Rejected``: a mail that has gone cannot be changed."""
        raise Rejected(
            Failure(
                Outcome.REJECTED,
                code="cannot correct",
                sentence="a mail that has gone cannot be changed; say it right in the next issue",
            )
        )

    def delete(self, receipt: Receipt) -> None:
        """Always ``Rejected``: a mail that has gone cannot be taken back."""
        raise Rejected(
            Failure(
                Outcome.REJECTED,
                code="cannot delete",
                sentence="a mail that has gone cannot be taken back; a stop keeps it from readers still to come",
            )
        )

    def check(self) -> Health:
        """Connects, signs in where asked, and hangs up; once live, presses its own one-click address. Posts nothing."""
        from channels.email.one_click import press  # late: only a check speaks to the web

        account = f"{self._config.list_name} {self._config.sender}"
        try:
            with self.relay() as relay:
                offers = relay.open()
        except ChannelError as error:
            problem = Problem(error.failure.code, error.failure.sentence)
            return Health(ok=False, account_id=account, account_name=self.newsletter, problems=(problem,))
        problems = self._standing()
        if self._config.mode is Mode.LIVE and not any(problem.stops for problem in problems):
            token = make_token(self._config.link_key, self._config.list_name, TEST_SEED)
            fault = press(self._config.public_url.rstrip("/"), token)
            problems = (*problems, fault) if fault is not None else problems
        return Health(
            ok=not any(problem.stops for problem in problems),
            account_id=account,
            account_name=self.newsletter,
            problems=problems,
            notes=(f"{self._config.host}:{self._config.port} offers {', '.join(offers) or 'nothing beyond SMTP'}",),
        )

    def _standing(self) -> tuple[Problem, ...]:
        """What is wrong with the channel itself, whatever the issue."""
        config = self._config
        return (
            *checks.settings_problems(config.mode, config.sender, config.reply_to, config.public_url),
            *checks.standing_problems(config.mode, config.postal_address, config.feedback_id),
        )

    def _desk(self) -> Mailbox:
        return parse_mailbox(self._config.reply_to or self._config.sender)

    def _letterhead(self, issue_key: str, lane: str) -> Letterhead:
        config, sender = self._config, self.sender
        label = list_label(config.list_name)
        pages = f"{config.public_url.rstrip('/')}/n/{label}" if config.public_url else ""
        sender_id = config.feedback_id or sender_id_of(sender.address.domain)
        return Letterhead(
            sender=sender,
            reply_to=parse_mailbox(config.reply_to) if config.reply_to else None,
            title=self.newsletter,
            list_id=f"{label}.{sender.address.domain}",
            feedback_id=f"{list_label(issue_key)[:40]}:{label}:{lane}:{sender_id}",
            form=pages,
            archive=f"{pages}/archive" if pages else "",
            owner=(parse_mailbox(config.reply_to) if config.reply_to else sender).address,
        )


def deadlines_within(total: timedelta) -> Deadlines:
    """``total`` shared out: two thirds for the wait after the final dot, the rest for all before it."""
    return Deadlines(connect=total / 6, before=total / 6, dot=total * 2 / 3)


def list_label(name: str) -> str:
    """A list's name as one DNS label: ``a-z0-9-``, 63 at most; a hash tells apart names that lose letters."""
    label = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if label == name and len(label) <= 63:
        return label
    mark = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{label[:50]}-{mark}".strip("-")


def sender_id_of(domain: str) -> str:
    """A sender's constant name in Feedback-ID, 5 to 15 letters and digits: its domain where that fits, else begun so."""
    plain = re.sub(r"[^a-z0-9]", "", domain.lower())
    if 5 <= len(plain) <= 15:
        return plain
    return f"{plain[:9]}{hashlib.sha256(domain.lower().encode()).hexdigest()[:6]}"


def one_line(text: str) -> str:
    """``text`` with every run of white space and line breaks as one space."""
    return " ".join(text.split())
