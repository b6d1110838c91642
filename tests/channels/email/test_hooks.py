"""What mail services tell: signed or refused, each in its own shape, told twice under one name."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from channels.email.hooks import NoReport, NotSigned, Told, read_hook
from channels.email.returned import What

NOW = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
PLACE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"
KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())


def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    made = made.serial_number(1).not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=1))
    return made.sign(KEY, SHA256()).public_bytes(Encoding.PEM)


CERTIFICATE = certificate()


def asked(
    service: str, body: Any, *, secret: str, given: str = "", headers: Mapping[str, str] | None = None
) -> list[Told]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_hook(service, raw, headers or {}, secret, given=given, now=NOW, fetch=lambda address: CERTIFICATE)


def sns(note: dict[str, Any], **changes: str) -> dict[str, str]:
    message = {
        "Type": "Notification",
        "MessageId": "m-1",
        "TopicArn": TOPIC,
        "Message": json.dumps(note),
        "Timestamp": "2026-09-21T06:30:00.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": PLACE,
        **changes,
    }
    names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    signed = "".join(f"{name}\n{message[name]}\n" for name in names if name in message).encode()
    return {**message, "Signature": base64.b64encode(KEY.sign(signed, PKCS1v15(), SHA256())).decode()}


def bounce(kind: str = "Permanent") -> dict[str, Any]:
    said = {"emailAddress": "ann@example.org", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 nobody"}
    return {
        "notificationType": "Bounce",
        "mail": {"messageId": "0102-abc"},
        "bounce": {"bounceType": kind, "bouncedRecipients": [said]},
    }


def test_ses_tells_bounces_and_complaints_under_the_id_of_its_250_answer() -> None:
    (told,) = asked("ses", sns(bounce()), secret=TOPIC)
    assert (told.returned.what, told.returned.address, told.receipt) == (What.HARD, "ann@example.org", "0102-abc")
    (told,) = asked("ses", sns(bounce("Transient")), secret=TOPIC)
    assert told.returned.what is What.SOFT
    note = {
        "notificationType": "Complaint",
        "mail": {"messageId": "0102-abc"},
        "complaint": {"complainedRecipients": [{"emailAddress": "ann@example.org"}]},
    }
    (told,) = asked("ses", sns(note), secret=TOPIC)
    assert told.returned.what is What.COMPLAINT


def test_a_call_in_amazons_name_that_amazon_did_not_sign_is_refused() -> None:
    forged = {**sns(bounce()), "Message": json.dumps(bounce("Transient"))}
    with pytest.raises(NotSigned, match="did not sign"):
        asked("ses", forged, secret=TOPIC)
    with pytest.raises(NotSigned, match="topic"):
        asked("ses", sns(bounce(), TopicArn="arn:aws:sns:eu-west-1:999:else"), secret=TOPIC)
    for place in ("http://sns.eu-west-1.amazonaws.com/a.pem", "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem"):
        with pytest.raises(NotSigned, match="Amazon"):
            asked("ses", sns(bounce(), SigningCertURL=place), secret=TOPIC)


POSTMARK = {
    "RecordType": "Bounce",
    "ID": 42,
    "Type": "HardBounce",
    "MessageID": "p-1",
    "Email": "ann@example.org",
    "Description": "no such user",
}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({}, What.HARD),
        ({"Type": "SoftBounce"}, What.SOFT),
        ({"Type": "AutoResponder"}, What.REPLY),
        ({"RecordType": "SpamComplaint", "Type": "SpamComplaint"}, What.COMPLAINT),
    ],
)
def test_postmark_is_believed_with_its_secret_alone(changes: dict[str, str], what: What) -> None:
    (told,) = asked("postmark", {**POSTMARK, **changes}, secret="s", given="s")
    assert (told.returned.what, told.receipt) == (what, "p-1")
    with pytest.raises(NotSigned):
        asked("postmark", POSTMARK, secret="s", given="t")


def mailgun(event: str, severity: str = "permanent", at: datetime = NOW, key: str = "k") -> dict[str, Any]:
    stamp = str(int(at.timestamp()))
    signature = hmac.digest(key.encode(), f"{stamp}tok".encode(), "sha256").hex()
    data = {
        "event": event,
        "severity": severity,
        "id": "e-1",
        "recipient": "ann@example.org",
        "message": {"headers": {"message-id": "abc@news.example.org"}},
        "delivery-status": {"code": 550, "message": "5.1.1 nobody"},
    }
    return {"signature": {"timestamp": stamp, "token": "tok", "signature": signature}, "event-data": data}


def test_mailgun_is_believed_by_its_signature_while_it_is_fresh() -> None:
    assert [one.returned.what for one in asked("mailgun", mailgun("failed"), secret="k")] == [What.HARD]
    assert [one.returned.what for one in asked("mailgun", mailgun("failed", "temporary"), secret="k")] == [What.SOFT]
    assert [one.returned.what for one in asked("mailgun", mailgun("complained"), secret="k")] == [What.COMPLAINT]
    assert asked("mailgun", mailgun("opened"), secret="k") == []
    for call in (mailgun("failed", key="other"), mailgun("failed", at=NOW - timedelta(hours=1))):
        with pytest.raises(NotSigned):
            asked("mailgun", call, secret="k")


def test_sendgrid_is_believed_by_its_curve() -> None:
    events = [
        {
            "event": "bounce",
            "email": "ann@example.org",
            "status": "5.1.1",
            "sg_event_id": "1",
            "smtp-id": "<abc@n.org>",
        },
        {"event": "bounce", "type": "blocked", "email": "bob@example.org", "status": "5.7.1", "sg_event_id": "2"},
        {"event": "spamreport", "email": "cid@example.org", "sg_event_id": "3"},
        {"event": "open", "email": "cid@example.org", "sg_event_id": "4"},
        {"event": "group_unsubscribe", "email": "dan@example.org", "sg_event_id": "5", "timestamp": 1789972200},
    ]
    body = json.dumps(events).encode()
    public = base64.b64encode(CURVE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    signature = base64.b64encode(CURVE.sign(b"1789972200" + body, ec.ECDSA(SHA256()))).decode()
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": signature,
        "X-Twilio-Email-Event-Webhook-Timestamp": "1789972200",
    }
    told = asked("sendgrid", body, secret=public, headers=headers)
    assert [one.returned.what for one in told] == [What.HARD, What.SOFT, What.COMPLAINT, What.LEAVING]
    assert told[-1].at == NOW
    for bad in ({}, {**headers, "X-Twilio-Email-Event-Webhook-Timestamp": "1"}):
        with pytest.raises(NotSigned):
            asked("sendgrid", body, secret=public, headers=bad)


def test_brevo_is_believed_with_its_secret_alone() -> None:
    call = {"event": "hard_bounce", "email": "ann@example.org", "message-id": "<abc@n.org>", "ts_event": 1}
    (told,) = asked("brevo", call, secret="s", given="s")
    assert (told.returned.what, told.receipt) == (What.HARD, "<abc@n.org>")
    assert asked("brevo", {**call, "event": "delivered"}, secret="s", given="s") == []


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null", b'"x"', b"{}", b'[{"RecordType": "Bounce"}]'])
def test_what_is_no_report_is_refused_in_a_sentence(body: bytes) -> None:
    with pytest.raises(NoReport):
        asked("postmark", body, secret="s", given="s")


def changed(**more: Any) -> dict[str, Any]:
    return {
        "RecordType": "SubscriptionChange",
        "MessageID": "p-1",
        "Recipient": "ann@example.org",
        "Origin": "Recipient",
        "SuppressSending": True,
        "SuppressionReason": "ManualSuppression",
        "ChangedAt": "2026-09-21T06:30:00Z",
        **more,
    }


def test_who_leaves_by_a_services_own_link_has_left() -> None:
    (told,) = asked("postmark", changed(), secret="s", given="s")
    assert (told.returned.what, told.returned.address, told.receipt) == (What.LEAVING, "ann@example.org", "p-1")
    for other in ({"SuppressionReason": "HardBounce"}, {"Origin": "Customer"}, {"SuppressSending": False}):
        assert asked("postmark", changed(**other), secret="s", given="s") == []
    assert told.at == NOW
    call = mailgun("unsubscribed")
    call["event-data"]["timestamp"] = NOW.timestamp() + 0.25
    (told,) = asked("mailgun", call, secret="k")
    assert (told.returned.what, told.at) == (What.LEAVING, NOW + timedelta(seconds=0.25))
    call = {"event": "unsubscribed", "email": "ann@example.org", "message-id": "<abc@n.org>"}
    (told,) = asked("brevo", {**call, "ts_event": int(NOW.timestamp()), "ts": 1}, secret="s", given="s")
    assert (told.returned.what, told.at) == (What.LEAVING, NOW)
    nonsense: Any
    for nonsense in ("soon", "2026-13-01", 1e30, [], None):
        (told,) = asked("brevo", {**call, "ts_event": nonsense}, secret="s", given="s")
        assert (told.returned.what, told.at) == (What.LEAVING, None)
