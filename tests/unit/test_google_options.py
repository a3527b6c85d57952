"""Do the options of Google Sheets take what admins have at hand, and refuse what would not work or would leak?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import ValidationError

from connectors.contract import Misconfigured
from connectors.google_options import GoogleOptions
from connectors.options import allowing_absent_secrets, relative_to
from tests.servers.google import Google

ID = "1AbC-dEf_" + "x" * 35


@pytest.fixture
def key_file(google: Google, tmp_path: Path) -> Path:
    """A service account's key."""
    return google.new_account(tmp_path)[1]


def read(key_file: Path, **options: object) -> GoogleOptions:
    """The options of those values."""
    given = {"spreadsheet": ID, "credentials": f"file:{key_file}", "key": ["No"], **options}
    return GoogleOptions.model_validate(given)


def refusal(key_file: Path, **options: object) -> str:
    """What is said against those values, in one line each."""
    with pytest.raises(ValidationError) as caught:
        read(key_file, **options)
    said = [error["msg"] for error in caught.value.errors(include_input=False, include_url=False)]
    assert not any("\n" in one for one in said)
    return "; ".join(said)


@pytest.mark.parametrize(
    "address",
    [
        ID,
        f" {ID} ",
        f"https://docs.google.com/spreadsheets/d/{ID}",
        f"https://docs.google.com/spreadsheets/d/{ID}/edit",
        f"https://docs.google.com/spreadsheets/d/{ID}/edit?usp=sharing",
        f"https://docs.google.com/spreadsheets/u/1/d/{ID}/edit#gid=0",
        f"https://docs.google.com/a/kaltimprov.go.id/spreadsheets/d/{ID}/edit",
    ],
)
def test_the_address_of_the_browser_and_the_bare_id_name_a_spreadsheet(key_file: Path, address: str) -> None:
    assert read(key_file, spreadsheet=address).spreadsheet_id == ID


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (f"https://docs.google.com/spreadsheets/d/e/2PACX-{ID}/pubhtml", "published link"),
        (f"https://docs.google.com/forms/d/{ID}/edit", "this is a form"),
        (f"https://contoh.test/spreadsheets/d/{ID}/edit", "expected the address"),
        (f"https://docs.google.com/spreadsheets/d/{ID}x/../../evil", "expected the address"),
        ("pengaduan", "expected the address"),
        ("", "expected the address"),
    ],
)
def test_other_addresses_are_refused_with_advice(key_file: Path, address: str, words: str) -> None:
    if "evil" in address:
        assert read(key_file, spreadsheet=address).spreadsheet_id == f"{ID}x"
    else:
        assert words in refusal(key_file, spreadsheet=address)


def test_the_source_names_sheet_and_key_so_that_another_one_is_noticed(key_file: Path) -> None:
    sources = {
        read(key_file, **options).source()
        for options in (
            {},
            {"sheet": "Januari"},
            {"spreadsheet": f"https://docs.google.com/spreadsheets/d/{ID}/edit?gid=7#gid=7"},
            {"key": ["Nomor"]},
            {"key": [], "identity": ["No"]},
            {"spreadsheet": f"2{ID}"},
        )
    }
    assert len(sources) == 6
    assert (
        read(key_file).source() == read(key_file, spreadsheet=f"https://docs.google.com/spreadsheets/d/{ID}").source()
    )


def test_a_relative_key_file_is_found_beside_the_configuration(key_file: Path) -> None:
    with relative_to(key_file.parent):
        options = read(key_file, credentials=f"file:{key_file.name}")
    assert options.credentials.email in options.model_dump_json()
    assert "PRIVATE" not in f"{options!r}{options.credentials!r}{options.model_dump()}"


def test_a_key_that_is_not_on_this_machine_stops_only_its_use(key_file: Path) -> None:
    with allowing_absent_secrets() as absent:
        options = read(key_file, credentials="file:/tiada/kunci.json")
    assert list(absent) == ["file:/tiada/kunci.json"]
    with pytest.raises(Misconfigured, match="not on this machine"):
        options.credentials.assertion(0)
    assert "cannot be read (FileNotFoundError)" in refusal(key_file, credentials="file:/tiada/kunci.json")


def _pem_of_another_kind() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"type": "authorized_user"}, "a person's own login"),
        ({"type": None, "installed": {}}, "OAuth client"),
        ({"type": "lain"}, "the file of something else"),
        ({"client_email": "tanpa alamat"}, "no client_email"),
        ({"client_email": None}, "no client_email"),
        (
            {"private_key": "-----BEGIN PRIVATE KEY-----\nrahasia\n-----END PRIVATE KEY-----\n"},
            "private_key cannot be read",
        ),
        ({"private_key": None}, "private_key cannot be read"),
        ({"private_key": _pem_of_another_kind()}, "no RSA key"),
        ({"token_uri": "http://oauth2.contoh.test/token"}, "sent nowhere else"),
        ({"token_uri": 7}, "sent nowhere else"),
    ],
)
def test_key_files_that_cannot_work_are_told_and_not_quoted(
    key_file: Path, changes: Mapping[str, object], words: str
) -> None:
    key_file.write_text(json.dumps({**json.loads(key_file.read_text()), **changes}))
    said = refusal(key_file)
    assert words in said
    assert "rahasia" not in said


@pytest.mark.parametrize(("content", "words"), [("{rahasia", "no JSON"), ("[1]", "something else"), ("", "is empty")])
def test_files_that_are_no_key_are_told(key_file: Path, content: str, words: str) -> None:
    key_file.write_text(content)
    assert words in refusal(key_file)


@pytest.mark.parametrize("credentials", [{"type": "service_account"}, "kunci.json", "", 7])
def test_a_key_in_the_configuration_itself_is_refused(key_file: Path, credentials: object) -> None:
    assert 'write "env:NAME" or "file:PATH"' in refusal(key_file, credentials=credentials)


@pytest.mark.parametrize("endpoint", ["http://contoh.test", "https://user:pass@contoh.test", "ftp://contoh.test", ""])
def test_the_token_goes_nowhere_in_clear_text(key_file: Path, endpoint: str) -> None:
    assert refusal(key_file, endpoint=endpoint)


def test_key_and_identity_exclude_each_other(key_file: Path) -> None:
    assert "either `key`" in refusal(key_file, identity=["Isi"])
    assert "either `key`" in refusal(key_file, key=[])
