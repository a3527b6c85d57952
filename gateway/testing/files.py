"""What must a connector promise whose complaints bring files?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from connectors.contract import Attachment
from gateway.testing.looking import listed, opened, read
from gateway.testing.round import Gateway
from gateway.testing.source import FilesSource, complaint

FILES = {"foto.jpg": b"\xff\xd8\xff\xe0 bukan foto sungguhan", "surat keterangan.pdf": b"%PDF-1.4\n%%EOF\n" * 3}


class FilesContract:
    """To be inherited beside `ConnectorContract` or one of its kind; `source` is a `FilesSource`."""

    def test_files_arrive_whole_in_the_spool(self, gateway: Gateway, source: FilesSource) -> None:
        source.add_with_files(complaint(1), FILES)
        found = _attachments(gateway)
        assert {one.name: one.path.read_bytes() for one in found} == FILES
        for one in found:
            content = one.path.read_bytes()
            assert (one.sha256, one.size) == (hashlib.sha256(content).hexdigest(), len(content))
            assert one.path.resolve().is_relative_to(gateway.config.gateway.spool.resolve())
            assert one.media_type.count("/") == 1

    def test_files_are_the_same_again_and_take_their_room_once(self, gateway: Gateway, source: FilesSource) -> None:
        source.add_with_files(complaint(1), FILES)
        first = _attachments(gateway)
        assert _attachments(gateway) == first
        kept = [path for path in gateway.config.gateway.spool.rglob("*") if path.is_file()]
        assert len(kept) == len(FILES)

    def test_files_are_kept_with_their_record(self, gateway: Gateway, source: FilesSource) -> None:
        source.add_with_files(complaint(1), FILES)
        source.add(complaint(2))
        assert gateway.collect().outcome == "ok"
        kept = [sorted(file["name"] for file in row["attachments"]) for row in gateway.records()]
        assert sorted(kept) == [[], sorted(FILES)]


def _attachments(gateway: Gateway) -> Sequence[Attachment]:
    with opened(gateway) as connector:
        (record,) = read(connector, listed(connector)[0]).values()
    return sorted(record.attachments, key=lambda one: one.name)
