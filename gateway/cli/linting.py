"""`lint`: is what stands in the files right? Without any network. In English, for admins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from gateway.cli import printing
from gateway.cli.exits import Exit
from gateway.desk import utc_now
from gateway.lint import Linted, lint
from gateway.mistakes import Weight


def lint_files(config: Path, files: Sequence[Path], *, as_json: bool) -> None:
    """Name everything that is wrong, each with its file and line; exit status 3 if anything is."""
    found = lint(config, files, utc_now())
    if as_json:
        said = [{**asdict(mistake), "file": str(mistake.file)} for mistake in found.mistakes]
        whole = {"ok": found.is_right, "files": [str(file) for file in found.files], "examples": found.examples}
        printing.as_json({**whole, "mistakes": said})
    else:
        for mistake in found.mistakes:
            printing.line(str(mistake))
        printing.line(_summary(found))
    if not found.is_right:
        raise typer.Exit(Exit.CONFIGURATION)


def _summary(found: Linted) -> str:
    warnings = sum(mistake.weight is Weight.WARNING for mistake in found.mistakes)
    wrong = len(found.mistakes) - warnings
    counted = [(wrong, "mistake"), (warnings, "warning"), (len(found.files), "file"), (found.examples, "example")]
    mistakes, warned, files, examples = (f"{count} {word}{'' if count == 1 else 's'}" for count, word in counted)
    return f"{mistakes} and {warned} in {files}; {examples} of mappings run"
