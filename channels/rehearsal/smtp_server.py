"""The rehearsal mail server: speaks SMTP (RFC 5321), keeps each accepted mail whole, fails where a fault says so.

Offers PIPELINING, SIZE, 8BITMIME, ENHANCEDSTATUSCODES and AUTH PLAIN LOGIN. A mail counts as accepted at the
moment before the 250 that answers its final dot.
"""

from __future__ import annotations

import base64
import binascii
import re
import socketserver
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from channels.rehearsal import accounts, line, published
from channels.rehearsal.catalogue import CATALOGUE, Wire
from channels.rehearsal.faults import Fault, FaultBook
from channels.rehearsal.plug import Plug
from channels.rehearsal.rules import SmtpRules
from channels.rehearsal.store import Store

_LONGEST_LINE = 2_048
_ADDRESS = re.compile(r"<((?:@[^:<>]+:)?)([^<>\s]*)>((?: [!-~]+)*)\Z")
_MAILBOX = re.compile(r"[^@\s<>\x00-\x1f\x7f-\uffff]{1,64}@(?:[A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f.:]+\])\Z")
_KINDS = {
    "EHLO": "ehlo",
    "HELO": "ehlo",
    "MAIL": "mail",
    "RCPT": "rcpt",
    "DATA": "data",
    "AUTH": "auth",
    "QUIT": "quit",
}


class _Left(Exception):
    """The line is closed; nothing more is said."""


class SmtpStage:
    """What the connections share."""

    def __init__(
        self, store: Store, book: FaultBook, rules: Callable[[], SmtpRules], now: Callable[[], datetime]
    ) -> None:
        self.store = store
        self.book = book
        self.rules = rules
        self.now = now


class SmtpHandler(socketserver.StreamRequestHandler):
    """One connection."""

    disable_nagle_algorithm = True
    timeout = 300.0
    stage: ClassVar[SmtpStage]
    server: Plug

    def setup(self) -> None:
        """Begins outside any mail."""
        super().setup()
        self._greeted = False
        self._logged_in = False
        self._sender: str | None = None
        self._recipients: list[str] = []

    def handle(self) -> None:
        """Talks until either side leaves."""
        try:
            self._step("connect", "", lambda: "220 rehearsal.invalid ESMTP rehearsal, nothing leaves this machine")
            while not self.server.stopping.is_set():
                raw = self.rfile.readline(_LONGEST_LINE + 1)
                if not raw:
                    return
                if len(raw) > _LONGEST_LINE:
                    while raw and not raw.endswith(b"\n"):
                        raw = self.rfile.readline(_LONGEST_LINE)
                    self._say("500 5.5.2 Line too long")
                    continue
                self._command(raw.decode("utf-8", "replace").rstrip("\r\n"))
        except _Left:
            return

    def _command(self, text: str) -> None:
        verb, _, rest = text.partition(" ")
        verb = verb.upper()
        kind = _KINDS.get(verb, "any")
        actions: dict[str, Callable[[], str]] = {
            "EHLO": lambda: self._hello(rest, extended=True),
            "HELO": lambda: self._hello(rest, extended=False),
            "MAIL": lambda: self._mail(rest),
            "RCPT": lambda: self._rcpt(rest),
            "DATA": self._data,
            "AUTH": lambda: self._auth(rest),
            "RSET": self._reset,
            "NOOP": lambda: "250 2.0.0 Ok",
            "VRFY": lambda: "252 2.5.0 Cannot verify, send some mail and see",
            "HELP": lambda: "214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP QUIT AUTH VRFY",
            "QUIT": lambda: "221 2.0.0 Bye",
        }
        action = actions.get(verb, lambda: "500 5.5.2 Command not recognized")
        reply = self._step(kind, text, action)
        if reply.startswith("354"):
            self._text()
        elif verb == "QUIT":
            raise _Left

    def _step(self, kind: str, words: str, action: Callable[[], str]) -> str:
        """Does one step, a fault in line permitting; says and returns the reply."""
        with self.server.serving(self.connection) as wanted:
            if not wanted:
                raise _Left
            wire, fault, reply = self._do(kind, words, action)
        self._play(wire, fault, reply or "421 4.3.2 Service not available")
        return reply

    def _do(self, kind: str, words: str, action: Callable[[], str]) -> tuple[Wire, Fault | None, str]:
        stage = self.stage
        fault = stage.book.take("email", kind, lambda: words)
        wire = CATALOGUE[fault.name].wire if fault else Wire.PASS
        before = fault is not None and fault.when == "before" and wire not in (Wire.PASS, Wire.SLOW)
        reply = "" if before else action()
        if fault is not None and wire is Wire.REPLY:
            reply = _reply_of(fault)
            if kind == "data":
                self._reset()
        silent = wire in (Wire.CLOSE, Wire.RESET, Wire.HANG) or not reply[:3].isdecimal()
        status = 0 if silent else int(reply[:3])
        name = f"{fault.name} {fault.when}" if fault else ""
        shown = "AUTH ***" if kind == "auth" else words.partition("\n")[0][:500]
        stage.store.note_request(stage.now(), "email", kind.upper(), shown, kind, status, name, "")
        return wire, fault, reply

    def _play(self, wire: Wire, fault: Fault | None, reply: str) -> None:
        if fault is None or wire is Wire.PASS:
            self._say(reply)
        elif wire is Wire.REPLY:
            self._say(reply)
            if reply.startswith("421"):
                raise _Left
        elif wire is Wire.SLOW:
            if line.wait_for_leaving(self.connection, fault.seconds(), self.server.stopping):
                raise _Left
            self._say(reply)
        else:
            if wire is Wire.DRIP:
                whole = reply.encode() + b"\r\n"
                line.drip(self.connection, whole, fault.seconds("interval"), fault.seconds(), self.server.stopping)
            elif wire is Wire.HANG:
                line.wait_for_leaving(self.connection, fault.seconds(), self.server.stopping)
            elif wire is Wire.RESET:
                line.reset(self.connection)
            raise _Left

    def _say(self, reply: str) -> None:
        self.connection.sendall(reply.encode("ascii", "replace") + b"\r\n")

    def _hello(self, name: str, *, extended: bool) -> str:
        if not name.strip():
            return "501 5.5.4 Syntax: EHLO hostname"
        self._reset()
        self._greeted = True
        if not extended:
            return "250 rehearsal.invalid"
        size = self.stage.rules().size
        offers = [
            "rehearsal.invalid",
            "PIPELINING",
            f"SIZE {size}",
            "8BITMIME",
            "ENHANCEDSTATUSCODES",
            "AUTH PLAIN LOGIN",
        ]
        return "\r\n".join(f"250{' ' if offer is offers[-1] else '-'}{offer}" for offer in offers)

    def _reset(self) -> str:
        self._sender, self._recipients = None, []
        return "250 2.0.0 Ok"

    def _mail(self, rest: str) -> str:
        rules = self.stage.rules()
        if not self._greeted:
            return "503 5.5.1 Send EHLO first"
        if rules.needs_login and not self._logged_in:
            return "530 5.7.0 Authentication required"
        if self._sender is not None:
            return "503 5.5.1 Nested MAIL command"
        address, options = _address(rest, "FROM:")
        if address is None or (address and not _MAILBOX.match(address)):
            return "501 5.1.7 Bad sender address syntax"
        for option in options:
            name, _, value = option.upper().partition("=")
            if name == "SIZE" and value.isdecimal():
                if int(value) > rules.size:
                    return "552 5.3.4 Message size exceeds fixed limit"
            elif (name, value) not in (("BODY", "8BITMIME"), ("BODY", "7BIT")) and name != "AUTH":
                return f"555 5.5.4 Unsupported option: {option[:40]}"
        self._sender = address
        return "250 2.1.0 Ok"

    def _rcpt(self, rest: str) -> str:
        rules = self.stage.rules()
        if self._sender is None:
            return "503 5.5.1 Need MAIL command"
        address, options = _address(rest, "TO:")
        if address is None or not _MAILBOX.match(address):
            return "501 5.1.3 Bad recipient address syntax"
        if options:
            return f"555 5.5.4 Unsupported option: {options[0][:40]}"
        if any(word in address for word in rules.refused):
            return "550 5.1.1 The email account that you tried to reach does not exist"
        if len(self._recipients) >= rules.recipients:
            return "452 4.5.3 Too many recipients"
        self._recipients.append(address)
        return "250 2.1.5 Ok"

    def _data(self) -> str:
        if self._sender is None:
            return "503 5.5.1 Need MAIL command"
        return "354 End data with <CR><LF>.<CR><LF>" if self._recipients else "554 5.5.1 No valid recipients"

    def _text(self) -> None:
        """Reads the mail to its final dot, undoes the dot-stuffing, and answers."""
        rules = self.stage.rules()
        lines: list[bytes] = []
        size = 0
        while True:
            raw = self.rfile.readline(1_048_576)
            if not raw:
                raise _Left
            if raw == b".\r\n":
                break
            size += len(raw)
            if size <= rules.size:
                lines.append(raw[1:] if raw.startswith(b".") else raw)
        whole = b"".join(lines)
        too_long = max(map(len, lines), default=0) > 1_000
        sender, recipients = self._sender or "", tuple(self._recipients)
        words = f"{' '.join(recipients)}\n{whole[:100_000].decode('utf-8', 'replace')}"
        self._step("dot", words, lambda: self._accept(sender, recipients, whole, size > rules.size, too_long))
        self._reset()

    def _accept(self, sender: str, recipients: tuple[str, ...], whole: bytes, too_big: bool, too_long: bool) -> str:
        if too_big:
            return "552 5.3.4 Message size exceeds fixed limit"
        if too_long:
            return "554 5.6.0 Line too long (see RFC 5321 4.5.3.1.6)"
        id = uuid.uuid4().hex[:12].upper()
        published.add_mail(self.stage.store, id, sender, recipients, whole, self.stage.now())
        return f"250 2.0.0 Ok: queued as {id}"

    def _auth(self, rest: str) -> str:
        method, _, first = rest.partition(" ")
        if not self._greeted or self._logged_in:
            return "503 5.5.1 Bad sequence of commands"
        try:
            if method.upper() == "PLAIN":
                _, user, password = _decode(first or self._ask("")).split("\0")
            elif method.upper() == "LOGIN":
                user = _decode(first or self._ask("Username:"))
                password = _decode(self._ask("Password:"))
            else:
                return "504 5.5.4 Unrecognized authentication type"
        except ValueError:
            return "501 5.5.2 Cannot decode the credentials"
        if (user, password) != (accounts.SMTP_USER, accounts.SMTP_PASSWORD):
            return "535 5.7.8 Authentication credentials invalid"
        self._logged_in = True
        return "235 2.7.0 Authentication successful"

    def _ask(self, prompt: str) -> str:
        self._say(f"334 {base64.b64encode(prompt.encode()).decode()}")
        return self.rfile.readline(_LONGEST_LINE).decode("ascii", "replace").strip()


def _reply_of(fault: Fault) -> str:
    code = fault.argument("code")
    return (
        f"{int(code)} {fault.argument('text')}"
        if isinstance(code, (int, float)) and code
        else str(fault.argument("text"))
    )


def _decode(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("not base64") from error


def _address(rest: str, word: str) -> tuple[str | None, list[str]]:
    """The address and the options of MAIL or RCPT; None for an address that cannot be read."""
    if rest[: len(word)].upper() != word:
        return None, []
    match = _ADDRESS.match(rest[len(word) :].strip())
    return (match[2], match[3].split()) if match else (None, [])


def smtp_handler(stage: SmtpStage) -> type[SmtpHandler]:
    """A handler class for one mail server."""
    return type("RehearsalSmtpHandler", (SmtpHandler,), {"stage": stage})
