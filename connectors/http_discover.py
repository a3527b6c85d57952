"""Which lists are in a portal's answer, what do their items say, and how does the next page come?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from connectors import discovery
from connectors.contract import ChannelContext, Misconfigured, Scalar
from connectors.discovery import SAMPLE_ROWS, Column, Discovery, Place, Question
from connectors.http_fields import fields_of
from connectors.http_json import kind_of, parsed
from connectors.http_options import HttpOptions
from connectors.options import ConfigPath, Secret
from connectors.web import Web, place

_DEEPEST = 4
_NEXT = (
    "next_page_url",
    "links.next",
    "next",
    "next_page",
    "next_cursor",
    "meta.next_cursor",
    "meta.next",
    "paging.next",
)
_TOTALS = ("total", "meta.total", "count", "total_count", "jumlah", "paging.total")
_PAGES = ("current_page", "page", "meta.current_page", "halaman")
_LASTS = ("last_page", "total_pages", "meta.last_page", "total_halaman")


class HttpAccess(discovery.Access):
    """What suffices to ask a portal once."""

    url: str
    token: Secret | None = None
    token_header: str = "Authorization"
    token_prefix: str = "Bearer "
    token_parameter: str | None = None
    headers: Mapping[str, str] = Field(default_factory=dict)
    ca_file: ConfigPath | None = None
    timeout: float = 30.0


class HttpDiscoverer:
    """Asks for the list once and looks for the items in the answer."""

    Access: ClassVar[type[BaseModel]] = HttpAccess
    source: ClassVar[str] = "Website"
    questions: ClassVar[Sequence[Question]] = (
        Question("url", "What is the address of the list, such as https://portal.contoh.go.id/api/pengaduan?"),
        Question("token", "A token that it wants; Enter for none", "", hidden=True),
        Question("token_header", "In which header does the token go? Without one, Enter", "Authorization"),
        Question("ca_file", "A file with your own certificate authority? Enter for none", ""),
    )

    def options(self, answers: Mapping[str, str]) -> dict[str, object]:
        options: dict[str, object] = {name: answers[name] for name in ("url", "token", "ca_file") if answers.get(name)}
        if answers.get("token") and answers["token_header"].casefold() != "authorization":
            options |= {"token_header": answers["token_header"], "token_prefix": ""}
        return options

    def discover(self, access: HttpAccess, channel: ChannelContext) -> Discovery:
        # No key is known yet; any will do to read an item's fields.
        options = HttpOptions.model_validate({**access.model_dump(), "key": ["id"]})
        web = Web(access.timeout, options.max_bytes, access.headers, access.ca_file)
        headers, secret = _credentials(access)
        try:
            answer = parsed(web.get(access.url, {"Accept": "application/json", **headers}, secret), access.url)
        finally:
            web.close()
        places = [_place(path, items, answer, options) for path, items in _lists(answer, ())]
        if not places:
            raise Misconfigured(
                f"{place(access.url)} answers with {kind_of(answer)} in which there is no list of items"
            )
        return Discovery(sorted(places, key=lambda one: -(one.count or 0)))


def _credentials(access: HttpAccess) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Headers and parameters that hold the token."""
    if access.token is None:
        return {}, {}
    token = access.token.get_secret_value()
    if access.token_parameter:
        return {}, {access.token_parameter: token}
    return {access.token_header: f"{access.token_prefix}{token}"}, {}


def _lists(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    """Lists of objects with their paths; lists within items are not looked for."""
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        yield ".".join(path), value
    elif isinstance(value, dict) and len(path) < _DEEPEST:
        for name, inner in value.items():
            yield from _lists(inner, (*path, str(name)))


def _place(path: str, items: Sequence[Mapping[str, Any]], answer: Any, options: HttpOptions) -> Place:
    rows = [fields_of(item, options) for item in items[:SAMPLE_ROWS]]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    own = [name for name in columns if name in items[0] and not isinstance(items[0][name], list | dict)]
    paging, note = _paging(answer, len(items))
    chosen: dict[str, object] = {**({"items": path} if path else {}), **paging}
    shown = [Column(name, _kind(rows, name)) for name in columns]
    key = discovery.unique_key(own, rows)
    return Place(path or "the answer itself", chosen, len(items), shown, key, rows=rows, note=note)


def _kind(rows: Sequence[Mapping[str, Scalar]], name: str) -> str:
    return next((kind_of(row[name]) for row in rows if row.get(name) is not None), "")


def _paging(answer: Any, here: int) -> tuple[dict[str, object], str]:
    """Options for the further pages, as far as the answer tells of them, and what to look at."""
    if not isinstance(answer, dict):
        return {}, "no sign of further pages"
    found: dict[str, object] = {}
    total = next((path for path in _TOTALS if isinstance(_at(answer, path), int)), None)
    if total:
        found["total"] = total
    following = next((path for path in _NEXT if _has(answer, path)), None)
    if following:
        return {"paging": "cursor", "next": following, **found}, f"the next page stands at {following}"
    page = next((path for path in _PAGES if _has(answer, path)), None)
    last = next((path for path in _LASTS if _has(answer, path)), None)
    if page and last:
        return {"paging": "page", **found}, "pages by number, in the parameter `page`: see docs/http.md"
    more = total is not None and int(_at(answer, total)) > here
    note = "there are more than this page; say how to page: docs/http.md" if more else "no sign of further pages"
    return found, note


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _has(value: Any, path: str) -> bool:
    outer, _, name = path.rpartition(".")
    inner = _at(value, outer) if outer else value
    return isinstance(inner, dict) and name in inner and not isinstance(inner[name], list | dict)
