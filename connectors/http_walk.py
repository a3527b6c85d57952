"""Which records does a portal's list hold, and did its pages stand still while they were read?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.contract import Misconfigured, Problem
from connectors.http_fields import fields_of, version_of
from connectors.http_json import MISSING, at
from connectors.http_options import HttpOptions
from connectors.http_pages import Page, Pages, Position

_WALKS = 3
_KEPT_BYTES = 32_000_000
"""Of so many bytes the items are kept for reading; more are asked for again."""
_SHOWN = 20


@dataclass(slots=True)
class Found:
    """What one walk over all pages found."""

    versions: dict[str, str | None] = field(default_factory=dict)
    """By key; None where several differing items have it."""
    items: dict[str, bytes] = field(default_factory=dict)
    """By key, as JSON, as far as there is room."""
    etags: list[tuple[Position, str]] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    """Of the pages that hold anything."""
    totals: list[int] = field(default_factory=list)
    """What pages say the number of all items is."""
    sizes: list[int] = field(default_factory=list)
    """How many items those pages have."""
    count: int = 0
    """Items on all pages, each as often as it is there."""
    names: Counter[str] = field(default_factory=Counter)
    """In how many items each field is."""
    without_key: list[int] = field(default_factory=list)
    """Their places in the list, from 1."""
    cut: bool = False
    sure: bool = False
    """All that the list holds is here."""
    room: int = field(default_factory=lambda: _KEPT_BYTES)
    """Bytes that may still be kept."""

    @property
    def repeated(self) -> Sequence[str]:
        """Keys that several differing items have."""
        return [key for key, version in self.versions.items() if version is None]

    def item(self, key: str) -> Mapping[str, Any] | None:
        """The kept item; None where there was no room, or no such."""
        packed = self.items.get(key)
        item: Mapping[str, Any] | None = json.loads(packed) if packed is not None else None
        return item


def walk(pages: Pages, options: HttpOptions, begun: Page | None, *, known: bool) -> Found:
    """Everything in the list, read again where it moved meanwhile. Raises ConnectorError.

    `begun` is the first page, if it is there already. Without `known`, the channel's first round, a list that does not
    tell its length is read twice: what is missed then would later pass for new.
    """
    before: Found | None = None
    for _ in range(_WALKS):
        found = _walked(pages, options, begun)
        begun = None
        found.sure = _is_sure(found, before, pages, options, known=known)
        if found.sure or (options.paging == "none") or found.cut:
            return found
        if before is not None:
            found.versions = {**before.versions, **found.versions}
            found.items = {**before.items, **found.items}
        before = found
    return found


def problems_of(found: Found, where: str) -> Sequence[Problem]:
    """What people must know of the list: items that could not be told apart, and whether some may be missing."""
    repeated = [Problem(f"key {key}", "key_not_unique") for key in found.repeated[:_SHOWN]]
    keyless = found.without_key
    shown = ", ".join(str(place) for place in keyless[:10]) + (", …" if len(keyless) > 10 else "")
    lacking = [Problem(where, "row_without_key", f"items {shown}")] if keyless else []
    return [*repeated, *lacking, *([] if found.sure else [Problem(where, "list_incomplete", _why(found))])]


def _walked(pages: Pages, options: HttpOptions, begun: Page | None) -> Found:
    found = Found()
    for page in pages.all(begun):
        if not found.etags:
            _require(page, options)
        _absorb(found, page, options)
    if len(found.marks) > 1 and found.totals and found.totals == found.sizes:
        raise Misconfigured(f"{options.total} counts the items of one page, not of the whole list; leave out `total`")
    return found


def _absorb(found: Found, page: Page, options: HttpOptions) -> None:
    found.etags.append((page.position, page.etag))
    found.marks += [page.mark] if page.items else []
    if page.total is not None and page.items:
        found.totals.append(page.total)
        found.sizes.append(len(page.items))
    found.cut = page.cut
    for item, key in zip(page.items, page.keys, strict=True):
        found.count += 1
        if key is None:
            found.without_key.append(found.count)
            continue
        found.names.update(list(fields_of(item, options)))
        version = version_of(item, options)
        if found.versions.setdefault(key, version) != version:
            found.versions[key] = None
        _keep(found, key, item)


def _keep(found: Found, key: str, item: Mapping[str, Any]) -> None:
    packed = json.dumps(item).encode()
    if key not in found.items and len(packed) <= found.room:
        found.items[key] = packed
        found.room -= len(packed)


def _require(page: Page, options: HttpOptions) -> None:
    """Raise Misconfigured where no item has what tells records apart, or their versions."""
    objects = [item for item in page.items if isinstance(item, dict)]
    if page.items and not objects:
        raise Misconfigured(f"the list at {options.items or 'the top'} holds no objects")
    for path in [*options.naming, *([options.updated] if options.updated else [])]:
        if objects and all(at(item, path) is MISSING for item in objects):
            names = ", ".join(sorted({name for item in objects[:20] for name in item})[:40])
            raise Misconfigured(f"no item has {path}; items have: {names}")


def _is_sure(found: Found, before: Found | None, pages: Pages, options: HttpOptions, *, known: bool) -> bool:
    """Whether the pages can be taken for the whole list, as it was at one moment."""
    if found.cut:
        return False
    if options.paging in ("none", "cursor"):
        return not found.totals or found.count >= found.totals[0]
    if found.totals and not found.totals[0] == found.totals[-1] == found.count:
        return False
    if len(found.marks) < 2:
        return True
    if before is not None and found.marks == before.marks:
        return True
    # Page numbers name other items as soon as one comes or goes: a first page that is still the same is a good sign.
    return (known or bool(found.totals)) and _stands(found, pages)


def _stands(found: Found, pages: Pages) -> bool:
    position, etag = found.etags[0]
    page = pages.at(position, etag)
    return page is None or page.mark == found.marks[0]


def _why(found: Found) -> str:
    if found.cut:
        return "the full page names no next one: is `next` right?"
    total = f"{found.count} items of {found.totals[-1]}" if found.totals else f"{found.count} items"
    return f"{total}; it changed meanwhile, or its pages are not what the options say"
