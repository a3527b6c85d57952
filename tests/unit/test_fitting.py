"""Does a report reach LAPOR with all its words and files, or with a word on what is missing?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from connectors import spool
from connectors.contract import Attachment, SourceRecord
from gateway import intake
from gateway.cli import printing
from gateway.documents import sendable
from gateway.fitting import Fitting
from gateway.intake import Round
from mappings.engine import Context
from mappings.report import CONTENT_MAX
from mappings.shortening import shortened
from state.ledger import Known, NewRecord, NewReport
from state.lifecycle import Disposition, Stage
from tests.attachments import samples
from tests.fakes import NOON, ZONE, FakeSource, complaint_row, make_channel, mapping_with

SENTENCE = "Jalan di depan puskesmas rusak parah dan sering menyebabkan kecelakaan. "


class Trial:
    """A channel whose records are decided about."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.spool = folder
        self.settings = settings

    def file(self, name: str, content: bytes) -> Attachment:
        return spool.keep(self.spool, name, "application/octet-stream", content)

    def decide(self, *files: Attachment, takes_files: bool = True, **fields: Any) -> NewRecord:
        record = SourceRecord("1", "1", "v1", NOON, {**complaint_row(), "anonim": "tidak", **fields}, files)
        position = bool(self.settings.get("photo_position"))
        with Fitting(self.spool, photo_position=position, takes_files=takes_files) as fitting:
            placed = mapping_with({"latitude": {"from": "lintang", "then": ["number"]}})
            channel = make_channel(FakeSource(), mapping=placed, **self.settings)
            this = Round(channel, Context(ZONE, {}, NOON), baseline_all=False, gone={}, fit=fitting.fit)
            return intake.decide(record, this, 10)


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path)


def content(new: NewRecord) -> str:
    assert new.report is not None
    return str(new.report.values["content"])


def whole(new: NewRecord) -> str:
    """All the text of the letter that goes along."""
    [page] = [item for item in new.attachments if item["why"] == "whole_text"]
    pages = PdfReader(page["sent"]["path"]).pages
    said = "\n".join(one.extract_text() for one in pages)
    return " ".join(re.sub(r"Halaman \d+ dari \d+", "", said).split())


def test_what_lapor_does_not_take_is_named_in_the_text_and_kept(trial: Trial) -> None:
    new = trial.decide(trial.file("foto.jpg", samples.photo()), trial.file("suara.m4a", b"\0\0\0\x18ftypM4A "))
    assert content(new).endswith("\n\nLampiran yang tidak dapat disertakan: suara.m4a")
    assert [item["name"] for item in new.attachments] == ["foto.jpg", "suara.m4a"]
    assert [document.name for document in sendable(new.attachments)] == ["foto.jpg"]
    assert new.report is not None
    assert [(note["code"], note["detail"]) for note in new.report.notes] == [("attachment_kind", "#2")]
    assert new.report.stage is Stage.QUEUED


def test_what_was_left_in_the_mailbox_is_named_too(trial: Trial) -> None:
    new = trial.decide(left_in_source="video.mp4 (video/mp4, 38 MB)\nrekaman.wav (audio/x-wav, 12 MB)")
    assert content(new).endswith("disertakan: video.mp4 (video/mp4, 38 MB); rekaman.wav (audio/x-wav, 12 MB)")


@pytest.mark.parametrize("length", [CONTENT_MAX - 5, CONTENT_MAX + 1, 40_000])
def test_a_long_text_ends_at_a_sentence_and_goes_along_whole(trial: Trial, length: int) -> None:
    text = (SENTENCE * (length // len(SENTENCE) + 1))[:length]
    new = trial.decide(trial.file("suara.m4a", b"\0\0\0\x18ftypM4A "), isi=text)
    assert len(content(new)) <= CONTENT_MAX
    assert content(new).endswith("kecelakaan.\n\n[Laporan selengkapnya ada di lampiran: Isi laporan lengkap.pdf]")
    assert " ".join(text.split()) in whole(new)
    assert "disertakan: suara.m4a" in whole(new)
    assert [document.name for document in sendable(new.attachments)] == ["Isi laporan lengkap.pdf"]
    assert new.report is not None
    assert (new.report.stage, new.report.reasons) == (Stage.QUEUED, [])


def test_where_no_file_can_be_sent_a_long_text_is_held(trial: Trial) -> None:
    new = trial.decide(takes_files=False, isi=SENTENCE * 100)
    assert new.report is not None
    assert (new.report.stage, [reason["code"] for reason in new.report.reasons]) == (Stage.HELD, ["too_long"])
    assert content(new) == (SENTENCE * 100).strip()


@pytest.mark.parametrize(
    ("allowed", "anonymous", "stated", "told"),
    [
        (True, "tidak", {}, True),
        (False, "tidak", {}, False),
        (True, "ya", {}, False),
        (True, "tidak", {"lintang": "1"}, False),
    ],
)
def test_a_photos_position_is_used_only_where_it_may_be(
    tmp_path: Path, *, allowed: bool, anonymous: str, stated: dict[str, str], told: bool
) -> None:
    trial = Trial(tmp_path, photo_position=allowed)
    photo = trial.file("foto.jpg", samples.photo())
    new = trial.decide(photo, anonim=anonymous, **stated)
    assert new.report is not None
    found = (new.report.values.get("latitude"), new.report.values.get("longitude"))
    assert (found == (pytest.approx(-6.175, abs=1e-3), pytest.approx(106.82, abs=1e-3))) is told


@pytest.mark.parametrize("wish", [{"anonim": "ya"}, {"rahasia": "ya"}, {"anonim": "entah"}])
def test_of_whoever_wants_not_to_be_known_no_file_is_called_by_its_name(trial: Trial, wish: dict[str, str]) -> None:
    files = (trial.file("Siti.jpg", samples.photo()), trial.file("Surat Siti.docx", b"PK\3\4"))
    new = trial.decide(*files, left_in_source="Siti.mp4 (video/mp4, 38 MB)", **wish)
    assert content(new).endswith("disertakan: lampiran 2.docx; berkas (video/mp4, 38 MB)")
    assert [document.name for document in sendable(new.attachments)] == ["lampiran 1.jpg"]


class Held:
    """A report that is held, with what a person has stated."""

    def __init__(self, trial: Trial, **amendments: Any) -> None:
        self.trial = trial
        self.known = Known(1, "1", "1", "v0", Disposition.REPORT, complaint_row(), Stage.HELD, {}, amendments, [])

    def remap(self, *files: Attachment, **fields: Any) -> NewReport:
        record = SourceRecord("1", "1", "v1", NOON, {**complaint_row(), "anonim": "tidak", **fields}, files)
        position = bool(self.trial.settings.get("photo_position"))
        with Fitting(self.trial.spool, photo_position=position, takes_files=True) as fitting:
            channel = make_channel(FakeSource(), **self.trial.settings)
            this = Round(channel, Context(ZONE, {}, NOON), baseline_all=False, gone={}, fit=fitting.fit)
            fitting.ahead([(record, values)] if (values := intake.to_be_fitted(record, this)) else [])
            report = intake.remap(record, self.known, this)
        assert report is not None
        return report


def test_a_text_that_a_person_has_shortened_takes_no_old_letter_along(trial: Trial) -> None:
    report = Held(trial, content="Jalan rusak parah di depan pasar.").remap(isi=SENTENCE * 100)
    assert (report.stage, report.attachments) == (Stage.QUEUED, [])


def test_a_persons_text_is_never_cut(trial: Trial) -> None:
    report = Held(trial, content=SENTENCE * 100).remap(isi=SENTENCE * 90)
    assert (report.stage, [reason["code"] for reason in report.reasons]) == (Stage.HELD, ["too_long"])


def test_who_is_made_anonymous_gives_no_position(tmp_path: Path) -> None:
    trial = Trial(tmp_path, photo_position=True)
    photo = trial.file("Siti.jpg", samples.photo())
    assert "latitude" in Held(trial).remap(photo).values
    report = Held(trial, is_anonymous=True).remap(photo)
    assert "latitude" not in report.values
    assert report.attachments is not None
    assert report.attachments[0]["sent"]["name"] == "lampiran 1.jpg"


TEXTS = st.text(st.sampled_from("a b.\n!?é😀"), min_size=1, max_size=400)


@given(text=TEXTS, limit=st.integers(40, 120))
def test_a_shortened_text_is_a_beginning_of_the_whole(text: str, limit: int) -> None:
    pointer = " [lanjut]"
    short = shortened(text, limit, pointer)
    assert len(short) <= limit
    assert short.endswith(pointer)
    assert text.startswith(short.removesuffix(pointer).removesuffix("…"))


def test_an_abbreviation_ends_no_sentence() -> None:
    text = "Lampu mati semua di sini. Mohon dicek di Jl. Antasari yang gelap sekali"
    assert shortened(text, 50, " …").startswith("Lampu mati semua di sini. Mohon")
    assert not shortened(text, 50, " …").removesuffix(" …").endswith("Jl.")


def test_a_files_name_is_shown_only_when_asked_for() -> None:
    kept = {"name": "KTP Siti.jpg", "path": "/spool/aa", "sent": {"name": "KTP Siti (2).jpg"}, "why": ""}
    assert "Siti" not in str(printing.nameless(kept))
    assert printing.nameless(kept)["name"] == "….jpg"
    assert printing.nameless({**kept, "sent": None})["sent"] is None
