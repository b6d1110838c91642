"""The real clients, aimed at the rehearsal platforms: tweepy, facebook-sdk, smtplib."""

from __future__ import annotations

import struct
import zlib
from typing import Any, cast

import facebook
import requests
import tweepy  # type: ignore[import-untyped]

from channels.rehearsal.accounts import FACEBOOK, FacebookPage, X, XAccount


class AimedSession(requests.Session):
    """Sends what is meant for one host to another, follows nothing, waits a second at most."""

    def __init__(self, host: str, to: str) -> None:
        super().__init__()
        self.trust_env = False
        self.host, self.to = host, to
        self.timeout: float = 5.0

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        options |= {"timeout": self.timeout, "allow_redirects": False}
        return super().request(method, str(url).replace(self.host, self.to), *args, **options)


class XCaller:
    """tweepy on one account of the rehearsal X."""

    def __init__(self, url: str, account: XAccount = X) -> None:
        self.account, self.url = account, url
        self.session = AimedSession("https://api.twitter.com", url)
        self.client = tweepy.Client(
            consumer_key=account.consumer_key,
            consumer_secret=account.consumer_secret,
            access_token=account.access_token,
            access_token_secret=account.access_token_secret,
        )
        self.client.session.close()
        self.client.session = self.session

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """The answer, whatever its status; signed by tweepy's own handler."""
        auth = tweepy.OAuth1UserHandler(
            self.account.consumer_key,
            self.account.consumer_secret,
            self.account.access_token,
            self.account.access_token_secret,
        ).apply_auth()
        return self.session.request(method, self.url + path, auth=auth, **options)

    def post(self, text: str, **more: Any) -> str:
        """Posts through ``create_tweet``; the id."""
        return str(cast("Any", self.client.create_tweet(text=text, **more)).data["id"])

    def timeline(self, **options: Any) -> list[Any]:
        """The timeline through ``get_users_tweets``."""
        found = cast("Any", self.client.get_users_tweets(self.account.user_id, user_auth=True, **options))
        return list(found.data or [])

    def upload(self, data: bytes, **more: Any) -> str:
        """A picture through the one-shot upload; the media id."""
        answer = self.ask(
            "POST", "/2/media/upload", files={"media": data}, data={"media_category": "tweet_image", **more}
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["id"])

    def close(self) -> None:
        self.session.close()


class GraphCaller:
    """facebook-sdk on one Page of the rehearsal Graph."""

    def __init__(self, url: str, page: FacebookPage = FACEBOOK, version: str = "v26.0") -> None:
        self.page, self.url, self.version = page, url, version
        self.session = AimedSession("https://graph.facebook.com", url)
        self.api = facebook.GraphAPI(page.token, session=self.session)
        self.api.version = version

    def post(self, message: str, **more: Any) -> str:
        """Posts through ``put_object``; the id."""
        return str(self.api.put_object(self.page.page_id, "feed", message=message, **more)["id"])

    def published(self, **options: Any) -> list[dict[str, Any]]:
        """One page of ``published_posts``."""
        return list(self.api.get_connections(self.page.page_id, "published_posts", **options)["data"])

    def ask(self, method: str, path: str, token: str | None = None, **options: Any) -> requests.Response:
        """The answer, whatever its status, with the token in the header."""
        headers = {"Authorization": f"Bearer {self.page.token if token is None else token}"}
        return self.session.request(method, f"{self.url}/{self.version}{path}", headers=headers, **options)

    def close(self) -> None:
        self.session.close()


def png(width: int = 3, height: int = 2) -> bytes:
    """A picture that decoders accept."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + b"\xc0\x20\x20" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
