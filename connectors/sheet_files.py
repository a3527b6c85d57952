"""Which files are a channel's, and when do they rest so that they can be read?"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from connectors.contract import Unreachable
from connectors.sheet_options import SpreadsheetOptions
from connectors.sheet_process import File, UnreadableFile, read_file

PRIVATE = ".lapor"
"""A folder beside the sources for what only the gateway needs there."""
BESIDE = ".lapor.xlsx"
"""How the file with LAPOR's news beside a source ends."""
_SUFFIXES = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".txt"}
_QUIET_SECONDS = 2.0
_OPEN_END_SECONDS = 60.0
_LARGEST = 200 * 1024 * 1024


def files_of(path: Path) -> Sequence[Path]:
    """The files at a path, a pattern or in a folder, by name. Raises Unreachable where there are none."""
    try:
        files = _files_at(path)
    except OSError as error:
        raise Unreachable(f"{path} cannot be opened ({error.strerror})") from None
    if not files:
        raise Unreachable(f"there is no file at {path}")
    return files


def _files_at(path: Path) -> Sequence[Path]:
    if path.is_dir():
        found = [file for file in path.iterdir() if file.suffix.lower() in _SUFFIXES]
    else:
        found = [path] if path.exists() else list(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    return sorted(file for file in found if file.is_file() and not _no_source(file))


def _no_source(file: Path) -> bool:
    """Whether it is a lock, hidden, or a file of the gateway's own."""
    ours = file.name.lower().endswith(BESIDE) or PRIVATE in file.parts[:-1]
    return ours or file.name.startswith(("~$", ".~lock.", "."))


def stamp(path: Path) -> Sequence[int]:
    """Size in bytes and time of the last change in nanoseconds; empty for a file that cannot be looked at."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]


def settled(file: Path, spool: Path, options: SpreadsheetOptions) -> File:
    """Read a copy of the file, once nobody is writing it. Raises UnreadableFile."""
    before = stamp(file)
    if not before:
        raise UnreadableFile("file_unreadable", "it cannot be opened, or is gone")
    if before[0] > _LARGEST:
        raise UnreadableFile("file_too_large", f"it is larger than {_LARGEST // 1024**2} MB")
    age = _age(before)
    if 0 <= age < _QUIET_SECONDS:
        time.sleep(_QUIET_SECONDS - age)
    with tempfile.TemporaryDirectory(dir=spool) as folder:
        copy = Path(folder) / "copy"
        try:
            shutil.copyfile(file, copy)
        except OSError as error:
            raise UnreadableFile("file_unreadable", f"it cannot be opened ({error.strerror})") from None
        if stamp(file) != before:
            raise UnreadableFile("file_changing", "it is being written; the next round tries again")
        read = read_file(copy, options.reading())
    if read.sheets[0].open_end and _age(before) < _OPEN_END_SECONDS:
        raise UnreadableFile("file_changing", "its last line is not complete; it is read when it rests for a minute")
    return read


def _age(stamped: Sequence[int]) -> float:
    """Seconds since the last change."""
    return time.time() - stamped[1] / 1e9
