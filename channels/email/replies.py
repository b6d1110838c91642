"""What a mail server's replies mean: code -> one of the five errors -> a sentence for the desk.

Decided by the reply code and the enhanced status (RFC 3463), never by the words (RFC 5321 §4.2). Whatever was
refused before or after the final dot is still ours; only silence after the dot leaves a message in doubt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from db.records import Failure, Outcome


class Stage(StrEnum):
    """Where in the conversation a reply or a cut came."""

    CONNECT = "connect"
    TLS = "TLS"
    SIGN_IN = "sign-in"
    RESET = "RSET"
    MAIL = "MAIL FROM"
    RCPT = "RCPT TO"
    DATA = "DATA"
    DOT = "the final dot"


@dataclass(frozen=True, slots=True)
class Reply:
    """One SMTP reply: ``code`` three digits, ``text`` all its lines with addresses masked.

    ``queued_as`` is the id that it gives a message where that looks like an address, as a Message-ID does.
    """

    code: int
    text: str
    queued_as: str = ""

    @property
    def status(self) -> str:
        """The enhanced status at the head of the text, such as ``5.1.1``, or ""."""
        found = _STATUS.match(self.text)
        return found.group() if found else ""

    @property
    def words(self) -> str:
        """The text without its status."""
        return self.text.removeprefix(self.status).strip()

    @property
    def name(self) -> str:
        """Code and status, such as ``550 5.1.1``: the platform's own word, as the log keeps it."""
        return f"{self.code} {self.status}".strip()


_BEFORE_READER = frozenset({Stage.CONNECT, Stage.TLS, Stage.SIGN_IN, Stage.MAIL})  # no reader is to blame yet
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?= |$)")
_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"]+@[^\s<>()\[\]:;,\"]+")

_O = Outcome
_CODES: tuple[tuple[str, Outcome, timedelta | None, str], ...] = (
    # code or code + start of the status, outcome, wait, sentence; the first row that fits decides
    ("421", _O.RATE_LIMITED, timedelta(minutes=2), "{host} closes the line for now ({name}); it is asked again soon"),
    ("530", _O.UNAUTHORIZED, None, "{host} wants a sign-in first ({name}); set user and password in the secret file"),
    ("534", _O.UNAUTHORIZED, None, "{host} refuses this way to sign in ({name}); set tls, or ask its operator"),
    ("535", _O.UNAUTHORIZED, None, "{host} refuses user or password ({name}); renew them in the secret file"),
    ("538", _O.UNAUTHORIZED, None, '{host} wants an encrypted line ({name}); set tls = "starttls" or "tls"'),
    ("550 5.4.5", _O.RATE_LIMITED, timedelta(hours=1), "{host} says the day's quota is used up ({name}); mail waits"),
    ("452 4.2", _O.UNREACHABLE, None, "the reader's mailbox is full ({name}); it is tried again later"),
    ("452", _O.RATE_LIMITED, timedelta(minutes=5), "{host} is short of room for now ({name}); mail waits"),
    ("454", _O.RATE_LIMITED, timedelta(minutes=5), "{host} asks to slow down ({name}); mail waits"),
    ("4?? 4.7", _O.RATE_LIMITED, timedelta(minutes=5), "{host} asks to slow down ({name}); mail waits"),
    ("4??", _O.UNREACHABLE, None, "{host} cannot take it for now ({name}: {text}); it is tried again later"),
    (
        "5?? 5.7",
        _O.UNAUTHORIZED,
        None,
        "{host} refuses our mail as a matter of policy ({name}: {text}); check the sender's SPF, DKIM and DMARC, "
        "and that this server may relay",
    ),
    ("5?? 5.1", _O.REJECTED, None, "there is no such mailbox ({name}: {text})"),
    ("5?? 5.2", _O.REJECTED, None, "the reader's mailbox takes no mail ({name}: {text})"),
    ("5?? 5.3.4", _O.REJECTED, None, "the issue is too large for {host} ({name}); shorten it"),
    ("5??", _O.REJECTED, None, "{host} refused it ({name}: {text})"),
)

AGAIN_AFTER = timedelta(minutes=15)
AT_MOST = 10
"""How a message that was put off after its final dot may be tried again."""

_NOT_SERVED = "{host} does not serve us at {stage} ({name}: {text}); check sender, user and tls, or ask its operator"

_QUEUED_AS = re.compile(r"queued as <?([^\s<>@]+@[^\s<>@]+?)>?[.,;]?(?:\s|$)", re.IGNORECASE)  # a Message-ID
_QUEUE_IDS = (
    re.compile(r"queued as <?([\w.@=+/-]+)", re.IGNORECASE),  # Postfix and many others
    re.compile(r"\bid=<?([\w.@=+/-]+)", re.IGNORECASE),  # Exim
    re.compile(r"^\d\.\d\.\d ([\w.@=+/-]+) message accepted", re.IGNORECASE),  # sendmail
    re.compile(r"^(?:\d\.\d\.\d )?ok:? +<?([\w.@=+/-]{6,})", re.IGNORECASE),  # SES, Gmail
)


def reply(code: int, text: bytes | str) -> Reply:
    """A reply as we keep it: decoded, one line, addresses masked (the log names readers by number)."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    named = _QUEUED_AS.search(words)
    masked = _ADDRESS.sub("<address>", " ".join(words.split()))[:500]
    return Reply(code, masked, named[1] if named is not None else "")


def failure_of(said: Reply, stage: Stage, host: str) -> Failure:
    """How a try ended that got ``said`` where success was hoped for."""
    pattern = f"{said.code} {said.status}".strip()
    row = next((row for row in _CODES if re.match(row[0].replace(".", r"\.").replace("?", r"\d"), pattern)), None)
    if row is None:
        return _nonsense(said, stage, host)
    _, outcome, wait, sentence = row
    if outcome is Outcome.REJECTED and stage in _BEFORE_READER and said.status != "5.3.4":
        outcome, sentence = Outcome.UNAUTHORIZED, _NOT_SERVED
    # "Not now" to a whole message is the server's word that it did not take it, not our knowledge that it did not.
    asked_again = outcome is Outcome.UNREACHABLE and stage is Stage.DOT
    return Failure(
        outcome=Outcome.REJECTED if asked_again else outcome,
        code=said.name,
        sentence=sentence.format(host=host, name=said.name, text=said.words or "no words", stage=stage),
        raw=f"{said.code} {said.text}",
        retry_after=wait,
        again_after=AGAIN_AFTER if asked_again else None,
        at_most=AT_MOST if asked_again else 0,
    )


def asks_all_to_wait(failure: Failure) -> bool:
    """Whether "not now" was said to all our mail (a quota, no room, throttling), not about one reader's mailbox."""
    return failure.outcome is Outcome.RATE_LIMITED and failure.code.startswith(("421", "452", "454", "550 5.4.5"))


def cut_failure(stage: Stage, host: str, error: Exception) -> Failure:
    """How a try ended whose line was cut or fell silent at ``stage``."""
    silent = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)  # smtplib wraps it
    what = "fell silent" if silent else "cut the line"
    if stage is Stage.DOT:
        return Failure(
            Outcome.UNCERTAIN,
            code="cut after the dot",
            sentence=f"{host} {what} after the whole message had left: it may or may not have been taken",
            raw=type(error).__name__,
        )
    if stage is Stage.CONNECT:
        return Failure(
            Outcome.UNREACHABLE,
            code="no connection",
            sentence=f"{host} cannot be reached ({_plain(error)}); check host and port, and that it runs",
            raw=type(error).__name__,
        )
    return Failure(
        Outcome.UNREACHABLE,
        code=f"cut at {stage}",
        sentence=f"{host} {what} at {stage}, before the message was complete: nothing was taken",
        raw=type(error).__name__,
    )


def out_of_step(stage: Stage, host: str) -> Failure:
    """How a try ended whose server said more than it was asked: what follows cannot be told apart from a true answer.

    ``DOT``: it answered while the message was still leaving.
    """
    if stage is Stage.DOT:
        sentence = f"{host} answered before the message had left: it may or may not have been taken"
        return Failure(Outcome.UNCERTAIN, code="answered early", sentence=sentence)
    sentence = f"{host} gave more answers than it was asked for, before the message left: nothing was taken"
    return Failure(Outcome.UNREACHABLE, code="answered early", sentence=sentence)


def queue_id(said: Reply) -> str:
    """The id the server gave the message in its 250 answer, or "" when it gave none."""
    if said.queued_as:
        return said.queued_as
    for pattern in _QUEUE_IDS:
        found = pattern.search(said.text)
        if found:
            return found.group(1).rstrip(".,;")
    return ""


def _nonsense(said: Reply, stage: Stage, host: str) -> Failure:
    """A reply that fits nothing: before the dot nothing was taken, after it nobody knows."""
    outcome = Outcome.UNCERTAIN if stage is Stage.DOT else Outcome.UNREACHABLE
    return Failure(
        outcome,
        code=said.name,
        sentence=f"{host} gave an answer at {stage} that no mail server gives ({said.name}: {said.words})",
        raw=f"{said.code} {said.text}",
    )


def _plain(error: Exception) -> str:
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "no answer"
    return getattr(error, "strerror", None) or "the line was cut"
