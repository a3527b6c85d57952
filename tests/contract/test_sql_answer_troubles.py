"""What is told, and what is left as it was, when an answer cannot be written into an application's tables?"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.contract import Misconfigured, Unanswerable, Unreachable
from tests.contract.sql_application import (
    ANSWER,
    INSERT,
    STATUS,
    TOLD,
    UPDATE,
    Application,
    application,
    tables,
)
from tests.contract.sql_source import PASSWORD, sqlite_place
from tests.servers.outage import outage


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


def test_a_source_that_went_read_only_is_told_and_works_afterwards(server_app: Application) -> None:
    for right, table, statement in (("INSERT", "tanggapan", 2), ("UPDATE", "pengaduan", 1)):
        server_app.revoke(right, table)
        server_app.refused(ANSWER, Misconfigured, f"statement {statement}.*denied.*{table}")
        with server_app.connector() as connector:
            findings = connector.check()
        bad = [finding.text for finding in findings if not finding.ok]
        assert len(bad) == 1
        assert re.search(f"statement {statement}.*denied.*{table}", bad[0])
        server_app.grant(right, table)
    with server_app.connector() as connector:
        assert all(finding.ok for finding in connector.check())
        connector.write_back(ANSWER)
    assert server_app.state() == ([(7, "proses"), (8, "0")], [TOLD])


def test_a_read_only_postgres_is_told_by_check_and_at_writing(app: Application) -> None:
    if app.kind != "postgresql":
        pytest.skip("a user's default of PostgreSQL")
    user = app.user().username
    app.run(f"ALTER ROLE {user} SET default_transaction_read_only = on")
    try:
        app.refused(ANSWER, Misconfigured, "read-only transaction")
        with app.connector() as connector:
            assert [f.text for f in connector.check() if not f.ok] == [
                f"write_back: database {app.database} at 127.0.0.1 is read-only"
            ]
    finally:
        app.run(f"ALTER ROLE {user} RESET default_transaction_read_only")


def test_a_sqlite_file_that_is_locked_or_away_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'aplikasi.db'}", poolclass=sa.NullPool)
    app = Application(sqlite_place(tmp_path), tmp_path, engine)
    app.run(*tables("sqlite", ""))
    # Ten seconds of patience are nine too many for a test.
    connect = sqlite3.connect
    monkeypatch.setattr("sqlite3.connect", lambda *given, **named: connect(*given, **{**named, "timeout": 0.1}))
    with app.connector() as connector:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
            with pytest.raises(Unreachable):
                connector.write_back(ANSWER)
        away = (tmp_path / "aplikasi.db").rename(tmp_path / "lain.db")
        with pytest.raises(Unreachable, match="no such file"):
            connector.write_back(ANSWER)
        assert not (tmp_path / "aplikasi.db").exists(), "writing made a new, empty database"
        away.rename(tmp_path / "aplikasi.db")
        connector.write_back(ANSWER)
    assert app.answers() == [TOLD]


def test_a_database_that_is_down_is_waited_for(server_app: Application) -> None:
    assert server_app.place.server is not None
    with server_app.connector() as connector:
        with outage(server_app.place.server), pytest.raises(Unreachable) as caught:
            connector.write_back(ANSWER)
        assert PASSWORD not in str(caught.value)
        connector.write_back(ANSWER)
    assert server_app.answers() == [TOLD]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE pengadua SET isi_laporan = :text WHERE id_pengaduan = :id_pengaduan", "pengadua"),
        ("UPDATE pengaduan SET balasan = :text WHERE id_pengaduan = :id_pengaduan", "balasan"),
        ("UPDATE pengaduan SET isi_laporan = :text WHERE id = :id_pengaduan", r"\bid\b"),
        (
            "UPDATE pengaduan SET isi_laporan = :text, :text WHERE id_pengaduan = :id_pengaduan",
            "syntax",
        ),
        ("UPDATE pengaduan SET isi_laporan = balas(:text) WHERE id_pengaduan = :id_pengaduan", "balas"),
        ("UPDATE pengaduan SET isi_laporan = :isi WHERE id_pengaduan = :id_pengaduan", ":isi"),
    ],
)
def test_a_wrong_statement_is_told_by_check_and_at_writing(app: Application, statement: str, words: str) -> None:
    app.refused(ANSWER, Misconfigured, f"statement 2.*{words}", statements=[UPDATE, statement])
    before = app.state()
    with app.connector(statements=[UPDATE, statement, INSERT]) as connector:
        findings = connector.check()
    assert app.state() == before
    assert [finding.ok for finding in findings if "write_back: statement" in finding.text] == [True, False, True]
    assert re.search(words, next(finding.text for finding in findings if not finding.ok))


def test_check_writes_nothing_and_says_what_each_statement_is_for(app: Application) -> None:
    before = app.state()
    with app.connector() as connector:
        findings = connector.check()
    assert app.state() == before
    assert all(finding.ok for finding in findings)
    texts = [finding.text for finding in findings]
    assert "statement 1 (UPDATE) can be run, for: archived, closed, follow_up" in texts[-2]
    assert "can be written" in texts[1]
    assert "while LAPOR's is replied, pending" in texts[2]
    assert "Lampu" not in "".join(texts)


def test_check_misses_a_column_for_the_status(app: Application) -> None:
    with app.connector(status_column="keadaan") as connector:
        assert [f.text for f in connector.check() if not f.ok] == ["write_back: the source has no column keadaan"]


def test_the_writers_wrong_password_is_told_without_it(server_app: Application) -> None:
    (server_app.folder / "wrong").write_text("hampir-benar")
    back = {"password": f"file:{server_app.folder / 'wrong'}"}
    error = server_app.refused(ANSWER, Misconfigured, str(server_app.user().username), **back)
    assert "hampir-benar" not in str(error)
    with server_app.connector(**back) as connector:
        findings = connector.check()
    assert [finding.ok for finding in findings] == [True, False]
    assert "hampir-benar" not in findings[1].text


def test_a_text_that_does_not_fit_goes_to_a_person_and_is_not_cut_off(server_app: Application) -> None:
    if server_app.kind == "mysql":
        # As many old installations have it: what is too long is cut off silently.
        server_app.run("SET GLOBAL sql_mode = ''")
    try:
        error = server_app.refused(replace(ANSWER, text="Lampu aman " * 30), Unanswerable, "too long")
    finally:
        if server_app.kind == "mysql":
            server_app.run("SET GLOBAL sql_mode = DEFAULT")
    assert getattr(error, "code", "") == "answer_refused"


def test_a_status_that_the_column_does_not_have_is_the_admins_to_correct(server_app: Application) -> None:
    server_app.refused(ANSWER, Misconfigured, "statement 1", status={**STATUS, "in_progress": "diproses"})


def test_postgres_tells_such_a_status_at_check(app: Application) -> None:
    if app.kind != "postgresql":
        pytest.skip("only PostgreSQL looks at values before it runs a statement")
    with app.connector(status={**STATUS, "blocked": "ditolak"}) as connector:
        bad = [finding.text for finding in connector.check() if not finding.ok]
    assert len(bad) == 1
    assert "the table `status` has a value" in bad[0]


def test_a_record_that_is_gone_goes_to_a_person(server_app: Application) -> None:
    server_app.run("DELETE FROM pengaduan WHERE id_pengaduan = 7")
    error = server_app.refused(ANSWER, Unanswerable, "no longer at the source")
    assert getattr(error, "code", "") == "record_gone"


def test_a_wrong_number_in_the_statement_is_the_admins_to_correct(server_app: Application) -> None:
    other = INSERT.replace("SELECT :id_pengaduan,", "SELECT 99 + 0 * :id_pengaduan,")
    server_app.refused(ANSWER, Misconfigured, "statement 1.*refused", statements=[other])


def test_a_column_that_must_be_filled_is_named(app: Application) -> None:
    other = INSERT.replace("tgl_tanggapan, ", "").replace(":date, ", "")
    app.refused(ANSWER, Misconfigured, "tgl_tanggapan", statements=[other])


def test_an_applications_lock_is_waited_for(server_app: Application) -> None:
    held = server_app.engine.connect()
    held.exec_driver_sql("UPDATE pengaduan SET isi_laporan = 'disunting' WHERE id_pengaduan = 7")
    with server_app.connector() as connector:
        writing = threading.Thread(target=connector.write_back, args=[ANSWER])
        writing.start()
        writing.join(0.5)
        assert writing.is_alive()
        held.commit()
        held.close()
        writing.join(10)
        assert not writing.is_alive()
    assert server_app.state() == ([(7, "proses"), (8, "0")], [TOLD])
