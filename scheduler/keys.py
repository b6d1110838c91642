"""The keys that sign unsubscribe links and seal secrets: made once, kept beside the settings, readable by the owner only."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

FILE = "pressrun.key"
_BYTES = 32


class KeyFileError(Exception):
    """The key file cannot be read or made; ``str()`` says what to do."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Keys:
    """``link`` signs links and may be replaced by a newer one while ``old`` keep working; ``suppression`` never changes.

    ``seal`` are the keys of sealed secrets: the first seals, all of them open.
    """

    link: bytes = field(repr=False)
    suppression: bytes = field(repr=False)
    old: tuple[bytes, ...] = field(default=(), repr=False)
    seal: tuple[bytes, ...] = field(default=(), repr=False)


def keys_in(folder: Path) -> Keys:
    """The newsroom's keys; made at the first call. Raises ``KeyFileError``."""
    file = folder / FILE
    try:
        return _read(file)
    except FileNotFoundError:
        pass
    lines = "".join(f"{name} {secrets.token_hex(_BYTES)}\n" for name in ("suppression", "link", "seal"))
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        fresh.write_bytes(b"")
        fresh.chmod(0o600)
        fresh.write_text(lines, encoding="ascii")
        os.link(fresh, file)  # unlike a rename it never replaces the keys another process made in this moment
    except FileExistsError:
        pass
    except OSError as error:
        raise KeyFileError(f"{file} cannot be made ({error.strerror}); let this user write to {folder}") from error
    finally:
        fresh.unlink(missing_ok=True)
    return _read(file)


def _read(file: Path) -> Keys:
    try:
        lines = [line.split() for line in file.read_text(encoding="ascii").splitlines() if line.strip()]
        named = [(name, bytes.fromhex(value)) for name, value in lines]
        links = [value for name, value in named if name == "link"]
        (suppression,) = [value for name, value in named if name == "suppression"]
        seals = [value for name, value in named if name == "seal"]
        return Keys(
            links[-1],
            suppression,
            tuple(links[:-1]),
            tuple(reversed(seals)) or (hashlib.sha256(b"seal" + suppression).digest(),),
        )
    except FileNotFoundError:
        raise
    except OSError as error:
        raise KeyFileError(f"{file} cannot be read ({error.strerror}); it must belong to this user") from error
    except (ValueError, IndexError) as error:
        raise KeyFileError(f"{file} is not a key file of Pressrun; restore it from a backup") from error
