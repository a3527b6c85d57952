"""What in a text that anyone may read says who a citizen is, and how is it masked?

Only what is surely so: a NIK whose parts are possible, a mobile number, an address at a free mail service, an account
at a bank, the reporter's own of these, and, where anonymity was asked for, the reporter's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from mappings.personal_names import names
from mappings.report import Reason, Values

MODES = ("hold", "mask")
FIELDS = ("title", "content")
MASKS = {
    "personal_nik": "[NIK disamarkan]",
    "personal_phone": "[nomor disamarkan]",
    "personal_email": "[surel disamarkan]",
    "personal_account": "[rekening disamarkan]",
    "personal_name": "[nama disamarkan]",
}
"""What stands in the place of what is found, by reason code."""
_MASK = re.compile("|".join(re.escape(mask) for mask in MASKS.values()))

_NO_DIGIT = re.compile(r"\D+")
_GAP = r"[ .\-]?"
_NIK = re.compile(
    r"(?<!\d)(?<!\d[.,\-/])(?:\d{16}|\d{4}([ .\-])\d{4}\1\d{4}\1\d{4}|\d{6}([ .\-])\d{6}\2\d{4}"
    r"|\d\d([ .\-])\d\d\3\d\d\3\d{6}\3\d{4}|\d(?: \d){15})(?!\d)"
)
"""In the groups in which people write it: two dates beside each other have as many digits."""
_NIK_PARTS = re.compile(
    r"(1[1-9]|21|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-7])(?!00)[0-7]\d\d\d"
    r"(0[1-9]|[1256]\d|4[1-9]|[37][01])(0[1-9]|1[0-2])\d\d(?!0000)\d{4}"
)
"""Province, regency, district; day (women's plus 40), month and year of birth; running number."""
_MOBILE = re.compile(r"(?<![\w/.\-])(?:\+?62[ .\-]?|\(?0)8[1-9](?:[ .\-]{0,2}\d){7,10}(?!\d)")
_OTHER_NUMBER = re.compile(
    r"pelanggan|id ?pel|\bmeter|tiket|ticket|\bresi\b|laporan|\blapor|registrasi|pendaftaran|surat|kwitansi|invoice"
    r"|pesanan|virtual|\bva\b|token|kartu|\bnop\b|\bnpwp\b|\bskck\b|\bkpj\b|bpjs|peserta|berkas|nopol|\bsn\b|imei",
    re.IGNORECASE,
)
_CALLABLE = re.compile(r"\bhp\b|handphone|ponsel|\bwa\b|whats ?app|telp|telepon|hubungi|kontak|\bcp\b", re.IGNORECASE)
_BEFORE = 30
_FEWEST_DIGITS = 9
"""Neither a NIK nor a telephone's or an account's number has fewer."""
_FREE_MAIL = re.compile(
    r"(?<![\w.+\-])[\w.+\-]{1,64}@(?:(?:gmail|ymail|rocketmail|hotmail|outlook|live|icloud|protonmail|proton|aol|gmx"
    r"|zoho|mail|googlemail|msn|me)\.(?:com|me|net|co\.id)|yahoo\.[a-z.]{2,6})(?![\w\-])",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"\brek(?:ening)?\b[^\d\n]{0,40}?\b(?:bca|bri|bni|bsi|btn|bjb|bsm|mandiri|danamon|cimb|permata|bank)\b[^\d\n]{0,30}"
    r"(\d(?:[ .\-]?\d){8,15})(?!\d)"
    r"|\b(?:bca|bri|bni|bsi|btn|bjb|bsm|mandiri|danamon|cimb|permata|bank)\b[^\d\n]{0,20}\brek(?:ening)?\b[^\d\n]{0,15}"
    r"(\d(?:[ .\-]?\d){8,15})(?!\d)",
    re.IGNORECASE,
)


def without_masks(text: str) -> str:
    """The citizen's own words: a mask says "disamarkan" as somebody does who asks for it."""
    return _MASK.sub(" ", text)


class Found(NamedTuple):
    """Where something stands, and which reason code says what it is."""

    start: int
    end: int
    code: str


def check(values: Values, _mode: str) -> Sequence[Reason]:
    """A reason for each kind that is found in a field; none where the report is secret."""
    found = [(name, one.code) for name in FIELDS for one in _found_in(values, name)]
    return [Reason(code, name) for name, code in dict.fromkeys(found)]


def masked(values: Values) -> dict[str, Any]:
    """The fields in which something was masked, as they are then; empty for a secret report. Masking twice is once."""
    return {name: _masked(str(values[name]), found) for name in FIELDS if (found := _found_in(values, name))}


def _found_in(values: Values, name: str) -> Sequence[Found]:
    text = values.get(name)
    if values.get("is_secret") is True or not isinstance(text, str):
        return ()
    return find(text, values)


def find(text: str, values: Values) -> Sequence[Found]:
    """Everything in the text that tells who somebody is, in its order, nothing twice."""
    every = [*_own(text, values), *_numbers(text)]
    if "@" in text:
        every += [Found(*one.span(), "personal_email") for one in _FREE_MAIL.finditer(text)]
    if values.get("is_anonymous") is True:
        every += [Found(*span, "personal_name") for span in names(text, str(values.get("reporter_name") or ""))]
    kept: list[Found] = []
    for one in sorted(every, key=lambda found: (found.start, -found.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif one.end > kept[-1].end:
            kept[-1] = kept[-1]._replace(end=one.end)
    return kept


def _numbers(text: str) -> Iterator[Found]:
    if len(_NO_DIGIT.sub("", text)) < _FEWEST_DIGITS:
        return
    for one in _NIK.finditer(text):
        if _NIK_PARTS.fullmatch(_NO_DIGIT.sub("", one[0])):
            yield Found(*one.span(), "personal_nik")
    for one in _MOBILE.finditer(text):
        before = text[max(0, one.start() - _BEFORE) : one.start()].rpartition("\n")[2]
        if _CALLABLE.search(before) or not _OTHER_NUMBER.search(before):
            yield Found(*one.span(), "personal_phone")
    for one in _ACCOUNT.finditer(text):
        yield Found(*one.span(1 if one[1] else 2), "personal_account")


def _own(text: str, values: Values) -> Iterator[Found]:
    """The reporter's own NIK, number and address, also where nobody would take them for such.

    A pattern is made only where the digits or letters are there at all: making one takes longer than all the rest.
    """
    digits = _NO_DIGIT.sub("", text)
    nik = _NO_DIGIT.sub("", str(values.get("reporter_nik") or ""))
    phone = re.sub(r"^(62|0)", "", _NO_DIGIT.sub("", str(values.get("reporter_phone") or "")))
    email = str(values.get("reporter_email") or "")
    if len(nik) == 16 and nik in digits:
        yield from (Found(*one.span(), "personal_nik") for one in re.finditer(_spaced(nik), text))
    if len(phone) >= 7 and phone in digits:
        pattern = rf"(?<!\d)(?:\(?\+?62\)?|\(?0)?{_GAP}{_spaced(phone)}"
        yield from (Found(*one.span(), "personal_phone") for one in re.finditer(pattern, text))
    if "@" in email[1:] and email.casefold() in text.casefold():
        pattern = rf"(?<![\w.+\-]){re.escape(email)}(?![\w\-])"
        yield from (Found(*one.span(), "personal_email") for one in re.finditer(pattern, text, re.IGNORECASE))


def _spaced(digits: str) -> str:
    return r"(?<!\d)" * (len(digits) == 16) + r"[ .()\-]{0,2}".join(digits) + r"(?!\d)"


def _masked(text: str, found: Sequence[Found]) -> str:
    for one in reversed(found):
        text = text[: one.start] + MASKS[one.code] + text[one.end :]
    return text
