"""Does a report's life come back to its citizen by mail: in their thread, in order, each piece of news once?"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.answer_points import (
    ARRIVAL,
    LIFE,
    RELATIVES,
    Trials,
    letter_of,
    trials,
)
from tests.e2e.dying import COMMIT_AFTER, COMMIT_BEFORE, MAIL_AFTER
from tests.e2e.post import QUICK, answering, body, ids, only, parsed, wait_for
from tests.e2e.support import Installation, Mock, lapor_mock
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SentMail, SmtpSink

LAST_WORDS = ("diteruskan ke SP4N-LAPOR!", "Satu.", "Dua.", "Tiga.", "Nomor tiang?", "oleh sistem", "selesai")
"""Of each mail, in the order of the news."""


@pytest.fixture
def mock() -> Iterator[Mock]:
    with lapor_mock() as running:
        yield running


def stands_in_the_thread(mail: SentMail) -> bool:
    """Whether mail programs show it below the citizen's own mail, and no machine answers it."""
    message = parsed(mail)
    headers = {name: str(message[name]) for name in ("Subject", "In-Reply-To", "References", "Auto-Submitted")}
    own = "<laporan-1@warga.example>"
    expected = {"Subject": "Re: Lampu jalan padam", "In-Reply-To": own, "References": f"{RELATIVES} {own}"}
    return headers == {**expected, "Auto-Submitted": "auto-replied"}


def test_a_reports_life_is_told_in_its_thread_in_order_each_piece_once(
    tmp_path: Path, mock: Mock, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    user, citizen = dovecot.new_user(), smtp_sink.new_address()
    gateway = Installation(tmp_path, mock.url, [answering(dovecot, user, smtp_sink)], dict(QUICK))
    gateway.init()
    dovecot.append(user, letter_of(citizen))
    told = 0
    with gateway.start("run") as service:
        for deeds, mails in LIFE:
            for deed in deeds:
                mock.act(only(mock), **deed)
            told += mails
            wait_for(lambda expected=told: len(smtp_sink.mails_to(citizen)) == expected, service)  # type: ignore[misc]
            wait_for(lambda: status_known(gateway, mock), service)
        status, _ = service.terminate()
    sent = smtp_sink.mails_to(citizen)
    assert (status, len(sent), len(set(ids(sent)))) == (0, len(LAST_WORDS), len(LAST_WORDS))
    assert [words in body(mail) for words, mail in zip(LAST_WORDS, sent, strict=True)] == [True] * len(sent)
    assert all(stands_in_the_thread(mail) for mail in sent)
    assert all(mail.recipients == (citizen,) and only(mock) in body(mail) for mail in sent)


def status_known(gateway: Installation, mock: Mock) -> bool:
    """Whether the gateway has seen LAPOR's latest status."""
    [known] = gateway.query("SELECT lapor_status FROM report")
    return bool(known["lapor_status"] == mock.complaints()[0]["status"])


def test_the_reason_for_waiting_is_told_though_lapor_has_moved_on_meanwhile(
    tmp_path: Path, mock: Mock, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    """The channel's own interval is longer than that of tracking: two changes are known before the next answers."""
    user, citizen = dovecot.new_user(), smtp_sink.new_address()
    channel = answering(dovecot, user, smtp_sink, every="1h")
    gateway = Installation(tmp_path, mock.url, [channel], dict(QUICK))
    gateway.init()
    dovecot.append(user, letter_of(citizen))
    with gateway.start("run") as service:
        wait_for(lambda: gateway.stages() == {"accepted": 1}, service)
        for deed in ({"action": "hold", "reason": "Nomor tiang?"}, {"action": "process"}):
            mock.act(only(mock), **deed)
            wait_for(lambda: status_known(gateway, mock), service)
        service.terminate()
    assert gateway.cli("sync").status == 0
    _, asked = smtp_sink.mails_to(citizen)
    assert "kelengkapan informasi" in body(asked)
    assert "Nomor tiang?" in body(asked)


def test_what_the_citizen_replied_in_lapor_itself_is_no_news_to_them(
    tmp_path: Path, mock: Mock, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    user, citizen = dovecot.new_user(), smtp_sink.new_address()
    gateway = Installation(tmp_path, mock.url, [answering(dovecot, user, smtp_sink)], dict(QUICK))
    gateway.init()
    dovecot.append(user, letter_of(citizen))
    with gateway.start("run") as service:
        wait_for(lambda: bool(smtp_sink.mails_to(citizen)), service)
        mock.act(only(mock), "reply", text="Masih padam.")
        mock.act(only(mock), "follow_up", text="Kami periksa.")
        wait_for(lambda: len(smtp_sink.mails_to(citizen)) > 1, service)
    assert "Kami periksa." in body(smtp_sink.mails_to(citizen)[1])


# Kills: a sample; `tests/soak` takes every point.

TWO_ANSWERS = 2
# The run that brings two follow-ups makes its last commits in the reply step: the news kept, each answer, the run.
POINTS: Mapping[int, tuple[tuple[str, int], ...]] = {
    ARRIVAL: ((MAIL_AFTER, 1), (COMMIT_BEFORE, random.Random("arrival").randint(8, 12))),
    TWO_ANSWERS: (
        (MAIL_AFTER, 2),
        (COMMIT_AFTER, random.Random("two").randint(5, 8)),
    ),
}


def test_killed_while_answering_the_same_mails_are_sent_and_none_is_missing(
    tmp_path: Path, dovecot: Dovecot, smtp_sink: SmtpSink
) -> None:
    survived: list[object] = []
    with trials(tmp_path, dovecot, smtp_sink) as life:
        for stage in range(TWO_ANSWERS + 1):
            life.begin(stage)
            survived += [point for point in POINTS.get(stage, ()) if not _dies_well(life, *point)]
            life.end()
    assert survived == [], "it ended before its point"


def _dies_well(life: Trials, kind: str, number: int) -> bool:
    """Whether the process died there; whatever it did, the same mails must have come in the end."""
    after = life.killed_at(kind, number)
    assert after.wrong == [], (kind, number)
    return after.died
