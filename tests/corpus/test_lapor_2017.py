"""Are 1,867 real complaints, from three kinds of channel, each filed once with title and text intact, or held?"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from gateway.config import load
from gateway.desk import StepResult
from gateway.work import collect_channel, connect, desk_of, submit_due
from tests.e2e.support import (
    Installation,
    complaint,
    fill_mariadb,
    imap_channel,
    lapor_process,
    sheet_channel,
    sql_channel,
    write_xlsx,
)
from tests.servers.dovecot import Dovecot
from tests.servers.mariadb import MariaDB

COMPLAINTS = 1_867
LONGEST = 3_000
TOO_LONG = 13
SHARE = 200
HELD = {"scope_corruption": 6, "scope_crime": 2, "asks_secrecy": 1}
"""By the presets' checks, of the whole corpus."""
MASK = re.compile(r"\\\[(?:NIK|nomor|surel|rekening|nama)\\ disamarkan\\\]")
MASKED = 0.03
"""At most this share of the complaints tells who somebody is."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


class Lines(HTMLParser):
    """What a browser's reader sees of a text with `<br>`: its lines that are not empty, each with single blanks."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self._text = ""
        self.feed(html.replace("\r", ""))
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag == "br", f"the corpus holds another tag than expected: {tag}"
        self._text += "\n"

    def handle_data(self, data: str) -> None:
        self._text += data

    @property
    def found(self) -> list[str]:
        return lines(self._text)


def lines(text: str) -> list[str]:
    """Lines that are not empty, with single blanks, without the control characters that nobody can see."""
    return [" ".join(line.split()) for line in CONTROL.sub("", text).split("\n") if line.strip()]


@dataclass(frozen=True)
class Case:
    """A complaint of the corpus, where it was put, and the e-mail address that finds it again."""

    number: int
    channel: str
    title: str
    body: str

    @property
    def email(self) -> str:
        return f"{self.channel}-{self.number}@contoh.example"

    @property
    def name(self) -> str:
        return f"Warga {self.channel.capitalize()} {self.number}"

    @property
    def text(self) -> list[str]:
        # In a whole page a line end is a blank; a form's text has both kinds of line ends.
        return Lines(self.body.replace("\n", " ") if self.channel == "surat" else self.body).found

    @property
    def row(self) -> Sequence[object]:
        # Of other people in each channel: the same person's same complaint would rightly be held as a double.
        telephone = f"08{'12' if self.channel == 'formulir' else '57'}{self.number:08}"
        who = {"nama": self.name, "email": self.email, "telp": telephone}
        return complaint(self.number, judul=self.title, isi=self.body, **who)

    @property
    def mail(self) -> bytes:
        message = EmailMessage()
        message["From"] = f"{self.name} <{self.email}>"
        message["Subject"] = self.title
        message["Message-ID"] = f"<{self.email}>"
        message.set_content(f"<html><body>{self.body}</body></html>", subtype="html", cte="base64")
        return message.as_bytes()


@pytest.fixture(scope="module")
def cases(corpora: Path) -> Sequence[Case]:
    with (corpora / "complaints" / "lapor-2017.jsonl").open(encoding="utf-8") as file:
        real = [json.loads(line) for line in file]
    assert len(real) == COMPLAINTS
    every = list(enumerate(real, start=1))
    # The longest are in all three channels. No workbook can hold control characters, so those are left out of two.
    chosen = sorted(every, key=lambda item: -len(item[1]["body"]))[:20] + every[:: COMPLAINTS // SHARE]
    some = [(number, one) for number, one in dict(chosen).items() if not CONTROL.search(one["body"])][:SHARE]
    assert len(some) == SHARE
    channels = {"formulir": every, "hotline": some, "surat": some}
    return [Case(n, name, one["title"], one["body"]) for name, items in channels.items() for n, one in items]


@dataclass(frozen=True)
class Filed:
    """What came of them: at LAPOR, by e-mail address, and in the state."""

    complaints: dict[str, dict[str, Any]]
    counts: dict[str, int]
    stages: dict[str, Counter[str]]
    held: dict[str, dict[str, Any]]
    again: Sequence[StepResult]
    """Of the second round: the channels, and the sending."""


def collect_and_submit(gateway: Installation) -> Sequence[StepResult]:
    """One round as `sync` makes it, without asking LAPOR for the news of each."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in gateway.environment.items():
            environment.setenv(name, value)
        config = load(gateway.folder / "config.toml")
    lapor = connect(config)
    try:
        with desk_of(config) as desk:
            results = [collect_channel(desk, channel) for channel in config.channels]
            return [*results, submit_due(desk, lapor)]
    finally:
        lapor.close()


@pytest.fixture(scope="module")
def filed(cases: Sequence[Case], dovecot: Dovecot, mariadb: MariaDB, tmp_path_factory: pytest.TempPathFactory) -> Filed:
    """Put them where citizens write, and let `sync` run once, and once more."""
    folder, user, url = tmp_path_factory.mktemp("lapor-2017"), dovecot.new_user(), mariadb.new_database()
    by_channel = {name: [case for case in cases if case.channel == name] for name in ("formulir", "hotline", "surat")}
    fill_mariadb(url, [case.row for case in by_channel["formulir"]])
    write_xlsx(folder / "hotline.xlsx", [case.row for case in by_channel["hotline"]])
    for case in by_channel["surat"]:
        dovecot.append(user, case.mail)
    whole = {"first_run_limit": 10_000}
    channels = [imap_channel(dovecot, user, **whole), sql_channel(url, **whole)]
    channels.append(sheet_channel("hotline.xlsx", **whole))
    with lapor_process(folder) as mock:
        settings = {"timeout": "30s", "rate": "5000/s", "per_day": 100_000, "workers": 8}
        gateway = Installation(folder, mock.url, channels, settings)
        gateway.init()
        again = [collect_and_submit(gateway) for _ in range(2)][1]
        complaints, counts = mock.complaints(), mock.counts()
    reports = gateway.query("SELECT channel_id, stage, mapped, reasons FROM report")
    stages: dict[str, Counter[str]] = {}
    for report in reports:
        stages.setdefault(report["channel_id"], Counter())[report["stage"]] += 1
    held = {json.loads(one["mapped"])["reporter_email"]: one for one in reports if one["stage"] == "held"}
    by_email = {one["reporter"]["email"]: one for one in complaints}
    assert len(by_email) == len(complaints)
    return Filed(by_email, counts, stages, held, again)


def test_each_is_accounted_for_once_per_channel(cases: Sequence[Case], filed: Filed) -> None:
    assert not set(filed.complaints) & set(filed.held)
    assert set(filed.complaints) | set(filed.held) == {case.email for case in cases}
    assert set(filed.counts.values()) == {1}
    held = Counter(email.split("-")[0] for email in filed.held)
    for channel, total in {"formulir": COMPLAINTS, "hotline": SHARE, "surat": SHARE}.items():
        assert filed.stages[channel].total() == total
        assert filed.stages[channel]["accepted"] == total - held[channel]


def test_few_are_held_and_each_for_what_it_says(filed: Filed) -> None:
    reasons = {email: json.loads(one["reasons"]) for email, one in filed.held.items()}
    codes = [reason["code"] for email, found in reasons.items() if email.startswith("formulir") for reason in found]
    assert Counter(codes) == HELD


def is_long(case: Case) -> bool:
    return len("\n".join(case.text)) > LONGEST


def is_masked(text: str, original: str) -> bool:
    """Is the text the original but for masks, each in the place of a few characters?"""
    return re.fullmatch(MASK.sub(r".{3,60}?", re.escape(text)), original, re.DOTALL) is not None


def test_long_ones_end_with_a_pointer_to_the_whole(cases: Sequence[Case], filed: Filed) -> None:
    sent = [case for case in cases if is_long(case) and case.email in filed.complaints]
    long = [(case, filed.complaints[case.email]["content_final"]) for case in sent]
    assert len(long) == len(sent) >= 3 * (TOO_LONG - 2)
    for case, content in long:
        begun, pointer = content.rsplit("\n\n", 1)
        assert pointer == "[Laporan selengkapnya ada di lampiran: Isi laporan lengkap.pdf]"
        assert " ".join(case.text).startswith(" ".join(lines(begun)).removesuffix("…"))
        assert len(content) <= LONGEST


def test_texts_arrive_line_by_line_without_tags(cases: Sequence[Case], filed: Filed) -> None:
    sent = [case for case in cases if not is_long(case) and case.email in filed.complaints]
    arrived = [(case, lines(filed.complaints[case.email]["content_final"])) for case in sent]
    changed = [(case, text) for case, text in arrived if text != case.text]
    wrong = [(case.email, text) for case, text in changed if not is_masked("\n".join(text), "\n".join(case.text))]
    assert wrong == []
    assert 0 < len(changed) < len(arrived) * MASKED
    left = [one["content_final"] for one in filed.complaints.values() if TAG.search(one["content_final"])]
    assert left == []


def test_titles_arrive_whole(cases: Sequence[Case], filed: Filed) -> None:
    wrong = [
        (case.email, case.title, filed.complaints[case.email]["title"])
        for case in cases
        if case.email in filed.complaints and filed.complaints[case.email]["title"] != " ".join(Lines(case.title).found)
    ]
    assert wrong == []


def test_the_second_round_finds_nothing_new(filed: Filed) -> None:
    *collected, submitted = filed.again
    assert [result.outcome for result in filed.again] == ["ok"] * 4
    assert all(result.counts["new"] == result.counts["edited"] == 0 for result in collected)
    assert submitted.counts.total() == 0
