"""Mappings: a source's fields become a normalised report, by a declarative file."""
