"""Which way does a request take through the mock server?"""

from datetime import timedelta
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive

from gateway.lapor.mock.answers import HangUp, answer_message
from gateway.lapor.mock.control import Control
from gateway.lapor.mock.faults import Fault, Faults
from gateway.lapor.mock.form import FormError
from gateway.lapor.mock.intake import InvalidError
from gateway.lapor.mock.legacy import ProfileLegacy
from gateway.lapor.mock.mishaps import MISHAPS, Struck
from gateway.lapor.mock.site import DEFAULT_TOKEN, Ask, Call, Site
from gateway.lapor.mock.v3 import ProfileV3, error_answer, not_found
from gateway.lapor.mock.world import UnknownComplaintError, World

LARGEST_BODY = 64 * 1024 * 1024
ANYTHING_ELSE = "/{path:path}"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class BodyTooLargeError(Exception):
    """The body is longer than LARGEST_BODY; it was read to its end, or the client would never see the answer."""


class ClientGoneError(Exception):
    """The client hung up before its body was complete."""


def create_app(world: World, faults: Faults, token: str = DEFAULT_TOKEN) -> Starlette:
    """Return the mock server over a world: profiles v3 and legacy with `token`, and the control calls under /_mock/."""
    site = Site(world, faults, token)
    served = [Gate(site, call).route() for call in (*ProfileV3(site).calls(), *ProfileLegacy(site).calls())]
    lost = [Gate(site, Call(method, ANYTHING_ELSE, lambda _: not_found())).route() for method in METHODS]
    return Starlette(routes=[*served, *Control(site).routes(), *lost])


class Gate:
    """Leads every request to one call through body limit, faults, token and error answers, and counts its outcome."""

    def __init__(self, site: Site, call: Call) -> None:
        self._site = site
        self._call = call

    def route(self) -> Route:
        return Route(self._call.path, self._answer, methods=[self._call.method])

    async def _answer(self, request: Request) -> Response:
        try:
            body = await read_body(request.receive)
        except BodyTooLargeError:
            return self._count("413", answer_message("Ukuran data terlalu besar.", 413))
        except ClientGoneError:
            return self._count("gone", HangUp())
        fault = self._site.faults.strike(self._call.method, request.scope["path"])
        if fault is None:
            answer = self._proceed(request, body, timedelta())
            return self._count(str(answer.status_code), answer)
        return await self._spoil(fault, request, body)

    async def _spoil(self, fault: Fault, request: Request, body: bytes) -> Response:
        # Counted before it is played out: a fault may keep the request for minutes.
        self._site.tally[self._call.label, fault.name] += 1
        return await MISHAPS[fault.name](Struck(fault, request, partial(self._proceed, request, body)))

    def _proceed(self, request: Request, body: bytes, delay: timedelta) -> Response:
        ask = Ask(request, body, delay)
        if self._call.token(ask) != self._site.token:
            return answer_message("Token tidak sah.", 401)
        try:
            return self._call.endpoint(ask)
        except InvalidError as error:
            return error_answer(error)
        except FormError:
            return error_answer(InvalidError({}))
        except UnknownComplaintError:
            return not_found()

    def _count(self, outcome: str, answer: Response) -> Response:
        self._site.tally[self._call.label, outcome] += 1
        return answer


async def read_body(receive: Receive) -> bytes:
    """Return the whole body; raises BodyTooLargeError or ClientGoneError."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        size += len(message["body"])
        if size <= LARGEST_BODY:
            chunks.append(message["body"])
        if not message["more_body"]:
            break
    if size > LARGEST_BODY:
        raise BodyTooLargeError
    return b"".join(chunks)
