"""What exactly does one answer say? The stored news, the report and the channel's templates put together."""

from __future__ import annotations

from typing import Any

from connectors.contract import Answer, News
from gateway.answers.settings import AnswerSettings
from gateway.answers.words import long_date, tell
from gateway.config import Config
from state.answers import Due


def written(due: Due, previous: str | None, settings: AnswerSettings, config: Config) -> Answer:
    """The answer in words. Raises BadTemplate where the channel's own template cannot be rendered."""
    secret = due.values.get("is_secret") is not False
    url = config.lapor.public_url.format(tracking_id=due.tracking_id) if due.tracking_id and not secret else None
    told = tell(settings, News(due.news), _facts(due, url, config), secret=secret)
    return Answer(
        id=due.token,
        news=News(due.news),
        key=due.key,
        locator=due.locator,
        fields=due.fields,
        tracking_id=due.tracking_id,
        status=str(due.facts.get("status") or ""),
        status_text=str(due.facts.get("status_text") or ""),
        previous=previous,
        at=due.at.astimezone(config.gateway.timezone),
        url=url,
        subject=told.subject,
        text=told.text,
        words="" if secret else str(due.facts.get("words") or due.facts.get("reason") or ""),
        responder="" if secret else str(due.facts.get("responder") or ""),
        secret=secret,
        to=str(due.values["reporter_email"]) if due.values.get("reporter_email") else None,
    )


def _facts(due: Due, url: str | None, config: Config) -> dict[str, Any]:
    facts = due.facts
    return {
        "nama": due.values.get("reporter_name") or "",
        "nomor": due.tracking_id or "",
        "tautan": url or "",
        "status": facts.get("status_text") or "",
        "pesan": facts.get("words") or "",
        "penanggap": facts.get("responder") or "",
        "tanggal": long_date(due.at.astimezone(config.gateway.timezone)),
        "alasan": facts.get("reason") or "",
        "ditutup_oleh": facts.get("closed_by") or "",
        "anonim": due.values.get("is_anonymous") is not False,
        "lewat_surat": due.carrier == "mail",
    }
