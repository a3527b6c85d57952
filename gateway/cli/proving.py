"""`audit`, `state init | check | backup | recover`: can the state be trusted, and is there another one? In English."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from gateway import audit as auditing
from gateway.cli import printing
from gateway.cli.exits import Exit
from gateway.config import load
from gateway.lapor.errors import LaporError
from gateway.recover import recover
from gateway.work import connect, open_store, refuse_new_target
from state import audit as proofs
from state import upkeep
from state.database import create
from state.errors import StateError, StateMissing
from state.recovery import begin_recovery
from state.writer import only_writer


def audit(path: Path, *, remote: bool, as_json: bool) -> None:
    """Prove that found = reports + the rest, and that no number is bound twice; exit status 5 if not."""
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
            raise typer.Exit(Exit.FAILED) from None
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
        raise typer.Exit(Exit.DISCREPANCY)


def state_init(path: Path) -> None:
    """Make a new state."""
    settings = load(path).gateway
    create(settings.state, settings.state_password, settings.id).close()
    printing.line(f"state made for the gateway {settings.id}")


def state_check(path: Path) -> None:
    """Have the database check itself."""
    store = open_store(load(path))
    wrong = upkeep.integrity(store)
    store.close()
    for text in wrong:
        typer.echo(f"WRONG {text}", err=True)
    if wrong:
        raise typer.Exit(Exit.STATE)
    printing.line("The state is sound.")


def state_backup(path: Path, target: Path) -> None:
    """Copy the state while it is being used."""
    store = open_store(load(path))
    try:
        upkeep.backup(store, target)
    finally:
        store.close()
    printing.line(f"state copied to {target}")


def state_recover(path: Path) -> None:
    """Adopt what LAPOR's lists show of ours, in a new state where there is none; hold what cannot be proved."""
    config = load(path)
    settings = config.gateway
    try:
        store = open_store(config)
    except StateMissing:
        store = create(settings.state, settings.state_password, settings.id)
        begin_recovery(store)
        printing.line("there was no state: a new one was made")
    try:
        refuse_new_target(store, config.lapor.target)
    except StateError:
        store.close()
        raise
    lapor = connect(config)
    try:
        with only_writer(store):
            found = recover(config, store, lapor)
    except LaporError as error:
        typer.echo(
            f"{error}. Nothing is sent from this state before `state recover` has come to its end: run it again",
            err=True,
        )
        raise typer.Exit(Exit.FAILED) from None
    finally:
        lapor.close()
        store.close()
    printing.line(
        f"LAPOR's lists show {found.seen} reports with an external_id; {found.adopted} were adopted at once, the others"
        f" are as soon as their records are found again. {found.held} reports of which nothing proves whether they were"
        " sent are held: look for them in LAPOR."
    )
