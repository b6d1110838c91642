"""The wire half of Facebook: facebook-sdk with our session in it, each answer read as the tables say.

The SDK never looks at the HTTP status, calls some refusals a success and some successes an error, and puts the
token into addresses. So the session is ours (``wire.PinnedSession``), the version is pinned after construction,
every value is encoded here, and the answer is judged by itself whatever the SDK made of it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import facebook

from channels.errors import ChannelError, Rejected, Unauthorized, Unreachable, error_for
from channels.facebook_errors import NO_SUCH_OBJECT, NOT_VISIBLE, WHERE, error_in, failure_for, row_for
from channels.facebook_health import token_problems, version_problems
from channels.facebook_quota import quota_of
from channels.facebook_rows import COMMENT_MARK, comment_address, id_in, is_older, moment_of, post_address
from channels.facebook_wording import our_wording, their_wording
from channels.masking import Mask
from channels.matching import Likeness, compare
from channels.pictures import PictureTrouble, read_picture
from channels.telling import RAW_LIMIT, Doing, unclear, wire_failure
from channels.wire import PinnedSession, WireFault
from db.records import Failure, Health, Image, Look, Outcome, Part, Problem, Quota, Receipt, SeenPost, Timeline

if TYPE_CHECKING:
    from channels.facebook_config import FacebookConfig

_SDK_HOST: Final = "https://graph.facebook.com"
_READ_BACK: Final = "id,permalink_url,created_time"
_COMMENTS: Final = {"fields": "id,message,created_time,from", "order": "reverse_chronological"}
_FIELDS: Final = "id,message,created_time,permalink_url,is_published,attachments{media_type,url,unshimmed_url}"
_PAGE: Final = 100
_MOST_PAGES: Final = 50
_LEFT_FOR_POST: Final = 0.25  # of the deadline: with less after the pictures, the post is not begun


class PageCalls:
    """One Page's calls. Each method keeps to one total deadline and raises only the five errors."""

    def __init__(self, config: FacebookConfig) -> None:
        self._config = config
        self._mask = Mask((config.token, config.app_secret))
        self._session = PinnedSession(
            {_SDK_HOST: config.base_url}, deadline=config.deadline, mode=config.mode, bearer=True
        )
        self._graph = facebook.GraphAPI(config.token, session=self._session)
        self._graph.version = config.version
        self._proof = _proof(config.app_secret, config.token)

    def send(self, part: Part) -> Receipt:
        """Photos first, unpublished; then the one post, read back in the same call."""
        began = time.monotonic()
        config = self._config
        with self._session.within(config.deadline):
            photos = [self._hand_over(image) for image in part.images]
            if photos and self._is_late(began):
                sentence = "Facebook took the photos too slowly, so nothing was posted. Pressrun tries again by itself."
                raise Unreachable(Failure(Outcome.UNREACHABLE, "late", sentence))
            words = {"message": part.text}
            if photos:
                words["attached_media"] = json.dumps([{"media_fbid": photo} for photo in photos])
            elif part.link:
                words["link"] = part.link
            content = self._ask(Doing.PUBLISH, f"{config.page_id}/feed", {"fields": _READ_BACK}, post=words)
            post_id = id_in(content)
            if post_id is None:
                raise self._unclear(Doing.PUBLISH, "no id", "it answered without the post's number")
        answer = self._session.last
        assert answer is not None
        return Receipt(
            id=post_id,
            url=post_address(content, post_id),
            at=moment_of(content.get("created_time")) or answer.date_at(),
            text=part.text,
            quota=quota_of(answer),
            code=str(answer.status),
            raw=self._mask(answer.text())[:RAW_LIMIT],
        )

    def comment(self, part: Part, under: Receipt | None) -> Receipt:
        """Puts the Page's own comment under the post that ``under`` names. Raises ``Rejected`` where there is none."""
        if under is None:
            sentence = "There is no post to comment on: send the post first."
            raise Rejected(Failure(Outcome.REJECTED, "no post", sentence))
        with self._session.within(self._config.deadline):
            words = {"message": part.text}
            content = self._ask(Doing.PUBLISH, f"{under.id}/comments", {"fields": _READ_BACK}, post=words)
            comment_id = id_in(content)
            if comment_id is None:
                raise self._unclear(Doing.PUBLISH, "no id", "it answered without the comment's number")
        answer = self._session.last
        assert answer is not None
        return Receipt(
            id=comment_id,
            url=comment_address(content, comment_id, under),
            at=moment_of(content.get("created_time")) or answer.date_at(),
            text=part.text,
            quota=quota_of(answer),
            code=str(answer.status),
            raw=self._mask(answer.text())[:RAW_LIMIT],
        )

    def find_comment(self, part: Part, since: datetime, under: Receipt | None) -> Look:
        """Reads the comments under a post, newest first, to ``since``; without the post's receipt nothing is known."""
        if under is None:
            return Look(complete=False)
        look = self._read(part, since, f"{under.id}/comments", _COMMENTS)
        exact, near = (
            tuple(replace(one, url=comment_address({}, one.id, under)) for one in found)
            for found in (look.exact, look.near)
        )
        return replace(look, exact=exact, near=near)

    def find(self, part: Part, since: datetime) -> Look:
        """Reads ``published_posts``, newest first, to ``since``. ``complete`` only when every page was whole."""
        return self._read(part, since, *self._published(since))

    def _published(self, since: datetime) -> tuple[str, Mapping[str, str]]:
        """The address and the query of the Page's own posts since a moment."""
        return f"{self._config.page_id}/published_posts", {"fields": _FIELDS, "since": str(int(since.timestamp()))}

    def _read(self, part: Part, since: datetime, path: str, query: Mapping[str, str]) -> Look:
        """What a list of posts or comments holds that looks like ``part``; others' comments do not count."""
        ours = our_wording(part)
        exact: list[Receipt] = []
        near: list[Receipt] = []
        complete = True
        after: str | None = None
        with self._session.within(self._config.deadline):
            for _ in range(_MOST_PAGES):
                try:
                    rows, whole, after = self._list(path, query, after)
                except ChannelError:
                    if not exact:
                        raise
                    complete = False
                    break
                complete = complete and whole
                for row in rows:
                    at = moment_of(row.get("created_time"))
                    if row.get("is_published") is False or (at and at < since.replace(microsecond=0)):
                        continue
                    if part.comment and not self._is_by_the_page(row):
                        continue
                    likeness = compare(ours, their_wording(row))
                    if likeness is not Likeness.NO:
                        (exact if likeness is Likeness.EXACT else near).append(self._found(row, at))
                if after is None or (part.comment and rows and is_older(rows[-1], since)):
                    break
            else:
                complete = False
        return Look(tuple(exact), tuple(near), complete, self._quota())

    def timeline(self, since: datetime) -> Timeline:
        """The Page's posts since a moment, newest first."""
        posts: list[SeenPost] = []
        complete, after = True, None
        with self._session.within(self._config.deadline):
            for _ in range(_MOST_PAGES):
                rows, whole, after = self._list(*self._published(since), after)
                complete = complete and whole
                for row in rows:
                    at = moment_of(row.get("created_time"))
                    if row.get("is_published") is False or (at and at < since.replace(microsecond=0)):
                        continue
                    found = self._found(row, at)
                    links = tuple(sorted(their_wording(row).links))
                    posts.append(SeenPost(found.id, found.text, at, found.url, links))
                if after is None:
                    break
            else:
                complete = False
        return Timeline(tuple(posts), complete, self._quota())

    def correct(self, receipt: Receipt, part: Part) -> Receipt:
        """Replaces the message in place; the same receipt with the new words."""
        with self._session.within(self._config.deadline):
            content = self._ask(Doing.CORRECT, receipt.id, post={"message": part.text})
            if content.get("success") is not True:
                raise self._unclear(Doing.CORRECT, "not confirmed", "it did not confirm the new words")
        answer = self._session.last
        assert answer is not None
        return Receipt(
            id=receipt.id,
            url=receipt.url,
            at=answer.date_at(),
            text=part.text,
            quota=quota_of(answer),
            code=str(answer.status),
            raw=self._mask(answer.text())[:RAW_LIMIT],
        )

    def delete(self, receipt: Receipt) -> None:
        """One DELETE. "No such object" is success only if the token still speaks for the post's Page."""
        with self._session.within(self._config.deadline):
            try:
                content = self._ask(Doing.DELETE, receipt.id, method="DELETE")
            except ChannelError:
                if self._says_no_such_post() and self._is_ours(receipt):
                    return
                raise
            if content.get("success") is not True:
                raise self._unclear(Doing.DELETE, "not confirmed", "it did not confirm that the post is gone")

    def check(self) -> Health:
        """``/me``, and ``/debug_token`` where the app is known."""
        config = self._config
        with self._session.within(config.deadline):
            try:
                me = self._ask(Doing.CHECK, "me", {"fields": "id,name"})
                answer = self._session.last
                assert answer is not None
                problems = version_problems(
                    config.version, answer.headers.get("facebook-api-version"), answer.date_at()
                )
                quota = quota_of(answer)
                notes: list[str] = []
                name = str(me.get("name", ""))
                if str(me.get("id", "")) != config.page_id:
                    problems.append(_other_page(name, me.get("id"), config.page_id))
                if config.app_id and config.app_secret:
                    told = self._debug(config.app_id, config.app_secret)
                    found, notes = token_problems(told, config.page_id, answer.date_at(), comments=config.comments)
                    problems += found
            except ChannelError as error:
                failure = error.failure
                return Health(ok=False, problems=(Problem(failure.code, failure.sentence),), quota=failure.quota)
        return Health(
            ok=not any(problem.stops for problem in problems),
            account_id=str(me.get("id", "")),
            account_name=name,
            problems=tuple(problems),
            notes=tuple(notes),
            quota=quota,
        )

    # --- one call -----------------------------------------------------------------------------

    def _ask(
        self,
        doing: Doing,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        post: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
        method: str | None = None,
    ) -> Mapping[str, Any]:
        """Makes the call through facebook-sdk with copies of what is given; the JSON object of a good answer."""
        proof = {"appsecret_proof": self._proof} if self._proof else {}
        values = dict(query or {}) if post is not None else {**(query or {}), **proof}
        words = {**post, **proof} if post is not None else None
        return self._answered(
            doing, lambda: self._graph.request(f"{self._graph.version}/{path}", values, words, files, method)
        )

    def _debug(self, app_id: str, app_secret: str) -> Mapping[str, Any]:
        content = self._answered(
            Doing.CHECK, lambda: self._graph.debug_access_token(self._config.token, app_id, app_secret)
        )
        data = content.get("data")
        return data if isinstance(data, Mapping) else {}

    def _answered(self, doing: Doing, call: Callable[[], object]) -> Mapping[str, Any]:
        self._session.forget()
        if not self._config.token:
            sentence = (
                f"{self._config.name} is not connected, or its keys do not open here. Connect it on the Channels page, "
                f"or: pressrun channels connect {self._config.name}"
            )
            raise Unauthorized(Failure(Outcome.UNAUTHORIZED, "not connected", sentence))
        result: object = None
        try:
            result = call()
        except WireFault as fault:
            raise error_for(wire_failure(WHERE, doing, fault)) from None
        except Exception as error:  # whatever the SDK makes of the answer: the answer itself is what counts
            if self._session.last is None:
                raise error_for(wire_failure(WHERE, doing, self._session.unsendable(error))) from None
        answer = self._session.last
        if answer is None:
            raise self._unclear(doing, "no call", "no call was made")
        content = result if isinstance(result, Mapping) and "error" not in result else answer.content()
        if content is True:  # very old versions confirm with a bare true
            content = {"success": True}
        good = 200 <= answer.status < 300 and answer.says_json() and not error_in(answer)
        if not good or not isinstance(content, Mapping) or "error" in content:
            raise error_for(failure_for(answer, doing, self._mask))
        return content

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
        """Uploads one photo unpublished, with its alt text; its id."""
        try:
            picture = read_picture(image)
        except PictureTrouble as trouble:
            raise Rejected(Failure(Outcome.REJECTED, "picture", str(trouble))) from None
        words = {"published": "false"}
        if image.alt:
            words["alt_text_custom"] = image.alt
        files = {"source": (picture.file_name, picture.data, picture.media_type)}
        content = self._ask(Doing.PREPARE, f"{self._config.page_id}/photos", post=words, files=files)
        photo = id_in(content)
        if photo is None:
            raise self._unclear(Doing.PREPARE, "no photo", "it answered without the photo's number")
        return photo

    def _list(
        self, path: str, query: Mapping[str, str], after: str | None
    ) -> tuple[list[Mapping[str, Any]], bool, str | None]:
        """One page: its posts, whether it is whole, the cursor of the next page."""
        asked = {**query, "limit": str(_PAGE)} | ({"after": after} if after else {})
        content = self._ask(Doing.LOOK, path, asked)
        rows = content.get("data")
        if not isinstance(rows, list):
            raise self._unclear(Doing.LOOK, "no list", "it answered without the list of posts")
        posts = [row for row in rows if isinstance(row, Mapping) and row.get("id")]
        paging = content.get("paging")
        paging = paging if isinstance(paging, Mapping) else {}
        cursors = paging.get("cursors")
        following = str(cursors.get("after") or "") if isinstance(cursors, Mapping) else ""
        more = bool(paging.get("next"))
        whole = len(posts) == len(rows) and not (more and following in ("", after))
        return posts, whole, following if more and whole else None

    def _found(self, row: Mapping[str, Any], at: datetime | None) -> Receipt:
        post_id = str(row["id"])
        return Receipt(
            id=post_id,
            url=post_address(row, post_id),
            at=at,
            text=str(row.get("message", "")),
            quota=self._quota(),
            code="found",
            raw=self._mask(repr(dict(row)))[:RAW_LIMIT],
        )

    def _is_by_the_page(self, row: Mapping[str, Any]) -> bool:
        """Whether a comment is the Page's own; one whose writer Graph does not name could be."""
        writer = row.get("from")
        return not isinstance(writer, Mapping) or str(writer.get("id", "")) == self._config.page_id

    def _says_no_such_post(self) -> bool:
        answer = self._session.last
        row = row_for(answer) if answer else None
        return row is not None and row.name in (NO_SUCH_OBJECT, NOT_VISIBLE)

    def _is_ours(self, receipt: Receipt) -> bool:
        """Whether the token still speaks for the Page that the post stood on: then what it cannot see is gone."""
        if COMMENT_MARK not in (receipt.url or "") and receipt.id.partition("_")[0] != self._config.page_id:
            return False
        me = self._ask(Doing.DELETE, "me", {"fields": "id"})
        return str(me.get("id", "")) == self._config.page_id


def _proof(app_secret: str | None, token: str) -> str | None:
    """HMAC-SHA256 of the token with the app's secret, as Graph wants ``appsecret_proof``."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest() if app_secret else None


def _other_page(name: str, found: object, wanted: str) -> Problem:
    return Problem(
        "other page",
        f"This token belongs to {name or 'somebody'} ({found}), the settings say Page {wanted}. Put the Page's own token "
        "into the secret file or mend page_id.",
    )
