"""With which status does a command end? One table for all of them; docs/setting-up.md has it for admins."""

from __future__ import annotations

from enum import IntEnum
from typing import NoReturn

import typer


class Exit(IntEnum):
    """The exit status of a command. 2 is also what the command line's parser ends with."""

    WELL = 0
    FAILED = 1
    """A source or LAPOR could not be reached, a check failed, or an act was not possible."""
    USAGE = 2
    """An unknown command, option, channel or value."""
    CONFIGURATION = 3
    """A mistake in the configuration or in a mapping, or an example of a mapping that does not come out."""
    STATE = 4
    """The state is missing, locked by another process, damaged, or of another version."""
    DISCREPANCY = 5
    """`audit` found something lost or doubled."""


def leave(status: Exit, text: str) -> NoReturn:
    """End the command with a text for the person who called it, on standard error."""
    typer.echo(text, err=True)
    raise typer.Exit(status)
