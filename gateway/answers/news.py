"""Which events of a report are news for the citizen, and which facts belong to them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.contract import News
from gateway.lapor.statuses import Status
from state.tracking import by_the_reporter

_OF_STATUS = {
    Status.CLOSED: News.CLOSED,
    Status.ARCHIVED: News.ARCHIVED,
    Status.PENDING: News.NEED_INFO,
}
_ENDINGS = ("oleh sistem", "oleh pelapor")


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a report, with what LAPOR says of the report now."""

    kind: str
    at: datetime
    detail: Mapping[str, Any]
    status: str
    """Canonical, as of the latest news."""
    status_text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of news. `key` names it for ever within its report: a restored state makes the same one again."""

    key: str
    news: News
    at: datetime
    facts: Mapping[str, Any]


def pieces(happened: Happened, follow_ups: Mapping[int, Mapping[str, Any]]) -> Iterator[Piece]:
    """The news in an event; `follow_ups` are those that it names, by id (date, responder, text, digest, ordinal)."""
    status = {"status": happened.status, "status_text": happened.status_text}
    match happened.kind:
        case "queued" | "held":
            yield Piece("received", News.RECEIVED, happened.at, {})
        case "accepted" | "adopted":
            yield Piece("forwarded", News.FORWARDED, happened.at, status)
        case "dropped":
            yield Piece("not_forwarded", News.NOT_FORWARDED, happened.at, {"reason": happened.detail.get("why", "")})
        case "follow_up":
            yield from _follow_ups(happened, status, follow_ups)
        case "status":
            yield _status(happened)


def _follow_ups(
    happened: Happened, status: Mapping[str, str], follow_ups: Mapping[int, Mapping[str, Any]]
) -> Iterator[Piece]:
    """The agency's alone: the reporter's own replies come back with the external_id that they were posted with."""
    for number in happened.detail.get("ids", ()):
        item = follow_ups.get(number)
        if item is None or by_the_reporter(item["external_id"], item["responder"]):
            continue
        key = f"follow_up:{item['digest'][:32]}:{item['ordinal']}"
        facts = {**status, "words": item["text"], "responder": item["responder"]}
        yield Piece(key, News.FOLLOW_UP, _moment(item["date"]) or happened.at, facts)


def _status(happened: Happened) -> Piece:
    detail = happened.detail
    canonical, raw = str(detail.get("canonical", "")), str(detail.get("status", ""))
    news = _OF_STATUS.get(Status(canonical), News.STATUS) if canonical in list(Status) else News.STATUS
    changed = detail.get("at")
    at = _moment(str(changed)) or happened.at
    facts = {"status": canonical, "status_text": raw, "closed_by": _closed_by(raw)}
    if news in {News.NEED_INFO, News.ARCHIVED}:
        facts["reason"] = str(detail.get("reason") or "")
    return Piece(f"{news}:{canonical}:{at.isoformat()}", news, at, facts)


def _closed_by(raw: str) -> str:
    """Who closed it, of `Ditutup oleh …`: said honestly, for "by the system" is not "solved"."""
    text = " ".join(raw.split()).casefold()
    return next((ending.removeprefix("oleh ") for ending in _ENDINGS if text.endswith(ending)), "instansi")


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
