"""`status`, `log` and `show`: what operators look at. In Indonesian."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer

from gateway import texts
from gateway.attachments.reasons import CHANGES
from gateway.cli import joining, overdue, printing
from gateway.cli.exits import Exit
from gateway.config import Config, load
from gateway.desk import utc_now
from gateway.work import open_store
from state import views
from state.answers import AnswerStage
from state.targets import UNTIL_RESUMED
from state.views import ChannelStatus

_COLUMNS = (
    ("ditemukan", ("report", "ignored", "baseline", "reply", "joined")),
    ("diabaikan", ("ignored",)),
    ("sebelum mulai", ("baseline",)),
    ("antre", ("queued", "sending")),
    ("ditahan", ("held",)),
    ("di LAPOR", ("accepted",)),
    ("ditolak", ("rejected",)),
    ("belum pasti", ("in_doubt",)),
    ("tidak dikirim", ("dropped",)),
    ("ganda", ("joined",)),
)
_OUTCOMES = {"ok": "baik", "partial": "sebagian", "failed": "GAGAL"}


def status(path: Path, *, as_json: bool) -> None:
    """Every channel in a line, and how LAPOR stands."""
    config = load(path)
    store = open_store(config)
    with store.read() as tx:
        channels, targets = views.channels(tx), views.targets(tx)
        answers = views.open_answers(tx)
        submit, track = views.last_run(tx, "submit", None), views.last_run(tx, "track", None)
        late = overdue.late_in(config, tx, None)
    store.close()
    if as_json:
        counts = overdue.by_channel(late)
        shown = [{**asdict(channel), "overdue": counts[channel.name]} for channel in channels]
        open_answers = [dict(zip(("channel", "stage", "code", "count"), row, strict=True)) for row in answers]
        printing.as_json({"channels": shown, "targets": targets, "answers": open_answers})
        return
    zone = config.gateway.timezone
    headings = ["kanal", "dibaca", "hasil", *(name for name, _ in _COLUMNS), "menunggu"]
    printing.table(f"Gateway {config.gateway.id}", headings, [_status_row(channel, zone) for channel in channels])
    printing.line(overdue.summary(late))
    for channel in channels:
        _print_troubles(channel)
    _print_answers(answers)
    for target in targets:
        _print_target(target, submit, track, zone)


def log(path: Path, number: int, *, as_json: bool) -> None:
    """The latest runs."""
    config = load(path)
    store = open_store(config)
    with store.read() as tx:
        runs = views.runs(tx, number)
    store.close()
    if as_json:
        printing.as_json(runs)
        return
    zone = config.gateway.timezone
    rows = [
        (
            printing.moment(run["ended_at"], zone),
            run["step"],
            run["channel"] or "",
            _OUTCOMES[run["outcome"]],
            _counts(run),
        )
        for run in reversed(runs)
    ]
    printing.table("Pekerjaan gateway", ["waktu", "langkah", "kanal", "hasil", "keterangan"], rows)


def show(path: Path, report_id: int, *, reveal: bool, as_json: bool) -> None:
    """One report's whole history."""
    config = load(path)
    store = open_store(config)
    with store.read() as tx:
        found = views.whole(tx, report_id)
    store.close()
    if found is None:
        typer.echo(f"Tidak ada laporan nomor {report_id}.", err=True)
        raise typer.Exit(Exit.FAILED)
    shown = {**(found if reveal else _discreet(found)), "twins": joining.discreet(found["twins"], reveal=reveal)}
    if as_json:
        printing.as_json(shown)
        return
    _print_report(config, shown)
    fields = [(name, value) for name, value in shown["record"]["fields"].items() if value not in (None, "")]
    printing.table("Isian", ["isian", "nilai"], _named(_values(shown["report"])))
    printing.table("Data asli dari sumber", ["kolom", "nilai"], fields)
    joining.print_twins(shown["twins"])
    _print_files(shown["record"]["attachments"])
    _print_history(shown, config.gateway.timezone)


def _values(report: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return {**report["mapped"], **report["amendments"]} if report else {}


def _discreet(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """A report's history without what names the citizen, and without any text of a secret report."""
    values = _values(found["report"])
    secret = values.get("is_secret") is not False
    record = {
        **found["record"],
        "fields": printing.masked_fields(found["record"]["fields"]),
        "attachments": [printing.nameless(item) for item in found["record"]["attachments"]],
    }
    report = found["report"] and {
        **found["report"],
        "mapped": printing.masked(values),
        "amendments": {},
        "reasons": [texts.discreet(reason) for reason in found["report"]["reasons"]],
    }
    events = [{**event, "detail": texts.discreet_detail(event["detail"])} for event in found["events"]]
    follow_ups = [{**item, "text": "(dirahasiakan)"} if secret else item for item in found["follow_ups"]]
    return {"record": record, "report": report, "events": events, "follow_ups": follow_ups}


def _named(values: Mapping[str, Any]) -> Sequence[Sequence[str]]:
    return [(texts.FIELD_NAMES.get(name, name), printing.indonesian(value)) for name, value in values.items()]


def _status_row(channel: ChannelStatus, zone: ZoneInfo) -> Sequence[object]:
    counted = [sum(channel.counts.get(kind, 0) for kind in kinds) for _, kinds in _COLUMNS]
    outcome = "dijeda" if channel.paused_by else _OUTCOMES.get(channel.last_outcome or "", "–")
    return [
        channel.name,
        printing.short_moment(channel.last_run, zone),
        outcome,
        *counted,
        _age(channel.oldest_waiting),
    ]


def _print_troubles(channel: ChannelStatus) -> None:
    if channel.last_outcome != "ok" and channel.message:
        printing.line(f"! {channel.name}: {_TROUBLES[str(channel.last_outcome)]} Untuk admin: {channel.message}")
    for problem in channel.problems:
        printing.line(f"! {channel.name}: {problem['where']}: {texts.in_indonesian(problem)}")


def _print_answers(found: Sequence[tuple[str, str, str, int]]) -> None:
    for channel, stage, code, count in found:
        why = f": {texts.in_indonesian({'code': code})}" if code else ""
        if stage == AnswerStage.PERSON:
            printing.line(f"! {channel}: {count} jawaban harus disampaikan petugas (unanswered){why}")
        elif code:
            printing.line(f"! {channel}: {count} jawaban tertunda{why}")


_TROUBLES = {
    "partial": "sebagian isinya belum terbaca; dicoba lagi.",
    "failed": "putaran terakhir gagal; dicoba lagi.",
}


def _print_target(
    target: Mapping[str, Any], submit: Mapping[str, Any] | None, track: Mapping[str, Any] | None, zone: ZoneInfo
) -> None:
    paused = target["paused_until"]
    if paused and paused > utc_now():
        why = texts.in_indonesian({"code": target["pause_reason"]})
        if target["pause_reason"] in UNTIL_RESUMED:
            printing.line(f"! LAPOR ({target['name']}): {why}")
            return
        printing.line(f"! LAPOR ({target['name']}): dijeda sampai {printing.moment(paused, zone)}: {why}")
        return
    for verb, run in (("mengirim", submit), ("membaca", track)):
        at = printing.moment(run["ended_at"] if run else None, zone)
        outcome = _OUTCOMES[run["outcome"]] if run else "–"
        mark = "! " if run and run["outcome"] != "ok" else ""
        told = "; ".join(texts.in_indonesian(problem) for problem in run["problems"][:3]) if run else ""
        printing.line(f"{mark}LAPOR ({target['name']}): percobaan {verb} terakhir {at}: {outcome} {told}".rstrip())


def _counts(run: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{texts.EVENTS.get(name, name)}: {count}" for name, count in run["counts"].items() if count)
    return "; ".join(part for part in (counts, run["message"] and f"admin: {run['message']}") if part)


def _print_report(config: Config, found: Mapping[str, Any]) -> None:
    record, report = found["record"], found["report"]
    stage = report["stage"] if report else record["disposition"]
    printing.line(f"No. {record['id']} · kanal {record['channel']} · {texts.STAGES.get(stage, stage)}")
    found_at = printing.moment(record["found_at"], config.gateway.timezone)
    printing.line(f"Masuk: {record['received_at'] or '–'} · ditemukan: {found_at}")
    if record["reason"]:
        printing.line(f"Alasan: {texts.in_indonesian({'code': record['reason']})}")
    if report is None:
        return
    for reason in report["reasons"]:
        printing.line(f"Alasan: {texts.in_indonesian(reason)}")
    for note in report["notes"]:
        label = "Catatan" if note["code"] in CHANGES else "Tidak disertakan"
        printing.line(f"{label}: {texts.in_indonesian(note)}")
    if report["tracking_id"]:
        link = config.lapor.public_url.format(tracking_id=report["tracking_id"])
        secret = _values(report).get("is_secret") is not False
        printing.line(
            f"Nomor LAPOR: {report['tracking_id']} · {report['lapor_status']}" + ("" if secret else f" · {link}")
        )


def _print_files(attachments: Sequence[Mapping[str, Any]]) -> None:
    """What LAPOR gets of each file, and where the file lies as it came."""
    rows = [
        (f"#{number}", item["name"], item["sent"]["name"] if item["sent"] else "–", item["path"])
        for number, item in enumerate(attachments, start=1)
    ]
    if rows:
        printing.table("Lampiran", ["no.", "nama", "dikirim sebagai", "berkas"], rows)


def _print_history(found: Mapping[str, Any], zone: ZoneInfo) -> None:
    rows = [
        (
            printing.moment(event["at"], zone),
            event["actor"],
            texts.EVENTS.get(event["kind"], event["kind"]),
            _detail(event),
        )
        for event in found["events"]
    ]
    printing.table("Riwayat", ["waktu", "oleh", "kejadian", "keterangan"], rows)
    items = [(i["date"][:10], i["responder"], i["text"]) for i in found["follow_ups"]]
    if items:
        printing.table("Tindak lanjut", ["tanggal", "oleh", "isi"], items)


def _detail(event: Mapping[str, Any]) -> str:
    detail = event["detail"]
    codes = [texts.in_indonesian({"code": code}) for code in [*detail.get("reasons", []), *_one(detail.get("code"))]]
    facts = [str(detail[name]) for name in ("why", "status", "tracking_id", "count") if detail.get(name) is not None]
    facts += [detail["to"]] if detail.get("to") else []
    facts += [f"dengan laporan {detail['twin']}"] if detail.get("twin") else []
    if event["kind"] == "answered":
        facts.append(f"{texts.NEWS.get(detail['news'], '')} ({texts.CARRIERS.get(detail['carrier'], '')})")
    facts += [", ".join(detail["fields"])] if detail.get("fields") else []
    return "; ".join([*codes, *facts])


def _one(value: str | None) -> Sequence[str]:
    return [value] if value else []


def _age(since: datetime | None) -> str:
    if since is None:
        return "–"
    minutes = int((utc_now() - since).total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} menit"
    return f"{minutes // 60} jam" if minutes < 48 * 60 else f"{minutes // 1440} hari"
