"""Do the reports that no fault hits arrive as fast over a bad LAPOR as over a good one?"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from gateway.config import load
from gateway.log import configure as configure_log
from gateway.rounds import one_round
from gateway.work import connect, desk_of
from state.database import create
from tests.bench import workplace
from tests.bench.report import Figure, median

_REPORTS = 1_000
_RUNS = 3
_FAULTS = {
    "drop_after": 0.10,
    "drop_before": 0.05,
    "late_commit": 0.02,
    "error": 0.05,
    "too_many": 0.05,
    "unavailable": 0.03,
}


def measure() -> Sequence[Figure]:
    """How long a report that is not hit waits for its turn, without faults against with them.

    In one round each report has one turn. A hit one takes its turn too, so fewer are accepted in the same time: that
    ratio is told beside it.
    """
    options = [part for name, rate in _FAULTS.items() for part in ("--fault", f"{name}={rate}")]
    turns, rates, unhit = [], [], []
    for _ in range(_RUNS):
        good, _all = _round()
        bad, accepted = _round(*options)
        turns.append(good / bad)
        rates.append((accepted / bad) / (_REPORTS / good))
        unhit.append(accepted)
    detail = f"{_REPORTS} reports, {median(unhit):.0f} of them unhit, {_RUNS} runs"
    return [
        Figure("turns a second with faults against without", median(turns), 0.8, "×", True, detail),
        Figure("accepted a second with faults against without", median(rates), 0.0, "×", True, "told, without a limit"),
    ]


def _round(*faults: str) -> tuple[float, int]:
    """Seconds of the first round, in which every report has its turn, and how many were accepted."""
    with tempfile.TemporaryDirectory() as name, workplace.mock_lapor("--seed", "3", *faults) as lapor:
        folder = Path(name)
        workplace.table(folder, _REPORTS)
        config = load(workplace.configure(folder, lapor, "2026-11-01"))
        configure_log(config.log)
        create(config.gateway.state, None, config.gateway.id).close()
        client = connect(config)
        begun = time.perf_counter()
        with desk_of(config) as desk:
            results = one_round(desk, client)
        elapsed = time.perf_counter() - begun
        client.close()
        counts = sum((result.counts for result in results), Counter[str]())
        assert sum(counts[name] for name in ("accepted", "postponed", "in_doubt")) == _REPORTS, counts
        return elapsed, counts["accepted"]
