"""Which of LAPOR's places does an address name? The most specific one that is surely meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from mappings.tables import Row, Table

_KINDS = {
    word: kind
    for kind, words in {
        "provinsi": "provinsi propinsi prov prop",
        "kota": "kota kotamadya kodya",
        "kabupaten": "kabupaten kab",
        "kecamatan": "kecamatan kec distrik",
        "kelurahan": "kelurahan kel",
        "desa": "desa ds kampung nagari gampong",
    }.items()
    for word in words.split()
}
_LEVELS = {"provinsi": 0, "kota": 1, "kabupaten": 1, "kecamatan": 2, "kelurahan": 3, "desa": 3}
_WIDE = 1
"""Provinces and cities: their names are seldom also a word, a street or a village."""
_FILLERS = frozenset({"administrasi", "adm"})
_STREETS = frozenset("jl jln jalan gang gg lorong lrg perumahan perum komplek kompleks".split())
_STREET_ENDS = frozenset("rt rw no nomor km di depan dekat samping sampai".split())
_TOKEN = re.compile(r"\w+|[^\w\s]|\n")
_ABBREVIATION = frozenset({*_KINDS, *_STREETS, "no", "adm"})


class AmbiguousPlace(ValueError):
    """Two places are named, or meant by one name, and none is the more specific."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the list."""

    id: str
    name: tuple[str, ...]
    """Its words without what kind of place it is."""
    kind: str
    """Empty where the list does not say."""
    parents: frozenset[str]
    """The ids of all above it."""
    level: int
    """0 for a province, 1 for a city or regency, and so on down."""


class Match(NamedTuple):
    """A name that stands in a text, and the places that it may mean."""

    start: int
    end: int
    places: Sequence[Place]


@dataclass(frozen=True)
class Places:
    """A list of places, as of LAPOR's `locations`."""

    table: Table

    def __str__(self) -> str:
        return self.table.name

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, ...], Sequence[Place]]:
        found: dict[tuple[str, ...], list[Place]] = {}
        for place in _places(self.table.rows):
            found.setdefault(place.name, []).append(place)
        return found

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._by_name), default=0)

    def find(self, text: str) -> str | None:
        """The id of the place that the text names; None where it names none. Raises AmbiguousPlace."""
        matches = self._matches(_tokens(text))
        above = {place.id for match in matches for place in match.places}
        sure = [_narrowed(match, above) for match in matches]
        sure = [match for match in sure if match.places]
        if not sure:
            return None
        deepest = max(place.level for match in sure for place in match.places)
        chosen = {place.id: place for match in sure for place in match.places if place.level == deepest}
        if len(chosen) > 1:
            most = max(len(place.parents & above) for place in chosen.values())
            chosen = {key: place for key, place in chosen.items() if len(place.parents & above) == most}
        if len(chosen) > 1 or not all(_agrees(match, next(iter(chosen.values()))) for match in sure):
            raise AmbiguousPlace
        return next(iter(chosen))

    def _matches(self, tokens: Sequence[str]) -> list[Match]:
        """The longest names, left to right; no name within another one, none of a street."""
        found, at, street = [], 0, False
        while at < len(tokens):
            token = tokens[at]
            street = token in _STREETS or (street and token.isalpha() and token not in (*_KINDS, *_STREET_ENDS))
            match = None if street else self._match_at(tokens, at)
            found += [match] if match else []
            at = match.end if match else at + 1
        return [match for match in found if _is_sure(match, tokens, found)]

    def _match_at(self, tokens: Sequence[str], at: int) -> Match | None:
        for end in range(min(len(tokens), at + self._longest), at, -1):
            places = self._by_name.get(tuple(tokens[at:end]))
            if places:
                return Match(at, end, _of_kind(places, _kind_before(tokens, at)))
        return None


def _tokens(text: str) -> list[str]:
    """Words and marks in small letters; the point of an abbreviation is none."""
    found: list[str] = []
    for token in _TOKEN.findall(text.casefold()):
        if not (token == "." and found and found[-1] in _ABBREVIATION):
            found.append(token)
    return found


def _places(rows: Sequence[Row]) -> Iterator[Place]:
    """The places with their levels: by the kind in the name, else by how many stand above."""
    by_id = {row.value: row for row in rows}
    ids = {row.key.casefold(): row.value for row in rows}
    for row in rows:
        words = [word for word in _TOKEN.findall(row.key.casefold()) if word.isalnum()]
        kind = _KINDS.get(words[0], "") if len(words) > 1 else ""
        name = tuple(word for word in words[bool(kind) :] if not (kind and word in _FILLERS))
        parents = _above(row, by_id, ids)
        level = _LEVELS.get(kind, len(parents))
        if name:
            yield Place(row.value, name, kind, parents, level)


def _above(row: Row, by_id: Mapping[str, Row], ids: Mapping[str, str]) -> frozenset[str]:
    """The ids above, whether the list names a parent by its id or by its name."""
    found: dict[str, None] = {}
    while row.parent:
        parent = row.parent if row.parent in by_id else ids.get(row.parent.casefold(), "")
        if not parent or parent in found or by_id[parent] is row:
            break
        found[parent] = None
        row = by_id[parent]
    return frozenset(found)


def _kind_before(tokens: Sequence[str], at: int) -> str:
    before = at - 1
    while before >= 0 and tokens[before] in (*_FILLERS, ":"):
        before -= 1
    return _KINDS.get(tokens[before], "") if before >= 0 else ""


def _of_kind(places: Sequence[Place], kind: str) -> Sequence[Place]:
    """Those that the word before the name means: "Kec. Bandung" is no city, and "Kota Bandung" no regency."""
    level = _LEVELS.get(kind)
    same = [place for place in places if kind and (place.kind == kind or (not place.kind and place.level == level))]
    return same or [place for place in places if level is None or (not place.kind and not place.parents)]


def _is_sure(match: Match, tokens: Sequence[str], matches: Sequence[Match]) -> bool:
    """Whether it is no other word that happens to be a village's name.

    A name of several words is sure, one after "Kec.", one that stands alone between marks, that of a city, and one
    whose city is named as well.
    """
    if match.end - match.start > 1 or _kind_before(tokens, match.start):
        return True
    if all(place.level <= _WIDE for place in match.places):
        return True
    around = [*tokens[max(0, match.start - 1) : match.start], *tokens[match.end : match.end + 1]]
    others = {place.id for other in matches if other is not match for place in other.places}
    return not any(token.isalnum() for token in around) or any(place.parents & others for place in match.places)


def _narrowed(match: Match, above: set[str]) -> Match:
    """Of places with one name those whose city or district is named as well, where there are such."""
    known = [place for place in match.places if place.parents & above]
    return match._replace(places=known or match.places)


def _agrees(match: Match, chosen: Place) -> bool:
    """Whether the name is the chosen place's own or that of one above it."""
    return any(place.id == chosen.id or place.id in chosen.parents for place in match.places)
