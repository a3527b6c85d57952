"""Does the document's connector work for its author and an admin: from wheels, in an environment of its own?"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

import pytest

from tests.attachments import samples
from tests.e2e.support import PLACE, ROOT, TOKEN, Mock, lapor_mock, to_toml

EXAMPLE = ROOT / "docs" / "example-connector"
DOCUMENT = (ROOT / "docs" / "write-a-connector.md").read_text(encoding="utf-8")
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


def blocks(name: str) -> str:
    """What the document shows of a file, in its order."""
    found = re.findall(rf"^<!-- {re.escape(name)} -->\n```\w+\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    return "\n".join(found)


def filled(text: str) -> list[str]:
    """Its lines but the empty ones: a file is shown in pieces."""
    return [line for line in text.splitlines() if line.strip()]


@dataclass(frozen=True)
class Installed:
    """An environment with the two packages, and their author's folder."""

    folder: Path
    wheels: tuple[Path, ...]

    def run(self, *command: str, within: float = 120, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in the author's folder."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        program = self.folder / "venv" / "bin" / command[0]
        return subprocess.run(
            [program, *command[1:]],
            cwd=self.folder / "author",
            env={**kept, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200", **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )


def done(*command: str | Path) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def wheel(project: Path, folder: Path) -> Path:
    """The project's wheel, built without asking the network for the build's own tools."""
    done(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, project)
    (built,) = folder.glob("*.whl")
    return built


def install(python: Path, *wheels: Path) -> None:
    """With pip, or with uv where the environment was made by it."""
    uv = shutil.which("uv")
    with_pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python, "install", "--no-index"]
    has_pip = (Path(sysconfig.get_path("purelib")) / "pip").is_dir()
    command = with_pip if has_pip or uv is None else [uv, "pip", "install", "--offline", "--python", python]
    done(*command, "--no-deps", *wheels)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheels in a fresh environment, which borrows nothing but the libraries from the one that runs this test."""
    folder = tmp_path_factory.mktemp("third-party")
    shutil.copytree(EXAMPLE, folder / "author", ignore=shutil.ignore_patterns("__pycache__"))
    wheels = (wheel(ROOT, folder / "gateway"), wheel(folder / "author", folder / "connector"))
    done(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    install(folder / "venv" / "bin" / "python", *wheels)
    (own,) = (folder / "venv" / "lib").glob("python*/site-packages")
    # Only now, so that an editable install of ours in there is not taken for this one.
    (own / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(folder, wheels)


@pytest.fixture
def lapor() -> Iterator[Mock]:
    with lapor_mock() as mock:
        yield mock


@pytest.mark.parametrize("file", sorted(path.relative_to(EXAMPLE) for path in EXAMPLE.rglob("*.*") if path.is_file()))
def test_the_document_shows_every_file_as_it_is(file: Path) -> None:
    if "__pycache__" in file.parts:
        pytest.skip("made by Python")
    assert filled(blocks(str(file))) == filled((EXAMPLE / file).read_text(encoding="utf-8"))


def test_the_suite_is_in_the_wheel_and_pytest_no_part_of_running(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheels[0]) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        said = Parser().parsestr(archive.read(metadata).decode())
    assert {"gateway/testing/contract.py", "gateway/testing/fixtures.py", "connectors/py.typed"} <= set(names)
    assert "testing" in said.get_all("Provides-Extra", [])
    assert [line for line in said.get_all("Requires-Dist", []) if "pytest" in line and "extra ==" not in line] == []


def test_the_connector_passes_the_suite_that_ships(installed: Installed) -> None:
    # -P: the installed module, not the file that lies in this folder.
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ended = installed.run("python", "-P", "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", **alone)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    passed = re.search(r"(\d+) passed", ended.stdout)
    assert passed is not None
    assert int(passed[1]) > 40
    origins = "import gateway, lapor_json_folder as own; print(gateway.__file__, own.__file__)"
    shown = installed.run("python", "-P", "-c", origins)
    assert shown.stdout.count(str(installed.folder / "venv")) == 2


def test_an_admin_uses_it_as_the_document_says(installed: Installed, lapor: Mock) -> None:
    channel = re.search(r"^```toml\n# channels\.d/bot\.toml\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    complaint = re.search(r"^```json\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert channel is not None
    assert complaint is not None
    folder = installed.folder / "admin"
    for name in ("channels.d", "bersama/masuk", "bersama/jawaban"):
        (folder / name).mkdir(parents=True)
    (folder / "channels.d" / "bot.toml").write_text(channel[1])
    (folder / "config.toml").write_text(config(lapor.url))
    photo = folder / "bersama/masuk/17-1.jpg"
    photo.write_bytes(samples.photo())
    (folder / "bersama/masuk/17.json").write_text(complaint[1])

    def gateway(*command: str) -> str:
        ended = installed.run("lapor-gateway", *command, "-c", str(folder / "config.toml"), UJI_TOKEN=TOKEN)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    gateway("state", "init")
    assert "bot: 1 complaint(s) in " in gateway("check")
    (shown,) = json.loads(gateway("preview", "bot", "--json"))["records"]
    assert shown["becomes"] == "queued"
    gateway("sync")
    (filed,) = lapor.complaints()
    assert (filed["content_initial"], filed["location_id"]) == (json.loads(complaint[1])["isi"], PLACE)
    assert [file["name"] for file in filed["attachments"]] == ["17-1.jpg"]
    gateway("sync")
    answers = [json.loads(file.read_text()) for file in (folder / "bersama/jawaban").iterdir()]
    assert [(one["berkas"], one["lapor"]) for one in answers if one["kabar"] == "forwarded"] == [
        ("17.json", filed["tracking_id"])
    ]


def config(url: str) -> str:
    """Of a gateway without channels: they stand in `channels.d`."""
    gateway = {"id": "uji-pihak-ketiga", "timezone": "Asia/Makassar", "state": "sqlite:///state.db", "spool": "spool"}
    return to_toml({"gateway": gateway, "lapor": {"base_url": url, "token": "env:UJI_TOKEN", "rate": "500/s"}})
