"""The command line: admins read English, operators Indonesian."""
