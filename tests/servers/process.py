"""How is a real server found, started, watched and ended?"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

REQUIRE_SERVERS = "LAPOR_GATEWAY_REQUIRE_SERVERS"
LOOPBACK = "127.0.0.1"
START_SECONDS = 30.0
STOP_SECONDS = 15.0
LOG_TAIL = 4_000

# Below the kernel's ephemeral range (32768 up): no outgoing connection can take the port of a server that a test
# has stopped, and a client that retries against it cannot connect to itself.
PORTS = range(20_000, 32_000)

_given_ports: set[int] = set()


class ServerStartError(RuntimeError):
    """The server ended or did not answer in time; the message holds the end of its log."""


def free_port() -> int:
    """A loopback TCP port nobody listens on, never the same twice in one process."""
    while True:
        # Not from `random`: a plugin that seeds it would give every xdist worker the same ports.
        port = secrets.choice(PORTS)
        if port not in _given_ports and _is_free(port):
            _given_ports.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def require(binary: str, package: str) -> Path:
    """The path of `binary`, or a skipped test naming the Debian `package`; with REQUIRE_SERVERS=1 a failed one."""
    found = find_binary(binary)
    if found is not None:
        return found
    message = f"{binary} is not installed: apt-get install {package}"
    if os.environ.get(REQUIRE_SERVERS) == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def find_binary(name: str) -> Path | None:
    """Look on PATH, then where Debian keeps server programs that no user calls by hand."""
    folders = [*os.get_exec_path(), "/usr/local/bin", "/usr/sbin", *_package_folders()]
    found = shutil.which(name, path=os.pathsep.join(folders))
    return Path(found) if found else None


def _package_folders() -> list[str]:
    versions = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    newest_first = sorted(versions, key=lambda folder: float(folder.parent.name), reverse=True)
    return [*map(str, newest_first), "/usr/lib/dovecot", "/usr/libexec/dovecot"]


def run_once(command: Sequence[str | Path], folder: Path) -> None:
    """Run a set-up command in `folder`; raise ServerStartError with its output if it fails."""
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServerStartError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def greets(port: int, greeting: bytes) -> bool:
    """Whether a server on `port` opens the conversation with `greeting`."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as connection:
            return connection.recv(len(greeting)) == greeting
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll `condition` until it holds (True) or `seconds` have passed (False)."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class ServerProcess:
    """One server in the foreground, in a session of its own; may be stopped and started again.

    `answers` says whether it serves; `log` receives what it prints; `stop_signal` asks it to end.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        log: Path,
        answers: Callable[[], bool],
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        """Only remember; `start` starts."""
        self.log = log
        self._command = command
        self._answers = answers
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return once the server answers; raise ServerStartError, with nothing left running, if it does not."""
        if self._process is not None:
            raise RuntimeError("the server is already started")
        self._process = self._spawn()
        try:
            self._wait_for_answer(self._process.pid)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Return once the server and its children have ended and the port is closed; nothing if not started."""
        process, self._process = self._process, None
        if process is None:
            return
        os.kill(process.pid, self._stop_signal)
        wait_until(lambda: _has_ended(process.pid), STOP_SECONDS)
        # The leader is not reaped yet, so this number cannot belong to anybody else's processes.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        wait_until(lambda: not self._answers(), STOP_SECONDS)

    @property
    def is_running(self) -> bool:
        """Whether it was started and neither stopped nor ended by itself."""
        return self._process is not None and not _has_ended(self._process.pid)

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                self._command,
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_for_answer(self, pid: int) -> None:
        settled = wait_until(lambda: _has_ended(pid) or self._answers(), START_SECONDS)
        if _has_ended(pid):
            raise ServerStartError(f"{self._command[0]} ended at once; its log:\n{self._log_tail()}")
        if not settled:
            raise ServerStartError(f"{self._command[0]} gives no answer; its log:\n{self._log_tail()}")

    def _log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-LOG_TAIL:]


def _has_ended(pid: int) -> bool:
    """Whether our child has ended, leaving it unreaped."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
