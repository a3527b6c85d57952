"""Does the gateway answer people alone, say nothing of a secret report, and never begin to talk with a machine?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from connectors.contract import News
from tests.e2e.post import QUICK, answering, answers, ids, letter, only, parsed, records, wait_for
from tests.e2e.support import PRIVACY, Installation, Mock, lapor_mock
from tests.servers.dovecot import Dovecot
from tests.servers.process import free_port
from tests.servers.smtp import SentMail, SmtpSink

QUIET = 1.5
"""Seconds in which several rounds pass."""


@pytest.fixture
def mock() -> Iterator[Mock]:
    with lapor_mock() as running:
        yield running


# Two gateways that write to each other


class PostOffice(SmtpSink):
    """A mail server that puts each mail into its recipient's mailbox at once; `mailboxes`: user by address."""

    def __init__(self, port: int, dovecot: Dovecot) -> None:
        super().__init__(port)
        self.mailboxes: dict[str, str] = {}
        self._dovecot = dovecot

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the mail, and deliver it."""
        said = await super().handle_DATA(server, session, envelope)
        for recipient in envelope.rcpt_tos:
            self._dovecot.append(self.mailboxes[recipient], self.mails[-1].raw)
        return said


@pytest.fixture
def post_office(dovecot: Dovecot) -> Iterator[PostOffice]:
    office = PostOffice(free_port(), dovecot)
    office.start()
    try:
        yield office
    finally:
        office.stop()


def agency(folder: Path, mock: Mock, office: PostOffice, dovecot: Dovecot, address: str) -> Installation:
    """A gateway with a mailbox of its own under that address."""
    user = office.mailboxes[address] = dovecot.new_user()
    channel = answering(dovecot, user, office)
    channel["answers"]["smtp"]["sender"] = f"Instansi <{address}>"
    folder.mkdir()
    made = Installation(folder, mock.url, [channel], dict(QUICK))
    made.init()
    return made


def test_two_gateways_that_write_to_each_other_stop_at_once(
    tmp_path: Path, dovecot: Dovecot, post_office: PostOffice
) -> None:
    """Each has a report whose reporter is the other's inbox: no report and no answer comes of an answer."""
    addresses = ("utara@instansi.example", "selatan@instansi.example")
    with ExitStack() as stack:
        mocks = [stack.enter_context(lapor_mock()) for _ in addresses]
        gateways = [
            agency(tmp_path / address.partition("@")[0], mock, post_office, dovecot, address)
            for address, mock in zip(addresses, mocks, strict=True)
        ]
        for own, other in (addresses, addresses[::-1]):
            dovecot.append(post_office.mailboxes[own], letter(f"Instansi <{other}>", Message_ID=f"<surat-{other}>"))
        services = [stack.enter_context(gateway.start("run")) for gateway in gateways]
        for gateway, service in zip(gateways, services, strict=True):
            wait_for(lambda asked=gateway: records(asked) == 2, service)  # type: ignore[misc]
        time.sleep(QUIET)
        filed = [len(mock.complaints()) for mock in mocks]
    assert filed == [1, 1]
    assert sorted(mail.recipients[0] for mail in post_office.mails) == sorted(addresses)
    for gateway in gateways:
        kept = gateway.query("SELECT disposition, reason FROM record ORDER BY id")
        assert [(row["disposition"], row["reason"]) for row in kept] == [("report", None), ("ignored", "auto_reply")]
        assert gateway.query("SELECT * FROM reply") == []


# Machines

BOUNCE = (
    b"From: MAILER-DAEMON@mx.example\r\nTo: pengaduan@dinas.example\r\nSubject: Undelivered Mail\r\n"
    b"Message-ID: <bounce-1@mx.example>\r\nReturn-Path: <>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
)


def machines(sink: SmtpSink) -> Mapping[str, bytes]:
    """Mails that no citizen wrote, by the reason for which they are left; all but the bounce name a real address."""

    def mail(name: str, **headers: str) -> bytes:
        return letter(f"Warga <{sink.new_address()}>", Message_ID=f"<{name}@luar.example>", **headers)

    return {
        "bounce": BOUNCE,
        "auto_reply": mail("cuti", Subject="Di luar kantor", Auto_Submitted="auto-replied"),
        "auto_reply ": mail("cuti-lama", Subject="Di luar kantor", X_Autoreply="yes"),
        "mailing_list": mail("berita", Subject="Buletin", List_Unsubscribe="<https://berita.example/berhenti>"),
    }


def test_machines_get_no_answer_and_make_no_report(tmp_path: Path, mock: Mock, dovecot: Dovecot) -> None:
    """A citizen's mail that comes after them is answered; so the machines' mails have been dealt with by then."""
    sink = SmtpSink(free_port())
    sink.start()
    user, citizen = dovecot.new_user(), sink.new_address()
    gateway = Installation(tmp_path, mock.url, [answering(dovecot, user, sink)], dict(QUICK))
    gateway.init()
    written = machines(sink)
    for raw in (*written.values(), letter(f"Warga <{citizen}>")):
        dovecot.append(user, raw)
    try:
        with gateway.start("run") as service:
            wait_for(lambda: bool(sink.mails_to(citizen)), service)
            time.sleep(QUIET)
    finally:
        sink.stop()
    assert [mail.recipients for mail in sink.mails] == [(citizen,)]
    assert len(mock.complaints()) == 1
    kept = gateway.query("SELECT reason FROM record WHERE disposition = 'ignored' ORDER BY id")
    assert [row["reason"] for row in kept] == [reason.strip() for reason in written]


# Secret reports

CANARIES = {
    "name": "Zulaikha",
    "title": "Pungutan",
    "text": "kenari",
    "agency's words": "merpati",
    "agency": "Inspektorat",
    "reason to wait": "nuri",
    "reason to put away": "beo",
    "reason to drop": "jalak",
    "link": "www.lapor.go.id",
}


def secret_letter(citizen: str, number: int) -> bytes:
    subject, text = f"Pungutan liar {number}", f"Burung kenari {number} bersiul tiga kali di loket, mohon diperiksa."
    return letter(f"Zulaikha <{citizen}>", text, Subject=subject, Message_ID=f"<rahasia-{number}@warga.example>")


def leaks(mail: SentMail) -> list[str]:
    """Which canaries can be read in the mail's headers or in one of its parts."""
    message = parsed(mail)
    parts = [str(part.get_content()) for part in message.walk() if not part.is_multipart()]
    whole = "\n".join([*(f"{name}: {value}" for name, value in message.items()), *parts]).casefold()
    return [name for name, word in CANARIES.items() if word.casefold() in whole]


DEEDS: Mapping[News, Mapping[str, str]] = {
    News.FOLLOW_UP: {"action": "follow_up", "text": "Burung merpati diperiksa.", "responder": "Inspektorat"},
    News.NEED_INFO: {"action": "hold", "reason": "Burung nuri yang mana?"},
    News.CLOSED: {"action": "close", "by": "admin"},
    News.ARCHIVED: {"action": "archive", "reason": "Burung beo tidak ditemukan."},
}


def test_nothing_of_a_secret_report_is_in_any_mail(
    tmp_path: Path, mock: Mock, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    """Two secret reports: one is filed and lives, the other is dropped; every kind of news is told by mail."""
    user, citizen = dovecot.new_user(), smtp_sink.new_address()
    told = [str(news) for news in News if news is not News.STATUS]
    channel = answering(dovecot, user, smtp_sink, release="review", defaults={**PRIVACY, "is_secret": True})
    channel["answers"] = answers(smtp_sink, news=told)
    gateway = Installation(tmp_path, mock.url, [channel], dict(QUICK))
    gateway.init()
    for number in (1, 2):
        dovecot.append(user, secret_letter(citizen, number))
    with gateway.start("run") as service:
        wait_for(lambda: gateway.stages() == {"held": 2}, service)
        gateway.view("release", "1")
        gateway.view("drop", "2", "--reason", "Burung jalak bukan urusan kami.")
        wait_for(lambda: len(smtp_sink.mails_to(citizen)) == 4, service)
        for number, deed in enumerate(DEEDS.values(), 5):
            mock.act(only(mock), **deed)
            # Secret reports are asked for one by one, an hour later.
            gateway.tamper("UPDATE report SET next_track_at = datetime('now', '-1 hour') WHERE id = 1")
            wait_for(lambda expected=number: len(smtp_sink.mails_to(citizen)) == expected, service)  # type: ignore[misc]
        # The server has a mail a moment before the gateway notes that it was taken.
        carried = "SELECT DISTINCT news FROM answer WHERE stage = 'carried'"
        wait_for(lambda: {row["news"] for row in gateway.query(carried)} == set(told), service)
    mails = smtp_sink.mails_to(citizen)
    assert len(ids(mails)) == len(set(ids(mails))) == len(DEEDS) + 4
    assert [leaks(mail) for mail in mails] == [[]] * len(mails)
    known = str(gateway.query("SELECT facts, mapped FROM answer JOIN report ON report.id = answer.report_id"))
    assert [name for name, word in CANARIES.items() if word not in known] == ["link"]
