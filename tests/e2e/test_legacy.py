"""Profile legacy end to end: filed once, the unanswered wait for a person, a change of profile mixes nothing."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.support import Installation, complaint, fill_sqlite, lapor_mock, sql_channel

REPORTS = 6


def test_unknown_outcomes_wait_for_a_person_and_stay_with_their_lapor(tmp_path: Path) -> None:
    fill_sqlite(tmp_path / "sumber.db", [complaint(n, rahasia="tidak") for n in range(1, REPORTS + 1)])
    with lapor_mock() as mock:
        mock.fault("drop_after", next=2, method="POST", path="/api/stream")
        gateway = Installation(tmp_path, mock.url, [sql_channel("sqlite:///sumber.db")], {"profile": "legacy"})
        gateway.init()
        first = gateway.cli("sync", "--until-settled")
        assert gateway.stages() == {"accepted": REPORTS - 2, "in_doubt": 2}
        assert len(mock.complaints()) == REPORTS
        assert "Traceback" not in first.said
        waiting = [one["id"] for one in json.loads(gateway.view("held", "--json"))]
        assert len(waiting) == 2

        lost = {one["title"]: one["tracking_id"] for one in mock.complaints()}
        title = gateway.query(f"SELECT mapped FROM report WHERE id = {waiting[0]}")[0]["mapped"]
        number = lost[json.loads(title)["title"]]
        gateway.view("resolve", str(waiting[0]), "--sent", number)
        assert gateway.stages() == {"accepted": REPORTS - 1, "in_doubt": 1}

        gateway.lapor_settings["profile"] = "v3"
        gateway.write()
        refused = gateway.cli("sync", "--until-settled")
        assert refused.status != 0
        assert "accept lapor" in refused.said
        gateway.view("accept", "lapor")
        gateway.cli("sync", "--until-settled")
        assert gateway.stages() == {"accepted": REPORTS - 1, "in_doubt": 1}
        assert len(mock.complaints()) == REPORTS
    targets = {row["target"] for row in gateway.query("SELECT target FROM report")}
    assert targets == {f"legacy {mock.url}"}


def test_check_says_what_the_profile_cannot_do(tmp_path: Path) -> None:
    fill_sqlite(tmp_path / "sumber.db", [complaint(1)])
    with lapor_mock() as mock:
        gateway = Installation(tmp_path, mock.url, [sql_channel("sqlite:///sumber.db")], {"profile": "legacy"})
        gateway.init()
        checked = gateway.cli("check")
    assert checked.status == 0, checked.said
    assert "profile legacy cannot read anything back" in checked.out


def test_the_same_lapor_under_another_profile_takes_its_reports_along(tmp_path: Path) -> None:
    fill_sqlite(tmp_path / "sumber.db", [complaint(n) for n in range(1, 4)])
    with lapor_mock() as mock:
        gateway = Installation(tmp_path, mock.url, [sql_channel("sqlite:///sumber.db")], {"profile": "legacy"})
        gateway.init()
        gateway.cli("sync")
        gateway.lapor_settings["profile"] = "v3"
        gateway.write()
        assert gateway.cli("accept", "lapor", "--moved-from", "v3 https://lain.example").status == 1
        gateway.view("accept", "lapor", "--moved-from", f"legacy {mock.url}")
        for one in mock.complaints():
            mock.act(one["tracking_id"], "verify")
        synced = gateway.cli("sync")
        assert synced.status == 0, synced.said
        assert len(mock.complaints()) == 3
    rows = gateway.query("SELECT target, lapor_canonical FROM report")
    assert {row["target"] for row in rows} == {f"v3 {mock.url}"}
