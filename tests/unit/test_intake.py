"""Does the decision about a record keep the citizen's words, and a person's word?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Attachment, SourceRecord
from gateway import intake
from gateway.documents import LARGEST
from gateway.intake import Round
from mappings.engine import Context
from mappings.report import CONTENT_MAX
from state.ledger import Known
from state.lifecycle import Disposition, Stage
from tests.fakes import NOON, ZONE, FakeSource, complaint_row, make_channel


def this(**settings: Any) -> Round:
    return Round(make_channel(FakeSource(), **settings), Context(ZONE, {}, NOON), baseline_all=False, gone={})


def record(*attachments: Attachment, **fields: Any) -> SourceRecord:
    return SourceRecord("1", "1", "v1", NOON, {**complaint_row(), **fields}, attachments)


def known(stage: Stage, reasons: Any = (), amendments: Any = None) -> Known:
    return Known(1, "1", "1", "v0", Disposition.REPORT, complaint_row(), stage, {}, amendments or {}, reasons)


def file(name: str, size: int = 10) -> Attachment:
    return Attachment(name, "x/y", Path("/spool/x"), "0", size)


def test_files_that_lapor_does_not_take_are_named_in_the_text_and_kept() -> None:
    new = intake.decide(record(file("foto.jpg"), file("suara.m4a"), file("besar.pdf", LARGEST + 1)), this(), 10)
    assert new.report is not None
    assert new.report.values["content"].endswith("Lampiran yang tidak dapat disertakan: suara.m4a, besar.pdf")
    assert [item["name"] for item in new.attachments] == ["foto.jpg", "suara.m4a", "besar.pdf"]
    assert new.report.stage is Stage.QUEUED


def test_naming_them_never_makes_a_good_text_too_long() -> None:
    new = intake.decide(record(file("suara.m4a"), isi="x" * (CONTENT_MAX - 5)), this(), 10)
    assert new.report is not None
    assert (new.report.stage, len(new.report.values["content"])) == (Stage.QUEUED, CONTENT_MAX - 5)


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
