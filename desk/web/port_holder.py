"""Who listens at a port already, as far as this machine tells; and a port that is free, to name in its place."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

_LISTENING = "0A"
"""The state of a listening socket in /proc/net/tcp (proc(5), tcp_states.h)."""
_LOOKED_THROUGH = 50


def holder_of(port: int) -> str:
    """``python3 (process 4711)`` or ``a pressrun serve (process 4711)``; "" where the system does not say.

    Linux alone says it, and of other people's processes only to root.
    """
    try:
        inodes = {f"socket:[{inode}]" for inode in _inodes(port)}
        return next(filter(None, (_named(process, inodes) for process in _processes())), "") if inodes else ""
    except OSError:
        return ""


def free_port(host: str, after: int) -> int | None:
    """The first port behind ``after`` that nobody listens at on ``host`` now; None where there is none near."""
    for port in range(after + 1, min(after + _LOOKED_THROUGH, 65_535) + 1):
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            socket.create_server(address[:2], family=family).close()
        except OSError:
            continue
        return port
    return None


def _inodes(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        path = Path("/proc/net", table)
        if not path.exists():
            continue
        for line in path.read_text(encoding="ascii").splitlines()[1:]:
            words = line.split()
            if words[3] == _LISTENING and int(words[1].rpartition(":")[2], 16) == port:
                yield words[9]


def _processes() -> Iterator[Path]:
    return (path for path in Path("/proc").iterdir() if path.name.isdecimal())


def _named(process: Path, inodes: set[str]) -> str:
    try:
        if not any(os.readlink(one) in inodes for one in (process / "fd").iterdir()):
            return ""
        words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # somebody else's, or gone meanwhile
        return ""
    ours = "serve" in words and any("desk.cli.main" in word or word.endswith("/pressrun") for word in words)
    return f"{'a pressrun serve' if ours else name} (process {process.name})"
