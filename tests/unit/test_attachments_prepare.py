"""Does one bad file leave its neighbours alone, and is every content worked on once?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from connectors.contract import Attachment, Unreachable
from gateway.attachments import child, limits, reasons
from gateway.attachments.prepare import prepare, prepare_in
from gateway.attachments.workshop import Workshop
from tests.attachments.samples import given, marked, one, paper, photo, saved, screenshot, sent, written

EXE = b"MZ\x90\x00" + bytes(200)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("kosong.jpg", b"", "attachment_empty"),
        ("foto.jpg", EXE, "attachment_disguised"),
        ("surat.pdf", b"PK\x03\x04%PDF-1.7", "attachment_disguised"),
        ("foto.jpg", bytes(500), "attachment_unreadable"),
        ("foto.jpg", b"\xff\xd8\xff" + bytes(500), "attachment_unreadable"),
        ("program.exe", EXE, "attachment_kind"),
        ("surat.docx", b"PK\x03\x04", "attachment_kind"),
        ("video.mp4", b"\x00\x00\x00\x18ftypmp42", "attachment_kind"),
        ("gambar.svg", b"<svg onload='x()'/>", "attachment_kind"),
        ("catatan.txt", b"BMW menabrak pagar", "attachment_kind"),
    ],
)
def test_what_lapor_cannot_be_given_is_left_out(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    prepared = one(tmp_path, name, content)
    assert (prepared.sent_as, prepared.why) == (None, why)
    assert why in reasons.REASONS


def test_a_nameless_disguise_shows_by_its_declared_type(tmp_path: Path) -> None:
    assert prepare(tmp_path, [given(tmp_path, "foto", EXE, "image/jpeg")])[0].why == "attachment_disguised"


def test_the_order_is_kept_and_names_never_meet(tmp_path: Path) -> None:
    names = ["foto.jpg", "surat.exe", "Foto.JPEG", "foto.png", "../foto.jpg", "..."]
    contents = [photo(), EXE, photo(410), screenshot(), photo(420), photo(430)]
    files = [given(tmp_path, name, content) for name, content in zip(names, contents, strict=True)]
    prepared = prepare(tmp_path, files)
    assert [entry.original for entry in prepared] == files
    told = [entry.sent_as.name if entry.sent_as else entry.why for entry in prepared]
    assert told == ["foto.jpg", "attachment_kind", "Foto (2).jpg", "foto.png", "foto (3).jpg", "lampiran.jpg"]


class Counting(Workshop):
    """A workshop that says what it worked on."""

    def __init__(self, script: Path | None = None) -> None:
        super().__init__(*([script] if script else []))
        self.worked: list[Path] = []

    def work(self, path: Path, kind: object) -> object:  # type: ignore[override]
        self.worked.append(path)
        return super().work(path, kind)  # type: ignore[arg-type]


@pytest.fixture
def workshop() -> Iterator[Counting]:
    with closing(Counting()) as made:
        yield made


def test_equal_content_is_decoded_once_whatever_its_name(tmp_path: Path, workshop: Counting) -> None:
    files = [given(tmp_path, name, photo()) for name in ("a.jpg", "b.png")]
    first = prepare_in(workshop, tmp_path, files)
    again = prepare_in(workshop, tmp_path, files)
    assert len(workshop.worked) == 1
    assert again == first
    assert [entry.sent_as and entry.sent_as.name for entry in again] == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("damage", ["note", "version", "gone", "altered"])
def test_what_is_remembered_badly_is_made_anew(tmp_path: Path, workshop: Counting, damage: str) -> None:
    file = given(tmp_path, "foto.jpg", photo())
    first = prepare_in(workshop, tmp_path, [file])[0]
    assert first.sent_as is not None
    note = file.path.with_name(f"{file.sha256}.prepared.json")
    if damage == "note":
        note.write_bytes(note.read_bytes()[:-9])
    elif damage == "version":
        note.write_text(note.read_text().replace('"version":1', '"version":0'))
    elif damage == "gone":
        first.sent_as.path.unlink()
    else:
        first.sent_as.path.write_bytes(b"x" * first.sent_as.size)
    assert prepare_in(workshop, tmp_path, [file])[0] == first
    assert len(workshop.worked) == 2
    sent(first)


def test_a_file_that_wants_too_much_memory_leaves_its_neighbours_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MEMORY_BYTES", 500_000_000)
    large = saved(marked(10_000, 10_000), "PNG", compress_level=1)
    files = [given(tmp_path, "a.png", large), given(tmp_path, "b.jpg", photo())]
    assert [entry.why for entry in prepare(tmp_path, files)] == ["attachment_too_large", ""]


_MORTAL = """
import json, os, signal, sys
print("{}", flush=True); sys.stdin.readline()
for line in sys.stdin:
    if open(json.loads(line)["path"], "rb").read().endswith(b"mati"):
        os.kill(os.getpid(), signal.SIGKILL)
    print(json.dumps({"content": "aXNp", "media_type": "image/jpeg"}), flush=True)
"""


_BURNING = f"""
import sys
sys.path.insert(0, {str(Path(child.__file__).parents[2])!r})
from gateway.attachments.child import _allow
def burn():
    _allow(1)
    while True:
        pass
"""


def test_a_child_killed_in_the_middle_costs_one_file_and_not_for_ever(tmp_path: Path) -> None:
    script = tmp_path / "mortal.py"
    script.write_text(_MORTAL)
    files = [given(tmp_path, f"{n}.jpg", photo(400 + n) + tail) for n, tail in enumerate((b"", b"mati", b""))]
    with closing(Counting(script)) as mortal:
        assert [entry.why for entry in prepare_in(mortal, tmp_path, files)] == ["", "attachment_too_hard", ""]
    assert [entry.why for entry in prepare(tmp_path, files)] == ["", "", ""]


@pytest.mark.parametrize(("fate", "limit"), [("signal.pause()", "SECONDS"), ("burn()", "CPU_SECONDS")])
def test_a_file_that_never_ends_leaves_its_neighbours_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fate: str, limit: str
) -> None:
    monkeypatch.setattr(limits, limit, 1)
    script = tmp_path / "slow.py"
    script.write_text(_BURNING + _MORTAL.replace("os.kill(os.getpid(), signal.SIGKILL)", fate))
    files = [given(tmp_path, f"{n}.jpg", photo(400 + n) + tail) for n, tail in enumerate((b"", b"mati", b""))]
    with closing(Counting(script)) as slow:
        assert [entry.why for entry in prepare_in(slow, tmp_path, files)] == ["", "attachment_too_hard", ""]
        once = len(slow.worked)
        assert prepare_in(slow, tmp_path, files)[1].why == "attachment_too_hard"
        # By the clock it may have been the machine that was busy: that is tried again, the processor's time is not.
        assert (once, len(slow.worked)) == ((3, 3) if limit == "CPU_SECONDS" else (3, 4))


def test_a_broken_installation_is_not_taken_for_broken_files(tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text("import not_installed_at_all")
    with closing(Counting(script)) as broken, pytest.raises(Unreachable):
        prepare_in(broken, tmp_path, [given(tmp_path, "a.jpg", photo())])


def test_a_child_that_answers_nonsense_costs_one_file(tmp_path: Path) -> None:
    script = tmp_path / "nonsense.py"
    script.write_text(_MORTAL.replace('"image/jpeg"', '"text/html"'))
    with closing(Counting(script)) as broken:
        assert prepare_in(broken, tmp_path, [given(tmp_path, "a.jpg", photo())])[0].why == "attachment_unreadable"


def test_a_spool_that_cannot_be_used_is_said_so(tmp_path: Path) -> None:
    file = given(tmp_path, "a.jpg", photo())
    gone = Attachment("b.jpg", "image/jpeg", tmp_path / "ab" / "abc", "abc", 3)
    assert prepare(tmp_path, [gone])[0].why == "attachment_missing"
    folder = Attachment("b.jpg", "image/jpeg", tmp_path, file.sha256, 3)
    with pytest.raises(Unreachable):
        prepare(tmp_path, [folder])


def test_no_child_outlives_its_work(tmp_path: Path) -> None:
    with closing(Workshop()) as workshop:
        prepare_in(workshop, tmp_path, [given(tmp_path, "a.pdf", written(paper()))])
        child = workshop._child
        assert child is not None
        os.kill(child.pid, 0)
    assert child.returncode is not None
