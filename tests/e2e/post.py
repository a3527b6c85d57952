"""How does a test write as a citizen, read the answers that were sent, and look into a mailbox?"""

from __future__ import annotations

import imaplib
import re
from collections.abc import Callable, Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from typing import Any

from tests.e2e.support import Installation, Mock, Service, eventually, imap_channel
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SentMail, SmtpSink

OFFICE = "Dinas PU <pengaduan@dinas.example>"
OFTEN = {"every": "0.2s"}
QUICK = {"submit_every": "0.2s", "track_every": "0.2s", "in_doubt_wait": "0.5s"}
HEADERS = {
    "Subject": "Lampu jalan padam",
    "Message-ID": "<laporan-1@warga.example>",
    "Date": "Tue, 03 Feb 2026 09:00:00 +0800",
}


def letter(sender: str, text: str = "Lampu jalan di Jl. Antasari padam sejak seminggu.", **headers: str) -> bytes:
    """A citizen's mail; `headers` with _ for -."""
    message = EmailMessage(policy=SMTP)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {"From": sender, "To": OFFICE, **HEADERS, **named}.items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


def answers(sink: SmtpSink, **settings: object) -> dict[str, Any]:
    """`[channels.answers]` over that mail server."""
    smtp = {"host": sink.host, "port": sink.port, "tls": "none", "sender": OFFICE}
    return {"agency": "Dinas PU", "contact": "0541-123456", **settings, "smtp": smtp}


def answering(dovecot: Dovecot, user: str, sink: SmtpSink, **settings: object) -> dict[str, Any]:
    """A channel over an inbox whose citizens are answered by mail."""
    return imap_channel(dovecot, user, **{"answers": answers(sink), **OFTEN, **settings})


def parsed(mail: SentMail) -> EmailMessage:
    """The mail, understood."""
    message = message_from_bytes(mail.raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def body(mail: SentMail) -> str:
    """Its plain text."""
    part = parsed(mail).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def ids(mails: Sequence[SentMail]) -> list[str]:
    """Their Message-IDs, in order."""
    return [str(parsed(mail)["Message-ID"]) for mail in mails]


def wait_for(holds: Callable[[], bool], service: Service, within: float = 20) -> None:
    """Wait until it comes true; a failure shows the log."""
    assert eventually(holds, within), service.err


def records(gateway: Installation) -> int:
    """How many mails it has read."""
    return int(gateway.query("SELECT count(*) AS n FROM record")[0]["n"])


def only(mock: Mock) -> str:
    """The number of the one complaint that LAPOR has."""
    [one] = mock.complaints()
    return str(one["tracking_id"])


def folder(dovecot: Dovecot, user: str, name: str = "INBOX") -> list[tuple[str, bool]]:
    """Message-ID of each mail in it, and whether it is flagged; a folder that is not there is empty."""
    with imaplib.IMAP4(dovecot.host, dovecot.port, timeout=30) as imap:
        imap.login(user, dovecot.password)
        status, number = imap.select(name, readonly=True)
        if status != "OK" or number == [b"0"]:
            return []
        items = imap.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]
    pairs = [item for item in items if isinstance(item, tuple)]
    return [(_message_id(item[1]), b"\\Flagged" in item[0]) for item in pairs]


def _message_id(header: bytes) -> str:
    found = re.search(rb"<[^>]+>", header)
    return found[0].decode() if found else ""
