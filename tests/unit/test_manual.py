"""Does profile manual make no request, and is its worksheet safe and complete?"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import openpyxl
import pytest

from gateway.config import load
from gateway.lapor.errors import Refused
from gateway.lapor.manual import LaporManual
from gateway.mistakes import ConfigError
from gateway.rounds import until_settled
from gateway.work import connect, desk_of
from tests.unit.by_hand import CONFIG, QUEUED, QUEUED_TOO, TARGET, command, install, sheet_of, stages


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return install(tmp_path)


# The profile


def test_nothing_but_the_profile_is_needed(config: Path) -> None:
    settings = load(config).lapor
    assert (settings.target, settings.token.get_secret_value()) == (TARGET, "")


@pytest.mark.parametrize("missing", ["base_url", "token"])
@pytest.mark.parametrize("profile", ["v3", "legacy"])
def test_an_api_needs_its_address_and_its_token(config: Path, profile: str, missing: str) -> None:
    (config.parent / "token").write_text("t")
    needed = {"base_url": 'base_url = "https://lapor.test"', "token": 'token = "file:token"'}
    del needed[missing]
    config.write_text(CONFIG.replace('profile = "manual"', f'profile = "{profile}"\n' + "\n".join(needed.values())))
    with pytest.raises(ConfigError) as caught:
        load(config)
    assert [(mistake.key, mistake.text) for mistake in caught.value.mistakes] == [(f"lapor.{missing}", "it is missing")]


def test_check_says_what_the_profile_means_and_asks_nobody(config: Path) -> None:
    said = command(config, "check")
    assert said.exit_code == 0
    assert f"{TARGET}: nothing is sent" in said.stdout
    lapor = connect(load(config))
    assert isinstance(lapor, LaporManual)
    with pytest.raises(Refused):
        lapor.changed(None, 1)
    assert lapor.requests_made() == 0


def test_a_round_ends_and_leaves_queued_reports_to_be_typed(config: Path) -> None:
    loaded = load(config)
    with desk_of(loaded) as desk:
        results = until_settled(desk, connect(loaded))
    assert {result.outcome for result in results} == {"ok"}
    assert stages(config) == {1: "queued", 2: "queued", 3: "held"}


# The worksheet


def test_a_worksheet_has_the_form_and_no_formula(config: Path) -> None:
    file, rows = sheet_of(config)
    assert [row["No."] for row in rows] == ["1", "2"]
    first = rows[0]
    assert list(first)[2:6] == ["Klasifikasi", "Judul", "Isi laporan", "Tanggal kejadian"]
    assert (first["Klasifikasi"], first["Lokasi"], first["Anonim"]) == ("Pengaduan", "6472 Kota Samarinda", "Ya")
    assert (first["Rahasia"], first["Nama pelapor"]) == ("Tidak", "Warga Satu")
    assert first["Telepon pelapor"] == "+6281234567891"
    assert first["Nomor LAPOR"] is None
    assert list(first)[-1] == "Nomor LAPOR"
    assert first["Isi laporan"].startswith("=HYPERLINK")
    sheet = openpyxl.load_workbook(file).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.page_setup.orientation) == ("A2", "$1:$1", "landscape")


def test_a_worksheet_is_its_owners_and_never_overwritten(config: Path) -> None:
    before = os.umask(0)
    try:
        file, _ = sheet_of(config)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    said = command(config, "worksheet", str(file))
    assert (said.exit_code, file.read_bytes()) == (1, content)
    assert "sudah ada" in said.stderr


def test_the_nik_stays_here_unless_it_may_leave(config: Path) -> None:
    _, rows = sheet_of(config)
    assert "NIK" not in rows[0]
    assert "6472011203900001" not in str(rows)
    config.write_text(CONFIG.replace('profile = "manual"', 'profile = "manual"\nsend_nik = true'))
    assert sheet_of(config)[1][0]["NIK"] == "6472011203900001"


def test_a_worksheet_names_the_channel_or_refuses(config: Path) -> None:
    assert len(sheet_of(config, "--channel", "web")[1]) == 2
    assert command(config, "worksheet", str(config.parent / "x.xlsx"), "--channel", "lain").exit_code == 2


def test_where_the_gateway_sends_nobody_types(config: Path) -> None:
    (config.parent / "token").write_text("t")
    api = 'profile = "v3"\nbase_url = "http://127.0.0.1:9"\ntoken = "file:token"'
    config.write_text(CONFIG.replace('profile = "manual"', api))
    said = command(config, "worksheet", str(config.parent / "x.xlsx"))
    assert said.exit_code == 2
    assert "dua kali" in said.stderr


def test_with_nothing_queued_no_file_is_made(config: Path) -> None:
    for report in (QUEUED, QUEUED_TOO):
        assert command(config, "drop", str(report), "--reason", "uji").exit_code == 0
    assert command(config, "worksheet", str(config.parent / "x.xlsx")).exit_code == 0
    assert not (config.parent / "x.xlsx").exists()
