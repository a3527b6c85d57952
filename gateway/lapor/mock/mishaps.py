"""What does each fault do to the request it strikes?"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from math import ceil
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway.lapor.mock.answers import Dribble, HangUp, answer_message, answer_page, linger
from gateway.lapor.mock.faults import Fault

MAINTENANCE = "Situs sedang dalam pemeliharaan"


@dataclass(frozen=True)
class Struck:
    """A request that a fault has struck. `proceed` handles it as if nothing were wrong, committing after a delay."""

    fault: Fault
    request: Request
    proceed: Callable[[timedelta], Response]

    def at_once(self) -> Response:
        return self.proceed(timedelta())

    def later(self) -> Response:
        return self.proceed(timedelta(seconds=self.fault.number("commit_delay")))


async def _drop_before(_: Struck) -> Response:
    return HangUp()


async def _drop_after(call: Struck) -> Response:
    call.at_once()
    return HangUp()


async def _late_commit(call: Struck) -> Response:
    return call.later()


async def _timeout_commit(call: Struck) -> Response:
    call.later()
    await linger(call.request.receive, call.fault.number("hold"))
    # A client more patient than `hold` gets no answer either: it would tell what happened.
    return HangUp()


async def _error_commit(call: Struck) -> Response:
    call.at_once()
    return await _error(call)


async def _gateway_timeout(_: Struck) -> Response:
    return answer_page("504 Gateway Time-out", 504)


async def _gateway_timeout_commit(call: Struck) -> Response:
    call.later()
    return await _gateway_timeout(call)


async def _delay(call: Struck) -> Response:
    answer = call.at_once()
    await linger(call.request.receive, call.fault.number("delay"))
    return answer


async def _too_many(call: Struck) -> Response:
    answer = answer_message("Terlalu banyak permintaan.", 429)
    seconds = call.fault.number("retry_after")
    dated = call.fault.params["form"] == "date"
    # Real time, not the mock's: a client compares an HTTP date with its own clock.
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
    answer.headers["Retry-After"] = date if dated else str(ceil(seconds))
    return answer


async def _error(_: Struck) -> Response:
    return answer_message("Terjadi kesalahan pada server.", 500)


async def _unavailable(_: Struck) -> Response:
    return answer_page(MAINTENANCE, 503)


async def _truncated(call: Struck) -> Response:
    answer = call.at_once()
    body = bytes(answer.body)
    return Response(body[: len(body) // 2], answer.status_code, media_type=answer.media_type)


async def _wrong_type(call: Struck) -> Response:
    return HTMLResponse(bytes(answer_page("SP4N-LAPOR!", 200).body), call.at_once().status_code)


async def _slow_body(call: Struck) -> Response:
    return Dribble(call.at_once(), call.fault.number("seconds"))


async def _unknown_status(call: Struck) -> Response:
    answer = call.at_once()
    content = _with_status(json.loads(bytes(answer.body)), str(call.fault.params["status"]))
    return Response(json.dumps(content), answer.status_code, media_type=answer.media_type)


def _with_status(content: Any, status: str) -> Any:
    if isinstance(content, list):
        return [_with_status(one, status) for one in content]
    if isinstance(content, dict):
        return {name: status if name == "status" else _with_status(one, status) for name, one in content.items()}
    return content


async def _unauthorized(_: Struck) -> Response:
    return answer_message("Token tidak sah.", 401)


MISHAPS: Mapping[str, Callable[[Struck], Awaitable[Response]]] = {
    "drop_before": _drop_before,
    "drop_after": _drop_after,
    "late_commit": _late_commit,
    "timeout_commit": _timeout_commit,
    "error_commit": _error_commit,
    "gateway_timeout": _gateway_timeout,
    "gateway_timeout_commit": _gateway_timeout_commit,
    "delay": _delay,
    "too_many": _too_many,
    "error": _error,
    "unavailable": _unavailable,
    "truncated": _truncated,
    "wrong_type": _wrong_type,
    "slow_body": _slow_body,
    "unknown_status": _unknown_status,
    "unauthorized": _unauthorized,
    "maintenance": _unavailable,
}
