"""`check`, `preview` and `state init`: what an admin does before the service runs. In English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from connectors import spool
from connectors.contract import ChannelContext, Connector, ConnectorError, Finding, SourceRecord
from connectors.mail_answer import MailAnswers
from gateway import intake, log, texts
from gateway.answers import words
from gateway.cli import printing
from gateway.config import Channel, Config, load
from gateway.corrections import fitting_for
from gateway.desk import utc_now
from gateway.intake import Round
from gateway.lapor.errors import LaporError
from gateway.work import connect, open_store, refuse_new_target
from gateway.working_days import WorkingDays
from mappings.engine import Context
from state import targets
from state.database import Store, create
from state.errors import StateError

_MOST = 500


def init(path: Path) -> None:
    """Make a new state."""
    settings = load(path).gateway
    create(settings.state, settings.state_password, settings.id).close()
    printing.line(f"state made for the gateway {settings.id}")


def check(path: Path, *, as_json: bool) -> None:
    """One line for each thing that must work; exit status 1 if one does not."""
    config = load(path)
    log.configure(config.log)
    lines = [("config", Finding(ok=True, text=f"{path}: {len(config.channels)} channel(s)"))]
    lines.append(("state", _check_state(config)))
    lines.append(("LAPOR", _check_lapor(config)))
    for channel in config.channels:
        lines += [(channel.name, finding) for finding in _check_channel(config, channel)]
        lines += [(channel.name, finding) for finding in _check_answers(channel)]
    lines += _doubled_sources(config)
    lines += _uncertain_days(config)
    if as_json:
        printing.as_json([{"subject": subject, **asdict(finding)} for subject, finding in lines])
    else:
        for subject, finding in lines:
            printing.line(f"{'ok  ' if finding.ok else 'FAIL'} {subject}: {finding.text}")
    if not all(finding.ok for _, finding in lines):
        raise typer.Exit(1)


def preview(path: Path, name: str, number: int, *, reveal: bool, as_json: bool) -> None:
    """What a channel's newest records would become."""
    config = load(path)
    channel = _named(config, name)
    try:
        records, total = _some_records(config, channel)
    except ConnectorError as error:
        typer.echo(f"channel {name}: {error}", err=True)
        raise typer.Exit(1) from None
    with fitting_for(config, channel) as fitting:
        this = Round(channel, _context(config, channel), channel.settings.start == "now", {}, fitting.fit)
        shown = [_shown(record, this, reveal=reveal) for record in records]
    ages = Counter(item["becomes"] for item in shown)
    if as_json:
        printing.as_json({"found": total, "read": len(shown), "becomes": dict(ages), "records": shown[-number:]})
        return
    for item in shown[-number:]:
        _print(item)
    summary = ", ".join(f"{count} {kind}" for kind, count in sorted(ages.items())) or "nothing"
    printing.line(f"{total} record(s) in the channel, {len(shown)} read: {summary}. Start: {channel.settings.start}.")


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
    connector: Connector | None = None
    try:
        connector = _open(config, channel)
        return connector.check()
    except ConnectorError as error:
        return [Finding(ok=False, text=str(error))]
    finally:
        if connector is not None:
            connector.close()


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


def _doubled_sources(config: Config) -> Sequence[tuple[str, Finding]]:
    """Two channels that read the very same file every complaint twice."""
    found = []
    for index, channel in enumerate(config.channels):
        for other in config.channels[:index]:
            if (channel.factory, channel.options) == (other.factory, other.options):
                text = f"it reads the very same as {other.name}: every complaint would be filed twice"
                found.append((channel.name, Finding(ok=False, text=text)))
    return found


def _uncertain_days(config: Config) -> Sequence[tuple[str, Finding]]:
    """Days to come that deadlines count on and that no decree confirms yet: a note, nothing that must be right."""
    days = WorkingDays(config.deadlines, config.gateway.timezone)
    notes = days.warnings(days.day(utc_now()))
    return [("deadlines", Finding(ok=True, text=f"note: {note}")) for note in notes]


def _open(config: Config, channel: Channel) -> Connector:
    folder = spool.prepare(config.gateway.spool)
    return channel.factory(channel.options, ChannelContext(channel.name, config.gateway.timezone, folder))


def _some_records(config: Config, channel: Channel) -> tuple[Sequence[SourceRecord], int]:
    """The last 500 of the records listed, and how many there are."""
    connector = _open(config, channel)
    try:
        locators = list(_locators(connector))
        return list(connector.read(locators[-_MOST:])), len(locators)
    finally:
        connector.close()


def _locators(connector: Connector) -> Iterator[str]:
    cursor = None
    while True:
        listing = connector.list(cursor)
        yield from (entry.locator for entry in listing.entries)
        cursor = listing.cursor
        if not listing.more:
            return


def _context(config: Config, channel: Channel) -> Context:
    return Context(config.gateway.timezone, channel.settings.report_defaults(), utc_now())


def _shown(record: SourceRecord, this: Round, *, reveal: bool) -> dict[str, Any]:
    new = intake.decide(record, this, room=_MOST)
    report = new.report
    values = dict(report.values) if report else {}
    return {
        "key": record.key if reveal else "",
        "becomes": str(report.stage if report else new.disposition),
        "received_at": new.received_at,
        "raw": dict(record.fields) if reveal else printing.masked_fields(record.fields),
        "report": values if reveal else printing.masked(values),
        "attachments": [_file(item, reveal=reveal) for item in new.attachments],
        "reasons": [texts.in_english(reason) for reason in (report.reasons if report else [])]
        or ([texts.in_english({"code": new.reason})] if new.reason else []),
        "notes": [texts.in_english(note) for note in (report.notes if report else [])],
    }


def _file(item: Mapping[str, Any], *, reveal: bool) -> Mapping[str, Any]:
    """What is sent of a file: its type and size in bytes; and why it is left out or changed."""
    sent = item["sent"] or {}
    named = {"name": item["name"]} if reveal else {}
    return {**named, "sent_as": sent.get("media_type"), "size": sent.get("size"), "why": item["why"]}


def _print(item: dict[str, Any]) -> None:
    printing.line(f"── {item['becomes']}, received {item['received_at'] or 'unknown'}")
    for reason in item["reasons"]:
        printing.line(f"   because: {reason}")
    for note in item["notes"]:
        printing.line(f"   left out: {note}")
    printing.table("", ["raw field", "value"], [(k, _short(v)) for k, v in item["raw"].items() if v not in (None, "")])
    if item["report"]:
        printing.table("", ["report field", "value"], [(k, _short(v)) for k, v in item["report"].items()])


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 400 else f"{text[:400]}… ({len(text)} characters)"


def _named(config: Config, name: str) -> Channel:
    for channel in config.channels:
        if channel.name == name:
            return channel
    names = ", ".join(channel.name for channel in config.channels) or "none"
    typer.echo(f"there is no channel {name}; the configuration has: {names}", err=True)
    raise typer.Exit(2)
