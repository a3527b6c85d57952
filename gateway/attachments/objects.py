"""Which objects does a PDF's catalogue lead to?"""

from __future__ import annotations

from collections.abc import Iterator

from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject


def reachable(root: PdfObject) -> Iterator[PdfObject]:
    """Every dictionary and array below `root`, each once; what the visitor takes out of one is not walked into."""
    seen: set[tuple[int, int]] = set()
    waiting: list[PdfObject] = [root]
    while waiting:
        thing: PdfObject | None = waiting.pop()
        if isinstance(thing, IndirectObject):
            if (thing.idnum, thing.generation) in seen:
                continue
            seen.add((thing.idnum, thing.generation))
            thing = thing.get_object()
        if isinstance(thing, DictionaryObject | ArrayObject):
            yield thing
            waiting.extend(below(thing))


def below(thing: DictionaryObject | ArrayObject) -> Iterator[PdfObject]:
    """What stands in it, references as such."""
    # pypdf's own iteration over an array follows them.
    return list.__iter__(thing) if isinstance(thing, ArrayObject) else iter(dict.values(thing))
