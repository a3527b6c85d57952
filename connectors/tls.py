"""Whom does a connection trust, and where may it go without TLS?"""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path

from connectors.contract import Misconfigured


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """The system's certificates and those of the file. Raises Misconfigured where it holds none."""
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise Misconfigured(f"ca_file {ca_file} holds no certificates ({error.strerror})") from None
    return context


def is_loopback(host: str) -> bool:
    """Whether the host is this machine: the only place where nothing needs to be encrypted."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
