"""When a citizen writes again about a report: does it become their reply in LAPOR, once, and never a second report?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.contract import SourceRecord
from gateway import audit as auditing
from gateway import corrections
from gateway.config import Channel
from gateway.desk import Desk
from gateway.steps.collect import collect
from gateway.steps.reply import reply
from gateway.steps.submit import submit
from gateway.steps.track import track
from mappings.quotes import reply_words
from state import acts
from state.models import ANSWER, RECORD, REPLY, REPORT
from state.tracking import by_the_reporter
from tests.fakes import FakeClock, FakeConnector, FakeLapor, FakeSource, make_channel, mapping_with, open_desk
from tests.servers.smtp import SmtpSink
from tests.unit.test_answers import MAPPED, settings

CITIZEN = "warga@contoh.example"


class Inbox(FakeSource):
    """A source whose records are mails: `thread` and `answers` by key."""

    def __call__(self, _options: Any, _channel: Any) -> FakeConnector:
        return _Mailbox(self)

    def mail(self, key: str, answers: str = "", sender: str = CITIZEN, **fields: Any) -> None:
        self.add(key, surel=sender, from_email=sender, reply_to="", answers=answers, **fields)


class _Mailbox(FakeConnector):
    def read(self, locators: Any) -> Iterator[SourceRecord]:
        for record in super().read(locators):
            yield SourceRecord(
                locator=record.locator,
                key=record.key,
                version=record.version,
                received_at=record.received_at,
                fields=record.fields,
                thread=f"<{record.key}@contoh.example>",
                answers_to=str(record.fields.get("answers") or "").split(),
            )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def lapor(clock: FakeClock) -> FakeLapor:
    return FakeLapor(clock)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def channel(inbox: Inbox, smtp_sink: SmtpSink) -> Channel:
    return make_channel(inbox, mapping=MAPPED, answers=settings(smtp_sink, per_address=10_000), first_run_limit=1_000)


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock, channel: Channel) -> Iterator[Desk]:
    with open_desk(tmp_path, clock, [channel]) as desk:
        yield desk


def work(desk: Desk, lapor: FakeLapor) -> None:
    [channel] = desk.config.channels
    collect(channel, desk)
    submit(desk, lapor)
    track(desk, lapor)
    reply(channel, desk)


def replies(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.read() as tx:
        rows = tx.execute(sa.select(REPLY.c.stage, REPLY.c.text).order_by(REPLY.c.id))
        return [(row.stage, row.text) for row in rows]


def reports(desk: Desk) -> list[tuple[str, list[str]]]:
    with desk.store.read() as tx:
        rows = tx.execute(sa.select(REPORT.c.stage, REPORT.c.reasons).order_by(REPORT.c.id))
        return [(row.stage, [reason["code"] for reason in row.reasons]) for row in rows]


def sent(lapor: FakeLapor) -> list[str]:
    return [item.text for items in lapor.written.values() for item in items if item.external_id]


def our_message_id(desk: Desk) -> str:
    with desk.store.read() as tx:
        token = tx.scalar(sa.select(ANSWER.c.token).limit(1))
    return f"<lapor-{token}@dinas.contoh.go.id>"


def filed(desk: Desk, lapor: FakeLapor, inbox: Inbox, **fields: Any) -> str:
    """A report that LAPOR has and whose reporter was told; its number."""
    inbox.mail("1", **fields)
    work(desk, lapor)
    with desk.store.read() as tx:
        return str(tx.scalar(sa.select(REPORT.c.tracking_id)))


HOW = {
    "our answer": lambda desk, _number: {"answers": our_message_id(desk)},
    "their own mail": lambda _desk, _number: {"answers": "<1@contoh.example>"},
    "the number": lambda _desk, number: {"subject": f"Re: tindak lanjut [LAPOR #{number}]"},
}


@pytest.mark.parametrize("how", HOW.values(), ids=HOW.keys())
def test_a_mail_that_answers_becomes_the_reporters_reply_once(
    desk: Desk, lapor: FakeLapor, inbox: Inbox, clock: FakeClock, how: Any
) -> None:
    number = filed(desk, lapor, inbox)
    clock.advance(hours=1)
    inbox.mail(
        "2", text="Lubangnya makin dalam.\n\nPada Sen, 23 Nov 2026 Dinas PU menulis:\n> lama", **how(desk, number)
    )
    work(desk, lapor)
    work(desk, lapor)
    assert sent(lapor) == ["Lubangnya makin dalam."]
    assert len(lapor.submissions) == 1
    assert replies(desk) == [("sent", "Lubangnya makin dalam.")]
    assert auditing.local(desk.store, "kaltim") == []


def test_a_reply_to_a_reply_finds_the_same_report(desk: Desk, lapor: FakeLapor, inbox: Inbox) -> None:
    filed(desk, lapor, inbox)
    inbox.mail("2", "<1@contoh.example>", text="Satu.")
    inbox.mail("3", "<2@contoh.example>", text="Dua.")
    work(desk, lapor)
    work(desk, lapor)
    assert sent(lapor) == ["Satu.", "Dua."]
    assert len(lapor.submissions) == 1


def test_a_mail_and_its_sequel_in_one_batch_are_one_report(desk: Desk, lapor: FakeLapor, inbox: Inbox) -> None:
    inbox.mail("1", "<2@contoh.example>", text="Tambahan.")
    inbox.mail("2")
    work(desk, lapor)
    work(desk, lapor)
    assert (len(lapor.submissions), sent(lapor)) == (1, ["Tambahan."])


def test_from_another_address_it_is_held(desk: Desk, lapor: FakeLapor, inbox: Inbox) -> None:
    number = filed(desk, lapor, inbox)
    inbox.mail("2", sender="lain@contoh.example", subject=f"[LAPOR #{number}]", text="Saya juga.")
    work(desk, lapor)
    assert (sent(lapor), reports(desk)[1]) == ([], ("held", ["reply_from_other"]))


def test_before_lapor_has_the_report_it_waits(desk: Desk, lapor: FakeLapor, inbox: Inbox, clock: FakeClock) -> None:
    inbox.mail("1")
    lapor.next = [lapor.lose]
    work(desk, lapor)
    inbox.mail("2", "<1@contoh.example>", text="Tambahan.")
    work(desk, lapor)
    assert replies(desk) == [("waiting", "Tambahan.")]
    for _ in range(4):
        clock.advance(minutes=11)
        work(desk, lapor)
    assert sent(lapor) == ["Tambahan."]


def test_a_held_report_is_completed_by_it(desk: Desk, lapor: FakeLapor, inbox: Inbox) -> None:
    inbox.mail("1", isi="")
    work(desk, lapor)
    assert reports(desk) == [("held", ["field_missing"])]
    inbox.mail("2", "<1@contoh.example>", text="Jalan di depan SD 5 berlubang besar.")
    work(desk, lapor)
    assert reports(desk) == [("accepted", [])]
    [submission] = lapor.submissions
    assert submission.report.content.endswith("Jalan di depan SD 5 berlubang besar.")
    assert replies(desk)[0][0] == "merged"
    assert sent(lapor) == []


def test_a_held_report_whose_channel_is_gone_cannot_be_completed(
    desk: Desk, lapor: FakeLapor, inbox: Inbox, clock: FakeClock
) -> None:
    inbox.mail("1", isi="")
    work(desk, lapor)
    without = replace(desk.config, channels=())
    with desk.store.begin() as tx:
        assert not corrections.complete(tx, without, 1, "Jalan berlubang besar.", clock())
        assert corrections.complete(tx, desk.config, 1, "Jalan berlubang besar.", clock())


def test_a_reply_to_a_dropped_report_is_held(desk: Desk, lapor: FakeLapor, inbox: Inbox, clock: FakeClock) -> None:
    inbox.mail("1", isi="")
    work(desk, lapor)
    with desk.store.begin() as tx:
        acts.drop(tx, 1, "x", "petugas", clock())
    inbox.mail("2", "<1@contoh.example>", text="Tolong.")
    work(desk, lapor)
    assert reports(desk)[1] == ("held", ["reply_to_dropped"])


@pytest.mark.parametrize("secret", ["ya", "tidak"])
@pytest.mark.parametrize("fate", ["commit", "lose", "busy"])
def test_an_unanswered_reply_is_looked_up_and_never_posted_twice(
    desk: Desk, lapor: FakeLapor, inbox: Inbox, clock: FakeClock, fate: str, secret: str
) -> None:
    filed(desk, lapor, inbox, rahasia=secret)
    lapor.next_replies = [fate]
    inbox.mail("2", "<1@contoh.example>", text="Tambahan.")
    for _ in range(6):
        work(desk, lapor)
        clock.advance(minutes=11)
    assert sent(lapor) == ["Tambahan."]
    assert replies(desk) == [("sent", "Tambahan.")]


def test_what_a_killed_process_was_posting_is_looked_up(
    desk: Desk, lapor: FakeLapor, inbox: Inbox, clock: FakeClock
) -> None:
    filed(desk, lapor, inbox)
    inbox.mail("2", "<1@contoh.example>", text="Tambahan.")
    collect(desk.config.channels[0], desk)
    with desk.store.begin() as tx:
        tx.execute(sa.update(REPLY).values(stage="sending", sent_at=clock()))
    submit(desk, lapor)
    assert (sent(lapor), replies(desk)[0][0]) == ([], "in_doubt")
    for _ in range(4):
        clock.advance(minutes=11)
        submit(desk, lapor)
    assert sent(lapor) == ["Tambahan."]


def test_a_refused_reply_waits_for_a_person_and_one_without_api_too(desk: Desk, lapor: FakeLapor, inbox: Inbox) -> None:
    filed(desk, lapor, inbox)
    lapor.next_replies = ["refuse"]
    inbox.mail("2", "<1@contoh.example>", text="Tambahan.")
    work(desk, lapor)
    assert replies(desk) == [("held", "Tambahan.")]
    inbox.mail("3", "<1@contoh.example>", text="Lagi.")
    lapor.reads = False
    work(desk, lapor)
    assert [stage for stage, _ in replies(desk)] == ["held", "held"]


def test_a_reply_to_what_lapor_has_no_more_stops_nobody_else(desk: Desk, lapor: FakeLapor, inbox: Inbox) -> None:
    for key in ("1", "2"):
        inbox.mail(key)
    work(desk, lapor)
    lapor.next_replies = ["gone"]
    inbox.mail("3", "<1@contoh.example>", text="Ke yang hilang.")
    inbox.mail("4", "<2@contoh.example>", text="Ke yang ada.")
    inbox.mail("5")
    work(desk, lapor)
    assert sorted(replies(desk)) == [("held", "Ke yang hilang."), ("sent", "Ke yang ada.")]
    assert len(lapor.submissions) == 3


def test_a_reply_whose_report_is_in_another_lapor_waits_for_a_person(
    desk: Desk, lapor: FakeLapor, inbox: Inbox
) -> None:
    filed(desk, lapor, inbox)
    with desk.store.begin() as tx:
        tx.execute(sa.update(REPORT).values(target="v3 https://lama.contoh.example"))
    inbox.mail("2", "<1@contoh.example>", text="Tambahan.")
    collect(desk.config.channels[0], desk)
    submit(desk, lapor)
    assert (sent(lapor), replies(desk)) == ([], [("held", "Tambahan.")])


def test_what_the_agency_wrote_with_an_empty_external_id_is_no_reporters() -> None:
    assert [by_the_reporter(*item) for item in [("", "Dinas PU"), (None, "Dinas PU"), ("x", ""), ("", "Pelapor")]] == [
        False,
        False,
        True,
        True,
    ]


def test_the_reply_comes_back_from_lapor_without_a_message_to_its_writer(
    desk: Desk, lapor: FakeLapor, inbox: Inbox, clock: FakeClock, smtp_sink: SmtpSink
) -> None:
    to = smtp_sink.new_address()
    inbox.add("1", surel=to, from_email=to)
    work(desk, lapor)
    inbox.add("2", surel=to, from_email=to, answers="<1@contoh.example>", text="Tambahan.")
    work(desk, lapor)
    clock.advance(minutes=5)
    work(desk, lapor)
    assert len(smtp_sink.mails_to(to)) == 1


def test_a_reply_to_something_unknown_is_a_report(desk: Desk, lapor: FakeLapor, inbox: Inbox) -> None:
    inbox.mail("1", "<surat-dinas@contoh.go.id>", subject="Re: [LAPOR #9999999]")
    work(desk, lapor)
    assert (len(lapor.submissions), replies(desk)) == (1, [])


def test_a_reply_older_than_the_channels_start_stays_baseline(
    tmp_path: Path, clock: FakeClock, lapor: FakeLapor, inbox: Inbox
) -> None:
    inbox.mail("1", received=clock() - timedelta(days=40))
    inbox.mail("2", "<1@contoh.example>", received=clock() - timedelta(days=39))
    channel = make_channel(inbox, mapping=mapping_with({}), start="2026-11-01")
    with open_desk(tmp_path / "lain", clock, [channel]) as desk:
        collect(channel, desk)
        with desk.store.read() as tx:
            assert set(tx.scalars(sa.select(RECORD.c.disposition))) == {"baseline"}


QUOTED = {
    "gmail": ("Baik.\n\nPada tanggal Sen, 23 Nov 2026 10.15 Dinas <a@b.go.id> menulis:\n\n> lama\n> lagi\n", "Baik."),
    "gmail, folded": ("Baik.\n\nPada Sen, 23 Nov 2026 10.15 Dinas Perhubungan\n<a@b.go.id> menulis:\n> lama", "Baik."),
    "english": ("Thanks.\n\nOn Mon, 23 Nov 2026 at 10:15, Dinas <a@b.go.id> wrote:\n> old", "Thanks."),
    "outlook": ("Baik.\n\n-----Pesan Asli-----\nDari: Dinas\nDikirim: 23 November\nlama", "Baik."),
    "outlook web": ("Baik.\n\n________________________________\nFrom: Dinas\nSent: Monday\nlama", "Baik."),
    "outlook plain": ("Baik.\n\nDari: Dinas <a@b.go.id>\nDikirim: Senin\nKepada: Warga\nlama", "Baik."),
    "answers between": ("> Kapan?\nKemarin.\n> Di mana?\nDi pasar.", "Kemarin.\nDi pasar."),
    "nothing but a quotation": ("> lama saja", "> lama saja"),
    "no quotation": ("Pada hari Senin jalan rusak.\nMohon: segera.", "Pada hari Senin jalan rusak.\nMohon: segera."),
}  # fmt: skip


@pytest.mark.parametrize(("text", "own"), QUOTED.values(), ids=QUOTED.keys())
def test_what_was_quoted_is_left_out(text: str, own: str) -> None:
    assert reply_words(text, "") == own


@pytest.mark.parametrize(
    "quotation",
    [
        '<div class="gmail_quote"><div class="gmail_attr">Pada Sen, Dinas menulis:<br></div>'
        '<blockquote class="gmail_quote">lama</blockquote></div>',
        '<blockquote type="cite">lama</blockquote>',
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">Dari: x</div><div>lama</div>',
    ],
)
def test_a_quotation_in_html_is_left_out(quotation: str) -> None:
    own = reply_words("", f"<html><body><div>Sudah <b>bagus</b>.</div>{quotation}</body></html>")
    assert own.startswith("Sudah bagus.")
    assert "Pada Sen" not in own
