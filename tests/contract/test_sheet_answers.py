"""Do LAPOR's news in a sheet make no new reports and no edits, whatever people do to the sheet meanwhile?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.contract import Answer, News, Replier
from tests.contract.round import Gateway
from tests.contract.sheet_source import IDENTITY, KEY, SheetSource
from tests.contract.source import complaints

_HEADER = 3


class AnsweredSource(SheetSource):
    """A workbook that the gateway also writes into, or beside."""

    def __init__(self, file: Path, identity: Mapping[str, object], where: str) -> None:
        super().__init__(file, identity)
        self._where = where
        self.file = file

    def options(self) -> dict[str, object]:
        return {**super().options(), "path": str(self.file.parent), "write_back.where": self._where}


@pytest.fixture(params=["key inside", "identity inside", "key beside", "identity beside"])
def source(tmp_path: Path, request: pytest.FixtureRequest) -> AnsweredSource:
    """A folder with a workbook whose rows people have formatted."""
    identity, _, where = request.param.partition(" ")
    folder = tmp_path / "laporan"
    folder.mkdir()
    source = AnsweredSource(folder / "rekap.xlsx", KEY if identity == "key" else IDENTITY, where)
    source.add(*complaints(1, 2, 3))
    return source


def answer(record: Mapping[str, Any], status: str, words: str = "") -> Answer:
    """What the gateway would carry for a record of its state."""
    return Answer(
        id=f"{record['id']}{status}",
        news=News.FOLLOW_UP if words else News.STATUS,
        key=record["key"],
        locator=record["locator"],
        fields=record["fields"],
        tracking_id=f"LAPOR-{record['id']}",
        status=status,
        status_text=status.title(),
        previous=None,
        at=datetime(2026, 6, 1, 3, 0, tzinfo=UTC),
        url="https://lapor.test/1",
        subject="",
        text="",
        words=words,
        responder="",
        secret=False,
        to=None,
    )


def carry(gateway: Gateway, source: AnsweredSource, status: str, words: str = "") -> None:
    """Carry an answer to each record, and each twice, as after a kill."""
    for _ in range(2):
        connector = gateway.connector()
        assert isinstance(connector, Replier)
        for record in gateway.records():
            connector.write_back(answer(record, status, words))
        connector.close()
        rest(source, 1_800_000_000 + len(status))


def rest(source: AnsweredSource, at: int) -> None:
    """Nobody has written the folder's files lately."""
    for file in source.file.parent.glob("*.xlsx"):
        os.utime(file, (at, at))


def table(file: Path) -> list[list[object]]:
    """What stands in a workbook."""
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(file).worksheets[0].iter_rows()]


def test_news_make_no_reports_and_no_edits(gateway: Gateway, source: AnsweredSource) -> None:
    gateway.collect()
    before, told = gateway.reports(), table(source.file)
    for status, words in (("received", ""), ("in_progress", "Petugas menuju lokasi."), ("closed", "Selesai.")):
        carry(gateway, source, status, words)
        gateway.collect()
    assert gateway.reports() == before
    assert gateway.events("edited") == []
    now = table(source.file)
    assert [row[: len(told[0])] for row in now] == told
    shown = now if source._where == "inside" else table(source.file.with_name("rekap.lapor.xlsx"))
    assert [row[-5:-2] for row in shown[-3:]] == [[f"LAPOR-{one}", "Closed", "Selesai."] for one in (1, 2, 3)]


def test_a_person_works_in_the_sheet_between_two_rounds(gateway: Gateway, source: AnsweredSource) -> None:
    gateway.collect()
    carry(gateway, source, "received", "Petugas menuju lokasi.")
    book = openpyxl.load_workbook(source.file)
    sheet = book.worksheets[0]
    sheet.insert_rows(_HEADER + 1)
    sheet.move_range(f"A{_HEADER + 2}:J{_HEADER + 2}", rows=5)
    sheet.cell(1, 1).value = "REKAP BARU"
    book.create_sheet("Lain")
    book.save(source.file)
    rest(source, 1_900_000_000)
    gateway.collect()
    carry(gateway, source, "closed", "Selesai.")
    gateway.collect()
    assert len(gateway.reports()) == 3
    assert gateway.events("edited") == []
    assert openpyxl.load_workbook(source.file).sheetnames == ["Rekap", "Lain"]
    if source._where == "inside":
        assert [row[0] for row in table(source.file) if row[6] == "Closed"] == [2, 3, 1]
