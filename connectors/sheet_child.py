"""What cells are in this workbook or CSV? Runs as a process of its own, under memory and time limits.

Hostile or broken files may eat all memory or never end; here they take down only this process. It reads one JSON
request from standard input and writes one `marshal`led answer to standard output:
`{"error": code, "detail": text, "sheets": [name, …]}`, or
`{"sheets": [sheet, …], "missing": [name, …], "open_end": bool}` with a sheet as
`{"name": text, "rows": [row, …], "merged": [range, …], "hidden_rows": number or None, "notes": [[fine, text], …]}`.
Each row is a list of cells, `marshal`led by itself, for most are known and only compared. Cells are None, bool, int,
float or str; dates are ISO 8601 text.
"""

from __future__ import annotations

import gc
import json
import marshal
import os
import resource
import sys
from pathlib import Path
from typing import Any

_SAMPLE = 64 * 1024
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_PAGES = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta")


def main() -> None:
    """Answer the one request on standard input."""
    # Everything lives until the end: collecting in between only costs time.
    gc.disable()
    out = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not stand in the answer.
    os.dup2(2, 1)
    # An isolated interpreter does not look beside the script for what belongs to it.
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from connectors.sheet_refused import Refused

    request = json.load(sys.stdin)
    _limit(request["memory_bytes"], request["seconds"])
    try:
        answer = _read(Path(request["path"]), request)
    except Refused as refusal:
        answer = {"error": refusal.code, "detail": refusal.detail, "sheets": list(refusal.sheets)}
    except MemoryError:
        answer = {"error": "file_too_large", "detail": "reading it takes more memory than allowed"}
    marshal.dump(answer, out)
    out.flush()
    # What was read need not be taken apart piece by piece.
    os._exit(0)


def _limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    from connectors import sheet_text, sheet_workbook
    from connectors.sheet_refused import Refused

    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    if head.startswith(_WORKBOOKS):
        return sheet_workbook.read(path, request)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower().startswith(_PAGES):
        raise Refused("file_not_a_sheet", "it is a web page under a spreadsheet's name; save it as xlsx or csv")
    return sheet_text.read(path, head, request)


if __name__ == "__main__":
    main()
