"""Which options do most commands share?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
RevealOption = Annotated[bool, typer.Option("--reveal", help="Show personal data unmasked.")]
DEFAULT = Path("config.toml")
