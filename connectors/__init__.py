"""Connectors: one file per kind of source, all behind the contract in `connectors.contract`."""
