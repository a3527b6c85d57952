"""Whose turn is it by LAPOR's status, and does a clock with pauses count right? Over plain data alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import texts
from gateway.deadline_clock import Clock
from gateway.deadline_settings import DeadlineSettings
from gateway.deadlines import Rules, Target, Turn, missed
from gateway.lapor.statuses import canonical
from gateway.working_days import WorkingDays
from state.cases import Case
from state.lifecycle import Stage
from tests.fakes import NOON, ZONE

DAYS = WorkingDays(DeadlineSettings(), ZONE)
RULES = Rules(DeadlineSettings(), DAYS, typed_by_hand=False)
ANSWERED = "Ditindaklanjuti oleh Instansi"


def case(**facts: Any) -> Case:
    known: dict[str, Any] = {
        "id": 1,
        "channel": "web",
        "stage": Stage.ACCEPTED,
        "stage_at": NOON,
        "next_attempt_at": None,
        "received_at": None,
        "found_at": NOON,
        "sent_at": NOON,
        "target": "v3 https://lapor.test",
        "tracking_id": "1000006",
        "status": "Belum Terverifikasi",
        "canonical": "received",
        "read_at": None,
        "classification": "1",
    }
    return Case(**{**known, **facts})


@pytest.mark.parametrize(
    ("status", "turn"),
    [
        ("Belum Terverifikasi", Turn.LAPOR),
        ("Terdisposisi Belum Ditindaklanjuti", Turn.AGENCY),
        ("Terdisposisi Sedang Diproses", Turn.AGENCY),
        (ANSWERED, Turn.AGENCY),
        ("Ditanggapi oleh Pelapor", Turn.AGENCY),
        ("Dikembalikan: Bukan Wewenang", Turn.AGENCY),
        ("Sedang dipikirkan", Turn.UNKNOWN),
    ],
)
def test_the_status_says_whose_turn_it_is(status: str, turn: Turn) -> None:
    found = missed([case(status=status, canonical=canonical(status))], RULES, date(2027, 2, 22))
    assert {item.turn for item in found} == {turn}
    assert Target.RESOLVE in {item.target for item in found}
    assert (Target.FORWARD in {item.target for item in found}) == (turn == Turn.LAPOR)


def test_lapors_word_counts_where_its_answers_cannot_be_read() -> None:
    own = case(status=ANSWERED, canonical="in_progress", target="manual https://www.lapor.go.id", read_at=NOON)
    assert Target.FIRST_FOLLOW_UP not in {item.target for item in missed([own], RULES, date(2027, 2, 22))}


@pytest.mark.parametrize("profile", ["legacy", "manual"])
def test_a_lapor_that_tells_nothing_leaves_nobody_late(profile: str) -> None:
    own = case(target=f"{profile} https://lapor.test")
    assert missed([own], RULES, date(2027, 2, 22)) == []
    assert missed([replace(own, read_at=NOON)], RULES, date(2027, 2, 22)) != []
    assert missed([replace(own, stage=Stage.QUEUED)], RULES, date(2027, 2, 22)) != []


DAY = st.dates(date(2025, 1, 1), date(2026, 12, 31))


@given(DAY, st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), max_size=4), st.integers(1, 40))
def test_a_clock_has_counted_its_limit_when_it_is_due(start: date, gaps: list[tuple[int, int]], number: int) -> None:
    pauses, day = [], start
    for gap, length in gaps:
        begin = day + timedelta(days=gap)
        day = begin + timedelta(days=length)
        pauses.append((begin, day))
    clock = Clock(start, pauses)
    due = clock.due(number, DAYS)
    assert clock.run(start, due, DAYS) == number
    assert clock.run(start, due - timedelta(days=1), DAYS) == number - 1


def test_every_target_and_turn_has_its_words() -> None:
    assert set(texts.DEADLINES) == set(Target)
    assert set(texts.TURNS) == set(Turn)
