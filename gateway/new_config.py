"""What does the smallest configuration look like, for an installation that has none yet?"""

from __future__ import annotations

from gateway.proposals.mapping_text import toml

ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


def smallest(name: str, zone: str, base_url: str, token: str) -> str:
    """A configuration without channels, in TOML; `token` is a reference."""
    return f"""\
# lapor-gateway: config.example.toml explains every setting. `lapor-gateway lint` tells whether this file is right.

[gateway]
id = {toml(name)}
# the id is part of every report's external_id: never change it
timezone = {toml(ZONES[zone])}
state = "sqlite:///var/gateway.db"
spool = "var/spool"

[lapor]
base_url = {toml(base_url)}
token = {toml(token)}

# Channels stand in channels.d, one a file: `lapor-gateway channel add` writes them.
"""
