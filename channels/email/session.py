"""One open line to a mail server, driven by whoever watches its socket: message after message, never blocking.

Where the server offers PIPELINING (RFC 2920) MAIL, RCPT and DATA leave in one write, so that a message costs two round
trips; elsewhere each waits for the answer before it. The handshake, TLS and AUTH are behind us (``channels.email.line``).
The stage is ``DOT`` only once the last octet of the message has left: what ends before that was not taken, and what
is cut after it nobody knows.
"""

from __future__ import annotations

import re
import selectors
import ssl
import time
from collections import deque
from datetime import UTC, datetime

from channels.email.addresses import Address
from channels.email.line import Line
from channels.email.replies import Reply, Stage, cut_failure, failure_of, out_of_step, queue_id, reply
from db.records import Failure, Outcome, Receipt

_LONGEST_ANSWER = 65_536
_READ = 16_384
_END = b".\r\n"
_NO_LINE = re.compile("[\r\n\0]")
_DOT_LINE = re.compile(rb"\n\.")
_ALL_YES = re.compile(rb"2\d\d [^\r\n]*\r?\n2\d\d [^\r\n]*\r?\n3\d\d [^\r\n]*\r?\n")
_PIPELINED = (Stage.MAIL, Stage.RCPT, Stage.DATA)


class Session:
    """One line, signed in. ``begin`` a message, then ``advance`` whenever the socket is ready, until it has ended.

    Used by one thread at a time. Nothing here sleeps or waits; ``until`` says when ``expire`` is due.
    """

    def __init__(self, line: Line, host: str, *, before: float, dot: float) -> None:
        self._host, self._before, self._dot = host, before, dot
        self._pipelines = line.has_extn("pipelining")
        self._utf8 = line.has_extn("smtputf8")
        self._sizes = line.has_extn("size")
        most = line.esmtp_features.get("size", "")
        self._most = int(most) if most.isdigit() else 0
        self.offers = tuple(sorted(feature.upper() for feature in line.esmtp_features))
        self._sock, heard = line.release()
        self._sock.setblocking(False)
        self._encrypted = isinstance(self._sock, ssl.SSLSocket)
        self._heard = bytearray(heard)
        self._out = b""
        self._wants_write = False
        self._leaving = False  # the message is on its way, its last octet still here
        self._open = True
        self._stale = False  # an unfinished transaction stands at the server: RSET comes first
        self._awaited: deque[Stage] = deque()
        self._commands: deque[tuple[Stage, bytes]] = deque()  # without PIPELINING: what is said after the next answer
        self._failure: Failure | None = None
        self._message = b""
        self.busy = False
        self.taken = 0
        """How many messages the server took on this line."""
        self.until = float("inf")
        """On ``time.monotonic``: when the message in hand must have come a step further."""

    @property
    def is_open(self) -> bool:
        """False once the line is gone; it never comes back."""
        return self._open

    @property
    def wants(self) -> int:
        """What to watch the socket for: a ``selectors`` mask."""
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self._wants_write else 0)

    def fileno(self) -> int:
        """The socket's number."""
        return self._sock.fileno()

    # --- one message -------------------------------------------------------------------------------

    def begin(self, sender: Address, recipient: Address, message: bytes) -> Failure | None:
        """Starts to hand over one message with CRLF line ends.

        The failure where it has ended at once: this server could never take it, or the line is gone. Else ``advance``
        tells how it ends.
        """
        assert not self.busy
        if not self._open:
            return cut_failure(Stage.MAIL, self._host, ConnectionResetError())
        options = f" SIZE={len(message)}" if self._sizes else ""
        if sender.needs_smtputf8 or recipient.needs_smtputf8:
            if not self._utf8:
                return _no_smtputf8(self._host)
            options += " BODY=8BITMIME SMTPUTF8"
        if 0 < self._most < len(message):
            return _too_large(self._host, len(message), self._most)
        mail = (Stage.MAIL, _command(f"MAIL FROM:<{sender.wire}>{options}"))
        rcpt = (Stage.RCPT, _command(f"RCPT TO:<{recipient.wire}>"))
        said = [mail, rcpt, (Stage.DATA, b"DATA\r\n")]
        if self._stale:
            said.insert(0, (Stage.RESET, b"RSET\r\n"))
        self._stale, self._failure, self._message, self.busy = True, None, message, True
        self.until = time.monotonic() + self._before
        if self._pipelines:
            self._awaited.extend(stage for stage, _ in said)
            self._out += b"".join(command for _, command in said)
        else:
            self._commands.extend(said)
            self._say_next()
        try:
            self._flush()
        except OSError as error:
            return self._cut(error)
        return None

    def advance(self) -> Receipt | Failure | None:
        """Writes and reads what can be written and read now. How the message ended, or None: not yet.

        A receipt's id is the server's queue id, or "" where it names none. Look at ``is_open`` afterwards: a line may
        end with no message in hand. After ``Rejected`` and the like it stands.
        """
        try:
            self._flush()
            while True:
                more = self._receive()
                if more is None:
                    return None
                if not more:
                    return self._cut(ConnectionResetError())
                self._heard += more
                ended = self._listen()
                if ended is not None or (len(more) < _READ and not self._encrypted):
                    return ended
        except OSError as error:  # ssl's errors are among them
            return self._cut(error)

    def expire(self) -> Failure | None:
        """The deadline has passed: the line goes. How the message in hand ended, None where there was none."""
        return self._cut(TimeoutError())

    def abandon(self) -> None:
        """Lets the line go in the middle of whatever was being said."""
        self.busy = False
        self._drop()

    def close(self, patience: float = 0.0) -> None:
        """Says QUIT where nothing is in hand, waits ``patience`` seconds for the answer, and lets go. Never raises."""
        if self._open and not self.busy:
            try:
                self._sock.settimeout(patience)
                self._sock.send(b"QUIT\r\n")
                if patience:
                    self._sock.recv(_READ)
            except OSError:
                pass  # the server is free to hang up first
        self._drop()

    # --- the conversation --------------------------------------------------------------------------

    def _listen(self) -> Receipt | Failure | None:
        """Takes the answers that are complete. How the message ended, if it did."""
        if len(self._awaited) == 3 and _ALL_YES.fullmatch(self._heard) and tuple(self._awaited) == _PIPELINED:
            self._heard.clear()
            self._awaited.clear()
            self._put_message(_dot_stuffed(self._message) + _END)  # as three times ``_hear``, in one
            return None
        while True:
            said = self._next_answer()
            if said is None:
                if len(self._heard) > _LONGEST_ANSWER:
                    return self._hear(reply(-1, b"an answer without an end"))
                return None
            ended = self._hear(said)
            if ended is not None:
                return ended

    def _next_answer(self) -> Reply | None:
        """One whole answer, all its lines; None while the last line is still to come."""
        start, texts = 0, []
        while True:
            end = self._heard.find(b"\n", start)
            if end < 0:
                return None
            line = bytes(self._heard[start:end]).rstrip(b"\r")
            start = end + 1
            texts.append(line[4:])
            if line[3:4] != b"-":
                break
        del self._heard[:start]
        digits = line[:3]
        code = int(digits) if len(digits) == 3 and digits.isdigit() else -1
        if 200 <= code < 400 and self._awaited and self._awaited[0] is not Stage.DOT:
            return Reply(code, "")  # nobody reads the words of a yes on the way
        return reply(code, b"\n".join(texts))

    def _hear(self, said: Reply) -> Receipt | Failure | None:
        if not self._awaited:  # a 421 nobody asked for, or words out of turn: this line is over
            self._drop()
            return None
        stage = self._awaited.popleft()
        good = said.code // 100 == (3 if stage is Stage.DATA else 2)
        if stage is Stage.RESET and not good and said.code != 421:
            return self._cut(ConnectionResetError())
        if not good and self._failure is None:
            self._failure = failure_of(said, stage, self._host)
        if said.code == 421 or said.code < 0:
            return self._end(self._failure, stands=False)
        if stage is Stage.DOT and (self._leaving or self._out):  # it answers what it has not heard to the end
            failure = self._failure if self._failure is not None else out_of_step(stage, self._host)
            return self._end(failure, stands=False)
        if stage is Stage.DOT:
            self._stale = False
            if self._failure is not None:
                return self._end(self._failure, stands=self._failure.outcome is not Outcome.UNCERTAIN)
            self.taken += 1
            raw = f"{said.code} {said.text}"
            receipt = Receipt(id=queue_id(said), at=datetime.now(UTC), text=said.text, code=said.name, raw=raw)
            return self._end(receipt)
        if stage is Stage.DATA:
            if not good:
                return self._end(self._failure)
            if self._heard:  # what stands there would pass for the answer to the message, which has not left yet
                failure = self._failure if self._failure is not None else out_of_step(stage, self._host)
                return self._end(failure, stands=False)
            # Where MAIL or RCPT was refused and DATA was not: RFC 2920 section 3.1, a lone dot ends it.
            self._put_message(_END if self._failure is not None else _dot_stuffed(self._message) + _END)
            return None
        if self._pipelines:
            return None
        if self._failure is not None:
            self._commands.clear()
            return self._end(self._failure)
        self._say_next()
        self._flush()
        return None

    def _say_next(self) -> None:
        stage, command = self._commands.popleft()
        self._awaited.append(stage)
        self._out += command

    def _put_message(self, octets: bytes) -> None:
        self._awaited.append(Stage.DOT)
        self._out += octets
        self._leaving = True
        self._flush()

    def _end(self, how: Receipt | Failure | None, *, stands: bool = True) -> Receipt | Failure | None:
        self.busy, self._message, self.until = False, b"", float("inf")
        if not stands or self._heard:  # words beyond its answer would pass for the next one
            self._drop()
        return how

    def _cut(self, error: OSError) -> Failure | None:
        """The line is gone, or too slow. What had been refused before stays refused."""
        busy, failure = self.busy, self._failure
        stage = self._awaited[0] if self._awaited else Stage.MAIL
        if stage is Stage.DOT and self._leaving:
            stage = Stage.DATA  # the last octet never left this machine: no server can have taken it
        self.busy, self._message, self.until = False, b"", float("inf")
        self._drop()
        if not busy:
            return None
        return failure if failure is not None else cut_failure(stage, self._host, error)

    def _drop(self) -> None:
        self._open = False
        try:
            self._sock.close()
        except OSError:
            pass

    # --- the socket --------------------------------------------------------------------------------

    def _flush(self) -> None:
        while self._out:
            if self._leaving and self._encrypted and len(self._out) <= _READ:
                # TLS takes a record whole into its own buffer and may send it although it says "not yet".
                self._leaving = False
                self.until = time.monotonic() + self._dot
            try:
                sent = self._sock.send(self._out)
            except (BlockingIOError, InterruptedError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                self._wants_write = True
                return
            self._out = self._out[sent:]
        self._wants_write = False
        if self._leaving:
            self._leaving = False
            self.until = time.monotonic() + self._dot

    def _receive(self) -> bytes | None:
        """What has come; b"" when the peer hung up, None when nothing is there."""
        try:
            return self._sock.recv(_READ)
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError):
            return None
        except ssl.SSLWantWriteError:
            self._wants_write = True
            return None


def _command(line: str) -> bytes:
    if _NO_LINE.search(line):
        raise ValueError("an SMTP command is one line")
    return f"{line}\r\n".encode()


def _dot_stuffed(message: bytes) -> bytes:
    """RFC 5321 §4.5.2: a line that begins with a dot gets another; the message ends with CRLF."""
    # Nearly no message has such a line, and the expression finds that out in a third of the time ``replace`` takes.
    stuffed = message.replace(b"\r\n.", b"\r\n..") if _DOT_LINE.search(message) else message
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _no_smtputf8(host: str) -> Failure:
    return Failure(
        Outcome.REJECTED,
        code="no SMTPUTF8",
        sentence=f"{host} takes no address with letters beyond ASCII before the @-sign",
    )


def _too_large(host: str, size: int, most: int) -> Failure:
    return Failure(
        Outcome.REJECTED,
        code="too large",
        sentence=f"the issue has {size:,} bytes and {host} takes {most:,}; shorten it",
    )
