"""How are a few cells put into a worksheet's XML so that every other byte stays as it is?

A workbook that is loaded and saved by a library loses what the library does not know: pictures, pivot tables, the
results of formulas (without which formulas read as empty). So the places are found by a parser, and the bytes spliced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape

from connectors.contract import Misconfigured

_TAG = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_UTF8 = {"utf-8", "utf8", "us-ascii"}


class Cell(NamedTuple):
    """What a cell is to hold. A text is never a formula."""

    value: str | float
    style: int | None = None
    """Index of its format; default: the one that it has."""
    like_left: bool = False
    """Take the format of the next cell to the left, as a new heading does."""


class Splice(NamedTuple):
    """Replace the bytes from `start` to `end`."""

    start: int
    end: int
    new: bytes


class _Found(NamedTuple):
    column: int
    span: tuple[int, int]
    style: str | None
    formula: bool


@dataclass(slots=True)
class _Line:
    """A row that is to be written, as it stands in the file."""

    number: int
    span: tuple[int, int]
    """Of its start tag; of nothing for a row that is missing."""
    content_end: int | None
    """None for a row without content (`<row/>`) or a missing one."""
    cells: list[_Found] = field(default_factory=list)


def parse(xml: bytes, start: Callable[[str, Mapping[str, str], int], None], end: Callable[[str, int], None]) -> None:
    """Call with each element's local name, attributes and place in bytes. Raises Misconfigured for odd XML."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise Misconfigured("the workbook's XML declares entities")

    def declared(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _UTF8:
            raise Misconfigured(f"the workbook's XML is not in UTF-8 but in {encoding}")

    parser.StartDoctypeDeclHandler = refuse
    parser.XmlDeclHandler = declared
    parser.StartElementHandler = lambda name, attributes: start(
        name.rpartition(":")[2], attributes, parser.CurrentByteIndex
    )
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2], parser.CurrentByteIndex)
    try:
        parser.Parse(xml, True)  # noqa: FBT003 - expat's own "this is all"
    except (expat.ExpatError, ValueError):
        raise Misconfigured("the workbook's XML is damaged") from None


def tag_end(xml: bytes, start: int) -> int:
    """Where the tag that begins at `start` ends."""
    found = _TAG.match(xml, start)
    if found is None:
        raise Misconfigured("the workbook's XML is damaged")
    return found.end()


def spliced(xml: bytes, splices: Sequence[Splice]) -> bytes:
    """The bytes with all replacements made; of several at one place the first comes first."""
    pieces, place = [], 0
    for splice in sorted(splices, key=lambda one: one[:2]):
        pieces += [xml[place : splice.start], splice.new]
        place = splice.end
    return b"".join([*pieces, xml[place:]])


class Worksheet:
    """A worksheet's XML, and where in it certain rows are."""

    def __init__(self, xml: bytes, numbers: Sequence[int] = ()) -> None:
        """Find the rows of these numbers (from 1)."""
        self._xml = xml
        self._wanted = sorted(set(numbers))
        self._lines: dict[int, _Line] = {}
        self._line: _Line | None = None
        self._open: tuple[int, str | None] | None = None
        self._formula = False
        self._number = 0
        self._column = 0
        self._data: tuple[int, int] = (0, 0)
        self._prefix = b""
        self._merged: list[str] = []
        self._widths: list[int] = []
        self._widths_end: int | None = None
        self._dimension: tuple[int, str] | None = None
        self._starts = {
            "row": self._row,
            "c": self._cell,
            "f": self._cell_formula,
            "sheetData": self._sheet_data,
            "mergeCell": lambda attributes, _: self._merged.append(attributes.get("ref", "")),
            "col": lambda attributes, _: self._widths.append(int(attributes.get("max", "0"))),
            "dimension": self._dimensions,
        }
        parse(xml, self._start, self._end)
        if not self._data[0]:
            raise Misconfigured("the sheet holds no cells")

    def merged_width(self, first_row: int) -> int:
        """The last column that a merged cell covers in this row (from 1) or below; 0 without any."""
        corners = [place(ref.rpartition(":")[2]) for ref in self._merged]
        return max((column for row, column in corners if row >= first_row), default=0)

    def put(self, cells: Mapping[tuple[int, int], Cell], widths: Mapping[int, float]) -> bytes:
        """The XML with these cells, by row and column (from 1), and these widths; cells that hold a formula stay."""
        splices = [*self._wider(cells), *self._columns(widths)]
        for number, group in groupby(sorted(cells), key=lambda one: one[0]):
            splices += self._row_splices(self._lines[number], {column: cells[number, column] for _, column in group})
        return spliced(self._xml, splices)

    def _start(self, name: str, attributes: Mapping[str, str], at: int) -> None:
        handle = self._starts.get(name)
        if handle is not None:
            handle(attributes, at)

    def _row(self, attributes: Mapping[str, str], at: int) -> None:
        self._number = int(attributes.get("r", self._number + 1))
        self._column = 0
        self._missing(self._number, at)
        self._line = None
        if self._wanted and self._number == self._wanted[0]:
            self._line = _Line(self._wanted.pop(0), (at, tag_end(self._xml, at)), None)
            self._lines[self._number] = self._line

    def _missing(self, before: int, at: int) -> None:
        """Rows that the file leaves out come before the next one that it has."""
        while self._wanted and self._wanted[0] < before:
            number = self._wanted.pop(0)
            self._lines[number] = _Line(number, (at, at), None)

    def _cell(self, attributes: Mapping[str, str], at: int) -> None:
        if self._line is not None:
            self._column = place(attributes["r"])[1] if "r" in attributes else self._column + 1
            self._open, self._formula = (at, attributes.get("s")), False

    def _cell_formula(self, _attributes: Mapping[str, str], _at: int) -> None:
        self._formula = True

    def _sheet_data(self, _attributes: Mapping[str, str], at: int) -> None:
        self._data = (at, tag_end(self._xml, at))
        self._prefix = self._xml[at + 1 : self._data[1]].partition(b"sheetData")[0]

    def _dimensions(self, attributes: Mapping[str, str], at: int) -> None:
        self._dimension = (at, attributes.get("ref", ""))

    def _end(self, name: str, at: int) -> None:
        if name == "c" and self._line is not None and self._open is not None:
            start, style = self._open
            self._line.cells.append(_Found(self._column, (start, self._element_end(start, at)), style, self._formula))
        elif name == "row" and self._line is not None:
            empty = self._xml[self._line.span[1] - 2 : self._line.span[1]] == b"/>"
            self._line.content_end, self._line = None if empty else at, None
        elif name == "sheetData":
            self._missing(2**31, at)
        elif name == "cols":
            self._widths_end = at

    def _element_end(self, start: int, at: int) -> int:
        opened = tag_end(self._xml, start)
        return opened if self._xml[opened - 2 : opened] == b"/>" else tag_end(self._xml, at)

    def _row_splices(self, line: _Line, cells: Mapping[int, Cell]) -> list[Splice]:
        if line.content_end is None:
            inner = b"".join(self._written(line, column, cell, None) for column, cell in sorted(cells.items()))
            name = self._prefix + b"row"
            tag = self._xml[line.span[0] : line.span[1]].removesuffix(b"/>").rstrip()
            tag = tag or b'<%s r="%d"' % (name, line.number)
            return [Splice(*line.span, _spanless(tag) + b">" + inner + b"</" + name + b">")]
        tag = self._xml[line.span[0] : line.span[1]]
        splices = [Splice(*line.span, _spanless(tag))]
        for column, cell in sorted(cells.items()):
            old = next((one for one in line.cells if one.column == column), None)
            after = next((one.span[0] for one in line.cells if one.column > column), line.content_end)
            if old is None or not old.formula:
                span = old.span if old else (after, after)
                splices.append(Splice(*span, self._written(line, column, cell, old)))
        return splices

    def _written(self, line: _Line, column: int, cell: Cell, old: _Found | None) -> bytes:
        style = str(cell.style) if cell.style is not None else old.style if old else None
        if cell.like_left and style is None:
            style = next((one.style for one in reversed(line.cells) if one.column < column), None)
        format_ = f' s="{style}"' if style else ""
        p = self._prefix.decode()
        start = f'<{p}c r="{letters(column)}{line.number}"{format_}'
        if isinstance(cell.value, str):
            text = f'<{p}is><{p}t xml:space="preserve">{escape(_literal(cell.value))}</{p}t></{p}is>'
            return f'{start} t="inlineStr">{text}</{p}c>'.encode()
        return f"{start}><{p}v>{cell.value!r}</{p}v></{p}c>".encode()

    def _columns(self, widths: Mapping[int, float]) -> list[Splice]:
        if not widths or max(self._widths, default=0) >= min(widths):
            return []
        p = self._prefix.decode()
        new = "".join(
            f'<{p}col min="{column}" max="{column}" width="{width}" customWidth="1"/>'
            for column, width in sorted(widths.items())
        )
        if self._widths_end is None:
            return [Splice(self._data[0], self._data[0], f"<{p}cols>{new}</{p}cols>".encode())]
        return [Splice(self._widths_end, self._widths_end, new.encode())]

    def _wider(self, cells: Iterable[tuple[int, int]]) -> list[Splice]:
        """The sheet's stated size must cover the new cells: some readers stop there."""
        if self._dimension is None:
            return []
        at, ref = self._dimension
        first, _, last = ref.partition(":")
        row, column = place(last or first)
        corner = f"{letters(max(column, *(one[1] for one in cells)))}{max(row, *(one[0] for one in cells))}"
        end = tag_end(self._xml, at)
        return [Splice(at, end, self._xml[at:end].replace(ref.encode(), f"{first}:{corner}".encode(), 1))]


def place(ref: str) -> tuple[int, int]:
    """Row and column (from 1) of a reference such as `C17`. Raises Misconfigured for anything else."""
    found = re.fullmatch(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})", ref)
    if found is None:
        raise Misconfigured("the workbook's XML is damaged")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def letters(column: int) -> str:
    """`A` for 1, `AA` for 27."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _literal(text: str) -> str:
    """Spreadsheets read `_x0041_` in a text as the letter A."""
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)


def _spanless(tag: bytes) -> bytes:
    """Without the row's stated span of columns, which is only a hint and would now be wrong."""
    return re.sub(rb'\sspans="[^"]*"', b"", tag)
