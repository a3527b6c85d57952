"""Are machines' mails told from citizens'?"""

from __future__ import annotations

import pytest

from connectors.machine_mail import reason
from connectors.message import parse

OWN = {"aduan@example.org"}
FORMS = {"noreply@form.example.org"}


def why(head: str, sender: str = "Warga <warga@example.org>") -> str | None:
    """The reason for a mail with these header lines."""
    return reason(parse(f"From: {sender}\r\n{head}\r\n\r\nJalan rusak".encode()), OWN, FORMS)


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("Subject: Jalan rusak", None),
        ("Auto-Submitted: no", None),
        ("Auto-Submitted:", None),
        ("Precedence: normal", None),
        ("Return-Path: <warga@example.org>", None),
        ("Subject: Mailer-Daemon mengganggu saya", None),
        ("Content-Type: multipart/mixed; boundary=x", None),
        ("Auto-Submitted: auto-replied", "auto_reply"),
        ("Auto-Submitted: Auto-Generated; owner-email=x", "auto_reply"),
        ("X-Autoreply: yes", "auto_reply"),
        ("X-AutoRespond: 1", "auto_reply"),
        ("Precedence: auto_reply", "auto_reply"),
        ("Precedence: Bulk", "mailing_list"),
        ("Precedence: list", "mailing_list"),
        ("Precedence: junk", "mailing_list"),
        ("List-Id: <berita.example.org>", "mailing_list"),
        ("List-Unsubscribe: <mailto:x@example.org>", "mailing_list"),
        ("Return-Path: <>", "bounce"),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=x", "bounce"),
        ("Content-Type: text/calendar", "invitation"),
    ],
)
def test_headers_tell_machines_from_people(head: str, code: str | None) -> None:
    assert why(head) == code


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ("MAILER-DAEMON@mx.example.org", "bounce"),
        ("Postmaster <postmaster@example.org>", "bounce"),
        ("bounce+warga=x@example.org", "bounce"),
        ("bounces-123@example.org", "bounce"),
        ("postmasterful@example.org", None),
        ("Aduan <ADUAN@example.org>", "own_mail"),
        ("", None),
    ],
)
def test_senders_tell_machines_from_people(sender: str, code: str | None) -> None:
    assert why("Subject: x", sender) == code


def test_a_web_forms_mail_is_a_citizens_whatever_it_looks_like() -> None:
    assert why("Auto-Submitted: auto-generated\r\nReturn-Path: <>", "Formulir <NoReply@form.example.org>") is None


def test_an_invitation_within_a_mail_is_seen() -> None:
    calendar = "--x\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n--x--"
    assert why(f"Content-Type: multipart/mixed; boundary=x\r\n\r\n{calendar}") == "invitation"
