"""Everything that speaks to LAPOR: profiles, client, statuses and the mock server."""
