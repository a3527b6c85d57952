"""Which requests go wrong on purpose, how often, and in which way?"""

import random
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from gateway.lapor.mock.clock import Clock, iso, parse_instant, parse_span
from gateway.lapor.mock.spelling import known_as

Value = str | float
Params = Mapping[str, Value]

# Every fault with its own parameters and their defaults: seconds, unless the name says otherwise.
KNOWN: Mapping[str, Params] = {
    "drop_before": {},
    "drop_after": {},
    "late_commit": {"commit_delay": 2.0},
    "timeout_commit": {"commit_delay": 12.0, "hold": 60.0},
    "error_commit": {},
    "gateway_timeout": {},
    "gateway_timeout_commit": {"commit_delay": 2.0},
    "delay": {"delay": 1.0},
    "too_many": {"retry_after": 1.0, "form": "seconds"},
    "error": {},
    "unavailable": {},
    "truncated": {},
    "wrong_type": {},
    "slow_body": {"seconds": 2.0},
    "unknown_status": {"status": "Dalam Telaah Lintas Sektor"},
    "unauthorized": {},
    "maintenance": {},
}
# These change how a complaint is committed, so they only fit the call that files one.
FILING_ONLY = ("late_commit", "timeout_commit", "gateway_timeout_commit")
CHANGES_ONLY = ("error_commit",)
GENERAL = ("rate", "next", "method", "path", "start", "until", "lasting")
RETRY_FORMS = ("seconds", "date")
FILING_PATHS = ("/complaints", "/api/stream/addstream")


@dataclass(frozen=True)
class Fault:
    """A fault that is switched on: at `rate` (0..1) or for the `next` n requests, for one method and path prefix.

    With `start` or `until` it holds only between these instants of the mock's clock.
    """

    name: str
    rate: float
    next: int | None
    method: str
    path: str
    start: datetime | None
    until: datetime | None
    params: Params

    def fits(self, method: str, path: str, now: datetime) -> bool:
        """Say whether a request at that time is one that this fault may spoil."""
        filing = method == "POST" and path in FILING_PATHS
        return (
            self.method in ("", method)
            and path.startswith(self.path)
            and (self.start is None or self.start <= now)
            and (self.until is None or now < self.until)
            and (self.name not in FILING_ONLY or filing)
            and (self.name not in CHANGES_ONLY or method == "POST")
        )

    def number(self, param: str) -> float:
        return float(self.params[param])

    def shown(self) -> dict[str, Any]:
        instants = {name: iso(value) for name in ("start", "until") if (value := getattr(self, name))}
        return {**asdict(self), "start": None, "until": None, "params": dict(self.params), **instants}


class Faults:
    """The faults that are switched on, one of a name; the first that strikes wins. Seeded, so that runs repeat."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock = clock
        self._random = random.Random(seed)
        self._active: dict[str, Fault] = {}
        self._lock = threading.Lock()

    def switch_on(self, name: str, settings: Mapping[str, Value]) -> None:
        """Switch a fault on: `rate` or `next`, `method`, `path`, `start`, `until`, `lasting`, and its own parameters.

        Without rate and next it strikes always. An unknown name or setting is a ValueError that lists the known ones.
        """
        with self._lock:
            self._active[name] = read_fault(name, settings, self._clock.now())

    def switch_off(self, name: str) -> None:
        with self._lock:
            self._active.pop(name, None)

    def clear(self) -> None:
        with self._lock:
            self._active.clear()

    def active(self) -> list[dict[str, Any]]:
        with self._lock:
            return [fault.shown() for fault in self._active.values()]

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the fault that this request meets, counting it, or None."""
        if not self._active:
            return None
        with self._lock:
            now = self._clock.now()
            fitting = [fault for fault in self._active.values() if fault.fits(method, path, now)]
            struck = next((fault for fault in fitting if self._strikes(fault)), None)
            if struck is not None and struck.next is not None:
                self._active[struck.name] = replace(struck, next=struck.next - 1)
            return struck

    def _strikes(self, fault: Fault) -> bool:
        return fault.next > 0 if fault.next is not None else self._random.random() < fault.rate


def read_fault(name: str, settings: Mapping[str, Value], now: datetime) -> Fault:
    """Build a fault from its settings, or raise ValueError saying what is wrong with them."""
    known_as(name, KNOWN)
    for setting, value in settings.items():
        known_as(setting, (*GENERAL, *KNOWN[name]))
        if not isinstance(value, str | int | float):
            raise ValueError(f"{setting} must be a number or a text")
    return Fault(
        name=name,
        rate=_rate(float(settings.get("rate", 1.0))),
        next=int(settings["next"]) if "next" in settings else None,
        method=str(settings.get("method", "")).upper(),
        path=str(settings.get("path", "")),
        start=_instant(settings, "start"),
        until=now + parse_span(str(settings["lasting"])) if "lasting" in settings else _instant(settings, "until"),
        params={key: _param(key, default, settings.get(key, default)) for key, default in KNOWN[name].items()},
    )


def read_option(option: str) -> tuple[str, dict[str, Value]]:
    """Split a command line's `drop_after=0.1` into name and settings; a bare name strikes always."""
    name, equals, rate = option.partition("=")
    known_as(name, KNOWN)
    return name, {"rate": _rate(float(rate))} if equals else {}


def _param(name: str, default: Value, value: Value) -> Value:
    if isinstance(default, float):
        return float(value)
    return known_as(str(value), RETRY_FORMS) if name == "form" else str(value)


def _rate(rate: float) -> float:
    if not 0 <= rate <= 1:
        raise ValueError(f"a rate lies between 0 and 1, not {rate:g}")
    return rate


def _instant(settings: Mapping[str, Value], name: str) -> datetime | None:
    return parse_instant(str(settings[name])) if name in settings else None
