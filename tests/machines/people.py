"""What people do meanwhile: operators with their commands, and the agency in LAPOR."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import sqlalchemy as sa

from gateway import corrections
from gateway.lapor.statuses import Status
from gateway.steps.collect import pin_of
from mappings.report import problems
from state import acts, channels, deliveries, doubts, targets
from state.deliveries import Accepted
from state.lifecycle import NotAllowed, Stage
from state.models import REPORT
from tests.fakes import TARGET
from tests.machines.world import NAMES, World

OPERATOR = "operator"
PAUSABLE = (*NAMES, "lapor")
OPEN = (Stage.HELD, Stage.QUEUED, Stage.REJECTED, Stage.SENDING)
"""What operators try to change; what is under way is refused to them."""
STATUSES = ("Terdisposisi ke Dinas PU", "Terdisposisi Sedang Diproses", "Ditutup oleh Pelapor", "Entah apa")


def operate(world: World, act: str, choice: int) -> None:
    """An operator's command on one of the reports that it is meant for, if there is one."""
    stages, command = _COMMANDS[act]
    with suppress(NotAllowed), world.books.begin() as tx:
        numbers = _in_stages(tx, stages)
        if numbers:
            command(world, tx, numbers[choice % len(numbers)])


def _in_stages(tx: sa.Connection, stages: Sequence[Stage]) -> Sequence[int]:
    return list(tx.scalars(sa.select(REPORT.c.id).where(REPORT.c.stage.in_(stages)).order_by(REPORT.c.id)))


def _release(world: World, tx: sa.Connection, number: int) -> None:
    """As `release` does: what LAPOR would refuse stays held."""
    _, values = acts.values_of(tx, number)
    if not problems(values, world.clock()):
        acts.release(tx, number, OPERATOR, world.clock())


def _drop(world: World, tx: sa.Connection, number: int) -> None:
    acts.drop(tx, number, "uji", OPERATOR, world.clock())
    world.dropped.add(number)


def _retry(world: World, tx: sa.Connection, number: int) -> None:
    _correct(world, tx, number, "retried", {})


def _amend(world: World, tx: sa.Connection, number: int) -> None:
    _correct(world, tx, number, "amended", corrections.read_changes(world.config, ["judul=Diperbaiki"]))


def _correct(world: World, tx: sa.Connection, number: int, kind: str, changes: Mapping[str, object]) -> None:
    stored = acts.stored(tx, number)
    amendments = {**stored.amendments, **changes}
    planned = corrections.replan(world.config, stored, amendments)
    if planned is not None:
        corrections.carry_out(tx, planned, amendments, kind, OPERATOR)


def _resolve(world: World, tx: sa.Connection, number: int) -> None:
    """Say what is so: the operator has looked in LAPOR, and has waited long enough for what comes late."""
    report = doubts.doubtful(tx, number)
    filed = world.lapor.has(report.external_id)
    if filed is not None:
        outcome = Accepted(filed.tracking_id, None, "", Status.UNKNOWN)
        assert not deliveries.settle(tx, {number: outcome}, world.clock(), OPERATOR)
    elif report.external_id not in world.lapor.copies():
        doubts.requeue(tx, report, world.clock(), OPERATOR)


_COMMANDS: dict[str, tuple[Sequence[Stage], Callable[[World, sa.Connection, int], None]]] = {
    "release": ([Stage.HELD], _release),
    "drop": (OPEN, _drop),
    "retry": (OPEN, _retry),
    "amend": (OPEN, _amend),
    "resolve": ([Stage.IN_DOUBT], _resolve),
}
COMMANDS = tuple(_COMMANDS)


def pause(world: World, what: str) -> None:
    """`pause lapor`, or a channel."""
    with world.books.begin() as tx:
        if what in NAMES:
            channels.set_paused(tx, what, OPERATOR, world.clock())
        else:
            targets.add(tx, TARGET)
            targets.pause_by_person(tx, TARGET)


def resume(world: World, what: str) -> None:
    """`resume lapor`, or a channel."""
    with world.books.begin() as tx:
        if what in NAMES:
            channels.set_paused(tx, what, None, world.clock())
        else:
            targets.resume_by_person(tx, TARGET)


def accept(world: World, number: int) -> None:
    """`accept CHANNEL`: what its first round held back goes out."""
    with world.books.begin() as tx:
        known = channels.known(tx, NAMES[number])
        if known is None:
            return
        channels.accept(tx, known, pin_of(world.channels[number]), OPERATOR, world.clock())
        for report_id in acts.held_only_for(tx, known.id, "first_run_limit"):
            acts.release(tx, report_id, OPERATOR, world.clock())


def heal(world: World) -> None:
    """Nothing is paused any more."""
    for what in PAUSABLE:
        resume(world, what)


def resolve_all(world: World) -> None:
    """Operators settle every report in doubt."""
    with world.books.begin() as tx:
        for number in _in_stages(tx, [Stage.IN_DOUBT]):
            _resolve(world, tx, number)


def agency_acts(world: World, choice: int, status: str | None) -> None:
    """The agency writes to one of the reports, under another status or the same one."""
    filed = world.lapor.present()
    if not filed:
        return
    complaint = filed[choice % len(filed)]
    world.lapor.write(complaint.tracking_id, f"Jawaban {choice}")
    world.lapor.change(complaint.tracking_id, status or complaint.status)
