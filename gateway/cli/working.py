"""`run` and `sync`: the work itself."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import typer

from gateway import log, rounds
from gateway.cli import printing
from gateway.config import load
from gateway.daemon import serve
from gateway.desk import no_progress
from gateway.work import connect, desk_of


def run(path: Path) -> None:
    """Run the service until it is told to stop."""
    config = load(path)
    log.configure(config.log)
    lapor = connect(config)
    try:
        with desk_of(config) as desk:
            serve(desk, lapor)
    finally:
        lapor.close()


def sync(path: Path, *, until_settled: bool, as_json: bool) -> None:
    """Make one attempt for whatever is due; exit status 1 if something could not be reached."""
    config = load(path)
    log.configure(config.log)
    stop = threading.Event()
    _stop_on_signals(stop)
    lapor = connect(config)
    try:
        with _progress() as progress, desk_of(config, stop=stop, progress=progress) as desk:
            work = rounds.until_settled if until_settled else rounds.one_round
            results = work(desk, lapor)
    finally:
        lapor.close()
    if as_json:
        printing.as_json([{"outcome": r.outcome, "counts": dict(r.counts), "message": r.message} for r in results])
    if any(result.outcome == "failed" for result in results):
        raise typer.Exit(1)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """Bars on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import Progress, TaskID

    terminal = Console(stderr=True)
    if not terminal.is_terminal:
        yield no_progress
        return
    tasks: dict[str, TaskID] = {}
    with Progress(console=terminal, transient=True) as bars:

        def show(subject: str, done: int, total: int | None) -> None:
            if subject not in tasks:
                tasks[subject] = bars.add_task(subject, total=total)
            bars.update(tasks[subject], completed=done, total=total)

        yield show


def _stop_on_signals(stop: threading.Event) -> None:
    def tell(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, tell)
