"""The nouns of the newsroom, frozen.

Rooms talk to each other through these records and through nothing else. A record holds facts: no
connection, no clock, no secret. Times end in ``_at`` and are aware and in UTC; spans are ``timedelta``;
money is whole millionths of a US dollar, so that sums are exact on every database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

MACHINE = "daily run"
"""The actor's name when no person acted."""


# --- vocabularies ------------------------------------------------------------------------------


class Mode(StrEnum):
    """Where a post goes: rehearsal never leaves this machine, live is read by the world."""

    REHEARSAL = "rehearsal"
    LIVE = "live"


class Priority(StrEnum):
    """How urgent a story is; lanes take them in this order."""

    BREAKING = "breaking"
    NORMAL = "normal"
    EVERGREEN = "evergreen"


class Label(StrEnum):
    """What kind of piece an article is; every teaser of it carries any label but ``news``."""

    NEWS = "news"
    ANALYSIS = "analysis"
    OPINION = "opinion"
    LIVE = "live"
    SPONSORED = "sponsored"


class Publish(StrEnum):
    """Whether a post needs a person's yes before it may go."""

    APPROVE = "approve"
    AUTO = "auto"


class State(StrEnum):
    """Where a delivery stands. Legal moves are data in ``db.moves``."""

    WAITING = "waiting"  # for a person: an approval, or a problem to mend
    PLANNED = "planned"  # will go by itself at next_at
    SENDING = "sending"  # a worker holds the claim
    SENT = "sent"  # the platform or mail server accepted it; says nothing about readers
    FAILED = "failed"  # refused; nothing went out as far as the platform says
    UNCERTAIN = "uncertain"  # it left, no clear answer came: look before anything else
    UNSETTLED = "unsettled"  # looking could not tell: only a person can say
    UNKNOWN = "unknown"  # nobody could say; final, never sent again
    EXPIRED = "expired"  # past its latest time, never sent
    CANCELLED = "cancelled"  # a person called it off before it went


class Outcome(StrEnum):
    """How one try ended. The five errors of ``channels.errors``, an answer, or a look's verdict."""

    SENT = "sent"
    REJECTED = "rejected"
    UNAUTHORIZED = "unauthorized"
    RATE_LIMITED = "rate limited"
    UNREACHABLE = "unreachable"
    UNCERTAIN = "uncertain"
    FOUND = "found"  # a look: exactly our post is there
    NEAR = "near"  # a look: something like our post is there
    NOT_THERE = "not there"  # a look: every page read, surely absent


class Verb(StrEnum):
    """What a try did at the platform."""

    SEND = "send"
    LOOK = "look"
    CORRECT = "correct"
    DELETE = "delete"
    VERDICT = "verdict"  # a person said what happened


class KnownBy(StrEnum):
    """How a receipt is known."""

    ANSWERED = "answered"
    LOOKING = "looking"
    PERSON = "person"


class Wish(StrEnum):
    """What a person asked of a delivery that was in flight; its next move obeys (design rule 6)."""

    CANCEL = "cancel"
    TAKE_DOWN = "take down"


class SubjectKind(StrEnum):
    """What a delivery is about."""

    ARTICLE = "article"
    ISSUE = "issue"
    POST = "post"  # a post without an article


class Scope(StrEnum):
    """How far a stop reaches."""

    DELIVERY = "delivery"
    STORY = "story"
    SECTION = "section"
    CHANNEL = "channel"
    EVERYTHING = "everything"


class Cause(StrEnum):
    """Who laid a stop; each kind is lifted by its own cause only (design rule 7)."""

    PERSON = "person"
    UNAUTHORIZED = "unauthorized"
    BREAKER = "breaker"
    RATE = "rate"
    CLOCK = "clock"
    RESTORED = "restored"
    SOURCE = "source"  # the story is gone or changed where it came from: until it is back there, or a person says so
    KILLED = "killed"  # a story taken back everywhere: it stays so until somebody revives it by name
    REHEARSAL = "rehearsal"  # the channel went back to rehearsal: nothing live leaves until it is taken live again


# --- articles ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of an article or a post.

    ``path`` is an absolute local file (kept by intake under its content hash) or None when only the
    address is known; ``sha256`` names the bytes at ``path``.
    """

    url: str | None = None
    path: str | None = None
    sha256: str | None = None
    alt: str = ""
    credit: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Removed:
    """A line of the source that is kept on the article and out of every teaser."""

    kind: str  # byline, outlet, dateline, agency, footer, link, credit, correction, stamp, read-more ...
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """A story as we know it, at one revision.

    ``paragraphs`` is the body, in order, without what ``removed`` lists. ``summary`` is the publisher's own
    teaser if it came with one. ``flags`` are sentences for the desk ("no address", "no date"). ``id`` is 0
    and ``revision`` 0 until the store has taken it in.
    """

    headline: str
    paragraphs: tuple[str, ...]
    source: str
    id: int = 0
    revision: int = 0
    guid: str | None = None
    url: str | None = None
    outlet: str = ""
    dek: str = ""
    summary: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    tags: tuple[str, ...] = ()
    label: Label = Label.NEWS
    language: str = ""  # BCP 47, "" when unknown
    image: Image | None = None
    published_at: datetime | None = None
    modified_at: datetime | None = None
    embargo_at: datetime | None = None
    priority: Priority = Priority.NORMAL
    no_link: bool = False  # a person said: may go without an address
    wants_yes: bool = False  # a person said: no post of it without a yes, whatever channel and section say
    publish: Publish | None = None  # what its source says; None leaves it to section and channel
    removed: tuple[Removed, ...] = ()
    flags: tuple[str, ...] = ()
    card: Mapping[str, str] = field(default_factory=dict)  # the page's card: title, description, image
    taken_in_at: datetime | None = None
    skipped_at: datetime | None = None

    def content_hash(self) -> str:
        """The hash that tells one state of the content from another; blind to ids, times and flags."""
        image = (self.image.url or self.image.sha256 or "", self.image.alt) if self.image else ("", "")
        content = [self.headline, self.dek, self.summary, *self.authors, "|", *self.paragraphs, "|"]
        content += [self.section, self.label, self.language, *self.tags, "|", *image]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """A story's place in the line of those that still need words and a plan."""

    article_id: int
    put_at: datetime
    priority: Priority
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FreePost:
    """A post without an article: a person's own words for one channel."""

    id: int
    text: str
    image: Image | None
    ordered_by: str
    created_at: datetime


# --- words -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limits:
    """A kind's facts as data. Lengths are in the kind's own count (see ``Channel.measure``)."""

    kind: str
    length: int
    link_length: int | None  # what any link costs; None: its own length
    images: int
    alt_length: int
    can_find: bool
    can_correct: bool
    can_delete: bool
    read_lag: timedelta  # how long a post may stay invisible to a look
    deadline: timedelta  # total span of one call
    link_in_text: bool  # X carries the link in the text, Facebook beside it
    correct_within: timedelta | None = None  # so long after it went out its words may be replaced; None: at any time


@dataclass(frozen=True, slots=True)
class Problem:
    """What an editor must fix (``stops``) or should know (not ``stops``) before a post goes."""

    code: str
    message: str  # what is wrong, where, what to do
    stops: bool = True


@dataclass(frozen=True, slots=True)
class Teaser:
    """The words for one article (or one free post) on one channel.

    ``text`` is complete: what a reader sees, the link in it where the kind carries it in the text.
    ``used`` are the article's sentences the words were made of, for the preview's marks.
    ``version`` 1 is the machine's; each edit by a person is the next one.
    """

    channel: str
    kind: str
    text: str
    article_id: int = 0
    revision: int = 0
    id: int = 0
    version: int = 1
    writer: str = MACHINE
    headline: str = ""
    link: str | None = None
    subject: str = ""  # e-mail: the subject line
    preheader: str = ""  # e-mail: the inbox's second line
    label: Label = Label.NEWS
    language: str = ""
    hashtags: tuple[str, ...] = ()
    image: Image | None = None
    summary: str = ""
    used: tuple[str, ...] = ()
    variant: str = "lead"
    by_hand: tuple[str, ...] = ()  # what a person set: text, subject, preheader, image, alt, hashtags, utm


@dataclass(frozen=True, slots=True)
class IssueWords:
    """All that an issue says, before it is composed: its stories in order."""

    channel: str
    newsletter: str  # the periodical's name as readers know it
    window: str  # the wall date it stands for, e.g. 2026-09-21
    subject: str
    preheader: str
    stories: tuple[Teaser, ...]
    language: str
    sections: tuple[str, ...] = ()  # beside each story the heading it stands under; () for an issue without headings
    corrections: tuple[CorrectionBox, ...] = ()  # what earlier issues got wrong
    template: str = "issue"  # the templates' name, without .mjml.j2 and .txt.j2
    breaking: bool = False  # an alert of breaking news
    corrected: bool = False  # the issue itself is a correction: its box is what it is about


@dataclass(frozen=True, slots=True)
class CorrectionBox:
    """What an earlier issue got wrong, told to its readers; ``link`` leads to the story as it stands now."""

    headline: str
    note: str
    link: str | None = None


# --- posts -------------------------------------------------------------------------------------


class HitKind(StrEnum):
    """What readers do with a mail that may be counted."""

    OPEN = "open"
    CLICK = "click"


@dataclass(frozen=True, slots=True)
class Part:
    """One call's worth of a post, exactly as it will be sent.

    ``comment`` says that it goes under the part before it as a comment, where the platform knows comments.
    ``html`` and ``subject`` are e-mail's; recipient's slots in them are written ``%%NAME%%``. ``count_opens`` and
    ``count_clicks`` say that its readers' copies carry a pixel, and links that lead through our own server.
    """

    text: str
    link: str | None = None
    images: tuple[Image, ...] = ()
    subject: str = ""
    preheader: str = ""
    html: str = ""
    comment: bool = False
    count_opens: bool = False
    count_clicks: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """The exact payload for one channel, frozen. The fingerprint names it."""

    channel: str
    kind: str
    parts: tuple[Part, ...]
    id: int = 0

    @property
    def fingerprint(self) -> str:
        """SHA-256 over channel, kind and parts. Local paths do not count, the bytes they hold do."""
        return hashlib.sha256(canonical_post(self).encode()).hexdigest()


def canonical_post(post: Post) -> str:
    """The post as canonical JSON: what the fingerprint is taken over."""
    parts = [asdict(part) for part in post.parts]
    for part in parts:
        for image in part["images"]:
            image.pop("path")
    content = {"channel": post.channel, "kind": post.kind, "parts": parts}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """Whole millionths of a US dollar."""

    micros: int = 0

    def __add__(self, other: Money) -> Money:
        return Money(self.micros + other.micros)

    def __str__(self) -> str:
        return f"${self.micros / 1_000_000:,.3f}"


# --- what the platform said --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bucket:
    """One rate limit as the platform told it. ``used_percent`` where it speaks in percent."""

    name: str
    limit: int | None = None
    remaining: int | None = None
    reset_at: datetime | None = None
    used_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """All the rate limits that one answer told; ``date_at`` is the answer's Date header."""

    buckets: tuple[Bucket, ...] = ()
    date_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the platform gave back: its id for the post, the public address, when it says it happened."""

    id: str
    url: str | None = None
    at: datetime | None = None
    text: str = ""
    quota: Quota = Quota()
    code: str = ""  # the platform's own word for success, e.g. "201" or "250 2.0.0 Ok"
    raw: str = ""  # the raw answer, secrets masked


@dataclass(frozen=True, slots=True)
class Look:
    """What reading the account showed for one part.

    ``exact`` and ``near`` are newest first and may hold posts of others or earlier ones of ours: the caller
    drops what it already holds as a receipt. "Not there" may be believed only when ``complete``: every page
    back to ``since`` was read. ``reads`` counts the posts that were handed out and are billed, where a platform does.
    """

    exact: tuple[Receipt, ...] = ()
    near: tuple[Receipt, ...] = ()
    complete: bool = False
    quota: Quota = Quota()
    reads: int = 0


@dataclass(frozen=True, slots=True)
class SeenPost:
    """A post of the account as its timeline shows it, whoever made it. ``links`` are where its short links lead."""

    id: str
    text: str
    at: datetime | None
    url: str | None = None
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the account has published since a moment, newest first; ``complete`` where every page was read."""

    posts: tuple[SeenPost, ...] = ()
    complete: bool = False
    quota: Quota = Quota()


@dataclass(frozen=True, slots=True)
class Failure:
    """How a try failed, as a value: all that retry rules may know of it."""

    outcome: Outcome
    code: str
    sentence: str  # for the desk: what is wrong and what to do
    raw: str = ""  # the raw answer, secrets masked
    retry_after: timedelta | None = None  # rate limited: not sooner than this
    again_after: timedelta | None = None  # rejected, but may be asked once more after this span ...
    at_most: int = 0  # ... at most so many times
    look: bool = False  # the answer says it may already be there ("duplicate"): look, do not fail
    quota: Quota = Quota()


@dataclass(frozen=True, slots=True)
class Health:
    """What a channel's check found. ``ok`` means: a post could go out now as far as can be known."""

    ok: bool
    account_id: str = ""
    account_name: str = ""
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    quota: Quota = Quota()


# --- deliveries and the log --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to act until a moment on the boot clock of one machine."""

    owner: str
    machine: str
    boot_id: str
    until_boot: float  # seconds on the boot clock of ``boot_id``
    until_at: datetime  # the same moment on the wall, for other machines


@dataclass(frozen=True, slots=True)
class Delivery:
    """The promise to put one post on one channel once. ``key`` names it for life."""

    mode: Mode
    subject_kind: SubjectKind
    subject_id: int
    channel: str
    kind: str
    purpose: str  # first, again-N, evergreen-N, correction-N, takedown-N, alert, digest
    post_id: int
    fingerprint: str
    state: State
    due_at: datetime  # the moment promised
    next_at: datetime  # not before this one: due_at, or later after a failure
    latest_at: datetime | None
    id: int = 0
    priority: Priority = Priority.NORMAL
    slot_at: datetime | None = None  # the slot it occupies, if any
    section: str = ""
    tries: int = 0
    looks: int = 0  # rounds of looking since it became uncertain
    claim: Claim | None = None
    look_at: datetime | None = None  # uncertain: look not before this
    uncertain_at: datetime | None = None
    wish: Wish | None = None
    ordered_by: str = MACHINE
    approved_by: str | None = None
    approved_at: datetime | None = None
    approved_fingerprint: str | None = None
    reason: str = ""  # why it stands where it stands, for the desk
    known_by: KnownBy | None = None
    cost: Money = Money()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    version: int = 1

    @property
    def key(self) -> str:
        """E.g. ``rehearsal/article-12/x-main/first``: one delivery, one key, for its whole life."""
        return f"{self.mode}/{self.subject_kind}-{self.subject_id}/{self.channel}/{self.purpose}"

    @property
    def needs_approval(self) -> bool:
        """True while no person has said yes to exactly this post."""
        return self.approved_fingerprint != self.fingerprint


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, one row, for ever. Opened before the call leaves, closed once after it."""

    delivery_id: int
    number: int  # 1, 2, ... within the delivery
    verb: Verb
    part: int
    mode: Mode
    channel: str
    text: str  # the exact text this try carried
    fingerprint: str
    ordered_by: str
    approved_by: str | None
    teaser_version: int | None
    teaser_writer: str | None
    article_revision: int | None
    opened_at: datetime
    id: int = 0
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    code: str = ""
    sentence: str = ""
    raw: str = ""
    known_by: KnownBy | None = None
    receipt_id: str | None = None
    url: str | None = None
    cost: Money = Money()
    worker: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """What keeps rows from going: hold and pause are its words for people."""

    scope: Scope
    target: str  # "" for everything; else delivery id, article id, section or channel name
    mode: Mode | None
    cause: Cause
    reason: str
    by: str
    since_at: datetime
    until_at: datetime | None = None
    id: int = 0
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lets_breaking: bool = False


# --- newsletters -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person who asked for a newsletter. The only record that holds an address."""

    address: str
    name: str = ""
    id: int = 0
    language: str = ""
    token_seed: str = field(default="", repr=False)  # random; unsubscribe links are made from it


class Frequency(StrEnum):
    """How often a subscription wants a section: each piece at once, in the day's issue, in the week's, or not."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


EVERY_OTHER = ""
"""In ``Choices.sections``: every section that is not named itself."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What one subscription asks for. The default is the newsletter as it comes, unpaused, without alerts.

    ``sections`` maps ``section_key(name)`` or ``EVERY_OTHER`` to frequencies, none of them empty: a section may come
    at once *and* in the daily issue, which then leaves out what went at once. ``NEVER`` stands alone. Quiet hours
    are wall time in ``zone``, both ends or neither, and cross midnight where the end is before the start.
    """

    sections: Mapping[str, frozenset[Frequency]] = field(default_factory=dict)
    paused_until: datetime | None = None
    zone: str = ""  # IANA; "": the newsletter's own
    quiet_start: time | None = None
    quiet_end: time | None = None
    alerts_a_day: int | None = None  # None: as many as the newsletter sends
    language: str = ""  # stories in this one only, where the newsletter has several; "": in all of them

    def wants(self, section: str, frequency: Frequency, *, usual: Collection[Frequency]) -> bool:
        """Whether pieces of ``section`` are wanted at this frequency. ``usual``: what the newsletter brings unasked."""
        chosen = self.sections.get(section_key(section), self.sections.get(EVERY_OTHER))
        return frequency in (usual if chosen is None else chosen)

    def paused(self, now: datetime) -> bool:
        """Whether nothing is to come at ``now``."""
        return self.paused_until is not None and now < self.paused_until


def same_language(one: str, other: str) -> bool:
    """Whether two tags name one language, whatever its region or script: ``pt`` and ``pt-BR``."""
    return one.partition("-")[0].lower() == other.partition("-")[0].lower()


@lru_cache(maxsize=4_096)
def section_key(section: str) -> str:
    """What two spellings of a section share: white space and case apart, at most 120 characters."""
    return " ".join(section.split()).casefold()[:120]


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What a person wrote above an issue, "" for what its stories say; it holds while story ``lead_id`` leads."""

    lead_id: int
    subject: str = ""
    preheader: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """One edition of a newsletter; unique per (mode, channel, window).

    ``frequency`` says whom it is for: an alert is an issue for those who asked to hear at once. ``corrects`` is the
    number of the issue that this one puts right.
    """

    mode: Mode
    channel: str
    window: str
    cut_at: datetime
    id: int = 0
    post_id: int = 0
    article_ids: tuple[int, ...] = ()
    frequency: Frequency = Frequency.DAILY
    corrects: int | None = None
    own: OwnWords | None = None

    @property
    def is_alert(self) -> bool:
        """Whether it goes through the alerts' own lane."""
        return self.frequency is Frequency.IMMEDIATE


@dataclass(frozen=True, slots=True)
class Variant:
    """What one set of readers gets of an issue: these stories, in this order, as this post."""

    issue_id: int
    fingerprint: str
    post_id: int
    article_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IssueCorrection:
    """What an issue got wrong. ``wrong`` are the fingerprints that said it, ``told_in`` the issue whose box told it.

    ``post_id`` is the whole issue as it should have read, ``misled`` how many readers had the wrong words, or may have.
    """

    mode: Mode
    channel: str
    issue_id: int
    article_id: int
    teaser_id: int
    wrong: tuple[str, ...]
    note: str
    post_id: int
    misled: int
    id: int = 0
    told_in: int | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person's copy of one issue. Lives the life of a delivery; holds no address."""

    issue_id: int
    delivery_id: int
    subscriber_id: int
    fingerprint: str
    state: State
    send_at: datetime
    id: int = 0
    tries: int = 0
    code: str = ""
    detail: str = ""
    receipt_id: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Who would have been a recipient, and why not."""

    issue_id: int
    subscriber_id: int
    reason: str


# --- sources -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceState:
    """What we remember of a source between fetches."""

    name: str
    first_seen_at: datetime | None = None
    fetched_at: datetime | None = None
    next_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    failures: int = 0
    error: str = ""
    new_at: datetime | None = None
    new_count: int = 0


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what at the desk, to which thing, and why."""

    actor: str
    verb: str
    subject: str
    reason: str
    at: datetime
    before: str = ""
    after: str = ""
    id: int = 0
