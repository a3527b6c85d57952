"""Real servers for the tests, without containers: one file per server, `fixtures.py` for pytest."""
