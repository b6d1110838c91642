"""Where people open the desk, as far as the settings tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheduler.settings import Settings


def desk_address(settings: Settings) -> str:
    """``newsroom.public_url`` where it is https, else the address of [serve] (port 0: as ``serve`` will print it)."""
    public = settings.newsroom.public_url.rstrip("/")
    if public.startswith("https://"):
        return public
    host, port = settings.serve.host, settings.serve.port or "PORT"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
