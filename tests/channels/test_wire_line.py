"""When a request ends and which side of the line it is on, against a server that misbehaves byte by byte."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.wire import WireFault
from db.records import Mode
from tests.channels.scripted import Heard, Script, answering, dripping, reply, serving
from tests.channels.wire_ground import DEADLINE, SDK, fault_of, session_to


@pytest.mark.parametrize("interval", [0.02, 0.09])
@pytest.mark.parametrize("part", ["status", "headers", "body"])
def test_an_answer_that_drips_ends_at_the_deadline(part: str, interval: float) -> None:
    data = {"status": b"H" * 900, "headers": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 900, "body": reply(b"z" * 900)}[part]
    script: Script = dripping(data, interval)
    if part == "body":
        head = data.index(b"\r\n\r\n") + 4

        def play(line: socket.socket, heard: Heard) -> None:
            heard.read(line)
            line.sendall(data[:head])
            for _ in range(900):
                line.sendall(b"z")
                if heard.over.wait(interval):
                    return

        script = play
    with serving(script) as heard, session_to(heard.url, DEADLINE) as session:
        fault = fault_of(session)
    assert fault.left
    assert fault.code == "deadline"


def test_a_peer_that_never_answers_ends_at_the_deadline() -> None:
    def play(line: socket.socket, heard: Heard) -> None:
        heard.read(line)
        heard.over.wait(60)

    with serving(play) as heard, session_to(heard.url, DEADLINE) as session:
        fault = fault_of(session)
    assert (fault.left, fault.code) == (True, "deadline")
    assert "0.75 s" in str(fault)


def never_reading(line: socket.socket, heard: Heard) -> None:
    heard.over.wait(60)


def test_a_peer_that_never_reads_ends_at_the_deadline() -> None:
    with serving(never_reading) as heard, session_to(heard.url, DEADLINE) as session:
        fault = fault_of(session, data=b"x" * 12_000_000)
    assert (fault.left, fault.code) == (True, "deadline")


def test_a_connection_that_nobody_accepts_ends_at_the_deadline_and_nothing_left() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        try:
            for line in waiting:
                line.setblocking(False)
                with suppress(BlockingIOError):
                    line.connect(listener.getsockname())
            with session_to(f"http://127.0.0.1:{listener.getsockname()[1]}", DEADLINE) as session:
                fault = fault_of(session)
        finally:
            for line in waiting:
                line.close()
    assert (fault.left, fault.code) == (False, "connect")


def test_a_refused_connection_never_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with session_to(f"http://127.0.0.1:{port}", DEADLINE) as session:
        fault = fault_of(session)
    assert (fault.left, fault.code) == (False, "connect")


def test_a_name_that_is_not_found_never_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with session_to("https://api.x.invalid", DEADLINE, mode=Mode.LIVE) as session:
        fault = fault_of(session)
    assert (fault.left, fault.code) == (False, "name")


def test_a_name_server_that_hangs_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        over.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        with session_to("https://api.x.invalid", DEADLINE, mode=Mode.LIVE) as session:
            fault = fault_of(session)
    finally:
        over.set()
    assert (fault.left, fault.code) == (False, "name")


@pytest.mark.parametrize("drips", [False, True])
def test_a_tls_handshake_that_hangs_or_drips_never_left(drips: bool) -> None:
    def play(line: socket.socket, heard: Heard) -> None:
        line.recv(1)
        for byte in b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + b"\x00" * 900:
            if heard.over.wait(0.05 if drips else 5):
                return
            line.sendall(bytes([byte]))

    with serving(play) as heard, session_to(f"https://127.0.0.1:{heard.port}", DEADLINE) as session:
        fault = fault_of(session)
    assert (fault.left, fault.code) == (False, "tls")


def test_a_peer_that_speaks_no_tls_never_left() -> None:
    with (
        serving(lambda line, heard: line.sendall(reply())) as heard,
        session_to(f"https://127.0.0.1:{heard.port}", DEADLINE) as session,
    ):
        fault = fault_of(session)
    assert (fault.left, fault.code) == (False, "tls")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1, in one file."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "rehearsal")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_tls_carries_an_answer(certificate: Path, tls: ssl.SSLContext) -> None:
    with serving(answering(reply(b'{"a": 1}')), tls) as heard, session_to(f"https://127.0.0.1:{heard.port}") as session:
        session.verify = str(certificate)
        assert session.request("GET", SDK + "/").json() == {"a": 1}


def test_a_certificate_that_nobody_vouches_for_never_left(tls: ssl.SSLContext) -> None:
    with serving(answering(reply()), tls) as heard:
        with (
            session_to(f"https://127.0.0.1:{heard.port}", timedelta(seconds=30)) as session,
            pytest.raises(WireFault) as caught,
        ):
            session.request("POST", SDK + "/")
        assert heard.requests == []
    assert (caught.value.left, caught.value.code) == (False, "tls")


def test_an_answer_that_drips_through_tls_ends_at_the_deadline(certificate: Path, tls: ssl.SSLContext) -> None:
    with (
        serving(dripping(b"H" * 900, 0.05), tls) as heard,
        session_to(f"https://127.0.0.1:{heard.port}", DEADLINE) as session,
    ):
        session.verify = str(certificate)
        fault = fault_of(session)
    assert (fault.left, fault.code) == (True, "deadline")


def _reset(line: socket.socket, heard: Heard) -> None:
    heard.read(line)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def _close(line: socket.socket, heard: Heard) -> None:
    heard.read(line)


def _half(line: socket.socket, heard: Heard) -> None:
    heard.read(line)
    line.sendall(reply(b'{"data": {"id": "1"}}')[:-5])


def _rubbish(line: socket.socket, heard: Heard) -> None:
    heard.read(line)
    line.sendall(b"220 mail.example.com ESMTP\r\n\r\n")


@pytest.mark.parametrize("script", [_reset, _close, _half, _rubbish])
def test_a_line_that_is_cut_after_the_request_left_says_so_and_is_not_tried_again(script: Any) -> None:
    with serving(script) as heard, session_to(heard.url, DEADLINE) as session:
        fault = fault_of(session)
        assert len(heard.requests) == 1
    assert (fault.left, fault.code) == (True, "cut")
