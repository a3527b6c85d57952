"""Do tables with every oddity come out as reports, in each database, by configuration alone? See tests/tables."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from connectors.contract import ChannelContext
from gateway import config as configuration
from gateway.desk import StepResult
from gateway.work import collect_channel, desk_of, open_store
from state import database
from state.models import RECORD, REPORT
from tests.e2e.support import to_toml
from tests.servers.postgres import Postgres

TABLES = Path(__file__).parents[1] / "tables"
CASES = sorted(path.name for path in TABLES.iterdir() if path.is_dir())
SYSTEMS = ("mariadb", "postgres", "sqlite")
CORPUS = "web-pengaduan"
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DEFAULTS = {"location_id": "6472", "reporter_name": "Warga", "is_anonymous": False, "is_secret": False}


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a new state, to be copied."""
    file = tmp_path_factory.mktemp("state") / "state.db"
    database.create(make_url(f"sqlite:///{file}"), None, "uji").close()
    return file


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest) -> str:
    """Each database in turn; its server is started only where it is asked for."""
    name = str(request.param)
    if name != "sqlite":
        request.getfixturevalue(name)
    return name


class Gateway:
    """A gateway with one channel; each round opens everything anew."""

    def __init__(self, folder: Path, channel: Mapping[str, Any], url: str, empty_state: Path) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "token").write_text("rahasia-lapor")
        options = {"url": url, **channel["options"]}
        one = {"name": "kanal", "connector": "sql", "mapping": channel["mapping"], "source": "Website", "start": "all"}
        one |= {"defaults": {**DEFAULTS, **channel.get("defaults", {})}, "options": options}
        one |= {"start": channel["start"]} if "start" in channel else {}
        places = {"id": "uji", "timezone": "Asia/Makassar", "state": "sqlite:///state.db", "spool": "spool"}
        lapor = {"base_url": "http://127.0.0.1:9/v3", "token": "file:token"}
        content = {"gateway": places, "lapor": lapor, "log": {"level": "error"}, "channels": [one]}
        (folder / "config.toml").write_text(to_toml(content), encoding="utf-8")
        self.config = configuration.load(folder / "config.toml")
        shutil.copyfile(empty_state, folder / "state.db")

    def collect(self) -> StepResult:
        with desk_of(self.config, now=lambda: NOW) as desk:
            return collect_channel(desk, self.config.channels[0])

    def check(self) -> Sequence[Any]:
        channel = self.config.channels[0]
        connector = channel.factory(
            channel.options, ChannelContext("kanal", self.config.gateway.timezone, self.config.gateway.spool)
        )
        findings = connector.check()
        connector.close()
        return findings

    def records(self) -> list[dict[str, Any]]:
        """All records with their reports."""
        store = open_store(self.config)
        query = sa.select(RECORD, REPORT.c.stage, REPORT.c.mapped, REPORT.c.reasons).outerjoin(
            REPORT, REPORT.c.id == RECORD.c.id
        )
        with store.read() as tx:
            rows = [dict(row) for row in tx.execute(query.order_by(RECORD.c.id)).mappings()]
        store.close()
        return rows


@pytest.mark.parametrize("case", CASES)
def test_a_table_comes_out_as_its_reports(
    case: str, system: str, tmp_path: Path, empty_state: Path, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "gateway"
    shutil.copytree(TABLES / case, folder)
    url = new_database(system, tmp_path, request, made_by=folder / f"{system}.sql")
    channel = tomllib.loads((folder / "channel.toml").read_text(encoding="utf-8"))
    channel["options"] |= channel.get(system, {})
    expected = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
    gateway = Gateway(folder, channel, url, empty_state)

    first = gateway.collect()
    assert (first.outcome, first.problems) == ("ok", [])
    _assert_reports(gateway.records(), expected["reports"], expected.get("others", {}), system)
    assert all(finding.ok for finding in gateway.check()), gateway.check()

    before = gateway.records()
    assert gateway.collect().counts["new"] == 0
    assert gateway.records() == before

    if (folder / "later.sql").is_file():
        run(system, url, folder / "later.sql")
        assert gateway.collect().outcome == "ok"
        later = gateway.records()[len(before) :]
        _assert_reports(later, expected["later"], {}, system)
        assert gateway.collect().counts["new"] == 0


def _assert_reports(
    records: Sequence[dict[str, Any]], wanted: Sequence[Mapping[str, Any]], others: Mapping[str, str], system: str
) -> None:
    reports = [record for record in records if record["stage"] is not None]
    assert {record["key"]: record["disposition"] for record in records if record["stage"] is None} == others
    assert len(reports) == len(wanted), [record["key"] for record in reports]
    for each in wanted:
        want = {**{name: value for name, value in each.items() if name not in SYSTEMS}, **each.get(system, {})}
        matching = [one for one in map(_shown, reports) if all(one.get(name) == want[name] for name in want)]
        assert len(matching) == 1, f"{want} is not among {json.dumps([_shown(r) for r in reports], indent=1)}"


def _shown(record: Mapping[str, Any]) -> dict[str, Any]:
    files = record["attachments"]
    told = {
        "key": record["key"],
        "stage": record["stage"],
        "reasons": sorted(reason["code"] for reason in record["reasons"]),
        "files": [one["name"] for one in files],
        "sizes": [one["size"] for one in files],
        "why": [one["why"] for one in files],
    }
    return {**record["mapped"], **told}


@pytest.mark.parametrize("name", ["a", "b"])
def test_the_schemas_of_real_applications_are_read(
    name: str, tmp_path: Path, empty_state: Path, request: pytest.FixtureRequest, corpora: Path
) -> None:
    """Both have `pengaduan` and `masyarakat`, as most do; the corpus holds their structure alone."""
    request.getfixturevalue("mariadb")
    url = new_database("mariadb", tmp_path, request, made_by=corpora / "sql" / f"{CORPUS}-{name}.sql")
    rows = tmp_path / "rows.sql"
    rows.write_text(
        "INSERT INTO masyarakat VALUES ('6472015505900001', 'Rahma', 'rahma', 'x', '081234560001');\n"
        "INSERT INTO pengaduan VALUES "
        "(12, '2026-11-02', '6472015505900001', 'Antrean loket enam jam.', 'a.jpg', '0');\n"
        "INSERT INTO pengaduan VALUES (13, '2026-11-03', '6472015505900001', 'Selokan mampet.', '', 'proses');\n",
        encoding="utf-8",
    )
    run("mariadb", url, rows)
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "a.jpg").write_bytes(b"bukan foto")
    join = "SELECT p.*, m.nama, m.telp FROM pengaduan p JOIN masyarakat m ON m.nik = p.nik"
    files = [{"column": "foto", "folder": str(tmp_path / "uploads")}]
    options = {"query": join, "key": ["id_pengaduan"], "attachments": files}
    gateway = Gateway(tmp_path / "gateway", {"mapping": "webform", "options": options}, url, empty_state)
    assert gateway.collect().outcome == "ok"
    shown = [_shown(record) for record in gateway.records()]
    assert [(one["key"], one["stage"], one["files"]) for one in shown] == [
        ("12", "queued", ["a.jpg"]),
        ("13", "queued", []),
    ]
    assert {(one["reporter_name"], one["reporter_phone"]) for one in shown} == {("Rahma", "+6281234560001")}
    assert all(finding.ok for finding in gateway.check())


def new_database(system: str, tmp_path: Path, request: pytest.FixtureRequest, made_by: Path) -> str:
    """The URL of a new database in which that file was run."""
    if system == "sqlite":
        url = f"sqlite:///{tmp_path / 'aplikasi.db'}"
    else:
        server = request.getfixturevalue(system)
        url = server.new_database()
        encoding = re.match(r"-- DATABASE (.*)", made_by.read_text(encoding="utf-8"))
        url = _another(server, url, encoding[1]) if encoding else url
    run(system, url, made_by)
    return url


def _another(server: Postgres, url: str, how: str) -> str:
    """A database made in a way of its own."""
    name = f"{make_url(url).database}_lain"
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {how}".encode())
    return make_url(url).set(database=name).render_as_string()


def run(system: str, url: str, file: Path) -> None:
    """Do what stands in the file, all in one session."""
    with _session(system, url) as connection:
        for statement in re.split(r";\s*\n", file.read_text(encoding="utf-8")):
            if re.sub(r"(?m)^\s*--.*$|/\*.*?\*/", "", statement).strip():
                connection.exec_driver_sql(statement)


@contextmanager
def _session(system: str, url: str) -> Iterator[sa.Connection]:
    # Of a database without an encoding the client must say what it writes.
    more = {"connect_args": {"client_encoding": "utf8"}} if system == "postgres" else {}
    engine = sa.create_engine(url, poolclass=sa.NullPool, **more)
    with engine.begin() as connection:
        yield connection
    engine.dispose()
