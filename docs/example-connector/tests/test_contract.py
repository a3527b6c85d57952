"""Does the connector keep the contract?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.testing.contract import KeyedContract
from gateway.testing.files import FilesContract
from gateway.testing.replying import ReplierContract
from gateway.testing.source import AnsweredSource, Complaint, FilesSource, Mistake, RowSource


class FolderSource(RowSource, FilesSource, AnsweredSource):
    """A shared folder with complaints in one folder and answers in another."""

    connector = "json-folder"
    mapping = "webform"

    def __init__(self, share: Path) -> None:
        self.share = share
        self.inbox = share / "masuk"
        self.answers = share / "jawaban"
        self.inbox.mkdir(parents=True)
        self.answers.mkdir()

    def options(self) -> dict[str, object]:
        return {"path": str(self.inbox), "answers": str(self.answers)}

    def add(self, *complaints: Complaint) -> None:
        for one in complaints:
            self.rewrite(one.number, one)

    def rewrite(self, number: int, new: Complaint) -> None:
        self._put(number, new, [])

    def add_with_files(self, one: Complaint, files: Mapping[str, bytes]) -> None:
        for name, content in files.items():
            (self.inbox / name).write_bytes(content)
        self._put(one.number, one, list(files))

    def remove(self, *numbers: int) -> None:
        for number in numbers:
            (self.inbox / f"{number}.json").unlink()

    def snapshot(self) -> object:
        files = sorted(self.share.rglob("*"))
        return [(file, file.stat().st_mtime_ns, file.read_bytes() if file.is_file() else b"") for file in files]

    @contextmanager
    def outage(self) -> Iterator[None]:
        away = self.share.rename(self.share.with_name("away"))
        yield
        away.rename(self.share)

    def mistakes(self) -> Mapping[str, Mistake]:
        return {
            "no such folder": Mistake({"path": str(self.share / "salah")}, ["path", "salah"]),
            "a file": Mistake({"path": str(self.inbox / "1.json")}, ["path", "1.json"]),
        }

    def told(self) -> Sequence[str]:
        return [" ".join(map(str, json.loads(file.read_bytes()).values())) for file in self.answers.iterdir()]

    def _put(self, number: int, one: Complaint, photos: Sequence[str]) -> None:
        said = {"nama": one.name, "email": one.email, "isi": one.text, "tanggal": one.received.isoformat()}
        (self.inbox / f"{number}.json").write_text(json.dumps({**said, "foto": photos}), encoding="utf-8")


class TestJsonFolder(KeyedContract, FilesContract, ReplierContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> FolderSource:
        return FolderSource(tmp_path / "bersama")
