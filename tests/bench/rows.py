"""What do large tables cost: the first import, its memory, and rounds with nothing new, whole and short?

The sizes are those of a quick run; LAPOR_GATEWAY_BENCH_ROWS=1000000 imports as many rows as that (and takes its time).
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from gateway.config import load
from gateway.log import configure as configure_log
from gateway.work import collect_channel, desk_of
from state.database import create
from tests.bench import workplace
from tests.bench.listing import list_keys
from tests.bench.report import Figure, median
from tests.servers.account import short_folder
from tests.servers.mariadb import mariadb_server

_IMPORTED = int(os.environ.get("LAPOR_GATEWAY_BENCH_ROWS", "20000"))
_KNOWN = (10_000, 1_000_000)
_RUNS = 3
_BATCH = 50_000
_TABLE = """CREATE TABLE pengaduan (id INTEGER PRIMARY KEY, tgl_pengaduan VARCHAR(20), nama VARCHAR(60),
telp VARCHAR(20), isi_laporan TEXT, updated_at VARCHAR(20))"""
_TEXT = "Lampu jalan di depan sekolah mati sejak minggu lalu dan belum diperbaiki.<br />" * 4
_KNOWN_ALREADY = """INSERT INTO record (channel_id, key, locator, version, disposition, found_at, fields, attachments)
SELECT channel_id, ?, ?, ?, 'baseline', found_at, '{}', '[]' FROM record WHERE id = 1"""


def measure() -> Sequence[Figure]:
    """SQLite and, where it is installed, MariaDB; each run in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        figures = list(_of_system(Path(name), "SQLite", "sqlite:///web.db"))
    with short_folder("bench") as folder, mariadb_server(folder) as server, tempfile.TemporaryDirectory() as name:
        return [*figures, *_of_system(Path(name), "MariaDB", server.new_database())]


def _of_system(folder: Path, system: str, url: str) -> Iterator[Figure]:
    small, large = (_child(_place(folder / f"i{n}", url, n), "first") for n in (_IMPORTED // 10, _IMPORTED))
    bare = f"{system}, {_IMPORTED} rows: {large['rate']:.0f}/s imported, {large['select']:.0f}/s by a bare SELECT"
    yield Figure("a row's import against its bare SELECT", large["select"] / large["rate"], 5_000, "×", False, bare)
    memory = (
        f"{system}, {small['megabytes']:.0f} MB for {_IMPORTED // 10} rows, {large['megabytes']:.0f} MB for ten times"
    )
    growth = large["megabytes"] / small["megabytes"]
    yield Figure("memory of ten times the rows", growth, 1.5, "×", False, memory)
    for known in _KNOWN:
        path = _place(folder / f"k{known}", url, 1)
        _child(path, "first")
        _know(path, url, known)
        for kind in ("whole", "short"):
            found = _child(path, kind)
            detail = f"{system}, {known} records known; {found['round']:.3f} s, listing the keys {found['keys']:.3f} s"
            limit = 1.5 if kind == "whole" or known < _KNOWN[-1] else 0.2
            name = f"a {kind} round with nothing new against listing the keys"
            yield Figure(name, found["round"] / found["keys"], limit, "×", False, detail)


# The table and what is known of it


def _place(folder: Path, url: str, rows: int) -> Path:
    """A new configuration over a new table of so many rows; its path."""
    folder.mkdir()
    path = workplace.configure(folder, "http://127.0.0.1:9", '"2027-01-01"')
    text = path.read_text(encoding="utf-8").replace("sqlite:///web.db", url)
    text = text.replace('key = ["id"]', 'key = ["id"], updated = "updated_at"')
    path.write_text(text, encoding="utf-8")
    with _application(path) as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS pengaduan")
        connection.exec_driver_sql(_TABLE)
        connection.exec_driver_sql("CREATE INDEX pengaduan_updated ON pengaduan (updated_at)")
    _fill(path, 0, rows)
    return path


def _fill(path: Path, first: int, after: int) -> None:
    with _application(path) as connection:
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        insert = f"INSERT INTO pengaduan VALUES ({', '.join([mark] * 6)})"
        for start in range(first, after, _BATCH):
            rows = [_row(number) for number in range(start, min(start + _BATCH, after))]
            connection.exec_driver_sql(insert, rows)


def _row(number: int) -> tuple[object, ...]:
    minute = (
        f"2026-{number // 43_200 % 12 + 1:02}-{number // 1_440 % 28 + 1:02} {number // 60 % 24:02}:{number % 60:02}"
    )
    return number, minute, f"Warga {number}", f"0812{number:08}", f"Laporan ke-{number}. {_TEXT}", minute


def _know(path: Path, url: str, count: int) -> None:
    """Let the state know `count` rows, as after an import of them, and the table have them."""
    _fill(path, 1, count)
    with closing(sqlite3.connect(path.parent / "var" / "gateway.db")) as state, state:
        rows = ((str(number), f"[{number}]", _row(number)[5]) for number in range(1, count))
        state.executemany(_KNOWN_ALREADY, rows)


@contextmanager
def _application(path: Path) -> Iterator[sa.Connection]:
    engine = sa.create_engine(load(path).channels[0].options.url)  # type: ignore[attr-defined]
    with engine.begin() as connection:
        yield connection
    engine.dispose()


# In a process of its own


def _child(path: Path, which: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.rows", str(path), which]
    child = subprocess.run(command, capture_output=True, text=True, check=False, cwd=workplace.ROOT)
    if child.returncode:
        sys.exit(child.stderr)
    figures: dict[str, float] = json.loads(child.stdout)
    return figures


def _first(path: Path) -> dict[str, float]:
    config = load(path)
    configure_log(config.log)
    create(config.gateway.state, None, config.gateway.id).close()
    with desk_of(config) as desk:
        begun = time.perf_counter()
        result = collect_channel(desk, config.channels[0])
        elapsed = time.perf_counter() - begun
    assert result.outcome == "ok", result
    count = result.counts["new"]
    return {"rate": count / elapsed, "megabytes": _megabytes(), "select": _bare_select(path)}


def _bare_select(path: Path) -> float:
    """Rows a second that the driver hands over when nothing is done with them."""
    with _application(path) as connection:
        begun = time.perf_counter()
        found = connection.execution_options(yield_per=500).exec_driver_sql("SELECT * FROM pengaduan")
        count = sum(1 for _ in found)
        return count / (time.perf_counter() - begun)


def _rounds(path: Path, kind: str) -> dict[str, float]:
    if kind == "short":
        text = path.read_text(encoding="utf-8").replace('updated = "updated_at"}', 'updated = "updated_at", SHORT}')
        path.write_text(text.replace("SHORT", 'whole_every = "1d", overlap = "1s"'), encoding="utf-8")
    config = load(path)
    configure_log(config.log)
    with desk_of(config) as desk:
        for _ in range(2):  # the state comes to know the pages, and a sight grows old enough
            assert collect_channel(desk, config.channels[0]).outcome == "ok"
            time.sleep(1.1)
        rounds = [_timed(desk, config) for _ in range(_RUNS)]
    return {"round": median(rounds), "keys": median([list_keys(path) for _ in range(_RUNS)])}


def _timed(desk: object, config: object) -> float:
    begun = time.perf_counter()
    result = collect_channel(desk, config.channels[0])  # type: ignore[arg-type, attr-defined]
    elapsed = time.perf_counter() - begun
    assert (result.outcome, result.counts["new"]) == ("ok", 0)
    return elapsed


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    place, what = Path(sys.argv[1]), sys.argv[2]
    sys.stdout.write(json.dumps(_first(place) if what == "first" else _rounds(place, what)))
