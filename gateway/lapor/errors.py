"""What can go wrong with LAPOR, named by what the gateway does about it.

    LaporError
    ├── Unavailable      nothing was filed: send it later; `retry_after` is LAPOR's own wish
    ├── Rejected         LAPOR refuses the content: a person corrects it
    ├── Refused          LAPOR refuses the gateway itself (token, address, path): everything waits for the admin
    └── OutcomeUnknown   nobody knows whether it was filed: look it up before anything else

Texts and codes hold no personal data; a 422's own texts may, and stay in the state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta


class LaporError(Exception):
    """A call to LAPOR did not bring the expected answer. `code` is a key of the catalogue of reasons."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Unavailable(LaporError):
    """Nothing was filed; LAPOR, or the way to it, does not serve us now."""

    def __init__(self, code: str, text: str, retry_after: timedelta | None = None) -> None:
        super().__init__(code, text)
        self.retry_after = retry_after


class Rejected(LaporError):
    """LAPOR does not accept the content; `errors` are its own texts by field."""

    def __init__(self, text: str, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("rejected", text)
        self.errors = errors


class Refused(LaporError):
    """LAPOR does not accept the gateway: a wrong token, address or path. No report is at fault."""


class OutcomeUnknown(LaporError):
    """The request may have been carried out."""
