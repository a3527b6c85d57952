"""A LAPOR server to test against: faithful to the contract, and nasty on request."""
