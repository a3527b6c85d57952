"""How does a test keep complaints in a Google Sheet, shared with an account or published under a link?"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from tests.contract.source import ZONE, Complaint, Mistake, RowSource
from tests.servers.google import Google
from tests.servers.google_documents import Tab, as_csv
from tests.servers.outage import outage

KEY = {"key": ["No"]}
IDENTITY = {"identity": ["Nama Pelapor", "Isi Laporan", "Tanggal Laporan"]}
_HEADER = ("No", "Nama Pelapor", "Email", "Isi Laporan", "Tanggal Laporan")


class _Rows(RowSource):
    """A spreadsheet with a title above its header."""

    mapping = "spreadsheet"

    def __init__(self, google: Google, identity: Mapping[str, object]) -> None:
        self.google = google
        self.tab = Tab("Rekap '25", id=7)
        hidden = Tab("Arsip", [("No",)], id=3, hidden=True)
        self.document = google.new_document(hidden, Tab("Grafik", id=5, kind="OBJECT"), self.tab)
        self.identity = identity
        self._rows: dict[int, Complaint] = {}
        self._save()

    def add(self, *complaints: Complaint) -> None:
        self._rows |= {one.number: one for one in complaints}
        self._save()

    def remove(self, *numbers: int) -> None:
        self._rows = {number: one for number, one in self._rows.items() if number not in numbers}
        self._save()

    def rewrite(self, number: int, new: Complaint) -> None:
        self._rows[number] = new
        self._save()

    def snapshot(self) -> object:
        return as_csv(self.tab)

    def outage(self) -> AbstractContextManager[None]:
        return outage(self.google)

    def _save(self) -> None:
        rows = [
            (number, one.name, one.email, one.text, one.received.astimezone(ZONE).replace(tzinfo=None))
            for number, one in self._rows.items()
        ]
        self.tab.rows = [("Rekap Pengaduan",), (), _HEADER, *rows]


class PrivateSheet(_Rows):
    """Shared with one account, whose key file the gateway has."""

    connector = "google_sheets"

    def __init__(self, google: Google, folder: Path, identity: Mapping[str, object]) -> None:
        super().__init__(google, identity)
        self._folder = folder
        self._email, self._file = google.new_account(folder)
        self.document.shared_with.add(self._email)
        self.secret = next(line for line in self._file.read_text().split("\\n") if "KEY" not in line)

    def options(self) -> dict[str, object]:
        return {
            "spreadsheet": f"https://docs.google.com/spreadsheets/d/{self.document.id}/edit",
            "credentials": f"file:{self._file}",
            "endpoint": self.google.url,
            **self.identity,
        }

    def mistakes(self) -> Mapping[str, Mistake]:
        stranger, key = self.google.new_account(self._folder)
        deleted, old = self.google.new_account(self._folder)
        self.google.delete_account(deleted)
        return {
            "not shared": Mistake({"credentials": f"file:{key}"}, ["share it", stranger, "viewer"]),
            "account deleted": Mistake({"credentials": f"file:{old}"}, [deleted, "deleted"]),
            "wrong id": Mistake({"spreadsheet": "1" * 44}, ["no such spreadsheet"]),
            "missing sheet": Mistake({"sheet": "Agustus"}, ["Agustus", "Rekap '25", "Arsip"]),
            "missing key column": Mistake({"key": ["Nomor"], "identity": []}, ["Nomor"]),
            "missing column in the given row": Mistake({"header_row": 1}, ["row 1"]),
            "wrong endpoint": Mistake({"endpoint": f"{self.google.url}/lain"}, ["HTTP 404"]),
        }


class PublishedSheet(_Rows):
    """Published as CSV under a link."""

    connector = "csv_link"

    def __init__(self, google: Google, folder: Path, identity: Mapping[str, object]) -> None:
        super().__init__(google, identity)
        self.document.tabs = [self.tab]
        self.document.published = self.secret = f"2PACX-{secrets.token_hex(20)}"
        self._link = folder / "tautan"
        self._link.write_text(f"{google.url}/spreadsheets/d/e/{self.secret}/pub?gid=0&single=true&output=csv\n")

    def options(self) -> dict[str, object]:
        return {
            "url": f"file:{self._link}",
            "anyone_can_read": True,
            "date_format": "%d/%m/%Y %H:%M:%S",
            **self.identity,
        }

    def mistakes(self) -> Mapping[str, Mistake]:
        unpublished = f"{self.google.url}/spreadsheets/d/e/2PACX-{secrets.token_hex(20)}/pub?output=csv"
        return {
            "unpublished": Mistake({"url": unpublished}, ["sign-in page", "publish it"]),
            "nothing there": Mistake({"url": f"{self.google.url}/lain.csv"}, ["HTTP 404"]),
            "missing key column": Mistake({"key": ["Nomor"], "identity": []}, ["Nomor"]),
            "missing column in the given row": Mistake({"header_row": 1}, ["row 1"]),
        }
