"""Which part of a mail did its sender write now, and which is an earlier mail that the program has put below?

Losing a citizen's words is worse than keeping a quotation: what is not surely one stays, and where nothing else would
be left, everything does.
"""

from __future__ import annotations

from collections.abc import Container
from enum import Enum

from selectolax.lexbor import LexborNode

from mappings import quote_marks, signatures
from mappings.html_text import to_text, tree_of
from mappings.quote_marks import Kind

_QUOTING = "blockquote.gmail_quote, blockquote[type=cite], div.gmail_attr, div.moz-cite-prefix, div.yahoo_quoted"
_SIGNATURES = (
    "div.gmail_signature, div[data-smartmail=gmail_signature], .moz-signature, div#Signature, div#AppleMailSignature,"
    " div#ms-outlook-mobile-signature, div.ms-outlook-mobile-signature, div#ymail_android_signature,"
    " div[id^=yahoo-signature]"
)
_COVER_NOTE = 12
"""So few words above an earlier mail only hand it on: "mohon ditindaklanjuti"."""
_COVER_LINES = 60
"""With the longest signature. Without a bound, the lines above would be read again for each mark below them."""
_MOST_QUOTES = 200
"""Elements that are looked at; a mail has some ten."""


class Forwarded(Enum):
    """What becomes of a mail that is passed on."""

    KEPT = "kept"
    """It is the matter itself."""
    CUT = "cut"
    """It is only there because programs put it there."""


def own_words(text: str, html: str) -> str:
    """A mail's own text, without what it quotes and without signatures; a forwarded mail's words belong to it."""
    return _words(text, html, Forwarded.KEPT)


def reply_words(text: str, html: str) -> str:
    """What was written above, below or between the lines of the mail that is answered."""
    return _words(text, html, Forwarded.CUT)


def _words(text: str, html: str, forwarded: Forwarded) -> str:
    if html.strip() and not text.strip():
        whole = to_text(html)
        return _trimmed(to_text(_without(html, _QUOTING + ", " + _SIGNATURES)), forwarded) or whole
    whole = text.replace("\r\n", "\n").strip()
    return _trimmed(whole, forwarded) or whole


def _without(html: str, selector: str) -> str:
    """The document without these elements, save those that hold a forwarded mail."""
    tree = tree_of(html)
    if tree is None:
        return html
    doomed: dict[int, LexborNode] = {}
    for node in tree.css(selector)[:_MOST_QUOTES]:
        if not _is_within(node, doomed) and not _is_forwarded(node):
            doomed[node.mem_id] = node
    # Only now: with an element its descendants are freed, which the list may hold too.
    for node in doomed.values():
        node.decompose()
    return tree.html or ""


def _is_within(node: LexborNode, doomed: Container[int]) -> bool:
    above = node.parent
    while above is not None and above.mem_id not in doomed:
        above = above.parent
    return above is not None


def _is_forwarded(node: LexborNode) -> bool:
    first = next((line for line in to_text(node.html or "").splitlines() if line.strip()), "")
    return quote_marks.is_forwarding(first)


def _trimmed(text: str, forwarded: Forwarded) -> str:
    own = "\n".join(_own_lines(text.split("\n"), forwarded)).strip("\n")
    return (signatures.without(own) or own).strip()


def _own_lines(lines: list[str], forwarded: Forwarded) -> list[str]:
    kept: list[str] = []
    said: list[str] = []
    at, answers = 0, forwarded is Forwarded.CUT
    while at < len(lines):
        if lines[at].startswith(">"):
            if quote_marks.is_forwarding(lines[at].lstrip("> ")):
                _unquote(lines, at)
            elif answers:
                at += 1
                continue
        mark = quote_marks.at(lines, at)
        if mark is None:
            kept.append(lines[at])
            said += [lines[at]] if lines[at].strip() else []
            at += 1
        elif mark.kind is not Kind.FORWARD and _is_quoted(lines, mark.end):
            # From here on the program's marks tell what is quoted; own lines may stand between.
            at, answers = mark.end, True
        elif not said or (forwarded is Forwarded.KEPT and _passes_on(mark.kind, said)):
            at = mark.end
        else:
            break
    return kept


def _is_quoted(lines: list[str], at: int) -> bool:
    return next((line.lstrip().startswith(">") for line in lines[at : at + 4] if line.strip()), False)


def _unquote(lines: list[str], at: int) -> None:
    """Take one level of marks away, from this line on as far as they have any."""
    while at < len(lines) and lines[at].startswith(">"):
        lines[at] = lines[at][1:].removeprefix(" ")
        at += 1


def _passes_on(kind: Kind, above: list[str]) -> bool:
    if kind is not Kind.EITHER or len(above) > _COVER_LINES:
        return kind is Kind.FORWARD
    return len(signatures.without("\n".join(above)).split()) < _COVER_NOTE
