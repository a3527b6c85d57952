"""How does a test or a person steer the mock while it runs?"""

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.lapor.mock.answers import answer_json, answer_message
from gateway.lapor.mock.clock import add_working_days, iso, parse_span
from gateway.lapor.mock.complaint import dump
from gateway.lapor.mock.course import Life
from gateway.lapor.mock.site import Site, Switch
from gateway.lapor.mock.spelling import known_as
from gateway.lapor.mock.v3 import not_found
from gateway.lapor.mock.world import Instant, UnknownComplaintError

PREFIX = "/_mock"
Handler = Callable[[Request], Awaitable[object]]


class Control:
    """The calls under /_mock/, without a token; what they refuse is 422 `{"message"}`."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        return [
            _route("GET", "/health", self._health),
            _route("POST", "/clock", self._advance),
            _route("GET", "/faults", self._show_faults),
            _route("POST", "/faults", self._switch_on),
            _route("DELETE", "/faults", self._switch_off),
            _route("DELETE", "/faults/{name}", self._switch_off),
            _route("GET", "/switches", self._show_switches),
            _route("POST", "/switches", self._switch),
            _route("GET", "/complaints", self._complaints),
            _route("POST", "/complaints/{tracking_id}/actions", self._act),
            _route("GET", "/counts", self._counts),
            _route("GET", "/requests", self._requests),
            _route("DELETE", "/requests", self._forget_requests),
        ]

    async def _health(self, _: Request) -> object:
        return {"status": "ok", "now": iso(self._site.world.clock.now())}

    async def _advance(self, request: Request) -> object:
        wanted = await _json(request)
        world = self._site.world
        if "working_days" in wanted:
            now = world.clock.now()
            span = add_working_days(now, int(wanted["working_days"])) - now
        else:
            span = parse_span(str(wanted.get("advance", "")))
        return {"now": iso(world.advance(span))}

    async def _show_faults(self, _: Request) -> object:
        return {"data": self._site.faults.active()}

    async def _switch_on(self, request: Request) -> object:
        for name, settings in (await _json(request)).items():
            self._site.faults.switch_on(name, _mapping(settings))
        return await self._show_faults(request)

    async def _switch_off(self, request: Request) -> object:
        name = request.path_params.get("name")
        if name is None:
            self._site.faults.clear()
        else:
            self._site.faults.switch_off(name)
        return await self._show_faults(request)

    async def _show_switches(self, _: Request) -> object:
        return {"life": self._site.world.mode.value} | {one.value: one in self._site.switches for one in Switch}

    async def _switch(self, request: Request) -> object:
        wanted = await _json(request)
        for name in wanted:
            known_as(name, ["life", *(one.value for one in Switch)])
        if "life" in wanted:
            self._site.world.live(Life(known_as(str(wanted.pop("life")), [one.value for one in Life])))
        for name, on in wanted.items():
            (self._site.switches.add if on else self._site.switches.discard)(Switch(name))
        return await self._show_switches(request)

    async def _complaints(self, _: Request) -> object:
        return {"data": self._site.world.everything()}

    async def _act(self, request: Request) -> object:
        params = {name: str(value) for name, value in (await _json(request)).items()}
        action = params.pop("action", "")
        instant = Instant(known_as(params.pop("instant", "own"), [one.value for one in Instant]))
        return dump(self._site.world.act(request.path_params["tracking_id"], action, params, instant))

    async def _counts(self, _: Request) -> object:
        return self._site.world.counts()

    async def _requests(self, _: Request) -> object:
        calls: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for (label, outcome), number in self._site.tally.items():
            calls[label][outcome] = number
        return calls

    async def _forget_requests(self, _: Request) -> object:
        self._site.tally.clear()
        return {}


def _route(method: str, path: str, handler: Handler) -> Route:
    async def answer(request: Request) -> Response:
        try:
            return answer_json(await handler(request), 200)
        except UnknownComplaintError:
            return not_found()
        except ValueError as error:
            return answer_message(str(error), 422)

    return Route(PREFIX + path, answer, methods=[method])


async def _json(request: Request) -> dict[str, Any]:
    return _mapping(json.loads(await request.body() or b"{}"))


def _mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("send a JSON object")
    return value
