"""How is a figure told: the ratio, its limit, and what was measured?"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured ratio or size. `at_least` says in which direction the limit goes."""

    name: str
    value: float
    limit: float
    unit: str
    at_least: bool
    detail: str

    @property
    def holds(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "holds" if self.holds else "MISSED"
        return f"{verdict:6} {self.name}: {self.value:.2f} {self.unit} ({sign} {self.limit:g}); {self.detail}"


def tell(figures: Sequence[Figure]) -> int:
    """Print the figures; the exit status."""
    for figure in figures:
        sys.stdout.write(f"{figure}\n")
    return 0 if all(figure.holds for figure in figures) else 1


def median(values: Sequence[float]) -> float:
    """The middle one: machines are noisy."""
    return statistics.median(values)
