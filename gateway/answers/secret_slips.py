"""Does a channel's own template for secret reports count on what such reports never tell?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, TemplateError, meta

from gateway.answers.words import WITHHELD


def slips(folder: Path | None) -> Iterator[str]:
    """A sentence for each template in `folder/secret` with names that are always empty there."""
    for file in sorted((folder / "secret").glob("*.txt")) if folder else ():
        try:
            used = meta.find_undeclared_variables(Environment(autoescape=True).parse(file.read_text(encoding="utf-8")))
        except (TemplateError, OSError, UnicodeDecodeError):
            continue
        empty = sorted(used & set(WITHHELD))
        if empty:
            names = ", ".join(empty)
            yield f"template secret/{file.name}: {names} is always empty there: of a secret report nothing is told"
