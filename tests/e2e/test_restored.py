"""Is nothing filed twice and nothing lost when the state is lost, or an older one put back, half-way?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import Installation, Mock, complaint, eventually, fill_sqlite, lapor_mock, sql_channel

REPORTS = 40


@pytest.fixture
def mock() -> Iterator[Mock]:
    with lapor_mock() as running:
        yield running


@pytest.fixture
def gateway(tmp_path: Path, mock: Mock) -> Installation:
    """One with 40 complaints, each second of them secret, which takes two seconds to file them."""
    rows = [complaint(n, rahasia="ya" if n % 2 else "tidak") for n in range(1, REPORTS + 1)]
    fill_sqlite(tmp_path / "sumber.db", rows)
    made = Installation(tmp_path, mock.url, [sql_channel("sqlite:///sumber.db")], {"rate": "20/s"})
    made.init()
    return made


def kill_after(gateway: Installation, mock: Mock, filed: int, on_the_way: Callable[[], object] = lambda: None) -> None:
    """File so many, with something done on the way before the last five, and end it as a power cut would."""
    with gateway.start("sync", "--until-settled") as service:
        assert eventually(lambda: len(mock.counts()) >= filed - 5, pause=0.01), service.err
        on_the_way()
        assert eventually(lambda: len(mock.counts()) >= filed, pause=0.01), service.err
    assert 0 < len(mock.counts()) < REPORTS, "it was killed too late to prove anything"


def remove_state(gateway: Installation) -> None:
    """The counter beside the state stays."""
    for name in ("state.db", "state.db-wal", "state.db-shm"):
        (gateway.folder / "data" / name).unlink(missing_ok=True)


def back_up(gateway: Installation) -> None:
    gateway.view("state", "backup", str(gateway.folder / "cadangan.db"))


def put_back(gateway: Installation) -> None:
    remove_state(gateway)
    shutil.copy(gateway.folder / "cadangan.db", gateway.folder / "data" / "state.db")


def refused_with_advice(gateway: Installation, mock: Mock) -> None:
    """It ends with a line that names `state recover`, and files nothing."""
    before = mock.counts()
    refused = gateway.cli("sync")
    assert (refused.status, refused.said.count("\n")) == (4, 1), refused.said
    assert "state recover" in refused.err
    assert mock.counts() == before


def recovered(gateway: Installation, mock: Mock) -> None:
    """After `state recover` everything goes on, with each report filed once or, being secret, shown to a person."""
    ended = gateway.cli("state", "recover")
    assert ended.status == 0, ended.said
    assert "LAPOR's lists show" in ended.out
    last = gateway.cli("sync", "--until-settled")
    assert (last.status, "Traceback" in last.said) == (0, False), last.said
    assert unaccounted(gateway, mock) == []
    assert sum(gateway.stages().values()) == REPORTS
    assert set(mock.counts().values()) == {1}
    assert "The audit is clean" in gateway.view("audit", "--remote")


def unaccounted(gateway: Installation, mock: Mock) -> list[dict[str, Any]]:
    """Reports that are neither accepted under LAPOR's own number nor, being secret, before a person with a reason."""
    filed = {one["external_id"]: one["tracking_id"] for one in mock.complaints()}
    columns = "id, stage, external_id, tracking_id, next_attempt_at, reasons, json_extract(mapped, '$.is_secret') AS s"
    found = []
    for report in gateway.query(f"SELECT {columns} FROM report"):
        accepted = report["stage"] == "accepted" and report["tracking_id"] == filed[report["external_id"]]
        held = report["stage"] == "held" and "recovered_secret" in report["reasons"]
        asked = report["stage"] == "in_doubt" and report["next_attempt_at"] is None
        if not accepted and not (report["s"] and (held or asked)):
            found.append(report)
    return found


def test_a_state_that_is_lost_half_way(gateway: Installation, mock: Mock) -> None:
    """Reports on their way when it was killed, and those that it had filed, are adopted or held; the rest is filed."""
    kill_after(gateway, mock, 20)
    remove_state(gateway)
    refused_with_advice(gateway, mock)
    recovered(gateway, mock)


@pytest.mark.soak
def test_a_backup_from_before_the_last_start_is_put_back(gateway: Installation, mock: Mock) -> None:
    """What was sent since the backup is not in it: it is refused, and recovered."""
    kill_after(gateway, mock, 12, on_the_way=lambda: back_up(gateway))
    kill_after(gateway, mock, 30)
    put_back(gateway)
    refused_with_advice(gateway, mock)
    recovered(gateway, mock)


def test_a_backup_of_the_last_run_is_put_back(gateway: Installation, mock: Mock) -> None:
    """A service runs for months without a start, and is backed up meanwhile: such a backup is an older state, too."""
    kill_after(gateway, mock, 25, on_the_way=lambda: back_up(gateway))
    put_back(gateway)
    refused_with_advice(gateway, mock)
    recovered(gateway, mock)
