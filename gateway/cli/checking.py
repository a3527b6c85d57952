"""`check`: will everything work that the gateway needs? In English, for admins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from connectors.contract import Connector, ConnectorError, Finding
from connectors.mail_answer import MailAnswers
from gateway import log, peeking
from gateway.answers import words
from gateway.cli import printing
from gateway.cli.exits import Exit
from gateway.config import Channel, Config, load
from gateway.desk import utc_now
from gateway.lacking import lacking
from gateway.lapor.errors import LaporError
from gateway.lint_channel import doubled_sources, same_source
from gateway.work import connect, open_store, refuse_new_target
from gateway.working_days import WorkingDays
from state import targets
from state.database import Store
from state.errors import StateError


def check(path: Path, *, as_json: bool) -> None:
    """One line for each thing that must work; exit status 1 if one does not."""
    config = load(path)
    log.configure(config.log)
    lines = list(_findings(config))
    if as_json:
        printing.as_json([{"subject": subject, **asdict(finding)} for subject, finding in lines])
    else:
        for subject, finding in lines:
            printing.line(f"{'ok  ' if finding.ok else 'FAIL'} {subject}: {finding.text}")
    if not all(finding.ok for _, finding in lines):
        raise typer.Exit(Exit.FAILED)


def _findings(config: Config) -> Iterator[tuple[str, Finding]]:
    yield "config", Finding(ok=True, text=f"{config.path}: {len(config.channels)} channel(s)")
    yield "state", _check_state(config)
    yield "LAPOR", _check_lapor(config)
    for channel in config.channels:
        yield from ((channel.name, finding) for finding in _check_channel(config, channel))
        yield from ((channel.name, finding) for finding in _check_answers(channel))
    for channel, other in doubled_sources(config.channels):
        yield channel.name, Finding(ok=False, text=same_source(other))
    yield from _uncertain_days(config)


def _check_state(config: Config) -> Finding:
    try:
        store = open_store(config)
        try:
            refuse_new_target(store, config.lapor.target)
            left = _left_behind(store, config.lapor.target)
        finally:
            store.close()
    except StateError as error:
        return Finding(ok=False, text=str(error))
    where = config.gateway.state.render_as_string(hide_password=True)
    return Finding(ok=True, text=f"{where} belongs to {config.gateway.id}{left}")


def _left_behind(store: Store, target: str) -> str:
    """Reports that were filed in another LAPOR, as an admin should know."""
    with store.read() as tx:
        others = [(other, targets.count(tx, other)) for other in targets.elsewhere(tx, target)]
    return "".join(f"; {count} reports are bound to {other} and not tracked" for other, count in others)


def _check_lapor(config: Config) -> Finding:
    lapor = connect(config)
    try:
        return Finding(ok=True, text=lapor.check())
    except LaporError as error:
        return Finding(ok=False, text=str(error))
    finally:
        lapor.close()


def _check_channel(config: Config, channel: Channel) -> Sequence[Finding]:
    try:
        with peeking.opened(config, channel) as connector:
            found = connector.check()
            good = all(finding.ok for finding in found)
            return [*found, *(_check_columns(channel, connector) if good else ())]
    except ConnectorError as error:
        return [Finding(ok=False, text=str(error))]


def _check_columns(channel: Channel, connector: Connector) -> Iterator[Finding]:
    """Whether the mapping's columns are there; of an empty source nobody can tell."""
    columns = peeking.columns(connector)
    for lack in lacking(channel, columns) if columns else ():
        yield Finding(ok=not lack.holds, text=f"mapping {channel.mapping.name}: {'' if lack.holds else 'note: '}{lack}")


def _check_answers(channel: Channel) -> Iterator[Finding]:
    """The channel's templates, each rendered, and its mail server."""
    settings = channel.settings.answers
    if settings is None:
        return
    yield from (Finding(ok=False, text=text) for text in words.mistakes(settings))
    if settings.smtp is not None:
        mail = MailAnswers(settings.smtp)
        try:
            yield Finding(ok=True, text=mail.check())
        except ConnectorError as error:
            yield Finding(ok=False, text=str(error))
        finally:
            mail.close()


def _uncertain_days(config: Config) -> Sequence[tuple[str, Finding]]:
    """Days to come that deadlines count on and that no decree confirms yet: a note, nothing that must be right."""
    days = WorkingDays(config.deadlines, config.gateway.timezone)
    notes = days.warnings(days.day(utc_now()))
    return [("deadlines", Finding(ok=True, text=f"note: {note}")) for note in notes]
