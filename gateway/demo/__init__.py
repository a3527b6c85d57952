"""The demo: every part of the work on loopback, with temporary data."""
