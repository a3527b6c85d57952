"""What did a citizen enter in a web form that only sends a mail? Labelled lines or table rows become fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from mappings.html_text import is_html, to_text, tree_of

_FOOTER = re.compile(
    r"^\W*((this e-?mail was sent|this is a notification|sent|submitted) (from|via|that) .*(form|website|situs|http)"
    r"|sent from .{1,80}"
    r"|(e-?mail|surel|pesan) ini (dikirim|dikirimkan|terkirim) (dari|melalui|lewat) .*(formulir|situs|web|http))",
    re.IGNORECASE,
)
OTHERS = "lain"
"""The entry of what the form says under labels that the mapping does not know."""
_EMPTY = {"(empty)", "(kosong)", "-"}
_LONGEST_FOOTER = 3
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
    noise: tuple[str, ...] = ()
    """Labels of what the form's program adds below: such lines at the end are left out."""
    by_label: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        named = {plain(label): name for name, labels in self.labels.items() for label in labels}
        object.__setattr__(self, "by_label", named)

    def read(self, text: str) -> dict[str, str]:
        """The entries by name, out of plain text or HTML. Empty where no label is found.

        A label counts once, so that nobody who writes "Nama: …" into the message changes whose report it is. What
        stands below the first line of any entry but the last is no part of it: it comes as the entry `lain`.
        """
        pairs = list(self._rows(text)) if is_html(text) else []
        found: dict[str, str] = {}
        others: list[str] = []
        for name, value in pairs or self._lines(self._without_footer(to_text(text))):
            if value and value.casefold() not in _EMPTY:
                found.setdefault(name, value) if name != OTHERS else others.append(value)
        return {**found, OTHERS: "\n".join(others)} if found and others else found

    def _rows(self, html: str) -> Iterator[tuple[str, str]]:
        """Of tables: a label and its value beside it, or in the row below."""
        waiting = ""
        tree = tree_of(html)
        for row in tree.css("tr") if tree else ():
            if row.css_first("table") is not None:
                continue
            cells = [text for cell in row.css("td, th") if (text := _cell(cell)).strip(_ORNAMENT + ":")]
            name = self._name(cells[0]) if cells else ""
            if name and len(cells) > 1:
                yield name, "\n".join(cells[1:]).removeprefix(":").strip()
                waiting = ""
            elif name:
                waiting = name
            elif waiting and cells:
                yield waiting, "\n".join(cells)
                waiting = ""
            elif len(cells) > 1 and not self._is_noise(cells[0]):
                yield OTHERS, f"{cells[0].rstrip(' :')}: {' '.join(cells[1:])}"

    def _lines(self, lines: Sequence[str]) -> Iterator[tuple[str, str]]:
        name, value, seen = "", [""], set[str]()
        for line in lines:
            begun = None if name and name == self.last else self._begun(line, seen)
            if begun is None:
                value.append(line)
                continue
            yield from self._ended(name, value)
            name, first = begun
            value = [first]
            seen.add(name)
        yield from self._ended(name, value)

    def _ended(self, name: str, lines: Sequence[str]) -> Iterator[tuple[str, str]]:
        """The entry, and what stands below it and is none of it."""
        if not name:
            return
        text = "\n".join(lines).strip()
        if self.last in ("", name):
            yield name, text
            return
        first, _, below = text.partition("\n")
        yield name, first.strip()
        kept = [line for line in below.split("\n") if line.strip(_ORNAMENT)]
        if kept:
            yield OTHERS, "\n".join(kept)

    def _without_footer(self, text: str) -> list[str]:
        """The lines without what the form's program adds below."""
        lines = text.split("\n")
        delimiter = max((number for number, line in enumerate(lines) if line.rstrip() == "--"), default=None)
        if delimiter is not None and sum(bool(line.strip()) for line in lines[delimiter + 1 :]) <= _LONGEST_FOOTER:
            lines = lines[:delimiter]
        while lines and self._is_footer(lines[-1]):
            lines.pop()
        return lines

    def _is_footer(self, line: str) -> bool:
        return not line.strip(_ORNAMENT) or bool(_FOOTER.match(line)) or self._is_noise(line.partition(":")[0])

    def _is_noise(self, label: str) -> bool:
        return plain(label) in {plain(noise) for noise in self.noise}

    def _begun(self, line: str, seen: set[str]) -> tuple[str, str] | None:
        """(entry, first words) where the line begins with a label that has not come yet."""
        label, _, first = line.partition(":")
        name = self._name(label)
        return (name, first.strip().strip("*").strip()) if name and name not in seen else None

    def _name(self, label: str) -> str:
        return self.by_label.get(plain(label), "")


def plain(label: str) -> str:
    """How labels are compared: without marks, `(wajib)` and case."""
    bare = re.sub(r"\((required|wajib)[^()]*\)", "", label, flags=re.IGNORECASE)
    return " ".join(bare.strip(_ORNAMENT + ":?").replace("_", " ").split()).casefold()


def _cell(node: LexborNode) -> str:
    return to_text(f"<div>{node.inner_html or ''}</div>").strip()
