"""Where does the command `lapor-gateway` begin? Errors that a person can mend end as one line, never as a traceback."""

from __future__ import annotations

import sys

from connectors.contract import ConnectorError
from gateway.cli.app import app
from gateway.cli.exits import Exit
from gateway.mistakes import ConfigError
from state.errors import StateError


def main() -> None:
    """Run the command line. How it may end: see `gateway.cli.exits`."""
    try:
        app()
    except ConfigError as error:
        _end(error, Exit.CONFIGURATION)
    except StateError as error:
        _end(error, Exit.STATE)
    except ConnectorError as error:
        _end(error, Exit.FAILED)


def _end(error: Exception, status: Exit) -> None:
    sys.stderr.write(f"{error}\n")
    sys.exit(status)
