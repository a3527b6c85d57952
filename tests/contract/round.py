"""How is a channel collected in a test: the real step, configuration and state? It ships: see `gateway.testing`."""

from gateway.testing.round import NOW, Cut, Gateway, codes, new_state

__all__ = ["NOW", "Cut", "Gateway", "codes", "new_state"]
