"""How does a test set up an installation, run its command line, and steer the LAPOR mock that it files to?"""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pymysql
from openpyxl import Workbook
from sqlalchemy.engine import make_url
from typer.testing import CliRunner, Result

from gateway.cli.app import app
from gateway.lapor.mock.serve import running
from tests.servers.dovecot import Dovecot
from tests.servers.process import LOOPBACK

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "token-uji-e2e-5f1c"
PLACE = "6472"
SOURCE = "Website"
PRIVACY = {"is_anonymous": False, "is_secret": False, "location_id": PLACE}
GATEWAY_ID = "uji-e2e"
COLUMNS = ("id", "tgl_laporan", "judul", "isi", "nama", "email", "telp", "nik", "rahasia")
"""Of every table and sheet here, as the presets `webform` and `spreadsheet` know them."""

Row = Sequence[object]
_numbers = itertools.count(1)


def complaint(number: int, **changes: object) -> Row:
    """A row for COLUMNS that LAPOR accepts; `changes` by column name."""
    values: dict[str, object] = {
        "id": number,
        "tgl_laporan": "2026-02-03",
        "judul": f"Lampu jalan nomor {number} mati",
        "isi": f"Lampu jalan nomor {number} di Jl. Antasari mati sejak seminggu yang lalu.",
        "nama": f"Warga {number}",
        "email": f"warga{number}@contoh.example",
        "telp": "081234567890",
        "nik": None,
        "rahasia": "tidak",
    }
    return tuple({**values, **changes}[name] for name in COLUMNS)


def mail(number: int, **changes: str) -> bytes:
    """A citizen's mail that LAPOR accepts; `changes`: subject, sender, text."""
    values = {
        "subject": f"Sampah menumpuk {number}",
        "sender": f"Warga {number} <warga{number}@contoh.example>",
        "text": f"Sampah nomor {number} di pasar pagi sudah menumpuk tiga hari.",
        **changes,
    }
    return (
        f"From: {values['sender']}\r\nTo: dinas@contoh.example\r\nSubject: {values['subject']}\r\n"
        f"Message-ID: <{number}-{next(_numbers)}@contoh.example>\r\nDate: Tue, 03 Feb 2026 09:00:00 +0800\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{values['text']}\r\n"
    ).encode()


# Sources


def fill_sqlite(file: Path, rows: Sequence[Row]) -> None:
    """Put rows into the table `pengaduan` of an SQLite file, made when missing."""
    connection = sqlite3.connect(file)
    try:
        with connection:
            connection.execute(f"CREATE TABLE IF NOT EXISTS pengaduan ({', '.join(COLUMNS)}, PRIMARY KEY (id))")
            marks = ", ".join("?" * len(COLUMNS))
            connection.executemany(f"INSERT INTO pengaduan VALUES ({marks})", rows)
    finally:
        connection.close()


def fill_mariadb(url: str, rows: Sequence[Row]) -> None:
    """Put rows into the table `pengaduan` of a MariaDB, made when missing."""
    kinds = {"id": "INT PRIMARY KEY", "tgl_laporan": "DATE", "isi": "MEDIUMTEXT"}
    columns = ", ".join(f"{name} {kinds.get(name, 'VARCHAR(255)')}" for name in COLUMNS)
    with mariadb_cursor(url) as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS pengaduan ({columns})")
        cursor.executemany(f"INSERT INTO pengaduan VALUES ({', '.join(['%s'] * len(COLUMNS))})", rows)


@contextmanager
def mariadb_cursor(url: str) -> Iterator[Any]:
    """A cursor on the database of an SQLAlchemy URL; committed at the end."""
    parts = make_url(url)
    login = {"host": parts.host, "port": parts.port, "user": parts.username, "password": parts.password or ""}
    connection = pymysql.connect(**login, database=parts.database, charset="utf8mb4", connect_timeout=5)
    try:
        with connection.cursor() as cursor:
            yield cursor
        connection.commit()
    finally:
        connection.close()


def write_xlsx(file: Path, rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> None:
    """Write a workbook as of a minute ago, whole at once: nobody seems to be typing in it."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (columns, *rows):
        sheet.append(list(row))
    draft = file.with_name(f".{file.name}.draft")
    book.save(draft)
    book.close()
    rested = time.time() - 60
    os.utime(draft, (rested, rested))
    draft.replace(file)


# Configuration


def imap_channel(server: Dovecot, user: str, **settings: object) -> dict[str, Any]:
    """A channel over a Dovecot mailbox."""
    options = {"host": server.host, "port": server.port, "tls": "none", "username": user, "password": "env:UJI_IMAP"}
    return _channel("surat", "imap", "email", "Email Instansi", options, settings)


def sql_channel(url: str, **settings: object) -> dict[str, Any]:
    """A channel over the table `pengaduan` of a database."""
    return _channel("formulir", "sql", "webform", SOURCE, {"url": url, "table": "pengaduan", "key": ["id"]}, settings)


def sheet_channel(path: Path | str, **settings: object) -> dict[str, Any]:
    """A channel over a spreadsheet."""
    return _channel("hotline", "spreadsheet", "spreadsheet", SOURCE, {"path": str(path), "key": ["id"]}, settings)


def _channel(
    name: str,
    connector: str,
    mapping: str,
    source: str,
    options: Mapping[str, object],
    settings: Mapping[str, object],
) -> dict[str, Any]:
    own = {"name": name, "connector": connector, "mapping": mapping, "source": source, "start": "all"}
    added = dict(settings)
    whole = {"options": {**options, **dict(added.pop("options", {}))}}  # type: ignore[call-overload]
    privacy = {key: value for key, value in PRIVACY.items() if connector == "imap" or key != "is_secret"}
    return {**own, "defaults": privacy, **added, **whole}


def to_toml(content: Mapping[str, Any]) -> str:
    """TOML of nested tables, lists of tables, texts, numbers, booleans and lists of these."""
    lines: list[str] = []
    _add_table(lines, "", content)
    return "\n".join(lines) + "\n"


def _add_table(lines: list[str], path: str, table: Mapping[str, Any]) -> None:
    nested = {name: value for name, value in table.items() if isinstance(value, Mapping) or _is_tables(value)}
    lines += [f"{name} = {json.dumps(value)}" for name, value in table.items() if name not in nested]
    for name, value in nested.items():
        place = f"{path}{name}"
        for one in value if _is_tables(value) else [value]:
            lines.append(f"[[{place}]]" if _is_tables(value) else f"[{place}]")
            _add_table(lines, f"{place}.", one)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


# The command line


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything that it said."""
        return self.out + self.err

    @property
    def events(self) -> list[dict[str, Any]]:
        """The log's events, in order."""
        return events_of(self.err)

    def steps(self, step: str, channel: str | None = None) -> list[dict[str, Any]]:
        """Events of a step, of a channel where one is named."""
        return [e for e in self.events if e["event"] == step and channel in (None, e.get("channel"))]


def events_of(log: str) -> list[dict[str, Any]]:
    """The events in a log of JSON lines; other lines are left out."""
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


class Service:
    """A command that runs on, with its output in files."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path, err: Path) -> None:
        self.process = process
        self._out = out
        self._err = err

    @property
    def out(self) -> str:
        return self._out.read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return self._err.read_text(encoding="utf-8")

    @property
    def events(self) -> list[dict[str, Any]]:
        """The log's events so far."""
        return events_of(self.err[: self.err.rfind("\n") + 1])

    def said(self, event: str, **facts: object) -> bool:
        """Whether the log has such an event."""
        return any(e["event"] == event and all(e.get(k) == v for k, v in facts.items()) for e in self.events)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(10)

    def terminate(self, within: float = 8) -> tuple[int | None, float]:
        """Tell it to stop: exit status, or None where it runs on, and the seconds that it took."""
        asked = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(within)
        return self.process.returncode, time.monotonic() - asked


@dataclass
class Installation:
    """A folder with a configuration, a state and a spool, and the command line over it."""

    folder: Path
    lapor: str
    channels: list[dict[str, Any]] = field(default_factory=list)
    lapor_settings: dict[str, Any] = field(default_factory=dict)
    state: str = "sqlite:///data/state.db"
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> dict[str, Any]:
        """The configuration's content; `write` takes a changed one."""
        fast = {"timeout": "5s", "rate": "500/s", "retry_first": "0.2s", "retry_max": "1s", "in_doubt_wait": "1s"}
        often = {"submit_every": "0.5s", "track_every": "1s"}
        lapor = {"base_url": self.lapor, "token": "env:UJI_TOKEN", **fast, **often, **self.lapor_settings}
        gateway = {"id": GATEWAY_ID, "timezone": "Asia/Makassar", "state": self.state, "spool": "data/spool"}
        log = {"format": "json", "level": "debug"}
        return {"gateway": gateway, "lapor": lapor, "log": log, "channels": self.channels}

    def write(self, config: Mapping[str, Any] | None = None) -> None:
        """Write the configuration file."""
        content = dict(config or self.config)
        if not content.get("channels"):
            content.pop("channels", None)
        (self.folder / "config.toml").write_text(to_toml(content), encoding="utf-8")

    def init(self) -> None:
        """Write the configuration and make the state."""
        self.write()
        self.view("state", "init")

    @property
    def environment(self) -> dict[str, str]:
        """Of every command: this source tree, the secrets, and nothing that could lead elsewhere."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        secrets = {"UJI_TOKEN": TOKEN, "UJI_IMAP": "rahasia-uji", **self.secrets}
        return {**kept, "PYTHONPATH": str(ROOT), **secrets}

    def cli(self, *arguments: str, within: float = 60) -> Ended:
        """Run a command to its end."""
        return self.module("gateway", *arguments, within=within)

    def module(self, name: str, *arguments: str, within: float = 60) -> Ended:
        """Run a module of this source tree to its end."""
        done = subprocess.run(
            [sys.executable, "-m", name, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=within,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    def view(self, *arguments: str) -> str:
        """What a command shows that needs nothing but the state. It runs in this process, being called often."""
        shown = self._invoke(*arguments)
        if shown.exception is not None:
            raise shown.exception
        return shown.output

    def ask(self, *arguments: str) -> Ended:
        """How such a command ends, well or not."""
        shown = self._invoke(*arguments)
        if shown.exception is not None and not isinstance(shown.exception, SystemExit):
            raise shown.exception
        return Ended(shown.exit_code, shown.stdout, shown.stderr)

    def _invoke(self, *arguments: str) -> Result:
        place = ["--config", str(self.folder / "config.toml")]
        return CliRunner().invoke(app, [*arguments, *place], env=self.environment)

    @contextmanager
    def start(self, *arguments: str) -> Iterator[Service]:
        """Run a command beside the test; it is killed at the end if it still runs."""
        number = next(_numbers)
        out, err = self.folder / f"out-{number}", self.folder / f"err-{number}"
        with out.open("wb") as to_out, err.open("wb") as to_err:
            process = subprocess.Popen(
                command(*arguments),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=to_out,
                stderr=to_err,
            )
        service = Service(process, out, err)
        try:
            yield service
        finally:
            service.kill()

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Look into the SQLite state."""
        connection = sqlite3.connect(self.folder / "data" / "state.db", timeout=30)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(sql)]
        finally:
            connection.close()

    def tamper(self, sql: str) -> None:
        """Change the SQLite state behind the gateway's back."""
        connection = sqlite3.connect(self.folder / "data" / "state.db", timeout=30)
        try:
            with connection:
                connection.execute(sql)
        finally:
            connection.close()

    def stages(self) -> dict[str, int]:
        """How many reports are in each stage."""
        return {r["stage"]: r["n"] for r in self.query("SELECT stage, count(*) AS n FROM report GROUP BY stage")}


def command(*arguments: str) -> list[str]:
    """The gateway's command line as a process of this Python."""
    return [sys.executable, "-m", "gateway", *arguments]


# LAPOR


class Mock:
    """A running LAPOR mock, steered by its control calls."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=f"{url}/_mock", timeout=10, trust_env=False)

    def counts(self) -> dict[str, int]:
        """How many complaints there are for each external id."""
        return dict(self._client.get("/counts").json())

    def complaints(self) -> list[dict[str, Any]]:
        """Everything that was filed, secret reports and reporters too."""
        return list(self._client.get("/complaints").json()["data"])

    def fault(self, name: str, **settings: float | str) -> None:
        """Switch a fault on; without `rate` or `next` it strikes always."""
        answer = self._client.post("/faults", json={name: settings})
        assert answer.status_code == 200, answer.text

    def heal(self) -> None:
        """Switch every fault off."""
        self._client.delete("/faults")

    def requests(self, call: str) -> dict[str, int]:
        """How often a call such as `POST /complaints` was made, by outcome."""
        return self.traffic().get(call, {})

    def traffic(self) -> dict[str, dict[str, int]]:
        """How often each call was made, by outcome."""
        return dict(self._client.get("/requests").json())

    def act(self, tracking_id: str, action: str, **details: str) -> None:
        """Let something happen to a complaint, such as `verify`."""
        answer = self._client.post(f"/complaints/{tracking_id}/actions", json={"action": action, **details})
        assert answer.status_code == 200, answer.text

    def advance(self, span: str) -> None:
        """Let time go by in LAPOR, such as `30d`, with what falls due on the way."""
        answer = self._client.post("/clock", json={"advance": span})
        assert answer.status_code == 200, answer.text

    def close(self) -> None:
        self._client.close()


@contextmanager
def lapor_mock(token: str = TOKEN) -> Iterator[Mock]:
    """Run the mock in a thread of this process."""
    with running(seed=7, token=token) as server, closing(Mock(server.url)) as mock:
        yield mock


@contextmanager
def lapor_process(folder: Path, *faults: str) -> Iterator[Mock]:
    """Run the mock as its users do, with its data in `folder`; `faults` are like `drop_after=0.1`."""
    switched = [part for fault in faults for part in ("--fault", fault)]
    data = str(folder / "lapor.jsonl")
    arguments = command("mock", "--port", "0", "--data", data, "--seed", "7", "--token", TOKEN, *switched)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    errors = folder / "lapor.err"
    with errors.open("wb") as err:
        process = subprocess.Popen(arguments, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=err)
    assert process.stdout is not None
    try:
        line = process.stdout.readline().decode()
        found = re.search(r"http://\S+", line)
        assert found is not None, f"{line!r} {errors.read_text()}"
        with closing(Mock(found[0])) as mock:
            yield mock
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def nobody(port: int) -> str:
    """The URL of a LAPOR that is not there."""
    return f"http://{LOOPBACK}:{port}"


def eventually(holds: Callable[[], bool], within: float = 15, pause: float = 0.05) -> bool:
    """Whether it comes true in time."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(pause)
    return holds()
