"""`mock`: a LAPOR-compatible server to try things with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from gateway.cli.exits import Exit
from gateway.lapor.mock import serve
from gateway.lapor.mock.course import Life


def mock(port: int, data: Path | None, seed: int, faults: Sequence[str], life: str, token: str) -> None:
    """Serve until stopped."""
    try:
        serve.run(port, data, seed, faults, Life(life), token)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.USAGE) from None
