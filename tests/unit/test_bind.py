"""Is each number bound once, to the report that a person has typed, and is every refusal told?"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from gateway.config import load
from gateway.work import desk_of
from state import deliveries
from state.deliveries import Unknown
from tests.unit.by_hand import (
    CONFIG,
    HELD,
    OLDER,
    QUEUED,
    QUEUED_TOO,
    TARGET,
    ask,
    clean_audit,
    command,
    fill,
    install,
    numbers,
    sheet_of,
    stages,
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return install(tmp_path)


# Binding


def test_a_filled_in_worksheet_binds_and_binds_once_more_without_harm(config: Path) -> None:
    file, _ = sheet_of(config)
    fill(file, {QUEUED: 9165816, QUEUED_TOO: "9165821"})
    for _ in range(2):
        assert command(config, "bind", "--from", str(file)).exit_code == 0
        assert numbers(config) == {QUEUED: "9165816", QUEUED_TOO: "9165821"}
    assert stages(config) == {1: "accepted", 2: "accepted", 3: "held"}
    assert ask(config, "SELECT DISTINCT target FROM report WHERE tracking_id IS NOT NULL") == [(TARGET,)]
    told = ask(config, "SELECT record_id, actor FROM event WHERE kind = 'accepted' ORDER BY id")
    assert [row[0] for row in told] == [QUEUED, QUEUED_TOO]
    assert "gateway" not in {row[1] for row in told}
    assert clean_audit(config)


def test_good_rows_are_bound_and_every_bad_one_is_told(config: Path) -> None:
    assert command(config, "bind", str(HELD), "9165800").exit_code == 0
    file, _ = sheet_of(config)
    fill(file, {QUEUED: "916", QUEUED_TOO: "9165821"})
    said = command(config, "bind", "--from", str(file))
    assert said.exit_code == 1
    assert "Baris 2: 916 bukan nomor LAPOR" in said.stderr
    assert numbers(config) == {HELD: "9165800", QUEUED_TOO: "9165821"}
    fill(file, {QUEUED: "9165821"})
    said = command(config, "bind", "--from", str(file))
    assert said.exit_code == 1
    assert f"milik laporan {QUEUED_TOO}" in said.stderr
    assert stages(config)[QUEUED] == "queued"


def test_a_row_that_sorting_has_torn_apart_binds_nothing(config: Path) -> None:
    file, rows = sheet_of(config)
    fill(file, {QUEUED: "9165816"}, Kode=rows[1]["Kode"])
    said = command(config, "bind", "--from", str(file))
    assert (said.exit_code, numbers(config)) == (1, {})
    assert "tidak cocok" in said.stderr


def test_a_file_that_is_no_worksheet_is_refused(config: Path) -> None:
    file = config.parent / "lain.xlsx"
    book = openpyxl.Workbook()
    book.worksheets[0].append(["No.", "Nama"])
    book.save(file)
    for wrong in (file, config.parent / "tidak-ada.xlsx"):
        assert command(config, "bind", "--from", str(wrong)).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["1"], 2, "nomor LAPOR"),
        ([], 2, "nomor LAPOR"),
        (["1", "9165816", "--from", "x.xlsx"], 2, "--from"),
        (["1", "12345"], 1, "7 sampai 15 angka"),
        (["99", "9165816"], 1, "Tidak ada laporan nomor 99"),
    ],
)
def test_a_wrong_binding_changes_nothing(config: Path, arguments: Sequence[str], status: int, said: str) -> None:
    result = command(config, "bind", *arguments)
    assert (result.exit_code, numbers(config)) == (status, {})
    assert said in result.stderr


def test_each_number_is_one_reports_and_each_report_has_one(config: Path) -> None:
    assert command(config, "bind", str(QUEUED), "9165816").exit_code == 0
    assert command(config, "bind", str(QUEUED), "9165816").exit_code == 0
    other = command(config, "bind", str(QUEUED_TOO), "9165816")
    assert (other.exit_code, "milik laporan 1" in other.stderr) == (1, True)
    second = command(config, "bind", str(QUEUED), "9165821")
    assert (second.exit_code, "sudah bernomor 9165816" in second.stderr) == (1, True)
    assert (numbers(config), stages(config)[QUEUED_TOO]) == ({QUEUED: "9165816"}, "queued")


def test_a_number_at_another_lapor_counts_too(config: Path) -> None:
    assert command(config, "bind", str(QUEUED), "9165816").exit_code == 0
    with closing(sqlite3.connect(config.parent / "gateway.db")) as database:
        database.execute("UPDATE report SET target = 'v3 https://api.lapor.go.id' WHERE id = 1")
        database.commit()
    assert command(config, "bind", str(QUEUED_TOO), "9165816").exit_code == 1
    assert command(config, "bind", str(OLDER), "9165816").exit_code == 1
    assert stages(config) == {1: "accepted", 2: "queued", 3: "held"}


def test_a_doubtful_or_refused_report_is_bound_and_a_dropped_one_not(config: Path) -> None:
    loaded = load(config)
    with desk_of(loaded) as desk, desk.store.begin() as tx:
        deliveries.claim(tx, [QUEUED, QUEUED_TOO], TARGET, desk.now())
        outcomes = {QUEUED: Unknown(None, "no_answer"), QUEUED_TOO: deliveries.Rejected([])}
        deliveries.settle(tx, outcomes, desk.now())
    assert stages(config) == {1: "in_doubt", 2: "rejected", 3: "held"}
    for report in (QUEUED, QUEUED_TOO):
        assert command(config, "bind", str(report), f"916580{report}").exit_code == 0
    assert command(config, "drop", str(HELD), "--reason", "uji").exit_code == 0
    said = command(config, "bind", str(HELD), "9165816")
    assert (said.exit_code, "tidak dikirim" in said.stderr) == (1, True)
    assert stages(config) == {1: "accepted", 2: "accepted", 3: "dropped"}


def test_a_record_from_before_the_start_becomes_a_report(config: Path) -> None:
    events = ask(config, f"SELECT id, kind FROM event WHERE record_id = {OLDER}")
    assert command(config, "bind", str(OLDER), "9165816").exit_code == 0
    assert ask(config, f"SELECT disposition FROM record WHERE id = {OLDER}") == [("report",)]
    assert (stages(config)[OLDER], numbers(config)) == ("accepted", {OLDER: "9165816"})
    after = ask(config, f"SELECT id, kind FROM event WHERE record_id = {OLDER}")
    assert after[: len(events)] == events
    assert [kind for _, kind in after[len(events) :]] == ["accepted"]
    assert "Drainase" in ask(config, f"SELECT mapped FROM report WHERE id = {OLDER}")[0][0]
    assert clean_audit(config)
    assert "9165816" in command(config, "show", str(OLDER)).stdout


def test_a_refused_binding_leaves_an_older_record_as_it_was(config: Path) -> None:
    assert command(config, "bind", str(QUEUED), "9165816").exit_code == 0
    assert command(config, "bind", str(OLDER), "9165816").exit_code == 1
    assert ask(config, f"SELECT disposition FROM record WHERE id = {OLDER}") == [("baseline",)]
    assert OLDER not in stages(config)
    config.write_text(CONFIG.replace('name = "web"', 'name = "lain"'))
    said = command(config, "bind", str(OLDER), "9165821")
    assert (said.exit_code, "Kanal web tidak ada lagi" in said.stderr) == (1, True)
