"""What can be done to a connection besides answering: reset it, let it drip, let it hang."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
import time


def reset(connection: socket.socket) -> None:
    """Cuts the connection so that the other side reads a reset rather than an end."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


def has_left(connection: socket.socket) -> bool:
    """Whether the other side has closed or reset the connection."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True


def wait_for_leaving(connection: socket.socket, seconds: float, stopping: threading.Event) -> bool:
    """Waits until the other side leaves (True), or the seconds are over or the server stops (False).

    Bytes that the other side still sends are left unread.
    """
    end = time.monotonic() + seconds
    while not stopping.is_set():
        left = end - time.monotonic()
        if left <= 0:
            return False
        try:
            readable, _, _ = select.select([connection], [], [], min(left, 0.05))
            if readable and has_left(connection):
                return True
            if readable:
                stopping.wait(min(left, 0.05))
        except (OSError, ValueError):
            return True
    return False


def drip(connection: socket.socket, data: bytes, interval: float, seconds: float, stopping: threading.Event) -> None:
    """Sends byte by byte, a pause between two; when the seconds are over before the end, cuts with a reset."""
    end = time.monotonic() + seconds
    with contextlib.suppress(OSError):
        for number in range(len(data)):
            connection.sendall(data[number : number + 1])
            if wait_for_leaving(connection, interval, stopping) or stopping.is_set():
                return
            if time.monotonic() > end:
                reset(connection)
                return
