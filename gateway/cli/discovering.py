"""`discover`: what is there to be read, and what does the gateway understand of it? In English, for admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from connectors import registry
from connectors.contract import ConnectorError, Scalar
from connectors.discovery import Discovery, Place
from gateway import unfinished
from gateway.cli import printing
from gateway.cli.exits import Exit, leave
from gateway.proposals.fields import Guess
from gateway.proposals.propose import Proposal, ranked
from gateway.proposals.values import looks
from mappings.html_text import to_text
from mappings.transforms import as_text

_COMMON = frozenset(
    "ya tidak yes no 0 1 proses selesai baru diproses ditolak pending open closed pengaduan aspirasi saran keluhan "
    "permintaan informasi".split()
) | {"permintaan informasi"}
_SHOWN_PLACES = 12
_SHOWN_SAMPLES = 3
_LONGEST = 60


def discover(
    path: Path, name: str | None, connector: str | None, settings: Sequence[str], place: str | None, *, reveal: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Show what a channel of the configuration could read, or what a source that is named by its options holds."""
    kind, options = _wanted(path, name, connector, settings)
    try:
        with unfinished.place_of(path, name or "discover") as channel:
            found = unfinished.look_around(kind, options, channel)
    except ConnectorError as error:
        leave(Exit.FAILED, f"{name or kind}: {error}")
    proposals = ranked(kind, found.places)
    chosen = _chosen(proposals, place)
    if as_json:
        whole = {"notes": found.notes, "places": [described(one, reveal=reveal) for one in proposals]}
        printing.as_json(whole if place is None else {**whole, "places": [described(chosen, reveal=reveal)]})
        return
    if place is None:
        show_places(found, proposals)
    show_place(chosen, reveal=reveal)
    show_proposal(chosen, reveal=reveal)
    if place is None and len(proposals) > 1:
        printing.line("Another one of them: --place NAME")


def _wanted(
    path: Path, name: str | None, connector: str | None, settings: Sequence[str]
) -> tuple[str, Mapping[str, Any]]:
    given = dict(_setting(one) for one in settings)
    if connector is not None:
        if name is not None:
            leave(Exit.USAGE, "give either a channel's name or --connector with --set NAME=VALUE")
        return connector, given
    if name is None:
        leave(
            Exit.USAGE, f"give a channel's name, or --connector ({', '.join(registry.kinds())}) with --set NAME=VALUE"
        )
    channels = {one.name: one for one in unfinished.begun(path)}
    if name not in channels:
        known = ", ".join(channels) or "none"
        leave(Exit.USAGE, f"there is no channel {name}; the configuration has: {known}")
    return channels[name].kind, {**channels[name].options, **given}


def _setting(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        leave(Exit.USAGE, "--set takes NAME=VALUE, such as --set path=laporan.xlsx")
    return name.strip(), int(value) if name.strip() == "port" and value.isdigit() else value


def _chosen(proposals: Sequence[Proposal], place: str | None) -> Proposal:
    if not proposals:
        leave(Exit.FAILED, "there is nothing to be read")
    if place is None:
        return next((one for one in proposals if one.fields), proposals[0])
    named = next((one for one in proposals if one.place.name.casefold() == place.casefold()), None)
    if named is None:
        leave(Exit.USAGE, f"there is no {place}; there are: {', '.join(one.place.name for one in proposals)}")
    return named


def show_places(found: Discovery, proposals: Sequence[Proposal]) -> None:
    """All places in a table, the likeliest first and numbered from 1."""
    rows = [
        (number, one.place.name, _counted(one.place), _like(one), one.place.note)
        for number, one in enumerate(proposals[:_SHOWN_PLACES], start=1)
    ]
    printing.table("", ["", "name", "records", "complaints?", "remarks"], rows)
    if len(proposals) > _SHOWN_PLACES:
        printing.line(f"… and {len(proposals) - _SHOWN_PLACES} more")
    for note in found.notes:
        printing.line(note)


def _counted(place: Place) -> str:
    return "unknown" if place.count is None else str(place.count)


def _like(proposal: Proposal) -> str:
    content = next((guess for guess in proposal.fields if guess.field == "content"), None)
    people = any(guess.field.startswith("reporter_") for guess in proposal.fields)
    if content is None:
        return "no"
    return "likely" if people and content.confidence != "low" else "perhaps"


def show_place(proposal: Proposal, *, reveal: bool) -> None:
    """The columns of a place: what is in them, with personal data masked."""
    place = proposal.place
    keys = set(place.key)
    rows = [
        (
            column.name + (" (key)" if column.name in keys else ""),
            column.kind,
            f"{looks([row.get(column.name) for row in place.rows]).filled:.0%}" if place.rows else "",
            " | ".join(samples(place.rows, column.name, reveal=reveal)),
        )
        for column in place.columns
    ]
    printing.table(f"{place.name}: {_counted(place)} record(s)", ["column", "type", "filled", "samples"], rows)


def show_proposal(proposal: Proposal, *, reveal: bool) -> None:
    """Each report field with its column and how sure that is; then the mapping and what to keep in mind."""
    rows = [(one.field, one.column, str(one.confidence), one.why) for one in proposal.fields]
    printing.table("What the gateway understands", ["report field", "from", "confidence", "because"], rows)
    if proposal.preset:
        printing.line(f'The preset fits: mapping = "{proposal.preset}"')
    elif proposal.text:
        printing.line("No preset reads it as it is. A mapping of its own:\n")
        printing.line(proposal.text)
    for note in proposal.notes:
        printing.line(f"Note: {note}.")


def samples(rows: Sequence[Mapping[str, Scalar]], column: str, *, reveal: bool) -> list[str]:
    """The newest different values of a column, shortened; masked unless `reveal`, but for common words."""
    values = dict.fromkeys(text for row in rows if (text := as_text(row.get(column)).strip()))
    shown = []
    for text in list(values)[:_SHOWN_SAMPLES]:
        plain = " ".join(to_text(text).split()) if "<" in text else " ".join(text.split())
        open_to_all = reveal or plain.casefold() in _COMMON or (plain.isdigit() and len(plain) < 6)
        masked = plain if open_to_all else str(printing.masked_fields({"": plain})[""])
        shown.append(masked if len(masked) <= _LONGEST else f"{masked[:_LONGEST]}…")
    return shown


def described(proposal: Proposal, *, reveal: bool) -> dict[str, Any]:
    """A place and its proposal for programs."""
    place = proposal.place
    return {
        "name": place.name,
        "options": {**place.options, **proposal.options},
        "records": place.count,
        "note": place.note,
        "columns": [
            {
                "name": column.name,
                "type": column.kind,
                "filled": round(looks([row.get(column.name) for row in place.rows]).filled, 3),
                "samples": samples(place.rows, column.name, reveal=reveal),
            }
            for column in place.columns
        ],
        "fields": [_field(guess) for guess in proposal.fields],
        "preset": proposal.preset,
        "mapping": proposal.text,
        "notes": list(proposal.notes),
    }


def _field(guess: Guess) -> dict[str, str]:
    return {"field": guess.field, "from": guess.column, "confidence": str(guess.confidence), "because": guess.why}
