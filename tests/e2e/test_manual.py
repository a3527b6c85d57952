"""Profile manual end to end, by the command line alone: collected, typed, bound, closed by an export, answered."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import openpyxl

from tests.e2e.support import Installation, command, complaint, fill_sqlite, sql_channel

REPORTS = 4
OLDER = 5


def installation(folder: Path) -> Installation:
    rows = [
        complaint(number, isi=f"Lampu nomor {number} di Jalan Antasari padam sejak pekan lalu.") for number in (1, 2)
    ]
    rows += [complaint(3, isi="Sampah di pasar pagi menumpuk dan berbau."), complaint(4, rahasia="ya")]
    before = "Saluran air di Jalan Merdeka tersumbat lumpur dan meluap setiap kali hujan turun."
    rows.append(complaint(OLDER, tgl_laporan="2025-12-30", isi=before))
    fill_sqlite(folder / "sumber.db", rows)
    channel = sql_channel("sqlite:///sumber.db", start="2026-01-01")
    # Nobody is there: whatever asked this LAPOR would fail.
    made = Installation(folder, "http://127.0.0.1:9", [channel], {"profile": "manual"})
    made.init()
    return made


def fill(file: Path) -> None:
    """As a person does who has typed every row."""
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, sheet.max_column).value = 9_000_000 + int(str(sheet.cell(row, 1).value))
    book.save(file)


def export_to(file: Path) -> None:
    """LAPOR's export under a preamble: the four, and the one that was typed before the gateway came."""
    head = ["Isi Laporan Awal", "Status Laporan", "Tracking ID", "Tanggal Laporan Masuk", "Waktu Laporan Masuk"]
    when = ["2 Feb 2026", "02:30:00"]
    rows = [["(isi dirahasiakan)", "Terdisposisi Sedang Diproses", 9_000_000 + n, *when] for n in range(1, REPORTS + 1)]
    text = "Saluran air di Jalan Merdeka tersumbat lumpur, dan meluap setiap kali hujan turun"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, delimiter=";").writerows([["Laporan Ringkas"]] * 10 + [head] + rows)
        csv.writer(out, delimiter=";").writerow([text, "Ditutup oleh Sistem", 9_000_099, "30 Des 2025", "01:00:00"])


def test_a_complaint_goes_the_whole_way_by_hand(tmp_path: Path) -> None:
    gateway = installation(tmp_path)
    assert gateway.cli("check").status == 0
    settled = gateway.cli("sync", "--until-settled", within=30)
    assert (settled.status, gateway.stages()) == (0, {"queued": REPORTS})
    assert settled.steps("submit")[-1]["outcome"] == "ok"

    done = gateway.cli("worksheet", str(tmp_path / "lembar.xlsx"))
    assert (done.status, "4 laporan" in done.out) == (0, True)
    assert "Warga" not in done.said
    fill(tmp_path / "lembar.xlsx")
    assert gateway.cli("bind", "--from", str(tmp_path / "lembar.xlsx")).status == 0
    assert gateway.stages() == {"accepted": REPORTS}
    assert gateway.cli("sync", "--until-settled", within=30).status == 0

    export_to(tmp_path / "ekspor.csv")
    shown = gateway.cli("import-export", str(tmp_path / "ekspor.csv"))
    assert (shown.status, "4 diperbarui, 0 tetap, 1 tidak dikenal" in shown.out) == (0, True)
    assert [line.split()[:2] for line in shown.out.splitlines() if "%" in line] == [[str(OLDER), "9000099"]]
    assert gateway.cli("bind", str(OLDER), "9000099").status == 0
    again = gateway.cli("import-export", str(tmp_path / "ekspor.csv"))
    assert "1 diperbarui, 4 tetap, 0 tidak dikenal" in again.out

    answered = subprocess.run(
        command("answer", "1", "--from", "Dinas PU", "--status", "Ditutup oleh Admin"),
        cwd=tmp_path,
        env=gateway.environment,
        input="Lampu sudah diganti, terima kasih.\n",
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert answered.returncode == 0, answered.stderr
    statuses = gateway.query("SELECT id, lapor_canonical FROM report ORDER BY id")
    assert [row["lapor_canonical"] for row in statuses] == ["closed", *["in_progress"] * 3, "closed"]
    assert "Lampu sudah diganti" in gateway.cli("show", "1", "--reveal").out
    assert gateway.cli("audit").status == 0
