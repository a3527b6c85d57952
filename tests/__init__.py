"""Tests: unit, contract (every connector against its real server), servers, corpus, bench, soak."""
