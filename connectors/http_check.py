"""What should an admin know of a portal's list before its channel runs?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.contract import Finding
from connectors.http_fields import fields_of
from connectors.http_json import MISSING, at
from connectors.http_options import HttpOptions
from connectors.http_walk import Found

_SHOWN = 60


def of_list(found: Found, options: HttpOptions) -> Sequence[Finding]:
    """How many items there are, on which pages, and whether their keys tell them apart."""
    names = sorted(found.names)
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    findings = [_good(f"{len(found.versions)} items with fields {shown or '(none yet)'}"), _pages(found, options)]
    if found.repeated:
        findings.append(
            _bad(f"the key {', '.join(options.key)} names several items in {len(found.repeated)} cases; they would mix")
        )
    if found.without_key:
        findings.append(_bad(f"{len(found.without_key)} items lack the key {', '.join(options.naming)}"))
    nowhere = [path for name, path in options.fields.items() if found.versions and not found.names[name]]
    if nowhere and options.detail is None:
        findings.append(_bad(f"no item has {', '.join(nowhere)}, which `fields` names"))
    return findings


def of_item(item: Mapping[str, Any], options: HttpOptions) -> Sequence[Finding]:
    """What one item says with its own address asked."""
    if options.detail is None:
        return []
    nowhere = [path for path in options.fields.values() if at(item, path) is MISSING]
    if nowhere:
        return [_bad(f"neither the list nor `detail` has {', '.join(nowhere)}, which `fields` names")]
    return [_good(f"with `detail` an item has the fields {', '.join(sorted(fields_of(item, options)))}")]


def of_file(problems: Iterable[str | None]) -> Sequence[Finding]:
    """Whether a file of the list can be fetched."""
    return [
        _good("a file of the list can be fetched") if why is None else _bad(f"a file of the list cannot be had: {why}")
        for why in problems
    ]


def _pages(found: Found, options: HttpOptions) -> Finding:
    total = f"; the list counts {found.totals[-1]}" if found.totals else ""
    paged = f"{len(found.marks)} page(s) by {options.parameter}" if options.paging != "none" else "one page"
    etags = "; with ETags a round with nothing new costs a small request a page" if _all_etags(found) else ""
    if not found.sure:
        return _bad(f"{paged}, {found.count} items{total}: some are missing; look at `paging`, `next` and `page_size`")
    return _good(f"{paged}{total}{etags}")


def _all_etags(found: Found) -> bool:
    return bool(found.etags) and all(etag for _, etag in found.etags)


def _good(text: str) -> Finding:
    return Finding(ok=True, text=text)


def _bad(text: str) -> Finding:
    return Finding(ok=False, text=text)
