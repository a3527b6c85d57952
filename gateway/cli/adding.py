"""`channel add`: how does an admin who has never seen the code add a channel? Asked step by step, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from gateway import channels_csv, new_channels, unfinished
from gateway.channel_text import NewChannel
from gateway.cli import asking, choosing, previewing, printing
from gateway.cli.choosing import Source
from gateway.cli.exits import Exit, leave
from gateway.mistakes import ConfigError, Mistake
from gateway.new_config import ZONES, smallest

_FREE = {"location_id": "LAPOR's id of the place that the reports are about, such as 6472"}


def add_many(path: Path, table: Path) -> None:
    """Add all channels that a CSV file names, or none."""
    unfinished.gateway_of(path)
    found = channels_csv.read(table)
    try:
        files, elsewhere = new_channels.write(path, found.channels, {})
    except ConfigError as error:
        raise channels_csv.placed(error, found, table) from None
    printing.line(f"{len(files)} channel(s) written to {files[0].parent.name}/")
    _tell(elsewhere)
    printing.line("Next: `lapor-gateway check` logs in to each of them, reading only.")


def add(path: Path, name: str | None) -> None:
    """Ask for everything that a channel needs, show what was understood at each step, and write its file."""
    if not path.exists():
        _make_config(path)
    unfinished.gateway_of(path)
    name = _name(path, name)
    source = choosing.source(path, name)
    proposal = source.proposal
    settings, defaults = _decisions(source)
    mapping = proposal.preset or f"mappings/{name}.toml"
    channel = NewChannel(
        name,
        {"connector": source.kind, "mapping": mapping, **settings},
        defaults,
        {**source.options, **proposal.place.options, **proposal.options},
        proposal.text,
    )
    files, elsewhere = new_channels.write(path, [channel], source.secrets)
    printing.line(f"\nWritten: {', '.join(_written(path, files, channel, source))}")
    _tell(elsewhere)
    if not elsewhere:
        _preview(path, name)
    printing.line(f"\nNext: read {files[0].parent.name}/{files[0].name}; change it as you like, then")
    printing.line("  lapor-gateway lint        # is everything written right?")
    printing.line(f"  lapor-gateway preview {name} --trace   # which way did each value take?")
    printing.line("  lapor-gateway check       # does everything answer?")
    printing.line("  lapor-gateway state init  # once, for a new installation; then `sync` or `run`")


def _written(path: Path, files: Sequence[Path], channel: NewChannel, source: Source) -> list[str]:
    own = [f"mappings/{channel.name}.toml"] if channel.mapping_text else []
    return [*(f"channels.d/{file.name}" for file in files), *own, *source.secrets]


def _make_config(path: Path) -> None:
    printing.line(f"There is no {path.name} here yet. These few answers make one; config.example.toml knows more.")
    name = asking.text("A short name for this installation, such as kaltim; it never changes", None, _misnamed)
    zone = asking.choice("In which time zone is it?", list(ZONES))
    base_url = asking.text("LAPOR's address; the default is `lapor-gateway mock`", "http://127.0.0.1:8080")
    token = asking.secret("LAPOR's token (hidden; or env:NAME, file:PATH); of the mock: mock-token", needed=True)
    reference = token if choosing.is_reference(token) else "file:secrets/lapor-token"
    secrets = {} if choosing.is_reference(token) else {"secrets/lapor-token": token}
    new_channels.write_config(path, smallest(name, zone, base_url, reference), secrets)
    printing.line(f"{path.name} is written.\n")


def _misnamed(answer: str) -> str:
    return "" if channels_csv.is_name(answer) else "expected at most 63 small letters, digits and . _ -"


def _name(path: Path, name: str | None) -> str:
    taken = {one.name for one in unfinished.begun(path)}

    def wrong(answer: str) -> str:
        if answer in taken:
            return f"there is a channel {answer} already"
        mapping = path.resolve().parent / "mappings" / f"{answer}.toml"
        there = f"its mapping would be mappings/{answer}.toml, which is there already" if mapping.exists() else ""
        return _misnamed(answer) or there

    if name is None:
        return asking.text("What shall the channel be called? Such as dishub-inbox", None, wrong)
    if wrong(name):
        leave(Exit.USAGE, f"{name}: {wrong(name)}")
    return name


def _decisions(source: Source) -> tuple[dict[str, Any], dict[str, Any]]:
    """What no source can say: from when on, where, and how secret."""
    printing.line("\nReports that were typed into LAPOR by hand long ago must not be filed again.")
    settings: dict[str, Any] = {
        "start": asking.start("Send what came from which day on? A day such as 2026-11-01, or now")
    }
    usual = unfinished.discoverer_of(source.kind).source
    settings["source"] = asking.text("What does LAPOR call such a source?", usual)
    institution = asking.text("The agency's id in LAPOR? Enter to let national verification route the reports", "")
    if institution:
        settings["institution_id"] = institution
    defaults: dict[str, Any] = {name: asking.text(question) for name, question in _FREE.items()}
    fields = {guess.field for guess in source.proposal.fields}
    for name, question in (
        ("is_anonymous", "Shall the reporter's name be hidden from the agency and the public"),
        ("is_secret", "Shall the whole report be hidden from the public"),
    ):
        where = ", where the source says nothing of it?" if name in fields else "? The source says nothing of it"
        defaults[name] = asking.yes_or_no(question + where)
    return settings, defaults


def _tell(elsewhere: Sequence[Mistake]) -> None:
    if elsewhere:
        printing.line("\nThe new files are right. Something else in the configuration is not yet:")
        for mistake in elsewhere:
            printing.line(f"  {mistake}")


def _preview(path: Path, name: str) -> None:
    printing.line("\nThe newest record would become (personal data is masked; nothing is stored or sent):\n")
    try:
        previewing.preview(path, name, 1, trace=False, reveal=False, as_json=False)
    except typer.Exit:
        printing.line(f"The file stays: mend what is said above, then `lapor-gateway preview {name}`.")
