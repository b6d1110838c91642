"""Where the head asks for words: a story and a channel in, a teaser out; links and style come from settings."""

from __future__ import annotations

from dataclasses import replace

from db.records import Article, Teaser
from scheduler.app import App, Outlet
from scheduler.settings import FacebookChannel, XChannel
from scheduler.source_turns import may_upload
from templates.links import with_utm
from templates.picks import Chosen
from templates.style import Style
from templates.teaser import choose, write_teaser

SUMMARY_LENGTH = 200
"""The longest summary that teasers are built on, in characters."""


def teaser_for(
    app: App,
    outlet: Outlet,
    article: Article,
    *,
    purpose: str = "first",
    variant: str = "lead",
    chosen: Chosen | None = None,
) -> Teaser:
    """The machine's words for one story on one channel, at the story's newest revision.

    ``chosen`` spares choosing the sentences again for every channel (see ``sentences_for``). Raises ``NoWords`` where
    the story offers none, and the template's own fault, with file and line, where a newsroom's template cannot be filled.
    """
    channel = app.silent(outlet)
    if article.image is not None and not may_upload(app, article.image):
        article = replace(article, image=None)  # the link's card shows it; its licence may not cover an upload
    style = style_for(app, outlet, article, purpose, variant)
    return write_teaser(article, channel.limits, channel.measure, style, chosen)


def sentences_for(article: Article) -> Chosen:
    """The sentences that every channel's words are made of: the same for all, so chosen once. Raises ``NoWords``."""
    return choose(article, SUMMARY_LENGTH, "lead")


def style_for(app: App, outlet: Outlet, article: Article, purpose: str, variant: str) -> Style:
    """What one channel wishes of its teasers, the story's final link included."""
    teasers, asked = app.settings.teasers, app.settings.channels.get(outlet.name)
    x = asked if isinstance(asked, XChannel) else None
    return Style(
        channel=outlet.name,
        kind=outlet.kind,
        folders=(teasers.folder,) if teasers.folder is not None else (),
        link=link_for(app, outlet, article, purpose),
        link_in_reply=x is not None and x.link_in_reply,
        link_in_comment=isinstance(asked, FacebookChannel) and asked.link_in_comment,
        thread=x.thread if x is not None else 1,
        handles=teasers.handles,
        max_hashtags=teasers.max_hashtags,
        stop_list=frozenset(word.removeprefix("#") for word in teasers.stop_list),
        variant=variant,
        summary_length=SUMMARY_LENGTH,
    )


def link_for(app: App, outlet: Outlet, article: Article, purpose: str) -> str | None:
    """The story's address with the newsroom's campaign parameters; None for a story without an address."""
    if not article.url:
        return None
    known = {
        "kind": outlet.kind,
        "channel": outlet.name,
        "section": article.section or "none",
        "delivery": f"story-{article.id}-{outlet.name}-{purpose}",
    }
    filled = {name: value.format_map(known) for name, value in app.settings.links.utm.items()}
    return with_utm(article.url, filled) if filled else article.url
