"""Which categories, institutions and locations does the mock know?"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

SEEDS_FILE = Path(__file__).with_name("seeds.toml")
ROOT = "0"
# A region code names its level by its length: province, city or regency, district, village.
LEVELS = {"province": 2, "city": 4, "district": 6, "village": 10}


@dataclass(frozen=True)
class Category:
    id: str
    parent: str
    name: str


@dataclass(frozen=True)
class Institution:
    id: str
    parent: str
    name: str
    region: str


@dataclass(frozen=True)
class Location:
    id: str
    parent: str
    name: str


Row = TypeVar("Row", Category, Institution, Location)


@dataclass(frozen=True)
class Seeds:
    """The reference data by id, in the order of seeds.toml."""

    categories: Mapping[str, Category]
    institutions: Mapping[str, Institution]
    locations: Mapping[str, Location]

    def region(self, location_id: str) -> dict[str, str]:
        """Return province, city, district and village of a location; empty where it is not that precise."""
        found = {level: self.locations.get(location_id[:length]) for level, length in LEVELS.items()}
        return {level: place.name if place and len(place.id) == LEVELS[level] else "" for level, place in found.items()}

    def root_of(self, institution_id: str) -> Institution:
        """Return the government that an institution belongs to (`Instansi Induk` in the exports)."""
        institution = self.institutions[institution_id]
        return institution if institution.parent == ROOT else self.root_of(institution.parent)

    def serving(self, location_id: str) -> list[Institution]:
        """Return the agencies of the place, else its governments, else all: a report is always routed somewhere."""
        near = [one for one in self.institutions.values() if location_id.startswith(one.region)]
        agencies = [one for one in near if one.parent != ROOT]
        return agencies or near or list(self.institutions.values())


def load_seeds() -> Seeds:
    """Read seeds.toml beside this file."""
    tables = tomllib.loads(SEEDS_FILE.read_text(encoding="utf-8"))
    return Seeds(
        categories=_by_id(Category(*row) for row in tables["categories"]),
        institutions=_by_id(Institution(*row) for row in tables["institutions"]),
        locations=_by_id(Location(*row) for row in tables["locations"]),
    )


def _by_id(rows: Iterable[Row]) -> dict[str, Row]:
    return {row.id: row for row in rows}
