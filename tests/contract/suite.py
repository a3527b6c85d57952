"""What must every connector do, ours or a third party's? It ships: see `gateway.testing`."""

from gateway.testing.collected import MANY
from gateway.testing.contract import ConnectorContract, IdentityContract, KeyedContract
from gateway.testing.looking import listed, opened, read, texts

__all__ = ["MANY", "ConnectorContract", "IdentityContract", "KeyedContract", "listed", "opened", "read", "texts"]
