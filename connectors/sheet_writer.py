"""How does one answer change one row of a sheet, and how is the sheet's file then written?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from connectors.contract import Answer, ChannelContext, Misconfigured, Scalar
from connectors.sheet_beside import write_empty
from connectors.sheet_book import SUFFIXES, Book, Value
from connectors.sheet_files import BESIDE
from connectors.sheet_memory import Memory
from connectors.sheet_options import SpreadsheetOptions, WriteBack
from connectors.sheet_page import Page, says, text
from connectors.sheet_replace import back_up, refuse_in_use, replace
from connectors.sheet_said import said, word

_WIDTHS = (18.0, 26.0, 60.0, 18.0, 40.0)
"""Of the gateway's columns, in characters."""

Cells = dict[tuple[int, int], Value]
"""By row and column, from 1."""
PageReader = Callable[[Path, Path, SpreadsheetOptions], Page]


class SheetWriter:
    """What the sheets hold is kept until somebody touches their files: reading them for each answer takes long."""

    def __init__(self, options: SpreadsheetOptions, settings: WriteBack, channel: ChannelContext) -> None:
        self._options = options
        self._settings = settings
        self._channel = channel
        self._pages: dict[Path, Page] = {}
        self._memories: dict[Path, Memory] = {}
        self._status = settings.columns.headings()[1]

    def page(self, path: Path, read: PageReader) -> Page:
        """The file's sheet as it is now."""
        known = self._pages.get(path)
        if known is None or not known.is_current(path):
            known = self._pages[path] = read(path, self._channel.spool, self._options)
        return known

    def begin(self, path: Path, headings: Sequence[str], source: Path) -> Page:
        """Make the file beside a source, which only has a header yet."""
        refuse_in_use(path)
        first = len(headings) - len(_WIDTHS) + 1
        widths = {first + place: width for place, width in enumerate(_WIDTHS)}
        sealed = replace(path, (), lambda file: write_empty(file, headings, widths), source)
        page = self._pages[path] = Page(sealed, 1, list(headings), [list(headings)], {}, set())
        return page

    def own_key(self, answer: Answer) -> str:
        """The record's key in files of ours: sheets of one workbook may be channels of their own, and share them."""
        sheet = self._options.sheet
        named = ",".join(sheet) if isinstance(sheet, tuple) else sheet
        return answer.key if named is None else f"{named}!{answer.key}"

    def columns(self, path: Path, page: Page, headings: Sequence[str]) -> Mapping[str, int]:
        """The column of each heading. Those that are missing get one at the right of everything."""
        missing = [name for name in headings if name not in page.names]
        free = page.width + 1
        if missing:
            free = max(free, self.book(path).merged_width(page.header) + 1)
        new = {name: free + place for place, name in enumerate(missing)}
        return {name: new[name] if name in new else page.names.index(name) + 1 for name in headings}

    def changes(self, path: Path, page: Page, row: int, columns: Mapping[str, int], answer: Answer) -> Cells:
        """The cells of a record's row, and the headings, that do not say yet what they should."""
        told = dict(said(answer, self._settings, self._channel.timezone))
        if self._is_persons(path, page.cell(row, columns[self._status]), str(told.get(self._status, "")), answer):
            del told[self._status]
        cells: Cells = {(page.header, column): name for name, column in columns.items() if name not in page.names}
        for name, value in told.items():
            if not says(page.cell(row, columns[name]), value):
                cells[row, columns[name]] = value
        return cells

    def write(self, path: Path, page: Page, cells: Cells, columns: Mapping[str, int], answer: Answer) -> None:
        """Change the cells in the file, where there are any, and remember a status among them as the gateway's."""
        if not cells:
            return
        refuse_in_use(path)
        book = self.book(path)
        new = {column: self._width(str(value)) for (row, column), value in cells.items() if row == page.header}
        if not book.put(cells, page.header, new):
            return
        memory, key, column = self._memory(path), self.own_key(answer), columns[self._status]
        status = next((str(cell) for at, cell in cells.items() if at[1] == column and at[0] != page.header), "")
        # Old and new before the file: a kill in between must not make the gateway's own word a person's.
        memory.keep(key, [*memory.of(key), status] if status else memory.of(key))
        self._replace(path, page, book)
        memory.keep(key, [status] if status else memory.of(key))
        for at, value in cells.items():
            page.set(*at, value)

    def book(self, path: Path) -> Book:
        """The file, to be written. Raises Misconfigured where that would take anything from it."""
        if path.suffix.lower() not in SUFFIXES:
            raise Misconfigured(
                f"{path.name} is not an xlsx or xlsm file, and only these can be written; "
                'use write_back with where = "beside"'
            )
        wanted = None if isinstance(self._options.sheet, tuple) else self._options.sheet
        return Book(path, None if path.name.endswith(BESIDE) else wanted)

    def _replace(self, path: Path, page: Page, book: Book) -> None:
        if not path.name.endswith(BESIDE):
            back_up(path, datetime.now(self._channel.timezone).date())
        page.sealed = replace(path, page.sealed, lambda file: book.save(path, file), path)

    def _width(self, name: str) -> float:
        ours = self._settings.columns.headings()
        return _WIDTHS[ours.index(name)] if name in ours else _WIDTHS[0]

    def _is_persons(self, path: Path, cell: Scalar, new: str, answer: Answer) -> bool:
        """Whether a person set this status: it is neither empty nor what the gateway wrote or would have written."""
        written = self._memory(path).of(self.own_key(answer))
        return bool(new) and text(cell) not in {"", new, word(answer.previous, self._settings), *written}

    def _memory(self, path: Path) -> Memory:
        if path not in self._memories:
            self._memories[path] = Memory(path, self._options)
        return self._memories[path]
