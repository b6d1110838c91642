"""A name server on this machine that answers for a few records, by UDP and, where that is too short, by TCP."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset

SHORT = 512
"""Octets of an answer by UDP to who does not ask for more (RFC 1035 section 2.3.4)."""

Records = Mapping[str, Sequence[str] | None]
"""Name -> its texts, "MX name" or "A name" -> what else it has; None: the server fails."""


@contextmanager
def name_server(records: Records) -> Iterator[dns.resolver.Resolver]:
    """A server of its own thread, and a resolver that asks it alone."""

    def answer(wire: bytes) -> bytes:
        question = dns.message.from_wire(wire)
        made = dns.message.make_response(question)
        name, kind = question.question[0].name, dns.rdatatype.to_text(question.question[0].rdtype)
        asked = name.to_text(omit_final_dot=True)
        texts = records.get(asked if kind == "TXT" else f"{kind} {asked}", ())
        if texts is None:
            made.set_rcode(dns.rcode.SERVFAIL)
        elif not {asked, f"A {asked}", f"AAAA {asked}", f"MX {asked}"} & records.keys():
            made.set_rcode(dns.rcode.NXDOMAIN)
        elif texts and kind != "TXT":
            made.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *texts))
        elif texts:
            pieces = (" ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200)) for text in texts)
            made.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *pieces))
        return made.to_wire()

    class Packet(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, line = self.request
            said = answer(wire)
            if len(said) > SHORT:
                cut = dns.message.make_response(dns.message.from_wire(wire))
                cut.flags |= dns.flags.TC
                said = cut.to_wire()
            line.sendto(said, self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            length = int.from_bytes(self.rfile.read(2))
            said = answer(self.rfile.read(length))
            self.wfile.write(len(said).to_bytes(2) + said)

    with ExitStack() as stack:
        by_udp, by_tcp = _pair(Packet, Stream)
        for server in (by_udp, by_tcp):
            stack.enter_context(server)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], by_udp.server_address[1]
        yield resolver


def _pair(
    packet: type[socketserver.BaseRequestHandler], stream: type[socketserver.BaseRequestHandler]
) -> tuple[socketserver.UDPServer, socketserver.TCPServer]:
    """Both on one port: a port that is free for one may be another's for the other."""
    while True:
        by_udp = socketserver.UDPServer(("127.0.0.1", 0), packet)
        try:
            return by_udp, socketserver.TCPServer(("127.0.0.1", by_udp.server_address[1]), stream)
        except OSError:
            by_udp.server_close()


def closed_port() -> dns.resolver.Resolver:
    """A resolver whose server is not there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], port
    return resolver
