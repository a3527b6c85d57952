"""Part of step 2: what citizens wrote again goes to LAPOR as the reporter's own reply, each once and in order.

A reply without an answer is in doubt like a report: looked up among the report's follow-ups by its external_id, and
posted again only after it was absent twice. A secret report's follow-ups can be read by its number, so nothing of it
stays unprovable.
"""

from __future__ import annotations

from datetime import timedelta

from gateway.desk import Desk, StepResult
from gateway.lapor.errors import LaporError, OutcomeUnknown, Refused, Rejected, Unavailable
from gateway.lapor.port import Lapor
from gateway.steps import backoff
from gateway.steps.breaker import Breaker
from state import replies
from state.replies import DueReply, ReplyStage

_AT_ONCE = 100
_ABSENCES = 2
_THIS_ONE = {"wrong_address", "refused"}
"""404 and its like mean that LAPOR has no such report any more, or takes no reply to it: no matter for the others."""


def send_replies(desk: Desk, lapor: Lapor, breaker: Breaker, result: StepResult) -> None:
    """One attempt for every reply that is due."""
    with desk.store.read() as tx:
        due = replies.due(tx, desk.now(), _AT_ONCE)
    for reply in due:
        if desk.stop.is_set() or not desk.writer.holds() or breaker.room(1) <= 0:
            return
        if not lapor.reads or reply.target != lapor.target:
            _hold(desk, reply, "no_reading" if reply.target == lapor.target else "other_lapor", result)
            continue
        try:
            if reply.stage is ReplyStage.IN_DOUBT:
                _look(desk, lapor, reply, result)
            else:
                _send(desk, lapor, reply, result)
            breaker.succeeded()
        except LaporError as error:
            _failed(desk, reply, error, breaker, result)


def _send(desk: Desk, lapor: Lapor, reply: DueReply, result: StepResult) -> None:
    with desk.store.begin() as tx:
        replies.claim(tx, reply, desk.now())
    lapor.reply(reply.tracking_id, reply.text, reply.external_id)
    with desk.store.begin() as tx:
        replies.sent(tx, reply, desk.now())
    result.counts["replies"] += 1


def _look(desk: Desk, lapor: Lapor, reply: DueReply, result: StepResult) -> None:
    there = any(item.external_id == reply.external_id for item in lapor.followups(reply.tracking_id))
    now = desk.now()
    with desk.store.begin() as tx:
        if there:
            replies.sent(tx, reply, now)
            result.counts["replies"] += 1
        elif reply.absences + 1 >= _ABSENCES:
            replies.later(tx, reply, now, "absent", now)
        else:
            replies.absent(tx, reply, now + desk.config.lapor.in_doubt_wait, now)


def _failed(desk: Desk, reply: DueReply, error: LaporError, breaker: Breaker, result: StepResult) -> None:
    """As for a report: see the table of outcomes."""
    settings, now = desk.config.lapor, desk.now()
    if isinstance(error, Refused) and error.code in _THIS_ONE:
        # Of one report alone: filing went well in this very round.
        _hold(desk, reply, "reply_rejected", result)
        return
    looking = reply.stage is ReplyStage.IN_DOUBT
    breaker.failed(error)
    wait = getattr(error, "retry_after", None) or backoff.wait(
        reply.attempts + 1, settings.retry_first, settings.retry_max
    )
    with desk.store.begin() as tx:
        match error:
            case Rejected():
                replies.hold(tx, reply, "reply_rejected", now)
                result.fail("partial", f"LAPOR refuses reply {reply.id}: see `lapor-gateway held`")
            case OutcomeUnknown() | Refused(code="redirected"):
                replies.doubt(tx, reply, now + settings.in_doubt_wait, error.code, now)
            case Unavailable() | Refused() if looking:
                replies.doubt(tx, reply, now + wait, error.code, now)
            case Refused():
                replies.later(tx, reply, now + timedelta(0), error.code, now)
            case _:
                replies.later(tx, reply, now + wait, error.code, now)


def _hold(desk: Desk, reply: DueReply, code: str, result: StepResult) -> None:
    with desk.store.begin() as tx:
        replies.hold(tx, reply, code, desk.now())
    result.counts["for_a_person"] += 1
