"""How does a test keep complaints in a portal, and who reads them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.contract.source import ZONE, Complaint, Mistake, RowSource
from tests.servers.outage import outage
from tests.servers.portal import Portal
from tests.servers.process import free_port

TOKEN = "s3ndiri-100%-rahasia"
KEY = {"key": ["id"]}
KEY_AND_UPDATED = {"key": ["id"], "updated": "diubah"}
IDENTITY = {"identity": ["pelapor.nama", "isi_laporan", "tgl_pengaduan"]}
COMMON = {"items": "data.items", "rate": 1000}
NONE: Mapping[str, object] = {"total": "data.meta.total"}
BY_PAGE = {"paging": "page", "page_size": 100, "total": "data.meta.total"}
BY_CURSOR = {"paging": "cursor", "page_size": 100, "next": "data.meta.next"}


class PortalSource(RowSource):
    """A portal with a token; `identity` says what a record is, `paging` how the list comes."""

    connector = "http"
    mapping = "portal"
    secret = TOKEN

    def __init__(
        self, portal: Portal, folder: Path, identity: Mapping[str, object], paging: Mapping[str, object]
    ) -> None:
        self._portal = portal
        self._folder = folder
        self._given = {**COMMON, **identity, **paging}
        self._edits = 0
        portal.token = TOKEN
        portal.paging = str(paging.get("paging", "none"))
        portal.total = "total" in paging
        (folder / "portal-token").write_text(TOKEN)

    def options(self) -> dict[str, object]:
        return {"url": self._portal.url, "token": f"file:{self._folder / 'portal-token'}", **self._given}

    def add(self, *complaints: Complaint) -> None:
        self._portal.items |= {one.number: _item(one.number, one, 0) for one in complaints}

    def remove(self, *numbers: int) -> None:
        for number in numbers:
            del self._portal.items[number]

    def rewrite(self, number: int, new: Complaint) -> None:
        self._edits += 1
        self._portal.items[number] = _item(number, new, self._edits)

    def snapshot(self) -> object:
        return dict(self._portal.items)

    @contextmanager
    def outage(self) -> Iterator[None]:
        with outage(self._portal):
            yield

    def mistakes(self) -> Mapping[str, Mistake]:
        wrong = self._folder / "wrong"
        wrong.write_text("salah")
        root = self._portal.root
        return {
            "wrong token": Mistake({"token": f"file:{wrong}"}, ["refuses the credentials", self._portal.url]),
            "no token": Mistake({"token": None}, ["401"]),
            "unknown host": Mistake({"url": "https://portal.invalid/api"}, ["portal.invalid"]),
            "closed port": Mistake({"url": f"http://127.0.0.1:{free_port()}/api"}, ["127.0.0.1"]),
            "wrong path": Mistake({"url": f"{root}/api/aduan"}, ["has nothing there"]),
            "wrong items": Mistake({"items": "data.daftar"}, ["no data.daftar", "items, meta"]),
            "items that are no list": Mistake({"items": "data.meta"}, ["an object at data.meta"]),
            "missing key": Mistake({"key": ["nomor"], "identity": []}, ["no item has nomor", "isi_laporan"]),
            "missing updated": Mistake({"updated": "ubah"}, ["no item has ubah", "isi_laporan"]),
        }


def _item(number: int, one: Complaint, edits: int) -> dict[str, object]:
    moment = one.received.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
    reporter = {"nama": one.name, "email": one.email}
    return {"id": number, "pelapor": reporter, "isi_laporan": one.text, "tgl_pengaduan": moment, "diubah": edits}
