"""Posts on the rehearsal X: create and delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.rehearsal import published, x_answers, x_charges
from channels.rehearsal.accounts import XAccount
from channels.rehearsal.exchange import Answer, Refused, Request, json_answer
from channels.rehearsal.published import Published
from channels.rehearsal.rules import XRules
from channels.rehearsal.store import Store, micros
from channels.rehearsal.x_text import mentions, wrap

_BODY_KEYS = frozenset(
    "text media reply quote_tweet_id poll reply_settings edit_options geo community_id share_with_followers nullcast "
    "card_uri direct_message_deep_link for_super_followers_only paid_partnership made_with_ai".split()
)
_REPLY_KEYS = frozenset({"in_reply_to_tweet_id", "exclude_reply_user_ids"})
_MEDIA_KEYS = frozenset(
    "media_ids tagged_user_ids title description preview_media_id embeddable call_to_actions".split()
)
_SNOWFLAKE_EPOCH = 1_288_834_974_657
_ORDINARY, _PREMIUM = 280, 25_000


@dataclass(frozen=True, slots=True)
class XDesk:
    """What the calls share: the store, the rules and time of this call, the count of a text's length."""

    store: Store
    rules: XRules
    now: datetime
    measure: Callable[[str], int]


def create(desk: XDesk, account: XAccount, request: Request, lag: timedelta) -> Answer:
    """``POST /2/tweets``: 201 with id and text, or ``Refused`` with what X says."""
    body = _object(request.json(), "body")
    known_only(body, _BODY_KEYS)
    text = body.get("text", "")
    if not isinstance(text, str):
        raise Refused(x_answers.invalid("$.text: string expected"))
    media = _media_ids(body)
    reply_to = _reply_to(body)
    others = [key for key in ("card_uri", "quote_tweet_id", "poll", "direct_message_deep_link") if body.get(key)]
    if len(others) + bool(media) > 1:
        raise Refused(x_answers.invalid("card_uri, media, poll, quote_tweet_id exclude each other."))
    if not text.strip() and not media:
        raise Refused(x_answers.invalid("At least one of text or media must be given."))
    with desk.store.change() as db:
        edited = _edited(desk, account, body)
        _check_words(desk, account, text, edited)
        if reply_to is not None:
            _check_reply(desk, account, reply_to)
        _check_media(desk, account, media)
        id = _new_id(desk)
        pictures = f"https://x.com/{account.username}/status/{id}/photo/1" if media else None
        words = wrap(text, id, pictures)
        links = words.links[:-1] if pictures else words.links
        x_charges.pay_post(desk.store, desk.rules, account.user_id, desk.now, link=bool(links), reply=bool(reply_to))
        published.add_post(
            desk.store,
            Published(
                platform="x",
                account=account.user_id,
                account_name=account.username,
                id=id,
                kind="reply" if reply_to else "post",
                text=text,
                shown=words.shown,
                link=links[-1][1] if links else None,
                urls=words.links,
                media=media,
                reply_to=reply_to,
                created_at=desk.now,
                visible_from=desk.now + lag + timedelta(seconds=desk.rules.lag_seconds),
            ),
        )
        if edited is not None:
            stamp = micros(desk.now)
            db.execute(
                "update posts set deleted_at = ?, replaced_by = ? where platform = 'x' and id = ?", (stamp, id, edited)
            )
    history = [edited, id] if edited else [id]
    return json_answer({"data": {"id": id, "text": words.shown, "edit_history_tweet_ids": history}}, 201)


def delete(desk: XDesk, account: XAccount, id: str) -> Answer:
    """``DELETE /2/tweets/:id``: one's own, standing or gone already; another's or an unknown one is refused."""
    post = published.find_post(desk.store, "x", id)
    if post is None:
        raise Refused(x_answers.not_found("tweet", id))
    if post.account != account.user_id:
        raise Refused(x_answers.not_permitted())
    if not post.deleted:
        with desk.store.change() as db:
            x_charges.pay(desk.store, desk.rules, account.user_id, desk.now, desk.rules.price_delete)
            db.execute("update posts set deleted_at = ? where platform = 'x' and id = ?", (micros(desk.now), id))
    _delete_later_versions(desk, post)
    return json_answer({"data": {"deleted": True}})


def _delete_later_versions(desk: XDesk, post: Published) -> None:
    """Deleting one version of an edited post deletes them all."""
    with desk.store.change() as db:
        while post.replaced_by is not None:
            later = published.find_post(desk.store, "x", post.replaced_by)
            if later is None:
                return
            stamp = micros(desk.now)
            db.execute("update posts set deleted_at = ? where id = ? and deleted_at is null", (stamp, later.id))
            post = later


def _object(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise Refused(x_answers.invalid(f"$.{name}: object expected"))
    return value


def known_only(given: Mapping[str, object], known: frozenset[str]) -> None:
    """Raises ``Refused`` with 400 for a name that X does not know."""
    unknown = [key for key in given if key not in known]
    if unknown:
        raise Refused(
            x_answers.invalid(
                *(f"$.{key}: is not defined in the schema and additional properties are not allowed" for key in unknown)
            )
        )


def _media_ids(body: Mapping[str, object]) -> tuple[str, ...]:
    if "media" not in body:
        return ()
    media = _object(body["media"], "media")
    known_only(media, _MEDIA_KEYS)
    ids = media.get("media_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 4 or not all(isinstance(id, str) for id in ids):
        raise Refused(x_answers.invalid("$.media.media_ids: an array of 1 to 4 strings expected"))
    return tuple(ids)


def _reply_to(body: Mapping[str, object]) -> str | None:
    if "reply" not in body:
        return None
    reply = _object(body["reply"], "reply")
    known_only(reply, _REPLY_KEYS)
    parent = reply.get("in_reply_to_tweet_id")
    if not isinstance(parent, str) or not parent.isdecimal():
        raise Refused(x_answers.invalid("$.reply.in_reply_to_tweet_id: does not match the regex pattern ^[0-9]{1,19}$"))
    return parent


def _edited(desk: XDesk, account: XAccount, body: Mapping[str, object]) -> str | None:
    if "edit_options" not in body:
        return None
    previous = _object(body["edit_options"], "edit_options").get("previous_post_id")
    post = published.find_post(desk.store, "x", previous) if isinstance(previous, str) else None
    if post is None or post.deleted or post.account != account.user_id:
        raise Refused(x_answers.invalid("$.edit_options.previous_post_id: no such post"))
    if not desk.rules.premium or desk.now - post.created_at > timedelta(minutes=30):
        raise Refused(x_answers.not_permitted())
    return post.id


def _check_words(desk: XDesk, account: XAccount, text: str, edited: str | None) -> None:
    from channels.x_length import cashtags

    if desk.measure(text) > (_PREMIUM if desk.rules.premium else _ORDINARY):
        raise Refused(x_answers.too_long())
    if len(cashtags(text)) > 1:
        raise Refused(x_answers.cashtags())
    since = desk.now - timedelta(hours=desk.rules.duplicate_hours)
    words = published.plain(text)
    twin = desk.store.row(
        "select 1 from posts where platform = 'x' and account = ? and words = ? and deleted_at is null"
        " and created_at > ? and id <> ?",
        (account.user_id, words, micros(since), edited or ""),
    )
    if words and twin is not None:
        raise Refused(x_answers.duplicate())


def _check_reply(desk: XDesk, account: XAccount, parent_id: str) -> None:
    parent = published.find_post(desk.store, "x", parent_id)
    if parent is None or parent.deleted:
        raise Refused(x_answers.parent_gone())
    if parent.account != account.user_id and account.username.lower() not in mentions(parent.text):
        raise Refused(x_answers.reply_not_author())


def _check_media(desk: XDesk, account: XAccount, ids: tuple[str, ...]) -> None:
    kinds = []
    for id in ids:
        row = desk.store.row("select * from media where platform = 'x' and id = ?", (id,))
        if row is None or row["account"] != account.user_id or not row["finished"]:
            raise Refused(x_answers.bad_media())
        now = micros(desk.now)
        if row["expires_at"] <= now or (row["ready_at"] is not None and row["ready_at"] > now):
            raise Refused(x_answers.bad_media())
        kinds.append(row["category"])
    if len(kinds) > 1 and any(kind != "tweet_image" for kind in kinds):
        raise Refused(x_answers.invalid("Only images may be combined: 4 photos, or 1 GIF, or 1 video."))


def _new_id(desk: XDesk) -> str:
    milliseconds = micros(desk.now) // 1000 - _SNOWFLAKE_EPOCH
    return str(desk.store.next_number("x last id", max(milliseconds << 22, 10**18)))
