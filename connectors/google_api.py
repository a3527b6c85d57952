"""How is the Sheets API asked, with a token that the service account gets for itself?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from connectors.contract import Misconfigured, Unreachable
from connectors.exchange import Exchange, Reply, host
from connectors.google_account import ServiceAccount
from connectors.google_refusal import Busy, api_refusal, busy, json_of, token_refusal

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_MOST_BYTES = 100_000_000
_ATTEMPTS = 3
_LONGEST_WAIT = 5.0
"""Seconds; who is to wait longer waits for the next round."""
_SPARE = 120
"""Seconds before its end in which a token is no longer used."""
_backoff = wait_random_exponential(multiplier=0.5, max=2.0)


class SheetsApi:
    """Asks on behalf of one account. One object serves one round; close it after."""

    def __init__(
        self,
        account: ServiceAccount,
        endpoint: str,
        timeout: float,
        ca_file: Path | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`timeout` in seconds for each wait; `clock` gives seconds since 1970."""
        self._account = account
        self._endpoint = endpoint.rstrip("/")
        self._exchange = Exchange(timeout, _MOST_BYTES, ca_file)
        self._sleep = sleep
        self._clock = clock
        self._token = ""
        self._until = 0.0

    def get(self, path: str, params: Mapping[str, str]) -> Mapping[str, object]:
        """The object at a path below the endpoint. Raises Unreachable or Misconfigured."""
        retrying = Retrying(
            retry=retry_if_exception_type(Busy),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=_wait,
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(self._ask, path, params)

    def close(self) -> None:
        """Let go of connections, and of the token."""
        self._token = ""
        self._exchange.close()

    def _ask(self, path: str, params: Mapping[str, str]) -> Mapping[str, object]:
        where = host(self._endpoint)
        reply = self._authorised(path, params)
        if reply.status == 401:
            # A token can be taken back before its time; a fresh one settles whether it is that.
            self._token = ""
            reply = self._authorised(path, params)
        if reply.fails:
            raise busy(reply, where)
        if reply.status != 200:
            raise api_refusal(reply, self._account)
        return json_of(reply, where)

    def _authorised(self, path: str, params: Mapping[str, str]) -> Reply:
        headers = {"Authorization": f"Bearer {self._bearer()}"}
        return self._exchange.get(f"{self._endpoint}{path}", headers, params)

    def _bearer(self) -> str:
        if not self._token or self._clock() > self._until:
            now = self._clock()
            answer = self._granted(now)
            token, lifetime = answer.get("access_token"), answer.get("expires_in")
            if not (isinstance(token, str) and token.isascii() and token.isprintable()):
                raise Misconfigured(f"{host(self._account.token_uri)} answers without a token")
            self._token = token
            self._until = now + (lifetime if isinstance(lifetime, int | float) else 0) - _SPARE
        return self._token

    def _granted(self, now: float) -> Mapping[str, object]:
        where = host(self._account.token_uri)
        form = {"grant_type": _GRANT, "assertion": self._account.assertion(now)}
        reply = self._exchange.post(self._account.token_uri, form)
        if reply.fails:
            raise busy(reply, where)
        if reply.status != 200:
            raise token_refusal(reply, self._account, now)
        return json_of(reply, where)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    named = error.wait if isinstance(error, Busy) else None
    if named is not None and named > _LONGEST_WAIT:
        raise Unreachable(f"{error}; it asks for {named:.0f} s of patience") from None
    return named if named is not None else _backoff(state)
