"""What must the author of a connector provide so that the suite can test it? It ships: see `gateway.testing`."""

from gateway.testing.source import FIRST, ZONE, Complaint, Mistake, RowSource, Source, complaint, complaints

__all__ = ["FIRST", "ZONE", "Complaint", "Mistake", "RowSource", "Source", "complaint", "complaints"]
