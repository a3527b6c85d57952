"""`unanswered` and `answered`: news that a person must bring to a citizen. In Indonesian."""

from __future__ import annotations

import getpass
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import typer

from gateway import texts
from gateway.answers.settings import AnswerSettings
from gateway.answers.words import BadTemplate
from gateway.answers.writing import written
from gateway.cli import printing
from gateway.cli.exits import Exit
from gateway.config import Config, load
from gateway.desk import utc_now
from gateway.work import open_store
from state import answers, replies
from state.answers import Due, UnknownAnswer
from state.replies import UnknownReply


def unanswered(path: Path, channel: str | None, *, reveal: bool, as_json: bool) -> None:
    """Answers that no carrier could bring, with the ready text and a WhatsApp link where a phone number is known."""
    config = load(path)
    printing.refuse_unknown_channel(config, channel)
    store = open_store(config)
    with store.read() as tx:
        found = [_shown(config, due, reveal=reveal) for due in answers.unanswered(tx, channel)]
    store.close()
    if as_json:
        printing.as_json(found)
        return
    if not found:
        printing.line("Tidak ada jawaban yang menunggu petugas.")
        return
    for item in found:
        _print(item)
    printing.line("Setelah pelapor diberi tahu: answered NO.")
    if not reveal:
        printing.line("Nama, nomor telepon, dan isi jawaban: unanswered --reveal")


def answered(path: Path, answer_id: int) -> None:
    """Note that a person has told the citizen."""
    store = open_store(load(path))
    try:
        with store.begin() as tx:
            answers.told(tx, answer_id, getpass.getuser(), utc_now())
    except UnknownAnswer:
        typer.echo(f"Tidak ada jawaban nomor {answer_id} yang menunggu petugas.", err=True)
        raise typer.Exit(Exit.FAILED) from None
    finally:
        store.close()
    printing.line(f"Jawaban {answer_id} tercatat telah disampaikan.")


def replied(path: Path, record_id: int) -> None:
    """Note that a person has brought a citizen's reply to LAPOR."""
    store = open_store(load(path))
    try:
        with store.begin() as tx:
            replies.brought(tx, record_id, getpass.getuser(), utc_now())
    except UnknownReply:
        typer.echo(f"Tidak ada balasan nomor {record_id} yang menunggu petugas.", err=True)
        raise typer.Exit(Exit.FAILED) from None
    finally:
        store.close()
    printing.line(f"Balasan {record_id} tercatat telah diteruskan.")


def whatsapp_link(phone: str, text: str) -> str | None:
    """A link that opens WhatsApp with the text ready; None for a number that is no Indonesian mobile one."""
    digits = re.sub(r"[^0-9]", "", phone)
    number = "62" + digits[1:] if digits.startswith("0") else digits
    return f"https://wa.me/{number}?text={quote(text)}" if re.fullmatch(r"628[0-9]{7,12}", number) else None


def _shown(config: Config, due: Due, *, reveal: bool) -> Mapping[str, Any]:
    phone = str(due.values.get("reporter_phone") or "")
    text = _text(config, due)
    known = {
        "reporter_name": str(due.values.get("reporter_name") or ""),
        "reporter_phone": phone,
        "text": text,
        "whatsapp": whatsapp_link(phone, text),
    }
    return {
        "id": due.id,
        "report": due.report_id,
        "channel": due.channel,
        "news": due.news,
        "at": due.at.astimezone(config.gateway.timezone),
        "tracking_id": due.tracking_id,
        "reason": due.code,
        **(known if reveal else {}),
    }


def _text(config: Config, due: Due) -> str:
    settings = _settings(config, due.channel)
    try:
        return written(due, None, settings, config).text
    except BadTemplate as error:
        return f"({error})"


def _settings(config: Config, name: str) -> AnswerSettings:
    """The channel's own; a channel that answers no more has still its old answers to be brought."""
    found = next((channel.settings.answers for channel in config.channels if channel.name == name), None)
    return found or AnswerSettings(agency=name)


def _print(item: Mapping[str, Any]) -> None:
    news = texts.NEWS.get(item["news"], item["news"])
    why = texts.in_indonesian({"code": item["reason"]})
    number = f", LAPOR {item['tracking_id']}" if item["tracking_id"] else ""
    printing.line(f"── {item['id']}: {news} · laporan {item['report']} ({item['channel']}{number}) · {why}")
    if "text" in item:
        printing.line(f"   Kepada: {item['reporter_name']} {item['reporter_phone']}".rstrip())
        for line in str(item["text"]).splitlines():
            printing.line(f"   {line}".rstrip())
        if item["whatsapp"]:
            printing.line(f"   {item['whatsapp']}")
