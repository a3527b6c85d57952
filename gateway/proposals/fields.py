"""Which column is which report field, and how sure is that?"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from enum import StrEnum

from connectors.discovery import Place
from gateway.proposals.names import likeness
from gateway.proposals.values import Looks, looks
from mappings.rules import cell_name

TABLE_FIELDS = (
    *("content", "title", "reporter_name", "reporter_phone", "reporter_email", "reporter_nik", "received_at"),
    *("date_of_incident", "classification", "is_anonymous", "is_secret", "latitude", "longitude"),
)


class Confidence(StrEnum):
    """How sure a proposal is."""

    HIGH = "high"
    """Name and values agree."""
    MEDIUM = "medium"
    """The values, or a name that is alike, say so."""
    LOW = "low"
    """A guess: look at it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Guess:
    """One report field and its column."""

    field: str
    column: str
    confidence: Confidence
    why: str
    looks: Looks = dataclasses.field(repr=False)


_KINDS: Mapping[str, frozenset[str]] = {
    "content": frozenset({"text"}),
    "title": frozenset({"short", "text"}),
    "reporter_name": frozenset({"name"}),
    "reporter_phone": frozenset({"phone"}),
    "reporter_email": frozenset({"email"}),
    "reporter_nik": frozenset({"nik"}),
    "received_at": frozenset({"date"}),
    "date_of_incident": frozenset({"date"}),
    "is_anonymous": frozenset({"yes_no"}),
    "is_secret": frozenset({"yes_no"}),
    "latitude": frozenset({"degrees"}),
    "longitude": frozenset({"degrees"}),
}
_BY_VALUES_ALONE = {"reporter_phone": "phone", "reporter_email": "email", "reporter_nik": "nik"}
_WORDS = {"nik": "16 digits, as a NIK has", "phone": "phone numbers", "email": "e-mail addresses"}
_DAYS = set("tanggal tgl dibuat created waktu date time masuk lapor dikirim sent submitted hari".split())
_OTHER_DAYS = set(
    "lahir birth updated update ubah diubah edit edited modified selesai closed tanggapan jawab proses deleted".split()
)
_RANK = {Confidence.HIGH: 3, Confidence.MEDIUM: 2, Confidence.LOW: 1}

_OF_KEYS = frozenset({"received_at"})
"""What a key may say as well: the answers to a form are told apart by their time stamps."""


def guesses(place: Place, said: Mapping[str, str]) -> list[Guess]:
    """The likeliest column of each report field for which there is one. No column is two fields.

    `said` is what a person has decided: a field's column, or "" for none.
    """
    seen = {column.name: looks([row.get(column.name) for row in place.rows]) for column in place.columns}
    found = [
        Guess(name, column, Confidence.HIGH, "you say so", seen[column]) for name, column in said.items() if column
    ]
    taken = {guess.column for guess in found}
    for name in TABLE_FIELDS:
        if name in said:
            continue
        free = [column for column in seen if column not in taken and (column not in place.key or name in _OF_KEYS)]
        best = max((guess for column in free if (guess := _guess(name, column, seen[column]))), key=_rank, default=None)
        if best is not None:
            found.append(best)
            taken.add(best.column)
    if "content" in said or any(guess.field == "content" for guess in found):
        return sorted(found, key=lambda guess: TABLE_FIELDS.index(guess.field))
    return _with_longest(found, seen, taken)


def _rank(guess: Guess) -> tuple[float, float, float, int]:
    """The surest first; of equals the one that is filled more often; names in the presets' own order."""
    likely = likeness(guess.column, guess.field)
    return _RANK[guess.confidence], likely, guess.looks.filled, -len(cell_name(guess.column))


def _guess(name: str, column: str, seen: Looks) -> Guess | None:
    likely = likeness(column, name)
    fitting, empty = bool(seen.kinds & _KINDS.get(name, seen.kinds)), not seen.filled
    if likely == 1:
        if fitting:
            return Guess(name, column, Confidence.HIGH, "name and values agree", seen)
        confidence = Confidence.MEDIUM if empty or name in {"content", "title", "reporter_name"} else Confidence.LOW
        return Guess(
            name,
            column,
            confidence,
            "its name" + (", it is empty" if empty else ", but its values look otherwise"),
            seen,
        )
    if likely > 0 and (fitting or empty) and name not in {"is_anonymous", "is_secret"}:
        return Guess(name, column, Confidence.LOW if empty else Confidence.MEDIUM, "a name like it", seen)
    if name == "received_at" and "date" in seen.kinds:
        return _day(column, seen)
    kind = _BY_VALUES_ALONE.get(name, "")
    if kind and kind in seen.kinds:
        return Guess(name, column, Confidence.MEDIUM, f"its values are {_WORDS[kind]}", seen)
    return None


def _day(column: str, seen: Looks) -> Guess | None:
    """A column of days may be the one on which it came, but not a birthday or when it was answered."""
    words = set(cell_name(column).split("_"))
    if words & _OTHER_DAYS:
        return None
    confidence = Confidence.MEDIUM if words & _DAYS else Confidence.LOW
    return Guess("received_at", column, confidence, "its values are days", seen)


def _with_longest(found: list[Guess], seen: Mapping[str, Looks], taken: set[str]) -> list[Guess]:
    """No column is named like a complaint's text: the longest text may be it."""
    texts = [column for column, look in seen.items() if column not in taken and "text" in look.kinds]
    if not texts:
        return found
    column = max(texts, key=lambda name: seen[name].length)
    return [Guess("content", column, Confidence.LOW, "the longest text", seen[column]), *found]


def likelihood(place: Place, found: Sequence[Guess]) -> tuple[float, int]:
    """How much a place looks like complaints: for sorting, the highest first."""
    by_field = {guess.field: guess for guess in found}
    content = by_field.get("content")
    if content is None:
        return 0.0, place.count or 0
    points = 4.0 * _RANK[content.confidence]
    points += sum(1.5 * _RANK[by_field[name].confidence] for name in _PEOPLE if name in by_field)
    points += sum(1.0 for name in ("title", "received_at") if name in by_field)
    words = set(cell_name(place.name).split("_"))
    return points + (3 if words & _COMPLAINTS else 0) - (4 if words & _ANSWERS else 0), place.count or 0


_PEOPLE = ("reporter_name", "reporter_phone", "reporter_email", "reporter_nik")
_COMPLAINTS = {"pengaduan", "aduan", "laporan", "keluhan", "lapor", "complaint", "complaints", "report", "reports"}
_COMPLAINTS |= {"pengaduans", "aspirasi", "responses", "hotline", "rekap"}
_ANSWERS = {
    "tanggapan",
    "jawaban",
    "balasan",
    "user",
    "users",
    "petugas",
    "admin",
    "berita",
    "news",
    "log",
    "logs",
    "kategori",
}
