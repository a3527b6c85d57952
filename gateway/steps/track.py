"""Step 3, track: what did LAPOR change since the last time? Statuses and follow-ups, each once, in LAPOR's order.

Pages shift while reports change, so page 1 is asked again from the last instant seen, and pages are turned only within
one instant. Lists leave out secret reports: those are asked for one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from gateway.desk import Desk, StepResult
from gateway.lapor.errors import LaporError, Unavailable
from gateway.lapor.port import Complaint, Lapor
from gateway.lapor.statuses import OPEN, Status, canonical
from gateway.recover import sighting_of
from gateway.steps.breaker import Breaker
from state import recovery, tracking
from state.tracking import Item, News, Tracked

_ONE_BY_ONE = 200
_LOOK_AGAIN = timedelta(hours=1)
_LISTED_AGAIN = timedelta(days=7)


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
        if report.updated_at is None or complaint.updated_at > report.updated_at or complaint.status != report.status:
            if breaker.room(1) <= 0:
                result.fail("partial", "the limit of requests a day is reached")
                return False
            _update(desk, lapor, report, complaint, breaker, result)
    return True


def _remember(desk: Desk, lapor: Lapor, strangers: Sequence[Complaint], result: StepResult) -> None:
    """Reports that this state has not sent: another gateway's, or our own that it has forgotten."""
    sightings = [sighting_of(complaint, lapor.target) for complaint in strangers]
    with desk.store.begin() as tx:
        adopted = recovery.remember(tx, sightings, desk.now())
        doubled = recovery.bound_otherwise(tx, sightings)
    result.counts["adopted"] += len(adopted)
    for report_id, tracking_id in doubled:
        text = f"LAPOR has report {report_id} under {tracking_id} too: does a second gateway use the same id?"
        result.fail("partial", text)
        result.problems.append({"where": f"report {report_id}", "code": "filed_twice", "detail": tracking_id})


def _read_one_by_one(desk: Desk, lapor: Lapor, breaker: Breaker, result: StepResult) -> None:
    with desk.store.read() as tx:
        reports = tracking.due(tx, lapor.target, desk.now(), _ONE_BY_ONE)
    for report in reports:
        if desk.stop.is_set() or breaker.room(1) <= 0:
            return
        complaint = lapor.complaint(report.tracking_id)
        if complaint is None:
            result.fail("partial", f"LAPOR no longer knows report {report.id}")
        elif not _update(desk, lapor, report, complaint, breaker, result):
            continue
        with desk.store.begin() as tx:
            tracking.next_look(tx, report.id, desk.now() + _pause(complaint))


def first_look(*, secret: bool) -> timedelta:
    """How long after its sending a report is asked for by itself: a secret one soon, for no list tells of it."""
    return _LOOK_AGAIN if secret else _LISTED_AGAIN


def _pause(complaint: Complaint | None) -> timedelta:
    """Only secret reports need to be asked for again and again; the list tells of the others."""
    watched = complaint is not None and complaint.is_secret and canonical(complaint.status) in OPEN
    return _LOOK_AGAIN if watched else _LISTED_AGAIN


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
    news = News(complaint.status, canonical(complaint.status), complaint.updated_at, complaint.detail)
    with desk.store.begin() as tx:
        changed, added = tracking.update(tx, report, news, items, desk.now())
    result.counts["changed"] += changed
    result.counts["follow_ups"] += added
    if news.canonical == "unknown":
        result.counts["unknown_status"] += 1
        result.problems.append({"where": f"report {report.id}", "code": "status_unknown", "detail": complaint.status})
    return True


def _items(lapor: Lapor, report: Tracked, complaint: Complaint) -> Sequence[Item]:
    """The follow-ups; a report that nobody has touched since it was filed has none to ask for."""
    untouched = complaint.status == report.status and canonical(complaint.status) == Status.RECEIVED
    if untouched and report.updated_at is None:
        return []
    return [Item(f.date, f.responder, f.text, f.external_id) for f in lapor.followups(report.tracking_id)]


def _look_later(desk: Desk, report: Tracked, error: LaporError, result: StepResult) -> None:
    """One report that LAPOR cannot show stops nobody: it is asked for by itself in an hour."""
    result.fail("partial", f"report {report.id}: {error}")
    with desk.store.begin() as tx:
        tracking.next_look(tx, report.id, desk.now() + _LOOK_AGAIN)
