"""Do LAPOR's status and answers land in an application's tables once, on each database, and beside people's work?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.contract import Misconfigured
from tests.contract.sql_application import (
    ANSWER,
    CLOSED,
    INSERT,
    TOLD,
    UPDATE,
    Application,
    application,
)
from tests.contract.sql_source import Place, sqlite_place
from tests.servers.mariadb import MariaDB


@pytest.fixture(params=["sqlite", "postgres_app", "mariadb_app"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Application]:
    """The application on each database in turn."""
    place = sqlite_place(tmp_path) if request.param == "sqlite" else request.getfixturevalue(request.param)
    with application(place, tmp_path) as made:
        yield made


@pytest.fixture
def server_app(app: Application) -> Application:
    """The application on a server."""
    if app.place.server is None:
        pytest.skip("SQLite has no users, and no rules for what it keeps")
    return app


# Once


def test_status_and_answer_land_once_however_often_they_are_carried(app: Application) -> None:
    for _ in range(3):
        with app.connector() as connector:
            connector.write_back(ANSWER)
        assert app.state() == ([(7, "proses"), (8, "0")], [TOLD])
    for _ in range(2):
        with app.connector() as connector:
            connector.write_back(CLOSED)
    assert app.state() == ([(7, "selesai"), (8, "0")], [(7, "2026-11-23", "Selesai.", 1), TOLD])


def test_a_failure_half_way_leaves_nothing_and_the_next_try_all(app: Application) -> None:
    broken = INSERT.replace("id_petugas)", "petugas)")
    app.refused(ANSWER, Misconfigured, r"statement 2.*\bpetugas", statements=[UPDATE, broken])
    with app.connector() as connector:
        connector.write_back(ANSWER)
    assert app.state() == ([(7, "proses"), (8, "0")], [TOLD])


def test_a_repetition_after_the_commit_was_not_seen_changes_nothing(app: Application) -> None:
    with app.connector() as connector:
        connector.write_back(ANSWER)
        before = app.state()
        connector.write_back(replace(ANSWER, fields={**ANSWER.fields, "status": "proses"}))
    assert app.state() == before


def test_what_is_written_is_no_edit_of_the_record(app: Application) -> None:
    with app.connector() as connector:
        before = {entry.locator: entry.version for entry in connector.list(None).entries}
        connector.write_back(ANSWER)
        assert {entry.locator: entry.version for entry in connector.list(None).entries} == before
        app.run("UPDATE pengaduan SET isi_laporan = 'Lampu padam lagi' WHERE id_pengaduan = 7")
        after = {entry.locator: entry.version for entry in connector.list(None).entries}
    assert {key for key in after if after[key] != before[key]} == {"[7]"}


def test_a_text_may_be_put_together_in_the_statement(server_app: Application) -> None:
    joined = INSERT.replace(
        "SELECT :id_pengaduan, :date, :text", "SELECT :id_pengaduan, :date, CONCAT(:tracking_id, '%')"
    )
    with server_app.connector(statements=[joined.replace("= :text", "= CONCAT(:tracking_id, '%')")]) as connector:
        assert all(finding.ok for finding in connector.check())
        connector.write_back(ANSWER)
        connector.write_back(ANSWER)
    assert server_app.answers() == [(7, "2026-11-23", "1000001%", 1)]


def test_keys_of_other_types_find_their_row_and_moments_are_kept(app: Application) -> None:
    app.run(
        "DROP TABLE IF EXISTS kartu",
        "CREATE TABLE kartu (waktu TIMESTAMP NULL, nomor DECIMAL(9, 2), isi VARCHAR(20), status VARCHAR(10), "
        "dijawab TIMESTAMP NULL)",
        *(f"INSERT INTO kartu VALUES ('2026-11-01 08:{n}:00', {n}.50, 'isi', '0', NULL)" for n in (10, 11)),
    )
    if app.kind != "sqlite":
        app.grant("SELECT, UPDATE", "kartu")
    row = "waktu = :waktu AND nomor = :nomor"
    update = f"UPDATE kartu SET status = :status, dijawab = :at WHERE {row} AND status = :previous"
    options = {"table": "kartu", "key": ["waktu", "nomor"]}
    with app.connector(options, statements=[update]) as connector:
        assert all(finding.ok for finding in connector.check())
        first, _ = sorted(connector.read([e.locator for e in connector.list(None).entries]), key=lambda r: r.key)
        connector.write_back(replace(ANSWER, locator=first.locator, fields=first.fields))
    # MariaDB keeps a moment in a TIMESTAMP, PostgreSQL what the clock showed.
    clock = ["SET time_zone = '+08:00'"] if app.kind == "mysql" else []
    found = app.run(*clock, "SELECT status, dijawab FROM kartu ORDER BY nomor")
    assert [(row[0], str(row[1])) for row in found] == [("proses", "2026-11-23 00:30:00"), ("0", "None")]
    app.run("DROP TABLE kartu")


# A person's status


@pytest.mark.parametrize("previous", [None, "received", "disposed"])
def test_a_persons_status_is_never_overwritten_and_the_answer_lands(app: Application, previous: str | None) -> None:
    app.run("UPDATE pengaduan SET status = 'selesai' WHERE id_pengaduan = 7")
    with app.connector() as connector:
        connector.write_back(replace(ANSWER, previous=previous))
    assert app.state() == ([(7, "selesai"), (8, "0")], [TOLD])


def test_an_empty_status_needs_a_comparison_that_knows_null(app: Application) -> None:
    app.run("UPDATE pengaduan SET status = NULL WHERE id_pengaduan = 7")
    same = {"mysql": "<=>", "postgresql": "IS NOT DISTINCT FROM", "sqlite": "IS"}[app.kind]
    first = replace(ANSWER, fields={**ANSWER.fields, "status": None})
    with app.connector() as connector:
        connector.write_back(first)
    assert app.statuses()[0] == (7, None)
    with app.connector(statements=[UPDATE.replace("status = :previous", f"status {same} :previous")]) as connector:
        connector.write_back(first)
        connector.write_back(replace(first, status="closed", previous=None))
    assert app.statuses()[0] == (7, "proses")


# Real applications


@pytest.mark.parametrize("name", ["web-pengaduan-a.sql", "web-pengaduan-b.sql"])
def test_real_schemas_take_status_and_answers(mariadb: MariaDB, tmp_path: Path, corpora: Path, name: str) -> None:
    place = Place(mariadb.new_database(), "", None)
    engine = sa.create_engine(place.admin, poolclass=sa.NullPool)
    app = Application(Place(place.admin, place.admin, None), tmp_path, engine)
    dump = re.sub(r"^--.*$|/\*!.*?\*/;", "", (corpora / "sql" / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    app.run(*(statement.replace("%", "%%") for statement in dump.split(";") if statement.strip()))
    app.run(
        "INSERT INTO masyarakat VALUES ('6472000000000001', 'Warga Satu', 'w', 'x', '0812')",
        "INSERT INTO pengaduan VALUES (7, '2026-11-01', '6472000000000001', 'Lampu padam', '', '0')",
    )
    photo = "foto_tgp" in {row[0] for row in app.run("SHOW COLUMNS FROM tanggapan")}
    insert = INSERT.replace("tanggapan, id_p", "tanggapan, foto_tgp, id_p").replace(":text, 1", ":text, '', 1")
    back = {"statements": [UPDATE, insert if photo else INSERT]}
    with app.connector(**back) as connector:
        assert all(finding.ok for finding in connector.check())
        (record,) = connector.read([entry.locator for entry in connector.list(None).entries])
        first = replace(ANSWER, key=record.key, locator=record.locator, fields=record.fields)
        for answer in (first, first, replace(CLOSED, fields=record.fields), replace(CLOSED, fields=record.fields)):
            connector.write_back(answer)
    assert app.state() == ([(7, "selesai")], [(7, "2026-11-23", "Selesai.", 1), TOLD])
    engine.dispose()
