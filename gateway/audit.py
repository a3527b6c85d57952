"""Does LAPOR itself bear out what the state believes? Every accepted report is there once, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from gateway.desk import Desk, StepResult
from gateway.lapor.port import Lapor
from gateway.recover import everything
from state import audit, upkeep
from state.audit import Discrepancy
from state.database import Store
from state.models import REPORT


def audit_state(desk: Desk) -> StepResult:
    """Prove the state against itself, and have the database check its file; `failed` with what is wrong."""
    result = StepResult()
    damage = [Discrepancy("the state's file", text) for text in upkeep.integrity(desk.store)]
    for found in [*damage, *local(desk.store, desk.config.gateway.id)]:
        result.counts["discrepancies"] += 1
        result.problems.append({"where": found.subject, "code": "audit", "detail": found.text})
        result.fail("failed", "the audit found discrepancies: see `lapor-gateway audit`")
    return result


def local(store: Store, gateway_id: str) -> Sequence[Discrepancy]:
    """What the state itself contradicts."""
    with store.read() as tx:
        return list(audit.discrepancies(tx, gateway_id))


def remote(store: Store, lapor: Lapor) -> Iterator[Discrepancy]:
    """What LAPOR contradicts. Reads all its lists; secret reports are asked for one by one. Raises LaporError."""
    with store.read() as tx:
        ours = {
            row.external_id: (row.id, row.tracking_id)
            for row in tx.execute(
                sa.select(REPORT.c.id, REPORT.c.external_id, REPORT.c.tracking_id).where(
                    REPORT.c.target == lapor.target
                )
            )
        }
    listed = {complaint.tracking_id: complaint for page in everything(lapor) for complaint in page}
    counted = Counter(complaint.external_id for complaint in listed.values() if complaint.external_id in ours)
    for external_id, (number, tracking_id) in ours.items():
        if counted[external_id] > 1:
            yield Discrepancy(f"report {number}", f"LAPOR has it {counted[external_id]} times")
        elif tracking_id is not None and tracking_id not in listed and lapor.complaint(tracking_id) is None:
            yield Discrepancy(f"report {number}", f"LAPOR does not know {tracking_id}")
        elif tracking_id is None and counted[external_id]:
            yield Discrepancy(f"report {number}", "LAPOR has it, the state does not know")
