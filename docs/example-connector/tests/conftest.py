"""The fixtures that the contract suite wants."""

pytest_plugins = ["gateway.testing.fixtures"]
