"""Does a report in the mock live as LAPOR's reports do?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.lapor.mock.clock import WIB, Clock, add_working_days, parse_instant, parse_span
from gateway.lapor.mock.course import Life
from gateway.lapor.mock.serve import RunningMock, running

VALID = {
    "classification_id": "1",
    "title": "Parit tersumbat",
    "content": "Parit di gang kami tersumbat dan airnya meluap.",
    "date_of_incident": "2026-03-02",
    "location_id": "6472",
    "reporter_name": "Pelapor Contoh",
    "reporter_phone": "0812000000",
    "source": "Website",
    "external_id": "a",
}
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=WIB)


class Driver:
    """One complaint in one mock, and the calls that move it on."""

    def __init__(self, mock: RunningMock, client: httpx.Client) -> None:
        self.mock, self.client = mock, client
        parts = [(name, (None, value)) for name, value in VALID.items()]
        self.path = "/complaints/" + client.post("/complaints", files=parts).json()["tracking_id"]

    def act(self, action: str, **params: str) -> dict[str, Any]:
        answer = self.client.post(f"/_mock{self.path}/actions", json={"action": action, **params})
        assert answer.status_code == 200, answer.text
        return self.now()

    def now(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.client.get(self.path).json()
        return shown

    def followups(self) -> list[dict[str, str]]:
        data: list[dict[str, str]] = self.client.get(f"{self.path}/followups").json()["data"]
        return data

    def wait(self, **span: str | int) -> str:
        answer = self.client.post("/_mock/clock", json=span)
        assert answer.status_code == 200, answer.text
        return str(self.now()["status"])


@pytest.fixture
def report() -> Iterator[Driver]:
    with running(start=MONDAY, seed=5) as mock, _client(mock) as client:
        yield Driver(mock, client)


def _client(mock: RunningMock) -> httpx.Client:
    return httpx.Client(verify=False, base_url=mock.url, headers={"Authorization": "Bearer mock-token"})


def test_every_status_of_the_contract(report: Driver) -> None:
    seen = [report.now()["status"]]
    steps: list[tuple[str, dict[str, str]]] = [
        ("verify", {"institution_id": "13293"}),
        ("dispose", {}),
        ("process", {}),
        ("follow_up", {}),
        ("reply", {"external_id": "r1"}),
        ("hold", {}),
        ("hold", {"status": "Menunggu Kelengkapan Informasi"}),
        ("finish", {}),
        *(("close", {"by": by}) for by in ("admin", "system", "pelapor")),
        *(("archive", {"by": by}) for by in ("admin", "sistem", "reporter", "")),
        ("block", {}),
        ("return", {}),
        ("set_status", {}),
    ]
    seen += [report.act(action, **params)["status"] for action, params in steps]
    assert seen == [
        "Belum Terverifikasi", "Terdisposisi ke Dinas Perhubungan", "Terdisposisi Belum Ditindaklanjuti",
        "Terdisposisi Sedang Diproses", "Ditindaklanjuti oleh Instansi", "Ditanggapi oleh Pelapor", "Tertunda",
        "Menunggu Kelengkapan Informasi", "Terdisposisi Selesai", "Ditutup oleh Admin", "Ditutup oleh Sistem",
        "Ditutup oleh Pelapor", "Diarsipkan oleh Admin", "Diarsipkan oleh Sistem", "Diarsipkan oleh Pelapor", "Arsip",
        "Konten Terblokir", "Dikembalikan: Bukan Wewenang", "Dalam Telaah Lintas Sektor",
    ]  # fmt: skip


def test_every_change_moves_updated_at(report: Driver) -> None:
    instants = [report.now()["updated_at"]]
    instants += [report.act("edit", title=f"Judul {number}")["updated_at"] for number in range(20)]
    assert instants == sorted(set(instants))


def test_reasons_come_and_go_with_their_status(report: Driver) -> None:
    assert report.act("hold", reason="Mohon foto lokasi.")["hold_reason"] == "Mohon foto lokasi."
    assert report.act("process")["hold_reason"] == ""
    assert report.act("archive")["hold_reason"]


def test_editing_keeps_the_initial_text(report: Driver) -> None:
    shown = report.act("edit", title="Drainase tersumbat", content="Parit tersumbat.")
    assert (shown["title"], shown["content_final"]) == ("Drainase tersumbat", "Parit tersumbat.")
    assert (shown["content_initial"], shown["status"]) == (VALID["content"], "Belum Terverifikasi")


def test_rerouting(report: Driver) -> None:
    report.act("dispose", institution_id="13293")
    shown = report.act("reroute", institution_id="131410")
    assert shown["status"] == "Terdisposisi ke Dinas Pekerjaan Umum dan Penataan Ruang"
    assert (shown["disposition_institution_id"], shown["parent_institution"]) == ("131410", "Pemerintah Kota Samarinda")


def test_rating_and_reopening(report: Driver) -> None:
    report.act("close")
    assert report.act("rate", rating="4")["rating"] == 4
    assert report.act("reopen")["status"] == "Terdisposisi Sedang Diproses"


@pytest.mark.parametrize(
    "body",
    [
        {"action": "verfy"},
        {},
        {"action": "reroute", "institution_id": "1"},
        {"action": "close", "by": "nobody"},
        {"action": "hold", "status": "Selesai"},
        {"action": "rate", "rating": 9},
        {"action": "verify", "instant": "never"},
    ],
)
def test_wrong_actions_change_nothing(report: Driver, body: dict[str, object]) -> None:
    before = report.now()
    answer = report.client.post(f"/_mock{report.path}/actions", json=body)
    assert answer.status_code == 422
    assert answer.json()["message"]
    assert report.now() == before


def test_a_misspelt_action_is_guessed(report: Driver) -> None:
    message = report.client.post(f"/_mock{report.path}/actions", json={"action": "verfy"}).json()["message"]
    assert "Did you mean 'verify'?" in message
    assert report.client.post("/_mock/complaints/1/actions", json={"action": "verify"}).status_code == 404


def test_closes_ten_working_days_after_the_last_follow_up(report: Driver) -> None:
    report.act("follow_up")
    assert report.wait(working_days=3) == "Ditindaklanjuti oleh Instansi"
    report.act("follow_up")
    last = datetime.fromisoformat(report.followups()[-1]["date"])
    # Thursday + 10 working days is Thursday two weeks later: 14 days.
    assert report.wait(advance="13d") == "Ditindaklanjuti oleh Instansi"
    assert report.wait(advance="90m") == "Ditindaklanjuti oleh Instansi"
    assert report.wait(advance="1d") == "Ditutup oleh Sistem"
    closed = datetime.fromisoformat(report.now()["updated_at"])
    assert closed - last == timedelta(days=14)


def test_a_reply_stops_the_closing_and_reopens(report: Driver) -> None:
    report.act("follow_up")
    report.act("reply", external_id="r1")
    assert report.wait(working_days=30) == "Ditanggapi oleh Pelapor"
    report.act("follow_up")
    assert report.wait(working_days=10) == "Ditutup oleh Sistem"
    report.client.post(f"{report.path}/followups", json={"keterangan": "Rusak lagi.", "external_id": "r2"})
    assert report.now()["status"] == "Ditanggapi oleh Pelapor"


def test_nothing_else_happens_by_itself_in_a_manual_life(report: Driver) -> None:
    assert report.wait(advance="90d") == "Belum Terverifikasi"


def test_clock_refuses_nonsense(report: Driver) -> None:
    for body in ({"advance": "3 weeks"}, {"advance": ""}, {}, {"working_days": "x"}, {"working_days": 10**9}):
        assert report.client.post("/_mock/clock", json=body).status_code == 422


def test_automatic_life() -> None:
    with running(start=MONDAY, seed=5, life=Life.AUTO) as mock, _client(mock) as client:
        report = Driver(mock, client)
        assert report.wait(advance="12h") == "Belum Terverifikasi"
        assert report.wait(advance="12h").startswith("Terdisposisi ke ")
        assert report.wait(advance="31m") == "Terdisposisi Belum Ditindaklanjuti"
        assert report.wait(working_days=2) == "Ditindaklanjuti oleh Instansi"
        assert len(report.followups()) == 1
        report.wait(working_days=2)
        assert len(report.followups()) == 2
        assert report.wait(working_days=11) == "Ditutup oleh Sistem"


def _course(seed: int, spans: list[str]) -> list[tuple[str, str]]:
    """Live one automatic life and return its follow-ups, as texts and minutes since the report came in."""
    with running(start=MONDAY, seed=seed, life=Life.AUTO) as mock, _client(mock) as client:
        report = Driver(mock, client)
        for span in spans:
            report.wait(advance=span)
        came = parse_instant(report.now()["received_at"])
        answers = report.followups()
        return [(one["keterangan"], str(parse_instant(one["date"]) - came)) for one in answers]


def test_automatic_life_repeats_however_the_clock_is_moved() -> None:
    once, by_days = _course(5, ["30d"]), _course(5, ["1d"] * 30)
    assert len(once) == 2
    assert once == by_days
    assert once != _course(6, ["30d"])


def test_switching_to_an_automatic_life(report: Driver) -> None:
    report.wait(working_days=4)
    switches = report.client.post("/_mock/switches", json={"life": "auto"}).json()
    assert switches["life"] == "auto"
    assert report.wait(working_days=30) == "Ditutup oleh Sistem"
    assert report.client.post("/_mock/switches", json={"life": "fast"}).status_code == 422
    assert report.client.post("/_mock/switches", json={"no_lokup": True}).status_code == 422


def test_agencies_answer_replies_in_an_automatic_life(report: Driver) -> None:
    report.client.post("/_mock/switches", json={"life": "auto"})
    report.wait(working_days=6)
    report.act("reply", external_id="r1")
    assert report.wait(working_days=2) == "Ditindaklanjuti oleh Instansi"


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-02T09:00:00+07:00", 1, "2026-03-03T09:00:00+07:00"),
        ("2026-03-06T09:00:00+07:00", 1, "2026-03-09T09:00:00+07:00"),
        ("2026-03-07T09:00:00+07:00", 1, "2026-03-09T09:00:00+07:00"),
        ("2026-03-02T09:00:00+07:00", 10, "2026-03-16T09:00:00+07:00"),
        ("2026-03-06T20:00:00+00:00", 1, "2026-03-09T03:00:00+07:00"),  # Saturday already in WIB
    ],
)
def test_working_days(start: str, days: int, end: str) -> None:
    assert add_working_days(parse_instant(start), days) == parse_instant(end)


def test_stamps_never_repeat() -> None:
    clock = Clock.starting_at(None)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    stamps = [clock.stamp(moment) for moment in (at, at, at - timedelta(days=1))]
    assert stamps == sorted(set(stamps))
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-parse_span("1s"))
