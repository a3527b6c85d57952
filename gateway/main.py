"""Where does the command `lapor-gateway` begin? Errors that a person can mend end as one line, never as a traceback."""

from __future__ import annotations

import sys

from connectors.contract import ConnectorError
from gateway.cli.app import app
from gateway.mistakes import ConfigError
from state.errors import StateError


def main() -> None:
    """Run the command line. Exit status: 0 well, 1 something could not be done, 2 wrong usage or settings."""
    try:
        app()
    except ConfigError as error:
        _end(f"{error}", 2)
    except (StateError, ConnectorError) as error:
        _end(f"{error}", 1)


def _end(text: str, status: int) -> None:
    sys.stderr.write(f"{text}\n")
    sys.exit(status)
