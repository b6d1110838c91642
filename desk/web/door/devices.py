"""What people call the browser that they use, from what it calls itself. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
)
"""The first that is found counts: nearly all claim to be others, too."""
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Device:
    """A browser and the system it runs on; ``system`` "" where only the browser's own words are known."""

    browser: str
    system: str = ""


def device_of(user_agent: str) -> Device:
    """``Firefox``, ``Windows``; what is not known keeps its own words, cut."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    if browser and system:
        return Device(browser, system)
    return Device(user_agent if len(user_agent) <= _LONGEST else f"{user_agent[:_LONGEST].rstrip()}…")
