"""What must hold whenever one looks, and what must have come of everything in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from gateway import audit
from state import acts, deliveries
from state.lifecycle import UNSENT, Stage
from state.models import CHANNEL, EVENT, FOLLOW_UP, RECORD, REPORT
from tests.machines.world import NAMES, World


def always(world: World) -> None:
    """Nothing is there twice, nothing in LAPOR is unknown here, and nothing that was seen is forgotten."""
    rows = _reports(world)
    copies = world.lapor.copies()
    records = Counter((row.name, row.fields["nama"]) for row in rows)
    _none("mistake", world.mistakes)
    _none("filed twice", [name for name, count in copies.items() if count > 1])
    _none("filed by nobody", set(copies) - world.lapor.strangers - {row.external_id for row in rows})
    _none("kept twice", [identity for identity, count in records.items() if count > 1])
    _none("lost", world.seen - set(records))
    _none("unsent, and in LAPOR", [row.id for row in rows if row.stage in UNSENT and row.external_id in copies])
    whose = world.lapor.external_ids()
    accepted = [row for row in rows if row.stage == Stage.ACCEPTED]
    _none("bound to another's number", [row.id for row in accepted if whose.get(row.tracking_id) != row.external_id])
    if world.alive:
        _none("left behind", [row.id for row in rows if row.stage == Stage.SENDING])


def _none(what: str, found: Collection[object]) -> None:
    assert not found, f"{what}: {found}"


def is_settled(world: World) -> bool:
    """Whether nothing waits for anything but a person."""
    with world.books.read() as tx:
        waiting = deliveries.waiting(tx, world.clock())
    return not (waiting.due or waiting.later)


def waits_only_with_reason(world: World) -> None:
    """What is not accepted waits for a person for a reason that was given to it, not by mistake."""
    wrong = [(row.id, row.stage, row.reasons) for row in _reports(world) if not _may_stay(world, row)]
    _none("stays without a reason", wrong)


def _may_stay(world: World, row: Any) -> bool:
    match Stage(row.stage):
        case Stage.ACCEPTED:
            return row.external_id in world.lapor.copies()
        case Stage.HELD:
            return bool(row.reasons) and all(_is_earned(world, row, reason["code"]) for reason in row.reasons)
        case Stage.REJECTED:
            return row.external_id in world.lapor.rejected
        case Stage.DROPPED:
            return row.id in world.dropped
        case Stage.IN_DOUBT:
            seen = world.lapor.reads and row.external_id not in world.lapor.not_shown
            return row.next_attempt_at is None and (not seen or _is_secret(world, row.id))
        case _:
            return False


def _is_earned(world: World, row: Any, code: str) -> bool:
    match code:
        case "field_missing":
            return not row.fields["judul"]
        case "key_reused":
            return "~" in row.key
        case "row_edited":
            return row.name == NAMES[1] and world.sources[1].removed
        case "first_run_limit":
            return bool(row.name == NAMES[1])
        case _:
            return False


def agrees_with_lapor(world: World) -> None:
    """All that is in the sources is known; LAPOR has what is accepted and nothing else of ours."""
    rows = _reports(world)
    listed = {identity for number in range(len(NAMES)) for identity in world.identities(number)}
    accepted = {row.external_id for row in rows if row.stage == Stage.ACCEPTED}
    _none("never seen", listed - world.seen)
    _none("discrepancy", list(audit.local(world.books, world.config.gateway.id)))
    _none("discrepancy in LAPOR", list(audit.remote(world.books, world.lapor)))
    _none("on one side only", accepted ^ (set(world.lapor.copies()) - world.lapor.strangers))
    _none("still in doubt", [row.id for row in rows if row.stage == Stage.IN_DOUBT])
    if world.lapor.reads:
        _none("not heard", [row.id for row in rows if row.stage == Stage.ACCEPTED and not _is_heard(world, row)])


def _is_heard(world: World, row: Any) -> bool:
    """Whether the state knows LAPOR's status and every answer of the agency, each as often as it was written."""
    with world.books.read() as tx:
        told = tx.scalars(sa.select(FOLLOW_UP.c.text).where(FOLLOW_UP.c.report_id == row.id)).all()
    filed = world.lapor.has(row.external_id)
    written = [item.text for item in world.lapor.written.get(row.tracking_id, [])]
    return filed is not None and row.lapor_status == filed.status and sorted(told) == sorted(written)


def happened(world: World) -> Counter[str]:
    """How often each kind of event happened, for a look at whether the machine goes everywhere."""
    with world.books.read() as tx:
        return Counter(tx.scalars(sa.select(EVENT.c.kind)))


_COLUMNS = ("id", "external_id", "stage", "tracking_id", "next_attempt_at", "reasons", "lapor_status")


def _reports(world: World) -> Sequence[Any]:
    """Every report with its record and channel."""
    query = (
        sa.select(*(REPORT.c[name] for name in _COLUMNS), RECORD.c.key, RECORD.c.fields, CHANNEL.c.name)
        .join(RECORD, RECORD.c.id == REPORT.c.id)
        .join(CHANNEL, CHANNEL.c.id == RECORD.c.channel_id)
    )
    with world.books.read() as tx:
        return tx.execute(query).all()


def _is_secret(world: World, number: int) -> bool:
    with world.books.read() as tx:
        return acts.values_of(tx, number)[1]["is_secret"] is not False
