"""Do options keep secrets, resolve paths and refuse what cannot be meant?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.contract import Options
from connectors.imap import ImapOptions
from connectors.options import ConfigPath, DatabaseURL, Secret, TimeZone, relative_to
from connectors.spreadsheet import SpreadsheetOptions


class _All(Options):
    secret: Secret | None = None
    path: ConfigPath | None = None
    url: DatabaseURL | None = None
    zone: TimeZone | None = None


def read(**values: Any) -> _All:
    """The options of those values."""
    return _All.model_validate(values)


def refusal(**values: Any) -> str:
    """What is said against those values."""
    with pytest.raises(ValidationError) as caught:
        read(**values)
    return str(caught.value)


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDI_UJI", "s3cret")
    (tmp_path / "sandi").write_text("s3cret-2\n")
    with relative_to(tmp_path):
        options = [read(secret="env:SANDI_UJI"), read(secret="file:sandi"), read(secret=f"file:{tmp_path}/sandi")]
    assert [one.secret.get_secret_value() for one in options if one.secret] == ["s3cret", "s3cret-2", "s3cret-2"]
    assert "s3cret" not in f"{options} {options[0]} {options[0].model_dump()} {options[0].model_dump_json()}"


@pytest.mark.parametrize("value", ["s3cret", "env:", "file:", "env", "vault:s3cret", 7, ["s3cret"], ""])
def test_a_secret_in_the_configuration_itself_is_refused_and_not_repeated(value: object) -> None:
    said = refusal(secret=value)
    assert 'write "env:NAME" or "file:PATH"' in said
    assert "s3cret" not in said


def test_missing_and_empty_secrets_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDI_KOSONG", "")
    (tmp_path / "kosong").write_text(" \n")
    (tmp_path / "biner").write_bytes(b"\xff\xfe\xff")
    assert "SANDI_KOSONG is not set" in refusal(secret="env:SANDI_KOSONG")
    assert "kosong is empty" in refusal(secret=f"file:{tmp_path}/kosong")
    assert "cannot be read (FileNotFoundError)" in refusal(secret=f"file:{tmp_path}/tiada")
    assert "cannot be read (UnicodeDecodeError)" in refusal(secret=f"file:{tmp_path}/biner")


def test_paths_and_sqlite_urls_are_relative_to_the_configuration(tmp_path: Path) -> None:
    with relative_to(tmp_path):
        options = read(path="data/x.csv", url="sqlite:///a.db")
    assert options.path == tmp_path / "data/x.csv"
    assert options.url is not None
    assert options.url.database == str(tmp_path / "a.db")
    assert read(path="~/x").path == Path.home() / "x"


@pytest.mark.parametrize(
    "url",
    [
        "mysql+pymysql://baca:s3cret@db/aduan",
        "postgresql+psycopg://baca@db/aduan?password=s3cret",
        "mysql+pymysql://baca@db/aduan?passwd=s3cret",
        "postgresql+psycopg://baca@db/aduan?Password=s3cret",
    ],
)
def test_a_password_in_a_database_url_is_refused_and_not_repeated(url: str) -> None:
    said = refusal(url=url)
    assert "a password stands in the URL" in said
    assert "s3cret" not in said


@pytest.mark.parametrize("url", ["aduan.db", "", 7, "mysql+pymysql:/db", "postgresql://db:port/x"])
def test_what_is_no_database_url_is_told(url: object) -> None:
    assert "expected a database URL" in refusal(url=url)


def test_time_zones_are_known_ones() -> None:
    assert str(read(zone="Asia/Jayapura").zone) == "Asia/Jayapura"
    for name in ("WIB", "Asia/Nowhere", "", "../etc/passwd", 7):
        assert "expected a time zone" in refusal(zone=name)


def test_an_inbox_without_encryption_is_for_loopback_only() -> None:
    common = {"username": "aduan", "password": "env:HOME", "tls": "none"}
    for host in ("localhost", "127.0.0.1", "::1"):
        assert ImapOptions.model_validate({**common, "host": host}).tls == "none"
    for host in ("mail.example.org", "10.0.0.1", "127.0.0.1.example.org"):
        with pytest.raises(ValidationError, match="clear text"):
            ImapOptions.model_validate({**common, "host": host})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key": []}, "either `key`"),
        ({"identity": ["Isi"]}, "either `key`"),
        ({"header_row": 0}, "header_row counts from 1"),
        ({"delimiter": ";;"}, "at most 1 character"),
        ({"kunci": ["No"]}, "Extra inputs"),
    ],
)
def test_spreadsheet_options_that_cannot_be_meant_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SpreadsheetOptions.model_validate({"path": "x.xlsx", "key": ["No"], **changes})


def test_one_date_format_may_stand_without_a_list() -> None:
    options = SpreadsheetOptions.model_validate({"path": "x.xlsx", "key": ["No"], "date_format": "%d/%m/%Y"})
    assert options.date_format == ("%d/%m/%Y",)
