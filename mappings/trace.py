"""Which way did a value take into its report field? What the engine notes down for whoever asks, step by step.

It holds citizens' data as the source has it: whoever prints it masks it first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mappings.report import Scalar


class Outcome(StrEnum):
    """What became of one column."""

    MISSING = "missing"
    """The record has no such column."""
    EMPTY = "empty"
    EMPTIED = "emptied"
    """It said something until a transform left nothing of it."""
    UNREADABLE = "unreadable"
    SPOKE = "spoke"


@dataclass(slots=True)
class Step:
    """One transform: what went in, and what came out of it; None where nothing did."""

    name: str
    argument: Any
    before: Scalar
    after: Scalar = None


@dataclass(slots=True)
class Tried:
    """One column that was asked, in the order of the mapping."""

    column: str
    """As columns are compared: small letters and `_`."""
    label: str
    """Of `lines`; empty for `from`."""
    cell: Scalar
    outcome: Outcome
    steps: list[Step] = field(default_factory=list)
    code: str = ""
    """The reason code of what cannot be read."""


@dataclass(slots=True)
class Lookup:
    """A look into the mapping's table; `found` is None where the value is not in it."""

    value: Scalar
    found: Scalar = None


@dataclass(slots=True)
class Way:
    """How one report field came about."""

    target: str
    """The report field."""
    tried: list[Tried] = field(default_factory=list)
    lookup: Lookup | None = None
    own_default: Scalar = None
    """The mapping's, whether it was used or not."""
    default: Scalar = None
    """The mapping's, where it was used."""
    channel_default: Scalar = None
    """The channel's, where it was used."""
    code: str = ""
    """Why a person must look, or why an optional value was left out."""
    value: Scalar = None
    """What the field's rule makes; None for nothing."""
    later: Scalar = None
    """What is made of that in the end, where it is something else: told by words, masked, brought into WIB."""

    def ask(self, column: str, label: str, cells: Mapping[str, Scalar]) -> None:
        """A column is asked."""
        cell = cells.get(column)
        empty = cell is None or (isinstance(cell, str) and not cell.strip())
        outcome = Outcome.SPOKE if not empty else Outcome.EMPTY if column in cells else Outcome.MISSING
        self.tried.append(Tried(column, label, cell, outcome))

    def step(self, name: str, argument: Any, before: Scalar) -> None:
        """A transform begins."""
        self.tried[-1].steps.append(Step(name, argument, before))

    def stepped(self, after: Scalar) -> None:
        """The transform that began has ended with this."""
        self.tried[-1].steps[-1].after = after
        if after is None:
            self.tried[-1].outcome = Outcome.EMPTIED

    def unreadable(self, code: str) -> None:
        """The column that was asked last cannot be read."""
        if self.tried and self.lookup is None and self.tried[-1].outcome is Outcome.SPOKE:
            self.tried[-1].outcome, self.tried[-1].code = Outcome.UNREADABLE, code

    def fail(self, code: str) -> None:
        """The field as a whole cannot be read."""
        self.code = code
        self.unreadable(code)


@dataclass(slots=True)
class Trace:
    """What `engine.apply` notes down of one record."""

    ways: dict[str, Way] = field(default_factory=dict)
    columns: Collection[str] = ()
    """Every column that the record has, as columns are compared; with those of its `[form]`."""

    def begin(self, name: str, own_default: Scalar = None) -> Way:
        """A field is about to be made."""
        self.ways[name] = Way(name, own_default=own_default)
        return self.ways[name]

    def end(self, values: Mapping[str, Any], columns: Collection[str]) -> None:
        """Every field is made, and these are the report's values with the channel's defaults among them."""
        self.columns = columns
        for name, value in values.items():
            way = self.ways.get(name) or self.begin(name)
            if way.value is not None:
                way.later = value if value != way.value else None
            elif way.code and way.own_default is not None:
                way.default = way.value = value
            else:
                way.channel_default = value
