"""The line to the newsroom's mail server: how it is opened, and one message handed over while the caller waits.

smtplib makes the handshake, TLS and the sign-in; ``channels.email.session`` hands messages over. Deadlines are total:
a server that drips one byte a minute does not hold a worker for longer than one that says nothing.
"""

from __future__ import annotations

import ipaddress
import platform
import selectors
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self

from channels.email.addresses import Address
from channels.email.line import Line
from channels.email.providers import SMTP, Provider
from channels.email.replies import Reply, Stage, cut_failure, failure_of, reply
from channels.email.session import Session
from channels.errors import ChannelError, Unauthorized, error_for
from db.records import Failure, Outcome, Receipt

_PARTING = 5.0


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Total spans: ``connect`` up to the sign-in, ``before`` from MAIL FROM to the last byte, ``dot`` for its answer.

    RFC 5321 §4.5.3.2.6 asks for ten minutes after the dot: a shorter wait makes readers whose mail is in doubt.
    """

    connect: timedelta = timedelta(minutes=1)
    before: timedelta = timedelta(minutes=2)
    dot: timedelta = timedelta(minutes=10)

    @property
    def total(self) -> timedelta:
        """The longest one message can take on an open line."""
        return self.before + self.dot


@dataclass(frozen=True, slots=True)
class RelayConfig:
    """Where the mail server is and how to speak to it. ``tls`` is none, starttls or tls."""

    host: str
    port: int
    tls: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    loopback_only: bool = True
    hello: str = ""  # the name given in EHLO; "" takes the machine's
    deadlines: Deadlines = Deadlines()
    per_connection: int = 100  # messages on one line before a fresh one
    per_second: float | None = None  # messages a second over all lines; None: as fast as it takes them
    per_day: int | None = None  # mails a day from all of us; None: no limit
    name: str = ""  # as settings.toml calls it, for its count of the day; "": none is kept
    weight: int = 1  # its share of the lines where there are several servers
    provider: Provider = SMTP
    context: ssl.SSLContext | None = field(default=None, repr=False)  # None: the system's authorities


class Relay:
    """One line to one mail server, opened when needed and kept open. Used by one thread at a time."""

    def __init__(self, config: RelayConfig) -> None:
        self._config = config
        self._session: Session | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def deadlines(self) -> Deadlines:
        """How long each phase may take."""
        return self._config.deadlines

    @property
    def is_open(self) -> bool:
        """True while a line stands. False after a failure means: the fault was the line's, not the reader's."""
        return self._session is not None and self._session.is_open

    @property
    def config(self) -> RelayConfig:
        """Where the server is and how it is spoken to."""
        return self._config

    def open(self) -> tuple[str, ...]:
        """Makes sure a line stands, signed in; what the server offers, in capitals.

        Raises ``Unreachable``, ``RateLimited`` or ``Unauthorized``; nothing has been sent then.
        """
        if self._session is not None and self._session.taken >= self._config.per_connection:
            self.close()
        if self._session is None:
            self._session = self.session()
        return self._session.offers

    def session(self) -> Session:
        """A fresh line of its own, signed in, for a caller who drives many at once. Blocks as ``open`` does.

        Raises ``Unreachable``, ``RateLimited`` or ``Unauthorized``; nothing has been sent then.
        """
        deadlines = self.deadlines
        before, dot = deadlines.before.total_seconds(), deadlines.dot.total_seconds()
        return Session(self._connect(), self._config.host, before=before, dot=dot)

    def deliver(self, sender: Address, recipient: Address, message: bytes) -> Receipt:
        """Hands over one message and waits. The receipt's id is the server's queue id, or "" where it names none.

        ``message`` has CRLF line ends only. Raises one of the five; after ``Rejected`` the line still stands.
        """
        self.open()
        session = self._session
        assert session is not None
        ended: Receipt | Failure | None = None
        try:
            ended = session.begin(sender, recipient, message)
            with selectors.DefaultSelector() as selector:
                if ended is None:
                    selector.register(session, session.wants)
                while ended is None:
                    left = session.until - time.monotonic()
                    if left <= 0 or not selector.select(left):
                        ended = session.expire()
                        break
                    ended = session.advance()
                    if ended is None:
                        selector.modify(session, session.wants)
        finally:
            if ended is None:
                session.abandon()  # stopped in the middle of a sentence: nothing more can be said over this line
            if not session.is_open:
                self._session = None
        assert ended is not None
        if isinstance(ended, Failure):
            raise error_for(ended)
        return ended

    def close(self) -> None:
        """Says QUIT if the line still stands and lets it go. Never raises."""
        if self._session is not None:
            self._session.close(_PARTING)
            self._session = None

    # --- the handshake -------------------------------------------------------------------------

    def _connect(self) -> Line:
        host, stage = self._config.host, Stage.CONNECT
        line: Line | None = None
        try:
            line = Line(self._socket(), self._config.hello or _own_name())
            line.within(self.deadlines.connect)
            if self._config.tls == "tls":
                stage = Stage.TLS
                line.encrypt(self._context(), host)
            stage = Stage.CONNECT
            self._expect(line.answer(), 2, stage)
            self._greet(line, stage)
            if self._config.tls == "starttls":
                stage = Stage.TLS
                self._start_tls(line)
            if self._config.username:
                stage = Stage.SIGN_IN
                self._sign_in(line)
        except ssl.SSLError as error:
            _hang_up(line)
            if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
                raise error_for(cut_failure(stage, host, error)) from error
            raise Unauthorized(_insecure(host, error)) from error
        except smtplib.SMTPAuthenticationError as error:
            _hang_up(line)
            said = reply(error.smtp_code, error.smtp_error)
            raise error_for(failure_of(said, Stage.SIGN_IN, host)) from None
        except ChannelError:
            _hang_up(line)
            raise
        except OSError as error:
            _hang_up(line)
            raise error_for(cut_failure(stage, host, error)) from error
        return line

    def _socket(self) -> socket.socket:
        host, port = self._config.host, self._config.port
        if self._config.loopback_only:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            if not all(ipaddress.ip_address(entry[4][0]).is_loopback for entry in found):
                raise Unauthorized(
                    Failure(
                        Outcome.UNAUTHORIZED,
                        code="not this machine",
                        sentence=f'in mode "rehearsal" mail goes to this machine only, and {host} is another one; '
                        'set host to 127.0.0.1, or mode to "live"',
                    )
                )
        line = socket.create_connection((host, port), timeout=self.deadlines.connect.total_seconds())
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the dot must not wait for an acknowledgement
        return line

    def _greet(self, line: Line, stage: Stage) -> None:
        code, text = line.ehlo()
        if code // 100 != 2:
            code, text = line.helo()
        self._expect(reply(code, text), 2, stage)

    def _start_tls(self, line: Line) -> None:
        host = self._config.host
        if not line.has_extn("starttls"):
            raise Unauthorized(
                Failure(
                    Outcome.UNAUTHORIZED,
                    code="no STARTTLS",
                    sentence=f"{host} does not offer STARTTLS, and mail is not sent in clear; "
                    'set tls = "tls" with its port (often 465), or ask its operator',
                )
            )
        self._expect(line.ask("STARTTLS"), 2, Stage.TLS)
        line.encrypt(self._context(), host)
        self._greet(line, Stage.TLS)

    def _sign_in(self, line: Line) -> None:
        if self._config.tls == "none" and not self._config.loopback_only:
            raise Unauthorized(
                Failure(
                    Outcome.UNAUTHORIZED,
                    code="no TLS",
                    sentence="user and password are not sent over a line in clear; "
                    'set tls = "starttls" or "tls" for this channel',
                )
            )
        try:
            line.login(self._config.username, self._config.password)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPServerDisconnected):
            raise
        except smtplib.SMTPException:  # no AUTH, or no way of signing in that smtplib knows
            raise Unauthorized(
                Failure(
                    Outcome.UNAUTHORIZED,
                    code="no AUTH",
                    sentence=f"{self._config.host} offers no sign-in we know; "
                    "take user and password out of the secret file, or check host and port",
                )
            ) from None

    def _expect(self, said: Reply, first_digit: int, stage: Stage) -> None:
        if said.code // 100 != first_digit:
            raise error_for(failure_of(said, stage, self._config.host))

    def _context(self) -> ssl.SSLContext:
        return self._config.context or ssl.create_default_context()


def _hang_up(line: Line | None) -> None:
    if line is not None:
        try:
            line.close()
        except OSError:
            pass


def _own_name() -> str:
    name = platform.node()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _insecure(host: str, error: ssl.SSLError) -> Failure:
    reason = getattr(error, "verify_message", "") or error.reason or "TLS failed"
    return Failure(
        Outcome.UNAUTHORIZED,
        code="TLS",
        sentence=f"the encrypted line to {host} could not be trusted ({reason}); check host, port and tls, "
        "or the server's certificate",
        raw=type(error).__name__,
    )
