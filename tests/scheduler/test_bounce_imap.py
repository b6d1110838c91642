"""The mailbox over IMAP: read, taken in, marked as seen and left where it is."""

from __future__ import annotations

import imaplib
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from channels.email.returned import What
from scheduler import bounce_mailbox
from scheduler.bounce_mailbox import MailboxFault
from tests.channels.email.returned_mails import HOLIDAY, report
from tests.scheduler.house import MAIL, SETTINGS, house


class Imap(socketserver.StreamRequestHandler):
    """As much of IMAP4rev1 as reading a mailbox takes."""

    mails: ClassVar[dict[int, bytes]] = {}
    seen: ClassVar[set[int]] = set()
    password: ClassVar[str] = "s3cret"

    def handle(self) -> None:
        self.say("* OK ready")
        for raw in self.rfile:
            tag, _, rest = raw.decode().strip().partition(" ")
            words = rest.split(" ")
            verb = words[0].upper()
            if verb == "CAPABILITY":
                self.say("* CAPABILITY IMAP4rev1")
            elif verb == "LOGIN" and self.password not in rest:
                self.say(f"{tag} NO wrong")
                continue
            elif verb == "SELECT":
                self.say(f"* {len(self.mails)} EXISTS")
            elif verb == "UID" and words[1] == "SEARCH":
                self.say("* SEARCH " + " ".join(str(one) for one in self.mails if one not in self.seen))
            elif verb == "UID" and words[1] == "FETCH":
                mail = self.mails[int(words[2])]
                self.wfile.write(b"* 1 FETCH (UID %s BODY[] {%d}\r\n%s)\r\n" % (words[2].encode(), len(mail), mail))
            elif verb == "UID" and words[1] == "STORE":
                self.seen.add(int(words[2]))
            self.say(f"{tag} OK done")
            if verb == "LOGOUT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def port() -> Iterator[int]:
    Imap.seen.clear()
    Imap.mails = {1: report(reader="r0@readers.example.org"), 2: HOLIDAY}
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Imap) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


def settings(folder: Path, port: int, password: str = "s3cret") -> str:
    secret = folder / "bounces.env"
    secret.write_text(f"IMAP_PASSWORD={password}\n")
    secret.chmod(0o600)
    box = f'imap_host = "127.0.0.1"\nimap_port = {port}\nimap_user = "bounce"\nsecret_file = "{secret}"\n'
    return f"{SETTINGS}{MAIL}\n[bounces]\n{box}"


def test_what_is_unseen_is_taken_in_once_and_stays_there(tmp_path: Path, port: int) -> None:
    with house(tmp_path, settings(tmp_path, port)) as h:
        h.readers(1)
        taken = list(bounce_mailbox._from_imap(h.app, imaplib.IMAP4))
        assert [one.what for one in taken] == [What.HARD, What.REPLY]
        assert Imap.seen == {1, 2}
        assert list(bounce_mailbox._from_imap(h.app, imaplib.IMAP4)) == []


def test_a_wrong_password_is_told_without_it(tmp_path: Path, port: int) -> None:
    with house(tmp_path, settings(tmp_path, port, "other")) as h:
        with pytest.raises(MailboxFault, match="cannot be read") as told:
            list(bounce_mailbox._from_imap(h.app, imaplib.IMAP4))
        assert "other" not in str(told.value)


def test_a_line_without_tls_is_never_spoken_to(tmp_path: Path, port: int) -> None:
    with house(tmp_path, settings(tmp_path, port)) as h, pytest.raises(MailboxFault):
        list(bounce_mailbox._from_imap(h.app))
