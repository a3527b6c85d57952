"""Does `lint` name what is wrong and what looks wrong, at its line, without any network or secret?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.app import app
from mappings.load import PRESETS, presets

TOP = """\
[gateway]
id = "uji"
timezone = "Asia/Makassar"
state = "sqlite:///gateway.db"
spool = "spool"
[lapor]
base_url = "http://127.0.0.1:1"
token = "env:LINT_TOKEN"
"""
CHANNEL = """
[[channels]]
name = "web"
connector = "sql"
mapping = "mappings/ours.toml"
start = 2026-01-01
source = "Website Institusi"
[channels.defaults]
location_id = "6472"
is_anonymous = true
is_secret = false
[channels.options]
url = "mysql+pymysql://pembaca@tidak.ada.example/web"
password = "file:secrets/web"
table = "pengaduan"
key = ["id"]
"""
MAPPING = """\
[fields.title]
from = ["judul", "isi"]
then = [{headline = 100}]
[fields.content]
from = "isi"
[fields.classification]
default = "1"
[fields.date_of_incident]
from = "tgl"
then = ["date"]
[fields.reporter_name]
from = "nama"
[fields.reporter_phone]
from = "telp"
then = ["phone"]

[[tests]]
name = "biasa"
fields = {judul = "Jalan rusak", isi = "Berlubang.", tgl = "2026-11-02", nama = "W", telp = "0812-3456-7890"}
expect = {title = "Jalan rusak", reporter_phone = "+6281234567890"}
holds = []
"""
ABSENT = [
    "config.toml:8: warning: lapor.token: the environment variable LINT_TOKEN is not set (`check` and the service will "
    "need it)",
    "config.toml:22: warning: channels[web].options.password: the secret's file secrets/web cannot be read "
    "(FileNotFoundError) (`check` and the service will need it)",
]


@pytest.fixture(autouse=True)
def _no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINT_TOKEN", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration that is right, with a mapping of its own."""
    (tmp_path / "mappings").mkdir()
    write(tmp_path / "config.toml", TOP + CHANNEL)
    write(tmp_path / "mappings" / "ours.toml", MAPPING)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def lint(folder: Path, *files: str) -> Result:
    paths = [str(folder / file) for file in files]
    return CliRunner().invoke(app, ["lint", *paths, "-c", str(folder / "config.toml")])


def said(folder: Path, *files: str, status: int) -> list[str]:
    """What is told, without the folder and without the last line, the summary."""
    result = lint(folder, *files)
    assert (result.exit_code, result.stderr) == (status, ""), result.output
    lines = result.stdout.replace(f"{folder.resolve()}/", "").replace(f"{folder}/", "").split("\n")
    return [line for line in lines[:-2] if line not in ABSENT]


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_right_configuration_needs_neither_network_nor_secrets(folder: Path) -> None:
    result = lint(folder)
    assert result.exit_code == 0
    assert [line.replace(f"{folder.resolve()}/", "") for line in result.stdout.splitlines()] == [
        *ABSENT,
        "0 mistakes and 2 warnings in 2 files; 1 example of mappings run",
    ]


def test_a_reference_that_is_none_stays_a_mistake(folder: Path) -> None:
    change(folder / "config.toml", "env:LINT_TOKEN", "rahasia-sekali")
    [line] = said(folder, status=3)
    assert line.startswith("config.toml:8: lapor.token: secrets stand outside")
    assert "rahasia-sekali" not in line


def test_every_mistake_has_its_file_and_line(folder: Path) -> None:
    change(folder / "config.toml", "spool", "spol")
    change(folder / "mappings" / "ours.toml", "headline", "headlin")
    write(folder / "channels.d" / "dua.toml", 'connector = "imapp"\n')
    lines = said(folder, status=3)
    assert 'config.toml:5: spol: unknown key "spol"; did you mean "spool"?' in [
        line.replace("gateway.spol", "spol") for line in lines
    ]
    assert any(line.startswith("mappings/ours.toml:3: fields.title.then: unknown transform") for line in lines)
    assert any(line.startswith("channels.d/dua.toml:1: channels[dua].connector: unknown connector") for line in lines)


def test_a_mappings_example_that_does_not_come_out_is_shown(folder: Path) -> None:
    change(folder / "mappings" / "ours.toml", 'title = "Jalan rusak", rep', 'title = "Jalan", rep')
    wanted = ['mappings/ours.toml:20: tests["biasa"]: title: expected "Jalan", got "Jalan rusak"']
    assert said(folder, status=3) == wanted
    assert said(folder, "mappings/ours.toml", status=3) == wanted


def test_what_is_no_example_is_told_at_its_line(folder: Path) -> None:
    change(folder / "mappings" / "ours.toml", "holds = []", 'hold = "x"')
    [line] = said(folder, status=3)
    assert line.startswith('mappings/ours.toml:21: tests.1.hold: unknown key "hold"; did you mean "holds"?')


def test_a_file_of_a_channel_is_judged_by_itself(folder: Path) -> None:
    write(folder / "mappings" / "lain.toml", "rusak")
    change(folder / "config.toml", "spool =", "spol =")
    file = CHANNEL.replace("[[channels]]\n", "").replace("[channels.", "[").replace('"web"', '"dua"')
    write(folder / "channels.d" / "dua.toml", file.replace("start =", "strat ="))
    lines = said(folder, "channels.d/dua.toml", status=3)
    assert all(line.startswith("channels.d/dua.toml:") for line in lines)
    assert next(line for line in lines if "unknown key" in line).startswith(
        "channels.d/dua.toml:5: channels[dua].strat"
    )
    assert "has mistakes of its own" in " ".join(lines)


def test_a_channel_that_does_not_stand_in_its_folder_yet_is_looked_at_with_the_configuration(folder: Path) -> None:
    file = CHANNEL.replace("[[channels]]\n", "").replace("[channels.", "[").replace('"web"', '"dua"')
    write(folder / "baru.toml", file)
    [line] = [line for line in said(folder, "baru.toml", status=3) if "secret's file" not in line]
    assert (
        line
        == "baru.toml:11: channels[dua].options: it reads the very same as web: every complaint would be filed twice"
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "text"),
    [
        ("2026-01-01", "2999-01-01", 14, "start: it lies ahead"),
        ('[lapor]\n', '[lapor]\nsend_nik = "no"\n', 7, "lapor.send_nik: it stands in quotes"),
        ('key = ["id"]', 'key = ["id"]\nrecheck = "5"', 25, "options.recheck: it stands in quotes"),
        ("is_anonymous", 'classification = "2"\nis_anonymous', 18, "ours has a default of its own"),
    ],
)  # fmt: skip
def test_what_looks_wrong_is_a_warning(folder: Path, old: str, new: str, line: int, text: str) -> None:
    change(folder / "config.toml", old, new)
    found = [each for each in said(folder, status=0) if "need it)" not in each]
    assert len(found) == 1, found
    assert found[0].startswith(f"config.toml:{line}: warning: ")
    assert text in found[0]


@pytest.mark.parametrize(
    ("old", "new", "line", "text"),
    [
        ('from = "tgl"', 'from = ["form_tgl", "tgl"]', 8, "the mapping has no [form]"),
        ('default = "1"', 'lookup = {"Aduan" = "1", "aduan " = "2"}\ndefault = "1"', 7, "stands there twice"),
        (
            "[[tests]]",
            '[form]\nlabels = {nama = "Nama"}\n[fields.reporter_nik]\nfrom = "form_nma"\n[[tests]]',
            19,
            "form_nama",
        ),
    ],
)
def test_a_mapping_that_looks_wrong_is_a_warning(folder: Path, old: str, new: str, line: int, text: str) -> None:
    change(folder / "mappings" / "ours.toml", old, new)
    change(folder / "mappings" / "ours.toml", "holds = []\n", "")
    [found] = said(folder, status=0)
    assert found.startswith(f"mappings/ours.toml:{line}: warning: ")
    assert text in found


def test_fields_that_nothing_states_and_mappings_that_nobody_uses_are_named(folder: Path) -> None:
    write(folder / "mappings" / "lama.toml", MAPPING)
    change(
        folder / "mappings" / "ours.toml",
        '[fields.classification]\ndefault = "1"\n',
        '[hold]\nrequires = ["category_id"]\n',
    )
    change(folder / "mappings" / "ours.toml", "holds = []\n", "")
    assert said(folder, status=0) == [
        "config.toml:13: warning: channels[web].mapping: its [hold] requires category_id, which nothing states: every "
        "report would be held",
        "config.toml:16: warning: channels[web].defaults.classification: neither the mapping ours nor the channel "
        "states it: every report would be held",
        "mappings/lama.toml: warning: no channel uses this mapping",
    ]


def test_slips_in_statements_senders_and_templates(folder: Path) -> None:
    change(
        folder / "config.toml",
        'key = ["id"]\n',
        'key = ["id"]\n[channels.options.write_back]\n'
        'statements = ["UPDATE t SET a = 1 WHERE id = :id AND status = status"]\n'
        '[channels.answers]\nagency = "Dinas"\ntemplates = "templat"\n',
    )
    write(folder / "templat" / "secret" / "closed.txt", "Selesai\nStatusnya {{ status }}, {{ nama }}.")
    write(folder / "templat" / "closd.txt", "Selesai\n")
    inbox = CHANNEL.split("[channels.options]")[0].replace('"web"', '"surat"')
    inbox = inbox.replace('"sql"', '"imap"').replace("mappings/ours.toml", "email") + (
        '[channels.options]\nhost = "h"\nusername = "u"\npassword = "env:LINT_TOKEN"\nform_senders = ["wordpress"]\n'
    )
    write(folder / "channels.d" / "surat.toml", inbox)
    text = "\n".join(said(folder, status=3))
    assert "status = status is always true; did you mean status = :previous?" in text
    assert "template secret/closed.txt: status is always empty there" in text
    assert "template closd.txt: no answer has that name" in text
    assert "channels[surat].options.form_senders: wordpress is no address" in text


@pytest.mark.parametrize("name", presets())
def test_the_presets_are_without_fault(name: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["lint", str(PRESETS / f"{name}.toml")])
    assert (result.exit_code, result.stdout.splitlines()[0][:28]) == (0, "0 mistakes and 0 warnings in"), result.stdout


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "cannot be read"),
        ("x = 1", "is no configuration"),
        ("x = [", "is not valid TOML"),
        ("x=" + "[" * 9_999, "deep"),
    ],
)
def test_what_is_nothing_of_ours_is_told_so(tmp_path: Path, content: str | None, text: str) -> None:
    path = tmp_path / "x.toml"
    if content is not None:
        path.write_text(content)
    result = CliRunner().invoke(app, ["lint", str(path)])
    assert (result.exit_code, text in result.stdout) == (3, True), result.stdout


def test_json_is_all_that_programs_get(folder: Path) -> None:
    change(folder / "config.toml", "2026-01-01", "2999-01-01")
    change(folder / "config.toml", "spool =", "spol =")
    result = CliRunner().invoke(app, ["lint", "--json", "-c", str(folder / "config.toml")])
    found = json.loads(result.stdout)
    assert (result.exit_code, found["ok"], found["examples"]) == (3, False, 1)
    assert {"file": str((folder / "config.toml").resolve()), "line": 5, "weight": "mistake"}.items() <= next(
        each for each in found["mistakes"] if "spol" in each["key"]
    ).items()


def test_the_example_configuration_lacks_nothing_but_its_secrets(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parents[2] / "config.example.toml", tmp_path)
    assert [line for line in said(tmp_path, "config.example.toml", status=0) if "need it)" not in line] == []
