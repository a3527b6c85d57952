"""How is a step run so that whatever happens in it touches no other, and everybody can see what it did?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connectors.contract import ConnectorError
from gateway import tidying, unforeseen
from gateway.audit import audit_state
from gateway.config import Channel, Config
from gateway.desk import Desk, StepResult
from gateway.lapor import profiles
from gateway.lapor.port import Lapor
from gateway.log import logger
from gateway.steps.collect import collect
from gateway.steps.reply import reply
from gateway.steps.submit import submit
from gateway.steps.track import track
from state import channels, deliveries, journal, recovery, replies, targets, upkeep
from state.database import Store, open_state
from state.errors import StateError
from state.journal import StepRun
from state.writer import only_writer


def open_store(config: Config) -> Store:
    """The configured state. Raises StateError with what to do."""
    settings = config.gateway
    return open_state(settings.state, settings.state_password, settings.id)


def connect(config: Config, stop: threading.Event | None = None) -> Lapor:
    """The configured LAPOR; once `stop` is set, no further request waits for its turn."""
    return profiles.connect(config.lapor, stop or threading.Event())


@contextmanager
def desk_of(config: Config, **surroundings: object) -> Iterator[Desk]:
    """Open the state as its only writer, and put in doubt what a killed process was just sending."""
    store = open_store(config)
    try:
        refuse_new_target(store, config.lapor.target)
        with only_writer(store) as writer:
            recovery.count(store)
            desk = Desk(config, store, writer, **surroundings)  # type: ignore[arg-type]
            with store.begin() as tx:
                left = deliveries.recover(tx, config.lapor.in_doubt_wait, desk.now())
                left += replies.recover(tx, config.lapor.in_doubt_wait, desk.now())
                targets.accept(tx, config.lapor.target)
                targets.probe_at_once(tx, config.lapor.target)
            if left:
                logger().warning(
                    "interrupted", recovered=left, message="in doubt: they are looked up before anything else"
                )
            yield desk
    finally:
        store.close()


def refuse_new_target(store: Store, target: str) -> None:
    """Raise StateError where reports are bound to another LAPOR, until a person says which of two things it means."""
    with store.read() as tx:
        others = targets.left_behind(tx, target)
    if others:
        raise StateError(
            f"until now reports were filed in {', '.join(others)}; the configuration says {target}. Is it the same "
            f"LAPOR under a new address? `lapor-gateway accept lapor --moved-from '{others[0]}'`. Is it another one? "
            "`lapor-gateway accept lapor`: what was filed stays where it is and is not tracked here"
        )


def collect_channel(desk: Desk, channel: Channel) -> StepResult:
    """Run `collect` for a channel."""
    return _run(desk, "collect", channel, lambda: collect(channel, desk))


def reply_channel(desk: Desk, channel: Channel) -> StepResult:
    """Run `reply` for a channel."""
    return _run(desk, "reply", channel, lambda: reply(channel, desk))


def submit_due(desk: Desk, lapor: Lapor) -> StepResult:
    """Run `submit`."""
    return _run(desk, "submit", None, lambda: submit(desk, lapor))


def track_changes(desk: Desk, lapor: Lapor) -> StepResult:
    """Run `track`."""
    return _run(desk, "track", None, lambda: track(desk, lapor))


def audit_daily(desk: Desk) -> StepResult:
    """Run the audit of the state."""
    return _run(desk, "audit", None, lambda: audit_state(desk))


def tidy_spool(desk: Desk) -> StepResult | None:
    """Delete the files that no record needs any more; None where that was done within the last day."""
    try:
        due = tidying.is_due(desk)
    except ConnectorError:
        due = True  # The step tells of the trouble.
    return _run(desk, "tidy", None, lambda: tidying.tidy(desk)) if due else None


def verify(desk: Desk) -> None:
    """Have the database check itself. Raises StateError where it is damaged: nothing may be sent from it then."""
    wrong = upkeep.integrity(desk.store)
    if wrong:
        raise StateError(
            f"the state at {desk.store.where} is damaged ({wrong[0]}): restore the last backup, then run "
            "`lapor-gateway state recover`; `lapor-gateway state check` tells more"
        )


def _run(desk: Desk, step: str, channel: Channel | None, work: Callable[[], StepResult]) -> StepResult:
    """Run a step, log it and keep its run in the state; its failure is a result, never an exception."""
    started, clock = desk.now(), time.monotonic()
    try:
        result = work()
    except (ConnectorError, StateError) as error:
        result = StepResult()
        result.fail("failed", str(error))
    except Exception as error:  # noqa: BLE001 - one channel's unforeseen failure must not stop the others
        result = StepResult()
        result.fail("failed", unforeseen.told(error))
    if step == "reply" and result.outcome == "ok" and not result.counts:
        return result
    result.step, result.channel = step, channel.name if channel else ""
    seconds = round(time.monotonic() - clock, 3)
    _tell(step, channel, result, seconds)
    _keep(desk, StepRun(step, _channel_id(desk, channel), started, desk.now(), result.outcome, *_facts(result)))
    return result


def _facts(result: StepResult) -> tuple[dict[str, int], list[dict[str, str]], str]:
    return dict(result.counts), [dict(problem) for problem in result.problems], result.message


_LAST_TOLD: dict[tuple[str, str], str] = {}


def _tell(step: str, channel: Channel | None, result: StepResult, seconds: float) -> None:
    log = logger().info if result.outcome == "ok" else logger().warning
    if _is_repetition(step, channel, result):
        log = logger().debug
    counts = {name: count for name, count in result.counts.items() if count}
    facts: dict[str, object] = {"outcome": result.outcome, "seconds": seconds, "counts": counts}
    if channel is not None:
        facts["channel"] = channel.name
    if result.message:
        facts["message"] = result.message
    if result.problems:
        facts["problems"] = [f"{problem['where']}: {problem['code']}" for problem in result.problems[:20]]
    log(step, **facts)


def _is_repetition(step: str, channel: Channel | None, result: StepResult) -> bool:
    """The same trouble as at the last run, and nothing done: a day of outage is told as quietly as a minute."""
    key, trouble = (step, channel.name if channel else ""), f"{result.outcome} {result.message}"
    before = _LAST_TOLD.get(key)
    _LAST_TOLD[key] = trouble
    return result.outcome != "ok" and trouble == before and not any(result.counts.values())


def _channel_id(desk: Desk, channel: Channel | None) -> str | None:
    if channel is None:
        return None
    try:
        with desk.store.read() as tx:
            known = channels.known(tx, channel.name)
    except StateError:
        return None
    return known.id if known else None


def _keep(desk: Desk, run: StepRun) -> None:
    try:
        with desk.store.begin() as tx:
            journal.record_run(tx, run)
    except StateError as error:
        logger().error("state", message=str(error))
