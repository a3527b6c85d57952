"""Which mapping fits a place: a preset, or one of its own? Each field with how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from connectors.discovery import Place
from connectors.imap_discover import MACHINE
from gateway.proposals import mails
from gateway.proposals.fields import Confidence, Guess, guesses, likelihood
from gateway.proposals.mapping_text import mapping_text
from gateway.proposals.names import sources
from mappings import load
from mappings.rules import cell_name
from mappings.transforms import as_text

_SHEETS = frozenset({"spreadsheet", "google_sheets", "csv_link"})
"""Connectors whose option `date_format` reads days that are texts."""
_PRESETS = {"sql": ("webform",), "http": ("portal", "webform")} | dict.fromkeys(_SHEETS, ("spreadsheet",))
_OTHERS = ("spreadsheet", "webform")
_BESIDE = {"title", "classification", "latitude", "longitude"}
"""Fields for whose sake a preset that has all the others is not given up."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the gateway understands of a place."""

    place: Place
    fields: Sequence[Guess]
    preset: str | None
    """The preset that reads this place; None where it needs a mapping of its own."""
    text: str
    """That mapping as a TOML file; empty with a preset."""
    options: dict[str, object] = field(default_factory=dict)
    """What the channel's options should say beside what the place says."""
    notes: Sequence[str] = ()

    def with_options(self, options: Mapping[str, object], without: Sequence[str]) -> Proposal:
        """The same with other options beside what the place says."""
        kept = {name: value for name, value in self.options.items() if name not in without}
        return replace(self, options={**kept, **options})


def propose(kind: str, place: Place, said: Mapping[str, str] | None = None) -> Proposal:
    """The proposal for one place of a connector of that kind; `said` are columns that a person gave for fields."""
    if place.rows and MACHINE in place.rows[0]:
        return _of_mails(place)
    found = guesses(place, said or {})
    notes = list(_notes(found, in_options=kind in _SHEETS))
    forms = sorted({guess.looks.order for guess in found} - {"", "?"}) if kind in _SHEETS else []
    options = {**key_options(place, found), **({"date_format": forms} if forms else {})}
    if forms:
        # The reader makes ISO 8601 of such days, so the mapping need not know.
        found = [replace(guess, looks=replace(guess.looks, order="")) for guess in found]
    preset = next((name for name in _PRESETS.get(kind, _OTHERS) if _fits(name, place, found)), None)
    if not any(guess.field == "content" for guess in found):
        return Proposal(place, found, None, "", options, ["no column looks like a complaint's text"])
    return Proposal(place, found, preset, "" if preset else mapping_text(place, found), options, notes)


def ranked(kind: str, places: Sequence[Place]) -> list[Proposal]:
    """Proposals for all places, the likeliest complaints first."""
    made = [propose(kind, place) for place in places]
    if any(one.place.needs_key for one in made):
        made.sort(key=lambda one: likelihood(one.place, one.fields), reverse=True)
    return made


def key_options(place: Place, found: Sequence[Guess]) -> dict[str, object]:
    """`key`, or where no column names a record, `identity` of what a citizen says."""
    if not place.needs_key:
        return {}
    if place.key:
        return {"key": list(place.key)}
    telling = ("reporter_name", "received_at", "content", "reporter_phone")
    columns = [guess.column for name in telling for guess in found if guess.field == name]
    return {"identity": columns[:3]} if columns else {}


def _of_mails(place: Place) -> Proposal:
    preset, text, found, options, notes = mails.understood(place)
    return Proposal(place, found, preset, text, options, notes)


def _fits(preset: str, place: Place, found: Sequence[Guess]) -> bool:
    """Whether the preset reads the very columns that were found, in every row."""
    mapping = load.load(load.find(preset, Path()))
    columns = {cell_name(column.name): column.name for column in place.columns}
    for guess in found:
        names = [columns[name] for name in sources(mapping).get(guess.field, ()) if name in columns]
        if names and guess.field != "title":
            said = [
                next((name for name in names if as_text(row.get(name)).strip()), guess.column) for row in place.rows
            ]
            if any(name != guess.column for name in said):
                return False
        elif guess.field not in _BESIDE or (not names and guess.confidence is Confidence.HIGH):
            return False
    # Days in an order that only a look at many rows can prove must stand in the mapping.
    return bool(found) and not any(guess.looks.order not in ("", "?") for guess in found)


def _notes(found: Sequence[Guess], *, in_options: bool) -> Sequence[str]:
    """What an admin must know. `in_options`: the connector's own options say in which order days are written."""
    notes = []
    fields = {guess.field for guess in found}
    if not fields & {"reporter_phone", "reporter_email"}:
        notes.append("no phone number and no e-mail address: LAPOR wants one of them, so reports would be held")
    if "reporter_name" not in fields:
        notes.append("no name of the reporter: such reports would be held")
    if not fields & {"received_at", "date_of_incident"}:
        notes.append("no day on which it came: such reports would be held")
    for guess in found:
        if guess.looks.order == "?":
            said = (
                '`date_format` says it, such as ["%d/%m/%Y %H:%M:%S"]'
                if in_options
                else '`then` says it, as {date = "%d/%m/%Y"}'
            )
            notes.append(f"{guess.column}: day or month first? No value seen tells; such days are held until {said}")
    for name, what in (("is_anonymous", "anonymity"), ("is_secret", "secrecy")):
        if name not in fields:
            notes.append(f"nothing in the source speaks of {what}: you decide it for the whole channel")
    return notes
