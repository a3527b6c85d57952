"""Is each report filed once, or, where nobody can know, with a person?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.e2e.support import Installation, Mock, Row, complaint


def half_secret(reports: int) -> list[Row]:
    """Rows of a source, each second of them secret."""
    return [complaint(n, rahasia="ya" if n % 2 else "tidak") for n in range(1, reports + 1)]


def misfits(gateway: Installation, mock: Mock) -> list[dict[str, Any]]:
    """Reports that are neither filed once nor, being secret, waiting for a person."""
    counts = mock.counts()
    filed = {one["external_id"]: one["tracking_id"] for one in mock.complaints()}
    found = []
    for report in gateway.query("SELECT id, stage, external_id, tracking_id, next_attempt_at, mapped FROM report"):
        own, times = report["external_id"], counts.get(report["external_id"], 0)
        accepted = report["stage"] == "accepted" and times == 1 and report["tracking_id"] == filed[own]
        asked = report["stage"] == "in_doubt" and report["next_attempt_at"] is None and times <= 1
        if not accepted and not (asked and '"is_secret": true' in report["mapped"]):
            found.append({**report, "mapped": "…", "times": times})
    return found


def for_a_person(gateway: Installation) -> list[int]:
    """The reports that `held` shows to be in doubt."""
    return [report["id"] for report in json.loads(gateway.view("held", "--json")) if report["stage"] == "in_doubt"]


def wrongs(gateway: Installation, mock: Mock, reports: int) -> Iterator[str]:
    """Everything that breaks the promise for a source of so many reports."""
    yield from (f"neither once in LAPOR nor with a person: {report}" for report in misfits(gateway, mock))
    stages = gateway.stages()
    if sum(stages.values()) != reports:
        yield f"{reports} reports in the source, in the state {stages}"
    strangers = set(mock.counts()) - {row["external_id"] for row in gateway.query("SELECT external_id FROM report")}
    if strangers:
        yield f"in LAPOR, but in no state: {strangers}"
    yield from unproved(gateway)
    shown = for_a_person(gateway)
    if len(shown) != stages.get("in_doubt", 0):
        yield f"in doubt are {stages.get('in_doubt', 0)}, `held` shows {shown}"


def unproved(gateway: Installation, *options: str) -> Iterator[str]:
    """What `audit` finds."""
    ended = gateway.ask("audit", *options)
    if ended.status != 0 or "The audit is clean." not in ended.out:
        yield f"audit {' '.join(options)} ended with {ended.status}: {ended.said}"
