"""Which module makes which kind of channel. A kind's module is loaded when it is asked for, not before."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any, Final

from channels.base import Channel

KINDS: Final = {
    "x": ("channels.x", "XConfig", "XChannel"),
    "facebook": ("channels.facebook", "FacebookConfig", "FacebookChannel"),
    "email": ("channels.email.channel", "EmailConfig", "EmailChannel"),
}
"""Kind -> its module, its config class, its channel class."""


class UnknownKind(ValueError):
    """The settings name a kind of channel that there is not."""


def _row(kind: str) -> tuple[ModuleType, str, str]:
    try:
        module, config, channel = KINDS[kind]
    except KeyError:
        raise UnknownKind(f"There is no kind {kind!r} of channel; use one of {', '.join(KINDS)}.") from None
    return import_module(module), config, channel


def config_class(kind: str) -> type[Any]:
    """The frozen dataclass that configures this kind. Raises ``UnknownKind``."""
    module, config, _ = _row(kind)
    found: type[Any] = getattr(module, config)
    return found


def make_channel(kind: str, config: object) -> Channel:
    """A channel of this kind from its config. Raises ``UnknownKind``; makes no call."""
    module, _, channel = _row(kind)
    made: Channel = getattr(module, channel)(config)
    return made
