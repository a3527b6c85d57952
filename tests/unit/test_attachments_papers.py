"""Does LAPOR get documents whose pages are whole and that neither act nor tell who wrote them?"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject

from gateway.attachments.prepare import Prepared
from tests.attachments.samples import (
    GREEN,
    RED,
    SECRET,
    action,
    armed,
    marked,
    near,
    noise,
    one,
    paper,
    photo,
    read,
    sent,
    written,
)


def pictures(document: PdfReader) -> list[Image.Image]:
    """The pictures on the pages, in their order."""
    found = [image.image for page in document.pages for image in page.images]
    assert all(found)
    return [image for image in found if image]


def refused(prepared: Prepared) -> str:
    """Why nothing is sent."""
    assert prepared.sent_as is None
    return prepared.why


def test_a_clean_paper_passes_byte_for_byte(tmp_path: Path) -> None:
    content = written(paper())
    prepared = one(tmp_path, "surat.PDF", content)
    assert (sent(prepared), prepared.why) == (content, "")
    assert prepared.sent_as is not None
    assert (prepared.sent_as.name, prepared.sent_as.path) == ("surat.pdf", prepared.original.path)


def test_whatever_acts_or_tells_is_gone_and_the_pages_are_the_same(tmp_path: Path) -> None:
    content = armed()
    prepared = one(tmp_path, "surat.pdf", content)
    arrived = sent(prepared)
    assert prepared.why == "attachment_cleaned"
    for trace in (
        b"/JavaScript",
        b"/JS",
        b"/Launch",
        b"/EmbeddedFile",
        b"/XFA",
        b"/OpenAction",
        b"/Metadata",
        b"jahat",
    ):
        assert trace in content
        assert trace not in arrived
    before, after = PdfReader(io.BytesIO(content)), read(prepared)
    assert [page.get_contents().get_data() for page in after.pages] == [  # type: ignore[union-attr]
        page.get_contents().get_data()  # type: ignore[union-attr]
        for page in before.pages
    ]
    assert [image.tobytes() for image in pictures(after)] == [image.tobytes() for image in pictures(before)]


@pytest.mark.parametrize("info", [{"/Author": SECRET}, {"/Title": SECRET}, {"/Producer": SECRET}])
def test_an_authors_name_alone_is_taken_out(tmp_path: Path, info: dict[str, str]) -> None:
    writer = paper()
    writer.add_metadata(info)
    prepared = one(tmp_path, "surat.pdf", written(writer))
    read(prepared)
    assert prepared.why == "attachment_cleaned"


def test_a_photo_on_a_page_loses_its_exif_and_no_pixel(tmp_path: Path) -> None:
    writer = paper(marked(400, 300))
    stream = writer.pages[0].images[0].indirect_reference.get_object()  # type: ignore[union-attr]
    stream._data = photo()  # type: ignore[union-attr]
    content = written(writer)
    assert SECRET.encode() in content
    prepared = one(tmp_path, "surat.pdf", content)
    scan = photo()[photo().index(b"\xff\xda") :]
    assert scan in content
    assert scan in sent(prepared)
    assert near(pictures(read(prepared))[0], (50, 50), RED)
    assert b"Exif" not in sent(prepared)


def test_what_stands_around_the_document_stays_behind(tmp_path: Path) -> None:
    content = written(paper())
    for name, polyglot in (
        ("depan", b"#!/bin/sh\n" + content),
        ("belakang", content + b"PK\x03\x04 " + SECRET.encode()),
    ):
        prepared = one(tmp_path, name, polyglot)
        arrived = sent(prepared)
        assert arrived.startswith(b"%PDF-")
        assert b"PK\x03\x04" not in arrived
        assert len(read(prepared).pages) == 1


def test_an_earlier_revisions_author_is_gone_too(tmp_path: Path) -> None:
    writer = paper()
    writer.add_metadata({"/Author": SECRET})
    named = written(writer)
    start = named.rindex(b"startxref")
    # An incremental update with no author: the older trailer still names one.
    place = int(named[start:].split()[1])
    update = f"trailer\n<< /Size 20 /Root {writer.root_object.indirect_reference.idnum} 0 R /Prev {place} >>\n"  # type: ignore[union-attr]
    content = named + b"xref\n0 0\n" + update.encode() + f"startxref\n{len(named)}\n%%EOF\n".encode()
    assert len(read(one(tmp_path, "surat.pdf", content)).pages) == 1


def test_a_locked_document_is_told_from_a_broken_one(tmp_path: Path) -> None:
    locked = paper()
    locked.encrypt("rahasia", algorithm="AES-256")
    assert refused(one(tmp_path, "surat.pdf", written(locked))) == "attachment_password"
    assert refused(one(tmp_path, "surat.pdf", b"%PDF-1.7\n" + b"rusak" * 100)) == "attachment_unreadable"


def test_an_owners_lock_that_opens_without_a_password_is_no_lock(tmp_path: Path) -> None:
    writer = paper()
    writer.encrypt("", "pemilik", algorithm="AES-256")
    assert len(read(one(tmp_path, "surat.pdf", written(writer))).pages) == 1


def test_a_scanned_letter_is_made_small_enough(tmp_path: Path) -> None:
    sheets = [noise(1400, 1800, seed) for seed in range(3)]
    for sheet in sheets:
        sheet.paste(RED, (0, 0, 650, 850))
    content = written(paper(*sheets, quality=90))
    assert len(content) > 5_000_000
    prepared = one(tmp_path, "pindaian.pdf", content)
    arrived = pictures(read(prepared))
    assert [image.size for image in arrived] == [arrived[0].size] * 3
    assert max(arrived[0].size) >= 1000
    assert all(near(image, (image.width // 4, image.height // 4), RED) for image in arrived)
    assert prepared.why == ""


def test_what_cannot_be_made_small_is_left_out(tmp_path: Path) -> None:
    writer = paper()
    contents = writer.pages[0].get_contents()
    assert contents is not None
    contents.set_data(
        contents.get_data() + b"\n%" + noise(1000, 1000).tobytes().replace(b"\n", b" ").replace(b"\r", b" ")
    )
    writer.pages[0].replace_contents(contents)
    assert refused(one(tmp_path, "besar.pdf", written(writer))) == "attachment_too_large"


def test_a_document_without_pages_is_none(tmp_path: Path) -> None:
    writer = paper()
    pages = writer.root_object["/Pages"]
    pages[NameObject("/Kids")].clear()  # type: ignore[index]
    pages[NameObject("/Count")] = NumberObject(0)  # type: ignore[index]
    assert refused(one(tmp_path, "kosong.pdf", written(writer))) == "attachment_unreadable"


def test_actions_that_follow_one_another_are_all_disarmed(tmp_path: Path) -> None:
    writer = paper()
    first = action("/URI", URI="https://example.go.id")
    first[NameObject("/Next")] = action("/JavaScript", JS="app.alert(3)")
    link = DictionaryObject({NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): first})
    link[NameObject("/Rect")] = ArrayObject(NumberObject(side) for side in (0, 0, 50, 50))
    writer.pages[0][NameObject("/Annots")] = ArrayObject([link])
    prepared = one(tmp_path, "surat.pdf", written(writer))
    arrived = read(prepared).pages[0]["/Annots"][0].get_object()["/A"]  # type: ignore[index]
    assert arrived["/URI"] == "https://example.go.id"
    assert not arrived["/Next"]
    assert b"/JavaScript" not in sent(prepared)


def test_green_stays_green(tmp_path: Path) -> None:
    writer = paper(marked(300, 200))
    writer.add_metadata({"/Author": SECRET})
    assert near(pictures(read(one(tmp_path, "foto.pdf", written(writer))))[0], (250, 150), GREEN)
