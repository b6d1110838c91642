"""``pressrun edit``: a person's own words, given in a line or written in an editor; picture, hashtags, link beside them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.options import AsJson, AsName, OneChannel, SettingsFile, Story, Why, WrongUsage

if TYPE_CHECKING:
    from db.records import Article, Teaser
    from desk.cli.opening import Desk


class EditorFailed(Exception):
    """The editor could not be used; ``str()`` says why and where the words are."""

    exit_code = 3


def edit(
    story: Story,
    channel: OneChannel,
    text: Annotated[
        str | None, typer.Option("--text", metavar="WORDS", help="The new words; - reads standard input.")
    ] = None,
    subject: Annotated[str | None, typer.Option("--subject", metavar="S", help="A mail's subject line.")] = None,
    preheader: Annotated[
        str | None, typer.Option("--preheader", metavar="S", help="A mail's line behind the subject in the inbox.")
    ] = None,
    image: Annotated[
        str | None,
        typer.Option("--image", metavar="FILE", help="A picture's file; 'story' for its own, 'none' for none."),
    ] = None,
    alt: Annotated[str | None, typer.Option("--alt", metavar="TEXT", help="What the picture shows.")] = None,
    hashtags: Annotated[
        str | None, typer.Option("--hashtags", metavar="TAGS", help="Exactly these, parted by blanks; '' for none.")
    ] = None,
    utm: Annotated[
        list[str] | None,
        typer.Option("--utm", metavar="NAME=VALUE", help="A campaign parameter of the link; NAME= takes it out."),
    ] = None,
    why: Why = "",
    as_user: AsName = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> int:
    """Replace a story's words on one channel; or its picture, hashtags, subject.

    Without any of them your editor opens (VISUAL, else EDITOR) with the words as they are. A channel that wants a yes
    waits for a new one; elsewhere your edit is the yes.

    \b
    Examples:
      pressrun edit 12 --channel x-main
      pressrun edit 12 --channel fb-main --text "Ferries run until midnight."
      pressrun edit 12 --channel x-main --image pier.jpg --alt "The pier"
      pressrun edit 12 --channel x-main --utm utm_campaign=summer
    """
    from db.records import Teaser
    from desk.cli.naming import check_channels, find_story
    from desk.cli.opening import opened
    from desk.cli.standing_words import tell_changed
    from scheduler import newsroom
    from scheduler.rewording import Rewording

    with opened(settings, as_user=as_user, as_json=as_json) as desk:
        check_channels(desk, [channel])
        article = find_story(desk, story)
        if text == "-":
            text = sys.stdin.read()
        kept = None
        asked = Rewording(
            text=text,
            subject=subject,
            preheader=preheader,
            picture=_picture(desk, image),
            alt=alt,
            hashtags=tuple(hashtags.replace(",", " ").split()) if hashtags is not None else None,
            utm=_parameters(utm),
        )
        if asked.empty:
            text, kept = _from_editor(desk, article, channel)
            if text is None:
                desk.page.say("Nothing was changed.")
                desk.page.give(timezone=desk.times.name, deliveries=[])
                return 0
            asked = Rewording(text=text)
        try:
            done = newsroom.edit(desk.app, article.id, channel, asked, actor=desk.actor, reason=why)
        except Exception:
            if kept is not None:
                print(f"Your words are kept in {kept}.", file=sys.stderr)
            raise
        if kept is not None:
            _forget(kept)
        if isinstance(done, Teaser):
            desk.page.say(f"Version {done.version} of the words for {channel} is stored; the next issue takes them.")
            desk.page.give(timezone=desk.times.name, deliveries=[], version=done.version)
        else:
            tell_changed(desk, [done])
    return 0


def _picture(desk: Desk, image: str | None) -> str | None:
    """The name under which the verb knows the picture; a file's is kept first."""
    from scheduler.newsroom import keep_upload
    from scheduler.rewording import NO_PICTURE, STORYS_PICTURE

    if image is None or image in (NO_PICTURE, STORYS_PICTURE):
        return image
    try:
        data = Path(image).expanduser().read_bytes()
    except OSError as error:
        raise WrongUsage(
            f"The picture {image} cannot be read ({error.strerror}): give its file, or 'story', or 'none'."
        ) from None
    return keep_upload(desk.app, data).sha256


def _parameters(given: list[str] | None) -> dict[str, str] | None:
    """``NAME=VALUE`` as pairs."""
    if not given:
        return None
    pairs = [one.partition("=") for one in given]
    if wrong := next((one for one, pair in zip(given, pairs, strict=True) if not pair[1] or not pair[0].strip()), None):
        raise WrongUsage(f'"{wrong}" is no parameter: write --utm utm_campaign=summer')
    return {name.strip(): value for name, _, value in pairs}


def _from_editor(desk: Desk, article: Article, channel: str) -> tuple[str | None, Path | None]:
    """The words as the editor left them, None for no change, and the file they are kept in until they are stored."""
    from desk.cli.printing import has_person

    command = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not has_person():
        raise WrongUsage("There is no terminal for an editor here: give the words with --text.")
    if not command:
        raise WrongUsage("No editor is set: set EDITOR, e.g. export EDITOR=nano, or give the words with --text.")
    before = _newest(desk, article, channel)
    file = Path(tempfile.mkdtemp(prefix="pressrun-")) / f"story-{article.id}-{channel}.txt"
    file.write_text(f"{before.text}\n", encoding="utf-8")
    try:
        ended = subprocess.run([*shlex.split(command), str(file)], check=False).returncode
    except (OSError, ValueError) as error:
        _forget(file)
        raise EditorFailed(f"The editor '{command}' cannot be started ({error}): mend EDITOR, or use --text.") from None
    if ended != 0:
        raise EditorFailed(f"The editor ended with {ended}, so nothing was changed; what it left is in {file}.")
    text = file.read_text(encoding="utf-8").removesuffix("\n")
    if text.strip() == before.text.strip():
        _forget(file)
        return None, None
    if _newest(desk, article, channel).version != before.version:
        raise EditorFailed(
            f"Somebody else edited these words while you wrote: look with pressrun preview {article.id}, then edit"
            f" again; your words are kept in {file}."
        )
    return text, file


def _newest(desk: Desk, article: Article, channel: str) -> Teaser:
    from db import teasers
    from db.records import SubjectKind

    with desk.app.ground.reading() as tx:
        newest = teasers.newest(tx, SubjectKind.ARTICLE, article.id, channel)
    if newest is None:
        raise WrongUsage(f"Story {article.id} has no words for {channel} yet; write them with: pressrun tick.")
    return newest


def _forget(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.parent.rmdir()
