"""When citizens answer an answer, does it become their reply in LAPOR, and what becomes of the mails themselves?"""

from __future__ import annotations

import imaplib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.post import QUICK, answering, folder, ids, letter, only, records, wait_for
from tests.e2e.support import Installation, Mock, lapor_mock
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink

QUIET = 1.5
"""Seconds in which several rounds pass."""
MOVED = "Diteruskan"


@pytest.fixture
def mock() -> Iterator[Mock]:
    with lapor_mock() as running:
        yield running


# The reply


def own_replies(mock: Mock) -> list[tuple[str, str]]:
    """Text and external_id of the reporter's own replies in LAPOR."""
    return [
        (item["keterangan"], item["external_id"])
        for complaint in mock.complaints()
        for item in complaint["followups"]
        if item["external_id"]
    ]


def quoting(text: str) -> str:
    """The text above the mail that it answers, as mail programs do."""
    return f"{text}\n\nPada Sen, 23 Nov 2026 10.15 Dinas PU <dinas@x.example> menulis:\n\n> Laporan Anda\n> sudah\n"


def test_an_answer_to_our_answer_is_the_reporters_reply_and_from_another_address_it_is_held(
    tmp_path: Path, mock: Mock, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    """The reply arrives in two copies and, once LAPOR shows it, tells its writer nothing."""
    user, citizen = dovecot.new_user(), smtp_sink.new_address()
    gateway = Installation(tmp_path, mock.url, [answering(dovecot, user, smtp_sink)], dict(QUICK))
    gateway.init()
    dovecot.append(user, letter(f"Warga <{citizen}>"))
    with gateway.start("run") as service:
        wait_for(lambda: bool(smtp_sink.mails_to(citizen)), service)
        [ours] = ids(smtp_sink.mails_to(citizen))
        thread = {"Subject": "Re: Lampu jalan padam", "In_Reply_To": ours, "References": ours}
        again = letter(f"Warga <{citizen}>", quoting("Tiang nomor 7."), Message_ID="<lagi-1@warga.example>", **thread)
        for _ in range(2):
            dovecot.append(user, again)
        stranger = letter("Lain <lain@luar.example>", "Saya juga.", Message_ID="<lain-1@luar.example>", **thread)
        dovecot.append(user, stranger)
        wait_for(lambda: bool(gateway.query("SELECT id FROM follow_up")) and records(gateway) == 3, service)
        time.sleep(QUIET)
    [reply] = gateway.query("SELECT external_id, stage FROM reply")
    assert own_replies(mock) == [("Tiang nomor 7.", reply["external_id"])]
    assert (len(mock.complaints()), reply["stage"]) == (1, "sent")
    assert gateway.stages() == {"accepted": 1, "held": 1}
    assert "reply_from_other" in gateway.view("held", "--json")
    assert len(smtp_sink.mails_to(citizen)) == 1
    assert smtp_sink.mails_to("lain@luar.example") == []


# What becomes of an accepted mail


def inbox(dovecot: Dovecot, name: str, after: str, sink: SmtpSink) -> dict[str, Any]:
    """A channel that flags or moves accepted mails, over a mailbox of its own with one mail in it."""
    user = dovecot.new_user()
    options = {"after_accepted": after, **({"move_to": MOVED} if after == "move" else {})}
    dovecot.append(user, letter("Lain <lain@luar.example>", "Lain.", Message_ID="<lain@luar.example>"), MOVED)
    dovecot.append(user, letter(f"Warga <{sink.new_address()}>", Message_ID=f"<{name}@warga.example>"))
    return answering(dovecot, user, sink, name=name, options=options)


def disturb(dovecot: Dovecot, user: str, place: str, *command: str) -> None:
    """A person changes the last mail of a folder by hand."""
    with imaplib.IMAP4(dovecot.host, dovecot.port, timeout=30) as imap:
        imap.login(user, dovecot.password)
        imap.select(place)
        imap.uid(command[0], imap.uid("SEARCH", "ALL")[1][0].split()[-1].decode(), *command[1:])


def test_an_accepted_mail_is_flagged_or_moved_once_and_is_no_new_report(
    tmp_path: Path, mock: Mock, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    """Staff undo both by hand: they are neither done again nor is the mail, under its new UID, reported again."""
    flagged, moved = (inbox(dovecot, name, name, smtp_sink) for name in ("flag", "move"))
    one, two = (channel["options"]["username"] for channel in (flagged, moved))
    gateway = Installation(tmp_path, mock.url, [flagged, moved], dict(QUICK))
    gateway.init()
    with gateway.start("run") as service:
        wait_for(lambda: folder(dovecot, one) == [("<flag@warga.example>", True)], service)
        wait_for(lambda: ("<move@warga.example>", False) in folder(dovecot, two, MOVED), service)
        assert folder(dovecot, two) == []
        wait_for(lambda: len(gateway.query("SELECT id FROM answer WHERE stage = 'carried'")) == 4, service)
        disturb(dovecot, one, "INBOX", "STORE", "-FLAGS", r"(\Flagged)")
        disturb(dovecot, two, MOVED, "MOVE", "INBOX")
        time.sleep(QUIET)
    assert folder(dovecot, one) == [("<flag@warga.example>", False)]
    assert folder(dovecot, two) == [("<move@warga.example>", False)]
    assert (len(mock.complaints()), records(gateway)) == (2, 2)
    assert folder(dovecot, two, MOVED) == [("<lain@luar.example>", False)]


def test_a_mark_that_was_made_and_not_noted_is_made_again_without_harm(
    tmp_path: Path, mock: Mock, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    """As after a power cut between marking and noting; the folders are then as after one marking."""
    channels = [inbox(dovecot, name, name, smtp_sink) for name in ("flag", "move")]
    one, two = (channel["options"]["username"] for channel in channels)
    gateway = Installation(tmp_path, mock.url, channels, dict(QUICK))
    gateway.init()
    for _ in range(2):
        done = gateway.cli("sync")
        assert done.status == 0, done.said
        gateway.tamper("UPDATE answer SET stage = 'waiting' WHERE carrier = 'source'")
    assert folder(dovecot, one) == [("<flag@warga.example>", True)]
    assert folder(dovecot, two) == []
    assert len(folder(dovecot, two, MOVED)) == 2
    assert (len(mock.complaints()), records(gateway)) == (2, 2)


def test_a_citizen_whom_nobody_tells_is_shown_to_staff_though_the_mail_is_marked(
    tmp_path: Path, mock: Mock, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    """Without a mail server, a flag in the inbox tells the citizen nothing."""
    channel = inbox(dovecot, "flag", "flag", smtp_sink)
    channel["answers"] = {"agency": "Dinas PU"}
    gateway = Installation(tmp_path, mock.url, [channel], dict(QUICK))
    gateway.init()
    assert gateway.cli("sync").status == 0
    assert folder(dovecot, channel["options"]["username"])[0][1]
    assert only(mock) in gateway.view("unanswered", "--json")
