"""Which named transforms may a mapping's `then` use?

A transform takes a value and its argument and returns a value; None means "nothing there". It raises Unreadable where
a person must look. Adding one: write the function, enter it in TRANSFORMS, document it in docs/mappings.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers

from mappings import dates, html_text, quotes
from mappings.places import AmbiguousPlace, Places
from mappings.report import is_email

Scalar = str | int | float | bool | None
Transform = Callable[[Scalar, Any, ZoneInfo], Scalar]


class Unreadable(ValueError):
    """The value cannot be understood; `code` is a reason code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# Not here: "x" (a tick to some, a cross to others) and "t" (tidak, but PostgreSQL's true). A mapping can state them.
_YES = frozenset(
    "1 y ya iya yes true benar betul setuju on anonim anonymous rahasia secret dirahasiakan checked v ✓ ✔".split()
)
_NO = frozenset("0 n no tidak tdk bukan false off salah publik terbuka public normal biasa tampilkan".split())
_NOTHING = " -–—._"
_SALUTATION = re.compile(
    r"^\W*(yth|kepada|kpd|assalamu|ass\b|asslm|wassalam|selamat (pagi|siang|sore|malam)|pagi|siang|sore|malam|"
    r"dengan hormat|salam|halo|hallo|hai|dear|bapak|ibu|pak\b|bu\b|mohon maaf|permisi|bismillah|di -?\s*tempat)",
    re.IGNORECASE,
)
_REPLY = re.compile(r"^\s*+((re|fw|fwd|bls|balas|trs|terusan)\s*+(\[\d+\]\s*+)?:\s*+)+", re.IGNORECASE)
_MOBILE = re.compile(r"(?:\+?62|0)(8\d{8,10})")
"""A mobile number as most are written; the library's own answer for it, without the library's cost."""
_EMAIL = re.compile(r"[^\s<>,;:\"'()\[\]@]+@[^\s<>,;:\"'()\[\]@]+")
_ADDRESS = re.compile(r"<[^<>]*>|\[[^\[\]]*@[^\[\]]*\]")
_SENTENCE_END = re.compile(r"(?<!\w)\w{4,}+[)\"']?[.!?](?=\s)")
"""A word is looked at once, from its beginning: one of a million letters would else take their square."""
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?e\+?(\d{1,2})", re.IGNORECASE)
_NEXT_NUMBER = re.compile(r"(?<=\d)\s+(?=(?:\+?62|0)8)|[/;,|\n]|\batau\b|\bdan\b|\bext\b", re.IGNORECASE)
_EXACT_FLOAT = 2**53
_TITLE_LINE = 200


def as_text(value: Scalar) -> str:
    """A cell as a person would write it: whole floats without a point, None as nothing."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return ("ya" if value else "tidak") if isinstance(value, bool) else str(value)


def _one_line(value: Scalar, _argument: Any, _zone: ZoneInfo) -> Scalar:
    return " ".join(as_text(value).split()) or None


def _strip_html(value: Scalar, _argument: Any, _zone: ZoneInfo) -> Scalar:
    return html_text.to_text(value) or None if isinstance(value, str) else value


def _own_words(value: Scalar, _argument: Any, _zone: ZoneInfo) -> Scalar:
    """A mail's text, plain or HTML, without what it quotes and without signatures; as plain text."""
    if not isinstance(value, str):
        return value
    return (quotes.own_words("", value) if html_text.is_html(value) else quotes.own_words(value, "")) or None


def _display_name(value: Scalar, _argument: Any, _zone: ZoneInfo) -> Scalar:
    """The name of "Name <address>" (RFC 5322, 3.4); where there is none, the address."""
    text = " ".join(as_text(value).split())
    return _ADDRESS.sub("", text).strip(" \"'") or text.strip("<> ") or None


def _strip_reply_prefix(value: Scalar, _argument: Any, _zone: ZoneInfo) -> Scalar:
    return _REPLY.sub("", as_text(value)) or None


def _truncate(value: Scalar, limit: int, _zone: ZoneInfo) -> Scalar:
    text = as_text(value)
    return text if len(text) <= limit else _cut(text, limit)


def _headline(value: Scalar, limit: int | None, _zone: ZoneInfo) -> Scalar:
    """The first line that says something, up to its first sentence: a title for sources that have none.

    A single line of a title's length is one already, and kept whole: nothing else may hold its second sentence.
    """
    lines = [" ".join(line.split()) for line in as_text(value).splitlines() if line.strip()]
    telling = [line for line in lines if not (_SALUTATION.match(line) and len(line) < 80)]
    line = next(iter(telling or lines), "")
    if len(lines) == 1 and len(line) <= min(limit or 100, _TITLE_LINE):
        return line or None
    return _cut(_first_sentence(line), limit or 100) or None


def _first_sentence(line: str) -> str:
    """Up to the first mark that ends a sentence: not the point of "Jl. Antasari" or "No. 7"."""
    end = next((mark.end() for mark in _SENTENCE_END.finditer(line) if mark.end() >= 15), len(line))
    return line[:end]


def _cut(text: str, limit: int) -> str:
    """At most `limit` characters, ended at a word with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head.rsplit(None, 1)[0] if " " in head[limit // 2 :] else head).rstrip(" ,.;:-") + "…"


def _date(value: Scalar, formats: Any, zone: ZoneInfo) -> Scalar:
    moment = _moment(value, formats, zone)
    if isinstance(moment, datetime):
        try:
            moment = moment.astimezone(zone).date()
        except OverflowError:
            raise Unreadable("date_unreadable") from None
    return moment.isoformat() if moment else None


def _timestamp(value: Scalar, formats: Any, zone: ZoneInfo) -> Scalar:
    moment = _moment(value, formats, zone)
    return moment.isoformat() if moment else None


def _moment(value: Scalar, formats: Any, zone: ZoneInfo) -> dates.Moment | None:
    try:
        return dates.parse(value, [formats] if isinstance(formats, str) else formats or (), zone)
    except dates.UnreadableDate as error:
        raise Unreadable(error.code) from None


def _phone(value: Scalar, region: str | None, _zone: ZoneInfo) -> Scalar:
    """The first number in the text in E.164 form (`+62812…`), with the country's prefix repaired."""
    text = _number_text(value, "phone_invalid")
    if not text.strip(_NOTHING + "0"):
        return None
    for part in (re.split(r"[/;,|\n]|\batau\b|\bdan\b|\bext\b", text, flags=re.IGNORECASE), _NEXT_NUMBER.split(text)):
        for one in part:
            number = _one_phone(one, region or "ID")
            if number:
                return number
    raise Unreadable("phone_invalid")


def _one_phone(text: str, region: str) -> str | None:
    digits = re.sub(r"[^\d+]", "", text)
    if digits.startswith("62") and len(digits) > 9:
        digits = "+" + digits
    elif digits.startswith("8") and 9 <= len(digits) <= 13:
        digits = "0" + digits
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    # A number without its area code is "possible" too, but with +62 before it, it would be another one's.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(value: Scalar, _argument: Any, _zone: ZoneInfo) -> Scalar:
    text = as_text(value).strip()
    if not text.strip(_NOTHING):
        return None
    for found in _EMAIL.finditer(text):
        address = found[0].strip(".").lower()
        if is_email(address):
            return address
    raise Unreadable("email_invalid")


def _nik(value: Scalar, _argument: Any, _zone: ZoneInfo) -> Scalar:
    """16 digits. Excel keeps only 15 of a number's digits, so a number that ends in 0 cannot be trusted."""
    text = _number_text(value, "nik_invalid")
    digits = re.sub(r"[\s.\-]", "", text)
    if not digits.strip("–—_"):
        return None
    rounded = isinstance(value, float) and (digits.endswith("0") or value >= _EXACT_FLOAT)
    if not re.fullmatch(r"[0-9]{16}", digits) or rounded:
        raise Unreadable("nik_invalid")
    return digits


def _number_text(value: Scalar, code: str) -> str:
    """Digits of a cell that a spreadsheet has turned into a number, also as text such as 6.281234567890E+12.

    Of 6,28E+11 most digits are lost for good: that is no number but the ruin of one.
    """
    text = as_text(value).strip().lstrip("'")
    found = _SCIENTIFIC.fullmatch(text)
    if found:
        digits, power = found[1] + (found[2] or ""), int(found[3])
        if len(digits) < power + 1:
            raise Unreadable(code)
        return digits[: power + 1]
    return re.sub(r"\.0+$", "", text)


def _yes_no(value: Scalar, words: Mapping[str, Sequence[str]] | None, _zone: ZoneInfo) -> Scalar:
    """True, False or None for nothing. What is neither raises: a wish for secrecy is never guessed."""
    if isinstance(value, bool) or value is None:
        return value
    text = " ".join(as_text(value).split()).casefold()
    if not text.strip(_NOTHING):
        return None
    # The mapping's own words first: a column such as "tampilkan nama" says the opposite of the usual ones.
    for known in (words or {}, {"yes": _YES, "no": _NO}):
        for answer in ("yes", "no"):
            if text in {word.casefold() for word in known.get(answer, ())}:
                return answer == "yes"
    raise Unreadable("yes_no_unreadable")


def _number(value: Scalar, _argument: Any, _zone: ZoneInfo) -> Scalar:
    text = str(value).strip().replace(",", ".")
    if not text.strip(_NOTHING):
        return None
    try:
        number = float(text)
    except ValueError:
        raise Unreadable("value_invalid") from None
    if not math.isfinite(number):
        raise Unreadable("value_invalid")
    return number


def _lower(value: Scalar, _argument: Any, _zone: ZoneInfo) -> Scalar:
    return as_text(value).lower() or None


def _find_place(value: Scalar, places: Places, _zone: ZoneInfo) -> Scalar:
    """The id of the place that an address names."""
    try:
        return places.find(as_text(value))
    except AmbiguousPlace:
        raise Unreadable("place_ambiguous") from None


TRANSFORMS: Mapping[str, Transform] = {
    "one_line": _one_line,
    "strip_html": _strip_html,
    "own_words": _own_words,
    "display_name": _display_name,
    "strip_reply_prefix": _strip_reply_prefix,
    "truncate": _truncate,
    "headline": _headline,
    "date": _date,
    "timestamp": _timestamp,
    "phone": _phone,
    "email": _email,
    "nik": _nik,
    "yes_no": _yes_no,
    "number": _number,
    "lower": _lower,
    "find_place": _find_place,
}
NEED_ARGUMENT = frozenset({"truncate", "find_place"})
ARGUMENT_TYPES: Mapping[str, tuple[type, ...]] = {
    "truncate": (int,),
    "headline": (int,),
    "date": (str, list),
    "timestamp": (str, list),
    "phone": (str,),
    "yes_no": (dict,),
    "find_place": (str, dict),
}
