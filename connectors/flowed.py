"""Which line ends of a `format=flowed` text are the writer's own? The others are undone (RFC 3676)."""

from __future__ import annotations

import re

_QUOTED = re.compile(r">*")
_SIGNATURE = "-- "


def unflowed(text: str, *, delsp: bool) -> str:
    """The text with its paragraphs on one line each, and without stuffed blanks; quoted lines keep their marks."""
    paragraphs: list[tuple[str, str]] = []
    goes_on = False
    for line in text.split("\n"):
        marks = _QUOTED.match(line)
        depth = marks[0] if marks else ""
        # A leading blank is stuffing: it keeps "From ", ">" and blanks at a line's begin from being taken for more.
        words = line[len(depth) :].removeprefix(" ")
        if goes_on and paragraphs[-1][0] == depth and words != _SIGNATURE:
            paragraphs[-1] = (depth, paragraphs[-1][1] + words)
        else:
            paragraphs.append((depth, words))
        goes_on = words.endswith(" ") and words != _SIGNATURE
        if goes_on and delsp:
            paragraphs[-1] = (depth, paragraphs[-1][1][:-1])
    return "\n".join(f"{depth} {words}" if depth else words for depth, words in paragraphs)
