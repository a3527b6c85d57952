"""`audit`, `state check` and `state backup`: can the state be trusted, and is there another one? In English."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from gateway import audit as auditing
from gateway.cli import printing
from gateway.config import load
from gateway.lapor.errors import LaporError
from gateway.work import connect, open_store
from state import audit as proofs
from state import upkeep


def audit(path: Path, *, remote: bool, as_json: bool) -> None:
    """Prove that found = reports + the rest, and that no number is bound twice; exit status 1 if not."""
    config = load(path)
    store = open_store(config)
    with store.read() as tx:
        accounts = proofs.accounts(tx)
    found = list(auditing.local(store, config.gateway.id))
    if remote:
        lapor = connect(config)
        try:
            found += list(auditing.remote(store, lapor))
        except LaporError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
        finally:
            lapor.close()
    store.close()
    if as_json:
        printing.as_json({"accounts": [asdict(a) for a in accounts], "discrepancies": [asdict(d) for d in found]})
    else:
        for account in accounts:
            printing.line(
                f"{account.channel}: {account.found} found = {account.reports} reports + {account.others} others"
            )
        for discrepancy in found:
            printing.line(f"WRONG {discrepancy.subject}: {discrepancy.text}")
        printing.line("The audit is clean." if not found else f"{len(found)} discrepancies.")
    if found:
        raise typer.Exit(1)


def state_check(path: Path) -> None:
    """Have the database check itself."""
    store = open_store(load(path))
    wrong = upkeep.integrity(store)
    store.close()
    for text in wrong:
        typer.echo(f"WRONG {text}", err=True)
    if wrong:
        raise typer.Exit(1)
    printing.line("The state is sound.")


def state_backup(path: Path, target: Path) -> None:
    """Copy the state while it is being used."""
    store = open_store(load(path))
    try:
        upkeep.backup(store, target)
    finally:
        store.close()
    printing.line(f"state copied to {target}")
