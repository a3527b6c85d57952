"""Do known reports follow the export once, and are lookalikes left to a person?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unit.by_hand import HELD, OLDER, QUEUED, ask, clean_audit, command, ekspor, install, numbers


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return install(tmp_path)


# The export


def test_known_reports_follow_the_export_and_the_rest_is_told(config: Path) -> None:
    assert command(config, "bind", str(QUEUED), "9165816").exit_code == 0
    file = ekspor(config, [("9165816", "Ditutup oleh Sistem", ""), ("9165000", "Status Baru Sekali", "")])
    said = command(config, "import-export", str(file))
    assert said.exit_code == 0
    assert "2 laporan dalam berkas: 1 diperbarui, 0 tetap, 1 tidak dikenal." in said.stdout
    assert "Nomor yang tidak dikenal: 9165000." in said.stdout
    assert "tidak dikenal: Status Baru Sekali (1 laporan)" in said.stdout
    assert ask(config, "SELECT lapor_status, lapor_canonical FROM report WHERE id = 1") == [
        ("Ditutup oleh Sistem", "closed")
    ]
    assert "Dinas Perhubungan" in ask(config, "SELECT lapor FROM report WHERE id = 1")[0][0]


def test_the_same_export_again_changes_nothing(config: Path) -> None:
    assert command(config, "bind", str(QUEUED), "9165816").exit_code == 0
    file = ekspor(config, [("9165816", "Ditutup oleh Sistem", "")])
    assert command(config, "import-export", str(file)).exit_code == 0
    before = ask(config, "SELECT * FROM report"), ask(config, "SELECT * FROM event")
    assert "0 diperbarui, 1 tetap" in command(config, "import-export", str(file)).stdout
    assert (ask(config, "SELECT * FROM report"), ask(config, "SELECT * FROM event")) == before


def test_an_older_export_overwrites_nothing_newer(config: Path) -> None:
    assert command(config, "bind", str(QUEUED), "9165816").exit_code == 0
    said = command(config, "answer", str(QUEUED), "--status", "Ditutup oleh Admin", pasted="Selesai.")
    assert said.exit_code == 0
    file = ekspor(config, [("9165816", "Terdisposisi Sedang Diproses", "")], age=3_600)
    said = command(config, "import-export", str(file))
    assert "lebih lama" in said.stdout
    assert ask(config, "SELECT lapor_canonical FROM report WHERE id = 1") == [("closed",)]


def test_an_unknown_status_is_kept_as_it_stands(config: Path) -> None:
    assert command(config, "bind", str(QUEUED), "9165816").exit_code == 0
    assert command(config, "import-export", str(ekspor(config, [("9165816", "Baru Sekali", "")]))).exit_code == 0
    assert ask(config, "SELECT lapor_status, lapor_canonical FROM report WHERE id = 1") == [("Baru Sekali", "unknown")]


def test_lookalikes_are_shown_without_a_text_and_bound_by_a_person_alone(config: Path) -> None:
    rows = [
        ("9165001", "Ditutup oleh Sistem", "DRAINASE di Jalan Merdeka tersumbat, sejak bulan lalu!"),
        ("9165002", "Ditutup oleh Sistem", "Parkir liar menutup jalan masuk puskesmas"),
        ("9165003", "Ditutup oleh Sistem", "Harga obat di puskesmas terlalu mahal bagi warga."),
    ]
    file = ekspor(config, rows)
    said = command(config, "import-export", str(file))
    lines = [line.split() for line in said.stdout.splitlines() if " 91650" in line and "%" in line]
    assert {(line[0], line[1]) for line in lines} == {("3", "9165002"), ("4", "9165001")}
    assert numbers(config) == {}
    assert "Drainase" not in said.output
    assert "Parkir" not in said.output
    assert command(config, "import-export", str(file), "--yes").exit_code == 0
    assert numbers(config) == {HELD: "9165002", OLDER: "9165001"}
    assert {row[0] for row in ask(config, "SELECT lapor_canonical FROM report WHERE id IN (3, 4)")} == {"closed"}
    assert clean_audit(config)


def test_twins_are_left_to_a_person(config: Path) -> None:
    text = "Parkir liar menutup jalan masuk puskesmas."
    file = ekspor(config, [(f"916500{n}", "Ditutup oleh Sistem", text) for n in range(2)])
    said = command(config, "import-export", str(file), "--yes")
    assert (said.exit_code, numbers(config)) == (0, {})
    assert said.stdout.count("1 yang meragukan") == 1


@pytest.mark.parametrize(
    ("options", "status"),
    [(["--timezone", "Mars/Olympus"], 2), (["--timezone", "Asia/Makassar"], 0)],
)
def test_a_zone_may_be_named(config: Path, options: Sequence[str], status: int) -> None:
    file = ekspor(config, [("9165816", "Ditutup oleh Sistem", "")])
    assert command(config, "import-export", str(file), *options).exit_code == status


def test_a_file_that_is_no_export_is_refused(config: Path) -> None:
    file = config.parent / "bukan.csv"
    file.write_text("a,b\n1,2\n")
    for wrong in (file, config.parent / "tidak-ada.csv"):
        said = command(config, "import-export", str(wrong))
        assert said.exit_code == 1
