"""Which status did the gateway itself write for a record, so that one that a person set is told apart?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from connectors.identity import digest
from connectors.sheet_files import PRIVATE
from connectors.sheet_options import SpreadsheetOptions
from connectors.sheet_replace import replace, seal


class Memory:
    """The statuses written into one file, kept in a folder beside it. Once it is lost, they count as a person's."""

    def __init__(self, file: Path, options: SpreadsheetOptions) -> None:
        sheet = options.sheet
        which = digest([",".join(sheet) if isinstance(sheet, tuple) else sheet, *options.naming])[:8]
        self._path = file.resolve().parent / PRIVATE / f"{file.name}.{which}.json"
        self._model = file
        self._written: dict[str, list[str]] = _read(self._path)

    def of(self, key: str) -> Sequence[str]:
        """What may stand there by the gateway's own hand."""
        return self._written.get(key, ())

    def keep(self, key: str, statuses: Sequence[str]) -> None:
        """Remember them instead of what was remembered. Raises Unreachable or Misconfigured."""
        if set(statuses) == set(self.of(key)):
            return
        written = {**self._written, key: list(dict.fromkeys(statuses))}
        content = json.dumps(written, ensure_ascii=False).encode("utf-8", "surrogatepass")
        replace(self._path, seal(self._path), lambda file: file.write(content), self._model)
        self._written = written


def _read(path: Path) -> dict[str, list[str]]:
    try:
        content = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
    except (OSError, ValueError):
        return {}
    # A file that somebody has changed is as good as lost.
    fits = isinstance(content, Mapping) and all(isinstance(one, list) for one in content.values())
    return dict(content) if fits else {}
