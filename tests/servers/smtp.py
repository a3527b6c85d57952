"""How does a test see which mails were sent?"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.process import LOOPBACK, free_port


@dataclass(frozen=True)
class SentMail:
    """One accepted message: the envelope and the bytes after DATA (CRLF line ends)."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class SmtpSink:
    """An SMTP server that accepts every mail and keeps it; no TLS, no login."""

    host = LOOPBACK

    def __init__(self, port: int) -> None:
        """Only remember the port; `start` listens on it."""
        self.port = port
        self.mails: list[SentMail] = []
        self._controller: Controller | None = None
        self._numbers = itertools.count(1)

    def start(self) -> None:
        """Listen, in a thread, until `stop`; also again after it, with the mails so far."""
        self._controller = Controller(self, hostname=self.host, port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Refuse connections; nothing if not started."""
        controller, self._controller = self._controller, None
        if controller is not None:
            controller.stop()

    def new_address(self) -> str:
        """A recipient not given to any other test."""
        return f"petugas{next(self._numbers)}@contoh.test"

    def mails_to(self, address: str) -> list[SentMail]:
        """The mails whose envelope names `address`, oldest first."""
        return [mail for mail in self.mails if address in mail.recipients]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one mail; called by aiosmtpd."""
        raw = envelope.original_content or b""
        self.mails.append(SentMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw))
        return "250 OK"


@contextmanager
def smtp_server() -> Iterator[SmtpSink]:
    """Run a sink on a free port."""
    sink = SmtpSink(free_port())
    sink.start()
    try:
        yield sink
    finally:
        sink.stop()
