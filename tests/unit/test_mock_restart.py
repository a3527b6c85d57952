"""Does the mock keep its world over a restart, and start and stop cleanly?"""

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from gateway.lapor.mock.course import Life
from gateway.lapor.mock.serve import RunningMock, running

VALID = {
    "classification_id": "2",
    "title": "Syarat pindah domisili",
    "content": "Apa saja syarat pindah domisili?\u2028Terima kasih\x85",
    "date_of_incident": "2026-01-05",
    "location_id": "9171",
    "reporter_name": "Pelapor Contoh",
    "reporter_email": "pelapor@contoh.test",
    "source": "Website",
}
ROOT = Path(__file__).parents[2]
SERVE = """
import sys
from pathlib import Path
from gateway.lapor.mock.course import Life
from gateway.lapor.mock.serve import run
run(0, Path(sys.argv[1]), 1, ["delay=0"], Life.MANUAL, "sandi")
"""


def file(mock: RunningMock, external_id: str) -> httpx.Response:
    parts = [(name, (None, value)) for name, value in {**VALID, "external_id": external_id}.items()]
    parts.append(("attachment[]", ("ktp.png", b"png")))  # type: ignore[arg-type]
    return httpx.post(
        f"{mock.url}/complaints", verify=False, files=parts, headers={"Authorization": f"Bearer {mock.token}"}
    )


def test_a_restart_loses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "mock.jsonl"
    with running(data=data) as mock:
        first = file(mock, "a").json()["tracking_id"]
        file(mock, "b")
        mock.world.reply(first, "Mohon segera.", "r1")
        httpx.post(f"{mock.url}/_mock/clock", verify=False, json={"advance": "3d"})
        before, now = mock.world.everything(), mock.world.clock.now()
    with running(data=data) as mock:
        assert mock.world.everything() == before
        assert [one["external_id"] for one in before] == ["b", "a"]
        assert mock.world.clock.now() > now
        assert file(mock, "c").json()["tracking_id"] == "1000011"
        assert mock.world.counts() == {"a": 1, "b": 1, "c": 1}


def test_a_late_commit_outlives_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "mock.jsonl"
    with running(data=data) as mock:
        mock.faults.switch_on("late_commit", {"next": 1, "commit_delay": 60})
        assert file(mock, "a").status_code == 201
    for _ in range(2):
        with running(data=data) as mock:
            assert mock.world.of("a") == []
            assert mock.world.counts() == {"a": 1}
    with running(data=data) as mock:
        httpx.post(f"{mock.url}/_mock/clock", verify=False, json={"advance": "60s"})
        assert len(mock.world.of("a")) == 1
        assert file(mock, "b").json()["tracking_id"] == "1000006"
    with running(data=data) as mock:
        assert mock.world.counts() == {"a": 1, "b": 1}


def test_a_torn_last_line_is_ignored(tmp_path: Path) -> None:
    data = tmp_path / "mock.jsonl"
    with running(data=data) as mock:
        file(mock, "a")
        file(mock, "b")
    data.write_bytes(data.read_bytes()[:-20])
    with running(data=data) as mock:
        assert mock.world.counts() == {"a": 1}
        file(mock, "c")
    with running(data=data) as mock:
        assert mock.world.counts() == {"a": 1, "c": 1}


def test_a_broken_line_in_the_middle_is_not(tmp_path: Path) -> None:
    data = tmp_path / "mock.jsonl"
    data.write_text('{"kind":"clock","offset":1.0}\n{"kind":\n', encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"), running(data=data):
        pass


def test_life_goes_on_after_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "mock.jsonl"
    with running(data=data, life=Life.AUTO) as mock:
        file(mock, "a")
        httpx.post(f"{mock.url}/_mock/clock", verify=False, json={"working_days": 3})
    with running(data=data, life=Life.AUTO) as mock:
        httpx.post(f"{mock.url}/_mock/clock", verify=False, json={"working_days": 20})
        (complaint,) = mock.world.of("a")
        assert (complaint.status, len(complaint.followups)) == ("Ditutup oleh Sistem", 2)


def test_without_a_file_nothing_is_kept() -> None:
    with running() as mock:
        file(mock, "a")
    with running() as mock:
        assert mock.world.counts() == {}


@pytest.mark.parametrize("fault", ["timeout_commit", "delay", "slow_body"])
def test_a_held_request_does_not_keep_the_server_from_stopping(fault: str, capfd: pytest.CaptureFixture[str]) -> None:
    settings = {"timeout_commit": "hold", "delay": "delay", "slow_body": "seconds"}
    with ThreadPoolExecutor(1) as pool, running() as mock:
        mock.faults.switch_on(fault, {settings[fault]: 60})
        answer = pool.submit(file, mock, "a")
        while not mock.world.counts():
            time.sleep(0.01)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    assert isinstance(answer.exception(), httpx.TransportError)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_run_says_where_it_listens_and_stops_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-W", "error", "-c", SERVE, str(tmp_path / "mock.jsonl")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        url = line.removeprefix("LAPOR mock: ").partition(" ")[0]
        assert line == f"LAPOR mock: {url} (token: sandi)\n"
        assert url.startswith("http://127.0.0.1:")
        answer = httpx.get(f"{url}/complaints", verify=False, headers={"Authorization": "Bearer sandi"})
        process.send_signal(number)
        rest, errors = process.communicate(timeout=10)
    assert (answer.status_code, process.returncode, rest, errors) == (200, 0, "", "")
