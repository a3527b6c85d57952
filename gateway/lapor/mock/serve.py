"""How is the mock server started and stopped?"""

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from gateway.lapor.mock.answers import DroppableProtocol
from gateway.lapor.mock.app import create_app
from gateway.lapor.mock.clock import Clock
from gateway.lapor.mock.course import Life
from gateway.lapor.mock.faults import Faults, read_option
from gateway.lapor.mock.site import DEFAULT_TOKEN
from gateway.lapor.mock.world import World, open_world

HOST = "127.0.0.1"
START_TIMEOUT = 10
# Seconds for running requests to end at a stop; one that a fault holds is then cut off.
LAST_REQUESTS = 0.2
TICK = 0.01


class MockServer(uvicorn.Server):
    """uvicorn that calls `listening` once it listens, and returns after a signal instead of dying of it."""

    def __init__(self, app: Starlette, listening: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=DroppableProtocol,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
            )
        )
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening()

    async def main_loop(self) -> None:
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            await asyncio.sleep(TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn's own waits at least 0.1 s, which hundreds of tests would pay.
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._tasks_end()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await self._tasks_end()

    async def _tasks_end(self) -> None:
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=LAST_REQUESTS)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@dataclass(frozen=True)
class RunningMock:
    """A mock server that runs in this process: where it listens, and what it serves."""

    url: str
    token: str
    world: World
    faults: Faults


def run(port: int, data: Path | None, seed: int, faults: Sequence[str], life: Life, token: str) -> None:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT; port 0 picks a free one, `faults` are like `drop_after=0.1`.

    Prints one line once it listens. Raises ValueError for an unknown fault, OSError for a port that is taken.
    """
    clock = Clock.starting_at(None)
    switched = _faults(clock, seed, faults)
    with _bind(port) as sock, closing(open_world(data, seed, life, clock)) as world:
        line = f"LAPOR mock: {_url(sock)} (token: {token})\n"
        MockServer(create_app(world, switched, token), lambda: _say(line)).run(sockets=[sock])


@contextmanager
def running(
    data: Path | None = None,
    seed: int = 0,
    faults: Sequence[str] = (),
    life: Life = Life.MANUAL,
    token: str = DEFAULT_TOKEN,
    start: datetime | None = None,
    port: int = 0,
) -> Iterator[RunningMock]:
    """Serve from a thread of this process, for tests; with `start` a new world's clock shows that instant."""
    clock = Clock.starting_at(start)
    switched = _faults(clock, seed, faults)
    with _bind(port) as sock, closing(open_world(data, seed, life, clock)) as world:
        # Asked for now: the server closes the socket when it stops.
        mock = RunningMock(_url(sock), token, world, switched)
        with _in_thread(create_app(world, switched, token), sock):
            yield mock


@contextmanager
def _in_thread(app: Starlette, sock: socket.socket) -> Iterator[None]:
    listens = threading.Event()
    server = MockServer(app, listens.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, name="lapor-mock", daemon=True)
    thread.start()
    try:
        if not listens.wait(START_TIMEOUT):
            raise TimeoutError("the mock server did not start")
        yield
    finally:
        server.should_exit = True
        thread.join()


def _faults(clock: Clock, seed: int, options: Sequence[str]) -> Faults:
    faults = Faults(clock, seed)
    for option in options:
        faults.switch_on(*read_option(option))
    return faults


def _bind(port: int) -> socket.socket:
    # asyncio turns off Nagle's delay (40 ms an answer) only where the protocol is named.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((HOST, port))
    return sock


def _url(sock: socket.socket) -> str:
    return f"http://{HOST}:{sock.getsockname()[1]}"


def _say(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()
