"""What did a citizen enter in a web form that only sends a mail? Labelled lines or table rows become fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mappings import signatures
from mappings.html_text import is_html, to_text

_FOOTER = re.compile(
    r"^\W*((this e-?mail was sent|this is a notification|sent|submitted) (from|via|that) .*(form|website|situs|http)"
    r"|sent from .{1,80}"
    r"|(e-?mail|surel|pesan) ini (dikirim|dikirimkan|terkirim) (dari|melalui|lewat) .*(formulir|situs|web|http))",
    re.IGNORECASE,
)
_ORNAMENT = " \t*_#=-–—•·>|\u00a0"


@dataclass(frozen=True, slots=True)
class Form:
    """`[form]` of a mapping: how a form's mail looks."""

    sources: tuple[str, ...]
    """The record's fields that may hold it; the first that says something does."""
    labels: Mapping[str, tuple[str, ...]]
    """Its entries: name, and under which labels the form writes it."""
    last: str = ""
    """The entry that takes everything below its label, whatever is written there."""
    by_label: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        named = {_plain(label): name for name, labels in self.labels.items() for label in labels}
        object.__setattr__(self, "by_label", named)

    def read(self, text: str) -> dict[str, str]:
        """The entries by name, out of plain text or HTML. Empty where no label is found.

        A label counts once, so that nobody who writes "Nama: …" into the message changes whose report it is.
        """
        pairs = list(self._rows(text)) if is_html(text) else []
        found: dict[str, str] = {}
        for name, value in pairs or self._lines(_without_footer(to_text(text))):
            if value.strip():
                found.setdefault(name, value.strip())
        return found

    def _rows(self, html: str) -> Iterator[tuple[str, str]]:
        """Of tables: a label and its value beside it, or in the row below."""
        waiting = ""
        for row in LexborHTMLParser(html).css("tr"):
            if row.css_first("table") is not None:
                continue
            cells = [_cell(cell) for cell in row.css("td, th")]
            name = self._name(cells[0]) if cells else ""
            if name and len(cells) > 1:
                yield name, "\n".join(cells[1:])
                waiting = ""
            elif name:
                waiting = name
            elif waiting and cells:
                yield waiting, "\n".join(cells)
                waiting = ""

    def _lines(self, lines: Sequence[str]) -> Iterator[tuple[str, str]]:
        name, value, seen = "", [""], set[str]()
        for line in lines:
            begun = None if name and name == self.last else self._begun(line, seen)
            if begun is None:
                value.append(line)
                continue
            if name:
                yield name, "\n".join(value)
            name, first = begun
            value = [first]
            seen.add(name)
        if name:
            yield name, "\n".join(value)

    def _begun(self, line: str, seen: set[str]) -> tuple[str, str] | None:
        """(entry, first words) where the line begins with a label that has not come yet."""
        label, _, first = line.partition(":")
        name = self._name(label)
        return (name, first.strip().strip("*").strip()) if name and name not in seen else None

    def _name(self, label: str) -> str:
        return self.by_label.get(_plain(label), "")


def _plain(label: str) -> str:
    bare = re.sub(r"\((required|wajib)[^)]*\)", "", label, flags=re.IGNORECASE)
    return " ".join(bare.strip(_ORNAMENT + ":?").replace("_", " ").split()).casefold()


def _cell(node: LexborNode) -> str:
    return to_text(f"<div>{node.inner_html or ''}</div>").strip()


def _without_footer(text: str) -> list[str]:
    """The lines without what the form's program adds below."""
    lines = (signatures.without(text) or text).split("\n")
    while lines and (not lines[-1].strip(_ORNAMENT) or _FOOTER.match(lines[-1])):
        lines.pop()
    return lines
