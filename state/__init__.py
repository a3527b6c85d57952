"""State: what the gateway knows of every record and report, kept against loss and duplicates."""
