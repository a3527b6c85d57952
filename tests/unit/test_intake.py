"""Does the decision about a record keep the citizen's words, and a person's word?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Attachment, SourceRecord
from gateway import intake
from gateway.fitting import Fitted
from gateway.intake import Round
from mappings.engine import Context
from state.ledger import Known
from state.lifecycle import Disposition, Stage
from tests.fakes import NOON, ZONE, FakeSource, complaint_row, make_channel


def nothing_to_fit(_record: SourceRecord, _values: Any, _stated: Any) -> Fitted:
    return Fitted()


def this(fit: Any = nothing_to_fit, **settings: Any) -> Round:
    return Round(make_channel(FakeSource(), **settings), Context(ZONE, {}, NOON), baseline_all=False, gone={}, fit=fit)


def record(*attachments: Attachment, **fields: Any) -> SourceRecord:
    return SourceRecord("1", "1", "v1", NOON, {**complaint_row(), **fields}, attachments)


def known(stage: Stage, reasons: Any = (), amendments: Any = None) -> Known:
    return Known(1, "1", "1", "v0", Disposition.REPORT, complaint_row(), stage, {}, amendments or {}, reasons)


@pytest.mark.parametrize("stage", [Stage.SENDING, Stage.IN_DOUBT, Stage.ACCEPTED, Stage.DROPPED])
def test_an_edit_changes_nothing_that_may_be_in_lapor(stage: Stage) -> None:
    assert intake.remap(record(judul="Baru sekali"), known(stage), this()) is None


@pytest.mark.parametrize(
    "code", ["review", "first_run_limit", "key_reused", "row_edited", "start_unclear", "date_disagrees"]
)
def test_a_better_text_does_not_replace_a_persons_look(code: str) -> None:
    reasons = [{"code": code, "field": "", "detail": ""}, {"code": "field_missing", "field": "content", "detail": ""}]
    new = intake.remap(record(), known(Stage.HELD, reasons), this())
    assert new is not None
    assert (new.stage, [reason["code"] for reason in new.reasons]) == (Stage.HELD, [code])


def test_a_persons_amendment_counts_after_every_edit() -> None:
    amended = known(Stage.HELD, amendments={"content": "Jalan berlubang di depan pasar."})
    new = intake.remap(record(isi=""), amended, this())
    assert new is not None
    assert (new.stage, new.reasons) == (Stage.QUEUED, [])
    assert "content" not in new.values


def test_a_corrected_row_is_the_same_complaint() -> None:
    for change in ({"isi": "Lain sama sekali, tentang sampah."}, {"nama": "Warga Satu", "telp": "081399998888"}):
        assert not intake.is_reused_key(record(**change), known(Stage.QUEUED), this())


def test_another_reporter_with_another_text_is_another_complaint() -> None:
    other = record(nama="Orang Lain", telp="081399998888", isi="Lampu taman kota padam sejak bulan lalu.")
    assert intake.is_reused_key(other, known(Stage.QUEUED), this())


def test_a_channels_own_contact_does_not_make_two_citizens_one() -> None:
    own = this()
    own = replace(own, context=Context(ZONE, {"reporter_phone": "+62541123456"}, NOON))
    other = record(nama="Orang Lain", telp="", isi="Lampu taman kota padam sejak bulan lalu.")
    before = replace(known(Stage.QUEUED), fields={**complaint_row(), "telp": ""})
    assert intake.is_reused_key(other, before, own)
