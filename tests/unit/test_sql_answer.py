"""Which ways of writing answers into a database are refused before they do harm, and what do statements get to see?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr, ValidationError

from connectors.contract import Answer, ChannelContext, Misconfigured, News, Replier, Unanswerable
from connectors.sql import Database, SqlOptions
from connectors.sql_options import Canonical
from connectors.sql_statement import parse
from gateway.lapor.statuses import Status

ZONE = ZoneInfo("Asia/Jayapura")
STATUS = {"received": "0", "in_progress": "proses", "closed": "selesai"}
GUARDED = "UPDATE aduan SET status = :status WHERE id = :id AND status = :previous"
ONCE = (
    "INSERT INTO tanggapan (id_aduan, tanggal, isi) SELECT :id, :date, :text "
    "WHERE NOT EXISTS (SELECT 1 FROM tanggapan WHERE id_aduan = :id AND isi = :text)"
)
ANSWER = Answer(
    id="abc234",
    news=News.FOLLOW_UP,
    key="1",
    locator="[1]",
    fields={"id": 1, "isi": "Lampu jalan padam", "status": "0"},
    tracking_id="1000001",
    status="in_progress",
    status_text="Terdisposisi Sedang Diproses",
    previous=None,
    at=datetime(2026, 11, 22, 16, 30, tzinfo=UTC),
    url="https://lapor.test/1000001",
    subject="Tindak lanjut",
    text="Lampu sudah diganti.",
    words="Sudah diganti.",
    responder="Dinas Perhubungan",
    secret=False,
    to=None,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An application's database with two complaints."""
    path = tmp_path / "aplikasi.db"
    run(
        path,
        "CREATE TABLE aduan (id INTEGER PRIMARY KEY, isi TEXT, status TEXT, nomor TEXT)",
        "CREATE TABLE tanggapan (id_aduan INTEGER, tanggal TEXT, isi TEXT)",
        "INSERT INTO aduan VALUES (1, 'Lampu jalan padam', '0', NULL), (2, 'Selokan mampet', '0', NULL)",
    )
    return path


@pytest.fixture
def opened(file: Path) -> Iterator[Any]:
    """Opens connectors to it with these statements, and closes them at the end."""
    connectors: list[Database] = []

    def connect(*statements: object, **back: object) -> Database:
        options = settings({"statements": list(statements), **back}, url=f"sqlite:///{file}")
        connectors.append(Database(options, ChannelContext("kanal", ZONE, file.parent)))
        return connectors[-1]

    yield connect
    for connector in connectors:
        connector.close()


def settings(back: Mapping[str, object], **options: object) -> SqlOptions:
    """Options with that `write_back`."""
    whole = {"status_column": "status", "status": STATUS, **back}
    base = {"url": "sqlite:///aplikasi.db", "table": "aduan", "key": ["id"], **options}
    return SqlOptions.model_validate({**base, "write_back": whole})


def run(path: Path, *statements: str) -> list[Any]:
    """Do that in the database; the rows of the last statement."""
    with closing(sqlite3.connect(path)) as connection, connection:
        return [connection.execute(statement).fetchall() for statement in statements][-1]


def rows(path: Path) -> tuple[list[Any], list[Any]]:
    """The statuses and the answers there."""
    return run(path, "SELECT id, status FROM aduan"), run(path, "SELECT * FROM tanggapan ORDER BY isi")


# Mistakes in the configuration


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM aduan WHERE id = :id", "begins with INSERT or UPDATE"),
        ("REPLACE INTO aduan (id) VALUES (:id)", "begins with INSERT or UPDATE"),
        ("WITH x AS (SELECT 1) UPDATE aduan SET status = 1 WHERE id = :id", "begins with INSERT or UPDATE"),
        ("", "begins with INSERT or UPDATE"),
        ("UPDATE aduan SET nomor = :tracking_id WHERE id = :id; DROP TABLE aduan", "a second statement"),
        ("INSERT INTO t WITH x AS (DELETE FROM u RETURNING 1) SELECT :id ON CONFLICT DO NOTHING", "DELETE does not"),
        ("INSERT INTO t WITH x AS (UPDATE u SET a = 1) SELECT :id ON CONFLICT DO NOTHING", "UPDATE does not"),
        ("INSERT INTO tanggapan (id_aduan, isi) VALUES (:id, :text)", "carried twice"),
        ("INSERT IGNORE INTO tanggapan (id_aduan, isi) VALUES (:id, :text)", "carried twice"),
        ("INSERT INTO tanggapan (id_aduan, isi) VALUES (:id, 'ON CONFLICT')", "carried twice"),
        ("UPDATE aduan SET status = :status WHERE id = :id", "a status that a person set: add AND status = :previous"),
        ("UPDATE aduan SET status = :status, lama = :previous WHERE id = :id", "a person set"),
        ("UPDATE aduan SET status = :status WHERE id = :id -- AND status = :previous", "a comment"),
        ("UPDATE aduan SET status = :status WHERE id = :id # AND status = :previous", "a comment"),
        ("UPDATE aduan SET status = :status WHERE id = :id /* AND status = :previous */", "a comment"),
        ("UPDATE aduan SET status = :status WHERE id = :id AND isi = 'it\\'s :previous'", "a backslash"),
        ("UPDATE aduan SET status = :status WHERE id = :id AND isi = 'AND status = :previous", "without its pair"),
        ("UPDATE aduan SET status = :status WHERE id = :id AND isi = $$:previous$$", "a dollar sign"),
        ("UPDATE aduan SET nomor = :tracking_id", "would change every row"),
        ("UPDATE aduan SET nomor = :id WHERE nomor IS NULL", "which record"),
        ("INSERT INTO tanggapan (isi) SELECT :text WHERE NOT EXISTS (SELECT 1)", "which record"),
    ],
)
def test_a_statement_that_could_do_harm_is_refused_with_the_reason(sql: str, words: str) -> None:
    for given in (sql, {"sql": sql, "for": ["closed"]}):
        with pytest.raises(ValidationError, match=words):
            settings({"statements": [given]})


@pytest.mark.parametrize(
    "sql",
    [
        GUARDED,
        GUARDED + ";",
        "update `aduan` set `status` = :status where id = :id and `status` in ('0', 'proses')",
        'UPDATE aduan SET "Status" = :status WHERE id = :id AND "Status" <> \'selesai\'',
        "UPDATE aduan a JOIN tiket t ON a.id = t.id SET t.status = :status WHERE a.id = :id AND t.status = :previous",
        "UPDATE aduan SET nomor = :tracking_id WHERE id = :id",
        "UPDATE aduan SET isi = REPLACE(isi, 'a;b--c', 'it''s :x') WHERE id = :id",
        "INSERT INTO t (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET isi = :text",
        "INSERT INTO t (id) VALUES (:id) ON DUPLICATE KEY UPDATE isi = :text",
        "INSERT INTO t SET id = :id ON DUPLICATE KEY UPDATE isi = :text",
        ONCE,
    ],
)
def test_a_statement_that_may_be_repeated_is_taken(sql: str) -> None:
    assert settings({"statements": [sql]}).write_back is not None


@pytest.mark.parametrize(
    ("back", "options", "words"),
    [
        ({"status_column": None}, {}, "needs `status_column`"),
        ({"status": {}}, {}, "which value does the application have"),
        ({"status": {"selesai": "2"}}, {}, "received"),
        ({"statements": []}, {}, "at least 1"),
        ({"statements": [{"sql": ONCE, "for": ["received"]}]}, {}, "never written back"),
        ({"statements": [{"sql": ONCE, "for": ["ditutup"]}]}, {}, "follow_up"),
        ({"statements": [{"sql": ONCE, "news": ["closed"]}]}, {}, "(?i)extra"),
        ({"colour": "red"}, {}, "(?i)extra"),
        ({"password": "rahasia"}, {}, "env:NAME"),
        ({}, {"key": ["id", "status"]}, "write_back changes status"),
        ({}, {"key": [], "identity": ["isi", "STATUS"]}, "write_back changes STATUS"),
        ({"writes": ["isi"]}, {"key": [], "identity": ["isi"]}, "write_back changes isi"),
    ],
)
def test_a_mistake_in_the_table_is_named(back: dict[str, object], options: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        settings({"statements": [GUARDED], **back}, **options)


def test_the_statuses_are_those_of_the_gateway() -> None:
    assert sorted(get_args(Canonical)) == sorted(Status)


def test_the_channels_password_goes_to_no_other_user_or_host() -> None:
    base = {"url": "mysql+pymysql://baca@db/web", "password": SecretStr("kunci")}

    def password(**back: object) -> SecretStr | None:
        return settings({"statements": [ONCE], **back}, **base).writer()[1]

    assert password() == SecretStr("kunci")
    assert password(url="mysql+pymysql://baca@db/lain") == SecretStr("kunci")
    assert password(url="mysql+pymysql://tulis@db/web") is None
    assert password(url="mysql+pymysql://baca@lain/web") is None
    assert password(url="mysql+pymysql://tulis@db/web", password=SecretStr("dua")) == SecretStr("dua")


def test_names_in_texts_and_casts_are_no_parameters() -> None:
    sql = "UPDATE t SET a = '10:30 :x', b = :text::varchar, c = '100%' WHERE jam = '1:id' AND id = :id"
    statement = parse(sql)
    assert statement.parameters == {"text", "id"}
    marked, values = statement.bound({"text": "isi", "id": 7}, "%s")
    assert marked == sql.replace(":text:", "%s:").replace("= :id", "= %s").replace("100%'", "100%%'")
    assert values == ("isi", 7)


# What is run


def test_a_channel_without_write_back_carries_nothing(file: Path) -> None:
    options = SqlOptions.model_validate({"url": f"sqlite:///{file}", "table": "aduan", "key": ["id"]})
    with closing(Database(options, ChannelContext("kanal", ZONE, file.parent))) as connector:
        assert isinstance(connector, Replier)
        assert connector.carries == frozenset()
        with pytest.raises(Misconfigured):
            connector.write_back(ANSWER)


def test_it_is_called_for_what_a_statement_is_for(opened: Any) -> None:
    assert opened(GUARDED, ONCE).carries == frozenset(News) - {News.RECEIVED}
    assert opened(ONCE).carries == frozenset(News) - {News.RECEIVED, News.STATUS}
    assert opened({"sql": ONCE, "for": ["closed", "archived"]}).carries == {News.CLOSED, News.ARCHIVED}


def test_a_statement_sees_the_record_and_the_answer_and_the_answers_names_win(opened: Any, file: Path) -> None:
    ours = ":status :previous :tracking_id :words :responder :news :url :answer_id :date :at :text".split()
    told = " || '|' || ".join([*ours, ":isi"])
    insert = f"INSERT INTO tanggapan SELECT :id, :date, {told} WHERE NOT EXISTS (SELECT 1 FROM tanggapan)"
    clash = {"id": 1, "isi": "100% 'padam' :x", "status": "0", "text": "milik sumber", "at": "milik sumber"}
    opened(insert).write_back(replace(ANSWER, fields=clash))
    assert rows(file)[1] == [
        (
            1,
            "2026-11-23",
            "proses|0|1000001|Sudah diganti.|Dinas Perhubungan|follow_up|https://lapor.test/1000001|abc234|2026-11-23|"
            "2026-11-23 01:30:00|Lampu sudah diganti.|100% 'padam' :x",
        )
    ]


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({}, "proses", 1),
        ({"news": News.STATUS}, "proses", 0),
        ({"news": News.RECEIVED}, "0", 0),
        ({"status": "pending", "news": News.NEED_INFO}, "0", 1),
        ({"status": "", "news": News.FORWARDED}, "0", 1),
        ({"previous": "received"}, "proses", 1),
        ({"previous": "in_progress", "status": "closed"}, "0", 1),
        ({"previous": "pending", "status": "closed"}, "selesai", 1),
    ],
)
def test_each_news_writes_what_it_brings(
    opened: Any, file: Path, change: dict[str, Any], status: str, told: int
) -> None:
    opened(GUARDED, ONCE).write_back(replace(ANSWER, **change))
    statuses, answers = rows(file)
    assert (statuses, len(answers)) == ([(1, status), (2, "0")], told)


def test_a_statement_for_words_waits_for_words(opened: Any, file: Path) -> None:
    connector = opened(ONCE.replace(":text", ":words"))
    connector.write_back(replace(ANSWER, words=""))
    assert rows(file)[1] == []
    connector.write_back(ANSWER)
    assert rows(file)[1] == [(1, "2026-11-23", "Sudah diganti.")]


def test_a_statement_runs_only_for_its_news(opened: Any, file: Path) -> None:
    connector = opened({"sql": ONCE, "for": ["closed"]}, {"sql": GUARDED, "for": ["closed"]})
    connector.write_back(ANSWER)
    assert rows(file) == ([(1, "0"), (2, "0")], [])
    connector.write_back(replace(ANSWER, news=News.CLOSED, status="closed"))
    assert rows(file) == ([(1, "selesai"), (2, "0")], [(1, "2026-11-23", ANSWER.text)])


def test_the_record_that_took_over_the_key_is_left_alone(opened: Any, file: Path) -> None:
    before = rows(file)
    with pytest.raises(Unanswerable) as caught:
        opened(GUARDED, ONCE).write_back(replace(ANSWER, locator=None))
    assert caught.value.code == "key_reused"
    assert rows(file) == before


def test_an_update_of_several_rows_is_undone(opened: Any, file: Path) -> None:
    before = rows(file)
    wide = "UPDATE aduan SET status = :status WHERE id >= :id AND status = :previous"
    with pytest.raises(Misconfigured, match="statement 2 changes 2 rows"):
        opened(ONCE, wide).write_back(ANSWER)
    assert rows(file) == before


def test_a_name_that_nobody_knows_is_told(opened: Any) -> None:
    connector = opened(ONCE, "UPDATE aduan SET nomor = :nomer WHERE id = :id")
    with pytest.raises(Misconfigured, match="statement 2 names :nomer"):
        connector.write_back(ANSWER)
    assert [finding.ok for finding in connector.check()][-2:] == [True, False]


# Versions


def version(connector: Database) -> str:
    """What the first complaint says now."""
    (record,) = connector.read(["[1]"])
    return record.version


def test_what_is_written_back_is_no_edit_and_an_edit_still_is(opened: Any, file: Path) -> None:
    connector = opened(GUARDED, "UPDATE aduan SET nomor = :tracking_id WHERE id = :id", writes=["nomor"])
    before = version(connector)
    connector.write_back(ANSWER)
    assert rows(file)[0][0] == (1, "proses")
    assert version(connector) == before
    assert next(iter(connector.read(["[1]"]))).fields["status"] == "proses"
    run(file, "UPDATE aduan SET isi = 'Lampu padam lagi' WHERE id = 1")
    assert version(connector) != before


def test_without_write_back_every_column_counts(opened: Any, file: Path) -> None:
    options = SqlOptions.model_validate({"url": f"sqlite:///{file}", "table": "aduan", "key": ["id"]})
    with closing(Database(options, ChannelContext("kanal", ZONE, file.parent))) as connector:
        before = version(connector)
        run(file, "UPDATE aduan SET status = 'proses' WHERE id = 1")
        assert version(connector) != before
