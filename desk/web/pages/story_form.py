"""The form of one channel's words on a story's page: what stands in it, what a person sent, and what that changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from starlette.datastructures import FormData, UploadFile

from db.records import Article, Image
from scheduler.app import App
from scheduler.newsroom import keep_upload, may_carry
from scheduler.newsroom.grounds import Refused
from scheduler.rewording import NO_PICTURE, STORYS_PICTURE, Rewording
from scheduler.story_view import Standing
from templates.links import campaign_of
from templates.tagged import hashtags_in

NEW_PICTURE = "new"
USUAL = ("utm_source", "utm_medium", "utm_campaign")


@dataclass(frozen=True, slots=True)
class Choice:
    """A picture that may be chosen: the name its verb knows it by, where it is read ("" where not kept), its alt text."""

    name: str
    address: str
    alt: str


@dataclass(frozen=True, slots=True)
class WordsForm:
    """One channel's form. ``picture`` names the one that is chosen; ``kept`` is an uploaded one that no words carry yet.

    ``mail``: it has the lines of an inbox and no hashtags, and takes no upload.
    """

    channel: str
    mail: bool
    version: int
    text: str
    subject: str
    preheader: str
    hashtags: str
    picture: str
    kept: str
    alt: str
    choices: tuple[Choice, ...]
    utm: tuple[tuple[str, str], ...]


def words_form(app: App, one: Standing, article: Article, given: list[Image]) -> WordsForm:
    """The form with what is kept in it."""
    words, mail = one.teaser, one.outlet.crowd
    choices = (
        [Choice(STORYS_PICTURE, kept_at(article.image), _alt(article.image))]
        if may_carry(app, one.outlet, article)
        else []
    )
    if not mail:
        choices += [Choice(image.sha256 or "", kept_at(image), image.alt) for image in given]
    link = words.link if words is not None else None
    had = campaign_of(link, tuple(app.settings.links.utm)) if link else {}
    names = dict.fromkeys((*had, *app.settings.links.utm, *USUAL)) if link else {}
    image = words.image if words is not None else None
    shown = image is not None and bool(image.url if mail else image.path)
    return WordsForm(
        channel=one.outlet.name,
        mail=mail,
        version=words.version if words is not None else 0,
        text=words.text if words is not None else "",
        subject=words.subject if words is not None else "",
        preheader=words.preheader if words is not None else "",
        hashtags=" ".join(hashtags_in(words.text)) if words is not None and not mail else "",
        picture=_name(image, article) if shown and image is not None else NO_PICTURE,
        kept="",
        alt=_alt(image) if shown else "",
        choices=tuple(choices),
        utm=tuple((name, had.get(name, "")) for name in names),
    )


def typed_in(app: App, kept: WordsForm, form: FormData) -> WordsForm:
    """The form as a person sent it; an uploaded picture is kept. What was not sent stays. Raises ``Refused``."""

    def said(name: str, now: str) -> str:
        value = form.get(name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else now

    upload, picture, waiting = form.get("file"), said("picture", kept.picture), said("kept", "")
    if isinstance(upload, UploadFile) and upload.filename:
        waiting = keep_upload(app, upload.file.read()).sha256 or ""
        picture = NEW_PICTURE
    return replace(
        kept,
        text=said("text", kept.text),
        subject=said("subject", kept.subject),
        preheader=said("preheader", kept.preheader),
        hashtags=said("hashtags", kept.hashtags),
        picture=picture,
        kept=waiting,
        alt=said("alt", kept.alt),
        utm=tuple((name, said(f"p-{name}", value)) for name, value in kept.utm),
    )


def changed(kept: WordsForm, sent: WordsForm) -> Rewording:
    """What differs between the two. Raises ``Refused`` for a new picture that was not given."""
    picture = sent.picture if sent.picture != kept.picture else None
    if sent.picture == NEW_PICTURE:
        if not sent.kept:
            raise Refused("no picture was given: choose its file, or one of those that are there")
        picture = sent.kept
    utm = {name: value for (name, value), (_, now) in zip(sent.utm, kept.utm, strict=True) if value != now}
    gone = (picture or kept.picture) == NO_PICTURE
    return Rewording(
        text=sent.text if sent.text.strip() != kept.text.strip() else None,
        subject=_changed(kept.subject, sent.subject),
        preheader=_changed(kept.preheader, sent.preheader),
        picture=picture,
        alt=None if gone else _changed(kept.alt, sent.alt, always=picture is not None),
        hashtags=tuple(sent.hashtags.replace(",", " ").split())
        if sent.hashtags.split() != kept.hashtags.split()
        else None,
        utm=utm or None,
    )


def rebased(before: WordsForm, sent: WordsForm, now: WordsForm) -> WordsForm:
    """What a person sent, put on what is kept now: where they changed nothing since ``before``, the newest stands."""
    was, new = dict(before.utm), dict(sent.utm)
    return replace(
        now,
        kept=sent.kept,
        picture=sent.picture if sent.picture != before.picture else now.picture,
        utm=tuple((name, new[name] if new.get(name) != was.get(name) else value) for name, value in now.utm),
        text=sent.text if sent.text.strip() != before.text.strip() else now.text,
        **{
            name: theirs if theirs != getattr(before, name) else getattr(now, name)
            for name in ("subject", "preheader", "hashtags", "alt")
            if (theirs := getattr(sent, name)) is not None
        },
    )


def kept_at(image: Image | None) -> str:
    """Where a picture is read, "" where none is kept on this machine."""
    return f"/media/{image.sha256}" if image is not None and image.path and image.sha256 else ""


def _changed(now: str, sent: str, *, always: bool = False) -> str | None:
    return sent if always or " ".join(sent.split()) != " ".join(now.split()) else None


def _name(image: Image, article: Article) -> str:
    own = article.image
    if own is not None and (own.sha256, own.url) == (image.sha256, image.url):
        return STORYS_PICTURE
    return image.sha256 or STORYS_PICTURE


def _alt(image: Image | None) -> str:
    return image.alt if image is not None else ""
