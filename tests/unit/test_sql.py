"""Does the connector for databases list and read a table well? On SQLite files; servers are in tests/contract."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.engine import make_url

from connectors import sql_engine
from connectors.contract import ChannelContext, Entry, Misconfigured, Problem, SourceRecord, Unreachable
from connectors.sql import Database, SqlOptions

ZONE = ZoneInfo("Asia/Jakarta")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An application's database."""
    return tmp_path / "aplikasi.db"


def fill(file: Path, *statements: str, rows: Sequence[Sequence[object]] = ()) -> None:
    """Do that in the database; `rows` go into the table `aduan`."""
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
        if rows:
            connection.executemany(f"INSERT INTO aduan VALUES ({','.join('?' * len(rows[0]))})", rows)


@contextmanager
def opened(file: Path, **options: object) -> Iterator[Database]:
    """A connector to it."""
    place = {"table": "aduan"} if "query" not in options else {}
    settings = SqlOptions.model_validate({"url": f"sqlite:///{file}", **place, **options})
    connector = Database(settings, ChannelContext("kanal", ZONE, file.parent))
    yield connector
    connector.close()


def pages(connector: Database) -> tuple[list[Entry], list[Problem]]:
    """All entries and problems of a round."""
    listing = connector.list(None)
    entries, problems = [*listing.entries], [*listing.problems]
    while listing.more:
        listing = connector.list(listing.cursor)
        entries += listing.entries
        problems += listing.problems
    return entries, problems


def records(connector: Database) -> list[SourceRecord]:
    """Everything there."""
    return list(connector.read([entry.locator for entry in pages(connector)[0]]))


def test_a_table_of_many_pages_is_listed_and_read_whole(file: Path) -> None:
    fill(file, "CREATE TABLE aduan (id INTEGER, isi TEXT)", rows=[(n, f"isi {n}") for n in range(45_000)])
    with opened(file, key=["id"], batch_size=5_000) as connector:
        entries, problems = pages(connector)
        assert len({entry.locator for entry in entries}) == len(entries) == 45_000
        assert problems == []
        assert {record.fields["id"] for record in connector.read([e.locator for e in entries])} == set(range(45_000))


def test_pages_of_a_key_of_two_columns_lose_no_row(file: Path) -> None:
    rows = [(2020 + n % 3, n // 3, n) for n in range(41_001)]
    fill(file, "CREATE TABLE aduan (tahun INTEGER, nomor INTEGER, n INTEGER)", rows=rows)
    with opened(file, key=["tahun", "nomor"]) as connector:
        assert len({entry.locator for entry in pages(connector)[0]}) == 41_001


@pytest.mark.parametrize("total", [20_000, 20_005])
def test_the_last_rows_are_looked_at_for_edits_wherever_a_page_ends(file: Path, total: int) -> None:
    fill(file, "CREATE TABLE aduan (id INTEGER, isi TEXT)", rows=[(n, "isi") for n in range(total)])
    with opened(file, key=["id"], recheck=100) as connector:
        versions = {entry.locator: entry.version for entry in pages(connector)[0]}
    assert [locator for locator, version in versions.items() if version] == [
        f"[{n}]" for n in range(total - 100, total)
    ]


def test_with_an_updated_column_any_row_shows_its_edit(file: Path) -> None:
    fill(file, "CREATE TABLE aduan (id INTEGER, diubah TEXT)", rows=[(1, "2025-01-01"), (2, None), (3, "2025-01-01")])
    with opened(file, key=["id"], updated="diubah", recheck=0) as connector:
        before, _ = pages(connector)
        fill(file, "UPDATE aduan SET diubah = '2025-01-02' WHERE id = 1")
        after, _ = pages(connector)
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True, True]


def test_rows_without_a_key_are_a_problem_and_stop_nobody(file: Path) -> None:
    rows = [(1, 1), (None, 1), (2, None), (2, 2)]
    fill(file, "CREATE TABLE aduan (a INTEGER, b INTEGER)", rows=rows)
    with opened(file, key=["a", "b"]) as connector:
        entries, problems = pages(connector)
        findings = connector.check()
    assert [entry.locator for entry in entries] == ["[1,1]", "[2,2]"]
    assert problems == [Problem("2 rows", "row_without_key")]
    assert [finding.ok for finding in findings] == [True, False]


def test_a_key_that_names_two_rows_is_a_problem_and_one_record(file: Path) -> None:
    fill(file, "CREATE TABLE aduan (id INTEGER, isi TEXT)", rows=[(1, "satu"), (7, "dua"), (7, "tiga"), (8, "empat")])
    with opened(file, key=["id"]) as connector:
        entries, problems = pages(connector)
        found = records(connector)
        findings = connector.check()
    assert [entry.locator for entry in entries] == ["[1]", "[7]", "[8]"]
    assert problems == [Problem("key [7]", "key_not_unique")]
    assert [record.key for record in found] == ["1", "7", "8"]
    assert [finding.ok for finding in findings] == [True, False]


def test_reserved_words_blanks_and_capitals_are_good_column_names(file: Path) -> None:
    fill(file, 'CREATE TABLE aduan ("order" INTEGER, "Group By" TEXT, "select%" TEXT)', rows=[(1, "a:b", "100%")])
    with opened(file, key=["order", "Group By"]) as connector:
        (record,) = records(connector)
    assert record.key == "1/a:b"
    assert record.fields == {"order": 1, "Group By": "a:b", "select%": "100%"}


def test_a_query_with_colons_percents_a_comment_and_a_semicolon_works(file: Path) -> None:
    fill(file, "CREATE TABLE aduan (id INTEGER, isi TEXT)", rows=[(1, "pukul 10:30"), (2, "lain")])
    query = "SELECT id, isi, ':x %s' AS tanda FROM aduan WHERE isi LIKE '%:3%';"
    with opened(file, query=query, key=["id"]) as connector:
        assert [dict(record.fields) for record in records(connector)] == [
            {"id": 1, "isi": "pukul 10:30", "tanda": ":x %s"}
        ]
    with opened(file, query="SELECT id FROM aduan -- :a %", key=["id"]) as connector:
        assert len(records(connector)) == 2


@pytest.mark.parametrize(
    "query", ["DELETE FROM aduan RETURNING id", "DROP TABLE aduan", "SELECT 1 AS id; SELECT 2 AS id"]
)
def test_only_one_select_is_a_query(file: Path, query: str) -> None:
    fill(file, "CREATE TABLE aduan (id INTEGER)", rows=[(1,)])
    with opened(file, query=query, key=["id"]) as connector, pytest.raises(Misconfigured, match="syntax"):
        connector.list(None)
    with opened(file, key=["id"]) as connector:
        assert len(records(connector)) == 1


def test_a_missing_column_is_never_read_as_a_text(file: Path) -> None:
    """SQLite takes a quoted name that is no column for a text."""
    fill(file, "CREATE TABLE aduan (id INTEGER, isi TEXT)", rows=[(1, "satu"), (2, "dua")])
    for options in ({"key": ["nomor"]}, {"identity": ["isi", "hari"]}, {"key": ["id"], "updated": "diubah"}):
        with opened(file, **options) as connector:
            for call in (connector.check, lambda c=connector: c.list(None), lambda c=connector: list(c.read(["[1]"]))):
                with pytest.raises(Misconfigured, match=r"no column (nomor|hari|diubah)"):
                    call()


def test_a_column_dropped_between_list_and_read_is_told(file: Path) -> None:
    fill(file, "CREATE TABLE aduan (id INTEGER, diubah TEXT)", rows=[(1, "a")])
    with opened(file, key=["id"], updated="diubah") as connector:
        entries, _ = pages(connector)
        fill(file, "ALTER TABLE aduan DROP COLUMN diubah")
        with pytest.raises(Misconfigured, match="diubah"):
            list(connector.read([entry.locator for entry in entries]))


def test_the_file_cannot_be_written(file: Path) -> None:
    fill(file, "CREATE TABLE aduan (id INTEGER)", rows=[(1,)])
    before = file.read_bytes()
    engine = sql_engine.read_only(make_url(f"sqlite:///{file}"), None)
    with engine.connect() as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
        connection.exec_driver_sql("DELETE FROM aduan")
    assert file.read_bytes() == before


def test_a_missing_file_is_unreachable_and_is_not_made(file: Path) -> None:
    with opened(file, key=["id"]) as connector, pytest.raises(Unreachable, match=r"aplikasi.db: there is no such file"):
        connector.list(None)
    assert not file.exists()


def test_a_file_that_is_no_database_is_told(file: Path) -> None:
    file.write_text("bukan basis data " * 100)
    with opened(file, key=["id"]) as connector, pytest.raises(Misconfigured, match="not a database"):
        connector.list(None)


def test_a_locked_database_is_unreachable(file: Path) -> None:
    fill(file, "CREATE TABLE aduan (id INTEGER)", rows=[(1,)])
    engine = sql_engine.read_only(make_url(f"sqlite:///{file}"), None)
    with closing(sqlite3.connect(file)) as other, engine.connect() as connection:
        other.execute("BEGIN EXCLUSIVE")
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")
        with pytest.raises(sa.exc.OperationalError) as caught:
            connection.exec_driver_sql("SELECT * FROM aduan")
    assert isinstance(sql_engine.translated(caught.value, make_url(f"sqlite:///{file}")), Unreachable)


def test_a_text_in_another_encoding_stops_no_other_row(file: Path) -> None:
    fill(file, "CREATE TABLE aduan (id INTEGER, isi TEXT)", rows=[(2, "baik")])
    fill(file, "INSERT INTO aduan VALUES (1, CAST(x'4bf67972e8' AS TEXT))")
    with opened(file, key=["id"]) as connector:
        assert [record.fields["isi"] for record in records(connector)] == ["K\ufffdyr\ufffd", "baik"]


def test_rows_equal_in_their_identity_are_one_record(file: Path) -> None:
    fill(
        file, "CREATE TABLE aduan (nama TEXT, isi TEXT, n INTEGER)", rows=[("a", "x", 1), ("a", "x", 2), ("a", "y", 3)]
    )
    with opened(file, identity=["nama", "isi"]) as connector:
        assert connector.keyed_by_content
        assert [record.fields["n"] for record in records(connector)] == [1, 3]


def test_a_listing_names_every_record(file: Path) -> None:
    fill(file, "CREATE TABLE aduan (id INTEGER)", rows=[(1,)])
    for options in ({"key": ["id"]}, {"identity": ["id"]}):
        with opened(file, **options) as connector:
            assert connector.list(None).complete


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"key": ["id"]}, "either `table` or `query`"),
        ({"table": "a", "query": "SELECT 1", "key": ["id"]}, "either `table` or `query`"),
        ({"table": "a"}, "either `key`"),
        ({"table": "a", "key": ["id"], "identity": ["isi"]}, "either `key`"),
        ({"table": "a", "key": ["id"], "tabel": "b"}, "Extra inputs"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SqlOptions.model_validate({"url": "sqlite:///a.db", **options})


def test_the_source_is_the_place_and_what_makes_a_key() -> None:
    url = "postgresql+psycopg://baca@db/layanan"
    by_key = SqlOptions.model_validate({"url": url, "table": "aduan", "key": ["tahun", "nomor"]})
    by_content = SqlOptions.model_validate({"url": url, "query": "SELECT 1", "identity": ["isi"]})
    assert by_key.source() == f"{url} table=aduan key=tahun,nomor"
    assert by_content.source() == f"{url} query identity=isi"
