"""`run` and `sync`: the work itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from gateway import log, rounds
from gateway.cli import printing
from gateway.cli.exits import Exit
from gateway.config import load
from gateway.daemon import serve
from gateway.desk import no_progress
from gateway.stopping import Stopping
from gateway.work import connect, desk_of


def run(path: Path) -> None:
    """Run the service until it is told to stop."""
    config = load(path)
    log.configure(config.log)
    stopping = Stopping(status=0)
    lapor = connect(config, stopping.event)
    try:
        with desk_of(config, stop=stopping.event) as desk:
            stopping.watch(desk.writer)
            serve(desk, lapor)
    finally:
        lapor.close()


def sync(path: Path, *, until_settled: bool, as_json: bool) -> None:
    """Make one attempt for whatever is due; exit status 1 if something could not be reached."""
    config = load(path)
    log.configure(config.log)
    stopping = Stopping(status=1)
    lapor = connect(config, stopping.event)
    try:
        with _progress() as progress, desk_of(config, stop=stopping.event, progress=progress) as desk:
            stopping.watch(desk.writer)
            work = rounds.until_settled if until_settled else rounds.one_round
            results = work(desk, lapor)
    finally:
        lapor.close()
    if as_json:
        printing.as_json([{"outcome": r.outcome, "counts": dict(r.counts), "message": r.message} for r in results])
    # What failed and went well at a later attempt has gone well.
    latest = {(result.step, result.channel): result.outcome for result in results}
    if "failed" in latest.values():
        raise typer.Exit(Exit.FAILED)


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
