"""The one door to the web: where it leads, and what it will not carry."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from scheduler.intake.decoding import MAX_BYTES
from scheduler.intake.errors import IntakeError
from scheduler.intake.fetching import Fetched, Fetcher, Wanted, shown
from scheduler.intake.gate import may_reach
from tests.scheduler.intake.web import Answer, Web


def local(url: str, **more: object) -> Wanted:
    return Wanted(url, local=True, **more)  # type: ignore[arg-type]


def test_a_page_comes_with_its_type_charset_and_marks(web: Web, fetch: Fetcher) -> None:
    url = web.put(
        "/a", "hello", "text/html; charset=Shift_JIS", ETag='"1"', Last_Modified="Mon, 21 Sep 2026 10:00:00 GMT"
    )
    answer = fetch(local(url))
    assert (answer.body, answer.media_type, answer.charset) == (b"hello", "text/html", "shift_jis")
    assert (answer.etag, answer.last_modified) == ('"1"', "Mon, 21 Sep 2026 10:00:00 GMT")
    assert answer.url == url


def test_the_newsrooms_contact_stands_in_the_user_agent(web: Web, fetch: Fetcher) -> None:
    fetch(local(web.put("/a", "hello")))
    assert "desk@courier.example" in web.asked[0][1]["user-agent"]


def test_a_contact_cannot_add_a_header(web: Web) -> None:
    Fetcher(contact="a@b.example\r\nX-Evil: 1")(local(web.put("/a", "hello")))
    assert "x-evil" not in web.asked[0][1]


def test_what_did_not_change_is_not_sent_again(web: Web, fetch: Fetcher) -> None:
    def answer(request: BaseHTTPRequestHandler) -> Answer:
        same = request.headers.get("If-None-Match") == '"1"' and request.headers.get("If-Modified-Since") == "then"
        return (304, {}, b"") if same else (200, {}, b"all")

    web.answers["/a"] = answer
    again = fetch(local(web.address + "/a", etag='"1"', last_modified="then"))
    assert again == Fetched(again.url, unchanged=True, etag='"1"', last_modified="then", headers=again.headers)
    assert fetch(local(web.address + "/a")).body == b"all"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw deflate"])
def test_packed_answers_are_unpacked(web: Web, fetch: Fetcher, coding: str) -> None:
    text = b"hello " * 100
    packer = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(text),
        "deflate": zlib.compress(text),
        "raw deflate": packer.compress(text) + packer.flush(),
    }
    url = web.put("/a", packed[coding], Content_Encoding=coding.split()[-1])
    assert fetch(local(url)).body == text


def test_bombs_endless_and_broken_answers_are_refused(web: Web, fetch: Fetcher) -> None:
    bomb = gzip.compress(b"\0" * (MAX_BYTES * 8))
    cases = {
        "/bomb": (web.put("/bomb", bomb, Content_Encoding="gzip"), "more than 8 MB"),
        "/long": (web.put("/long", b"x" * (MAX_BYTES + 1)), "more than 8 MB"),
        "/broken": (web.put("/broken", b"no gzip at all", Content_Encoding="gzip"), "broken gzip"),
        "/br": (web.put("/br", b"...", Content_Encoding="br"), "did not ask for"),
    }
    for url, says in cases.values():
        with pytest.raises(IntakeError, match=says):
            fetch(local(url))


def test_a_bomb_is_refused_before_it_has_grown(web: Web, fetch: Fetcher) -> None:
    url = web.put("/bomb", gzip.compress(b"\0" * 60_000_000), Content_Encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(IntakeError, match="more than 1 MB"):
            fetch(local(url, most=1_000_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000


def test_an_answer_packed_in_several_pieces_is_whole(web: Web, fetch: Fetcher) -> None:
    url = web.put("/a", gzip.compress(b"first ") + gzip.compress(b"second"), Content_Encoding="gzip")
    assert fetch(local(url)).body == b"first second"


def test_a_packed_answer_that_ends_too_soon_is_told(web: Web, fetch: Fetcher) -> None:
    url = web.put("/a", gzip.compress(bytes(range(256)) * 90)[:-40], Content_Encoding="gzip")
    with pytest.raises(IntakeError, match="broken gzip"):
        fetch(local(url))


def test_a_drip_of_bytes_ends_at_the_deadline(web: Web) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(1000):  # fifty seconds, unless nobody listens any more
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.05)

    web.answers["/drip"] = drip
    begun = time.monotonic()
    with pytest.raises(IntakeError, match="did not answer within"):
        Fetcher(contact="", seconds=0.5)(local(web.address + "/drip"))
    assert time.monotonic() - begun < 30


def test_a_cut_line_is_told(web: Web, fetch: Fetcher) -> None:
    web.answers["/cut"] = (200, {"Content-Length": "999"}, b"short")

    def cut(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "999")
        request.end_headers()
        request.wfile.write(b"short")

    web.answers["/cut"] = cut
    with pytest.raises(IntakeError, match="broke off"):
        fetch(local(web.address + "/cut"))


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "password"),
        (403, "let us in"),
        (404, "not there"),
        (410, "gone"),
        (429, "too often"),
        (500, "trouble"),
        (418, "418"),
    ],
)
def test_every_status_has_its_sentence(web: Web, fetch: Fetcher, status: int, says: str) -> None:
    web.answers["/a"] = (status, {"Retry-After": "120"}, b"")
    with pytest.raises(IntakeError, match=says) as caught:
        fetch(local(web.address + "/a?token=secret"))
    assert caught.value.retry_after == timedelta(seconds=120)
    assert "secret" not in str(caught.value)


def test_a_wait_given_as_a_date_counts_from_the_answers_own_clock(web: Web, fetch: Fetcher) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response_only(503)
        request.send_header("Date", "Mon, 21 Sep 2026 10:00:00 GMT")
        request.send_header("Retry-After", "Mon, 21 Sep 2026 10:10:00 GMT")
        request.send_header("Content-Length", "0")
        request.end_headers()

    web.answers["/a"] = answer
    with pytest.raises(IntakeError) as caught:
        fetch(local(web.address + "/a"))
    assert caught.value.retry_after == timedelta(minutes=10)


def test_redirects_are_followed_to_the_end_and_no_further(web: Web, fetch: Fetcher) -> None:
    end = web.put("/end", "there")
    web.answers["/one"] = (302, {"Location": "/two"}, b"")
    web.answers["/two"] = (301, {"Location": end}, b"")
    assert fetch(local(web.address + "/one")).url == end
    web.answers["/a"] = (302, {"Location": "/b"}, b"")
    web.answers["/b"] = (302, {"Location": "/a"}, b"")
    with pytest.raises(IntakeError, match="circle"):
        fetch(local(web.address + "/a"))
    for step in range(10):
        web.answers[f"/{step}"] = (302, {"Location": f"/{step + 1}"}, b"")
    with pytest.raises(IntakeError, match="more than 5 times"):
        fetch(local(web.address + "/0"))


def test_letters_of_any_language_in_an_address_are_sent_as_they_must_be(web: Web, fetch: Fetcher) -> None:
    web.put("/%E6%A9%8B", "bridge")
    assert fetch(local(web.address + "/橋?q=a b")).body == b"bridge"
    assert web.asked[0][0] == "/%E6%A9%8B?q=a%20b"


PRIVATE = [
    "http://localhost/",
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://017700000001/",
    "http://0.0.0.0/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[::]/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://172.16.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://100.64.0.1/",
]


def spelt_out(host: str, port: int) -> list[str]:
    """What the system's resolver makes of a literal address in any spelling, without asking it."""
    try:
        return [socket.inet_ntoa(socket.inet_aton(host))]
    except OSError:
        return [host] if ":" in host else ["127.0.0.1"]


@pytest.mark.parametrize("url", PRIVATE)
def test_no_spelling_of_a_private_address_is_reached(url: str) -> None:
    with pytest.raises(IntakeError, match="not on the public internet"):
        Fetcher(contact="", seconds=2, resolve=spelt_out)(Wanted(url))


@pytest.mark.parametrize(
    "address",
    [
        "192.0.0.8",
        "192.88.99.1",
        "198.18.0.1",
        "2002:7f00:1::",
        "2001:0:1::",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "::ffff:0:169.254.169.254",
        "::",
        "0.0.0.0",
        "nonsense",
    ],
)
def test_addresses_that_python_calls_global_but_are_not_are_refused_too(address: str) -> None:
    assert not may_reach(address, local=False)


def test_public_addresses_may_be_reached_and_local_sources_may_be_local() -> None:
    assert may_reach("93.184.216.34", local=False)
    assert may_reach("2606:2800:220:1::1", local=False)
    assert may_reach("::ffff:93.184.216.34", local=False)
    for address in ("127.0.0.1", "192.168.1.1", "::1", "fd00::1", "::ffff:127.0.0.1"):
        assert may_reach(address, local=True)


def test_the_machine_that_hands_out_cloud_credentials_is_never_reached() -> None:
    for address in ("169.254.169.254", "::ffff:169.254.169.254", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"):
        assert not may_reach(address, local=True)
    assert not may_reach("fe80::1%eth0", local=True)


def test_a_name_is_looked_up_once_and_one_private_address_among_public_ones_is_enough() -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34", "127.0.0.1"]

    with pytest.raises(IntakeError, match="not on the public internet"):
        Fetcher(contact="", seconds=2, resolve=resolve)(Wanted("http://courier.example/feed"))
    assert asked == ["courier.example"]


def test_a_redirect_passes_the_same_gate(web: Web) -> None:
    """The first address is allowed as local, the one it leads to is not, whoever asks."""
    web.answers["/a"] = (302, {"Location": "http://169.254.169.254/latest/meta-data/"}, b"")
    with pytest.raises(IntakeError, match="not on the public internet"):
        Fetcher(contact="", seconds=2, resolve=spelt_out)(local(web.address + "/a"))


def test_the_address_that_was_checked_is_the_one_connected_to(web: Web) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    web.put("/a", "hello")
    port = web.address.rpartition(":")[2]
    assert Fetcher(contact="", seconds=2, resolve=resolve)(local(f"http://courier.example:{port}/a")).body == b"hello"
    assert asked == ["courier.example"]
    assert web.asked[0][1]["host"] == f"courier.example:{port}"


@pytest.mark.parametrize(
    "url", ["ftp://c.example/", "file:///etc/passwd", "gopher://c.example", "nonsense", "http://", "http://[::1", ""]
)
def test_what_is_no_web_address_is_said(fetch: Fetcher, url: str) -> None:
    with pytest.raises(IntakeError, match="not a web address"):
        fetch(Wanted(url))


def test_a_name_that_nobody_knows_and_a_closed_door_have_their_sentences() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(IntakeError, match="Nobody knows"):
        Fetcher(contact="", resolve=unknown)(Wanted("http://courier.example/"))
    with pytest.raises(IntakeError, match="cannot be reached"):
        Fetcher(contact="", seconds=2)(local("http://127.0.0.1:1/"))


def test_a_resolver_that_hangs_does_not_hold_the_fetch() -> None:
    freed = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        freed.wait(60)
        return []

    begun = time.monotonic()
    with pytest.raises(IntakeError, match="did not answer"):
        Fetcher(contact="", seconds=0.3, resolve=slow)(Wanted("http://courier.example/"))
    freed.set()
    assert time.monotonic() - begun < 30


def test_one_host_is_asked_one_thing_at_a_time(web: Web, fetch: Fetcher) -> None:
    inside, most, guard = 0, 0, threading.Lock()

    def answer(request: BaseHTTPRequestHandler) -> Answer:
        nonlocal inside, most
        with guard:
            inside += 1
            most = max(most, inside)
        time.sleep(0.05)
        with guard:
            inside -= 1
        return 200, {}, b"ok"

    web.answers["/a"] = answer
    threads = [threading.Thread(target=fetch, args=(local(web.address + "/a"),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, len(web.asked)) == (1, 4)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, fetch: Fetcher) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    begun = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begun)
        .not_valid_after(begun + timedelta(days=36500))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *error: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.handle_request, daemon=True)
        thread.start()
        with pytest.raises(IntakeError, match="no valid certificate"):
            fetch(local(f"https://127.0.0.1:{server.server_address[1]}/"))
        thread.join(60)


def test_addresses_are_shown_without_their_secrets() -> None:
    assert shown("https://me:pass@c.example:8443/feed?key=1#x") == "https://c.example:8443/feed"
    assert len(shown("https://c.example/" + "a" * 500)) == 120
