"""The wire half of X: tweepy with our session in it, each answer read as the tables say.

tweepy has no timeout, follows redirects and loses what X says in problem bodies; so its session is replaced
(``wire.PinnedSession``) and every answer is judged by its status and body, not by the exception that tweepy made.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

import requests
import tweepy  # type: ignore[import-untyped]

from channels.errors import ChannelError, Rejected, Unreachable, error_for
from channels.masking import Mask
from channels.matching import Likeness, Wording, compare
from channels.pictures import PictureTrouble, read_picture
from channels.telling import RAW_LIMIT, Doing, unclear, wire_failure
from channels.wire import PinnedSession, WireFault
from channels.x_errors import WHERE, failure_for
from channels.x_quota import quota_of
from channels.x_wording import our_wording, their_wording
from db.records import (
    Failure,
    Health,
    Image,
    Look,
    Outcome,
    Part,
    Problem,
    Quota,
    Receipt,
    SeenPost,
    Timeline,
)

if TYPE_CHECKING:
    from channels.x_config import XConfig

_SDK_HOST: Final = "https://api.twitter.com"
_PAGE: Final = 100
_MOST_PAGES: Final = 32  # X shows the newest 3,200 posts of an account, no more
_FIELDS: Final = ["created_at", "entities", "note_tweet"]
_LEFT_FOR_POST: Final = 0.25  # of the deadline: with less after the pictures, the post is not begun


class XAccount:
    """One account's calls. Each method keeps to one total deadline and raises only the five errors."""

    def __init__(self, config: XConfig) -> None:
        self._config = config
        self._mask = Mask(
            (config.consumer_key, config.consumer_secret, config.access_token, config.access_token_secret)
        )
        self._session = PinnedSession({_SDK_HOST: config.base_url}, deadline=config.deadline, mode=config.mode)
        self._signs = config.bearer is None
        self._client = tweepy.Client(
            consumer_key=config.consumer_key,
            consumer_secret=config.consumer_secret,
            access_token=config.access_token,
            access_token_secret=config.access_token_secret,
            return_type=requests.Response,
            wait_on_rate_limit=False,
        )
        self._client.session.close()
        self._client.session = self._session
        self._user_id = config.user_id
        self._billed_on: date | None = None
        self._billed: set[str] = set()

    def send(self, part: Part, before: Receipt | None) -> Receipt:
        """Pictures and alt texts first, then the one post."""
        began = time.monotonic()
        with self._session.within(self._config.deadline):
            media = [self._hand_over(image) for image in part.images]
            if media and self._is_late(began):
                sentence = "X took the pictures too slowly, so nothing was posted. Pressrun tries again by itself."
                raise Unreachable(Failure(Outcome.UNREACHABLE, "late", sentence))
            words: dict[str, Any] = {"text": part.text, "user_auth": self._signs}
            if media:
                words["media_ids"] = media
            if before is not None:
                words["in_reply_to_tweet_id"] = before.id
            content = self._ask(Doing.PUBLISH, lambda: self._client.create_tweet(**words))
            post_id = _id_in(content)
            if post_id is None:
                raise self._unclear(Doing.PUBLISH, "no id", "it answered without the post's number")
        answer = self._session.last
        assert answer is not None
        return Receipt(
            id=post_id,
            url=self._address(post_id),
            at=answer.date_at(),
            text=part.text,
            quota=quota_of(answer),
            code=str(answer.status),
            raw=self._mask(answer.text())[:RAW_LIMIT],
        )

    def edit(self, receipt: Receipt, part: Part) -> Receipt:
        """The new version of a post, as X numbers it. tweepy knows no ``edit_options``, so the body is our own."""
        body = {"text": part.text, "edit_options": {"previous_post_id": receipt.id}}
        with self._session.within(self._config.deadline):
            content = self._ask(
                Doing.CORRECT, lambda: self._client.request("POST", "/2/tweets", json=body, user_auth=self._signs)
            )
            post_id = _id_in(content)
            if post_id is None:
                raise self._unclear(Doing.CORRECT, "no id", "it answered without the number of the new version")
        answer = self._session.last
        assert answer is not None
        return Receipt(
            id=post_id,
            url=self._address(post_id),
            at=answer.date_at(),
            text=part.text,
            quota=quota_of(answer),
            code=str(answer.status),
            raw=self._mask(answer.text())[:RAW_LIMIT],
        )

    def find(self, part: Part, since: datetime) -> Look:
        """Reads the timeline, newest first, to ``since``. ``complete`` only when every page was whole."""
        ours = our_wording(part.text)
        exact: list[Receipt] = []
        near: list[Receipt] = []
        complete = True
        reads = 0
        token: str | None = None
        with self._session.within(self._config.deadline):
            user_id = self._own_id()
            for _ in range(_MOST_PAGES):
                try:
                    rows, whole, token = self._page(user_id, since, token)
                except ChannelError:
                    if not exact:
                        raise
                    complete = False
                    break
                complete = complete and whole
                reads += self._newly_billed(rows)
                for row in rows:
                    receipt, theirs = self._read(row)
                    if receipt.at is not None and receipt.at < since.replace(microsecond=0):
                        continue
                    likeness = compare(ours, theirs)
                    if likeness is not Likeness.NO:
                        (exact if likeness is Likeness.EXACT else near).append(receipt)
                if token is None:
                    break
            else:
                complete = False
        return Look(tuple(exact), tuple(near), complete, self._quota(), reads)

    def timeline(self, since: datetime) -> Timeline:
        """The account's posts since a moment, newest first."""
        posts: list[SeenPost] = []
        complete, token = True, None
        with self._session.within(self._config.deadline):
            user_id = self._own_id()
            for _ in range(_MOST_PAGES):
                rows, whole, token = self._page(user_id, since, token)
                complete = complete and whole
                for row in rows:
                    receipt, theirs = self._read(row)
                    if receipt.at is None or receipt.at >= since.replace(microsecond=0):
                        links = tuple(sorted(theirs.links))
                        posts.append(SeenPost(receipt.id, receipt.text, receipt.at, receipt.url, links))
                if token is None:
                    break
            else:
                complete = False
        return Timeline(tuple(posts), complete, self._quota())

    def delete(self, receipt: Receipt) -> None:
        """One DELETE. X's "no such post" is success."""
        with self._session.within(self._config.deadline):
            try:
                content = self._ask(Doing.DELETE, lambda: self._client.delete_tweet(receipt.id, user_auth=self._signs))
            except ChannelError:
                if self._says_no_such_post():
                    return
                raise
            data = content.get("data")
            if not (isinstance(data, Mapping) and data.get("deleted") is True):
                raise self._unclear(Doing.DELETE, "not deleted", "it did not confirm that the post is gone")

    def check(self) -> Health:
        """GET /2/users/me and what its headers tell."""
        with self._session.within(self._config.deadline):
            try:
                content = self._ask(Doing.CHECK, lambda: self._client.get_me(user_auth=self._signs))
                data = content.get("data")
                if not isinstance(data, Mapping) or not data.get("id"):
                    raise self._unclear(Doing.CHECK, "no account", "it did not say whose keys these are")
            except ChannelError as error:
                failure = error.failure
                return Health(ok=False, problems=(Problem(failure.code, failure.sentence),), quota=failure.quota)
        answer = self._session.last
        assert answer is not None
        problems = _account_problems(self._config, data, answer.headers.get("x-access-level", ""))
        return Health(
            ok=not any(problem.stops for problem in problems),
            account_id=str(data["id"]),
            account_name=str(data.get("username", "")),
            problems=tuple(problems),
            quota=quota_of(answer),
        )

    # --- one call -----------------------------------------------------------------------------

    def _ask(self, doing: Doing, call: Callable[[], requests.Response]) -> Mapping[str, Any]:
        """Makes the call through tweepy; the JSON object of a 2xx answer. Raises one of the five errors."""
        self._session.forget()
        if self._config.bearer is not None:
            self._client.bearer_token = self._config.bearer()
        try:
            content = call().json()
        except WireFault as fault:
            raise error_for(wire_failure(WHERE, doing, fault)) from None
        except Exception as error:  # whatever tweepy makes of the answer: the answer itself is what counts
            raise self._judged(doing, error) from None
        if not isinstance(content, Mapping) or not (self._session.last and self._session.last.says_json()):
            raise self._unclear(doing, "no object", "its answer could not be read")
        return content

    def _judged(self, doing: Doing, error: Exception) -> ChannelError:
        answer = self._session.last
        if answer is None:
            return error_for(wire_failure(WHERE, doing, self._session.unsendable(error)))
        return error_for(failure_for(answer, doing, self._mask))

    def _unclear(self, doing: Doing, code: str, why: str) -> ChannelError:
        answer = self._session.last
        raw = self._mask(f"{answer.status} {answer.text()}") if answer else ""
        return error_for(unclear(WHERE, doing, code, why, raw, self._quota()))

    def _quota(self) -> Quota:
        return quota_of(self._session.last) if self._session.last else Quota()

    def _is_late(self, began: float) -> bool:
        span = self._config.deadline.total_seconds()
        return span - (time.monotonic() - began) < span * _LEFT_FOR_POST

    # --- parts of the verbs -------------------------------------------------------------------

    def _hand_over(self, image: Image) -> str:
        """Uploads one picture with its alt text; its media id. Nothing is published by it."""
        try:
            picture = read_picture(image)
        except PictureTrouble as trouble:
            raise Rejected(Failure(Outcome.REJECTED, "picture", str(trouble))) from None
        body = {"media": base64.b64encode(picture.data).decode(), "media_category": "tweet_image"}
        content = self._ask(
            Doing.PREPARE, lambda: self._client.request("POST", "/2/media/upload", json=body, user_auth=self._signs)
        )
        media_id = _id_in(content)
        if media_id is None or _state_of(content) not in (None, "succeeded"):
            raise self._unclear(Doing.PREPARE, "no picture", "it has not finished with the picture")
        if image.alt:
            words = {"id": media_id, "metadata": {"alt_text": {"text": image.alt}}}
            self._ask(
                Doing.PREPARE,
                lambda: self._client.request("POST", "/2/media/metadata", json=words, user_auth=self._signs),
            )
        return media_id

    def _own_id(self) -> str:
        if self._user_id is None:
            content = self._ask(Doing.LOOK, lambda: self._client.get_me(user_auth=self._signs))
            self._user_id = _id_in(content)
        if self._user_id is None:
            raise self._unclear(Doing.LOOK, "no account", "it did not say whose keys these are")
        return self._user_id

    def _page(
        self, user_id: str, since: datetime, token: str | None
    ) -> tuple[list[Mapping[str, Any]], bool, str | None]:
        """One page: its posts, whether it is whole, the token of the next page."""
        asked: dict[str, Any] = {"max_results": _PAGE, "start_time": since, "tweet_fields": _FIELDS}
        if token:
            asked["pagination_token"] = token
        content = self._ask(Doing.LOOK, lambda: self._client.get_users_tweets(user_id, user_auth=self._signs, **asked))
        rows, meta = content.get("data", []), content.get("meta")
        if not isinstance(meta, Mapping) or not isinstance(rows, list):
            raise self._unclear(Doing.LOOK, "no list", "it answered without the list of posts")
        posts = [row for row in rows if isinstance(row, Mapping) and row.get("id")]
        following = meta.get("next_token")
        whole = meta.get("result_count") == len(rows) == len(posts) and following != (token or "")
        return posts, whole, str(following) if following and following != token else None

    def _newly_billed(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """How many of these posts X has not handed us before on its day: it bills each once a UTC day."""
        told = self._quota().date_at
        today = told.astimezone(UTC).date() if told is not None else None
        if today is None or today != self._billed_on:
            self._billed_on, self._billed = today, set()
        new = {str(row["id"]) for row in rows} - self._billed
        self._billed |= new
        return len(new)

    def _read(self, row: Mapping[str, Any]) -> tuple[Receipt, Wording]:
        """A post of the timeline as a receipt, and its wording with X's own links opened."""
        text, theirs = their_wording(row)
        post_id = str(row["id"])
        receipt = Receipt(
            id=post_id,
            url=self._address(post_id),
            at=_moment(row.get("created_at")),
            text=text,
            quota=self._quota(),
            code="found",
            raw=self._mask(repr(dict(row)))[:RAW_LIMIT],
        )
        return receipt, theirs

    def _says_no_such_post(self) -> bool:
        answer = self._session.last
        content = answer.content() if answer else None
        if answer is None or answer.status != 404 or not isinstance(content, Mapping):
            return False
        errors = content.get("errors")
        told = [content, *(errors if isinstance(errors, list) else [])]
        return any(
            str(problem.get("type", "")).endswith("/resource-not-found") or problem.get("code") == 144
            for problem in told
            if isinstance(problem, Mapping)
        )

    def _address(self, post_id: str) -> str:
        return self._config.post_url_template.format(user=self._config.handle or "i", id=post_id)


def _id_in(content: Mapping[str, Any]) -> str | None:
    data = content.get("data")
    found = data.get("id") if isinstance(data, Mapping) else None
    return str(found) if isinstance(found, (str, int)) and str(found).isdigit() else None


def _state_of(content: Mapping[str, Any]) -> object:
    data = content.get("data")
    info = data.get("processing_info") if isinstance(data, Mapping) else None
    return info.get("state") if isinstance(info, Mapping) else None


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except ValueError:
        return None


def _account_problems(config: XConfig, data: Mapping[str, Any], level: str) -> list[Problem]:
    problems = []
    name = str(data.get("username", ""))
    if config.user_id and config.user_id != str(data["id"]):
        problems.append(
            Problem(
                "other account",
                f"These keys belong to @{name} ({data['id']}), the settings say {config.user_id}. Use the right keys "
                "or mend the settings.",
            )
        )
    if config.handle and name and config.handle.lstrip("@").lower() != name.lower():
        problems.append(
            Problem(
                "other name",
                f"The account is called @{name}, the settings say @{config.handle.lstrip('@')}. Mend the settings.",
                stops=False,
            )
        )
    if level and "write" not in level:
        problems.append(
            Problem(
                "read only",
                "The X app may only read. Set it to 'Read and write' in the developer console, then connect the channel "
                "anew, or put a new access token into its secret file.",
            )
        )
    return problems
