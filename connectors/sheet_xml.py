"""Which rows of an xlsx sheet are hidden, and which cells hold a formula's error? The reader itself tells neither.

Runs in the reading process: the file is of unknown make.
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.parsers import expat

_CHUNK = 1024 * 1024
_OVERLAP = 4 * 1024
_ERROR_SIGNS = (b't="e"', b"t='e'")
_HIDDEN_ROW = re.compile(rb"""<(?:[\w.-]+:)?row\s[^>]*?\bhidden=["'](?:1|true)["']""")
_DAMAGES = (zipfile.BadZipFile, zlib.error, struct.error, expat.ExpatError)
"""What the libraries raise of themselves."""
_CONSEQUENCES = (LookupError, ValueError, OSError, EOFError, OverflowError, NotImplementedError, RuntimeError)
"""What damage leads them into: unknown encodings and compressions, places before a file's beginning."""
_LARGEST_PART = 16 * 1024 * 1024
"""Of the parts that only say where the sheets are."""

Start = Callable[[str, Mapping[str, str]], None]


@dataclass(slots=True)
class Marks:
    """Rows and columns from 0."""

    known: bool = False
    """The file is one in which these can be found."""
    hidden: set[int] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    """By row and column, such as `#N/A`."""


def marks_of(path: Path, sheet: str) -> Marks:
    """Look at one sheet of an xlsx file; nothing is known of files of other kinds."""
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part(archive, sheet)
            if part is None:
                return Marks()
            found = _Marking()
            with archive.open(part) as file:
                worth = _has_any(file)
            if worth:
                with archive.open(part) as file:
                    _parse(file, found.start, found.end, found.text)
            return found.marks
    except (*_DAMAGES, *_CONSEQUENCES):
        # Whether the file can be read is for its reader to say.
        return Marks()


def _has_any(file: IO[bytes]) -> bool:
    """Whether it is worth the time to take the sheet apart."""
    tail = b""
    while chunk := file.read(_CHUNK):
        piece = tail + chunk
        if any(sign in piece for sign in _ERROR_SIGNS) or (b"hidden=" in piece and _HIDDEN_ROW.search(piece)):
            return True
        tail = chunk[-_OVERLAP:]
    return False


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The path of the sheet's part; None where this is no xlsx file."""
    workbook = next((target for kind, target in _relations(archive, "").values() if kind == "officeDocument"), None)
    if workbook is None:
        return None
    ids: list[str] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet" and attributes.get("name") == sheet:
            ids.extend(value for key, value in attributes.items() if key.rpartition(":")[2] == "id")

    _parse_small(archive, workbook, start)
    return _relations(archive, workbook).get(ids[0] if ids else "", ("", None))[1]


def _relations(archive: zipfile.ZipFile, part: str) -> Mapping[str, tuple[str, str]]:
    """Kind and path of the parts that a part names, by the ids that it gives them."""
    folder, base = posixpath.split(part)
    found: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            path = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], path)

    name = posixpath.join(folder, "_rels", f"{base}.rels")
    if name in archive.namelist():
        _parse_small(archive, name, start)
    return found


def _parse_small(archive: zipfile.ZipFile, part: str, start: Start) -> None:
    if archive.getinfo(part).file_size > _LARGEST_PART:
        raise zipfile.BadZipFile("too large for what it should say")
    with archive.open(part) as file:
        _parse(file, start, _nothing, _nothing)


def _parse(file: IO[bytes], start: Start, end: Callable[[str], None], text: Callable[[str], None]) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    parser.CharacterDataHandler = text
    for chunk in _chunks(file):
        parser.Parse(chunk)
    parser.Parse(b"", True)  # noqa: FBT003 - expat takes no keywords


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _nothing(_: str) -> None:
    """Ends and texts do not matter here."""


class _Marking:
    """Notes hidden rows and errors while the sheet's elements go by."""

    def __init__(self) -> None:
        self.marks = Marks(known=True)
        self._row = -1
        self._column = -1
        self._error: list[str] | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self._row = _number(attributes.get("r", ""), self._row + 1)
            self._column = -1
            if attributes.get("hidden") in {"1", "true"}:
                self.marks.hidden.add(self._row)
        elif name == "c":
            self._column = _column(attributes.get("r", ""), self._column + 1)
            self._error = [] if attributes.get("t") == "e" else None

    def text(self, text: str) -> None:
        if self._error is not None:
            self._error.append(text)

    def end(self, name: str) -> None:
        if name == "c" and self._error is not None:
            # A cell's formula stands before its error.
            said = "".join(self._error)
            self.marks.errors[self._row, self._column] = said[said.rfind("#") :] if "#" in said else "#VALUE!"
            self._error = None


def _number(reference: str, following: int) -> int:
    return int(reference) - 1 if reference.isdecimal() and 0 < len(reference) <= 7 else following


def _column(reference: str, following: int) -> int:
    letters = reference.rstrip("0123456789").replace("$", "")
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3):
        return following
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
