"""`schema`: which keys and values do the configuration's files take? For editors."""

from __future__ import annotations

from gateway import config_schema
from gateway.cli import printing
from gateway.cli.exits import Exit, leave
from mappings import schema as mapping_schema


def schema(*, channel: bool, mapping: bool) -> None:
    """Print the JSON Schema of the configuration, of a file in channels.d, or of a mapping."""
    if channel and mapping:
        leave(Exit.USAGE, "give either --channel or --mapping")
    made = mapping_schema.schema() if mapping else config_schema.channel_file() if channel else config_schema.whole()
    printing.as_json(made)
