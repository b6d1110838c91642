"""Once a night: uploaded pictures that nobody kept are removed, after ``[images] keep_unused``.

A picture is given before the words that carry it are kept, so one without a reference may be somebody's work of this
minute. Whoever gives or chooses a picture touches its file, and only a file untouched for the whole span goes. The last
look is after it was moved aside: one that was touched in that very moment goes back to its place. An edit that comes
still later finds no file, and is told to choose it again; nothing that is stored ever loses its picture.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from db import kept_pictures
from scheduler.app import App
from scheduler.still_up import last_night

_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp"})
_NAME = 64


def clear_pictures(app: App) -> int:
    """Removes them, once a night in each process; how many. Raises ``GroundLost``; a folder that cannot be read is left."""
    night = last_night(app.clock.now(), app.settings.newsroom.zone)
    if app.pictures_cleared_at == night:
        return 0
    app.pictures_cleared_at = night
    old = _old(app.media, app.settings.images.keep_unused)
    if not old:
        return 0
    with app.ground.reading() as tx:
        kept = kept_pictures.referred(tx, {path.stem for path in old})
    return sum(_remove(path, moved_at) for path, moved_at in old.items() if path.stem not in kept)


def _old(media: Path, span: timedelta) -> dict[Path, int]:
    """Kept pictures untouched for this long by the folder's own clock, with the moment of the last touch."""
    found: dict[Path, int] = {}
    try:
        probe = media / ".now"
        probe.touch()
        before = probe.stat().st_mtime_ns - int(span.total_seconds()) * 1_000_000_000
        for path in media.iterdir():
            if len(path.stem) == _NAME and path.suffix in _ENDINGS and (at := path.stat().st_mtime_ns) < before:
                found[path] = at
    except OSError:
        return {}  # no folder yet, or not ours to clear: whoever keeps a picture there is told
    return found


def _remove(path: Path, touched_at: int) -> bool:
    aside = path.with_name(f"{path.name}.going")
    try:
        path.replace(aside)
        if aside.stat().st_mtime_ns != touched_at:
            aside.replace(path)
            return False
        aside.unlink()
    except OSError:
        return False
    return True
