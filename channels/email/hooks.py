"""What mail services tell by webhook, each in its own shape, read into one; signatures are checked first. Pure.

Amazon SES speaks through SNS, whose certificate the caller fetches (``certificate_of`` says from where, and from no
other place). Postmark and Brevo sign nothing: their calls carry a secret that the newsroom put into the address.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from channels.email.returned import Returned, What, what_of_status

KNOWN = ("ses", "postmark", "mailgun", "sendgrid", "brevo")
TOO_OLD = timedelta(minutes=15)
_SNS_HOST = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
_SNS_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


class NotSigned(Exception):
    """The call does not prove where it comes from. ``str()`` says what is missing."""


class NoReport(Exception):
    """The call cannot be read. ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing a service told. ``event`` names it for life, so that a call that comes twice counts once.

    ``receipt`` is the id of its 250 answer. ``confirm``: SNS asks to have this address opened once. ``at``: when a reader
    left, by the service's clock; None where it does not say.
    """

    returned: Returned
    event: str
    receipt: str = ""
    confirm: str = ""
    at: datetime | None = None


def read_hook(
    service: str,
    body: bytes,
    headers: Mapping[str, str],
    secret: str,
    *,
    given: str,
    now: datetime,
    fetch: Callable[[str], bytes],
) -> list[Told]:
    """What a call of ``service`` tells. ``given`` is the secret that stood in the address, where one did.

    ``fetch`` gets the certificate that ``certificate_of`` allowed. Raises ``NotSigned`` and ``NoReport``.
    """
    headers = {name.lower(): value for name, value in headers.items()}
    if service == "sendgrid":
        _check_sendgrid(body, headers, secret)
    elif service in ("postmark", "brevo") and not hmac.compare_digest(given.encode(), secret.encode()):
        raise NotSigned("the address lacks the secret that stands in the secret file")
    try:
        content = json.loads(body)
    except ValueError:
        raise NoReport("the call is not JSON") from None
    entries = content if isinstance(content, list) else [content]
    if not all(isinstance(one, dict) for one in entries):
        raise NoReport("the call holds something else than reports")
    found: list[Told] = []
    try:
        for one in entries:
            if service == "mailgun":
                _check_mailgun(one, secret, now)
            if service == "ses":
                _check_sns(one, secret, fetch)
            found += _READERS[service](one)
    except (KeyError, TypeError, AttributeError, IndexError):
        raise NoReport(f"the call is not what {service} sends") from None
    return found


def certificate_of(message: Mapping[str, Any]) -> str:
    """Where the certificate of an SNS message lies. Raises ``NotSigned`` unless that is Amazon's own place."""
    address = str(message.get("SigningCertURL", ""))
    split = urlsplit(address)
    if split.scheme != "https" or not _SNS_HOST.fullmatch(split.netloc) or not split.path.endswith(".pem"):
        raise NotSigned("its certificate does not lie with Amazon")
    return address


# --- signatures ------------------------------------------------------------------------------------


def _check_sns(message: Mapping[str, Any], topic: str, fetch: Callable[[str], bytes]) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256
    from cryptography.x509 import load_pem_x509_certificate

    names = _SNS_SIGNED.get(str(message.get("Type")))
    if names is None:
        raise NoReport("SNS sent neither a notification nor a request to confirm")
    if message["TopicArn"] != topic:  # Amazon signs for every customer alike
        raise NotSigned("it comes from another topic than the one in the secret file")
    signed = "".join(f"{name}\n{message[name]}\n" for name in names if name in message).encode()
    key = load_pem_x509_certificate(fetch(certificate_of(message))).public_key()
    try:
        assert isinstance(key, RSAPublicKey)
        digest = SHA256() if message.get("SignatureVersion") == "2" else SHA1()
        key.verify(base64.b64decode(str(message["Signature"])), signed, PKCS1v15(), digest)
    except (InvalidSignature, binascii.Error, AssertionError):
        raise NotSigned("Amazon did not sign it") from None


def _check_mailgun(call: Mapping[str, Any], secret: str, now: datetime) -> None:
    signature = call["signature"]
    stamp, token = str(signature["timestamp"]), str(signature["token"])
    wanted = hmac.digest(secret.encode(), f"{stamp}{token}".encode(), "sha256").hex()
    if not hmac.compare_digest(wanted, str(signature["signature"])):
        raise NotSigned("Mailgun did not sign it with the key in the secret file")
    if not stamp.isdigit() or abs(now - datetime.fromtimestamp(int(stamp), UTC)) > TOO_OLD:
        raise NotSigned("its signature is too old")


def _check_sendgrid(body: bytes, headers: Mapping[str, str], secret: str) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    signature = headers.get("x-twilio-email-event-webhook-signature", "")
    stamp = headers.get("x-twilio-email-event-webhook-timestamp", "")
    try:
        key = load_der_public_key(base64.b64decode(secret))
        assert isinstance(key, EllipticCurvePublicKey)
        key.verify(base64.b64decode(signature), stamp.encode() + body, ECDSA(SHA256()))
    except (InvalidSignature, binascii.Error, ValueError, AssertionError):
        raise NotSigned("SendGrid did not sign it with the key in the secret file") from None


# --- shapes ----------------------------------------------------------------------------------------


def _ses(call: Mapping[str, Any]) -> Iterator[Told]:
    if call["Type"] == "SubscriptionConfirmation":
        yield Told(
            Returned(What.OTHER, words="asks to be confirmed"), str(call["MessageId"]), confirm=call["SubscribeURL"]
        )
        return
    note = json.loads(call["Message"])
    kind, mail = note.get("notificationType") or note.get("eventType"), note["mail"]
    receipt = str(mail["messageId"])
    if kind == "Bounce":
        bounce = note["bounce"]
        lasting = bounce["bounceType"] == "Permanent"
        for one in bounce["bouncedRecipients"]:
            what = What.HARD if lasting else What.SOFT
            words = str(one.get("diagnosticCode", bounce.get("bounceSubType", "")))[:300]
            returned = Returned(what, one["emailAddress"], str(one.get("status", "")), words)
            yield Told(returned, f"{call['MessageId']} {one['emailAddress']}", receipt)
    elif kind == "Complaint":
        for one in note["complaint"]["complainedRecipients"]:
            words = str(note["complaint"].get("complaintFeedbackType", ""))
            returned = Returned(What.COMPLAINT, one["emailAddress"], words=words)
            yield Told(returned, f"{call['MessageId']} {one['emailAddress']}", receipt)


_POSTMARK = {
    "HardBounce": What.HARD,
    "BadEmailAddress": What.HARD,
    "SpamComplaint": What.COMPLAINT,
    "AutoResponder": What.REPLY,
    "AddressChange": What.REPLY,
    "ChallengeVerification": What.REPLY,
}


def _postmark(call: Mapping[str, Any]) -> Iterator[Told]:
    if call["RecordType"] == "SubscriptionChange":
        # A bounce and a complaint come here, too, after their own call; only the reader's wish is news.
        if (
            call["SuppressSending"]
            and call["SuppressionReason"] == "ManualSuppression"
            and call["Origin"] == "Recipient"
        ):
            receipt = str(call.get("MessageID") or "")
            event = f"left {receipt} {call['Recipient']} {call.get('ChangedAt', '')}"
            yield Told(Returned(What.LEAVING, call["Recipient"]), event, receipt, at=_moment(call.get("ChangedAt")))
        return
    if call["RecordType"] not in ("Bounce", "SpamComplaint"):
        return
    what = What.COMPLAINT if call["RecordType"] == "SpamComplaint" else _POSTMARK.get(call["Type"], What.SOFT)
    words = str(call.get("Description") or call.get("Type") or "")[:300]
    yield Told(Returned(what, call["Email"], words=words), str(call["ID"]), str(call.get("MessageID", "")))


def _mailgun(call: Mapping[str, Any]) -> Iterator[Told]:
    data = call["event-data"]
    event = data["event"]
    if event not in ("failed", "complained", "unsubscribed"):
        return
    status = data.get("delivery-status", {})
    words = str(status.get("message") or status.get("description") or data.get("reason") or "")[:300]
    if event == "complained":
        what = What.COMPLAINT
    elif event == "unsubscribed":
        what = What.LEAVING
    else:
        what = (
            What.HARD if data.get("severity") == "permanent" and data.get("reason") != "suppress-bounce" else What.SOFT
        )
    receipt = str(data.get("message", {}).get("headers", {}).get("message-id", ""))
    returned = Returned(what, data["recipient"], str(status.get("enhanced-code", "")), words, message_id=receipt)
    yield Told(returned, str(data["id"]), receipt, at=_moment(data.get("timestamp")))


def _sendgrid(call: Mapping[str, Any]) -> Iterator[Told]:
    event = call["event"]
    if event == "spamreport":
        what = What.COMPLAINT
    elif event in ("unsubscribe", "group_unsubscribe"):
        what = What.LEAVING
    elif event == "bounce":  # type "blocked": the receiving side turned us away for now
        what = What.SOFT if call.get("type") == "blocked" else what_of_status(str(call.get("status", "5.1.1")))
    else:
        return
    status, words = str(call.get("status", "")), str(call.get("reason", ""))[:300]
    receipt = str(call.get("smtp-id", "")).strip("<>")
    returned = Returned(what, call["email"], status, words, message_id=receipt)
    yield Told(returned, str(call["sg_event_id"]), receipt, at=_moment(call.get("timestamp")))


_BREVO = {
    "hard_bounce": What.HARD,
    "invalid_email": What.HARD,
    "soft_bounce": What.SOFT,
    "spam": What.COMPLAINT,
    "unsubscribed": What.LEAVING,
}


def _brevo(call: Mapping[str, Any]) -> Iterator[Told]:
    what = _BREVO.get(call["event"])
    if what is not None:
        message_id = str(call.get("message-id", ""))
        event = f"{message_id} {call['event']} {call.get('ts_event', call.get('ts', ''))}"
        words = str(call.get("reason", ""))[:300]
        # "ts" is in the account's own zone
        at = _moment(call.get("ts_event"))
        yield Told(Returned(what, call["email"], words=words, message_id=message_id), event, message_id, at=at)


def _moment(told: object) -> datetime | None:
    """Seconds since 1970, or a time by ISO 8601; None for anything else."""
    try:
        if isinstance(told, int | float):
            return datetime.fromtimestamp(told, UTC)
        if isinstance(told, str):
            found = datetime.fromisoformat(told)
            return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Told]]] = {
    "ses": _ses,
    "postmark": _postmark,
    "mailgun": _mailgun,
    "sendgrid": _sendgrid,
    "brevo": _brevo,
}
