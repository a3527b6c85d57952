"""Where do LAPOR's news of a record go: into which file, and which row of it?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from connectors import sheet_table
from connectors.contract import Answer, ChannelContext, ConnectorError, Finding, News, Unanswerable
from connectors.sheet_beside import KEY_HEADING, beside
from connectors.sheet_files import files_of
from connectors.sheet_options import SpreadsheetOptions, WriteBack
from connectors.sheet_page import Page, beside_page, source_page
from connectors.sheet_replace import refuse_unwritable
from connectors.sheet_said import copied
from connectors.sheet_writer import Cells, SheetWriter

CARRIED = frozenset({News.FORWARDED, News.STATUS, News.NEED_INFO, News.FOLLOW_UP, News.CLOSED, News.ARCHIVED})


class SheetAnswers:
    """Writes answers beside or into a channel's files."""

    def __init__(self, options: SpreadsheetOptions, settings: WriteBack, channel: ChannelContext) -> None:
        self._options = options
        self._settings = settings
        self._writer = SheetWriter(options, settings, channel)

    def carry(self, answer: Answer) -> None:
        """Write it where the channel wants it. Raises as `Replier.write_back` says."""
        sources = files_of(self._options.path)
        if self._settings.where == "beside":
            self._beside(self._home(answer, sources), answer)
            return
        places = self._holding(answer.locator, sources)
        if not places:
            raise Unanswerable("row_gone", "the record's row is no longer in the sheet")
        if any(answer.locator in page.twice for _, page in places):
            raise Unanswerable("row_twice", "the record's key stands in several rows that differ")
        for source, page in places:
            self._inside(source, page, answer)

    def check(self, sources: Sequence[Path]) -> Finding:
        """Whether the files could be written now."""
        try:
            for source in sources:
                refuse_unwritable(source)
                if self._settings.where == "inside":
                    self._writer.book(source)
        except ConnectorError as error:
            return Finding(ok=False, text=f"write_back: {error}")
        return Finding(ok=True, text=f"write_back: {self._settings.where} {len(sources)} file(s)")

    def _home(self, answer: Answer, sources: Sequence[Path]) -> Path:
        """The source beside which the news stand: where the record's row is, else where they already stand."""
        if len(sources) == 1:
            return sources[0]
        holding = self._holding(answer.locator, sources)
        if holding:
            return holding[0][0]
        key = self._writer.own_key(answer)
        written = (one for one in sources if key in self._writer.page(beside(one), beside_page).records)
        return next(written, sources[0])

    def _holding(self, locator: str | None, sources: Sequence[Path]) -> Sequence[tuple[Path, Page]]:
        """The files that hold the record. Raises what stood in the way where none does and one cannot be read."""
        found: list[tuple[Path, Page]] = []
        trouble: ConnectorError | None = None
        for source in sources if locator is not None else ():
            try:
                page = self._writer.page(source, source_page)
            except ConnectorError as error:
                trouble = error
                continue
            if locator in page.records:
                found.append((source, page))
        if trouble is not None and not found:
            raise trouble
        return found

    def _inside(self, path: Path, page: Page, answer: Answer) -> None:
        columns = self._writer.columns(path, page, self._settings.columns.headings())
        cells: Cells = {}
        for row in page.records[answer.locator or ""]:
            cells |= self._writer.changes(path, page, row, columns, answer)
        self._writer.write(path, page, cells, columns, answer)

    def _beside(self, source: Path, answer: Answer) -> None:
        path, key = beside(source), self._writer.own_key(answer)
        naming = [sheet_table.heading(name) for name in self._options.naming]
        headings = [KEY_HEADING, *naming, *self._settings.columns.headings()]
        page = self._writer.page(path, beside_page)
        if not page.cells:
            page = self._writer.begin(path, headings, source)
        columns = self._writer.columns(path, page, headings)
        row = page.records.get(key, [len(page.cells) + 1])[0]
        cells = self._writer.changes(path, page, row, columns, answer)
        if key not in page.records:
            copies = {(row, columns[name]): copied(answer.fields.get(name)) for name in naming}
            cells |= {(row, columns[KEY_HEADING]): key} | {at: value for at, value in copies.items() if value != ""}
        self._writer.write(path, page, cells, columns, answer)
        page.records[key] = [row]
