"""What becomes of a report that a person corrects or has mapped anew? Its raw record meets today's mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from mappings.engine import Context
from mappings.report import FIELDS
from mappings.transforms import TRANSFORMS, Unreadable
from state import acts
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
    _, values = acts.values_of(tx, report_id)
    day = now.astimezone(config.gateway.timezone)
    added = f"{values.get('content') or ''}\n\nTambahan dari pelapor, {day:%d-%m-%Y}:\n{text}".strip()
    amendments = {**stored.amendments, "content": added}
    planned = replan(config, stored, amendments)
    if planned is not None:
        acts.correct(tx, stored, planned.report, amendments, "completed", SERVICE, now)
    return planned is not None


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
