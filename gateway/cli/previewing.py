"""`preview`: what would a channel's records become, and which way did each value take? In English, for admins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.contract import ConnectorError, SourceRecord
from gateway import intake, log, peeking, texts, tracing
from gateway.cli import printing
from gateway.cli.exits import Exit, leave
from gateway.config import Channel, Config, load
from gateway.corrections import fitting_for
from gateway.desk import utc_now
from gateway.intake import Round
from gateway.lacking import lacking
from gateway.peeking import Peek
from mappings import engine
from mappings.engine import Context
from mappings.trace import Trace

_MOST = 500
_LONGEST = 400
_NAMED = 5
_BREAK, _SHOWN = "\n", " ⏎ "


def preview(path: Path, name: str, number: int, *, trace: bool, reveal: bool, as_json: bool) -> None:
    """What a channel's newest records would become."""
    if number < 1:
        leave(Exit.USAGE, "-n counts records: give 1 or more")
    config = load(path)
    log.configure(config.log)
    channel = _named(config, name)
    try:
        with peeking.opened(config, channel) as connector:
            peek = peeking.newest(connector, _MOST)
    except ConnectorError as error:
        leave(Exit.FAILED, f"channel {name}: {error}")
    notes = [str(lack) for lack in lacking(channel, peek.columns)] if peek.columns else []
    with fitting_for(config, channel) as fitting:
        context = Context(config.gateway.timezone, channel.settings.report_defaults(), utc_now())
        this = Round(channel, context, channel.settings.start == "now", {}, fitting.fit)
        shown = [_shown(record, this, reveal=reveal) for record in peek.records]
    ages = dict(Counter(item["becomes"] for item in shown))
    if trace:
        for item, record in zip(shown[-number:], peek.records[-number:], strict=True):
            item["trace"] = _trace(record, this, peek, reveal=reveal)
    if as_json:
        whole = {"found": peek.total, "read": len(shown), "becomes": ages, "mapping_notes": notes}
        printing.as_json({**whole, "records": shown[-number:]})
    else:
        _print_all(shown[-number:], notes, f"{_summary(peek, ages)}. Start: {channel.settings.start}.")


def _named(config: Config, name: str) -> Channel:
    found = next((channel for channel in config.channels if channel.name == name), None)
    if found is None:
        names = ", ".join(channel.name for channel in config.channels) or "none"
        leave(Exit.USAGE, f"there is no channel {name}; the configuration has: {names}")
    return found


def _summary(peek: Peek, ages: Mapping[str, int]) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(ages.items())) or "nothing"
    return f"{peek.total} record(s) in the channel, {len(peek.records)} read: {kinds}"


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


def _trace(record: SourceRecord, this: Round, peek: Peek, *, reveal: bool) -> list[dict[str, Any]]:
    notes = Trace()
    mapping = this.channel.mapping
    values = engine.apply(mapping, record.fields, this.context, record.received_at, notes).values
    masking = tracing.masking(mapping, values, _shortened, printing.masked_text)
    return tracing.told(notes, peek.columns, _unmasked if reveal else masking)


def _shortened(value: Any) -> Any:
    return printing.masked_fields({"": value})[""]


def _unmasked(_field: str, _column: str, value: Any) -> Any:
    return value


def _print_all(shown: list[dict[str, Any]], notes: list[str], summary: str) -> None:
    for item in shown:
        _print(item)
        for way in item.get("trace", ()):
            _print_way(way)
    for note in notes:
        printing.line(f"mapping: {note}")
    printing.line(summary)


def _print(item: dict[str, Any]) -> None:
    printing.line(f"── {item['becomes']}, received {item['received_at'] or 'unknown'}")
    for reason in item["reasons"]:
        printing.line(f"   because: {reason}")
    for note in item["notes"]:
        printing.line(f"   left out: {note}")
    printing.table("", ["raw field", "value"], [(k, _short(v)) for k, v in item["raw"].items() if v not in (None, "")])
    if item["report"]:
        printing.table("", ["report field", "value"], [(k, _short(v)) for k, v in item["report"].items()])


def _print_way(way: Mapping[str, Any]) -> None:
    value = f"{_quoted(way['value'])}  (from {way['made_of']})" if way["made_of"] else f"empty: {way['why_empty']}"
    printing.line(f"   {way['field']} = {value}")
    silent = [tried["column"] for tried in way["tried"] if tried["outcome"] == "missing" and "mean" not in tried["why"]]
    if silent:
        shown = ", ".join(silent[:_NAMED]) + (f" and {len(silent) - _NAMED} more" if len(silent) > _NAMED else "")
        printing.line(f"      not in the record: {shown}")
    for tried in way["tried"]:
        if tried["column"] in silent:
            continue
        label = f" (line “{tried['label']}”)" if tried["label"] else ""
        printing.line(f"      {tried['column']}{label}: {tried['why'] or _quoted(tried['cell'])}")
        if tried["why"] and tried["cell"] not in (None, ""):
            printing.line(f"         it says {_quoted(tried['cell'])}")
        for step in tried["steps"]:
            argument = "" if step["argument"] is None else f" {step['argument']}"
            after = _quoted(step["after"]) if step["changed"] else "unchanged"
            printing.line(f"         {step['transform']}{argument} → {after}")
    if way["lookup"]:
        found = way["lookup"]["found"]
        result = "not in the table" if found is None else _quoted(found)
        printing.line(f"      lookup {_quoted(way['lookup']['value'])} → {result}")


def _quoted(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    return f'"{_short(value.replace(_BREAK, _SHOWN))}"' if isinstance(value, str) else str(value)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
