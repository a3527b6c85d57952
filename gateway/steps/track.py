"""Step 3, track: what did LAPOR change since the last time? Statuses and follow-ups, each once, in LAPOR's order.

Pages shift while reports change, so page 1 is asked again from the last instant seen, and pages are turned only within
one instant. Lists leave out secret reports: those are asked for one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.desk import Desk, StepResult
from gateway.lapor.errors import LaporError, Unavailable
from gateway.lapor.port import Complaint, Lapor
from gateway.lapor.statuses import OPEN, Status, canonical
from gateway.recover import sighting_of
from gateway.steps.breaker import Breaker
from state import recovery, targets, tracking
from state.tracking import Item, News, Tracked

_ONE_BY_ONE = 200
_LOOK_AGAIN = timedelta(hours=1)
_LISTED_AGAIN = timedelta(days=30)
_PACE = (
    (timedelta(days=7), timedelta(hours=1)),
    (timedelta(days=30), timedelta(hours=6)),
    (timedelta(days=90), timedelta(days=1)),
    (timedelta(days=3_650), timedelta(days=3)),
)
"""Up to which age a secret report is asked for, and how often."""
_REOPENED_WITHIN = timedelta(days=30)
"""So long after its end a report may still be opened again."""
_SAME_INSTANT = timedelta(seconds=90)
_CLOCKS_APART = timedelta(hours=1)


def track(desk: Desk, lapor: Lapor) -> StepResult:
    """Read all changes since the saved cursor, saving it on the way. Never raises for what LAPOR does."""
    result = StepResult()
    if not lapor.reads:
        return result
    breaker = Breaker(desk, lapor, result)
    if not breaker.closed():
        return result
    try:
        _read_changes(desk, lapor, breaker, result)
        _read_one_by_one(desk, lapor, breaker, result)
        breaker.succeeded()
    except LaporError as error:
        if isinstance(error, Unavailable) or error.code == "unauthorized":
            breaker.failed(error)
        result.fail("failed", str(error))
        result.problems.append({"where": "LAPOR", "code": error.code, "detail": ""})
    breaker.save()
    return result


def _read_changes(desk: Desk, lapor: Lapor, breaker: Breaker, result: StepResult) -> None:
    with desk.store.read() as tx:
        since = tracking.cursor(tx, lapor.target)
    page = 1
    asked: set[tuple[str | None, int]] = set()
    while not desk.stop.is_set() and breaker.room(1) > 0 and (since, page) not in asked:
        asked.add((since, page))
        found = lapor.changed(since, page)
        if not _take(desk, lapor, found.complaints, breaker, result):
            return
        last = found.complaints[-1].updated_text if found.complaints else since
        if last is not None and last != since:
            with desk.store.begin() as tx:
                tracking.save_cursor(tx, lapor.target, last)
        if page >= found.last and (last == since or found.last == 1):
            return
        since, page = (since, page + 1) if last == since else (last, 1)


def _take(desk: Desk, lapor: Lapor, complaints: Sequence[Complaint], breaker: Breaker, result: StepResult) -> bool:
    """Keep the news of a page. False where it could not be finished: the cursor stays, and the page is read again."""
    with desk.store.read() as tx:
        ours = tracking.by_tracking_id(tx, lapor.target, [complaint.tracking_id for complaint in complaints])
    _remember(desk, lapor, [one for one in complaints if one.external_id and one.tracking_id not in ours], result)
    for complaint in complaints:
        report = ours.get(complaint.tracking_id)
        if report is None or complaint.external_id not in (None, report.external_id):
            continue
        if _is_news(report, complaint):
            if breaker.room(1) <= 0:
                result.fail("partial", "the limit of requests a day is reached")
                return False
            _update(desk, lapor, report, complaint, breaker, result)
    return True


def _is_news(report: Tracked, complaint: Complaint) -> bool:
    """Whether it must be read; once more where the last look came right after LAPOR's change, in its very second."""
    if report.updated_at is None or complaint.updated_at > report.updated_at:
        return True
    return complaint.status != report.status or (report.read_again and complaint.updated_at == report.updated_at)


def _remember(desk: Desk, lapor: Lapor, strangers: Sequence[Complaint], result: StepResult) -> None:
    """Reports that this state has not sent: another gateway's, or our own that it has forgotten."""
    sightings = [sighting_of(complaint, lapor.target) for complaint in strangers]
    now = desk.now()
    with desk.store.begin() as tx:
        adopted = recovery.remember(tx, sightings, now)
        foreign = _filed_by_another(tx, strangers, adopted)
        doubled = recovery.bound_otherwise(tx, sightings)
        fresh = [number for number, tracking_id in doubled if not recovery.warned_of(tx, number, tracking_id, now)]
        if foreign:
            recovery.doubt_all(tx, now)
        if foreign or fresh:
            targets.stop_for_second_gateway(tx, lapor.target)
    result.counts["adopted"] += len(adopted)
    for number in foreign:
        text = f"LAPOR has report {number}, which this state never sent: does a second gateway use the same id?"
        result.fail("failed", f"{text} Nothing is sent until `lapor-gateway resume lapor`")
        result.problems.append({"where": f"report {number}", "code": "second_gateway", "detail": ""})
    for number, tracking_id in doubled:
        text = f"LAPOR has report {number} under {tracking_id} too: does a second gateway use the same id?"
        result.fail("partial", text)
        result.problems.append({"where": f"report {number}", "code": "filed_twice", "detail": tracking_id})


def _filed_by_another(tx: sa.Connection, complaints: Sequence[Complaint], adopted: Mapping[str, int]) -> Sequence[int]:
    """Adopted reports that no state of ours can have sent: not this one, and not one that was lost before."""
    lost = recovery.last_recovery(tx)
    never = recovery.never_sent(tx, adopted.values())
    since = lost.at + _CLOCKS_APART if lost else None
    found = {one.external_id: one.received_at for one in complaints}
    return [
        number
        for external_id, number in adopted.items()
        if number in never and (since is None or found[external_id] > since)
    ]


def _read_one_by_one(desk: Desk, lapor: Lapor, breaker: Breaker, result: StepResult) -> None:
    with desk.store.read() as tx:
        reports = tracking.due(tx, lapor.target, desk.now(), _ONE_BY_ONE)
    for report in reports:
        if desk.stop.is_set() or breaker.room(1) <= 0:
            return
        complaint = lapor.complaint(report.tracking_id)
        if complaint is None:
            result.fail("partial", f"LAPOR no longer knows report {report.id}")
            with desk.store.begin() as tx:
                tracking.next_look(tx, report.id, desk.now() + _LISTED_AGAIN)
        else:
            _update(desk, lapor, report, complaint, breaker, result)


def first_look(*, secret: bool) -> timedelta:
    """How long after its sending a report is asked for by itself: a secret one soon, for no list tells of it."""
    return _LOOK_AGAIN if secret else _LISTED_AGAIN


def _next_look(complaint: Complaint, now: datetime) -> datetime | None:
    """When to ask for it by itself again; never, some time after its end.

    Lists tell of what is not secret, so that is asked for only in case it became secret. A secret report is asked for
    the more seldom the older it is.
    """
    is_open = canonical(complaint.status) in OPEN | {Status.UNKNOWN}
    if not is_open and now - complaint.updated_at > _REOPENED_WITHIN:
        return None
    if not complaint.is_secret:
        return now + _LISTED_AGAIN
    age = now - complaint.received_at
    return now + next((pause for until, pause in _PACE if age < until), _PACE[-1][1])


def _update(
    desk: Desk, lapor: Lapor, report: Tracked, complaint: Complaint, breaker: Breaker, result: StepResult
) -> bool:
    """Keep the news of one report. False where LAPOR could not show them: it is asked again in an hour."""
    try:
        items = _items(lapor, report, complaint)
    except LaporError as error:
        if error.code == "unauthorized" or (isinstance(error, Unavailable) and error.code == "no_connection"):
            raise
        _look_later(desk, report, error, result)
        return False
    breaker.succeeded()
    now = desk.now()
    settled = now - complaint.updated_at > _SAME_INSTANT
    news = News(complaint.status, canonical(complaint.status), complaint.updated_at, complaint.detail, settled=settled)
    with desk.store.begin() as tx:
        changed, added = tracking.update(tx, report, news, items, now)
        tracking.next_look(tx, report.id, _next_look(complaint, now))
    result.counts["changed"] += changed
    result.counts["follow_ups"] += added
    if news.canonical == "unknown":
        result.counts["unknown_status"] += 1
        result.problems.append({"where": f"report {report.id}", "code": "status_unknown", "detail": complaint.status})
    return True


def _items(lapor: Lapor, report: Tracked, complaint: Complaint) -> Sequence[Item]:
    """The follow-ups; a report that nobody has touched since it was filed has none to ask for."""
    untouched = complaint.updated_at == complaint.received_at and canonical(complaint.status) == Status.RECEIVED
    if untouched and report.updated_at is None:
        return []
    return [Item(f.date, f.responder, f.text, f.external_id) for f in lapor.followups(report.tracking_id)]


def _look_later(desk: Desk, report: Tracked, error: LaporError, result: StepResult) -> None:
    """One report that LAPOR cannot show stops nobody: it is asked for by itself in an hour."""
    result.fail("partial", f"report {report.id}: {error}")
    with desk.store.begin() as tx:
        tracking.next_look(tx, report.id, desk.now() + _LOOK_AGAIN)
