"""Is every spreadsheet read or refused, whatever its bytes, soon and in bounded memory?"""

from __future__ import annotations

import os
import resource
import time
from collections import Counter
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from connectors.contract import ChannelContext, Misconfigured
from connectors.sheet_process import UNFORESEEN
from connectors.spreadsheet import Spreadsheet, SpreadsheetOptions
from gateway.reasons import REASONS
from tests.conftest import CORPORA
from tests.fuzz.sheets import mutated, seeds

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7_200)]
SECONDS = float(os.environ.get("LAPOR_GATEWAY_FUZZ_SECONDS", "600"))
"""Each file follows from its number alone, so that it can be had again."""
FIRST = int(os.environ.get("LAPOR_GATEWAY_FUZZ_FIRST", "0"))
LIMIT = 65.0
"""Seconds for one file: the child's own limit, and what starting it takes."""
KILOBYTES = 1_100_000
_LONG_AGO = 1_700_000_000
_OPTIONS: dict[str, object] = {"sheet": "*", "hidden_rows": "skip", "merged_cells": "every_row"}


def look(file: Path, spool: Path, options: dict[str, object]) -> str:
    """How a round over this one file ends. Whatever it holds, nothing but a reason may come of it."""
    settings = SpreadsheetOptions.model_validate({"path": file, **options})
    connector = Spreadsheet(settings, ChannelContext("kanal", ZoneInfo("Asia/Jakarta"), spool))
    try:
        listing = connector.list(None)
        records = list(connector.read([entry.locator for entry in listing.entries]))
        assert [record.version for record in records] == [entry.version for entry in listing.entries]
        if len(listing.entries) % 4 == 3:
            connector.check()
    except Misconfigured:
        return "column_missing"
    finally:
        connector.close()
    assert {problem.code for problem in listing.problems} <= REASONS.keys()
    assert UNFORESEEN not in {problem.detail for problem in listing.problems}
    return listing.problems[0].code if listing.problems else "read"


def test_mutated_files_are_read_or_refused(tmp_path: Path) -> None:
    files, end, number = seeds(CORPORA / "spreadsheets"), time.monotonic() + SECONDS, FIRST
    endings: Counter[str] = Counter()
    slowest = 0.0
    file = tmp_path / "last.xlsx"
    while time.monotonic() < end:
        chance = Random(number)
        file.write_bytes(mutated(files, chance))
        os.utime(file, (_LONG_AGO, _LONG_AGO))
        naming = {"key": ["No"]} if chance.random() < 0.5 else {"identity": ["Nama", "Isi"], "header_rows": 2}
        began = time.monotonic()
        endings[look(file, tmp_path, {**_OPTIONS, **naming})] += 1
        slowest = max(slowest, time.monotonic() - began)
        assert slowest < LIMIT, number
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < KILOBYTES, number
        number += 1
    print(f"{number - FIRST} mutated files, {dict(endings)}, the slowest {slowest:.1f} s")  # noqa: T201 - the figure
    assert number - FIRST > SECONDS / 2
