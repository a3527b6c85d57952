"""How does a test fill an inbox, and see what happened to it?"""

from __future__ import annotations

import imaplib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from tests.contract.source import Complaint, Mistake, Source
from tests.servers.dovecot import Dovecot
from tests.servers.outage import outage


class MailSource(Source):
    """An inbox on a real Dovecot."""

    connector = "imap"
    mapping = "email"

    def __init__(self, server: Dovecot, folder: Path) -> None:
        self.server = server
        self.user = server.new_user()
        self.secret = server.password
        self._folder = folder
        (folder / "password").write_text(server.password)
        (folder / "wrong").write_text("salah")
        with self.session():
            """Log in once: Dovecot makes the mailbox then."""

    def options(self) -> dict[str, object]:
        return {
            "host": self.server.host,
            "port": self.server.tls_port,
            "ca_file": str(self.server.ca_file),
            "username": self.user,
            "password": f"file:{self._folder / 'password'}",
        }

    def add(self, *complaints: Complaint) -> None:
        with self.session() as imap:
            for one in complaints:
                status, _ = imap.append("INBOX", "", imaplib.Time2Internaldate(one.received), mail(one))
                assert status == "OK"

    def remove(self, *numbers: int) -> None:
        with self.session() as imap:
            imap.select("INBOX")
            for number in numbers:
                _, (found,) = imap.search(None, "HEADER", "Message-ID", f"<uji-{number}@example.org>")
                for place in found.split():
                    imap.store(place.decode(), "+FLAGS", "\\Deleted")
            imap.expunge()

    def snapshot(self) -> object:
        with self.session() as imap:
            imap.select("INBOX", readonly=True)
            _, lines = imap.fetch("1:*", "(UID FLAGS RFC822.SIZE INTERNALDATE)")
            _, folders = imap.list()
            return lines, folders

    def outage(self) -> AbstractContextManager[None]:
        return outage(self.server)

    def mistakes(self) -> Mapping[str, Mistake]:
        host = self.server.host
        return {
            "wrong password": Mistake({"password": f"file:{self._folder / 'wrong'}"}, [host, "password"]),
            "unknown host": Mistake({"host": "imap.invalid"}, ["imap.invalid"]),
            "closed port": Mistake({"port": 9}, [host, "refused"]),
            "missing folder": Mistake({"folders": ["Pengaduan"]}, ["Pengaduan", "INBOX"]),
            "unknown certificate": Mistake({"ca_file": None}, [host, "certificate is not trusted"]),
            "missing ca_file": Mistake({"ca_file": "/tidak/ada.pem"}, ["ca_file", "/tidak/ada.pem"]),
            "no TLS at that port": Mistake({"port": self.server.port}, [host, "SSL"]),
        }

    @contextmanager
    def session(self) -> Iterator[imaplib.IMAP4]:
        """Another mail program of the same user."""
        with imaplib.IMAP4(self.server.host, self.server.port, timeout=30) as imap:
            imap.login(self.user, self.server.password)
            yield imap


def mail(one: Complaint) -> bytes:
    """The complaint as a mail."""
    message = EmailMessage()
    message["Message-ID"] = f"<uji-{one.number}@example.org>"
    message["From"] = f"{one.name} <{one.email}>"
    message["To"] = "aduan@example.org"
    message["Date"] = format_datetime(one.received)
    message["Subject"] = f"Laporan {one.number}"
    message.set_content(one.text)
    return message.as_bytes()
