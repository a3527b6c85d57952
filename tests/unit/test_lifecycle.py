"""Does a report's delivery take only the ways of the transition table?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.lifecycle import FINAL, TRANSITIONS, UNSENT, Act, NotAllowed, Stage, after, origins

ACTS = st.lists(st.sampled_from(list(Act)), max_size=40)


@given(start=st.sampled_from([Stage.HELD, Stage.QUEUED]), acts=ACTS)
def test_no_sequence_of_acts_leaves_the_table_or_a_final_stage(start: Stage, acts: list[Act]) -> None:
    stage = start
    for act in acts:
        before = stage
        if (before, act) in TRANSITIONS:
            stage = after(stage, act)
            assert stage is TRANSITIONS[before, act]
        else:
            with pytest.raises(NotAllowed) as caught:
                after(stage, act)
            assert (caught.value.stage, caught.value.act) == (before, act)
        assert before not in FINAL or stage is before


@given(acts=ACTS)
def test_only_a_claim_leads_to_sending_and_only_from_the_queue(acts: list[Act]) -> None:
    stage = Stage.QUEUED
    for act in acts:
        before = stage
        try:
            stage = after(stage, act)
        except NotAllowed:
            continue
        if stage is Stage.SENDING:
            assert (before, act) == (Stage.QUEUED, Act.CLAIM)


@pytest.mark.parametrize("stage", sorted(FINAL))
def test_nothing_happens_to_a_final_report(stage: Stage) -> None:
    assert [act for act in Act if (stage, act) in TRANSITIONS] == []


def test_every_stage_can_be_reached_and_every_act_has_an_origin() -> None:
    assert set(TRANSITIONS.values()) == set(Stage)
    assert all(origins(act) for act in Act)


def test_a_report_that_may_be_in_lapor_can_be_neither_dropped_nor_held() -> None:
    for stage in set(Stage) - UNSENT:
        for act in (Act.DROP, Act.HOLD, Act.RELEASE, Act.RETRY):
            with pytest.raises(NotAllowed):
                after(stage, act)


def test_a_report_in_doubt_ends_only_by_what_lapor_shows_or_lacks() -> None:
    assert {act for act in Act if (Stage.IN_DOUBT, act) in TRANSITIONS} == {Act.FIND, Act.ADOPT, Act.REQUEUE}
