"""Is every real spreadsheet read, or refused with a reason, soon and in bounded memory?"""

from __future__ import annotations

import json
import multiprocessing
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.sheet_process import Reading, UnreadableFile, read_file, read_sheet
from connectors.sheet_table import headings
from tests.conftest import CORPORA

SHEETS = CORPORA / "spreadsheets"
FILES = sorted(path for path in SHEETS.rglob("*") if path.suffix in {".xlsx", ".xls", ".ods", ".csv", ".tsv"})
SPECTRUM = SHEETS / "csv-spectrum"
NO_TABLE: dict[str, str] = {}
"""The reason of each file that is not read."""
SECONDS = 60
KILOBYTES = 1_000_000

pytestmark = pytest.mark.skipif(not SHEETS.is_dir(), reason="there is no folder of real spreadsheets")


@dataclass(frozen=True)
class Ending:
    """ "read", or the reason's code; the seconds until then, and the most that any child process so far has held."""

    code: str
    seconds: float
    kilobytes: int


def ending(file: Path) -> Ending:
    """What becomes of a file. In a process of its own: a large one's children begin as large as itself."""
    began, code = time.monotonic(), "read"
    try:
        read_file(file, Reading(sheet="*"))
    except UnreadableFile as error:
        code = error.code
    return Ending(code, time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def test_every_file_is_read_or_refused_within_its_limits() -> None:
    with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as pool:
        endings = dict(zip(FILES, pool.map(ending, FILES), strict=True))
    assert len(endings) > 90
    assert {file.name: one.code for file, one in endings.items() if one.code != "read"} == NO_TABLE
    assert max(one.seconds for one in endings.values()) < SECONDS
    assert max(one.kilobytes for one in endings.values()) < KILOBYTES


@pytest.mark.parametrize("name", sorted(path.stem for path in SPECTRUM.glob("json/*.json")))
def test_csv_spectrum_agrees(tmp_path: Path, name: str) -> None:
    raw = (SPECTRUM / "csvs" / f"{name}.csv").read_bytes()
    if name.endswith("_crlf"):
        # Version control has taken these line ends from the corpus.
        raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    (tmp_path / "a.csv").write_bytes(raw)
    rows = read_sheet(tmp_path / "a.csv", None, None, None).rows
    said = [{column: cell or "" for column, cell in zip(headings(rows[0]), row, strict=True)} for row in rows[1:]]
    assert said == json.loads((SPECTRUM / "json" / f"{name}.json").read_text(encoding="utf-8"))


def test_dates_since_1904_are_the_same_days() -> None:
    folder = SHEETS / "readxl" / "tests" / "testthat" / "sheets"
    late, early = (read_sheet(folder / name, None, None, None).rows for name in ("dates-1904.xls", "dates-1900.xls"))
    assert late == early


def test_backslashes_before_quotes_join_no_rows() -> None:
    rows = read_sheet(SHEETS / "tabulator" / "data" / "special" / "escaping.csv", None, None, None).rows
    assert [row[0] for row in rows] == ["ID", "1", "2", "3"]
