"""How does a test get a real IMAP server, with mailboxes nobody else uses?"""

import imaplib
import itertools
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests.servers.account import hand_over
from tests.servers.certificate import write_certificate
from tests.servers.dovecot_conf import Settings, configuration
from tests.servers.process import LOOPBACK, ServerProcess, free_port, greets, require

PASSWORD = "rahasia-uji"


class MailboxError(RuntimeError):
    """The IMAP server refused a command that prepares a test."""


class Dovecot:
    """A running Dovecot: any user name may log in with `password` and then has an empty mailbox of its own.

    `port` speaks plain IMAP and STARTTLS, `tls_port` IMAPS; `ca_file` makes a client trust both.
    """

    host = LOOPBACK
    password = PASSWORD

    def __init__(self, settings: Settings, process: ServerProcess) -> None:
        """Wrap a server that `dovecot_server` starts."""
        self.port = settings.port
        self.tls_port = settings.tls_port
        self.ca_file = settings.certificate.file
        self.log = process.log
        self._mail = settings.folder / "mail"
        self._process = process
        self._numbers = itertools.count(1)

    def start(self) -> None:
        """Start again after `stop`: same ports, same mail."""
        self._process.start()

    def stop(self) -> None:
        """Cut every connection and refuse new ones."""
        self._process.stop()

    def new_user(self) -> str:
        """A user name not given to any other test."""
        return f"uji{next(self._numbers)}"

    def append(self, user: str, raw: bytes, folder: str = "INBOX", when: datetime | None = None) -> int:
        """Put a message into `folder` (created when missing) and return its UID; `when` (aware) is INTERNALDATE."""
        with self._login(user) as imap:
            if folder != "INBOX":
                imap.create(_quoted(folder))
            answer = _checked(imap.append(_quoted(folder), "", when, raw))
        return _number(rb"APPENDUID \d+ (\d+)", answer)

    def uidvalidity(self, user: str, folder: str = "INBOX") -> int:
        """The folder's UIDVALIDITY as a new connection sees it."""
        with self._login(user) as imap:
            return _number(rb"UIDVALIDITY (\d+)", _checked(imap.status(_quoted(folder), "(UIDVALIDITY)")))

    def change_uidvalidity(self, user: str, folder: str = "INBOX") -> int:
        """Rebuild the folder as after a restored backup: same messages, new UIDVALIDITY (returned), UIDs from 1.

        The server is restarted meanwhile, as an open session would write its old UIDs back.
        """
        self.stop()
        self._forget_uids(user, folder)
        self.start()
        return self.uidvalidity(user, folder)

    def mailbox_path(self, user: str, folder: str = "INBOX") -> Path:
        """The folder's maildir (with cur, new and tmp); it exists from the user's first login on."""
        root = self._mail / user / "Maildir"
        return root if folder == "INBOX" else root / f".{folder}"

    def _forget_uids(self, user: str, folder: str) -> None:
        # `dovecot-uidvalidity` stays: from it the next value is always a higher one, even within the same second.
        mailbox, root = self.mailbox_path(user, folder), self.mailbox_path(user)
        (mailbox / "dovecot-uidlist").unlink()
        for index in (*mailbox.glob("dovecot.index*"), *root.glob("dovecot.list.index*")):
            index.unlink()

    @contextmanager
    def _login(self, user: str) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4(self.host, self.port, timeout=30) as imap:
            imap.login(user, self.password)
            yield imap


@contextmanager
def dovecot_server(folder: Path) -> Iterator[Dovecot]:
    """Run a Dovecot on free ports with its data in `folder`, whose path must be short and open to other accounts."""
    binary = require("dovecot", "dovecot-imapd")
    require("imap-login", "dovecot-imapd")
    (folder / "mail").mkdir()
    hand_over(folder / "mail")
    settings = Settings(folder, free_port(), free_port(), PASSWORD, write_certificate(folder))
    process = _process(binary, settings)
    process.start()
    try:
        yield Dovecot(settings, process)
    finally:
        process.stop()


def _process(binary: Path, settings: Settings) -> ServerProcess:
    file = settings.folder / "dovecot.conf"
    file.write_text(configuration(_version(binary), settings))
    command: list[str | Path] = [binary, "-F", "-c", file]
    return ServerProcess(command, settings.folder / "log", lambda: greets(settings.port, b"* OK"))


def _version(binary: Path) -> tuple[int, int]:
    text = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


def _quoted(folder: str) -> str:
    return f'"{folder}"'


def _checked(answer: tuple[str, list[bytes]]) -> bytes:
    status, lines = answer
    if status != "OK":
        raise MailboxError(f"{status} {lines!r}")
    return lines[0]


def _number(pattern: bytes, answer: bytes) -> int:
    found = re.search(pattern, answer)
    if found is None:
        raise MailboxError(f"no {pattern!r} in {answer!r}")
    return int(found[1])
