"""What stands on the rehearsal platforms: the records a test or a page reads, and how they are kept.

A post's ``text`` is what was sent, byte for byte; ``shown`` is what the platform's own answers say (on X with
t.co links and HTML escapes).
"""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from channels.rehearsal.mail_text import MailText, read_mail
from channels.rehearsal.store import Store, micros, moment


@dataclass(frozen=True, slots=True)
class Published:
    """One thing that a platform accepted: a post, a comment, or a mail."""

    platform: str  # "x", "facebook" or "email"
    account: str  # user id, page id, or the envelope's sender
    account_name: str
    id: str
    kind: str  # "post", "reply", "comment", "photo" or "mail"
    text: str
    created_at: datetime
    shown: str = ""
    link: str | None = None
    urls: tuple[tuple[str, str], ...] = ()  # X: (t.co address, the address it stands for)
    media: tuple[str, ...] = ()  # media ids
    alt: tuple[str, ...] = ()  # their alt texts, in the same order
    visible_from: datetime | None = None
    scheduled_at: datetime | None = None
    is_published: bool = True
    edited_at: datetime | None = None
    replaced_by: str | None = None
    deleted_at: datetime | None = None
    reply_to: str | None = None
    to: tuple[str, ...] = ()
    subject: str = ""
    preheader: str = ""
    html: str = ""
    message_id: str = ""
    raw: bytes = b""

    @property
    def deleted(self) -> bool:
        """Whether it was taken down (or, on X, replaced by an edit)."""
        return self.deleted_at is not None

    def is_public(self, now: datetime) -> bool:
        """Whether readers can see it at this moment."""
        due = self.scheduled_at is not None and self.scheduled_at <= now
        return self.deleted_at is None and (self.is_published or due)


_POSTS = """
select p.*, (
    select json_group_array(alt) from (
        select m.alt from json_each(p.media) as j left join media as m on m.id = j.value order by j.key
    )
) as alts from posts as p
"""


def _optional(stored: int | None) -> datetime | None:
    return None if stored is None else moment(stored)


def _post(row: sqlite3.Row) -> Published:
    return Published(
        platform=row["platform"],
        account=row["account"],
        account_name=row["account_name"],
        id=row["id"],
        kind=row["kind"],
        text=row["text"],
        shown=row["shown"],
        link=row["link"],
        urls=tuple((short, long) for short, long in json.loads(row["urls"])),
        media=tuple(json.loads(row["media"])),
        alt=tuple(alt or "" for alt in json.loads(row["alts"])),
        created_at=moment(row["created_at"]),
        visible_from=moment(row["visible_from"]),
        scheduled_at=_optional(row["scheduled_at"]),
        is_published=bool(row["is_published"]),
        edited_at=_optional(row["edited_at"]),
        replaced_by=row["replaced_by"],
        deleted_at=_optional(row["deleted_at"]),
        reply_to=row["reply_to"],
    )


def _mail(row: sqlite3.Row, words: MailText) -> Published:
    return Published(
        platform="email",
        account=row["sender"],
        account_name=words.sender or row["sender"],
        id=row["id"],
        kind="mail",
        text=words.text,
        created_at=moment(row["accepted_at"]),
        to=tuple(json.loads(row["recipients"])),
        subject=words.subject,
        preheader=words.preheader,
        html=words.html,
        message_id=words.message_id,
        raw=bytes(row["raw"]),
    )


def plain(text: str) -> str:
    """The text by which a platform tells that two posts are the same: NFC, runs of white space levelled."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def add_post(store: Store, post: Published) -> None:
    """Keeps a new post. Call it inside ``store.change()`` together with what the post costs."""
    with store.change() as db:
        db.execute(
            "insert into posts (platform, account, account_name, id, kind, text, words, shown, link, urls, media,"
            " reply_to, created_at, visible_from, scheduled_at, is_published) values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                post.platform,
                post.account,
                post.account_name,
                post.id,
                post.kind,
                post.text,
                plain(post.text),
                post.shown,
                post.link,
                json.dumps(post.urls),
                json.dumps(post.media),
                post.reply_to,
                micros(post.created_at),
                micros(post.visible_from or post.created_at),
                None if post.scheduled_at is None else micros(post.scheduled_at),
                post.is_published,
            ),
        )


def add_mail(store: Store, id: str, sender: str, recipients: Sequence[str], raw: bytes, at: datetime) -> None:
    """Keeps an accepted mail: its queue id, the envelope, every byte."""
    with store.change() as db:
        db.execute(
            "insert into mails (id, sender, recipients, raw, accepted_at) values (?,?,?,?,?)",
            (id, sender, json.dumps(list(recipients)), raw, micros(at)),
        )


def find_post(store: Store, platform: str, id: str) -> Published | None:
    """The post of this id, taken down or not; None when there never was one."""
    row = store.row(f"{_POSTS} where p.platform = ? and p.id = ?", (platform, id))
    return _post(row) if row else None


def find_mail(store: Store, id: str) -> Published | None:
    """The mail of this queue id, or None."""
    row = store.row("select * from mails where id = ?", (id,))
    return _mail(row, read_mail(bytes(row["raw"]))) if row else None


def timeline(
    store: Store, platform: str, account: str, now: datetime, since: datetime | None = None
) -> list[Published]:
    """What a look at the account shows now: standing, visible posts and replies since a moment, newest first."""
    rows = store.rows(
        f"{_POSTS} where p.platform = ? and p.account = ? and p.deleted_at is null and p.visible_from <= ?"
        " and p.created_at >= ? order by p.created_at desc, p.n desc",
        (platform, account, micros(now), 0 if since is None else micros(since)),
    )
    return [_post(row) for row in rows]


def everything(store: Store, platform: str, limit: int = -1) -> tuple[Published, ...]:
    """All that a platform ever accepted, taken down or not, newest first."""
    if platform == "email":
        rows = store.rows("select * from mails order by n desc limit ?", (limit,))
        return tuple(_mail(row, read_mail(bytes(row["raw"]))) for row in rows)
    rows = store.rows(f"{_POSTS} where p.platform = ? order by p.created_at desc, p.n desc limit ?", (platform, limit))
    return tuple(_post(row) for row in rows)


def count(store: Store, platform: str) -> int:
    """How much a platform ever accepted."""
    table = "mails" if platform == "email" else "posts"
    where = "" if platform == "email" else " where platform = ?"
    row = store.row(f"select count(*) as n from {table}{where}", () if platform == "email" else (platform,))
    return int(row["n"]) if row else 0
