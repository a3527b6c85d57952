"""Are server programs found, started, watched and ended as promised?"""

import os
import subprocess
from pathlib import Path

import pytest

from tests.servers.account import as_service, short_folder
from tests.servers.process import (
    PORTS,
    REQUIRE_SERVERS,
    ServerProcess,
    ServerStartError,
    find_binary,
    free_port,
    require,
)


def test_free_ports_differ_and_lie_below_the_ephemeral_ones() -> None:
    ports = {free_port() for _ in range(50)}
    assert len(ports) == 50
    assert all(port in PORTS for port in ports)


def test_missing_binary_skips_naming_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRE_SERVERS, raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install paket-uji"):
        require("tidak-ada-uji", "paket-uji")


def test_missing_binary_fails_where_servers_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRE_SERVERS, "1")
    with pytest.raises(pytest.fail.Exception, match="apt-get install paket-uji"):
        require("tidak-ada-uji", "paket-uji")


def test_failed_start_shows_the_log(tmp_path: Path) -> None:
    process = ServerProcess(["sh", "-c", "echo rusak; exit 3"], tmp_path / "log", lambda: False)
    with pytest.raises(ServerStartError, match="rusak"):
        process.start()


def test_stop_ends_the_children_too(tmp_path: Path) -> None:
    child = tmp_path / "child"
    command = ["sh", "-c", f"sleep 600 & echo $! > {child}.new; mv {child}.new {child}; wait"]
    process = ServerProcess(command, tmp_path / "log", lambda: child.exists() and process.is_running)
    process.start()
    process.stop()
    state = subprocess.run(["ps", "-o", "stat=", "-p", child.read_text()], capture_output=True, text=True, check=False)
    assert state.stdout.strip() in {"", "Z"}


def test_servers_do_not_run_as_root() -> None:
    with short_folder("uji") as folder:
        done = subprocess.run(as_service(["id", "-u"]), cwd=folder, capture_output=True, text=True, check=True)
    assert int(done.stdout) != 0 or os.geteuid() != 0


def test_server_programs_are_found_off_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    require("initdb", "postgresql")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert find_binary("initdb") is not None
