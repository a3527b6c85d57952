"""After thirty days down, does everything that LAPOR did meanwhile arrive, in order, once, also while it goes on?"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.lapor.mock import v3
from tests.e2e.once import half_secret
from tests.e2e.support import Ended, Installation, Mock, fill_sqlite, lapor_mock, sql_channel

REPORTS = 40
DAYS = 30
PAGE = 10
DEEDS_A_DAY = 6
FEWEST_DEEDS = 15
PAUSE = 0.02
DEEDS: Sequence[Mapping[str, str]] = (
    {"action": "verify"},
    {"action": "dispose"},
    {"action": "process"},
    {"action": "follow_up"},
    {"action": "follow_up"},
    {"action": "hold", "reason": "Alamat lengkap?"},
    {"action": "reply", "text": "Masih padam.", "external_id": "balasan"},
    {"action": "close", "by": "admin"},
    {"action": "reopen"},
    {"action": "archive", "reason": "Bukan wewenang."},
    {"action": "set_status", "status": "Dalam Telaah Lintas Sektor"},
)
QUICK_DEEDS = [*DEEDS[:3], *DEEDS[5:6], *DEEDS[7:]] * 8 + [*DEEDS[3:5]]
"""While LAPOR is read much happens to a few reports, mostly without a follow-up: these are to stay on one page."""


def befall(mock: Mock, numbers: Sequence[str], chance: random.Random, deeds: Sequence[Mapping[str, str]]) -> None:
    """Something happens to one of the reports; now and then at the very instant of the change before."""
    deed = {**chance.choice(deeds), **({"instant": "shared"} if chance.random() < 0.2 else {})}
    if deed["action"] == "follow_up":
        # The same words may come twice: they are two answers.
        deed["text"] = f"Tindak lanjut {chance.randrange(5)}."
    mock.act(chance.choice(numbers), **deed)


def looks(mock: Mock) -> int:
    """How often its list was asked for."""
    return sum(mock.requests("GET /complaints").values())


@contextmanager
def going_on(mock: Mock, numbers: Sequence[str]) -> Iterator[list[int]]:
    """LAPOR's people work from the first look at its list until the body ends; the list holds how often by then."""
    ended, deeds, chance = threading.Event(), [0], random.Random("meanwhile")
    own = Mock(mock.url)
    before = looks(own)

    def work() -> None:
        while not ended.wait(PAUSE):
            if looks(own) == before:
                continue
            befall(own, numbers, chance, QUICK_DEEDS)
            deeds[0] += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield deeds
    finally:
        ended.set()
        thread.join()
        own.close()


def sync(gateway: Installation) -> Ended:
    """A round in which every secret report's turn to be asked for has come."""
    gateway.tamper(
        "UPDATE report SET next_track_at = datetime('now', '-1 hour') WHERE json_extract(mapped, '$.is_secret')"
    )
    done = gateway.cli("sync")
    assert (done.status, "Traceback" in done.said) == (0, False), done.said
    return done


def differences(gateway: Installation, mock: Mock) -> Iterator[str]:
    """Where the state's statuses, follow-ups or news are others than LAPOR's."""
    for complaint in mock.complaints():
        own = complaint["tracking_id"]
        [report] = gateway.query(f"SELECT id, lapor_status FROM report WHERE tracking_id = '{own}'")
        if report["lapor_status"] != complaint["status"]:
            yield f"{own}: {report['lapor_status']}, in LAPOR {complaint['status']}"
        if follow_ups(gateway, report["id"]) != [words(item) for item in complaint["followups"]]:
            yield f"{own}: other follow-ups"
        told = news(gateway, report["id"])
        if told != [item["keterangan"] for item in complaint["followups"] if not item["external_id"]]:
            yield f"{own}: staff are told {told}"


def words(item: Mapping[str, Any]) -> tuple[str, str, str]:
    return item["date"], item["responder"], item["keterangan"]


def follow_ups(gateway: Installation, report: int) -> list[tuple[str, str, str]]:
    rows = gateway.query(f"SELECT date, responder, text FROM follow_up WHERE report_id = {report} ORDER BY id")
    return [(row["date"], row["responder"], row["text"]) for row in rows]


def news(gateway: Installation, report: int) -> list[str]:
    """The agency's words that there are to be told, in order."""
    columns = "json_extract(facts, '$.words') AS words"
    kept = f"SELECT {columns} FROM answer WHERE report_id = {report} AND news = 'follow_up' ORDER BY id"
    return [row["words"] for row in gateway.query(kept)]


def test_everything_that_happened_meanwhile_and_happens_now_arrives_in_order_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LAPOR's list has several pages, which shift while they are read."""
    monkeypatch.setattr(v3, "PAGE_SIZE", PAGE)
    fill_sqlite(tmp_path / "sumber.db", half_secret(REPORTS))
    chance = random.Random(30)
    with lapor_mock() as mock:
        channel = sql_channel("sqlite:///sumber.db", answers={"agency": "Dinas PU"})
        gateway = Installation(tmp_path, mock.url, [channel])
        gateway.init()
        assert gateway.cli("sync").status == 0
        numbers = [complaint["tracking_id"] for complaint in mock.complaints()]
        for _ in range(DAYS):
            mock.advance("1d")
            for _ in range(DEEDS_A_DAY):
                befall(mock, numbers, chance, DEEDS)
        for own in numbers[1::4]:
            for instant in ("own", "shared"):
                mock.act(own, "follow_up", text="Sudah.", responder="Dinas PU", instant=instant)
        mock.fault("delay", delay=0.03, method="GET")
        with going_on(mock, numbers[::4]) as deeds:
            sync(gateway)
        mock.heal()
        for own in numbers[1::4]:
            mock.act(own, "follow_up", text="Sudah lagi.")
        sync(gateway)
        wrong = list(differences(gateway, mock))
        before = len(gateway.query("SELECT id FROM event"))
        sync(gateway)
        quiet = len(gateway.query("SELECT id FROM event")) == before
        asked = sum(mock.requests("GET /complaints/{tracking_id}").values())
    assert deeds[0] > FEWEST_DEEDS, "too little happened during the reading to prove anything"
    assert wrong == [], "\n".join(wrong)
    assert quiet, "what was known already was told again"
    assert (len(numbers), asked) == (REPORTS, 3 * REPORTS // 2)
    statuses = gateway.query("SELECT record_id, detail FROM event WHERE kind = 'status' ORDER BY id")
    repeated = [one for one in statuses if statuses.count(one) > 1]
    assert repeated == []


def test_follow_ups_on_further_pages_arrive_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v3, "PAGE_SIZE", 2)
    fill_sqlite(tmp_path / "sumber.db", half_secret(1))
    with lapor_mock() as mock:
        gateway = Installation(tmp_path, mock.url, [sql_channel("sqlite:///sumber.db", answers={"agency": "Dinas PU"})])
        gateway.init()
        sync(gateway)
        for number in range(3):
            mock.act(mock.complaints()[0]["tracking_id"], "follow_up", text=f"Tindak lanjut {number}.")
        sync(gateway)
        assert list(differences(gateway, mock)) == []
