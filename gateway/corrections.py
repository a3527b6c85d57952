"""What becomes of a report that a person corrects or has mapped anew? Its raw record meets today's mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.contract import Attachment, SourceRecord
from gateway import intake, texts
from gateway.config import Channel, Config
from gateway.desk import utc_now
from gateway.fitting import OWN, Fitting
from gateway.intake import Round
from mappings import engine
from mappings.engine import Context
from mappings.report import FIELDS, Reason
from mappings.transforms import TRANSFORMS, Unreadable
from state import acts, doubles, recovery
from state.acts import Stored
from state.journal import SERVICE
from state.ledger import Known, NewReport
from state.lifecycle import Stage

_READERS = {
    "is_anonymous": "yes_no",
    "is_secret": "yes_no",
    "latitude": "number",
    "longitude": "number",
    "date_of_incident": "date",
    "reporter_phone": "phone",
    "reporter_email": "email",
    "reporter_nik": "nik",
}
"""How a person's text for a field is read: by the same transforms as a source's."""


_NAMES = {**{name: name for name in FIELDS}, **{texts.FIELD_NAMES[name]: name for name in FIELDS}}
"""A person may name a field as `show` does, in Indonesian, or as the mappings do."""


class UnknownField(ValueError):
    """There is no such report field."""


class UnreadableValue(ValueError):
    """The text does not fit the field; the second argument is a reason code."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a report would become."""

    stored: Stored
    report: NewReport


def read_changes(config: Config, changes: Sequence[str]) -> Mapping[str, Any]:
    """`field=value` texts as report values; an empty value takes the field away.

    Raises UnknownField and UnreadableValue.
    """
    read: dict[str, Any] = {}
    for change in changes:
        said, separator, text = change.partition("=")
        name = _NAMES.get(said.strip().casefold(), "")
        if not separator or not name:
            raise UnknownField(said)
        try:
            reader = TRANSFORMS.get(_READERS.get(name, ""))
            value = reader(text, None, config.gateway.timezone) if reader and text else text or None
        except Unreadable as error:
            raise UnreadableValue(name, error.code) from None
        read[name] = value
    return read


def replan(config: Config, stored: Stored, amendments: Mapping[str, Any]) -> Planned | None:
    """Map the stored record by today's mapping, with these amendments laid over; None where its channel is gone."""
    channel = next((channel for channel in config.channels if channel.name == stored.channel), None)
    if channel is None:
        return None
    known = Known(
        id=stored.id,
        key="",
        locator=None,
        version="",
        disposition=stored.disposition,
        stage=stored.stage,
        amendments=amendments,
        reasons=stored.reasons,
    )
    with fitting_for(config, channel) as fitting:
        report = intake.remap(_record(stored), known, _round(config, channel, fitting))
    return Planned(stored, report) if report is not None else None


def fitting_for(config: Config, channel: Channel) -> Fitting:
    """How files of this channel are made fit for the configured LAPOR."""
    return Fitting(
        config.gateway.spool,
        photo_position=channel.settings.photo_position,
        takes_files=config.lapor.profile != "legacy",
    )


def carry_out(tx: sa.Connection, planned: Planned, amendments: Mapping[str, Any], kind: str, actor: str) -> None:
    """Keep what was planned, in the name of the person who asked for it."""
    acts.correct(tx, planned.stored, planned.report, amendments, kind, actor, utc_now())


def complete(tx: sa.Connection, config: Config, report_id: int, text: str, now: datetime) -> bool:
    """Add to a held report what its reporter wrote later, and judge it anew. False where its channel is gone."""
    stored = acts.stored(tx, report_id)
    day = now.astimezone(config.gateway.timezone)
    added = f"{_whole_text(config, stored)}\n\nTambahan dari pelapor, {day:%d-%m-%Y}:\n{text}".strip()
    amendments = {**stored.amendments, "content": added}
    planned = replan(config, stored, amendments)
    if planned is not None:
        acts.correct(tx, stored, planned.report, amendments, "completed", SERVICE, now)
    return planned is not None


def take_up(tx: sa.Connection, config: Config, record_id: int, actor: str) -> Planned | None:
    """Make an ignored record a report after all; None where its channel is gone. Raises UnknownReport.

    What LAPOR has already, sent by a state that was lost, is adopted; what cannot be proved is held, as in collecting.
    """
    planned = replan(config, acts.stored_ignored(tx, record_id), {})
    if planned is None:
        return None
    if _is_before_start(config, planned.stored):
        planned = _held(planned, "before_start")
    lost = recovery.last_recovery(tx)
    received = _received(planned.stored.received_at)
    if lost is not None and intake.may_have_been_sent(planned.report.values, received, lost):
        planned = _held(planned, "recovered_blind" if lost.blind else "recovered_secret")
    external = acts.take_up(tx, config.gateway.id, record_id, planned.report, actor, utc_now())
    doubles.mark(tx, {record_id: doubles.marks_of(planned.report.values, _defaults(config, planned.stored))})
    for sighting in recovery.sighted(tx, config.lapor.target, [external]).values():
        recovery.adopt(tx, record_id, sighting, utc_now())
    return planned


def _held(planned: Planned, code: str) -> Planned:
    reasons = [*planned.report.reasons, Reason(code).to_json()]
    return Planned(planned.stored, replace(planned.report, stage=Stage.HELD, reasons=reasons))


def _is_before_start(config: Config, stored: Stored) -> bool:
    channel = next(channel for channel in config.channels if channel.name == stored.channel)
    with fitting_for(config, channel) as fitting:
        return intake.is_before_start(_record(stored), _round(config, channel, fitting))


def _defaults(config: Config, stored: Stored) -> Mapping[str, Any]:
    """What the report's channel states for every record."""
    return next(channel.settings.report_defaults() for channel in config.channels if channel.name == stored.channel)


def _whole_text(config: Config, stored: Stored) -> str:
    """The report's content before it was made to fit."""
    if "content" in stored.amendments:
        return str(stored.amendments["content"] or "")
    channel = next((channel for channel in config.channels if channel.name == stored.channel), None)
    if channel is None:
        return ""
    context = Context(config.gateway.timezone, channel.settings.report_defaults(), utc_now())
    return str(engine.apply(channel.mapping, stored.fields, context, None).values.get("content") or "")


def _round(config: Config, channel: Channel, fitting: Fitting) -> Round:
    context = Context(config.gateway.timezone, channel.settings.report_defaults(), utc_now())
    return Round(channel, context, baseline_all=False, gone={}, fit=fitting.fit)


def _record(stored: Stored) -> SourceRecord:
    attachments = [
        Attachment(item["name"], item["media_type"], Path(item["path"]), item["sha256"], item["size"])
        for item in stored.attachments
        if item["why"] != OWN
    ]
    return SourceRecord("", "", "", _received(stored.received_at), stored.fields, attachments)


def _received(text: str | None) -> datetime | date | None:
    if text is None:
        return None
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


CORRECTABLE = (Stage.HELD, Stage.QUEUED, Stage.REJECTED)
