"""Is a complaint in a sheet that people keep editing queued once: never twice, and never lost?"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.contract.edited_sheet import TEXTS, EditedSheet
from tests.contract.round import Gateway, codes

Act = Callable[[EditedSheet], None]
KEY = {"key": ["No"]}
IDENTITY = {"identity": ["Nama Pelapor", "Isi Laporan"]}
_RELEASED_BY_PEOPLE_ONLY = {"row_edited", "copy_edited", "likely_double"}


def _acts() -> st.SearchStrategy[tuple[str, Sequence[int]]]:
    """One thing that people do, as its name and where."""
    place = st.integers(0, 9)
    one = st.sampled_from(["write", "write", "delete", "sort", "head", "add_column"])
    two = st.sampled_from(["mend", "mend", "rename", "copy", "move_column", "remark"])
    letter = st.integers(0, 60)
    return st.one_of(
        st.tuples(one, st.tuples(place)),
        st.tuples(two, st.tuples(place, letter)),
        st.just(("round", ())),
    )


ACTS = st.lists(_acts(), min_size=4, max_size=14)
COPIED_THEN_MENDED = [("write", (0,)), ("copy", (0, 0)), ("round", ()), ("mend", (0, 3)), ("round", ())]
COPY_MENDED_AND_REMARKED = [*COPIED_THEN_MENDED, ("add_column", (1,)), ("remark", (0, 0)), ("remark", (1, 0))]
MENDED_TWICE = [("write", (0,)), ("round", ()), ("mend", (0, 3)), ("round", ()), ("mend", (0, 9))]
KEYED_COPY_MENDED = [
    ("write", (0,)),
    ("write", (0,)),
    ("copy", (0, 2)),
    ("mend", (0, 3)),
    ("round", ()),
    ("sort", (1,)),
]


def lived(acts: Sequence[tuple[str, Sequence[int]]], suffix: str, identity: dict[str, object], state: Path) -> None:
    """Let people and rounds act, and look at what became of each complaint after every round."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sheet = EditedSheet(folder / f"rekap{suffix}", identity)
        (folder / "gateway").mkdir()
        gateway = Gateway(folder / "gateway", sheet, state)
        seen: set[int] = set()
        for act, places in [*acts, ("round", ())]:
            if act != "round":
                getattr(sheet, act)(*places)
                continue
            sheet.save()
            gateway.collect()
            seen |= {line.complaint for line in sheet.lines}
            _look(gateway, seen, by_key="key" in identity)


def _look(gateway: Gateway, seen: set[int], *, by_key: bool) -> None:
    reports: dict[int, list[dict[str, object]]] = defaultdict(list)
    for report in gateway.reports():
        reports[_complaint_of(report["mapped"]["content"])].append(report)
    assert set(reports) == seen
    for several in reports.values():
        stages = Counter(str(report["stage"]) for report in several)
        assert set(stages) <= {"queued", "held"}
        assert stages["queued"] <= 1
        held = [codes(report) for report in several if report["stage"] == "held"]
        assert [one for one in held if not one & _RELEASED_BY_PEOPLE_ONLY] == []
        assert not (by_key and (held or len(several) > 1))


def _complaint_of(text: str) -> int:
    """The complaint whose text is the same but for typos: no two texts agree in half of their letters."""
    agreement = [sum(a == b for a, b in zip(text, one, strict=False)) for one in TEXTS]
    return agreement.index(max(agreement))


@pytest.mark.parametrize(
    ("suffix", "identity"), [(".csv", KEY), (".csv", IDENTITY), (".xlsx", KEY), (".xlsx", IDENTITY)]
)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
@example(acts=COPIED_THEN_MENDED)
@example(acts=COPY_MENDED_AND_REMARKED)
@example(acts=MENDED_TWICE)
@example(acts=KEYED_COPY_MENDED)
def test_each_complaint_is_queued_once_whatever_people_do_to_the_sheet(
    acts: Sequence[tuple[str, Sequence[int]]], suffix: str, identity: dict[str, object], empty_state: Path
) -> None:
    lived(acts, suffix, identity, empty_state)


@pytest.mark.soak
@pytest.mark.parametrize("identity", [KEY, IDENTITY])
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(_acts(), min_size=4, max_size=40))
def test_each_complaint_is_queued_once_over_many_rounds(
    acts: Sequence[tuple[str, Sequence[int]]], identity: dict[str, object], empty_state: Path
) -> None:
    lived(acts, ".csv", identity, empty_state)
