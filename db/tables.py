"""The schema. Every table carries who, why and a version; see ``_signed``.

Shapes only: rules live in the stores and, for the log, in the triggers that migrations lay.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: refuses naive times, stores UTC, gives aware UTC back on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database. Raises ``ValueError`` for a naive time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: every time in the database is aware")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """As SQLAlchemy makes it, but the moment written last is not worked out again: a commit writes one often."""
        inner = super().bind_processor(dialect)
        if inner is None:
            return None
        last: tuple[datetime | None, Any] = (None, None)

        def process(value: datetime | None) -> Any:
            nonlocal last
            seen = last
            if value is seen[0]:
                return seen[1]
            last = (value, inner(value))
            return last[1]

        return process

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_Json = JSON()  # read and written whole; nothing asks inside it
_Id = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by itself only for INTEGER


def _id() -> Column[Any]:
    return Column("id", _Id, primary_key=True)


def _signed() -> list[Column[Any]]:
    """Who touched the row last, why, and how often it changed."""
    return [
        Column("actor", String(120), nullable=False),
        Column("reason", Text, nullable=False, server_default=""),
        Column("version", Integer, nullable=False, server_default="1"),
        Column("created_at", UtcDateTime, nullable=False),
        Column("updated_at", UtcDateTime, nullable=False),
    ]


def _claim() -> list[Column[Any]]:
    """A worker's right to act until a moment; on the boot clock of one machine, and on the wall for others."""
    return [
        Column("claim_owner", String(200)),
        Column("claim_machine", String(200)),
        Column("claim_boot_id", String(64)),
        Column("claim_until_boot", Float(53)),
        Column("claim_until_at", UtcDateTime),
    ]


installation = Table(
    "installation",
    metadata,
    _id(),
    Column("installation_id", String(36), nullable=False, unique=True),
    Column("epoch", Integer, nullable=False),
    Column("adopted_at", UtcDateTime),  # a person said: this restored or copied database goes on from here
    Column("adopted_from", UtcDateTime),  # the newest moment this database knew of when it was adopted
    *_signed(),
)

sources = Table(
    "sources",
    metadata,
    _id(),
    Column("name", String(120), nullable=False, unique=True),
    Column("first_seen_at", UtcDateTime),
    Column("fetched_at", UtcDateTime),
    Column("next_at", UtcDateTime),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("error", Text, nullable=False, server_default=""),
    Column("new_at", UtcDateTime),
    Column("new_count", Integer, nullable=False, server_default="0"),
    *_signed(),
)

source_items = Table(
    "source_items",
    metadata,
    _id(),
    Column("source", String(120), nullable=False),
    Column("item", String(500), nullable=False),  # guid, path or address as the source names it
    Column("article_id", _Id, ForeignKey("articles.id"), index=True),  # null: seen and left out, see reason
    Column("content_hash", String(64), nullable=False, server_default=""),
    *_signed(),
    UniqueConstraint("source", "item"),
)

articles = Table(
    "articles",
    metadata,
    _id(),
    Column("source", String(120), nullable=False, index=True),
    Column("url_key", String(500), unique=True),  # the address without tracking, scheme and slash; null: none
    Column("content_hash", String(64), nullable=False, index=True),  # of the newest revision
    Column("revision", Integer, nullable=False),
    Column("headline", Text, nullable=False),
    Column("section", String(120), nullable=False, server_default=""),
    Column("priority", String(20), nullable=False),
    Column("embargo_at", UtcDateTime),
    Column("no_link", Boolean, nullable=False, server_default=text("false")),
    Column("wants_yes", Boolean, nullable=False, server_default=text("false")),
    Column("published_at", UtcDateTime),
    Column("skipped_at", UtcDateTime),
    *_signed(),
)

sightings = Table(
    "sightings",  # what a story's own address showed when it was last looked at, before a post went
    metadata,
    _id(),
    Column("article_id", _Id, ForeignKey("articles.id"), nullable=False, unique=True),
    Column("asked_at", UtcDateTime),  # a delivery waits for a look since then; null: none does
    Column("seen_at", UtcDateTime),  # the last look that told something
    Column("tried_at", UtcDateTime),  # the last look at all
    Column("found", String(20), nullable=False, server_default=""),
    Column("headline", Text, nullable=False, server_default=""),  # as the page had it when all was well
    *_signed(),
    Index("ix_sightings_asked_at", "asked_at"),
)

evergreens = Table(
    "evergreens",  # stories that come again by rule
    metadata,
    _id(),
    Column("article_id", _Id, ForeignKey("articles.id"), nullable=False, unique=True),
    Column("every_seconds", BigInteger, nullable=False),
    Column("times", Integer),  # at most so often on one channel; null: no limit
    Column("until_at", UtcDateTime),
    Column("season", String(40), nullable=False, server_default=""),
    Column("channels", _Json, nullable=False),  # names; an empty list is every channel that posts
    Column("marked_by", String(120), nullable=False),
    Column("ended_at", UtcDateTime, index=True),
    *_signed(),
)

text_marks = Table(
    "text_marks",  # a few hashes of each story's text, by which a near-identical twin is found whatever its headline
    metadata,
    _id(),
    Column("article_id", _Id, ForeignKey("articles.id"), nullable=False),
    Column("mark", BigInteger, nullable=False),
    *_signed(),
    UniqueConstraint("article_id", "mark"),
    Index("ix_text_marks_mark", "mark", "article_id"),
)

revisions = Table(
    "revisions",
    metadata,
    _id(),
    Column("article_id", _Id, ForeignKey("articles.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("content_hash", String(64), nullable=False, index=True),
    Column("content", _Json, nullable=False),  # the Article record but for what the articles row holds
    *_signed(),
    UniqueConstraint("article_id", "revision"),
)

queue = Table(
    "queue",
    metadata,
    _id(),
    Column("article_id", _Id, ForeignKey("articles.id"), nullable=False, unique=True),
    Column("priority", String(20), nullable=False),
    Column("put_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime, index=True),
    *_claim(),
    *_signed(),
)

free_posts = Table(
    "free_posts",
    metadata,
    _id(),
    Column("text", Text, nullable=False),
    Column("image", _Json),
    *_signed(),
)

teasers = Table(
    "teasers",
    metadata,
    _id(),
    Column("subject_kind", String(20), nullable=False),
    Column("subject_id", _Id, nullable=False),
    Column("channel", String(120), nullable=False),
    Column("teaser_version", Integer, nullable=False),
    Column("writer", String(120), nullable=False),
    Column("content", _Json, nullable=False),
    Column("approved_by", String(120)),  # a person's yes to these words, for channels that send issues
    Column("approved_at", UtcDateTime),
    *_signed(),
    UniqueConstraint("subject_kind", "subject_id", "channel", "teaser_version"),
)

posts = Table(
    "posts",
    metadata,
    _id(),
    Column("channel", String(120), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("fingerprint", String(64), nullable=False, index=True),
    Column("teaser_id", _Id, ForeignKey("teasers.id"), index=True),
    Column("parts", _Json, nullable=False),
    Column("problems", _Json, nullable=False),
    *_signed(),
)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    Column("mode", String(20), nullable=False),
    Column("subject_kind", String(20), nullable=False),
    Column("subject_id", _Id, nullable=False),
    Column("channel", String(120), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("post_id", _Id, ForeignKey("posts.id"), nullable=False, index=True),
    Column("fingerprint", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("latest_at", UtcDateTime),
    Column("priority", String(20), nullable=False),
    Column("slot_at", UtcDateTime),
    Column("section", String(120), nullable=False, server_default=""),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("look_at", UtcDateTime),
    Column("uncertain_at", UtcDateTime),
    Column("wish", String(20)),
    Column("ordered_by", String(120), nullable=False),
    Column("approved_by", String(120)),
    Column("approved_at", UtcDateTime),
    Column("approved_fingerprint", String(64)),
    Column("known_by", String(20)),
    Column("cost_micros", BigInteger, nullable=False, server_default="0"),
    *_claim(),
    *_signed(),
    UniqueConstraint("mode", "subject_kind", "subject_id", "channel", "purpose"),
    CheckConstraint(
        "state in ('waiting','planned','sending','sent','failed','uncertain','unsettled','unknown','expired','cancelled')",
        name="state",
    ),
    Index("ix_deliveries_due", "mode", "channel", "state", "next_at"),
    Index("ix_deliveries_state", "state", "next_at"),
    # The log is read in four orders and finds every filter of its own in the index of each, so that a page of a
    # million rows never touches more of them than it shows.
    Index(
        "ix_deliveries_log",
        "due_at",
        "id",
        "mode",
        "state",
        "channel",
        "ordered_by",
        "approved_by",
        "subject_kind",
        "subject_id",
        "known_by",  # reports count by it
    ),
    Index(
        "ix_deliveries_log_state",
        "state",
        "due_at",
        "id",
        "mode",
        "channel",
        "ordered_by",
        "approved_by",
        "subject_kind",
        "subject_id",
    ),
    Index(
        "ix_deliveries_log_channel",
        "channel",
        "due_at",
        "id",
        "mode",
        "state",
        "ordered_by",
        "approved_by",
        "subject_kind",
        "subject_id",
    ),
    Index(
        "ix_deliveries_log_story",
        "subject_kind",
        "subject_id",
        "due_at",
        "id",
        "mode",
        "state",
        "channel",
        "ordered_by",
        "approved_by",
    ),
    # Whose deliveries are few is known without looking at all of them.
    Index("ix_deliveries_ordered_by", "ordered_by"),
    Index(
        "ix_deliveries_approved_by",
        "approved_by",
        sqlite_where=text("approved_by is not null"),
        postgresql_where=text("approved_by is not null"),
    ),
    # A slot holds one promise: what was called off or never went gives it back.
    Index(
        "uq_deliveries_slot",
        "mode",
        "channel",
        "slot_at",
        unique=True,
        sqlite_where=text("slot_at is not null and state not in ('cancelled','expired')"),
        postgresql_where=text("slot_at is not null and state not in ('cancelled','expired')"),
    ),
)

attempts = Table(
    "attempts",
    metadata,
    _id(),
    Column("delivery_id", _Id, ForeignKey("deliveries.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("verb", String(20), nullable=False),
    Column("part", Integer, nullable=False),
    Column("mode", String(20), nullable=False),
    Column("channel", String(120), nullable=False),
    Column("text", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("ordered_by", String(120), nullable=False),
    Column("approved_by", String(120)),
    Column("teaser_version", Integer),
    Column("teaser_writer", String(120)),
    Column("article_revision", Integer),
    Column("worker", String(200), nullable=False),
    Column("cost_micros", BigInteger, nullable=False, server_default="0"),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("outcome", String(20)),
    Column("code", String(200), nullable=False, server_default=""),
    Column("sentence", Text, nullable=False, server_default=""),
    Column("raw", Text, nullable=False, server_default=""),
    *_signed(),
    UniqueConstraint("delivery_id", "number"),
    Index("ix_attempts_opened_at", "opened_at"),
    Index("ix_attempts_channel_month", "mode", "channel", "opened_at", "cost_micros", "outcome"),  # what was spent
)

receipts = Table(
    "receipts",
    metadata,
    _id(),
    Column("attempt_id", _Id, ForeignKey("attempts.id"), nullable=False, index=True),
    Column("delivery_id", _Id, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("part", Integer, nullable=False),
    Column("platform_id", String(500), nullable=False),
    Column("url", Text),
    Column("platform_at", UtcDateTime),
    Column("known_by", String(20), nullable=False),
    *_signed(),
    Index("ix_receipts_platform_id", "platform_id"),
)

stops = Table(
    "stops",
    metadata,
    _id(),
    Column("scope", String(20), nullable=False),
    Column("target", String(120), nullable=False),
    Column("mode", String(20)),
    Column("cause", String(20), nullable=False),
    Column("by", String(120), nullable=False),
    Column("since_at", UtcDateTime, nullable=False),
    Column("until_at", UtcDateTime),
    Column("lifted_at", UtcDateTime, index=True),
    Column("lifted_by", String(120)),
    Column("lets_breaking", Boolean, nullable=False, server_default=text("false")),
    *_signed(),
    # One lying stop per cause, scope, target and mode; two indexes because a null mode equals nothing.
    Index(
        "uq_stops_one_mode",
        "cause",
        "scope",
        "target",
        "mode",
        unique=True,
        sqlite_where=text("lifted_at is null and mode is not null"),
        postgresql_where=text("lifted_at is null and mode is not null"),
    ),
    Index(
        "uq_stops_both_modes",
        "cause",
        "scope",
        "target",
        unique=True,
        sqlite_where=text("lifted_at is null and mode is null"),
        postgresql_where=text("lifted_at is null and mode is null"),
    ),
)

channel_states = Table(
    "channel_states",
    metadata,
    _id(),
    Column("mode", String(20), nullable=False),
    Column("channel", String(120), nullable=False),
    Column("account_id", String(200)),
    Column("account_name", String(200)),
    Column("begun_at", UtcDateTime),  # the last call began: spacing counts from here
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row, for the breaker
    Column("breaker_round", Integer, nullable=False, server_default="0"),
    Column("checked_at", UtcDateTime),
    Column("live_at", UtcDateTime),  # mode live only: a person took the channel live; null: never, or it went back
    *_signed(),
    UniqueConstraint("mode", "channel"),
)

channel_slots = Table(
    "channel_slots",
    metadata,
    _id(),
    Column("channel", String(120), nullable=False, unique=True),
    Column("places", Text, nullable=False),  # lines as in settings.toml; none: immediately
    *_signed(),
)

channel_secrets = Table(
    "channel_secrets",
    metadata,
    _id(),
    Column("mode", String(20), nullable=False),
    Column("channel", String(120), nullable=False),
    Column("way", String(20), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("account_id", String(200), nullable=False, server_default=""),
    Column("account_name", String(200), nullable=False, server_default=""),
    Column("ends_at", UtcDateTime),  # of the access token; null: it does not end by itself
    Column("refresh_at", UtcDateTime),  # a refresh was begun and its answer is not written down yet
    Column("refresh_by", String(120), nullable=False, server_default=""),
    Column("trouble", Text, nullable=False, server_default=""),  # why it has to be connected anew
    Column("mark", String(32), nullable=False),  # another one with each connection
    *_signed(),
    UniqueConstraint("mode", "channel"),
)

connections = Table(
    "connections",
    metadata,
    _id(),
    Column("mode", String(20), nullable=False),
    Column("channel", String(120), nullable=False),
    Column("way", String(20), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("state_hash", String(64), nullable=False, unique=True),
    *_signed(),
    UniqueConstraint("mode", "channel"),
)

quota = Table(
    "quota",
    metadata,
    _id(),
    Column("mode", String(20), nullable=False),
    Column("channel", String(120), nullable=False),
    Column("bucket", String(120), nullable=False),
    Column("limit", BigInteger),
    Column("remaining", BigInteger),
    Column("reset_at", UtcDateTime),
    Column("used_percent", Float(53)),
    *_signed(),
    UniqueConstraint("mode", "channel", "bucket"),
)

server_days = Table(
    "server_days",
    metadata,
    _id(),
    Column("mode", String(20), nullable=False),
    Column("server", String(150), nullable=False),  # as in settings.toml: channels.NAME or relays.NAME
    Column("day", String(10), nullable=False),  # the newsroom's, YYYY-MM-DD
    Column("begun", Integer, nullable=False),  # mails begun on that day
    Column("waits_until", UtcDateTime),
    *_signed(),
    UniqueConstraint("mode", "server"),
)

lists = Table(
    "lists",
    metadata,
    _id(),
    Column("name", String(120), nullable=False, unique=True),
    *_signed(),
)

subscribers = Table(
    "subscribers",
    metadata,
    _id(),
    Column("address", String(320), nullable=False),
    Column("address_key", String(320), nullable=False, unique=True),  # compared by this: A-label, lower case domain
    Column("name", String(200), nullable=False, server_default=""),
    Column("language", String(35), nullable=False, server_default=""),
    Column("token_seed", String(64), nullable=False, unique=True),
    *_signed(),
    sqlite_autoincrement=True,  # the number of somebody erased is never given to another person
)

subscriptions = Table(
    "subscriptions",
    metadata,
    _id(),
    Column("list_id", _Id, ForeignKey("lists.id"), nullable=False),
    Column("subscriber_id", _Id, ForeignKey("subscribers.id"), nullable=False),
    Column("state", String(20), nullable=False),  # unconfirmed, confirmed, ended
    Column("ended_at", UtcDateTime),
    Column("paused_until", UtcDateTime),
    Column("zone", String(64), nullable=False, server_default=""),  # IANA; "": the newsletter's own
    Column("quiet_start", Time),  # wall time in that zone; both or neither
    Column("quiet_end", Time),
    Column("alerts_a_day", Integer),  # null: as many as the newsletter sends
    Column("in_language", String(35), nullable=False, server_default=""),  # "": stories of every language
    *_signed(),
    UniqueConstraint("list_id", "subscriber_id"),
    CheckConstraint("state in ('unconfirmed','confirmed','ended')", name="state"),
    Index("ix_subscriptions_audience", "list_id", "state", "subscriber_id"),
    Index("ix_subscriptions_subscriber_id", "subscriber_id"),
)

# What a subscription asks for, section by section; without a row it is the newsletter as it comes.
section_choices = Table(
    "section_choices",
    metadata,
    _id(),
    Column("list_id", _Id, ForeignKey("lists.id"), nullable=False),
    Column("subscriber_id", _Id, ForeignKey("subscribers.id"), nullable=False),
    Column("section", String(120), nullable=False),  # folded, see records.section_key; "": every other section
    Column("frequency", String(20), nullable=False),
    *_signed(),
    UniqueConstraint("list_id", "subscriber_id", "section", "frequency"),
    CheckConstraint("frequency in ('immediate','daily','weekly','never')", name="frequency"),
    Index("ix_section_choices_audience", "list_id", "frequency", "section", "subscriber_id"),
    Index("ix_section_choices_subscriber_id", "subscriber_id"),
)

consents = Table(
    "consents",
    metadata,
    _id(),
    Column("list_id", _Id, ForeignKey("lists.id"), nullable=False),
    Column("subscriber_id", _Id, nullable=False, index=True),  # no foreign key: erased after its subscriber
    Column("event", String(20), nullable=False),  # asked, confirmed, imported, ended
    Column("at", UtcDateTime, nullable=False),
    Column("source", Text, nullable=False),
    Column("wording", Text, nullable=False, server_default=""),
    Column("form", String(120), nullable=False, server_default=""),
    Column("wording_version", String(40), nullable=False, server_default=""),
    Column("ip", String(45), nullable=False, server_default=""),  # only where the settings say so
    Column("issue_id", _Id),
    *_signed(),
    Index("ix_consents_growth", "list_id", "at", "event"),
)

suppressions = Table(
    "suppressions",
    metadata,
    _id(),
    Column("address_hash", String(64), nullable=False, unique=True),  # keyed; survives erasure
    Column("cause", String(40), nullable=False),  # unsubscribed, hard bounce, complaint, by hand, erased
    Column("list_name", String(120), nullable=False, server_default=""),  # "": all mail
    *_signed(),
    Index("ix_suppressions_cause", "cause", "id"),
    Index("ix_suppressions_list_name", "list_name"),
)

# What came back: a bounce, a complaint. Written once, by reader number, never by address.
bounces = Table(
    "bounces",
    metadata,
    _id(),
    Column("event", String(300), nullable=False, unique=True),  # source and its own name: told twice, counted once
    Column("what", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("subscriber_id", _Id, nullable=False),  # no foreign key: the row outlives an erased subscriber
    Column("recipient_id", _Id),
    Column("issue_id", _Id),
    Column("channel", String(120), nullable=False, server_default=""),
    Column("status", String(20), nullable=False, server_default=""),
    Column("words", Text, nullable=False, server_default=""),
    Column("source", String(60), nullable=False, server_default=""),
    *_signed(),
    Index("ix_bounces_subscriber", "subscriber_id", "at"),
    Index("ix_bounces_channel", "channel", "at"),
)

# A mail to one person who asked for it: to confirm a subscription, or for the link to their choices.
letters = Table(
    "letters",
    metadata,
    _id(),
    Column("mode", String(20), nullable=False),
    Column("channel", String(120), nullable=False),
    Column("list_id", _Id, ForeignKey("lists.id"), nullable=False),
    Column("subscriber_id", _Id, nullable=False),  # no foreign key: the row outlives an erased subscriber
    Column("purpose", String(20), nullable=False),  # confirm, choices
    Column("state", String(20), nullable=False),
    Column("send_at", UtcDateTime, nullable=False),
    Column("latest_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("code", String(200), nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
    Column("receipt_id", String(500)),
    Column("opened_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    *_claim(),
    *_signed(),
    CheckConstraint("state in ('planned','sending','sent','failed','unknown','expired','cancelled')", name="state"),
    Index("ix_letters_due", "mode", "channel", "state", "send_at"),
    Index("ix_letters_subscriber", "subscriber_id", "list_id", "created_at"),
    Index(
        "uq_letters_open",
        "mode",
        "list_id",
        "subscriber_id",
        unique=True,
        sqlite_where=text("state in ('planned','sending')"),
        postgresql_where=text("state in ('planned','sending')"),
    ),
)

letter_attempts = Table(
    "letter_attempts",
    metadata,
    _id(),
    Column("letter_id", _Id, ForeignKey("letters.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("outcome", String(20)),
    Column("code", String(200), nullable=False, server_default=""),
    Column("sentence", Text, nullable=False, server_default=""),
    Column("receipt_id", String(500)),
    Column("worker", String(200), nullable=False),
    *_signed(),
    UniqueConstraint("letter_id", "number"),
)

issues = Table(
    "issues",
    metadata,
    _id(),
    Column("mode", String(20), nullable=False),
    Column("channel", String(120), nullable=False),
    Column("window", String(60), nullable=False),  # 2026-09-21, 2026-W39, alert-12; a correction adds its number
    Column("frequency", String(20), nullable=False),  # whom it is for: those who asked to hear this often
    Column("corrects_id", _Id, ForeignKey("issues.id"), index=True),  # it puts right what this issue said
    Column("cut_at", UtcDateTime, nullable=False),
    Column("post_id", _Id, ForeignKey("posts.id"), nullable=False),
    Column("prepared_at", UtcDateTime),  # the audience is frozen from here on
    Column(
        "own_subject", Text, nullable=False, server_default=""
    ),  # a person's, while this story leads; "": the lead's
    Column("own_preheader", Text, nullable=False, server_default=""),
    Column("own_lead_id", _Id, ForeignKey("articles.id")),
    Column("own_by", String(120), nullable=False, server_default=""),
    *_signed(),
    UniqueConstraint("mode", "channel", "window"),
    CheckConstraint("frequency in ('immediate','daily','weekly')", name="frequency"),
)

issue_articles = Table(
    "issue_articles",
    metadata,
    _id(),
    Column("issue_id", _Id, ForeignKey("issues.id"), nullable=False, index=True),
    Column("mode", String(20), nullable=False),
    Column("channel", String(120), nullable=False),
    Column("carried", String(80), nullable=False),  # the issue's frequency; of a correction its window
    Column("article_id", _Id, ForeignKey("articles.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("teaser_id", _Id, ForeignKey("teasers.id"), nullable=False),
    *_signed(),
    UniqueConstraint("mode", "channel", "carried", "article_id"),
)

# What one set of readers gets of an issue: the stories of the sections they chose, as one post.
issue_variants = Table(
    "issue_variants",
    metadata,
    _id(),
    Column("issue_id", _Id, ForeignKey("issues.id"), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("post_id", _Id, ForeignKey("posts.id"), nullable=False),
    Column("article_ids", _Json, nullable=False),
    *_signed(),
    UniqueConstraint("issue_id", "fingerprint"),
)

# A story that a person put first in a newsletter's next issue.
issue_pins = Table(
    "issue_pins",
    metadata,
    _id(),
    Column("channel", String(120), nullable=False),
    Column("article_id", _Id, ForeignKey("articles.id"), nullable=False),
    *_signed(),
    UniqueConstraint("channel", "article_id"),
)

# A story that a person left out of a newsletter, until they put it back.
issue_omissions = Table(
    "issue_omissions",
    metadata,
    _id(),
    Column("channel", String(120), nullable=False),
    Column("article_id", _Id, ForeignKey("articles.id"), nullable=False),
    *_signed(),
    UniqueConstraint("channel", "article_id"),
)

# What a person wrote for an issue that is still to be cut; it holds while this story leads it.
issue_own_words = Table(
    "issue_own_words",
    metadata,
    _id(),
    Column("channel", String(120), nullable=False),
    Column("frequency", String(20), nullable=False),
    Column("article_id", _Id, ForeignKey("articles.id"), nullable=False),
    Column("own_subject", Text, nullable=False, server_default=""),
    Column("own_preheader", Text, nullable=False, server_default=""),
    *_signed(),
    UniqueConstraint("channel", "frequency"),
)

# A file of subscribers that was taken in at the desk: what was said of their consent, how far it came, what it did.
imports = Table(
    "imports",
    metadata,
    _id(),
    Column("list_name", String(120), nullable=False),
    Column("file_name", String(200), nullable=False),
    Column("source", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("wording", Text, nullable=False),
    Column("state", String(20), nullable=False),  # running, done, failed, stopped
    Column("line", Integer, nullable=False, server_default="0"),
    Column("lines", Integer, nullable=False, server_default="0"),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("added", Integer, nullable=False, server_default="0"),
    Column("already", Integer, nullable=False, server_default="0"),
    Column("suppressed", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("sentence", Text, nullable=False, server_default=""),
    Column("ended_at", UtcDateTime),
    *_signed(),
    CheckConstraint("state in ('running','done','failed','stopped')", name="state"),
)

# What a newsletter got wrong, in words for its readers; the next issue says it to everybody.
issue_corrections = Table(
    "issue_corrections",
    metadata,
    _id(),
    Column("mode", String(20), nullable=False),
    Column("channel", String(120), nullable=False),
    Column("issue_id", _Id, ForeignKey("issues.id"), nullable=False, index=True),  # the issue that was wrong
    Column("article_id", _Id, ForeignKey("articles.id"), nullable=False, index=True),
    Column("teaser_id", _Id, ForeignKey("teasers.id"), nullable=False),  # the words as they should have been
    Column("wrong", _Json, nullable=False),  # the fingerprints that said it wrongly
    Column("note", Text, nullable=False),
    Column("post_id", _Id, ForeignKey("posts.id"), nullable=False),  # the issue as it should have read, for the archive
    Column("misled", Integer, nullable=False),  # so many readers had, or may have had, the wrong words
    Column("told_in", _Id, ForeignKey("issues.id")),  # the issue whose box told it; null: the next one will
    *_signed(),
)

recipients = Table(
    "recipients",
    metadata,
    _id(),
    Column("issue_id", _Id, ForeignKey("issues.id"), nullable=False),
    Column("delivery_id", _Id, ForeignKey("deliveries.id"), nullable=False),
    Column("subscriber_id", _Id, nullable=False),  # no foreign key: the row outlives an erased subscriber
    Column("fingerprint", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("send_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("code", String(200), nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
    Column("receipt_id", String(500)),
    Column("opened_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    *_claim(),
    *_signed(),
    UniqueConstraint("issue_id", "subscriber_id"),
    Index("ix_recipients_open", "issue_id", "state", "send_at"),
    Index("ix_recipients_subscriber", "subscriber_id"),
    Index(
        "ix_recipients_receipt",
        "receipt_id",
        sqlite_where=text("receipt_id is not null"),
        postgresql_where=text("receipt_id is not null"),
    ),
)

recipient_attempts = Table(
    "recipient_attempts",
    metadata,
    _id(),
    Column("recipient_id", _Id, ForeignKey("recipients.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("outcome", String(20)),
    Column("code", String(200), nullable=False, server_default=""),
    Column("sentence", Text, nullable=False, server_default=""),
    Column("receipt_id", String(500)),
    Column("worker", String(200), nullable=False),
    *_signed(),
    UniqueConstraint("recipient_id", "number"),
)

exclusions = Table(
    "exclusions",
    metadata,
    _id(),
    Column("issue_id", _Id, ForeignKey("issues.id"), nullable=False),
    Column("subscriber_id", _Id, nullable=False),
    Column("why", String(120), nullable=False),
    *_signed(),
    UniqueConstraint("issue_id", "subscriber_id"),
    Index("ix_exclusions_subscriber", "subscriber_id"),
)

# Calls of a mail's pixel and links, where its newsletter counts them. No reader, address, network or program is kept.
hits = Table(
    "hits",
    metadata,
    _id(),
    Column("issue_id", _Id, ForeignKey("issues.id"), nullable=False),
    Column("copy", String(16), nullable=False),  # a mark of one copy that nobody without the key can tie to a reader
    Column("what", String(10), nullable=False),  # open, click
    Column("link", String(16), nullable=False, server_default=""),  # the link's name within its issue
    Column("sign", String(20), nullable=False, server_default=""),  # what marked the caller as a machine, or "early"
    Column("machine", Boolean, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("times", Integer, nullable=False, server_default="1"),
    *_signed(),
    UniqueConstraint("issue_id", "copy", "what", "link", "sign"),
    CheckConstraint("what in ('open','click')", name="what"),
    Index("ix_hits_tally", "issue_id", "what", "machine", "copy"),
)

hit_totals = Table(
    "hit_totals",
    metadata,
    _id(),
    Column("issue_id", _Id, ForeignKey("issues.id"), nullable=False),
    Column("what", String(10), nullable=False),  # open, click
    Column("slice", String(10), nullable=False),  # all: of the issue; link: of one link; sign: by one sign of a machine
    Column("name", String(20), nullable=False, server_default=""),  # the link, the sign, or "" for all
    Column("people", Integer, nullable=False),  # copies
    Column("machines", Integer, nullable=False),  # copies that machines alone called
    *_signed(),
    UniqueConstraint("issue_id", "what", "slice", "name"),
    CheckConstraint("what in ('open','click')", name="what"),
    CheckConstraint("slice in ('all','link','sign')", name="slice"),
)

leases = Table(
    "leases",
    metadata,
    _id(),
    Column("name", String(120), nullable=False, unique=True),
    *_claim(),
    *_signed(),
)

notices = Table(
    "notices",
    metadata,
    _id(),
    Column("cause_key", String(300), nullable=False),  # one per cause, not per post
    Column("sentence", Text, nullable=False),
    Column("remedy", Text, nullable=False, server_default=""),  # the command that settles it
    Column("told_at", UtcDateTime),
    Column("cleared_at", UtcDateTime, index=True),
    *_signed(),
    Index(
        "uq_notices_standing",
        "cause_key",
        unique=True,
        sqlite_where=text("cleared_at is null"),
        postgresql_where=text("cleared_at is null"),
    ),
)

# Where the life of deliveries is told to programs: one row for each [webhooks.NAME] of the settings.
webhooks = Table(
    "webhooks",
    metadata,
    _id(),
    Column("name", String(120), nullable=False, unique=True),
    Column("address_hash", String(64), nullable=False),
    Column("home", Boolean, nullable=False),  # on this machine: hears of rehearsals, too
    Column("events", Text, nullable=False, server_default=""),  # " sent failed "; "": every event
    Column("ended_at", UtcDateTime),  # no longer in the settings
    Column("paused_at", UtcDateTime),
    Column("paused_why", Text, nullable=False, server_default=""),
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("failing_since", UtcDateTime),
    Column("next_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),  # its last yes
    Column("said", Text, nullable=False, server_default=""),  # how the last try went, in words
    *_signed(),
)

# What one webhook is owed: an event of a delivery's life, laid in the transaction that changed the delivery.
webhook_events = Table(
    "webhook_events",
    metadata,
    _id(),
    Column("webhook", String(120), nullable=False),
    Column("event_id", String(40), nullable=False),  # the same at every webhook; receivers drop repeats by it
    Column("event", String(40), nullable=False),
    Column("delivery_id", _Id, nullable=False),
    Column("mode", String(20), nullable=False),
    Column("before", String(20), nullable=False, server_default=""),  # "": the delivery is new
    Column("after", String(20), nullable=False),
    Column("delivery_version", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("body", Text, nullable=False, server_default=""),  # written at the first try: every further one is the same
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("outcome", String(20), nullable=False, server_default=""),  # told, given up
    *_signed(),
    UniqueConstraint("webhook", "event_id"),
    Index(
        "ix_webhook_events_owed",
        "webhook",
        "id",
        sqlite_where=text("done_at is null"),
        postgresql_where=text("done_at is null"),
    ),
    Index("ix_webhook_events_in_order", "webhook", "delivery_id", "id"),
    Index("ix_webhook_events_done_at", "done_at"),
)

webhook_tries = Table(
    "webhook_tries",
    metadata,
    _id(),
    Column("webhook_event_id", _Id, ForeignKey("webhook_events.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("status", Integer),  # of HTTP; null: no answer came
    Column("sentence", Text, nullable=False, server_default=""),
    Column("worker", String(200), nullable=False),
    *_signed(),
    UniqueConstraint("webhook_event_id", "number"),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("verb", String(60), nullable=False),
    Column("subject", String(200), nullable=False, index=True),
    Column("before", Text, nullable=False, server_default=""),
    Column("after", Text, nullable=False, server_default=""),
    Column("at", UtcDateTime, nullable=False, index=True),
    *_signed(),
)

# --- who may come in ---------------------------------------------------------------------------

people = Table(
    "people",
    metadata,
    _id(),
    Column("name", String(120), nullable=False),
    Column("name_key", String(120), nullable=False, unique=True),  # the name as it is compared: folded
    Column("role", String(20), nullable=False),
    Column("password_hash", Text),  # null: not chosen yet
    Column("language", String(35), nullable=False, server_default=""),
    Column("totp_sealed", Text),  # the second factor's secret, sealed; null: none
    Column("totp_step", BigInteger),  # the last time step used: no code works twice
    Column("left_at", UtcDateTime),  # may no longer come in; the name stays with what it did
    *_signed(),
    CheckConstraint("role in ('viewer','editor','approver','admin')", name="role"),
)

visits = Table(
    "visits",
    metadata,
    _id(),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("person_id", _Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("browser", String(200), nullable=False, server_default=""),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("until_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    *_signed(),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _id(),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("person_id", _Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("name", String(120), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("expires_at", UtcDateTime),  # null: until it is taken back
    Column("used_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    *_signed(),
)
api_answers = Table(
    "api_answers",
    metadata,
    _id(),
    Column("token_id", _Id, ForeignKey("api_tokens.id"), nullable=False),
    Column("key", String(200), nullable=False),
    Column("request_hash", String(64), nullable=False),
    Column("status", Integer),  # null: begun, and no answer was written down
    Column("body", Text, nullable=False, server_default=""),
    Column("begun_at", UtcDateTime, nullable=False, index=True),
    UniqueConstraint("token_id", "key"),
)
entry_links = Table(
    "entry_links",
    metadata,
    _id(),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("person_id", _Id, ForeignKey("people.id"), index=True),  # null: the set-up link, which makes the first
    Column("purpose", String(20), nullable=False),  # setup, password, enter
    Column("until_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    *_signed(),
)

entry_tries = Table(
    "entry_tries",
    metadata,
    _id(),
    Column("key", String(64), nullable=False),  # the hash of who tried whom from where
    Column("at", UtcDateTime, nullable=False),
    Index("ix_entry_tries_key", "key", "at"),
)
