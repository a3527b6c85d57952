"""How is a text that is longer than a form's field cut where a reader expects it?"""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"[.!?…][\"')\]”’]*(?=\s)|\n")
_ABBREVIATION = re.compile(
    r"(?:^|\s)(?:jl|jln|no|rt|rw|dr|drs|ir|hj?|bpk|yth|kel|kec|kab|tgl|telp|hlm|dll|rp)\.$", re.IGNORECASE
)
_LEAST = 0.6
"""Of the room: an earlier end of a sentence would leave too much out."""


def shortened(text: str, limit: int, pointer: str) -> str:
    """At most `limit` characters, that end with a sentence, or with a word, and then the pointer to the whole."""
    room = limit - len(pointer)
    head = text[: room + 1]
    ends = [found.end() for found in _SENTENCE_END.finditer(head) if found.end() <= room]
    whole = [end for end in ends if end >= room * _LEAST and not _ABBREVIATION.search(head[:end])]
    if whole:
        return head[: whole[-1]].rstrip() + pointer
    blank = head.rfind(" ", int(room * _LEAST))
    return head[: blank if blank > 0 else room - 1].rstrip(" ,;:-") + "…" + pointer
