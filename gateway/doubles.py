"""Did the same reporter already write much the same, here or in another channel? Then a person looks first.

A mapping asks for it with `likely_double = DAYS` in its `[hold]`. Two reports are likely doubles when they came within
so many days, have a NIK, an e-mail address, a phone number or a whole name in common and differ in no more of these,
and their texts hardly differ, in numbers not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from rapidfuzz import fuzz

from gateway.intake import Round
from mappings.report import Reason
from state import doubles
from state.doubles import Neighbour
from state.lifecycle import Stage

_ALIKE = 80.0
"""Percent. Of real complaints different ones reach 55, see `lookalikes`; what was rephrased a little stays above."""
_ALIKE_BY_NAME = 90.0
_LONG = 60
"""Letters; from here on a text that stands as a whole in another one is the same complaint with a salutation."""
_WHOLE = 95.0
_HALF = 50.0
_NUMBER = re.compile(r"\d+")
_TELLING = (*doubles.CONTACTS, doubles.NAME)
_NO_TWINS = frozenset({Stage.DROPPED, Stage.JOINED})


def hold(tx: sa.Connection, this: Round, reports: Mapping[int, Mapping[str, object]], now: datetime) -> Sequence[int]:
    """Mark new reports by their reporters, and hold those that are likely doubles of an older one.

    `reports` are their values by id, just added in this transaction. Returns which of them were queued until now.
    """
    defaults = this.channel.settings.report_defaults()
    marks = {number: doubles.marks_of(values, defaults) for number, values in reports.items()}
    doubles.mark(tx, marks)
    days = this.channel.mapping.hold.get(doubles.LIKELY)
    if not isinstance(days, int):
        return []
    return _hold(tx, this, marks, timedelta(days=days), now)


def mark(tx: sa.Connection, this: Round, report_id: int, values: Mapping[str, object]) -> None:
    """Note by what the reporter of a known report is told from others now."""
    doubles.mark(tx, {report_id: doubles.marks_of(values, this.channel.settings.report_defaults())})


def lock(tx: sa.Connection, this: Round) -> None:
    """To be called before the reports are added, where their channel asks for the check."""
    if doubles.LIKELY in this.channel.mapping.hold:
        doubles.alone(tx)


def likeness(one: Mapping[str, object], other: Mapping[str, object]) -> float:
    """0 to 100, over the contents' words; a text within another one counts as that text."""
    return _alike(_words(one), _words(other))


def _hold(
    tx: sa.Connection, this: Round, marks: Mapping[int, frozenset[str]], within: timedelta, now: datetime
) -> Sequence[int]:
    found = doubles.neighbours(tx, frozenset().union(*marks.values()))
    zone, defaults = this.context.timezone, this.channel.settings.report_defaults()
    words = {one.id: _words(one.values) for one in found}
    held = []
    for new in (one for one in found if one.id in marks and one.stage in (Stage.QUEUED, Stage.HELD)):
        contacts = doubles.contact_marks(new.values, defaults)
        older = [one for one in found if one.id < new.id and _may_be_twin(new, one, within, zone)]
        twin = _closest(new, older, contacts, words)
        if twin is not None:
            doubles.hold(tx, new, Reason(doubles.LIKELY, "", str(twin.id)).to_json(), now)
            held += [new.id] if new.stage is Stage.QUEUED else []
    return held


def _may_be_twin(new: Neighbour, other: Neighbour, within: timedelta, zone: ZoneInfo) -> bool:
    if other.stage in _NO_TWINS or not new.marks & other.marks or not _may_be_one_person(new.values, other.values):
        return False
    return abs(_moment(new, zone) - _moment(other, zone)) <= within


def _may_be_one_person(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether they differ in no more than they have in common: a whole village shares some telephones.

    Another NIK is another person, and a name alone says nothing against another address or number.
    """
    same = {
        name: _says(one, name) == _says(other, name) for name in _TELLING if _says(one, name) and _says(other, name)
    }
    if "reporter_nik" in same:
        return same["reporter_nik"]
    equal, different = (sum(value is wanted for value in same.values()) for wanted in (True, False))
    return different <= equal if any(same.get(name) for name in doubles.CONTACTS) else different == 0


def _says(values: Mapping[str, object], name: str) -> str:
    return " ".join(str(values.get(name) or "").split()).casefold()


def _alike(one: str, other: str) -> float:
    first, second = sorted((one, other), key=len)
    if not first or not _share_numbers(first, second):
        return 0.0
    alike = float(fuzz.ratio(first, second, score_cutoff=_HALF))
    # The dear comparison, where the cheap one has not decided yet.
    if _HALF <= alike < _ALIKE_BY_NAME and len(first) >= _LONG and fuzz.partial_ratio(first, second) >= _WHOLE:
        return 100.0
    return alike


def _share_numbers(one: str, other: str) -> bool:
    """Whether no number speaks against it: another house, lamp or date is another complaint."""
    first, second = (frozenset(_NUMBER.findall(text)) for text in (one, other))
    return first <= second or second <= first


def _closest(
    new: Neighbour, older: Sequence[Neighbour], contacts: frozenset[str], words: Mapping[int, str]
) -> Neighbour | None:
    """The most alike; the oldest of several, which is the one that the others are doubles of."""
    best, height = None, 0.0
    for other in older:
        alike = _alike(words[new.id], words[other.id])
        needed = _ALIKE if other.marks & contacts else _ALIKE_BY_NAME
        if alike >= needed and alike > height:
            best, height = other, alike
    return best


def _moment(report: Neighbour, zone: ZoneInfo) -> datetime:
    """When the citizen wrote; noon of the day where the source keeps no time."""
    text = report.received_at
    if text is None:
        return report.found_at
    return (
        datetime.fromisoformat(text) if len(text) > 10 else datetime.combine(date.fromisoformat(text), time(12), zone)
    )


def _words(values: Mapping[str, object]) -> str:
    return " ".join(re.findall(r"\w+", f"{values.get('content') or values.get('title') or ''}".casefold()))
