"""Where does the mock keep its world, so that a restart loses nothing?"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from gateway.lapor.mock.complaint import encode


class Journal(Protocol):
    """An append-only list of entries, each a mapping of plain values and complaints."""

    def entries(self) -> Iterator[dict[str, Any]]: ...
    def append(self, entry: Mapping[str, object]) -> None: ...
    def close(self) -> None: ...


class Forgetting:
    """Keeps nothing: the world lives as long as the process."""

    def entries(self) -> Iterator[dict[str, Any]]:
        return iter(())

    def append(self, entry: Mapping[str, object]) -> None:
        """Forget the entry."""

    def close(self) -> None:
        """Nothing to close."""


class DataFile:
    """One JSON object a line, flushed at each entry; not synced to disk, as it need only outlive the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = _whole_lines(path.read_bytes()) if path.exists() else b""
        self._old = whole.splitlines()
        self._file = path.open("ab")
        # Cut the torn line off before appending, or the next entry would be glued to it.
        self._file.truncate(len(whole))

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield what the file held when it was opened; a line that is no JSON is a ValueError naming it."""
        for number, line in enumerate(self._old, start=1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise ValueError(f"{self._path}, line {number}: not a line of mock data") from error

    def append(self, entry: Mapping[str, object]) -> None:
        self._file.write(encode(entry).encode("ascii") + b"\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def open_journal(data: Path | None) -> Journal:
    """Return the journal of a data file, or one that forgets."""
    return Forgetting() if data is None else DataFile(data)


def _whole_lines(content: bytes) -> bytes:
    """Drop what follows the last line end: a process killed while writing leaves it."""
    return content[: content.rfind(b"\n") + 1]
