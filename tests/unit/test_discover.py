"""What does looking around find in files, sheets, databases and portals, and what does it keep to itself?"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from connectors.contract import ConnectorError, Misconfigured, Unreachable
from connectors.discovery import Discovery
from gateway import unfinished
from gateway.cli.app import app
from gateway.proposals.propose import ranked
from tests.servers.google import Google
from tests.servers.google_documents import Tab
from tests.unit.applications import APPLICATION, NIK, PORTAL, TOKEN

CONFIG = """
[gateway]
id = "uji"
timezone = "Asia/Makassar"
state = "sqlite:///var/gateway.db"
spool = "var/spool"
[lapor]
base_url = "http://127.0.0.1:9"
token = "env:TIDAK_ADA"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return path


def look(config: Path, kind: str, **options: object) -> Discovery:
    with unfinished.place_of(config, "uji") as channel:
        return unfinished.look_around(kind, options, channel)


def workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Petunjuk"
    book.worksheets[0].append(["Isi lembar Rekap."])
    sheet = book.create_sheet("Rekap 2026")
    sheet.append(["REKAP ADUAN HOTLINE"])
    sheet.append([])
    sheet.append(["No", "Tanggal", "Nama Pelapor", "No. HP", "Isi Aduan"])
    for number in range(1, 6):
        text = f"Lampu jalan nomor {number} mati sejak seminggu yang lalu."
        sheet.append([number, f"{number + 12}/11/2026", "Siti Aminah", 6281234567890, text])
    book.save(path)


# Spreadsheets


def test_sheets_headings_below_a_title_and_the_key_are_found(config: Path) -> None:
    workbook(config.parent / "hotline.xlsx")
    first, second = ranked("spreadsheet", look(config, "spreadsheet", path="hotline.xlsx").places)
    assert (first.place.name, first.place.options, first.place.count) == ("Rekap 2026", {"sheet": "Rekap 2026"}, 5)
    assert list(first.place.key) == ["No"]
    assert "row 3" in first.place.note
    assert first.preset == "spreadsheet"
    assert first.options == {"key": ["No"], "date_format": ["%d/%m/%Y"]}
    assert second.place.name == "Petunjuk"
    assert second.fields == []


def test_headings_of_two_rows_are_read_as_one(config: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["REKAP ADUAN HOTLINE"])
    sheet.append(["No", "Tanggal", "Pelapor", "", "Aduan", ""])
    sheet.append(["", "", "Nama", "No HP", "Isi", "Lokasi"])
    sheet.append([f"({number})" for number in range(1, 7)])
    for cells in ("C2:D2", "E2:F2", "A2:A3", "B2:B3"):
        sheet.merge_cells(cells)
    for number in range(1, 4):
        text = f"Lampu jalan nomor {number} mati sejak seminggu yang lalu."
        sheet.append([number, f"{number + 12}/11/2026", "Siti Aminah", 6281234567890, text, "Pasar Pagi"])
    book.save(config.parent / "rekap.xlsx")
    (found,) = ranked("spreadsheet", look(config, "spreadsheet", path="rekap.xlsx").places)
    assert [column.name for column in found.place.columns] == ["No", "Tanggal", "Nama", "No HP", "Isi", "Lokasi"]
    assert (found.place.count, list(found.place.key)) == (3, ["No"])
    assert "rows 2 to 4" in found.place.note
    assert {"reporter_phone", "content"} <= {guess.field for guess in found.fields}


def test_a_csv_without_headings_shows_no_row_as_headings(config: Path) -> None:
    (config.parent / "a.csv").write_text(
        "Siti,0812-3456-7890,siti@contoh.example\nBudi,0813-3456-7890,b@contoh.example\n"
    )
    (place,) = look(config, "spreadsheet", path="a.csv").places
    assert place.columns == ()
    assert "no row of headings" in place.note


def test_a_form_without_numbers_is_told_apart_by_what_it_says(config: Path) -> None:
    rows = ["Stempel waktu,Nama Anda,Nomor WhatsApp,Tuliskan keluhan Anda"]
    rows += [
        f'"{n + 12}/11/2026 08:00:0{n}",Siti,08123456789{n},"Air mati di gang nomor {n}, sejak kemarin."'
        for n in range(5)
    ]
    (config.parent / "form.csv").write_text("\n".join(rows) + "\n")
    (proposal,) = ranked("spreadsheet", look(config, "spreadsheet", path="form.csv").places)
    assert proposal.options["identity"] == ["Nama Anda", "Stempel waktu", "Tuliskan keluhan Anda"]
    assert proposal.options["date_format"] == ["%d/%m/%Y %H:%M:%S"]


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"<html>x</html>", "web page"), (b"PK\x03\x04broken", "damaged"), (None, "no file")],
)
def test_a_file_that_cannot_be_read_is_a_message(config: Path, content: bytes | None, told: str) -> None:
    if content is not None:
        (config.parent / "x.xlsx").write_bytes(content)
    with pytest.raises(ConnectorError, match=told):
        look(config, "spreadsheet", path="x.xlsx")


# Databases


@pytest.fixture
def application(config: Path) -> Path:
    with sqlite3.connect(config.parent / "p.db") as connection:
        connection.executescript(APPLICATION)
    return config


def test_the_complaints_come_first_with_their_reporter_joined(application: Path) -> None:
    proposals = ranked("sql", look(application, "sql", url="sqlite:///p.db").places)
    best = proposals[0]
    assert best.place.name == "pengaduan + masyarakat"
    assert "LEFT JOIN masyarakat" in str(best.place.options["query"])
    assert best.options == {"key": ["id_pengaduan"]}
    assert best.preset == "webform"
    assert {guess.field: guess.column for guess in best.fields} == {
        "content": "isi_laporan",
        "reporter_name": "nama",
        "reporter_phone": "telp",
        "reporter_nik": "nik",
        "received_at": "tgl_pengaduan",
    }
    assert proposals[1].place.name == "pengaduan"


def test_a_joined_complaint_without_its_reporter_is_still_there(application: Path) -> None:
    best = ranked("sql", look(application, "sql", url="sqlite:///p.db").places)[0]
    with sqlite3.connect(application.parent / "p.db") as connection:
        connection.execute("DELETE FROM masyarakat")
        assert len(connection.execute(str(best.place.options["query"])).fetchall()) == best.place.count == 4


def test_passwords_are_never_read(application: Path) -> None:
    places = look(application, "sql", url="sqlite:///p.db").places
    assert not any("password" in row for place in places for row in place.rows)
    assert "hash-of-a-password" not in repr([place.rows for place in places])
    assert "password" in next(place.note for place in places if place.name == "masyarakat")


def test_an_empty_database_and_a_missing_one_say_so(config: Path) -> None:
    sqlite3.connect(config.parent / "kosong.db").close()
    with pytest.raises(Misconfigured, match="no table"):
        look(config, "sql", url="sqlite:///kosong.db")
    with pytest.raises(Unreachable, match="no such file"):
        look(config, "sql", url="sqlite:///tidak-ada.db")


def test_a_password_in_the_url_is_refused_without_being_told(config: Path) -> None:
    with pytest.raises(Misconfigured, match="a password stands in the URL") as caught:
        look(config, "sql", url="mysql+pymysql://u:sandi-rahasia@127.0.0.1/x")
    assert "sandi-rahasia" not in str(caught.value)


# Portals


@contextmanager
def portal(answer: Any) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            body = json.dumps(answer).encode()
            self.send_response(200 if allowed else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body) if allowed else 0))
            self.end_headers()
            self.wfile.write(body if allowed else b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_portals_items_fields_and_next_page_are_found(config: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    with portal(PORTAL) as url:
        (proposal,) = ranked("http", look(config, "http", url=url, token="file:token").places)
    options = {**proposal.place.options, **proposal.options}
    assert options == {
        "items": "data.items",
        "paging": "cursor",
        "next": "next_page_url",
        "total": "total",
        "key": ["id"],
    }
    fields = {guess.field: guess.column for guess in proposal.fields}
    assert fields["reporter_name"] == "pelapor_nama"
    assert fields["received_at"] == "dibuat"
    assert fields["is_anonymous"] == "anonim"


def test_a_portal_that_refuses_or_has_no_list_says_so(config: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    with portal({"pesan": "tidak ada"}) as url:
        with pytest.raises(ConnectorError, match="401"):
            look(config, "http", url=url)
        with pytest.raises(Misconfigured, match="no list"):
            look(config, "http", url=url, token="file:token")


# Sheets of Google's, and published ones

FORM_ROWS = [
    ("Cap waktu", "Nama Lengkap", "Nomor WhatsApp", "Isi Pengaduan"),
    *(
        (
            datetime.fromisoformat(f"2026-11-03T08:15:0{n}.250"),
            "Siti Aminah",
            "081234567890",
            f"Lampu nomor {n} di pasar mati.",
        )
        for n in range(1, 4)
    ),
]


def test_a_forms_sheet_is_found_by_its_address_and_told_apart_by_its_stamp(config: Path, google: Google) -> None:
    email, file = google.new_account(config.parent)
    document = google.new_document(
        Tab("Arsip", [("No",)], id=3), Tab("Form Responses 1", FORM_ROWS, id=7), title="Aduan"
    )
    document.shared_with.add(email)
    answers = {"spreadsheet": document.id, "credentials": str(file)}
    options = unfinished.discoverer_of("google_sheets").options(answers)
    assert options["credentials"] == f"file:{file}"
    found = look(config, "google_sheets", **options, endpoint=google.url)
    assert found.notes == ["the spreadsheet is called Aduan"]
    best, other = ranked("google_sheets", found.places)
    assert (best.place.name, best.place.options, best.place.count) == (
        "Form Responses 1",
        {"sheet": best.place.name},
        3,
    )
    assert (best.preset, best.options) == ("spreadsheet", {"key": ["Cap waktu"]})
    assert {"received_at": "Cap waktu"}.items() <= {guess.field: guess.column for guess in best.fields}.items()
    assert (other.place.name, other.place.options) == ("Arsip", {})
    url = f"https://docs.google.com/spreadsheets/d/{document.id}/edit#gid=7"
    named = look(config, "google_sheets", **{**options, "spreadsheet": url}, endpoint=google.url)
    assert {place.name: place.options for place in named.places}["Form Responses 1"] == {}


def test_of_a_very_long_sheet_only_the_beginning_is_looked_at(config: Path, google: Google) -> None:
    email, file = google.new_account(config.parent)
    document = google.new_document(Tab("Aduan", [*FORM_ROWS, *[()] * 6_000, FORM_ROWS[1]]))
    document.shared_with.add(email)
    given = {"spreadsheet": document.id, "credentials": f"file:{file}", "endpoint": google.url}
    (place,) = look(config, "google_sheets", **given).places
    assert (place.count, len(place.rows)) == (None, 3)
    assert "first 5000 rows" in place.note


def test_a_sheet_that_is_not_shared_says_with_whom(config: Path, google: Google) -> None:
    email, file = google.new_account(config.parent)
    document = google.new_document(Tab("Aduan", FORM_ROWS))
    with pytest.raises(Misconfigured, match=re.escape(email)):
        look(config, "google_sheets", spreadsheet=document.id, credentials=f"file:{file}", endpoint=google.url)


def test_a_published_table_is_looked_into_where_that_is_accepted(config: Path, google: Google) -> None:
    tab = Tab("Form Responses 1", FORM_ROWS)
    document = google.new_document(tab)
    document.published = "2PACX-rahasia"
    link = f"{google.url}/spreadsheets/d/e/{document.published}/pub?gid=0&single=true&output=csv"
    (config.parent / "tautan").write_text(link)
    asking = unfinished.discoverer_of("csv_link")
    with pytest.raises(Misconfigured, match="anyone_can_read") as caught:
        look(config, "csv_link", **asking.options({"url": "file:tautan", "anyone_can_read": "no"}))
    assert "rahasia" not in str(caught.value)
    options = asking.options({"url": "file:tautan", "anyone_can_read": "yes"})
    (found,) = ranked("csv_link", look(config, "csv_link", **options).places)
    assert [note for note in found.notes if "day or month" in note and "`date_format` says it" in note]
    assert (found.place.count, found.preset) == (3, "spreadsheet")
    assert found.options["identity"] == ["Nama Lengkap", "Cap waktu", "Isi Pengaduan"]
    sheet = SecretStr("https://docs.google.com/spreadsheets/d/rahasia/edit")
    with pytest.raises(Misconfigured, match="Publish to web") as typed:
        look(config, "csv_link", url=sheet, anyone_can_read=True)
    assert "rahasia" not in str(typed.value)


# The command


def run(config: Path, *words: str) -> Any:
    return CliRunner().invoke(app, ["discover", *words, "-c", str(config)])


def test_nothing_personal_is_shown_unless_revealed(application: Path) -> None:
    shown = run(application, "--connector", "sql", "--set", "url=sqlite:///p.db")
    assert shown.exit_code == 0, shown.output
    for word in (NIK, "Siti", "081234567890", "Lampu jalan"):
        assert word not in shown.output
    assert "pengaduan + masyarakat" in shown.output
    assert 'mapping = "webform"' in shown.output
    told = run(application, "--connector", "sql", "--set", "url=sqlite:///p.db", "--reveal")
    assert NIK in told.output


def test_json_has_the_same(application: Path) -> None:
    shown = run(application, "--connector", "sql", "--set", "url=sqlite:///p.db", "--json", "--place", "pengaduan")
    (place,) = json.loads(shown.output)["places"]
    assert place["name"] == "pengaduan"
    assert place["records"] == 4
    assert "Siti" not in shown.output


def test_a_channel_that_is_only_begun_is_enough(application: Path) -> None:
    folder = application.parent / "channels.d"
    folder.mkdir()
    (folder / "web.toml").write_text('connector = "sql"\n[options]\nurl = "sqlite:///p.db"\n')
    assert "pengaduan + masyarakat" in run(application, "web").output


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ((), 2, "--connector"),
        (("lain",), 2, "there is no channel lain"),
        (("--connector", "sqll", "--set", "url=x"), 1, "sql"),
        (("--connector", "sql", "--set", "url"), 2, "NAME=VALUE"),
        (("--connector", "sql"), 1, "url: it is missing"),
        (("--connector", "sql", "--set", "url=sqlite:///p.db", "--place", "x"), 2, "there is no x"),
        (("--connector", "sql", "--set", "url=sqlite:///p.db", "--set", "password=rahasia"), 1, "env:NAME"),
    ],
)
def test_wrong_words_end_with_what_is_expected(
    application: Path, words: tuple[str, ...], status: int, told: str
) -> None:
    shown = run(application, *words)
    assert shown.exit_code == status
    assert told in shown.output
    assert "rahasia" not in shown.output
