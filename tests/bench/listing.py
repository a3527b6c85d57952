"""What does a round with nothing new cost, and how much memory do 100,000 rows take?"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from gateway.config import load
from gateway.log import configure as configure_log
from gateway.work import collect_channel, desk_of
from state.database import create
from tests.bench import workplace
from tests.bench.report import Figure, median

_ROWS = 100_000
_RUNS = 5


def measure() -> Sequence[Figure]:
    """The first import of 100,000 rows in a process of its own, then rounds with nothing new."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workplace.table(folder, _ROWS)
        path = workplace.configure(folder, "http://127.0.0.1:9", "2026-11-01")
        first = _in_process(path, "first")
        again = _in_process(path, "again")
        listing = f"{_ROWS} rows; a round {again['round']:.2f} s, listing the keys {again['keys']:.2f} s"
        memory = f"{_ROWS} rows mapped and kept at {_ROWS / first['round']:.0f}/s"
        return [
            Figure("a round with nothing new against listing the keys", again["ratio"], 1.5, "×", False, listing),
            Figure("memory of a first import", first["megabytes"], 200, "MB", False, memory),
            Figure("memory of a round with nothing new", again["megabytes"], 200, "MB", False, f"{_ROWS} rows"),
        ]


def _in_process(path: Path, which: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.listing", str(path), which]
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
    assert result.counts["queued"] == _ROWS, result
    return {"round": elapsed}


def _again(path: Path) -> dict[str, float]:
    config = load(path)
    configure_log(config.log)
    rounds, listings = [], []
    with desk_of(config) as desk:
        for _ in range(_RUNS):
            begun = time.perf_counter()
            result = collect_channel(desk, config.channels[0])
            rounds.append(time.perf_counter() - begun)
            assert result.counts["found"] >= _ROWS
            assert not result.counts["new"]
            listings.append(list_keys(path))
    ratio = median([ours / theirs for ours, theirs in zip(rounds, listings, strict=True)])
    return {"round": median(rounds), "keys": median(listings), "ratio": ratio}


def list_keys(path: Path) -> float:
    """The connector's own listing, alone."""
    from connectors.contract import ChannelContext

    config = load(path)
    channel = config.channels[0]
    context = ChannelContext("web", config.gateway.timezone, config.gateway.spool)
    connector = channel.factory(channel.options, context)
    begun = time.perf_counter()
    cursor = None
    while True:
        page = connector.list(cursor)
        cursor = page.cursor
        if not page.more:
            break
    elapsed = time.perf_counter() - begun
    connector.close()
    return elapsed


def _megabytes() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    figures = (_first if sys.argv[2] == "first" else _again)(Path(sys.argv[1]))
    sys.stdout.write(json.dumps({**figures, "megabytes": _megabytes()}))
