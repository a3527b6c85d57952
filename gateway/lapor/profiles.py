"""Which profiles of the wire contract does the gateway speak?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from gateway.lapor.legacy import LaporLegacy
from gateway.lapor.manual import LaporManual
from gateway.lapor.port import Lapor
from gateway.lapor.v3 import LaporV3
from gateway.lapor_settings import LaporSettings

_PROFILES: Mapping[str, Callable[[LaporSettings, threading.Event], Lapor]] = {
    "v3": LaporV3,
    "legacy": LaporLegacy,
    "manual": LaporManual,
}


def connect(settings: LaporSettings, stop: threading.Event) -> Lapor:
    """A client of the configured profile; once `stop` is set, no further request waits for its turn."""
    return _PROFILES[settings.profile](settings, stop)
