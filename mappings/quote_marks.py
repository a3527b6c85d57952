"""Which lines of a mail introduce an earlier one? The marks of the common programs, in Indonesian and English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What the introduced mail is."""

    REPLY = "reply"
    """The one that is answered."""
    FORWARD = "forward"
    """One that is passed on."""
    EITHER = "either"
    """The program writes the same lines above both."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An introduction."""

    kind: Kind
    end: int
    """The first line after it."""


_LONGEST = 4
"""Lines: programs break a long introduction."""
_LONGEST_LINE = 400
_LONGEST_HEADER = 20
"""Lines: programs show six fields or so, each over a few lines. Without a bound, a text of nothing but such lines would
be read again to its end from each of them."""
_WROTE = r"(menulis|tulis|wrote|writes|schrieb|a écrit|escribió|scrive|ha scritto|schreef|skrev|написал\w*)"
_ON = r"(pada|on|op|le|am|at|el|il|em|den|tanggal)\b"
_DAY = r"(senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|sen|sel|rab|kam|jum|sab|min|mon|tue|wed|thu|fri|sat|sun)[a-z]*\b"
_TIME = re.compile(r"\b\d{1,2}[.:]\d{2}\b")
_YEAR = re.compile(r"\b(19|20)?\d{2}\b")
_INTRODUCTION = re.compile(rf"^\W*+({_ON}|{_DAY}|\d{{1,4}}[-/. ])[^\n]*\b{_WROTE}\W*+$", re.IGNORECASE)
_BY_ADDRESS = re.compile(rf"^(?>[^\n]{{0,120}}?<(?=[^<>\n]*@))[^\n]*>\s*(\([^)]*\)\s*)?{_WROTE}\W*+$", re.IGNORECASE)
_BY_DATE = re.compile(
    r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}( \d{1,2}[.:]\d{2})?( (gmt|utc|wib|wita|wit)\S*)? [^\n]{1,100}"
    r"<[^<>@\n]+@[^<>\n]+>\s*:?\s*$"
    r"|^\d{4}-\d{1,2}-\d{1,2} \d{1,2}[.:]\d{2} (gmt|utc|wib|wita|wit)\S* [^\n:]{1,80}:?\s*$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^(?=\W*--)\W*+(pesan asli|pesan awal|original message|original appointment|balas|ursprüngliche nachricht"
    r"|message d'origine|mensaje original|messaggio originale)(?=\W*--)\W*+$",
    re.IGNORECASE,
)
_FORWARDING = re.compile(
    r"^[\W_]*+(pesan terusan|pesan (yang )?diteruskan|forwarded message|forwarded by[^\n]{0,80}"
    r"|mulai (meneruskan pesan|pesan terusan)|begin forwarded message|awal pesan (yang )?diteruskan)"
    r"[\W_]*+$",
    re.IGNORECASE,
)
_LABELS = (
    r"dari|kepada|untuk|tanggal|dikirim|terkirim|dikirimkan|subjek|subject|perihal|judul|cc|bcc|tembusan|balas ke"
    r"|from|to|sent|date|reply-to|da|a|data|oggetto|risposta|von|an|gesendet|betreff|de|para|enviado|asunto|à|envoyé|objet"
)
_LABEL = re.compile(rf"^[\s>*|]*({_LABELS})\s*\*?\s*:\*?(\s|$|\S)", re.IGNORECASE)
_SENDER = re.compile(r"^[\s>*|]*(dari|from|da|von|de)\s*\*?\s*:\*?\s*\S", re.IGNORECASE)
_SENT = re.compile(r"^[\s>*|]*(dikirim|terkirim|sent)\s*\*?\s*:", re.IGNORECASE)
_RULE = re.compile(r"^\s*[-_*=]{4,}\s*$")
_FEWEST_LABELS = 3


def is_forwarding(line: str) -> bool:
    """Whether the line says that a forwarded mail follows."""
    return len(line) <= _LONGEST_LINE and _FORWARDING.match(line.strip()) is not None


def at(lines: Sequence[str], start: int) -> Mark | None:
    """The introduction that begins with this line, if any."""
    line = lines[start]
    if not line.strip() or len(line) > _LONGEST_LINE:
        return None
    if is_forwarding(line):
        return Mark(Kind.FORWARD, _header_end(lines, start + 1) or start + 1)
    if _ORIGINAL.match(line):
        return Mark(Kind.EITHER, _header_end(lines, start + 1) or start + 1)
    return _wrote(lines, start) or _header(lines, start)


def _wrote(lines: Sequence[str], start: int) -> Mark | None:
    """ "Pada Sen, 2 Nov 2026 pukul 09.15 Nama <a@b.id> menulis:", over up to four lines."""
    joined = ""
    for end in range(start, min(start + _LONGEST, len(lines))):
        joined = f"{joined} {lines[end].strip()}".strip()
        if not lines[end].strip() or len(joined) > _LONGEST_LINE:
            return None
        if _introduces(joined, lines, end + 1):
            return Mark(Kind.REPLY, end + 1)
    return None


def _introduces(line: str, lines: Sequence[str], following: int) -> bool:
    if _BY_ADDRESS.match(line) or _BY_DATE.match(line):
        return True
    if not _INTRODUCTION.match(line):
        return False
    # A citizen's own sentence may begin and end so; a program names a moment or an address, or marks what it quotes.
    moment = _TIME.search(line) and _YEAR.search(_TIME.sub("", line))
    return "@" in line or bool(moment and _is_short(line)) or _next_is_quoted(lines, following)


def _is_short(line: str) -> bool:
    return len(line.split()) <= 16 and not re.search(r"\b(bapak|ibu|saya|kami|pak|bu)\b", line, re.IGNORECASE)


def _next_is_quoted(lines: Sequence[str], start: int) -> bool:
    return next((line.lstrip().startswith(">") for line in lines[start : start + 3] if line.strip()), False)


def _header(lines: Sequence[str], start: int) -> Mark | None:
    """An earlier mail's header as Outlook and others write it, perhaps under a ruled line."""
    first, ruled = start, _RULE.match(lines[start]) is not None
    if ruled:
        first = next((n for n in range(start + 1, min(start + 4, len(lines))) if lines[n].strip()), start)
    if not _SENDER.match(lines[first]):
        return None
    end = _header_end(lines, first)
    if end is None and ruled:
        end = first + 2 if _LABEL.match("".join(lines[first + 1 : first + 2])) else None
    return Mark(Kind.EITHER, end) if end else None


def _header_end(lines: Sequence[str], start: int) -> int | None:
    """The line after a block of at least three labelled lines that begins here or after blanks; None without one."""
    while start < len(lines) and not lines[start].strip():
        start += 1
    labels, at, blanks = 0, start, 0
    end = None
    while at < min(len(lines), start + _LONGEST_HEADER) and blanks <= 1:
        if _LABEL.match(lines[at]):
            labels, blanks, end = labels + 1, 0, at + 1
        elif not lines[at].strip():
            blanks += 1
        elif blanks or not labels or len(lines[at]) > _LONGEST_LINE // 2 or at != end:
            break
        else:
            # A long subject or list of addresses goes on in the next line.
            end = at + 1 if _goes_on(lines, at) else end
            if end != at + 1:
                break
        at += 1
    # A letter may have such lines too: a program names addresses, or the minute at which it was sent.
    block = lines[start : end or start]
    told = any("@" in line or (_SENT.match(line) and _TIME.search(line)) for line in block)
    return end if labels >= _FEWEST_LABELS and told else None


def _goes_on(lines: Sequence[str], at: int) -> bool:
    """Whether a line without a label belongs to the header: another label follows it."""
    return at + 1 < len(lines) and _LABEL.match(lines[at + 1]) is not None
