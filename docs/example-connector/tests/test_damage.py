"""Does one bad file stop no other, and is nothing read outside the folder?"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from test_contract import FolderSource

from gateway.testing.looking import listed, opened, read
from gateway.testing.round import Gateway, codes
from gateway.testing.source import complaint, complaints


@pytest.fixture
def source(tmp_path: Path) -> FolderSource:
    return FolderSource(tmp_path / "bersama")


@pytest.mark.parametrize("damage", [b"", b'{"isi": "Jal', b"[]", b'{"isi": NaN}', b'{"isi": "\\ud83d"}', b"[" * 99_999])
def test_a_damaged_file_is_told_and_stops_nobody(gateway: Gateway, source: FolderSource, damage: bytes) -> None:
    source.add(*complaints(1, 2))
    (source.inbox / "3.json").write_bytes(damage)
    result = gateway.collect()
    assert (result.outcome, result.counts["queued"]) == ("partial", 2)
    assert [(one["where"], one["code"]) for one in result.problems] == [("3.json", "file_unreadable")]
    source.add(complaint(3))
    assert gateway.collect().counts["queued"] == 1


def test_a_name_in_another_encoding_is_told_and_stops_nobody(gateway: Gateway, source: FolderSource) -> None:
    source.add(*complaints(1, 2))
    (source.inbox / "2.json").rename(os.fsdecode(os.fsencode(source.inbox) + b"/laporan-\xe9.json"))
    result = gateway.collect()
    assert (result.outcome, result.counts["queued"], len(result.problems)) == ("partial", 1, 1)


@pytest.mark.parametrize("name", ["../rahasia.txt", "/etc/hostname", "..", "tautan.jpg", "x" * 5_000, "a\0b"])
def test_a_photo_is_only_taken_from_the_folder_itself(gateway: Gateway, source: FolderSource, name: str) -> None:
    (source.share / "rahasia.txt").write_text("bukan milik pelapor")
    (source.inbox / "tautan.jpg").symlink_to(source.share / "rahasia.txt")
    source.add(complaint(1))
    file = source.inbox / "1.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "foto": [name]}))
    with opened(gateway) as connector:
        (record,) = read(connector, listed(connector)[0]).values()
    assert (record.attachments, record.doubts) == ([], ["file_missing"])


def test_a_report_waits_for_a_photo_that_comes_late(gateway: Gateway, source: FolderSource) -> None:
    source.add_with_files(complaint(1), {"1.jpg": b"\xff\xd8\xff\xe0"})
    (source.inbox / "1.jpg").rename(source.share / "1.jpg")
    gateway.collect()
    (held,) = gateway.reports()
    assert (held["stage"], codes(held)) == ("held", {"file_missing"})
    (source.share / "1.jpg").rename(source.inbox / "1.jpg")
    gateway.collect()
    assert [row["stage"] for row in gateway.reports()] == ["queued"]
