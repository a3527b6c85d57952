"""Is this name one of the known ones, and if not, which was meant?"""

from collections.abc import Iterable
from difflib import get_close_matches


def known_as(name: str, known: Iterable[str]) -> str:
    """Return the name, or raise a ValueError that gives the nearest and all known names."""
    names = list(known)
    if name not in names:
        near = get_close_matches(name, names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"unknown name {name!r}.{hint} Known: {', '.join(names)}")
    return name
