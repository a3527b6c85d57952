"""How does `sync` make one attempt for whatever is due, and how does it go on until nothing is?"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from gateway.desk import Desk, StepResult
from gateway.lapor.port import Lapor
from gateway.work import collect_channel, reply_channel, submit_due, tidy_spool, track_changes
from state import deliveries, replies, targets

_CHANNELS_AT_ONCE = 4
_LONGEST_NAP = 5.0


def one_round(desk: Desk, lapor: Lapor) -> Sequence[StepResult]:
    """Collect from every channel, submit, track, reply: each once. One channel's failure touches no other."""
    with ThreadPoolExecutor(_CHANNELS_AT_ONCE, thread_name_prefix="collect") as pool:
        results = list(pool.map(lambda channel: collect_channel(desk, channel), desk.config.channels))
    if not desk.stop.is_set():
        # Before sending: what an earlier state has sent is seen in LAPOR's list, and adopted instead of sent.
        results.append(track_changes(desk, lapor))
    if not desk.stop.is_set():
        results.append(submit_due(desk, lapor))
    if not desk.stop.is_set():
        results += [reply_channel(desk, channel) for channel in desk.config.channels]
    tidied = None if desk.stop.is_set() else tidy_spool(desk)
    return results if tidied is None else [*results, tidied]


def until_settled(desk: Desk, lapor: Lapor) -> Sequence[StepResult]:
    """Rounds until no report waits for anything but a person; the results of the first round and of every later one."""
    results = list(one_round(desk, lapor))
    while lapor.files and not desk.stop.is_set() and _wait_for_next(desk):
        results.append(submit_due(desk, lapor))
    if not desk.stop.is_set():
        results.append(track_changes(desk, lapor))
    if not desk.stop.is_set():
        results += [reply_channel(desk, channel) for channel in desk.config.channels]
    return results


def _wait_for_next(desk: Desk) -> bool:
    """Sleep until the next report or reply is due; False when none is waiting, or a person must let LAPOR go on."""
    now = desk.now()
    with desk.store.read() as tx:
        waiting = deliveries.waiting(tx, now)
        due_replies, next_reply = replies.waiting(tx, desk.config.lapor.target, now)
        target = targets.get(tx, desk.config.lapor.target)
    if target.until_resumed or not (waiting.due or waiting.later or due_replies or next_reply):
        return False
    soonest = min((moment for moment in (waiting.next_at, next_reply) if moment is not None), default=None)
    moments = [moment for moment in (soonest, target.paused_until) if moment is not None]
    nap = (max(moments) - desk.now()).total_seconds() if moments else 0.0
    desk.stop.wait(min(max(nap, 0.05), _LONGEST_NAP))
    return True
