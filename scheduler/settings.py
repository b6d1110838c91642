"""What this newsroom wants: every key of settings.toml as a frozen, strict model.

Unknown keys and wrong types are refused. No value here is a secret; a channel only names the file where its
secrets lie (see ``scheduler.secrets``). ``docs/settings.md`` lists every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from db.records import Mode, Money, Publish
from scheduler.newsletter_settings import Newsletter
from scheduler.setting_types import (
    AskWord,
    DayNumbers,
    Days,
    Dollars,
    FilePath,
    GraphVersion,
    Handle,
    HandleTable,
    Host,
    LabelWord,
    Language,
    Line,
    LongSpan,
    MailAddress,
    MailAddressOrNone,
    ModeWord,
    Moment,
    Name,
    OpenHours,
    PageId,
    PlatformAddress,
    PublishWord,
    QuietHours,
    Rate,
    SenderIdOrNone,
    SlotList,
    SourceAddress,
    Span,
    Strict,
    Texts,
    UtmTable,
    WebAddress,
    WebAddressOrNone,
    Zone,
)
from scheduler.slots import Slots


class Newsroom(Strict):
    """``[newsroom]``: who is speaking, and where its readers are."""

    name: Name = "The Newsroom"
    site: WebAddress = "https://news.example.org"
    public_url: WebAddress = "http://127.0.0.1:8000"
    timezone: Zone = "UTC"
    language: Language = "en"
    contact: MailAddressOrNone = ""
    postal_address: str = ""
    undo: Span = timedelta(seconds=10)

    @property
    def zone(self) -> ZoneInfo:
        """The newsroom's time zone: every wall time in the settings is meant in it."""
        return ZoneInfo(self.timezone)


class Database(Strict):
    """``[database]``. After loading, the file of a SQLite address is absolute."""

    url: str = Field(default="sqlite:///pressrun.db", repr=False)


class _Source(Strict):
    """What every source has. ``section`` is given to a story whose source names none.

    ``recheck``: a story's address is looked at once more before it is posted; None: unless it lies in a folder.
    """

    publish: PublishWord | None = None
    section: Line = ""
    recheck: bool | None = None


class FolderSource(_Source):
    """``[sources.NAME] kind = "folder"``: files that are put into a folder."""

    kind: Literal["folder"]
    path: FilePath
    every: LongSpan = timedelta(seconds=60)


class _FetchedSource(_Source):
    """What is fetched from an address. ``local`` lets it lie on this machine or in a private network."""

    url: SourceAddress
    every: LongSpan = timedelta(minutes=5)
    local: bool = False


class FeedSource(_FetchedSource):
    """``[sources.NAME] kind = "feed"``: RSS, Atom or JSON Feed."""

    kind: Literal["feed"]


class WordPressSource(_FetchedSource):
    """``[sources.NAME] kind = "wordpress"``: a WordPress site, by its front page or its REST address."""

    kind: Literal["wordpress"]


class SitemapSource(_FetchedSource):
    """``[sources.NAME] kind = "sitemap"``: a news sitemap, whose pages are fetched one by one."""

    kind: Literal["sitemap"]


class PageSource(_FetchedSource):
    """``[sources.NAME] kind = "page"``: one page that is looked at again and again."""

    kind: Literal["page"]


class WebhookSource(_Source):
    """``[sources.NAME] kind = "webhook"``: a site that sends its stories by itself, signed with the secret."""

    kind: Literal["webhook"]
    secret_file: FilePath


AnyFetchedSource = FeedSource | WordPressSource | SitemapSource | PageSource
AnySource = FolderSource | AnyFetchedSource | WebhookSource
Source = Annotated[AnySource, Field(discriminator="kind")]


class _Channel(Strict):
    """What every channel has."""

    mode: ModeWord = Mode.REHEARSAL
    publish: PublishWord | None = None
    secret_file: FilePath | None = None
    slots: SlotList = Slots()
    except_dates: Days = Field(default=frozenset(), alias="except")
    spacing: Span = timedelta(0)
    quiet: QuietHours | None = None
    latest: LongSpan = timedelta(hours=12)
    breaking_latest: LongSpan = timedelta(hours=1)
    daily_cap: int | None = Field(default=None, ge=1)
    deadline: LongSpan = timedelta(seconds=30)
    claim: LongSpan = timedelta(minutes=2)

    @property
    def publish_rule(self) -> Publish:
        """The channel's word on approval: as written, else live asks a person and rehearsal does not."""
        if self.publish is not None:
            return self.publish
        return Publish.APPROVE if self.mode is Mode.LIVE else Publish.AUTO


class _Account(_Channel):
    """What X and Facebook have: an account that can be read back."""

    base_url: PlatformAddress = ""
    look_first: bool | None = None
    read_lag: Span = timedelta(minutes=5)
    settle: LongSpan = timedelta(minutes=6)

    @property
    def looks_first(self) -> bool:
        """Whether the account is read before a story's first post: as written, else where the world reads it."""
        return self.look_first if self.look_first is not None else self.mode is Mode.LIVE


class XChannel(_Account):
    """``[channels.NAME] kind = "x"``. Prices are US dollars a post; ``monthly_budget`` None is no limit.

    ``thread`` is the most posts a story is told in; ``link_in_reply`` puts its link into a post of its own below.
    """

    kind: Literal["x"]
    handle: Handle = ""
    post_price: Dollars = Money(15_000)
    link_price: Dollars = Money(200_000)
    read_price: Dollars = Money(1_000)
    delete_price: Dollars = Money(10_000)
    monthly_budget: Dollars | None = None
    breaking_reserve: Dollars = Money(0)
    edit_window: Span = timedelta(0)
    thread: int = Field(default=1, ge=1, le=25)
    link_in_reply: bool = False


class FacebookChannel(_Account):
    """``[channels.NAME] kind = "facebook"``. ``page_id`` is needed once the channel is live.

    ``link_in_comment`` puts the story's link into the Page's own first comment instead of a card.
    """

    kind: Literal["facebook"]
    page_id: PageId = ""
    version: GraphVersion = "v25.0"
    link_in_comment: bool = False


ProviderWord = Literal["smtp", "ses", "postmark", "mailgun", "brevo"]


class EmailChannel(_Channel):
    """``[channels.NAME] kind = "email"``: the mail server and the sender of newsletters.

    With ``newsletter`` and ``list`` it is one newsletter by itself, an issue a day at its slots; others name it.
    """

    kind: Literal["email"]
    newsletter: Line = ""
    list_name: Line = Field(default="", alias="list")
    sender: MailAddress = Field(alias="from")
    reply_to: MailAddressOrNone = ""
    host: Host = "localhost"
    port: int = Field(default=587, ge=1, le=65_535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    provider: ProviderWord = "smtp"
    stream: Line = ""
    relays: Texts = ()
    connections: int = Field(default=8, ge=1, le=200)
    per_connection: int = Field(default=100, ge=1)
    per_second: Rate | None = None
    per_day: int | None = Field(default=None, ge=1)
    ramp: DayNumbers = ()
    bounce_address: MailAddressOrNone = ""
    feedback_id: SenderIdOrNone = ""
    dkim_domain: Line = ""
    dkim_selector: Line = ""
    dkim_key_file: FilePath | None = None
    deadline: LongSpan = timedelta(minutes=15)  # RFC 5321 section 4.5.3.2.6: ten of them after the final dot
    claim: LongSpan = timedelta(minutes=20)


class MailServer(Strict):
    """``[relays.NAME]``: a further mail server, for the e-mail channels that name it in ``relays``."""

    host: Host
    port: int = Field(default=587, ge=1, le=65_535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    secret_file: FilePath | None = None
    provider: ProviderWord = "smtp"
    stream: Line = ""
    weight: int = Field(default=1, ge=1, le=100)
    per_second: Rate | None = None
    per_day: int | None = Field(default=None, ge=1)


AnyChannel = XChannel | FacebookChannel | EmailChannel
Channel = Annotated[AnyChannel, Field(discriminator="kind")]


class Section(Strict):
    """``[sections.NAME]``: what holds for all stories of one section."""

    publish: PublishWord | None = None


class Rule(Strict):
    """``[rules.NAME]``: which stories (every list given must fit, within one any entry), and what they must keep to.

    ``silent_from`` and ``silent_until`` without an offset are the newsroom's wall; see ``scheduler.story_rules``.
    """

    sections: Texts = ()
    tags: Texts = ()
    words: Texts = ()
    labels: tuple[LabelWord, ...] = Field(default=(), strict=False)
    sources: Texts = ()
    channels: Texts = ()
    publish: AskWord | None = None
    hours: OpenHours | None = None
    silent_from: Moment | None = None
    silent_until: Moment | None = None
    wait: Span = timedelta(0)
    lets_breaking: bool | None = None
    why: Line = ""

    def silence(self, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """The silence as two moments, None where the rule has none (or only half of one)."""
        if self.silent_from is None or self.silent_until is None:
            return None
        begins, ends = (
            moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
            for moment in (self.silent_from, self.silent_until)
        )
        return begins, ends


class Rights(Strict):
    """``[rights]``: who may do what not everybody may; an empty list means everybody."""

    breaking: Texts = ()
    propose_breaking: Texts = ("breaking", "breaking news")
    four_eyes: bool = False


class Corrections(Strict):
    """``[corrections]``: how a post that is out is corrected where its words cannot be replaced in place."""

    x: Literal["reply", "repost"] = "reply"
    email: Literal["mail", "note"] = "mail"


class Teasers(Strict):
    """``[teasers]``: how teasers are written. ``folder`` holds the newsroom's own templates; ``handles`` names authors on X."""

    max_hashtags: int = Field(default=2, ge=0, le=30)
    stop_list: Texts = ()
    folder: FilePath | None = None
    handles: HandleTable = Field(default_factory=dict)


class Links(Strict):
    """``[links]``: ``utm`` maps a parameter to its value; braces name what is filled in (``UTM_SLOTS``)."""

    utm: UtmTable = Field(default_factory=dict)


class Images(Strict):
    """``[images]``: ``may_upload`` are the credits whose pictures may be uploaded to a platform; an uploaded picture
    that nobody kept is removed after ``keep_unused``."""

    may_upload: Texts = ()
    keep_unused: LongSpan = Field(default=timedelta(days=7), ge=timedelta(days=1))


class Serve(Strict):
    """``[serve]``: where ``pressrun serve`` is reached. ``port`` 0 takes any free one.

    ``proxies`` are the addresses whose word on who called, and whether over https, is believed. With a
    ``public_port`` the readers' pages are served there, too, with nothing else behind it.
    """

    host: Host = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    proxies: Texts = ()
    public_host: Host = "127.0.0.1"
    public_port: int | None = Field(default=None, ge=0, le=65_535)


class Readers(Strict):
    """``[readers]``: how people subscribe on Pressrun's own pages. ``wording`` "" is our own, in each language."""

    opt_in: Literal["double", "single"] = "double"
    confirm_within: LongSpan = timedelta(days=7)
    keep_ip: bool = False
    keep_hits: LongSpan = Field(default=timedelta(days=90), ge=timedelta(days=1))
    wording: Line = ""
    privacy_url: WebAddressOrNone = ""


class Bounces(Strict):
    """``[bounces]``: where mail that came back is found, and the secrets of mail services that tell by webhook."""

    maildir: FilePath | None = None
    imap_host: Line = ""
    imap_port: int = Field(default=993, ge=1, le=65_535)
    imap_user: Line = ""
    imap_folder: Line = "INBOX"
    every: LongSpan = timedelta(minutes=5)
    secret_file: FilePath | None = None


class Notices(Strict):
    """``[notices]``: where the desk is told that something needs a person."""

    email: MailAddressOrNone = ""
    webhook: WebAddressOrNone = ""
    heartbeat_url: WebAddressOrNone = ""
    secret_file: FilePath | None = None


class Webhook(Strict):
    """``[webhooks.NAME]``: a program that is told the life of every delivery. ``events`` () are all.

    ``local`` lets it lie on this machine or in a private network.
    """

    url: SourceAddress
    secret_file: FilePath
    events: Texts = ()
    local: bool = False


class Settings(Strict):
    """The whole of settings.toml."""

    newsroom: Newsroom = Newsroom()
    database: Database = Database()
    sources: Mapping[str, Source] = {}
    channels: Mapping[str, Channel] = {}
    newsletters: Mapping[str, Newsletter] = {}
    relays: Mapping[str, MailServer] = {}
    sections: Mapping[str, Section] = {}
    rules: Mapping[str, Rule] = {}
    rights: Rights = Rights()
    corrections: Corrections = Corrections()
    teasers: Teasers = Teasers()
    links: Links = Links()
    images: Images = Images()
    bounces: Bounces = Bounces()
    notices: Notices = Notices()
    webhooks: Mapping[str, Webhook] = {}
    readers: Readers = Readers()
    serve: Serve = Serve()

    named_tables: ClassVar[tuple[str, ...]] = (
        "sources",
        "channels",
        "newsletters",
        "sections",
        "rules",
        "relays",
        "webhooks",
    )


SOURCE_KINDS: Mapping[str, type[AnySource]] = {
    "folder": FolderSource,
    "feed": FeedSource,
    "wordpress": WordPressSource,
    "page": PageSource,
    "sitemap": SitemapSource,
    "webhook": WebhookSource,
}
CHANNEL_KINDS: Mapping[str, type[XChannel] | type[FacebookChannel] | type[EmailChannel]] = {
    "x": XChannel,
    "facebook": FacebookChannel,
    "email": EmailChannel,
}
