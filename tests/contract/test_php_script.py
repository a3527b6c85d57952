"""Does the PHP script for shared hosting give one table to those who have the token, and nothing to anybody else?"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from connectors.contract import ChannelContext, Listing, SourceRecord
from connectors.http import Portal
from connectors.http_options import HttpOptions
from tests.servers.mariadb import MariaDB
from tests.servers.php import PhpSite, php_site

SCRIPT = Path(__file__).parents[2] / "docs" / "php" / "lapor-tabel.php"
TOKEN = "token-uji-yang-panjang-sekali"
ROWS = 23


def configured(values: Mapping[str, object]) -> str:
    """The script with some of its configuration filled in, as an admin would."""
    script = SCRIPT.read_text(encoding="utf-8")
    for name, value in {"token_sha256": hashlib.sha256(TOKEN.encode()).hexdigest(), **values}.items():
        (before,) = re.findall(rf"^    '{name}' => .*,$", script, flags=re.MULTILINE)
        script = script.replace(before, f"    '{name}' => {_php(value)},")
    return script


def _php(value: object) -> str:
    # JSON's texts, numbers and lists are PHP's too, but for the dollar sign.
    return json.dumps(value).replace("$", r"\$")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """An application's SQLite file."""
    file = tmp_path / "aplikasi.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE pengaduan (id INTEGER PRIMARY KEY, nama TEXT, isi_laporan TEXT, sandi TEXT)")
        rows = [
            (number, f"Warga {number}", f"Lampu “padam” di gang {number}", "rahasia") for number in range(1, ROWS + 1)
        ]
        connection.executemany("INSERT INTO pengaduan VALUES (?, ?, ?, ?)", rows)
    return file


@pytest.fixture
def site(tmp_path: Path, database: Path) -> Iterator[PhpSite]:
    """The script over that file."""
    folder = tmp_path / "htdocs"
    folder.mkdir()
    settings = {"dsn": f"sqlite:{database}", "columns": ["id", "nama", "isi_laporan"], "most": 10}
    (folder / "t.php").write_text(configured(settings), encoding="utf-8")
    with php_site(folder, "pdo_sqlite") as site:
        yield site


def ask(site: PhpSite, query: str = "", **headers: str) -> httpx.Response:
    """One request with the token."""
    return httpx.get(f"{site.root}/t.php{query}", headers={"X-Lapor-Token": TOKEN, **headers}, trust_env=False)


def connector(site: PhpSite, folder: Path, **changes: object) -> Portal:
    """The gateway's connector as docs/shared-hosting.md configures it."""
    (folder / "token").write_text(TOKEN)
    options = {
        "url": f"{site.root}/t.php",
        "token": f"file:{folder / 'token'}",
        "token_header": "X-Lapor-Token",
        "token_prefix": "",
        "items": "items",
        "key": ["id"],
        "paging": "cursor",
        "page_parameter": "after",
        "page_size": 500,
        "page_size_parameter": "limit",
        "next": "next",
        "total": "total",
        "rate": 1000,
    }
    spool = folder / "spool"
    spool.mkdir(exist_ok=True)
    return Portal(
        HttpOptions.model_validate({**options, **changes}), ChannelContext("c", ZoneInfo("Asia/Jakarta"), spool)
    )


def everything(portal: Portal) -> tuple[Listing, list[SourceRecord]]:
    """A round's listing and all its records."""
    listing = portal.list(None)
    return listing, list(portal.read([entry.locator for entry in listing.entries]))


def test_the_connector_reads_the_whole_table_and_then_asks_only_for_changes(
    site: PhpSite, database: Path, tmp_path: Path
) -> None:
    portal = connector(site, tmp_path)
    listing, records = everything(portal)
    assert (listing.complete, len(records), listing.problems) == (True, ROWS, [])
    assert dict(records[6].fields) == {"id": 7, "nama": "Warga 7", "isi_laporan": "Lampu “padam” di gang 7"}
    assert all(finding.ok for finding in portal.check())
    again = portal.list(listing.cursor)
    assert (again.entries, again.cursor) == ((), listing.cursor)
    with closing(sqlite3.connect(database)) as application, application:
        application.execute("UPDATE pengaduan SET nama = 'Warga Lain' WHERE id = 23")
    edited = portal.list(listing.cursor)
    assert set(listing.entries) ^ set(edited.entries) == {listing.entries[22], edited.entries[22]}
    portal.close()


def test_pages_follow_the_key(site: PhpSite) -> None:
    first, second = ask(site, "?limit=4").json(), ask(site, "?limit=4&after=4").json()
    assert [row["id"] for row in first["items"]] == [1, 2, 3, 4]
    assert (first["next"], first["total"]) == ("4", ROWS)
    assert [row["id"] for row in second["items"]] == [5, 6, 7, 8]
    last = ask(site, "?after=20").json()
    assert ([row["id"] for row in last["items"]], last["next"]) == ([21, 22, 23], None)
    assert len(ask(site, "?limit=9999").json()["items"]) == 10


def test_an_unchanged_page_costs_no_bytes(site: PhpSite) -> None:
    etag = ask(site).headers["etag"]
    for said in (etag, f"W/{etag}", f'{etag[:-1]}-gzip"'):
        again = ask(site, **{"If-None-Match": said})
        assert (again.status_code, again.content) == (304, b"")
    assert ask(site, "?after=4", **{"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("headers", [{"X-Lapor-Token": ""}, {"X-Lapor-Token": TOKEN + "x"}, {"X-Lapor-Token": "0"}])
def test_nothing_without_the_token(site: PhpSite, headers: dict[str, str]) -> None:
    refused = ask(site, **headers)
    assert refused.status_code == 401
    assert refused.json() == {"error": "the token is missing or wrong"}


def test_the_token_may_come_as_authorization(site: PhpSite) -> None:
    assert ask(site, **{"X-Lapor-Token": "", "Authorization": f"Bearer {TOKEN}"}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_but_get(site: PhpSite, method: str) -> None:
    answer = httpx.request(method, f"{site.root}/t.php", headers={"X-Lapor-Token": TOKEN}, trust_env=False)
    assert answer.status_code == 405


@pytest.mark.parametrize(
    "query",
    [
        "?limit=0",
        "?limit=-1",
        "?limit=1;DROP",
        "?limit[]=1",
        "?after=1 OR 1=1",
        "?after[]=1",
        "?after=",
        "?after=" + "9" * 40,
    ],
)
def test_odd_parameters_are_refused_without_repeating_them(site: PhpSite, query: str) -> None:
    answer = ask(site, query)
    assert answer.status_code == 400
    assert "DROP" not in answer.text
    assert len(ask(site).json()["items"]) == 10


@pytest.mark.parametrize(
    "headers", [{"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-Proto": "https"}, {"Forwarded": "for=203.0.113.9"}]
)
def test_clear_text_through_a_proxy_is_refused(site: PhpSite, headers: dict[str, str]) -> None:
    assert ask(site, **headers).json() == {"error": "HTTPS is needed"}


def test_a_trusted_proxy_may_say_https(site: PhpSite, database: Path) -> None:
    settings = {"dsn": f"sqlite:{database}", "columns": ["id"], "behind_proxy": True}
    (site.folder / "t.php").write_text(configured(settings), encoding="utf-8")
    assert ask(site, **{"X-Forwarded-Proto": "https"}).status_code == 200
    assert ask(site).status_code == 403


@pytest.mark.parametrize(
    "settings",
    [
        {"table": "tidak_ada"},
        {"columns": ["id", "tidak_ada"]},
        {"dsn": "sqlite:/tidak/ada"},
        {"table": "p`; DROP TABLE p --"},
    ],
)
def test_a_mistake_in_its_configuration_is_told_to_nobody_outside(
    site: PhpSite, database: Path, settings: dict[str, object]
) -> None:
    given = {"dsn": f"sqlite:{database}", "columns": ["id"], "password": "s3cret-db", **settings}
    (site.folder / "t.php").write_text(configured(given), encoding="utf-8")
    answer = ask(site)
    assert answer.status_code == 500
    assert answer.json() == {"error": "the table cannot be read; see the error log of the host"}
    assert "lapor-tabel: PDOException at line" in site.log
    for secret in ("s3cret-db", TOKEN, "SELECT", "tidak_ada"):
        assert secret not in site.log + answer.text


def test_without_a_token_of_its_own_it_serves_nobody(site: PhpSite, database: Path) -> None:
    settings = {"token_sha256": "", "dsn": f"sqlite:{database}"}
    (site.folder / "t.php").write_text(configured(settings), encoding="utf-8")
    assert ask(site, **{"X-Lapor-Token": ""}).json() == {"error": "token_sha256 is not filled in"}


def test_the_table_cannot_be_written_even_by_a_wrong_configuration(site: PhpSite, database: Path) -> None:
    before = database.read_bytes()
    ask(site)
    assert database.read_bytes() == before
    assert not re.search(r"\b(INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER)\b", SCRIPT.read_text(encoding="utf-8"))


def test_text_keys_and_odd_values_on_mariadb(mariadb: MariaDB, tmp_path: Path) -> None:
    url = make_url(mariadb.new_database())
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "CREATE TABLE aduan (kode VARCHAR(20) PRIMARY KEY, isi TEXT, jumlah BIGINT, nilai DECIMAL(10,2), "
                "masuk TIMESTAMP NULL, foto BLOB)"
            )
        )
        connection.execute(sa.text("SET time_zone = '+00:00'"))
        row = (
            "INSERT INTO aduan VALUES (:kode, 'Jalan 🚧 rusak', 9007199254740993, 10.50, '2026-11-02 02:00:00', 0xFF00)"
        )
        connection.execute(sa.text(row), [{"kode": f"{number:03}"} for number in range(1, 8)])
    user = f"{url.database}_baca"
    mariadb.create_user(user, "s3cret-db", f"SELECT ON {url.database}.aduan")
    folder = tmp_path / "htdocs"
    folder.mkdir()
    settings = {
        "dsn": f"mysql:host={url.host};port={url.port};dbname={url.database};charset=utf8mb4",
        "user": user,
        "password": "s3cret-db",
        "table": f"{url.database}.aduan",
        "key": "kode",
        "key_is_number": False,
        "columns": ["isi", "jumlah", "nilai", "masuk", "foto"],
        "most": 3,
        "time_zone": "+08:00",
    }
    (folder / "t.php").write_text(configured(settings), encoding="utf-8")
    with php_site(folder, "pdo_mysql") as site:
        portal = connector(site, tmp_path, key=["kode"], timezone="Asia/Makassar")
        listing, records = everything(portal)
        portal.close()
    assert (listing.complete, [record.key for record in records]) == (True, [f"{number:03}" for number in range(1, 8)])
    fields = dict(records[0].fields)
    assert fields["jumlah"] == "9007199254740993"
    assert fields["masuk"] == "2026-11-02T10:00:00+08:00"
    assert (fields["isi"], fields["nilai"], fields["foto"]) == ("Jalan 🚧 rusak", "10.50", "�")
