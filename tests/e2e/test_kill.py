"""Is every report filed exactly once when the process is killed again and again, and LAPOR loses answers too?"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.once import half_secret, misfits
from tests.e2e.support import Installation, Mock, complaint, eventually, fill_sqlite, lapor_process, sql_channel

REPORTS = 60
KILLS = 3
FEWEST_FAULTS = 5
PATIENCE = 0.4
# A request that LAPOR commits late: long after the client has given up, shortly before `in_doubt_wait` is over.
LATE = {"commit_delay": 1.7, "hold": 5.0}
FAULTS: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    "answers in time, commits late": {"timeout_commit": {"rate": 0.2, **LATE}, "late_commit": {"rate": 0.2}},
    "answers get lost": {
        "drop_after": {"rate": 0.1},
        "drop_before": {"rate": 0.05},
        "error_commit": {"rate": 0.1},
        "error": {"rate": 0.05, "method": "POST"},  # type: ignore[dict-item]
        "timeout_commit": {"rate": 0.05, **LATE},
        "truncated": {"rate": 0.05, "method": "POST"},  # type: ignore[dict-item]
    },
}


def installation(folder: Path, mock: Mock, **settings: object) -> Installation:
    """One with a source of 60 reports, each second of them secret."""
    fill_sqlite(folder / "sumber.db", half_secret(REPORTS))
    lapor = {"timeout": f"{PATIENCE}s", "rate": "60/s", "in_doubt_wait": "2s", "retry_first": "0.2s", **settings}
    made = Installation(folder, mock.url, [sql_channel("sqlite:///sumber.db")], lapor)
    made.init()
    return made


def posts(mock: Mock) -> int:
    """How many requests to file the mock has had, whatever became of them."""
    return sum(mock.requests("POST /complaints").values())


def kill_while_sending(gateway: Installation, mock: Mock, chance: random.Random) -> bool:
    """Run `sync` and kill it after some requests; whether it was killed before its end."""
    enough = posts(mock) + chance.randrange(1, 14)
    with gateway.start("sync", "--until-settled") as service:
        eventually(lambda: posts(mock) >= enough or service.process.poll() is not None, pause=0.004)
        time.sleep(chance.random() * 0.03)
        alive = service.process.poll() is None
        service.kill()
    assert "Traceback" not in service.err, service.err
    return alive


LATE_COMMITS, LOST_ANSWERS = FAULTS.values()


@pytest.mark.parametrize(
    "faults", [LATE_COMMITS, pytest.param(LOST_ANSWERS, marks=pytest.mark.soak)], ids=FAULTS.keys()
)
def test_killed_while_sending_each_report_is_filed_once(
    tmp_path: Path, faults: Mapping[str, Mapping[str, float]]
) -> None:
    chance = random.Random(f"{sorted(faults)}")
    with lapor_process(tmp_path) as mock:
        for name, settings in faults.items():
            mock.fault(name, **settings)
        gateway = installation(tmp_path, mock)
        killed = [kill_while_sending(gateway, mock, chance) for _ in range(KILLS)]
        recovered = gateway.query("SELECT id FROM event WHERE detail LIKE '%interrupted%'")
        last = gateway.cli("sync", "--until-settled", within=50)
        assert "Traceback" not in last.said, last.said
        time.sleep(LATE["commit_delay"])
        stages, counts, wrong = gateway.stages(), mock.counts(), misfits(gateway, mock)
        struck = mock.requests("POST /complaints")
    assert sum(killed) >= KILLS - 1, "the kills came too late to prove anything"
    assert recovered, "no kill hit a request under way"
    assert sum(struck.get(name, 0) for name in faults) >= FEWEST_FAULTS, struck
    assert sum(stages.values()) == REPORTS
    assert wrong == []
    assert max(counts.values()) == 1
    ours = {row["external_id"] for row in gateway.query("SELECT external_id FROM report")}
    assert set(counts) <= ours


def records(gateway: Installation) -> int:
    """How many records the state has."""
    return int(gateway.query("SELECT count(*) AS n FROM record")[0]["n"])


def kill_while_collecting(gateway: Installation, enough: int) -> int:
    """Run `sync` and kill it once so many records are kept; how many there are then."""
    with gateway.start("sync") as service:
        eventually(lambda: records(gateway) >= enough or service.process.poll() is not None, pause=0.004)
        service.kill()
    return records(gateway)


def test_killed_while_collecting_each_record_is_kept_once(tmp_path: Path) -> None:
    rows, chance = 1_500, random.Random(5)
    fill_sqlite(tmp_path / "sumber.db", [complaint(n) for n in range(1, rows + 1)])
    with lapor_process(tmp_path) as mock:
        gateway = Installation(tmp_path, mock.url, [sql_channel("sqlite:///sumber.db", release="review")])
        gateway.init()
        kept = [0]
        for _ in range(3):
            kept.append(kill_while_collecting(gateway, kept[-1] + chance.randrange(1, 400)))
        assert gateway.cli("sync").status == 0
    assert kept[1] < rows, "the kill came too late to prove anything"
    keys = [row["key"] for row in gateway.query("SELECT key FROM record")]
    assert sorted(map(int, keys)) == list(range(1, rows + 1))
    assert gateway.stages() == {"held": rows}
    events = gateway.query("SELECT record_id FROM event WHERE kind = 'held'")
    assert Counter(Counter(row["record_id"] for row in events).values()) == {1: rows}
