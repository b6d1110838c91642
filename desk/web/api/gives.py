"""What the API's addresses give, shape by shape: the description's part on good answers is made from these."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from db.records import Cause, Frequency, Mode, State
from desk.shapes.deliveries import AttemptForm, DeliveryForm, LogRowForm
from desk.shapes.kinds import Cursor, Dollars, Fingerprint, Moment, Next, Zone
from desk.shapes.newsletters import CountedForm, FindingForm, IssueForm
from desk.shapes.readers import ImportForm, ReaderForm, SubscriptionForm, SuppressionForm
from desk.shapes.standing import SourceForm, WebhookEventForm, WebhookForm
from desk.shapes.stories import EvergreenForm, StoryBodyForm, StoryForm, VersionForm, WordingForm, WordsForm

# --- stories and deliveries --------------------------------------------------------------------------


class Stories(TypedDict):
    """A page of stories."""

    timezone: Zone
    stories: list[StoryForm]
    next: Next


class OneStory(StoryBodyForm):
    """A story with its deliveries."""

    timezone: Zone
    deliveries: list[DeliveryForm]


class StoryWords(TypedDict):
    """A story's words on every channel."""

    timezone: Zone
    story: int
    channels: list[WordsForm]


class Versions(TypedDict):
    """The words on one channel: as they were, and as they might be."""

    story: int
    channel: str
    versions: list[VersionForm]
    wordings: list[WordingForm]


class TakenStory(StoryForm):
    """A story that was read at an address. ``what``: new, revision or same."""

    what: str


class TakenIn(TypedDict):
    """The stories of an address, and what there was no story."""

    timezone: Zone
    stories: list[TakenStory]
    refused: list[str]


class Evergreens(TypedDict):
    """A page of the stories that come again."""

    timezone: Zone
    evergreens: list[EvergreenForm]
    next: Cursor


class Deliveries(TypedDict):
    """What was done to deliveries, as each stands now."""

    timezone: Zone
    deliveries: list[DeliveryForm]


class LogPage(TypedDict):
    """A page of the log."""

    timezone: Zone
    deliveries: list[LogRowForm]
    next: Cursor


class OneDelivery(LogRowForm):
    """A delivery with every attempt."""

    timezone: Zone
    attempts: list[AttemptForm]


class OrderedDown(TypedDict):
    """A post that was ordered to be taken down, and what was told of it."""

    delivery: int
    told: str


class TakenDown(TypedDict):
    """What was ordered to be taken down."""

    timezone: Zone
    deliveries: list[OrderedDown]


class KeptPicture(TypedDict):
    """A picture that is kept."""

    sha256: str
    media_type: str | None


# --- what stops, and what stands ---------------------------------------------------------------------


class Laid(TypedDict):
    """A hold or pause that lies now."""

    stopped: str
    reason: str
    by: str
    until_at: Moment | None
    keeps: Annotated[int, Field(description="How many deliveries it keeps.")]
    in_flight: Annotated[list[int], Field(description="Deliveries that it came too late for.")]


class GoesAt(TypedDict):
    """A delivery that was held and its new moment; null: it is left where it stands."""

    delivery: int
    goes_at: Moment | None


class Lifted(TypedDict):
    """What was let go again, and when each goes."""

    resumed: str
    deliveries: list[GoesAt]


class ChannelStop(TypedDict):
    """What stops a channel."""

    cause: Cause
    reason: str
    by: str
    until_at: Moment | None


class ChannelForm(TypedDict):
    """A channel as it stands."""

    channel: str
    kind: str
    mode: Mode
    account_id: str | None
    account_name: str | None
    state: Annotated[str, Field(description="ok or stopped.")]
    stops: list[ChannelStop]
    next_at: Moment | None
    spent_usd: Dollars
    budget_usd: Dollars | None


class Channels(TypedDict):
    """Every channel."""

    timezone: Zone
    channels: list[ChannelForm]


class HealthProblem(TypedDict):
    """Why a post could not go out."""

    code: str
    message: str


class ChannelHealth(TypedDict):
    """Whether a post could go out now."""

    channel: str
    ok: bool
    account_id: str | None
    account_name: str | None
    problems: list[HealthProblem]
    notes: list[str]


class ConnectionWay(TypedDict):
    """A way to connect a channel, and the app's own keys that it needs."""

    way: str
    keys: list[str]


class ConnectedForm(TypedDict):
    """An account that a channel speaks for."""

    way: str
    account_id: str | None
    account_name: str | None
    by: str
    at: Moment
    ends_at: Annotated[Moment | None, Field(description="When the access ends; it is refreshed before.")]
    trouble: Annotated[str | None, Field(description="Why a person has to connect it anew.")]


class WaitingForm(TypedDict):
    """A connection that waits for a person's yes."""

    way: str
    address: Annotated[str, Field(description="Where the person says yes, as the channel's account.")]
    by: str
    until: Moment


class Connection(TypedDict):
    """How a channel is connected in one mode."""

    mode: Mode
    connected: ConnectedForm | None
    waiting: WaitingForm | None
    secret_file: Annotated[bool, Field(description="Its settings name a file with its keys: it is not connected here.")]


class ChannelConnections(TypedDict):
    """How a channel is connected, and how it can be."""

    timezone: Zone
    channel: str
    ways: list[ConnectionWay]
    callback: Annotated[str, Field(description="What the app at the platform is to allow as its callback.")]
    connections: list[Connection]


class ChannelBegun(TypedDict):
    """A connection that was begun; the read tells its address."""

    channel: str
    mode: Mode
    way: str
    until: Moment


class ChannelConnected(TypedDict):
    """Whom a channel speaks for now."""

    channel: str
    mode: Mode
    account_id: str | None
    account_name: str | None
    notes: list[str]


class ChannelDisconnected(TypedDict):
    """A channel whose keys are forgotten."""

    channel: str
    mode: Mode


class TriedPart(TypedDict):
    """One call of a post that was tried."""

    id: str
    url: str | None


class TriedOut(TypedDict):
    """A post on the rehearsal platform."""

    channel: str
    parts: list[TriedPart]


class NeedForm(TypedDict):
    """What needs a person, and the command that settles it."""

    sentence: str
    remedy: str


class Needs(TypedDict):
    """All that needs a person now."""

    needs: list[NeedForm]


class Sources(TypedDict):
    """Every source."""

    timezone: Zone
    sources: list[SourceForm]


# --- newsletters -------------------------------------------------------------------------------------


class NextIssue(TypedDict):
    """An issue to come."""

    frequency: Frequency
    stories: int
    at: Moment | None


class IssueLine(TypedDict):
    """An issue that was cut."""

    issue: int
    window: str
    delivery: int
    state: State


class NewsletterForm(TypedDict):
    """A newsletter, what it cuts next, and its newest issues."""

    newsletter: str
    title: str
    list: str
    mode: Mode
    next: list[NextIssue]
    issues: list[IssueLine]


class Newsletters(TypedDict):
    """Every newsletter."""

    timezone: Zone
    newsletters: list[NewsletterForm]


class IssuePreview(TypedDict):
    """An issue as readers would get it, and what the pre-flight finds."""

    newsletter: str
    issue: int | None
    window: str
    subject: str
    preheader: str
    stories: list[int]
    text: str
    html: str
    html_bytes: int
    findings: list[FindingForm]


class ComingIssue(IssuePreview):
    """The next issue as it would be cut now."""

    left_out: Annotated[list[int], Field(description="Stories that stay out of this newsletter.")]


class OneIssue(IssueForm):
    """An issue's report."""

    timezone: Zone
    counted: CountedForm | None
    fingerprint: Fingerprint


class Ordered(TypedDict):
    """The order of the next issue's stories."""

    newsletter: str
    stories: list[int]


class LeftOut(TypedDict):
    """A story that is left out of a newsletter, or put back."""

    newsletter: str
    story: int
    left_out: bool
    changed: bool


class Worded(TypedDict):
    """The words of one's own above the next issue."""

    newsletter: str
    subject: str
    preheader: str


class Pinned(TypedDict):
    """A story that is first in the next issue, or no more."""

    newsletter: str
    story: int
    pinned: bool
    changed: bool


class TestSent(TypedDict):
    """A test mail that the mail server took."""

    newsletter: str
    to: str
    accepted: bool
    answer: str | None
    rehearsal_page: str | None


class IssueTold(TypedDict):
    """An issue and its delivery as it stands now."""

    timezone: Zone
    issue: int
    fingerprint: Fingerprint
    delivery: DeliveryForm


class CorrectionMail(TypedDict):
    """A mail that a correction would send."""

    to_misled: bool
    subject: str
    preheader: str
    text: str
    html: str


class ForeseenCorrection(TypedDict):
    """What a correction would do now."""

    issue: int
    misled: int
    exchanged: int
    in_next_issue: bool
    mark: Annotated[str, Field(description="`seen` of the correction itself.")]
    mails: list[CorrectionMail]


class Corrected(TypedDict):
    """What a correction did."""

    issue: int
    misled: int
    exchanged: int
    renewed: list[int]
    corrections: list[int]
    in_next_issue: bool


# --- readers -----------------------------------------------------------------------------------------


class ListForm(TypedDict):
    """A list and where its readers stand."""

    list: str
    confirmed: int
    unconfirmed: int
    ended: int


class Lists(TypedDict):
    """Every list."""

    lists: list[ListForm]


class Readers(TypedDict):
    """A page of subscriptions."""

    readers: list[SubscriptionForm]
    next: Cursor


class OneReader(ReaderForm):
    """A reader's whole story."""

    timezone: Zone


class Suppressions(TypedDict):
    """A page of the orders not to write."""

    suppressions: list[SuppressionForm]
    next: Next


class Imports(TypedDict):
    """A page of imports."""

    imports: list[ImportForm]
    next: Next


class AddedReader(TypedDict):
    """What became of adding a reader."""

    list: str
    subscriber: int
    how: Annotated[str, Field(description="added, asked (a letter goes) or already.")]


class LeftList(TypedDict):
    """A subscription that has ended."""

    subscriber: int
    list: str
    ended: bool


class Erased(TypedDict):
    """A reader who was erased."""

    erased: int


class LaidOrder(TypedDict):
    """An order not to write; ``laid`` false: it lay already."""

    laid: bool
    list: str | None


class LiftedOrders(TypedDict):
    """The orders that were lifted."""

    lifted: list[SuppressionForm]


# --- webhooks ----------------------------------------------------------------------------------------


class Webhooks(TypedDict):
    """Every webhook."""

    timezone: Zone
    webhooks: list[WebhookForm]


class WebhookEvents(TypedDict):
    """A page of a webhook's events."""

    timezone: Zone
    events: list[WebhookEventForm]
    next: Next


class WebhookTried(TypedDict):
    """What a webhook answered to one call."""

    webhook: str
    ok: bool
    status: int | None
    sentence: str


class WebhookState(TypedDict):
    """A webhook that was paused or resumed."""

    webhook: str
    state: str


class Replayed(TypedDict):
    """How many events are owed again."""

    webhook: str
    events: int
