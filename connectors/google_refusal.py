"""Why does Google refuse, and what must a person do about it?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from connectors.contract import ConnectorError, Misconfigured, Unreachable
from connectors.exchange import Reply
from connectors.google_account import ServiceAccount

_WORD = re.compile(r"[A-Za-z_]{1,40}")
_SKEW = 60
"""Seconds by which a clock may be wrong before it is blamed."""


class Busy(Unreachable):
    """The server asks for patience; a moment later it may answer."""

    def __init__(self, text: str, wait: float | None) -> None:
        """`wait` in seconds, where the server names it."""
        super().__init__(text)
        self.wait = wait


def json_of(reply: Reply, where: str) -> Mapping[str, object]:
    """The object that a reply holds. Raises Misconfigured for anything else."""
    try:
        content = json.loads(reply.content)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, Mapping):
        raise Misconfigured(f"{where} answers something else than Google would: a proxy, or a wrong `endpoint`")
    return content


def busy(reply: Reply, where: str) -> Busy:
    """The error for a reply that `fails`."""
    wait = reply.headers.get("retry-after", "")
    seconds = float(wait) if wait.isdecimal() and len(wait) < 10 else None
    if reply.status == 429:
        return Busy(f"{where}: the quota of reads is used up for the moment (HTTP 429)", seconds)
    return Busy(f"{where} answers HTTP {reply.status}", seconds)


def token_refusal(reply: Reply, account: ServiceAccount, now: float) -> ConnectorError:
    """Why no token was given; `now` in seconds since 1970 is what this machine's clock says."""
    error, description = _token_error(reply)
    said = f"Google refuses the key of {account.email}"
    skew = _ahead(reply, now)
    if error == "invalid_grant" and abs(skew) > _SKEW:
        wrong = f"{abs(skew) / 60:.0f} minutes {'ahead' if skew > 0 else 'behind'}"
        return Misconfigured(f"{said}: this machine's clock is {wrong}; set it right")
    if "signature" in description:
        return Misconfigured(f"{said}: it is not, or no longer, one of the account's keys; make a new one")
    if "account not found" in description or error == "invalid_client":
        return Misconfigured(f"{said}: the account is deleted or switched off")
    return Misconfigured(f"{said} (HTTP {reply.status}{f' {error}' if error else ''})")


def api_refusal(reply: Reply, account: ServiceAccount) -> ConnectorError:
    """Why the API gives no answer."""
    status, reasons = _api_error(reply)
    if reply.status == 401:
        return Misconfigured(f"Google does not take the token of {account.email} (HTTP 401)")
    if "SERVICE_DISABLED" in reasons:
        return Misconfigured(
            "the Google Sheets API is switched off in the service account's project: enable it in the Google Cloud"
            " console, and wait some minutes (HTTP 403)"
        )
    if reply.status == 403:
        return Misconfigured(
            f"the sheet is not shared with {account.email}: share it with this address, as a viewer (HTTP 403)"
        )
    if reply.status == 404:
        return Misconfigured("there is no such spreadsheet, or it was deleted: compare its address (HTTP 404)")
    if status == "FAILED_PRECONDITION":
        return Misconfigured(
            "it is an Excel file in Google Drive, not a Google Sheet: open it, and use File, Save as Google Sheets"
        )
    return Misconfigured(f"Google refuses the request (HTTP {reply.status}{f' {status}' if status else ''})")


def _token_error(reply: Reply) -> tuple[str, str]:
    try:
        content = json.loads(reply.content)
        return _word(content.get("error")), str(content.get("error_description", "")).lower()
    except (ValueError, AttributeError, RecursionError):
        return "", ""


def _api_error(reply: Reply) -> tuple[str, set[str]]:
    """The canonical status, and the reasons of the details."""
    try:
        error = json.loads(reply.content)["error"]
        return _word(error.get("status")), {_word(detail.get("reason")) for detail in error.get("details", ())}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return "", set()


def _word(text: object) -> str:
    """Only what is a code: anything longer might quote what was asked."""
    return text if isinstance(text, str) and _WORD.fullmatch(text) else ""


def _ahead(reply: Reply, now: float) -> float:
    """Seconds by which this machine's clock is ahead of the server's; 0 where that is not known."""
    try:
        there: datetime = parsedate_to_datetime(reply.headers["date"])
    except (KeyError, ValueError, TypeError):
        return 0
    return now - there.timestamp()
