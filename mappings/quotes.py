"""Which part of a mail did its sender write now, and which is an earlier mail that the program has put below?"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from mappings.html_text import to_text

_QUOTING_TAGS = (
    "div.gmail_quote, blockquote.gmail_quote, div.gmail_quote_container, blockquote[type=cite], div.yahoo_quoted,"
    " div.moz-cite-prefix, div#divRplyFwdMsg, div#appendonsend, div#mail-editor-reference-message-container,"
    " div.OutlookMessageHeader, div.protonmail_quote, div.zmail_extra, div.ms-outlook-mobile-reference-message"
)
_DAYS = "senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|mon|tue|wed|thu|fri|sat|sun"
_INTRODUCTIONS = (
    # Gmail, Thunderbird, Apple Mail: "Pada tgl … menulis:", "On … wrote:", over up to three lines.
    re.compile(
        r"^(pada|on|op|le|am)\b[^\n]{0,200}(\n[^\n]{0,200}){0,2}(menulis|wrote|schrieb|a écrit)\s*:\s*$", re.I | re.M
    ),
    re.compile(rf"^({_DAYS})\b[^\n]{{0,160}}(menulis|wrote)\s*:\s*$", re.I | re.M),
    re.compile(r"^[^\n]{0,120}<[^<>\n]+@[^<>\n]+>\s*(menulis|wrote)\s*:\s*$", re.I | re.M),
    # Outlook and its kin
    re.compile(
        r"^\s*-{2,}\s*(pesan asli|original message|pesan diteruskan|forwarded message|balas)\s*-{2,}", re.I | re.M
    ),
    re.compile(r"^\s*_{10,}\s*\n\s*(dari|from)\s*:", re.I | re.M),
    re.compile(
        r"^\s*\**(dari|from)\**\s*:[^\n]*\n\s*\**(dikirim|sent|tanggal|date|kepada|to|untuk)\**\s*:", re.I | re.M
    ),
)
_QUOTED_LINE = re.compile(r"^\s*>", re.M)


def own_words(text: str, html: str) -> str:
    """The mail's own text without what it quotes; all of it where nothing else would be left."""
    if html.strip() and not text.strip():
        whole = to_text(html)
        return _cut(to_text(_without_quotes(html))) or whole
    return _cut(text) or text.strip()


def _without_quotes(html: str) -> str:
    tree = LexborHTMLParser(html)
    for node in tree.css(_QUOTING_TAGS):
        node.decompose()
    return tree.html or ""


def _cut(text: str) -> str:
    """The text up to the first introduction of a quoted mail, without quoted lines."""
    text = text.replace("\r\n", "\n")
    starts = [found.start() for pattern in _INTRODUCTIONS if (found := pattern.search(text))]
    kept = text[: min(starts)] if starts else text
    return "\n".join(line for line in kept.split("\n") if not _QUOTED_LINE.match(line)).strip()
