"""Which part of a mail did its sender write now, and which is an earlier mail that the program has put below?

Losing a citizen's words is worse than keeping a quotation: what is not surely one stays, and where nothing else would
be left, everything does.
"""

from __future__ import annotations

from enum import Enum

from selectolax.lexbor import LexborHTMLParser

from mappings import quote_marks, signatures
from mappings.html_text import to_text
from mappings.quote_marks import Kind

_QUOTING = "blockquote.gmail_quote, blockquote[type=cite], div.gmail_attr, div.moz-cite-prefix, div.yahoo_quoted"
_SIGNATURES = (
    "div.gmail_signature, div[data-smartmail=gmail_signature], .moz-signature, div#Signature, div#AppleMailSignature,"
    " div#ms-outlook-mobile-signature, div.ms-outlook-mobile-signature, div#ymail_android_signature,"
    " div[id^=yahoo-signature]"
)
_COVER_NOTE = 12
"""So few words above an earlier mail only hand it on: "mohon ditindaklanjuti"."""


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
    tree = LexborHTMLParser(html)
    for node in tree.css(selector):
        first = next((line for line in to_text(node.html or "").splitlines() if line.strip()), "")
        if not quote_marks.is_forwarding(first):
            node.decompose()
    return tree.html or ""


def _trimmed(text: str, forwarded: Forwarded) -> str:
    own = "\n".join(_own_lines(text.split("\n"), forwarded)).strip("\n")
    return (signatures.without(own) or own).strip()


def _own_lines(lines: list[str], forwarded: Forwarded) -> list[str]:
    kept: list[str] = []
    at, answers = 0, forwarded is Forwarded.CUT
    while at < len(lines):
        if lines[at].startswith(">"):
            if quote_marks.is_forwarding(lines[at].lstrip("> ")):
                lines = lines[:at] + _unquoted(lines[at:])
            elif answers:
                at += 1
                continue
        mark = quote_marks.at(lines, at)
        if mark is None:
            kept.append(lines[at])
            at += 1
        elif mark.kind is not Kind.FORWARD and _is_quoted(lines, mark.end):
            # From here on the program's marks tell what is quoted; own lines may stand between.
            at, answers = mark.end, True
        elif not any(line.strip() for line in kept) or (forwarded is Forwarded.KEPT and _passes_on(mark.kind, kept)):
            at = mark.end
        else:
            break
    return kept


def _is_quoted(lines: list[str], at: int) -> bool:
    return next((line.lstrip().startswith(">") for line in lines[at : at + 4] if line.strip()), False)


def _unquoted(lines: list[str]) -> list[str]:
    """The lines without one level of marks, as far as they have any."""
    end = next((number for number, line in enumerate(lines) if not line.startswith(">")), len(lines))
    return [line[1:].removeprefix(" ") for line in lines[:end]] + lines[end:]


def _passes_on(kind: Kind, above: list[str]) -> bool:
    words = sum(len(line.split()) for line in signatures.without("\n".join(above)).splitlines())
    return kind is Kind.FORWARD or (kind is Kind.EITHER and words < _COVER_NOTE)
