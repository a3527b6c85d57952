"""Is each piece of news told to the citizen once, in order, in fitting words, and never more than may be said?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.contract import Answer, News, Unanswerable
from connectors.mail_answer import MailAnswers, SmtpOptions, answer_ids, compose
from gateway.answers import words
from gateway.answers.settings import AnswerSettings
from gateway.cli.answering import whatsapp_link
from gateway.desk import Desk
from gateway.lapor.port import FollowUp
from gateway.steps.collect import collect
from gateway.steps.reply import reply
from gateway.steps.submit import submit
from gateway.steps.track import track
from state import acts
from state.models import ANSWER, CHANNEL, EVENT, RECORD, REPORT
from tests.fakes import NOON, FakeClock, FakeConnector, FakeLapor, FakeSource, make_channel, mapping_with, open_desk
from tests.servers.smtp import SentMail, SmtpSink

SENDER = "Dinas PU <pengaduan@dinas.contoh.go.id>"
SECRET_WORDS = "Kepala dinas meminta uang"
MAPPED = mapping_with({"reporter_email": {"from": "surel", "then": ["email"]}})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def lapor(clock: FakeClock) -> FakeLapor:
    return FakeLapor(clock)


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


def settings(sink: SmtpSink, **changes: Any) -> AnswerSettings:
    smtp = SmtpOptions(host=sink.host, port=sink.port, tls="none", sender=SENDER)
    return AnswerSettings(**{"agency": "Dinas PU Samarinda", "contact": "0541-123456", "smtp": smtp, **changes})


@contextmanager
def working(folder: Path, clock: FakeClock, source: FakeSource, answers: AnswerSettings | None) -> Iterator[Desk]:
    own = {"answers": answers, "first_run_limit": 1_000}
    with open_desk(folder, clock, [make_channel(source, mapping=MAPPED, **own)]) as desk:
        yield desk


def work(desk: Desk, lapor: FakeLapor) -> None:
    """A round of all four steps."""
    [channel] = desk.config.channels
    collect(channel, desk)
    submit(desk, lapor)
    track(desk, lapor)
    reply(channel, desk)


def subjects(mails: list[SentMail]) -> list[str]:
    return [str(parsed(mail)["Subject"]) for mail in mails]


def parsed(mail: SentMail) -> EmailMessage:
    message = message_from_bytes(mail.raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def body(mail: SentMail) -> str:
    part = parsed(mail).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def number(desk: Desk, key: str) -> str:
    with desk.store.read() as tx:
        query = sa.select(REPORT.c.tracking_id).join(RECORD, RECORD.c.id == REPORT.c.id).where(RECORD.c.key == key)
        return str(tx.scalar(query))


def stages(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.store.read() as tx:
        rows = tx.execute(sa.select(ANSWER.c.news, ANSWER.c.stage, ANSWER.c.code).order_by(ANSWER.c.id))
        return [(row.news, row.stage, row.code) for row in rows]


# The whole way


def test_a_reports_life_is_told_in_order_each_piece_once(
    tmp_path: Path, clock: FakeClock, lapor: FakeLapor, source: FakeSource, smtp_sink: SmtpSink
) -> None:
    source.add("1", surel=(to := smtp_sink.new_address()))
    with working(tmp_path, clock, source, settings(smtp_sink)) as desk:
        work(desk, lapor)
        own = number(desk, "1")
        for step, status in enumerate(("Terdisposisi Sedang Diproses", "Tertunda", "Ditutup oleh Sistem")):
            clock.advance(hours=2)
            lapor.write(own, f"Tindak lanjut ke-{step}.")
            lapor.change(own, status)
            work(desk, lapor)
            work(desk, lapor)
        mails = smtp_sink.mails_to(to)
    assert subjects(mails) == [
        f"Laporan Anda telah diteruskan [LAPOR #{own}]",
        f"Tindak lanjut atas laporan Anda [LAPOR #{own}]",
        f"Tindak lanjut atas laporan Anda [LAPOR #{own}]",
        f"Laporan Anda perlu dilengkapi [LAPOR #{own}]",
        f"Tindak lanjut atas laporan Anda [LAPOR #{own}]",
        f"Laporan Anda telah ditutup [LAPOR #{own}]",
    ]
    assert [line for mail in mails for line in body(mail).splitlines() if line.startswith("Tindak lanjut ke")] == [
        f"Tindak lanjut ke-{step}." for step in range(3)
    ]
    assert "tidak berarti bahwa masalah yang Anda laporkan pasti telah selesai" in " ".join(body(mails[-1]).split())
    assert len({parsed(mail)["Message-ID"] for mail in mails}) == len(mails)


def test_a_dropped_report_is_told_with_the_reason(
    tmp_path: Path, clock: FakeClock, lapor: FakeLapor, source: FakeSource, smtp_sink: SmtpSink
) -> None:
    source.add("1", surel=(to := smtp_sink.new_address()), anonim="entah")
    with working(tmp_path, clock, source, settings(smtp_sink)) as desk:
        work(desk, lapor)
        with desk.store.begin() as tx:
            acts.drop(tx, 1, "Bukan pengaduan pelayanan publik.", "petugas", clock())
        work(desk, lapor)
    [mail] = smtp_sink.mails_to(to)
    assert "Bukan pengaduan pelayanan publik." in body(mail)


def test_the_reporters_own_replies_are_no_news(
    tmp_path: Path, clock: FakeClock, lapor: FakeLapor, source: FakeSource, smtp_sink: SmtpSink
) -> None:
    source.add("1", surel=(to := smtp_sink.new_address()))
    with working(tmp_path, clock, source, settings(smtp_sink)) as desk:
        work(desk, lapor)
        clock.advance(hours=2)
        lapor.written[number(desk, "1")] = [FollowUp("2026-11-23T10:00:00+07:00", "Pelapor", "Terima kasih", "x1")]
        lapor.change(number(desk, "1"), "Ditanggapi oleh Pelapor")
        work(desk, lapor)
    assert len(smtp_sink.mails_to(to)) == 1


def test_a_secret_report_is_told_without_a_word_of_it(
    tmp_path: Path, clock: FakeClock, lapor: FakeLapor, source: FakeSource, smtp_sink: SmtpSink
) -> None:
    to = smtp_sink.new_address()
    source.add("1", surel=to, rahasia="ya", judul=SECRET_WORDS, isi=SECRET_WORDS, nama="Siti Rahayu")
    with working(tmp_path, clock, source, settings(smtp_sink)) as desk:
        work(desk, lapor)
        for status in ("Tertunda", "Diarsipkan oleh Admin", "Ditutup oleh Admin"):
            clock.advance(days=2)
            lapor.write(number(desk, "1"), f"Tentang {SECRET_WORDS}: {status}")
            lapor.change(number(desk, "1"), status)
            work(desk, lapor)
    mails = smtp_sink.mails_to(to)
    assert len(mails) == 7
    for mail in mails:
        message = parsed(mail)
        said = body(mail) + str(message["Subject"]) + str(message.get_body(("html",)))
        for word in (SECRET_WORDS, "Siti", "http", "lapor.go.id", "Tentang", "LAPOR"):
            assert word not in said, word


def test_what_happened_before_a_channel_answered_is_told_to_nobody(
    tmp_path: Path, clock: FakeClock, lapor: FakeLapor, source: FakeSource, smtp_sink: SmtpSink
) -> None:
    source.add("1", surel=(to := smtp_sink.new_address()))
    with working(tmp_path, clock, source, None) as desk:
        work(desk, lapor)
    with working(tmp_path, clock, source, settings(smtp_sink)) as desk:
        work(desk, lapor)
        assert smtp_sink.mails_to(to) == []
        clock.advance(hours=2)
        lapor.write(number(desk, "1"), "Sudah ditambal.")
        lapor.change(number(desk, "1"), "Ditindaklanjuti oleh Instansi")
        work(desk, lapor)
    assert len(smtp_sink.mails_to(to)) == 1


def test_a_state_made_anew_tells_the_same_news_under_the_same_message_ids(
    tmp_path: Path, clock: FakeClock, lapor: FakeLapor, source: FakeSource, smtp_sink: SmtpSink
) -> None:
    source.add("1", surel=(to := smtp_sink.new_address()))
    for folder in ("satu", "dua"):
        (tmp_path / folder).mkdir()
        with working(tmp_path / folder, clock, source, settings(smtp_sink)) as desk:
            work(desk, lapor)
            work(desk, lapor)
    ids = [parsed(mail)["Message-ID"] for mail in smtp_sink.mails_to(to)]
    assert len(set(ids)) == 1


# Who cannot be told


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "no_address"),
        ("noreply@contoh.example", "machine_address"),
        ("pelapor@bücher.example", "address_refused"),
    ],
)
def test_whoever_cannot_be_told_waits_for_a_person(
    tmp_path: Path,
    clock: FakeClock,
    lapor: FakeLapor,
    source: FakeSource,
    smtp_sink: SmtpSink,
    address: str,
    code: str,
) -> None:
    source.add("1", surel=address)
    with working(tmp_path, clock, source, settings(smtp_sink)) as desk:
        work(desk, lapor)
        assert stages(desk) == [("forwarded", "person", code)]


def test_without_any_carrier_a_person_tells(
    tmp_path: Path, clock: FakeClock, lapor: FakeLapor, source: FakeSource
) -> None:
    source.add("1")
    with working(tmp_path, clock, source, AnswerSettings(agency="Dinas PU")) as desk:
        work(desk, lapor)
        assert stages(desk) == [("forwarded", "person", "no_carrier")]


def test_too_many_mails_to_one_address_wait(
    tmp_path: Path, clock: FakeClock, lapor: FakeLapor, source: FakeSource, smtp_sink: SmtpSink
) -> None:
    to = smtp_sink.new_address()
    for key in range(5):
        source.add(str(key), surel=to)
    with working(tmp_path, clock, source, settings(smtp_sink, per_address=3)) as desk:
        work(desk, lapor)
        assert len(smtp_sink.mails_to(to)) == 3
        clock.advance(hours=25)
        work(desk, lapor)
    assert len(smtp_sink.mails_to(to)) == 5


def test_a_mail_server_that_is_down_delays_and_loses_nothing(
    tmp_path: Path, clock: FakeClock, lapor: FakeLapor, source: FakeSource, smtp_sink: SmtpSink
) -> None:
    addresses = [smtp_sink.new_address() for _ in range(6)]
    for key, to in enumerate(addresses):
        source.add(str(key), surel=to)
    with working(tmp_path, clock, source, settings(smtp_sink)) as desk:
        smtp_sink.stop()
        try:
            work(desk, lapor)
            result = reply(desk.config.channels[0], desk)
        finally:
            smtp_sink.start()
        assert result.outcome == "failed"
        assert "does not answer" in result.message
        for _ in range(8):
            clock.advance(hours=1)
            work(desk, lapor)
    assert [len(smtp_sink.mails_to(to)) for to in addresses] == [1] * 6


def test_what_another_transaction_committed_late_is_told_too(
    tmp_path: Path, clock: FakeClock, lapor: FakeLapor, source: FakeSource, smtp_sink: SmtpSink
) -> None:
    addresses = [smtp_sink.new_address() for _ in range(2)]
    for key, to in enumerate(addresses):
        source.add(str(key), surel=to)
    with working(tmp_path, clock, source, settings(smtp_sink)) as desk:
        [channel] = desk.config.channels
        collect(channel, desk)
        reply(channel, desk)
        submit(desk, lapor)
        accepted = EVENT.c.kind == "accepted"
        with desk.store.begin() as tx:
            late = dict(tx.execute(sa.select(EVENT).where(accepted).order_by(EVENT.c.id)).mappings().all()[0])
            tx.execute(sa.delete(EVENT).where(EVENT.c.id == late["id"]))
        reply(channel, desk)
        assert sum(len(smtp_sink.mails_to(to)) for to in addresses) == 1
        with desk.store.begin() as tx:
            tx.execute(sa.insert(EVENT).values(**late))
        reply(channel, desk)
        clock.advance(hours=1)
        reply(channel, desk)
        with desk.store.read() as tx:
            assert tx.scalar(sa.select(CHANNEL.c.answered_until)) == tx.scalar(sa.select(sa.func.max(EVENT.c.id)))
    assert [len(smtp_sink.mails_to(to)) for to in addresses] == [1, 1]


class Poisoned(FakeSource):
    """An application whose first row ends the connector in a way that nobody foresaw."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def __call__(self, _options: Any, _channel: Any) -> FakeConnector:
        return _Poisoned(self)


class _Poisoned(FakeConnector):
    carries = frozenset(News)
    tells = frozenset(News)

    def write_back(self, answer: Answer) -> None:
        if answer.key == "1":
            raise RuntimeError("not foreseen")
        self._source.told.append(answer.key)  # type: ignore[attr-defined]


def test_an_answer_that_ends_the_step_holds_up_no_other(tmp_path: Path, clock: FakeClock, lapor: FakeLapor) -> None:
    source = Poisoned()
    for key in range(1, 4):
        source.add(str(key))
    with working(tmp_path, clock, source, AnswerSettings(agency="Dinas PU")) as desk:
        [channel] = desk.config.channels
        collect(channel, desk)
        submit(desk, lapor)
        for _ in range(2):
            with pytest.raises(RuntimeError):
                reply(channel, desk)
    assert source.told == ["2", "3"]


def test_a_channel_that_no_longer_answers_forgets_where_it_stood(
    tmp_path: Path, clock: FakeClock, lapor: FakeLapor, source: FakeSource, smtp_sink: SmtpSink
) -> None:
    source.add("1")
    with working(tmp_path, clock, source, settings(smtp_sink)) as desk:
        work(desk, lapor)
    with working(tmp_path, clock, source, None) as desk:
        work(desk, lapor)
        with desk.store.read() as tx:
            assert tx.scalar(sa.select(CHANNEL.c.answered_until)) is None


# The mail itself


def answer(**changes: Any) -> Answer:
    known: dict[str, Any] = {
        "id": "abcdefghijklmnop",
        "news": News.FOLLOW_UP,
        "key": "1",
        "locator": None,
        "fields": {
            "message_id": "<asli@contoh.example>",
            "references": "<lama@contoh.example>",
            "from_email": "warga@contoh.example",
            "subject": "Re: Jalan rusak",
        },
        "tracking_id": "1000001",
        "status": "in_progress",
        "status_text": "",
        "previous": None,
        "at": NOON,
        "url": None,
        "subject": "Tindak lanjut [LAPOR #1000001]",
        "text": "Isi <b>surat</b>.\n\nLihat https://lapor.test/1?a=1&b=2\n",
        "words": "",
        "responder": "",
        "secret": False,
        "to": "warga@contoh.example",
        **changes,
    }
    return Answer(**known)


def test_the_answer_stands_in_the_thread_of_the_citizens_mail() -> None:
    mail = compose(answer(), SENDER)
    assert (mail["Subject"], mail["In-Reply-To"]) == ("Re: Jalan rusak", "<asli@contoh.example>")
    assert mail["References"] == "<lama@contoh.example> <asli@contoh.example>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["Message-ID"] == "<lapor-abcdefghijklmnop@dinas.contoh.go.id>"
    assert answer_ids(mail["Message-ID"], "<x@y> <lapor-short@z>") == ["abcdefghijklmnop"]


def test_an_address_typed_into_a_form_gets_no_thread_and_a_secret_one_no_subject() -> None:
    typed = compose(answer(to="lain@contoh.example"), SENDER)
    assert (typed["In-Reply-To"], typed["Subject"]) == (None, "Tindak lanjut [LAPOR #1000001]")
    secret = compose(answer(secret=True, subject="Pemberitahuan nomor 1000001"), SENDER)
    assert secret["Subject"] == "Pemberitahuan nomor 1000001"


def test_the_html_part_says_the_same_and_runs_nothing() -> None:
    part = compose(answer(), SENDER).get_body(("html",))
    assert part is not None
    html = part.get_content()
    assert "<b>" not in html
    assert "Isi &lt;b&gt;surat&lt;/b&gt;." in html
    assert '<a href="https://lapor.test/1?a=1&amp;b=2">' in html


def test_a_subject_with_a_line_break_cannot_add_a_header() -> None:
    fields = {**answer().fields, "subject": "x\r\nBcc: semua@contoh.example"}
    assert compose(answer(fields=fields), SENDER)["Bcc"] is None


def test_our_own_address_is_never_answered() -> None:
    replier = MailAnswers(SmtpOptions(host="127.0.0.1", port=1, tls="none", sender=SENDER))
    with pytest.raises(Unanswerable):
        replier.write_back(answer(to="Pengaduan@Dinas.contoh.go.id"))


# Words


def test_every_shipped_template_renders_with_all_and_with_no_facts() -> None:
    own = AnswerSettings(agency="Dinas PU")
    assert list(words.mistakes(own)) == []
    for news in News:
        for secret in (False, True):
            told = words.tell(own, news, {}, secret=secret)
            assert told.subject
            assert "Yth. Bapak/Ibu" in told.text
            assert not re.search(r"\n{4}|None|\{|\}", told.text)


def test_a_channels_own_template_wins_and_a_broken_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "closed.txt").write_text("Selesai {{ nomor }}\n\nHalo {{ nama }}.")
    (tmp_path / "archived.txt").write_text("{{ tidak_ada }}")
    (tmp_path / "follow_up.txt").write_text("{% for %}")
    (tmp_path / "forwarded.txt").write_text("{{ ''.__class__.__mro__ }}")
    (tmp_path / "received.txt").write_text("{{ 1 / 0 }}")
    (tmp_path / "need_info.txt").write_text('{% include "need_info.txt" %}')
    (tmp_path / "fowarded.txt").write_text("x")
    own = AnswerSettings(agency="Dinas PU", templates=tmp_path)
    told = words.tell(own, News.CLOSED, {"nomor": "7", "nama": "Siti"}, secret=False)
    assert (told.subject, told.text.splitlines()[0]) == ("Selesai 7", "Halo Siti.")
    found = "\n".join(words.mistakes(own))
    for name in ("archived", "follow_up", "forwarded", "received", "need_info", "fowarded"):
        assert f"template {name}.txt" in found
    assert "template closed.txt" not in found


def test_what_a_person_tells_is_not_written_as_a_mail() -> None:
    own = AnswerSettings(agency="Dinas PU", contact="0541-123456")
    for news in News:
        for secret in (False, True):
            text = words.tell(own, news, {"lewat_surat": False}, secret=secret).text
            assert "surat ini" not in text.casefold(), (news, secret)
            assert "membalas surat ini" in words.tell(own, News.CLOSED, {"lewat_surat": True}, secret=secret).text


def test_dates_are_written_as_people_write_them() -> None:
    assert words.long_date(datetime(2026, 5, 3, tzinfo=UTC)) == "3 Mei 2026"


@pytest.mark.parametrize(
    ("phone", "number"),
    [("0812-3456-7890", "6281234567890"), ("+62 812 3456 7890", "6281234567890"), ("0541 123456", None), ("", None)],
)
def test_a_whatsapp_link_opens_the_text(phone: str, number: str | None) -> None:
    link = whatsapp_link(phone, "Yth. Ibu,\nbaris dua & tiga")
    assert link == (f"https://wa.me/{number}?text=Yth.%20Ibu%2C%0Abaris%20dua%20%26%20tiga" if number else None)
