"""What do all calls to one mock server share?"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from starlette.requests import Request
from starlette.responses import Response

from gateway.lapor.mock.faults import Faults
from gateway.lapor.mock.world import World

DEFAULT_TOKEN = "mock-token"


class Switch(Enum):
    """How this installation of LAPOR differs from another, for as long as the switch is on."""

    LISTS_HIDE_SECRET = "lists_hide_secret"  # as documented: secret reports are in no list
    NO_LOOKUP = "no_lookup"  # ?external_id= is not known there, so it is ignored
    NO_READING = "no_reading"  # complaints can be posted but not read


@dataclass(frozen=True)
class Site:
    """One mock server: its world, faults, switches, token and the count of (call, outcome)."""

    world: World
    faults: Faults
    token: str
    switches: set[Switch] = field(default_factory=lambda: {Switch.LISTS_HIDE_SECRET})
    tally: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(frozen=True)
class Ask:
    """One request with its whole body, and how much later a complaint in it is to be committed."""

    request: Request
    body: bytes
    delay: timedelta

    def query(self, name: str) -> str:
        return self.request.query_params.get(name, "")


Endpoint = Callable[[Ask], Response]


def bearer(ask: Ask) -> str:
    """The token of an Authorization header; nothing where it is of another scheme."""
    scheme, _, token = ask.request.headers.get("authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


@dataclass(frozen=True)
class Call:
    """One call of a profile: method, path template, the function that answers it, and where its token stands."""

    method: str
    path: str
    endpoint: Endpoint
    token: Callable[[Ask], str] = bearer

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"
