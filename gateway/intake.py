"""What becomes of a record that was read: a report to be sent, one for a person, or none? It only decides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from rapidfuzz import fuzz

from connectors.contract import SourceRecord
from gateway.config import Channel
from gateway.fitting import Fitted, originals
from mappings import engine
from mappings.engine import Context, Mapped
from mappings.report import Reason
from state.ledger import Known, NewRecord, NewReport
from state.lifecycle import Disposition, Stage
from state.recovery import Recovery

_STICKY = frozenset(
    {
        "review",
        "first_run_limit",
        "key_reused",
        "likely_double",
        "file_not_fetched",
        "row_edited",
        "copy_edited",
        "source_incomplete",
        "start_unclear",
        "recovered_secret",
        "recovered_blind",
        "date_disagrees",
        "mail_too_large",
        "mail_unreadable",
        "reply_from_other",
        "reply_to_dropped",
    }
)
"""Reasons that a better text does not remove: a person released nothing yet."""
_PERSON = ("reporter_nik", "reporter_email", "reporter_phone", "reporter_name")
_TOO_LONG = ("too_long", "content")
_ALIKE = 75.0
_LATE_MAIL = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Round:
    """What holds for every record of one round of a channel."""

    channel: Channel
    context: Context
    baseline_all: bool
    """The first round of a channel that starts "now": whatever is there already is older."""
    gone: Mapping[int, Mapping[str, Any]]
    """Reports whose records have just vanished from the source, by id."""
    fit: Callable[[SourceRecord, Mapping[str, Any], Collection[str]], Fitted]
    """What LAPOR takes of a record with these values, some of which a person has stated."""


def decide(record: SourceRecord, this: Round, room: int) -> NewRecord:
    """What a record seen for the first time is. `room` is how many reports the first round may still queue."""
    if record.ignore:
        return _without_report(record, Disposition.IGNORED, record.ignore, record.received_at)
    mapped = engine.apply(this.channel.mapping, record.fields, this.context, record.received_at)
    age = _age(record, mapped, this)
    if age is Disposition.BASELINE:
        return _without_report(record, Disposition.BASELINE, None, mapped.received_at)
    reasons = [*mapped.reasons, *(Reason(code) for code in record.doubts)]
    if isinstance(age, Reason):
        reasons.append(age)
    reasons += _edited_row(mapped, this)
    reasons += _policy(this, room, reasons)
    report = _report(record, mapped, reasons, this)
    return _with_report(record, mapped, report)


def remap(record: SourceRecord, known: Known, this: Round) -> NewReport | None:
    """What an edited record's report is now; None where it is sent already and nothing may change."""
    if known.stage not in (Stage.HELD, Stage.QUEUED, Stage.REJECTED):
        return None
    mapped = engine.apply(this.channel.mapping, record.fields, this.context, record.received_at)
    amended = {**mapped.values, **known.amendments}
    judged = engine.judge(this.channel.mapping, amended, this.context.now) if known.amendments else list(mapped.reasons)
    kept = [Reason(**reason) for reason in known.reasons if reason["code"] in _STICKY]
    if this.channel.settings.release == "review" and mapped.values != known.values:
        kept.append(Reason("review"))
    reasons = [*judged, *(Reason(code) for code in record.doubts), *kept]
    return _report(record, mapped, reasons, this, known.amendments)


def is_reused_key(record: SourceRecord, known: Known, this: Round) -> bool:
    """Whether the key now names another complaint: another reporter and another text (counters restart)."""
    if known.fields == record.fields:
        return False
    before = engine.apply(this.channel.mapping, known.fields, this.context, None).values
    now = engine.apply(this.channel.mapping, record.fields, this.context, None).values
    return not (_reporter(before, this) & _reporter(now, this)) and _likeness(before, now) < _ALIKE


def _reporter(values: Mapping[str, Any], this: Round) -> set[str]:
    """What tells one citizen from another; a contact where there is one, else the name."""
    stated = {
        name: str(values[name]) for name in _PERSON if values.get(name) not in (None, this.context.defaults.get(name))
    }
    contacts = {text for name, text in stated.items() if name != "reporter_name"}
    return contacts or set(stated.values())


def reused(record: SourceRecord, this: Round) -> NewRecord:
    """The record that took over a key: a report of its own, for a person to look at."""
    mapped = engine.apply(this.channel.mapping, record.fields, this.context, record.received_at)
    reasons = [*mapped.reasons, Reason("key_reused", "", record.key)]
    new = _with_report(record, mapped, _report(record, mapped, reasons, this))
    return NewRecord(
        key=f"{record.key}~{record.version[:12]}",
        locator=new.locator,
        version=new.version,
        disposition=new.disposition,
        reason=None,
        received_at=new.received_at,
        fields=new.fields,
        attachments=new.attachments,
        report=new.report,
    )


def is_unprovable(new: NewRecord, recovery: Recovery) -> bool:
    """Whether a lost state may have sent this report and LAPOR's lists would not show it: secret, and from before."""
    return new.report is not None and may_have_been_sent(new.report.values, new.received_at, recovery)


def may_have_been_sent(values: Mapping[str, Any], received: datetime | date | None, recovery: Recovery) -> bool:
    """Whether a report with these values, received then, is one of those that a lost state may have sent unseen."""
    if values.get("is_secret") is False and not recovery.blind:
        return False
    if isinstance(received, datetime):
        return received < recovery.at
    return received is None or received <= recovery.at.date()


def held_for(new: NewRecord, code: str) -> NewRecord:
    """The same record with its report held for one reason more."""
    if new.report is None:
        return new
    reasons = [*new.report.reasons, Reason(code).to_json()]
    return replace(new, report=replace(new.report, stage=Stage.HELD, reasons=reasons))


def _age(record: SourceRecord, mapped: Mapped, this: Round) -> Disposition | Reason | None:
    """BASELINE for a record older than the channel's start, a reason where that is not clear."""
    if this.baseline_all:
        return Disposition.BASELINE
    start = this.channel.settings.start_moment(this.context.timezone)
    if start is None:
        return None
    received = mapped.received_at
    if received is None:
        return _by_incident(mapped, start.date())
    if isinstance(received, datetime):
        return Disposition.BASELINE if received < start else _moved_mail(record, start)
    if received == start.date() and start.time().replace(tzinfo=None) != datetime.min.time():
        return Reason("start_unclear")
    return Disposition.BASELINE if received < start.date() else None


def _by_incident(mapped: Mapped, start: date) -> Reason | None:
    """Without a date of receipt: what happened after the start was also reported after it."""
    day = mapped.values.get("date_of_incident")
    return None if isinstance(day, str) and day >= start.isoformat() else Reason("start_unclear")


def _moved_mail(record: SourceRecord, start: datetime) -> Reason | None:
    """A mail written well before the start that arrived after it: late, or an old inbox that was moved."""
    written = record.fields.get("date")
    if not (isinstance(written, str) and len(written) > 10 and isinstance(record.received_at, datetime)):
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return Reason("date_disagrees") if moment < start and record.received_at - moment > _LATE_MAIL else None


def _edited_row(mapped: Mapped, this: Round) -> Sequence[Reason]:
    person = _reporter(mapped.values, this)
    twins = [
        number
        for number, values in this.gone.items()
        if _likeness(values, mapped.values) >= _ALIKE or person & _reporter(values, this)
    ]
    return [Reason("row_edited", "", str(twins[0]))] if twins else []


def _likeness(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """0 to 100, over the texts."""
    return float(fuzz.ratio(str(one.get("content") or ""), str(other.get("content") or "")))


def _policy(this: Round, room: int, reasons: Sequence[Reason]) -> Sequence[Reason]:
    if this.channel.settings.release == "review":
        return [Reason("review")]
    return [Reason("first_run_limit")] if room <= 0 and not reasons else []


def is_before_start(record: SourceRecord, this: Round) -> bool:
    """Whether the record is older than its channel's start."""
    mapped = engine.apply(this.channel.mapping, record.fields, this.context, record.received_at)
    return _age(record, mapped, this) is Disposition.BASELINE


def to_be_fitted(record: SourceRecord, this: Round) -> Mapping[str, Any] | None:
    """The mapped values of a record that becomes a report; None for one that needs no file."""
    if record.ignore:
        return None
    mapped = engine.apply(this.channel.mapping, record.fields, this.context, record.received_at)
    return None if _age(record, mapped, this) is Disposition.BASELINE else mapped.values


def _report(
    record: SourceRecord,
    mapped: Mapped,
    reasons: Sequence[Reason],
    this: Round,
    amendments: Mapping[str, Any] = MappingProxyType({}),
) -> NewReport:
    fitted = this.fit(record, {**mapped.values, **amendments}, amendments)
    settle = this.channel.settings.settle
    remaining = [
        reason for reason in reasons if not ("content" in fitted.values and (reason.code, reason.field) == _TOO_LONG)
    ]
    return NewReport(
        stage=Stage.HELD if remaining else Stage.QUEUED,
        values={**mapped.values, **fitted.values},
        reasons=[reason.to_json() for reason in dict.fromkeys(remaining)],
        notes=[note.to_json() for note in (*mapped.notes, *fitted.notes)],
        not_before=this.context.now + settle if settle else None,
        attachments=fitted.attachments,
    )


def _without_report(
    record: SourceRecord, disposition: Disposition, reason: str | None, received: datetime | date | None
) -> NewRecord:
    return NewRecord(
        key=record.key,
        locator=record.locator,
        version=record.version,
        disposition=disposition,
        reason=reason,
        received_at=received,
        fields=record.fields,
        attachments=originals(record.attachments),
        thread=record.thread,
    )


def _with_report(record: SourceRecord, mapped: Mapped, report: NewReport) -> NewRecord:
    return NewRecord(
        key=record.key,
        locator=record.locator,
        version=record.version,
        disposition=Disposition.REPORT,
        reason=None,
        received_at=mapped.received_at,
        fields=record.fields,
        attachments=report.attachments or (),
        thread=record.thread,
        report=report,
    )
