"""Are tables found under any name, and do values of every kind become fields and keys without loss?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors import sql_mysql
from connectors.contract import ChannelContext, Misconfigured
from connectors.sql import Database, SqlOptions
from connectors.sql_rows import table_name
from connectors.sql_values import cell

ZONE = ZoneInfo("Asia/Makassar")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("pengaduan", (None, "pengaduan")),
        ("layanan.pengaduan", ("layanan", "pengaduan")),
        ("Pengaduan Warga", (None, "Pengaduan Warga")),
        ('"Layanan.Publik"."Pengaduan"', ("Layanan.Publik", "Pengaduan")),
        ('"a""b"', (None, 'a"b')),
        ("`skema`.`tabel 1`", ("skema", "tabel 1")),
        ("[dbo].aduan", ("dbo", "aduan")),
        (" skema . tabel ", ("skema", "tabel")),
    ],
)
def test_a_tables_name_may_have_a_schema_and_quotes(text: str, names: tuple[str | None, str]) -> None:
    assert table_name(text) == names


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a.b.c", '"a', 'a"b"', '"a" b', "a b.`c"])
def test_what_is_no_name_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValidationError, match="expected a table such as"):
        SqlOptions.model_validate({"url": "sqlite:///a.db", "table": text, "key": ["id"]})


def test_a_condition_belongs_to_a_table(tmp_path: Path) -> None:
    file = tmp_path / "aplikasi.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE aduan (id INTEGER PRIMARY KEY, jam TEXT, hapus TEXT)")
        connection.executemany("INSERT INTO aduan VALUES (?, ?, ?)", [(1, "10:30", None), (2, "10:31", "x")])
    for where, keys in (
        ("hapus IS NULL", ["1"]),
        ("jam = '10:31' OR 1 = 0 -- :a", ["2"]),
        ("id IN (1, 2)", ["1", "2"]),
    ):
        options = {"url": f"sqlite:///{file}", "table": "aduan", "where": where, "key": ["id"]}
        with closing(Database(SqlOptions.model_validate(options), ChannelContext("k", ZONE, tmp_path))) as connector:
            listing = connector.list(None)
            assert [record.key for record in connector.read([e.locator for e in listing.entries])] == keys
            assert listing.shape["rows"] == len(keys)
    with pytest.raises(ValidationError, match="a `query` has its own WHERE"):
        SqlOptions.model_validate({"url": "sqlite:///a.db", "query": "SELECT 1", "where": "1 = 1", "key": ["id"]})


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_two_binary_values_are_never_one(one: bytes, other: bytes) -> None:
    if one.isascii() == other.isascii() and one != other:
        assert cell(one, ZONE) != cell(other, ZONE)


def test_odd_values_are_kept_as_json_can() -> None:
    assert cell(float("nan"), ZONE) == "nan"
    assert cell("a\x00b", ZONE) == "ab"
    assert (cell(b"\x01", ZONE), cell(b"\x00", ZONE)) == (1, 0)
    assert cell(b"Caf\xc3\xa9", ZONE) == "Café"
    assert cell(b"\x80\x81", ZONE) == "8081"
    assert str(cell(b"\xff" * 100, ZONE)).startswith("(100 bytes, ")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_utf8_in_latin1_is_read_and_found_again(text: str) -> None:
    name = sql_mysql.codec(sql_mysql.MIXED)
    assert text.encode(name).decode(name) == text


@given(st.binary())
@pytest.mark.parametrize("charset", ["utf8mb4", "utf8", "latin1", "cp1250", sql_mysql.MIXED])
def test_no_byte_stops_a_mysql_row(charset: str, raw: bytes) -> None:
    assert isinstance(raw.decode(sql_mysql.codec(charset)), str)


def test_real_latin1_among_utf8_stays_readable() -> None:
    name = sql_mysql.codec(sql_mysql.MIXED)
    assert "“café”".encode("cp1252").decode(name) == "“café”"
    assert bytes(range(256)).decode(sql_mysql.codec("latin1")) != ""


@pytest.mark.parametrize(
    ("zone", "said"), [("Asia/Jakarta", "+07:00"), ("UTC", "+00:00"), ("Europe/Berlin", "Europe/Berlin")]
)
def test_a_zone_is_said_so_that_every_server_knows_it(zone: str, said: str) -> None:
    assert sql_mysql.clock(ZoneInfo(zone)) == said


def test_an_unknown_charset_is_told(tmp_path: Path) -> None:
    options = SqlOptions.model_validate(
        {"url": "mysql+pymysql://a@127.0.0.1:9/b", "table": "a", "key": ["id"], "charset": "utf9"}
    )
    with pytest.raises(Misconfigured, match='charset = "utf9" is not known'):
        Database(options, ChannelContext("k", ZONE, tmp_path))


def test_sqlites_texts_are_moments_of_the_named_zone(tmp_path: Path) -> None:
    file = tmp_path / "aplikasi.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE aduan (id INTEGER, waktu TEXT)")
        connection.executemany("INSERT INTO aduan VALUES (?, ?)", [(1, "2026-11-02 08:30:00"), (2, "2026-11-02")])
    found = []
    for zone in ({}, {"timezone": "Asia/Jayapura"}):
        options = SqlOptions.model_validate({"url": f"sqlite:///{file}", "table": "aduan", "key": ["id"], **zone})
        with closing(Database(options, ChannelContext("k", ZONE, tmp_path))) as connector:
            found += [record.fields["waktu"] for record in connector.read(["[1]", "[2]"])]
    assert found == ["2026-11-02 08:30:00", "2026-11-02", "2026-11-02T08:30:00+09:00", "2026-11-02"]
