"""How does a report reach LAPOR that is longer than its form? As a PDF that holds the whole text and prints well."""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TTFFont

from connectors.contract import Attachment
from connectors.spool import keep
from gateway.attachments.glyphs import printable
from gateway.attachments.limits import LARGEST

_NAME = "Isi laporan lengkap.pdf"
_MARGIN = 20.0
"""Millimetres on each side of an A4 page, as all lengths here."""
_WIDTH = 210.0 - 2 * _MARGIN
_BOTTOM = 297.0 - _MARGIN
_TITLE, _NOTE, _TEXT, _FOOTER = 14.0, 9.0, 11.0, 9.0
"""Sizes in points."""
_LEADING = 0.5
"""Millimetres from line to line for each point."""
_MOST = 1_500_000
"""Characters that are printed: some 500 pages."""
_CUT = "[{} karakter terakhir tidak termuat di sini; mintalah kepada instansi pengirim]"
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""The same text must give the same bytes, whenever."""

_Line = tuple[str, str, float]
"""Text, style ("B" or "") and size."""


def letter(spool: Path, title: str, text: str, note: str) -> Attachment:
    """Print the text under its title, with the note above it, into a PDF of at most 2 MB in the spool.

    Equal arguments give an equal file. Raises Unreachable as `spool.keep` does.
    """
    shown = min(len(text), _MOST)
    content = _printed(title, text, note, shown)
    while len(content) > LARGEST:
        # Only noise is so large: a text of a million letters takes half of it.
        shown = shown * 9 // 10
        content = _printed(title, text, note, shown)
    return keep(spool, _NAME, "application/pdf", content)


class _Page(FPDF):
    """An A4 page with our fonts, a page number and nothing that tells when or by what it was made."""

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.set_creation_date(_MADE)
        self.set_producer("")
        self.set_lang("id")
        self.set_margin(_MARGIN)
        self.set_auto_page_break(False, 0)  # noqa: FBT003 - fpdf2's own signature
        fonts = importlib.resources.files("gateway.attachments") / "fonts"
        for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
            with importlib.resources.as_file(fonts / file) as path:
                self.add_font("letter", style, path)

    def file_id(self) -> None:
        """None: the file's name in the spool is its identity."""

    @property
    def known(self) -> Container[int]:
        """The code points that both styles have."""
        fonts = [font.cmap for font in self.fonts.values() if isinstance(font, TTFFont)]
        return set.intersection(*map(set, fonts))

    def width(self, mark: str, style: str, size: float) -> float:
        """Of one character, in millimetres."""
        self.set_font("letter", style, size)
        return self.get_string_width(mark)


def _printed(title: str, text: str, note: str, shown: int) -> bytes:
    page = _Page()
    known = page.known
    body = printable(text[:shown], known)
    lost = len(text) - shown + max(0, len(body) - _MOST)
    lines = [
        *_wrapped(page, printable(title, known), "B", _TITLE),
        *_wrapped(page, printable(note, known), "", _NOTE),
        ("", "", _TEXT),
        *_wrapped(page, body[:_MOST], "", _TEXT),
        *(_wrapped(page, "\n" + _CUT.format(lost), "B", _TEXT) if lost else ()),
    ]
    sheets = list(_sheets(lines))
    for number, sheet in enumerate(sheets, start=1):
        _set(page, sheet, f"Halaman {number} dari {len(sheets)}")
    return bytes(page.output())


def _wrapped(page: _Page, text: str, style: str, size: float) -> Iterator[_Line]:
    """The text's lines, broken between words, or within one that is longer than a line."""

    @functools.cache
    def width(mark: str) -> float:
        return page.width(mark, style, size)

    for paragraph in text.split("\n"):
        line: list[str] = []
        used = 0.0
        for word in _pieces(paragraph.split(" "), width):
            needs = sum(map(width, word))
            if line and used + width(" ") + needs > _WIDTH:
                yield " ".join(line), style, size
                line, used = [], 0.0
            used += needs + (width(" ") if line else 0)
            line.append(word)
        yield " ".join(line), style, size


def _pieces(words: Sequence[str], width: Callable[[str], float]) -> Iterator[str]:
    """The words; those longer than a line in pieces that fit."""
    for word in words:
        start, used = 0, 0.0
        for at, mark in enumerate(word):
            used += width(mark)
            if used > _WIDTH:
                yield word[start:at]
                start, used = at, width(mark)
        yield word[start:]


def _sheets(lines: Iterable[_Line]) -> Iterator[Sequence[_Line]]:
    """As many lines as each page holds."""
    sheet: list[_Line] = []
    left = _BOTTOM - _MARGIN
    for line in lines:
        height = line[2] * _LEADING
        if height > left:
            yield sheet
            sheet, left = [], _BOTTOM - _MARGIN
        sheet.append(line)
        left -= height
    yield sheet


def _set(page: _Page, lines: Iterable[_Line], footer: str) -> None:
    page.add_page()
    down = _MARGIN
    for text, style, size in lines:
        down += size * _LEADING
        if text.strip():
            page.set_font("letter", style, size)
            page.text(_MARGIN, down, text)
    page.set_font("letter", "", _FOOTER)
    page.text(_MARGIN + (_WIDTH - page.get_string_width(footer)) / 2, _BOTTOM + _MARGIN / 2, footer)
