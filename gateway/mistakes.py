"""How is a mistake in the configuration told? With its place, and never with the value that stands there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Weight(StrEnum):
    """Whether the gateway can work all the same."""

    MISTAKE = "mistake"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in the configuration, or what most likely is one."""

    file: Path
    line: int | None
    key: str
    text: str
    weight: Weight = Weight.MISTAKE

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else f"{self.file}"
        said = f"{self.key}: {self.text}" if self.key else self.text
        return f"{place}: warning: {said}" if self.weight is Weight.WARNING else f"{place}: {said}"


class ConfigError(Exception):
    """The configuration cannot be used. `mistakes` has all of them; none quotes a value."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = tuple(mistakes)


def in_order(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Each once, by file and line: two channels of one mapping tell its mistakes twice."""
    return sorted(dict.fromkeys(mistakes), key=lambda mistake: (str(mistake.file), mistake.line or 0))
