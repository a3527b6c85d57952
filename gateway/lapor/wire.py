"""How do a profile's requests travel? One HTTP client a thread, paced and counted; foreign errors end here."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from gateway.lapor import outcomes
from gateway.lapor.errors import OutcomeUnknown, Refused, Unavailable
from gateway.lapor.pace import Pace
from gateway.lapor_settings import LaporSettings

_IDLE_SECONDS = 2.0
"""Shorter than servers' own: a connection that the server closes under a request leaves the report in doubt."""


class Wire:
    """The way to one LAPOR. It may be used by several threads. Paths are below the configured `base_url`."""

    def __init__(self, settings: LaporSettings, stop: threading.Event, headers: Mapping[str, str]) -> None:
        self.where = f"LAPOR at {settings.base_url}"
        self._base_url = settings.base_url
        self._timeout = settings.timeout.total_seconds()
        self._headers = headers
        self._pace = Pace(settings.rate, stop)
        self._local = threading.local()
        self._clients: list[httpx.Client] = []
        self._lock = threading.Lock()
        self._requests = 0
        self._tls = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)

    def file(
        self,
        path: str,
        *,
        read_errors: Callable[[httpx.Response], outcomes.FieldErrors] = outcomes.field_errors,
        **content: Any,
    ) -> httpx.Response:
        """Post something that must not happen twice: only an attempt that reached nobody is repeated.

        Returns an answer that may hold a receipt. Raises LaporError for any other end; `read_errors` reads the
        profile's own texts out of a refusal.
        """
        try:
            response = _FILING(self._request, "POST", path, **content)
        except httpx.TransportError as error:
            raise outcomes.broken(error, self.where) from None
        except httpx.InvalidURL:
            raise self._wrong_address() from None
        except httpx.HTTPError as error:
            raise OutcomeUnknown("no_answer", f"{self.where} broke off ({type(error).__name__})") from None
        refusal = outcomes.filing_error(response, self.where, datetime.now(UTC), read_errors)
        if refusal is not None:
            raise refusal
        return response

    def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        """Send a request that only reads, up to three times. Raises LaporError where no answer came."""
        try:
            return _READING(self._request, method, path, **content)
        except httpx.InvalidURL:
            raise self._wrong_address() from None
        except httpx.HTTPError as error:
            text = f"{self.where} does not answer ({type(error).__name__})"
            raise Unavailable("no_connection", text) from None

    def checked(self, response: httpx.Response) -> httpx.Response:
        """The answer to a question, if it is one. Raises LaporError."""
        error = outcomes.reading_error(response, self.where, datetime.now(UTC))
        if error is not None:
            raise error
        return response

    def requests_made(self) -> int:
        return self._requests

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _wrong_address(self) -> Refused:
        return Refused("wrong_address", f"{self.where} is no address; check [lapor] base_url and paths")

    def _request(self, method: str, path: str, **content: Any) -> httpx.Response:
        if not self._pace.wait():
            raise Unavailable("stopped", "the gateway is stopping")
        with self._lock:
            self._requests += 1
        client = self._client()
        request = client.build_request(method, self._base_url + path, **content)
        # Joined to one piece: httpx would write a form's body in dozens of small ones.
        request.read()
        return client.send(request)

    def _client(self) -> httpx.Client:
        client: httpx.Client | None = getattr(self._local, "client", None)
        if client is None:
            client = httpx.Client(
                timeout=self._timeout,
                headers=self._headers,
                verify=self._tls,
                limits=httpx.Limits(keepalive_expiry=_IDLE_SECONDS),
            )
            self._local.client = client
            with self._lock:
                self._clients.append(client)
        return client


def _retrying(again: Callable[[BaseException], bool]) -> Retrying:
    """Up to three attempts within seconds; it keeps nothing between calls, so all threads may share it."""
    return Retrying(
        retry=retry_if_exception(again),
        stop=stop_after_attempt(3),
        wait=wait_random_exponential(multiplier=0.2, max=2),
        reraise=True,
    )


_FILING = _retrying(outcomes.not_connected)
_READING = _retrying(lambda error: isinstance(error, httpx.TransportError))
