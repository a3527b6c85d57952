"""`pause` and `resume`: a channel, or all sending to LAPOR, rests until a person says otherwise. In Indonesian."""

from __future__ import annotations

import getpass
from pathlib import Path

import typer

from gateway.cli import printing
from gateway.cli.exits import Exit
from gateway.config import Config, load
from gateway.desk import utc_now
from gateway.work import open_store, refuse_new_target
from state import channels, targets

LAPOR = "lapor"


def pause(path: Path, what: str) -> None:
    """Collect nothing from the channel, or send nothing to LAPOR, until `resume`."""
    config = _checked(path, what)
    store = open_store(config)
    refuse_new_target(store, config.lapor.target)
    with store.begin() as tx:
        if what == LAPOR:
            targets.accept(tx, config.lapor.target)
            targets.pause_by_person(tx, config.lapor.target)
        else:
            channels.set_paused(tx, what, getpass.getuser(), utc_now())
    store.close()
    printing.line(f"{what} dijeda sampai resume {what}.")


def resume(path: Path, what: str) -> None:
    """Let the channel, or sending to LAPOR, go on at once."""
    config = _checked(path, what)
    store = open_store(config)
    with store.begin() as tx:
        if what == LAPOR:
            targets.resume_by_person(tx, config.lapor.target)
        else:
            channels.set_paused(tx, what, None, utc_now())
    store.close()
    printing.line(f"{what} berjalan lagi.")


def _checked(path: Path, what: str) -> Config:
    config = load(path)
    names = [LAPOR, *(channel.name for channel in config.channels)]
    if what not in names:
        typer.echo(f"Tidak ada kanal {what}; yang ada: {', '.join(names)}.", err=True)
        raise typer.Exit(Exit.USAGE)
    return config
