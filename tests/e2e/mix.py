"""A LAPOR loses answers, commits late and is busy: what becomes of many reports, and what does the gateway tell?"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.once import for_a_person, half_secret, unproved, wrongs
from tests.e2e.support import Ended, Installation, Mock, fill_sqlite, lapor_process, sql_channel

FILING = "POST /complaints"
PATIENCE = 1.0
LATE = 1.6
"""Seconds after which LAPOR commits: the client has given up by then, and does not look for it before 3 s."""
SHARES = {
    "drop_after": 0.10,
    "drop_before": 0.05,
    "timeout_commit": 0.01,
    "late_commit": 0.01,
    "error": 0.05,
    "too_many": 0.05,
    "unavailable": 0.03,
}
"""Parts of all requests to file."""
DOUBTED = ("drop_after", "drop_before", "timeout_commit", "error")
POSTPONED = ("too_many", "unavailable")
MOST_REQUESTS = 1.8
"""For each report: posts, lookups and tracking together."""


@dataclass(frozen=True)
class Outcome:
    """What LAPOR counted until the run was over, and what was wrong by then."""

    struck: Mapping[str, int]
    per_report: float
    asked: int
    wrong: list[str]


def file_through_faults(folder: Path, reports: int) -> Outcome:
    """Send so many reports, each second of them secret, to the end, and compare LAPOR, state and what is told."""
    with lapor_process(folder) as mock:
        gateway = _installation(folder, mock, reports)
        _switch_on(mock)
        run = gateway.cli("sync", "--until-settled", within=240)
        time.sleep(LATE)
        mock.heal()
        traffic = mock.traffic()
        struck = traffic[FILING]
        asked = for_a_person(gateway)
        wrong = [
            *_unwell(run),
            *wrongs(gateway, mock, reports),
            *_untold(gateway, mock, reports, struck),
            *unproved(gateway, "--remote"),
            *_undecidable(gateway, mock, asked),
        ]
    requests = sum(sum(outcomes.values()) for outcomes in traffic.values())
    return Outcome(struck, requests / reports, len(asked), wrong)


def _installation(folder: Path, mock: Mock, reports: int) -> Installation:
    fill_sqlite(folder / "sumber.db", half_secret(reports))
    lapor = {"timeout": f"{PATIENCE}s", "in_doubt_wait": "2s"}
    channel = sql_channel("sqlite:///sumber.db", first_run_limit=reports)
    made = Installation(folder, mock.url, [channel], lapor)
    made.init()
    return made


def _switch_on(mock: Mock) -> None:
    """The mock asks each fault in turn, so that a later one only gets what the earlier ones have left."""
    left = 1.0
    for name, share in SHARES.items():
        late = {"commit_delay": LATE} if name.endswith("_commit") else {}
        mock.fault(name, rate=share / left, method="POST", path="/complaints", **late)
        left -= share


def _unwell(run: Ended) -> Iterator[str]:
    """Its exit status says nothing here: one round in which LAPOR served nobody makes it 1."""
    if "Traceback" in run.said or "unexpected" in run.said:
        yield f"the run ended with {run.status}: {run.said}"


def _told(gateway: Installation, *command: str) -> Any:
    return json.loads(gateway.view(*command, "--json"))


def _untold(gateway: Installation, mock: Mock, reports: int, struck: Mapping[str, int]) -> Iterator[str]:
    """Where `status`, `held` and `log` leave a report or a request unexplained."""
    asked = set(for_a_person(gateway))
    (channel,) = _told(gateway, "status")["channels"]
    accepted = reports - len(asked)
    expected = {"report": reports, "accepted": accepted, **({"in_doubt": len(asked)} if asked else {})}
    if channel["counts"] != expected:
        yield f"`held` shows {len(asked)} in doubt, `status` {channel['counts']}"
    filed = mock.counts()
    absent = {number for number, own in _external_ids(gateway).items() if own not in filed}
    if not absent <= asked:
        yield f"LAPOR lacks {absent - asked}, and `held` does not show them"
    yield from _unexplained(_logged(gateway), struck, accepted, len(asked))


def _external_ids(gateway: Installation) -> Mapping[int, str]:
    return {row["id"]: row["external_id"] for row in gateway.query("SELECT id, external_id FROM report")}


def _logged(gateway: Installation) -> Counter[str]:
    """What the runs of `submit` have counted, together."""
    sums: Counter[str] = Counter()
    for run in _told(gateway, "log", "-n", "10000"):
        if run["step"] == "submit":
            sums.update(run["counts"])
    return sums


def _unexplained(logged: Counter[str], struck: Mapping[str, int], accepted: int, asked: int) -> Iterator[str]:
    """Where the log's sums are others than LAPOR's own: each request to file is one of them, each report another."""
    sums = {
        "requests to file": (logged["accepted"] + logged["in_doubt"] + logged["postponed"], sum(struck.values())),
        "postponed": (logged["postponed"], sum(struck.get(name, 0) for name in POSTPONED)),
        "accepted": (logged["accepted"] + logged["found"], accepted),
        "for a person": (logged["for_a_person"], asked),
    }
    yield from (f"{what}: the log says {log}, it were {real}" for what, (log, real) in sums.items() if log != real)
    # A request that was slow by chance is in doubt too.
    if logged["in_doubt"] < sum(struck.get(name, 0) for name in DOUBTED):
        yield f"fewer in doubt than LAPOR left unanswered: {dict(logged)}, {dict(struck)}"


def _undecidable(gateway: Installation, mock: Mock, asked: list[int]) -> Iterator[str]:
    """A person looks each doubt up in LAPOR and says what is there: then every report must be filed once."""
    filed = {one["external_id"]: one["tracking_id"] for one in mock.complaints()}
    own = _external_ids(gateway)
    for number in asked:
        tracking_id = filed.get(own[number])
        gateway.view("resolve", str(number), *(("--sent", tracking_id) if tracking_id else ("--not-sent",)))
    gateway.cli("sync", "--until-settled")
    reports = len(own)
    if gateway.stages() != {"accepted": reports}:
        yield f"after a person decided: {gateway.stages()}"
    if sorted(mock.counts().values()) != [1] * reports:
        yield f"after a person decided, filed so often: {Counter(mock.counts().values())}"
