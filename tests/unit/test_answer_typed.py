"""Is a pasted answer a follow-up like any other, once, and never outdating what LAPOR says?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway import typed
from gateway.lapor.statuses import Status, canonical
from tests.unit.by_hand import QUEUED, ask, clean_audit, command, ekspor, follow_ups, install


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return install(tmp_path)


# Answers


def test_a_pasted_answer_is_a_follow_up_once(config: Path) -> None:
    assert command(config, "bind", str(QUEUED), "9165816").exit_code == 0
    for text, said in (("Lampu sudah diganti.\r\n", "dicatat (20"), ("\nLampu sudah diganti.  \n", "sudah dicatat")):
        result = command(config, "answer", str(QUEUED), pasted=text)
        assert (result.exit_code, said in result.stdout) == (0, True)
        assert "Lampu" not in result.output
    assert follow_ups(config) == [(QUEUED, "Petugas", "Lampu sudah diganti.")]
    kinds = [kind for (kind,) in ask(config, f"SELECT kind FROM event WHERE record_id = {QUEUED}")]
    assert (kinds.count("follow_up"), kinds.count("answer_typed")) == (1, 1)
    assert clean_audit(config)


def test_an_answer_may_bring_a_status_and_a_name_and_come_from_a_file(config: Path) -> None:
    assert command(config, "bind", str(QUEUED), "9165816").exit_code == 0
    file = config.parent / "jawaban.txt"
    file.write_text("\ufeffSudah selesai.", encoding="utf-8")
    options = ("--text", str(file), "--from", "Dishub", "--status", "Ditutup oleh Admin")
    assert command(config, "answer", str(QUEUED), *options).exit_code == 0
    assert follow_ups(config) == [(QUEUED, "Dishub", "Sudah selesai.")]
    assert ask(config, "SELECT lapor_status, lapor_canonical FROM report WHERE id = 1") == [
        ("Ditutup oleh Admin", "closed")
    ]


def test_an_answer_without_a_status_outdates_no_news_of_lapor(config: Path) -> None:
    assert command(config, "bind", str(QUEUED), "9165816").exit_code == 0
    file = ekspor(config, [("9165816", "Terdisposisi Selesai", "")])
    assert command(config, "answer", str(QUEUED), pasted="Lampu sudah diganti.").exit_code == 0
    assert command(config, "import-export", str(file)).exit_code == 0
    assert ask(config, "SELECT lapor_canonical FROM report WHERE id = 1") == [("closed",)]


@pytest.mark.parametrize(
    ("arguments", "pasted", "status", "said"),
    [
        (["1"], " \n", 2, "kosong"),
        (["1", "--status", "Beres"], "Selesai.", 2, "Ditutup oleh Admin; Ditutup oleh Sistem"),
        (["2"], "Selesai.", 1, "belum bernomor"),
        (["99"], "Selesai.", 1, "Tidak ada laporan nomor 99"),
        (["1", "--text", "tidak-ada.txt"], None, 1, "tidak dapat dibaca"),
    ],
)
def test_a_wrong_answer_changes_nothing(
    config: Path, arguments: Sequence[str], pasted: str | None, status: int, said: str
) -> None:
    assert command(config, "bind", str(QUEUED), "9165816").exit_code == 0
    result = command(config, "answer", *arguments, pasted=pasted)
    assert (result.exit_code, follow_ups(config)) == (status, [])
    assert said in result.stderr


def test_every_status_that_a_person_may_give_is_known() -> None:
    assert Status.UNKNOWN not in {canonical(text) for text in typed.STATUSES}
    assert {canonical(text) for text in typed.STATUSES} == set(Status) - {Status.UNKNOWN}
