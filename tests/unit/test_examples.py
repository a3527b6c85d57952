"""Can the gateway be configured as the worked examples say?"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway import channels_csv, new_channels
from gateway.config import load
from tests.unit.test_discover import CONFIG

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted((DOCS / "examples").glob("*.md"))


def key_file() -> str:
    """A service account's key as Google writes it, of nobody."""
    key = rsa.generate_private_key(65537, 2048)
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    uri = "https://oauth2.googleapis.com/token"
    account = {"type": "service_account", "client_email": "a@b.iam.gserviceaccount.com", "token_uri": uri}
    return json.dumps({**account, "private_key": private, "private_key_id": "1", "project_id": "uji"})


def test_the_six_examples_are_there() -> None:
    wanted = {"cpanel", "gmail", "google-form", "codeigniter", "wordpress", "hotline-excel"}
    assert {page.stem for page in PAGES} == wanted


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_an_examples_files_are_accepted(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDAK_ADA", "token")
    (tmp_path / "config.toml").write_text(CONFIG)
    blocks = re.findall(r"^```toml\n# (\S+)\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for name, text in blocks:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        for secret in re.findall(r'"file:([^"]+)"', text):
            (tmp_path / secret).parent.mkdir(exist_ok=True)
            (tmp_path / secret).write_text(key_file() if "google" in secret else "rahasia")
    assert len(load(tmp_path / "config.toml").channels) == len(blocks) > 0


@pytest.mark.parametrize(
    "page", [*PAGES, DOCS / "first-channel.md", DOCS / "setting-up.md"], ids=lambda page: page.stem
)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_tables_template_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDAK_ADA", "token")
    found = re.search(r"^```csv\n(.*?)^```", (DOCS / "setting-up.md").read_text(encoding="utf-8"), re.M | re.S)
    assert found is not None
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "channels.csv").write_text(found[1])
    (tmp_path / "secrets").mkdir()
    for row in csv.DictReader(found[1].splitlines()):
        (tmp_path / row["options.password"].removeprefix("file:")).write_text("x")
    table = channels_csv.read(tmp_path / "channels.csv")
    files, elsewhere = new_channels.write(tmp_path / "config.toml", table.channels, {})
    assert (len(files), elsewhere) == (2, [])
