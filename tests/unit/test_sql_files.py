"""Which files come with a row, and can a name in a database lead anywhere else?"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import Attachment, Unreachable
from connectors.sql_file_options import FileOptions
from connectors.sql_files import Files, NotToBeHadError, address, decoded, inside, names_in


def of(tmp_path: Path, value: object, **options: object) -> list[Attachment]:
    """The files that a column's value brings."""
    settings = FileOptions.model_validate({"column": "foto", **options})
    spool = tmp_path / "spool"
    spool.mkdir(exist_ok=True)
    with closing(Files([settings], spool)) as files:
        return list(files.of({"foto": value}, {}))  # type: ignore[dict-item]


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    """An application's uploads, and beside them what nobody may have."""
    folder = tmp_path / "uploads"
    (folder / "2026").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(b"satu")
    (folder / "2026" / "b, c.jpg").write_bytes(b"dua")
    (tmp_path / "rahasia.txt").write_text("kata sandi")
    (folder / "tautan.txt").symlink_to(tmp_path / "rahasia.txt")
    os.mkfifo(folder / "pipa")
    return folder


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("a.jpg", ["a.jpg"]),
        (" a.jpg , b.png;c.pdf|d.jpg\na.jpg", ["a.jpg", "b.png", "c.pdf", "d.jpg"]),
        ('["a.jpg", "b, c.jpg"]', ["a.jpg", "b, c.jpg"]),
        ('[{"path": "x/a.jpg", "size": 3}, {"nama": "b.jpg"}, {"lain": 1}, 7]', ["x/a.jpg", "b.jpg"]),
        ('"a.jpg"', ["a.jpg"]),
        ("[rusak", ["[rusak"]),
        ("[" * 100_000, ["[" * 100_000]),
        (17, ["17"]),
        *((nothing, []) for nothing in (None, "", " - ", "NULL", "[]", "0", 0, "tidak ada", True, " , ,")),
    ],
)
def test_a_columns_value_names_files(value: Any, names: list[str]) -> None:
    assert names_in(value, lambda _text: False) == names


def test_of_very_many_files_only_some_are_fetched_and_the_others_named(tmp_path: Path) -> None:
    folder = tmp_path / "banyak"
    folder.mkdir()
    for number in range(25):
        (folder / f"{number}.jpg").write_bytes(b"%d" % number)
    found = of(tmp_path, ",".join(f"{n}.jpg" for n in range(25)), folder=folder)
    assert [file.name for file in found] == [f"{n}.jpg" for n in range(25)]
    assert [file.size > 0 for file in found] == [number < 20 for number in range(25)]
    assert len(names_in(",".join(f"{n}.jpg" for n in range(1_000)), lambda _text: False)) == 100


def test_files_of_a_folder_come_with_their_names(tmp_path: Path, uploads: Path) -> None:
    found = of(tmp_path, "a.jpg,/2026\\b, c.jpg", folder=str(uploads))
    assert [(one.name, one.size) for one in found] == [("a.jpg", 4), ("b", 0), ("c.jpg", 0)]
    (whole,) = of(tmp_path, "/2026\\b, c.jpg", folder=str(uploads))
    assert (whole.name, whole.media_type, whole.path.read_bytes()) == ("b_ c.jpg", "image/jpeg", b"dua")


@pytest.mark.parametrize(
    "name",
    [
        "../rahasia.txt",
        "2026/../../rahasia.txt",
        "..\\rahasia.txt",
        "tautan.txt",
        "/etc/passwd",
        "pipa",
        "2026",
        ".",
        "/",
        "a.jpg\x00.png",
        "x" * 5_000,
        "tidak-ada.jpg",
    ],
)
def test_what_is_no_file_within_the_folder_is_named_and_not_read(tmp_path: Path, uploads: Path, name: str) -> None:
    (found,) = of(tmp_path, name, folder=str(uploads))
    assert (found.size, found.path.exists()) == (0, False)
    assert found.name
    assert "/" not in found.name
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_file_over_the_limit_is_named_and_not_read(tmp_path: Path, uploads: Path) -> None:
    assert [one.size for one in of(tmp_path, "a.jpg", folder=str(uploads), max_bytes=3)] == [0]
    assert [one.size for one in of(tmp_path, "a.jpg", folder=str(uploads), max_bytes=4)] == [4]


def test_a_folder_that_is_away_stops_the_round(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="mounted"):
        of(tmp_path, "a.jpg", folder=str(tmp_path / "tidak-ada"))
    assert of(tmp_path, "", folder=str(tmp_path / "tidak-ada")) == []


@given(name=st.text(max_size=40) | st.lists(st.sampled_from(["..", ".", "/", "\\", "a", "~"])).map("".join))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    root = Path("/srv/aplikasi/uploads")
    try:
        found = inside(root, name)
    except NotToBeHadError:
        return
    assert found.is_relative_to(root)
    assert found != root


@given(
    name=st.text(max_size=40) | st.lists(st.sampled_from(["..", "%2e", "/", "//", "http:", "@", "?", "#"])).map("".join)
)
def test_no_name_leads_to_another_address(name: str) -> None:
    base = "https://aplikasi.contoh.example/uploads/"
    try:
        found = address(base, name)
    except NotToBeHadError:
        return
    assert found.startswith(base)
    assert not {"?", "#"} & set(found)
    assert ".." not in found.removeprefix(base).split("/")


def test_a_file_in_a_column_may_be_bytes_or_a_browsers_text() -> None:
    assert decoded(b"\x89PNG") == (b"\x89PNG", None)
    assert decoded("data:image/png;base64,iVBORw==") == (b"\x89PNG", "image/png")
    assert decoded(b"data:image/jpeg;name=a.jpg;base64,iVBORw==") == (b"\x89PNG", "image/jpeg")
    assert decoded("iVBORw==") == (b"\x89PNG", None)
    assert decoded("bukan base64!") == (b"bukan base64!", None)


class Uploads(BaseHTTPRequestHandler):
    """A web server with one good photo, one that breaks it, one that is elsewhere, and one too large."""

    asked: ClassVar[list[str]] = []
    answers: ClassVar[dict[str, tuple[int, bytes]]] = {
        "/uploads/a%20b.jpg": (200, b"foto"),
        "/uploads/rusak.jpg": (500, b""),
        "/uploads/besar.jpg": (200, b"x" * 2_000),
        "/uploads/pindah.jpg": (302, b""),
        "/uploads/": (403, b""),
    }

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status, content = self.answers.get(self.path, (404, b""))
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    """Its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Uploads) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        Uploads.asked.clear()
        yield f"http://127.0.0.1:{httpd.server_port}/uploads"
        httpd.shutdown()
        thread.join()


def test_files_at_an_address_are_fetched_and_the_others_named(tmp_path: Path, server: str) -> None:
    value = f"a b.jpg,{server}/a b.jpg,hilang.jpg,rusak.jpg,besar.jpg,pindah.jpg,../x.jpg,http://127.0.0.1:1/y.jpg"
    found = of(tmp_path, value, url=server, max_bytes=1_000)
    assert [(one.name, one.size) for one in found] == [
        ("a b.jpg", 4),
        ("hilang.jpg", 0),
        ("rusak.jpg", 0),
        ("besar.jpg", 0),
        ("pindah.jpg", 0),
        ("x.jpg", 0),
        ("y.jpg", 0),
    ]
    assert all(path.startswith("/uploads/") for path in Uploads.asked)


def test_a_server_that_is_away_stops_the_round_without_naming_the_file(tmp_path: Path) -> None:
    with pytest.raises(Unreachable) as caught:
        of(tmp_path, "ktp-budi.jpg", url="http://127.0.0.1:9/uploads")
    assert "budi" not in str(caught.value)
    assert "127.0.0.1:9" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "say where the files are"),
        ({"folder": "/a", "blob": True}, "say where the files are"),
        ({"folder": "/a", "name": "nama"}, "belongs to `blob`"),
        ({"url": "ftp://a/"}, "expected a URL"),
        ({"url": "http://aplikasi.contoh.example/"}, "clear text"),
        ({"url": "https://a/?berkas="}, "no \\? or #"),
        ({"folder": "/a", "max_bytes": 0}, "greater than or equal"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        FileOptions.model_validate({"column": "foto", **options})
