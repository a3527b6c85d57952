"""What does the connector for databases promise on PostgreSQL and MariaDB beyond the contract?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from connectors import sql_engine
from connectors.contract import ChannelContext, Misconfigured, SourceRecord
from connectors.sql import Database, SqlOptions
from tests.contract.source import ZONE
from tests.contract.sql_source import PASSWORD, Place
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres


@pytest.fixture(params=["postgres_app", "mariadb_app"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each server's application in turn."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Place)
    return found


def fill(url: str, *statements: str) -> None:
    """Do that in the database."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@contextmanager
def opened(url: str, tmp_path: Path, **options: object) -> Iterator[Database]:
    """A connector to it."""
    connector = Database(SqlOptions.model_validate({"url": url, **options}), ChannelContext("kanal", ZONE, tmp_path))
    yield connector
    connector.close()


def records(connector: Database) -> Sequence[SourceRecord]:
    """Everything there."""
    return list(connector.read([entry.locator for entry in connector.list(None).entries]))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO catatan VALUES (2)",
        "UPDATE catatan SET id = 9",
        "DELETE FROM catatan",
        "DROP TABLE catatan",
        "CREATE TABLE lain (id INT)",
    ],
)
def test_the_connection_cannot_write_although_the_user_may(place: Place, statement: str) -> None:
    fill(place.admin, "DROP TABLE IF EXISTS catatan", "CREATE TABLE catatan (id INT)", "INSERT INTO catatan VALUES (1)")
    may = make_url(place.reader).set(password=PASSWORD).render_as_string(hide_password=False)
    if place.server is not None and may.startswith("mysql"):
        fill(may, "INSERT INTO catatan VALUES (2)", "DELETE FROM catatan WHERE id = 2")
    engine = sql_engine.read_only(make_url(place.reader), SecretStr(PASSWORD))
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"read.only|READ ONLY"):
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_query_that_would_write_is_refused_with_the_databases_words(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_database()
    fill(url, "CREATE SEQUENCE nomor", "CREATE TABLE aduan (id INT)", "INSERT INTO aduan VALUES (1)")
    query = "SELECT id, nextval('nomor') AS n FROM aduan"
    with opened(url, tmp_path, query=query, key=["id"]) as connector, pytest.raises(Misconfigured, match="read-only"):
        list(connector.read(["[1]"]))


def test_colons_and_percent_signs_of_the_query_are_its_own(place: Place, tmp_path: Path) -> None:
    cast = "CAST(7 AS CHAR(1))" if place.reader.startswith("mysql") else "7::int::text"
    query = (
        f"SELECT 1 AS id, {cast} AS tujuh, '100% :nama %s %(x)s' AS isi, '10:30:00' AS pukul FROM catatan "
        "WHERE 'ab' LIKE 'a%' -- sampai sini; :a"
    )
    fill(place.admin, "DROP TABLE IF EXISTS catatan", "CREATE TABLE catatan (id INT)", "INSERT INTO catatan VALUES (1)")
    with opened(place.admin, tmp_path, query=query, key=["id"]) as connector:
        (record,) = records(connector)
    assert record.fields == {"id": 1, "tujuh": "7", "isi": "100% :nama %s %(x)s", "pukul": "10:30:00"}


def test_a_join_with_doubled_names_is_explained(place: Place, tmp_path: Path) -> None:
    fill(
        place.admin,
        "DROP TABLE IF EXISTS warga",
        "DROP TABLE IF EXISTS aduan",
        "CREATE TABLE warga (id INT, nama VARCHAR(20))",
        "CREATE TABLE aduan (id INT, warga_id INT)",
        "INSERT INTO warga VALUES (7, 'Warga')",
        "INSERT INTO aduan VALUES (1, 7)",
    )
    join = "FROM aduan a JOIN warga b ON b.id = a.warga_id"
    with opened(place.admin, tmp_path, query=f"SELECT * {join}", key=["id"]) as connector:
        for call in (connector.check, lambda: connector.list(None)):
            with pytest.raises(Misconfigured, match="distinct names"):
                call()
    with opened(place.admin, tmp_path, query=f"SELECT a.*, b.nama {join}", key=["id"]) as connector:
        assert [dict(record.fields) for record in records(connector)] == [{"id": 1, "warga_id": 7, "nama": "Warga"}]


def test_a_wrong_password_is_not_told_with_the_password(place: Place, tmp_path: Path) -> None:
    options = {"password": SecretStr("hampir-benar"), "table": "catatan", "key": ["id"]}
    with opened(place.reader, tmp_path, **options) as connector, pytest.raises(Misconfigured) as caught:
        connector.check()
    assert "hampir-benar" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("UUID", "0e37df36-f698-11e6-8dd4-cb9ced3df976", "ffffffff-f698-11e6-8dd4-cb9ced3df976"),
        ("DECIMAL(20, 4)", "1.5000", "12345678901234.5678"),
        ("VARCHAR(40)", 'ADU/2025/ä"1', "ADU/2025/ö:%2"),
        ("DATE", "2025-01-02", "2025-11-30"),
        ("TIMESTAMP", "2025-01-02 03:04:05", "2025-11-30 23:59:59"),
        ("TIME", "01:02:03", "23:59:59"),
        ("BIGINT", "-9007199254740993", "9007199254740993"),
    ],
)
def test_a_key_of_any_type_names_its_row(place: Place, tmp_path: Path, kind: str, low: str, high: str) -> None:
    fill(place.admin, "DROP TABLE IF EXISTS aduan", f"CREATE TABLE aduan (id {kind} NOT NULL, n INT NOT NULL)")
    fill(
        place.admin,
        *(f"INSERT INTO aduan VALUES ('{key}', {n})".replace("%", "%%") for n, key in enumerate([high, low, high])),
    )
    with opened(place.admin, tmp_path, table="aduan", key=["id", "n"]) as connector:
        entries = connector.list(None).entries
        found = list(connector.read([entry.locator for entry in entries]))
    assert [record.fields["n"] for record in found] == [1, 0, 2]
    assert [record.locator for record in found] == [entry.locator for entry in entries]
    assert len({record.key for record in found}) == 3


def test_mariadbs_zero_dates_are_read_as_texts(mariadb: MariaDB, tmp_path: Path) -> None:
    url = mariadb.new_database()
    fill(
        url,
        "SET SESSION sql_mode = ''",
        "CREATE TABLE aduan (id INT, d DATE, t DATETIME)",
        "INSERT INTO aduan VALUES (1, '0000-00-00', '0000-00-00 00:00:00'), (2, '2025-02-03', '2025-02-03 04:05:06')",
    )
    with opened(url, tmp_path, table="aduan", key=["id"]) as connector:
        zero, good = (record.fields for record in records(connector))
    assert (zero["d"], zero["t"]) == ("0000-00-00", "0000-00-00 00:00:00")
    assert (good["d"], good["t"]) == ("2025-02-03", "2025-02-03T04:05:06+08:00")


def test_postgres_dates_that_python_lacks_stop_no_other_row(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_database()
    fill(
        url,
        "CREATE TABLE aduan (id INT, d DATE, t TIMESTAMP, z TIMESTAMPTZ)",
        "INSERT INTO aduan VALUES (1, 'infinity', '-infinity', 'infinity'), (2, '0044-03-15 BC', NULL, NULL)",
        "INSERT INTO aduan VALUES (3, '2025-02-03', '2025-02-03 04:05', '2025-02-03 04:05+00')",
    )
    with opened(url, tmp_path, table="aduan", key=["id"]) as connector:
        first, second, third = (dict(record.fields) for record in records(connector))
    assert first == {"id": 1, "d": "infinity", "t": "-infinity", "z": "infinity"}
    assert second["d"] == "0044-03-15 BC"
    assert third == {"id": 3, "d": "2025-02-03", "t": "2025-02-03T04:05:00+08:00", "z": "2025-02-03T12:05:00+08:00"}


def test_another_session_zone_of_the_database_is_no_edit(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_database()
    fill(url, "CREATE TABLE aduan (id INT, z TIMESTAMPTZ)", "INSERT INTO aduan VALUES (1, '2025-02-03 04:05+00')")
    by = ({"key": ["id"]}, {"key": ["id"], "updated": "z"}, {"identity": ["z"]})

    def seen() -> list[tuple[str, str]]:
        found = []
        for options in by:
            with opened(url, tmp_path, table="aduan", **options) as connector:
                found += [(record.key, record.version) for record in records(connector)]
        return found

    before = seen()
    fill(url, f"ALTER DATABASE \"{make_url(url).database}\" SET timezone = 'Asia/Jayapura'")
    assert seen() == before


def test_a_table_in_another_schema_is_found(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_database()
    fill(url, 'CREATE SCHEMA "Layanan"', 'CREATE TABLE "Layanan"."Order" ("Group" INT, "select" TEXT)')
    fill(url, """INSERT INTO "Layanan"."Order" VALUES (1, 'isi')""")
    with opened(url, tmp_path, table="Layanan.Order", key=["Group"]) as connector:
        assert [dict(record.fields) for record in records(connector)] == [{"Group": 1, "select": "isi"}]


def test_postgres_types_become_texts_and_numbers(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_database()
    fill(url, "CREATE TABLE aduan (id INT, j JSONB, a TEXT[], b BYTEA, i INTERVAL, n NUMERIC, ip INET, ok BOOLEAN)")
    fill(url, """INSERT INTO aduan VALUES (1, '{"a": 1}', '{x,y}', 'abc', '1 hour', 1.50, '10.0.0.1', true)""")
    with opened(url, tmp_path, table="aduan", key=["id"]) as connector:
        (record,) = records(connector)
    assert record.fields["j"] == '{"a": 1}'
    assert record.fields["a"] == '["x", "y"]'
    assert record.fields["b"] == "abc"
    assert record.fields["i"] == str(timedelta(hours=1))
    assert (record.fields["n"], record.fields["ip"], record.fields["ok"]) == ("1.50", "10.0.0.1", True)


def test_reading_stopped_early_leaves_no_connection_behind(place: Place, tmp_path: Path) -> None:
    fill(place.admin, "DROP TABLE IF EXISTS catatan", "CREATE TABLE catatan (id INT)")
    fill(place.admin, *(f"INSERT INTO catatan VALUES ({number})" for number in range(300)))
    with opened(place.admin, tmp_path, table="catatan", identity=["id"], batch_size=10) as connector:
        reading = connector.read([entry.locator for entry in connector.list(None).entries])
        next(iter(reading))
        del reading
        assert len(records(connector)) == 300


def test_an_unsupported_driver_is_named(tmp_path: Path) -> None:
    for url in ("mysql://app@db/aduan", "oracle://app@db/aduan", "postgresql+psycopg2://app@db/aduan"):
        with pytest.raises(Misconfigured, match=r"mysql\+pymysql"):
            sql_engine.read_only(_url(url), None)


def _url(text: str) -> URL:
    return make_url(text)
