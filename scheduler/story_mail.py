"""The whole mail that a story alone would make, as a browser shows it: for the desk's preview."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from channels.email.channel import EmailChannel
from db.records import Article
from scheduler.app import App
from scheduler.newsroom.grounds import Refused, outlet_named
from scheduler.story_view import standing_of


def mail_page(app: App, article: Article, channel: str) -> str:
    """Its HTML, with links that belong to nobody. Raises ``Refused`` for a channel that sends no mail or has no words."""
    outlet = outlet_named(app, channel)
    mouth, now = app.silent(outlet), standing_of(app, article, outlet)
    if not isinstance(mouth, EmailChannel):
        raise Refused(f"{channel} sends no mail")
    if now.post is None:
        raise Refused(f"story {article.id} has no mail for {channel}: {now.fault}")
    if now.stops:
        raise Refused(" ".join(problem.message for problem in now.problems if problem.stops))
    compiled = mouth.compile(now.post.parts[0], f"preview {channel}")
    letter = compiled.for_recipient(mouth.preview_reader(), app.clock.now())
    message = message_from_bytes(letter, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("html",))
    return str(body.get_content()) if body is not None else ""
