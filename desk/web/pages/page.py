"""What a page is: a name in the catalogue, an address, the permission to see it, and its routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends

from desk.web.door.visitor import Caller, Visitor, called, called_with_form, may
from scheduler.people.roles import Permission

__all__ = ["AnyCaller", "MenuLine", "Page", "Reader", "Sender"]

Reader = Annotated[Visitor, Depends(may(Permission.READ))]
"""Whoever may read; the usual first parameter of a page."""
AnyCaller = Annotated[Caller, Depends(called)]
"""Whoever comes, logged in or not: the pages before the door."""
Sender = Annotated[Caller, Depends(called_with_form)]
"""Whoever sends a form before the door."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page. ``name`` is its word under ``menu`` in the catalogue; ``path`` where the menu leads."""

    name: str
    path: str
    permission: Permission
    routes: APIRouter
    icon: str = ""
    in_menu: bool = True

    def is_at(self, path: str) -> bool:
        """Whether an address belongs to this page."""
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


@dataclass(frozen=True, slots=True)
class MenuLine:
    """One line of the menu."""

    name: str
    path: str
    icon: str
    here: bool
