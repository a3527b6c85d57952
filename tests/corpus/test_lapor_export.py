"""Is a real admin export of 240 reports read whole, and are complaints typed before the gateway came found in it?"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.lapor.export import Export, ExportRow, read_export
from gateway.lapor.statuses import Status, canonical
from tests.e2e.support import Installation, complaint, fill_sqlite, sql_channel

WITA = ZoneInfo("Asia/Makassar")
REPORTS = 240
WITHHELD = 90
TYPED = 10
NUMBERED = 20
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@pytest.fixture(scope="module")
def file(corpora: Path) -> Path:
    return corpora / "complaints" / "lapor-export-samarinda-2024.csv"


@pytest.fixture(scope="module")
def export(file: Path) -> Export:
    return read_export(file, ZoneInfo("UTC"))


@pytest.fixture(scope="module")
def lines(file: Path) -> Mapping[str, Mapping[str, str]]:
    """The file by number, as the standard library reads it."""
    with file.open(encoding="utf-8-sig", newline="") as source:
        return {line["Tracking ID"]: line for line in csv.DictReader(source)}


def test_every_row_is_read(export: Export, lines: Mapping[str, Mapping[str, str]]) -> None:
    assert export.problems == []
    assert len(export.rows) == len(lines) == REPORTS
    for row in export.rows:
        line = lines[row.tracking_id]
        assert row.status == line["Status Laporan"]
        assert row.is_anonymous == ("Anonim" in line["Tipe Laporan (Anonim/Rahasia)"])
        assert row.is_secret == ("Rahasia" in line["Tipe Laporan (Anonim/Rahasia)"])
        assert row.detail["disposition_institution"] == (line["Instansi Terdisposisi"].strip() or None)
        assert row.detail["hold_reason"] == (line["Alasan Tunda/Arsip"].strip() or None)


def test_every_status_has_its_meaning(export: Export) -> None:
    found = Counter(canonical(row.status) for row in export.rows)
    assert found == {Status.CLOSED: 175, Status.ARCHIVED: 47, Status.PENDING: 18}


def test_moments_are_those_of_samarinda(export: Export, lines: Mapping[str, Mapping[str, str]]) -> None:
    for row in export.rows:
        line = lines[row.tracking_id]
        day, month, year = line["Tanggal Laporan Masuk"].split()
        clock = [int(part) for part in line["Waktu Laporan Masuk"].split(":")]
        there = datetime(int(year), _MONTHS.index(month) + 1, int(day), *clock, tzinfo=UTC) + timedelta(hours=8)  # type: ignore[misc,arg-type]
        assert row.received_at is not None
        assert row.received_at.astimezone(WITA).replace(tzinfo=None) == there.replace(tzinfo=None)
    hours = [row.received_at.astimezone(WITA).hour for row in export.rows if row.received_at]
    assert sum(hour < 6 for hour in hours) < REPORTS / 10


def test_withheld_texts_resemble_nothing(export: Export) -> None:
    assert sum(not row.content for row in export.rows) == WITHHELD


# A gateway that comes later


@pytest.fixture(scope="module")
def typed(export: Export) -> Sequence[ExportRow]:
    """Reports with texts of their own, and so many that ten are typed before and twenty have their numbers."""
    twice = Counter(row.content.casefold() for row in export.rows)
    open_ = [row for row in export.rows if len(row.content) > 60 and twice[row.content.casefold()] == 1]
    return open_[:: len(open_) // (TYPED + NUMBERED)][: TYPED + NUMBERED]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, typed: Sequence[ExportRow]) -> Installation:
    """Every one of them came before the channel's start; twenty are bound. In the source they look a little other."""
    folder = tmp_path_factory.mktemp("ekspor")
    rows = [
        complaint(number, judul=f"Aduan warga {number}", isi=row.content.upper().replace(". ", ".\n\n"))
        for number, row in enumerate(typed, 1)
    ]
    fill_sqlite(folder / "sumber.db", rows)
    channel = sql_channel("sqlite:///sumber.db", start="2026-03-01")
    installation = Installation(folder, "https://www.lapor.go.id", [channel], {"profile": "manual"})
    installation.init()
    assert installation.cli("sync").status == 0
    for number, row in enumerate(typed[TYPED:], TYPED + 1):
        installation.view("bind", str(number), row.tracking_id)
    return installation


def test_known_reports_follow_the_export_once(gateway: Installation, file: Path, typed: Sequence[ExportRow]) -> None:
    first = gateway.view("import-export", str(file))
    assert f"{REPORTS} laporan dalam berkas: {NUMBERED} diperbarui" in first
    statuses = {one["tracking_id"]: one["lapor_status"] for one in gateway.query("SELECT * FROM report")}
    assert statuses == {row.tracking_id: row.status for row in typed[TYPED:]}
    before = gateway.query("SELECT * FROM report"), gateway.query("SELECT * FROM event")
    again = gateway.view("import-export", str(file))
    assert f"0 diperbarui, {NUMBERED} tetap" in again
    assert (gateway.query("SELECT * FROM report"), gateway.query("SELECT * FROM event")) == before


def test_those_typed_before_the_gateway_came_are_found(
    gateway: Installation, file: Path, typed: Sequence[ExportRow]
) -> None:
    shown = gateway.view("import-export", str(file))
    found: dict[str, str] = {}
    for line in shown.splitlines():
        if "%" in line:
            found.setdefault(*line.split()[:2])
    assert found == {str(number): row.tracking_id for number, row in enumerate(typed[:TYPED], 1)}
    assert not any(row.title in shown or row.content[:30] in shown for row in typed)
    gateway.view("import-export", str(file), "--yes")
    bound = {one["id"]: one["tracking_id"] for one in gateway.query("SELECT id, tracking_id FROM report")}
    # Who files nearly the same twice is left to a person.
    assert len(bound) >= len(typed) - 1
    assert bound.items() <= {number: row.tracking_id for number, row in enumerate(typed, 1)}.items()
    assert "The audit is clean." in gateway.view("audit")
