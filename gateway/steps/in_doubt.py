"""Does LAPOR have a report whose request ended without an answer? Looked up by external_id, never guessed.

A lookup too early is worse than none: LAPOR may still be committing. So it waits `in_doubt_wait` from the send, and
only a report that was absent twice is sent again. Lists leave out secret reports, so that one of them is absent proves
nothing: a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.desk import Desk, StepResult
from gateway.lapor.errors import LaporError, Refused
from gateway.lapor.port import Complaint, Lapor
from gateway.lapor.statuses import canonical
from gateway.steps import backoff
from gateway.steps.breaker import Breaker
from state import deliveries, doubts
from state.deliveries import Accepted
from state.doubts import InDoubt

_AT_ONCE = 200
_ABSENCES = 2


def resolve(desk: Desk, lapor: Lapor, breaker: Breaker, result: StepResult) -> None:
    """Look up every report in doubt whose time has come."""
    with desk.store.read() as tx:
        reports = doubts.in_doubt(tx, desk.now(), _AT_ONCE)
    for report in reports:
        if desk.stop.is_set() or not desk.writer.holds() or breaker.room(1) <= 0:
            return
        if report.target != lapor.target:
            _leave_to_person(desk, report, result, "it was sent to another LAPOR than the configured one")
            continue
        if not lapor.reads:
            _leave_to_person(desk, report, result, "")
            continue
        try:
            found = lapor.find(report.external_id)
        except LaporError as error:
            _failed(desk, report, error, breaker, result)
            continue
        breaker.succeeded()
        _judge(desk, report, found, result)


def _judge(desk: Desk, report: InDoubt, found: Sequence[Complaint], result: StepResult) -> None:
    ours = [complaint for complaint in found if complaint.external_id == report.external_id]
    if ours:
        _adopt(desk, report, ours, result)
    elif found:
        _leave_to_person(desk, report, result, "LAPOR's lookup shows other reports: it cannot look up by external_id")
    elif report.secret:
        _leave_to_person(desk, report, result, "")
    else:
        _absent(desk, report, result)


def _adopt(desk: Desk, report: InDoubt, ours: Sequence[Complaint], result: StepResult) -> None:
    first = ours[0]
    with desk.store.begin() as tx:
        outcome = Accepted(first.tracking_id, None, first.status, canonical(first.status))
        collisions = deliveries.settle(tx, {report.id: outcome}, desk.now())
    result.counts["found"] += 1
    if len(ours) > 1:
        result.fail("partial", f"LAPOR has report {report.id} {len(ours)} times; the earlier was taken")
    if collisions:
        result.fail("partial", f"report {report.id}: its tracking id is bound to report {collisions[0].bound_to}")


def _absent(desk: Desk, report: InDoubt, result: StepResult) -> None:
    now = desk.now()
    with desk.store.begin() as tx:
        if report.absences + 1 >= _ABSENCES:
            doubts.requeue(tx, report, now)
            result.counts["requeued"] += 1
        else:
            doubts.absent(tx, report, now + desk.config.lapor.in_doubt_wait, now)


def _leave_to_person(desk: Desk, report: InDoubt, result: StepResult, message: str) -> None:
    with desk.store.begin() as tx:
        doubts.absent(tx, report, None, desk.now())
    result.counts["for_a_person"] += 1
    if message:
        result.fail("partial", f"report {report.id}: {message}")


def _failed(desk: Desk, report: InDoubt, error: LaporError, breaker: Breaker, result: StepResult) -> None:
    """A LAPOR that refuses to be asked cannot look up: a person decides, and filing goes on."""
    if isinstance(error, Refused) and error.code not in {"unauthorized", "redirected"}:
        _leave_to_person(desk, report, result, f"LAPOR cannot look it up: {error}")
        return
    breaker.failed(error)
    _look_later(desk, report)


def _look_later(desk: Desk, report: InDoubt) -> None:
    settings = desk.config.lapor
    delay = backoff.wait(report.absences + 1, settings.retry_first, settings.retry_max)
    with desk.store.begin() as tx:
        doubts.put_off(tx, [report.id], desk.now() + delay)
