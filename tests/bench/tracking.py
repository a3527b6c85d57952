"""Does tracking cost requests in proportion to what changed, not to what is open?"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from gateway.config import Config, load
from gateway.desk import Desk
from gateway.lapor.port import Lapor
from gateway.log import configure as configure_log
from gateway.rounds import one_round
from gateway.steps.track import track
from gateway.work import connect, desk_of
from state.database import create
from tests.bench import workplace
from tests.bench.report import Figure

_OPEN = 5_000
_CHANGES = 100


def measure() -> Sequence[Figure]:
    """Requests of a tracking round over 5,000 open reports of which 100 changed, and of one with nothing new."""
    with tempfile.TemporaryDirectory() as name, workplace.mock_lapor() as lapor:
        folder = Path(name)
        workplace.table(folder, _OPEN)
        config = load(workplace.configure(folder, lapor, "2026-11-01"))
        configure_log(config.log)
        create(config.gateway.state, None, config.gateway.id).close()
        changed, quiet, seconds = _count(config, lapor)
    detail = f"{_OPEN} open reports, {_CHANGES} of them changed, {changed} requests in {seconds:.1f} s"
    return [
        Figure("tracking: requests a change", changed / _CHANGES, 2.5, "requests", False, detail),
        Figure("tracking: requests of a round with nothing new", quiet, 3, "requests", False, f"{_OPEN} open reports"),
    ]


def _count(config: Config, lapor: str) -> tuple[int, int, float]:
    client = connect(config)
    with desk_of(config) as desk:
        one_round(desk, client)
        _until_quiet(desk, client)
        _change(lapor)
        before, begun = client.requests_made(), time.perf_counter()
        result = track(desk, client)
        seconds = time.perf_counter() - begun
        assert result.counts["changed"] == _CHANGES, result
        changed = client.requests_made() - before
        _until_quiet(desk, client)
        before = client.requests_made()
        track(desk, client)
        quiet = client.requests_made() - before
    client.close()
    return changed, quiet, seconds


def _until_quiet(desk: Desk, client: Lapor) -> None:
    """Follow-ups of the very last instant are read once more."""
    for _ in range(3):
        track(desk, client)


def _change(lapor: str) -> None:
    with httpx.Client(base_url=f"{lapor}/_mock", trust_env=False) as control:
        some = control.get("/complaints").json()["data"][:: _OPEN // _CHANGES][:_CHANGES]
        for complaint in some:
            answer = control.post(f"/complaints/{complaint['tracking_id']}/actions", json={"action": "verify"})
            assert answer.status_code == 200, answer.text
