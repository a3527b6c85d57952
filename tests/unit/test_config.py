"""Is every mistake in the configuration named at once, at its place, and never with a secret?"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.config import Config, load
from gateway.lapor.v3 import _fields
from gateway.lapor_settings import FORM_FIELDS
from gateway.mistakes import ConfigError
from mappings.report import Report
from tests.fakes import values

TOP = """\
[gateway]
id = "kaltim"
timezone = "Asia/Makassar"
state = "sqlite:///var/gateway.db"
spool = "var/spool"

[lapor]
base_url = "https://lapor.test"
token = "env:LAPOR_TOKEN"
"""
CHANNEL = """
[[channels]]
name = "web"
connector = "sql"
mapping = "webform"
start = 2026-11-01
source = "Website Institusi"
[channels.defaults]
location_id = "6472"
is_anonymous = true
is_secret = false
[channels.options]
url = "sqlite:///web.db"
table = "pengaduan"
key = ["id"]
"""
SECRET = "s3cr3t-kunci"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPOR_TOKEN", SECRET)


def write(folder: Path, text: str = TOP + CHANNEL, name: str = "config.toml") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str = TOP + CHANNEL) -> Config:
    return load(write(folder, text))


def mistakes(path: Path) -> dict[str, str]:
    """The mistakes' places and texts by key."""
    with pytest.raises(ConfigError) as caught:
        load(path)
    return {mistake.key: str(mistake) for mistake in caught.value.mistakes}


def changed(old: str, new: str) -> str:
    assert old in TOP + CHANNEL
    return (TOP + CHANNEL).replace(old, new, 1)


def line_of(text: str, start: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if line.startswith(start))


# What a good one means


def test_a_good_configuration_is_ready_for_use(tmp_path: Path) -> None:
    config = read(tmp_path)
    [channel] = config.channels
    assert (config.gateway.id, config.gateway.timezone) == ("kaltim", ZoneInfo("Asia/Makassar"))
    assert (channel.name, channel.mapping.name, channel.settings.start) == ("web", "webform", date(2026, 11, 1))
    assert config.lapor.token.get_secret_value() == SECRET
    assert config.lapor.target == "v3 https://lapor.test"
    assert channel.settings.report_defaults()["source"] == "Website Institusi"


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "etc")
    monkeypatch.chdir(tmp_path)
    config = load(path)
    folder = (tmp_path / "etc").resolve()
    assert config.gateway.spool == folder / "var" / "spool"
    assert config.gateway.state.database == str(folder / "var" / "gateway.db")
    assert str(folder / "web.db") in config.channels[0].options.source()


def test_a_secret_may_stand_in_a_file_beside_the_configuration(tmp_path: Path) -> None:
    write(tmp_path, "dari-berkas\n", "secrets/token")
    config = read(tmp_path, changed("env:LAPOR_TOKEN", "file:secrets/token"))
    assert config.lapor.token.get_secret_value() == "dari-berkas"


def test_no_printed_form_shows_a_secret(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert SECRET not in f"{config!r} {config} {config.lapor.model_dump_json()}"


@pytest.mark.parametrize(
    ("start", "moment"),
    [
        ("2026-11-01", datetime(2026, 10, 31, 16, 0, tzinfo=UTC)),
        ("2026-11-01T00:00:00+07:00", datetime(2026, 10, 31, 17, 0, tzinfo=UTC)),
        ("2026-11-01T12:30:00", datetime(2026, 11, 1, 4, 30, tzinfo=UTC)),
        ('"2026-11-01"', datetime(2026, 10, 31, 16, 0, tzinfo=UTC)),
        ('"now"', None),
        ('"all"', None),
    ],
)
def test_a_start_keeps_its_moment(tmp_path: Path, start: str, moment: datetime | None) -> None:
    [channel] = read(tmp_path, changed("start = 2026-11-01", f"start = {start}")).channels
    assert channel.settings.start_moment(ZoneInfo("Asia/Makassar")) == moment


def test_the_example_configuration_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(__file__).parents[2] / "config.example.toml"
    if not path.is_file():
        pytest.skip("there is no config.example.toml")
    for name in re.findall(r'"env:(\w+)"', path.read_text(encoding="utf-8")):
        monkeypatch.setenv(name, "x")
    assert len(load(path).channels) == 3


# Channels in files of their own


def test_channels_d_holds_one_channel_a_file_or_several(tmp_path: Path) -> None:
    own = CHANNEL.replace("[[channels]]\n", "").replace('name = "web"\n', "").replace("[channels.", "[")
    write(tmp_path, TOP)
    write(tmp_path, own.replace("web.db", "hotline.db"), "channels.d/hotline.toml")
    other = CHANNEL.replace('"web"', '"surel"').replace("web.db", "surel.db")
    write(tmp_path, CHANNEL + other, "channels.d/b.toml")
    write(tmp_path, "not toml at all [", "channels.d/draft.toml.off")
    assert [channel.name for channel in load(tmp_path / "config.toml").channels] == ["web", "surel", "hotline"]


def test_a_mistake_in_a_channels_own_file_is_placed_there(tmp_path: Path) -> None:
    own = (
        CHANNEL.replace("[[channels]]\n", "")
        .replace("[channels.", "[")
        .replace("is_secret = false", 'is_secret = "tidak"')
    )
    write(tmp_path, TOP)
    file = write(tmp_path, own.replace('key = ["id"]', 'kee = ["id"]'), "channels.d/web.toml")
    found = mistakes(tmp_path / "config.toml")
    assert str(file) in found["channels[web].defaults"]
    assert found["channels[web].options.kee"].startswith(f"{file}:{line_of(own, 'key')}:")


def test_a_file_of_several_channels_holds_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, TOP)
    file = write(tmp_path, "[lapor]\nworkers = 9\n" + CHANNEL, "channels.d/b.toml")
    assert mistakes(tmp_path / "config.toml")["lapor"].startswith(f"{file}:1:")


def test_a_name_is_given_once_over_all_files(tmp_path: Path) -> None:
    write(tmp_path, changed('timezone = "Asia/Makassar"', 'timezone = "Makassar"'))
    write(tmp_path, CHANNEL, "channels.d/b.toml")
    found = mistakes(tmp_path / "config.toml")
    assert 'another channel "web"' in found["channels[web].name"]
    assert "gateway.timezone" in found


# Mistakes


def test_every_mistake_is_told_at_once_with_file_and_line(tmp_path: Path) -> None:
    text = """\
[gateway]
id = "Kaltim Timur"
timezone = "WITA"
state = "gateway.db"
spol = "var/spool"

[lapor]
base_url = "http://lapor.go.id/api"
token = "kunci-asli"
timeout = "30"
workers = 0
[lapor.paths]
complaint = "/complaints"

[[channels]]
name = "web"
connector = "sqll"
mapping = "webfrom"
start = "kemarin"
release = "manual"
[channels.defaults]
is_secret = "tidak"
locaton_id = "6472"
"""
    path = write(tmp_path, text)
    found = mistakes(path)
    lines = {key: int(said.removeprefix(f"{path}:").partition(":")[0]) for key, said in found.items()}
    assert lines == {
        "gateway.id": 2,
        "gateway.timezone": 3,
        "gateway.state": 4,
        "gateway.spol": 5,
        "gateway.spool": 1,
        "lapor.base_url": 8,
        "lapor.token": 9,
        "lapor.timeout": 10,
        "lapor.workers": 11,
        "lapor.paths.complaint": 13,
        "channels[web].connector": 17,
        "channels[web].mapping": 18,
        "channels[web].start": 19,
        "channels[web].release": 20,
        "channels[web].defaults": 21,
    }
    assert 'did you mean "spool"?' in found["gateway.spol"]
    assert 'did you mean "sql"?' in found["channels[web].connector"]
    assert "presets are" in found["channels[web].mapping"]


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ("spool =", "spol =", "gateway.spol", 'did you mean "spool"'),
        ("[lapor]", "[lapor]\nzzz = 1", "lapor.zzz", "known are: profile, base_url"),
        ("token =", "token =", "", ""),
        ('mapping = "webform"', 'mapping = "webform"\nfirst_limit = 3', "channels[web].first_limit", "first_run_limit"),
        ('table = "pengaduan"', 'tabel = "pengaduan"', "channels[web].options.tabel", 'did you mean "table"'),
        ("[gateway]", "[gatewy]\n[gateway]", "gatewy", 'did you mean "gateway"'),
        ("[lapor]", "[lapor]\nfields = {titel = 'judul'}", "lapor.fields", 'did you mean "title"'),
    ],
)
def test_an_unknown_key_is_met_with_the_nearest_known_one(
    tmp_path: Path, old: str, new: str, key: str, said: str
) -> None:
    if key:
        assert said in mistakes(write(tmp_path, changed(old, new)))[key]
    else:
        assert read(tmp_path, changed(old, new)).channels


@pytest.mark.parametrize(
    "setting",
    [
        'base_url = "http://lapor.go.id"',
        'base_url = "http://10.0.0.5:8080"',
        'base_url = "http://localhost.evil.test"',
        'base_url = "ftp://lapor.test"',
        'base_url = "lapor.test"',
        'base_url = "https://user:pw@lapor.test"',
        'base_url = "https://lapor.test/?token=abc"',
        'base_url = "https://lapor.test/#x"',
        'base_url = "https://[::1"',
        "base_url = 7",
    ],
)
def test_a_base_url_that_is_unsafe_or_none_is_refused(tmp_path: Path, setting: str) -> None:
    found = mistakes(write(tmp_path, changed('base_url = "https://lapor.test"', setting)))
    assert set(found) == {"lapor.base_url"}


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/", "http://localhost:1", "http://[::1]:80", "https://lapor.test/"]
)
def test_http_is_allowed_on_loopback_and_the_last_slash_says_nothing(tmp_path: Path, url: str) -> None:
    assert read(tmp_path, changed("https://lapor.test", url)).lapor.base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "line",
    [
        'timeout = "0s"',
        'rate = "0/s"',
        "rate = 5",
        "per_day = 0",
        "workers = 65",
        'ca_file = "gone.pem"',
        'auth_header = "X Key"',
        'public_url = "https://x/{id}"',
        'paths = {complaint = "/c/{id}"}',
        'paths = {complaints = "complaints"}',
        'paths = {followups = "/c/{tracking_id"}',
        'fields = {title = ""}',
        "send_nik = 2",
        'profile = "v4"',
    ],
)
def test_a_setting_that_would_fail_only_at_run_time_is_a_mistake(tmp_path: Path, line: str) -> None:
    found = mistakes(write(tmp_path, changed("[lapor]", f"[lapor]\n{line}")))
    assert all(key.startswith(f"lapor.{line.split()[0]}") for key in found)


@pytest.mark.parametrize(
    ("default", "said"),
    [
        ('is_secret = "ya"', "is_secret: expected true or false"),
        ("is_secret = 0", "is_secret: expected true or false"),
        ("location_id = 6472", "location_id: expected a text"),
        ("location_id = true", "location_id: expected a text"),
        ('location_id = ""', "location_id: expected a text"),
        ('latitude = "-0.5"', "latitude: expected a number"),
        ('classification = "pengaduan"', 'classification: expected "1"'),
        ("titel = 'x'", "unknown report field titel"),
    ],
)
def test_a_default_that_would_hold_every_report_is_a_mistake(tmp_path: Path, default: str, said: str) -> None:
    own = TOP + CHANNEL.replace('location_id = "6472"\n', "").replace("is_secret = false\n", "")
    found = mistakes(write(tmp_path, own.replace("is_anonymous = true", f"is_anonymous = true\n{default}")))
    assert said in found["channels[web].defaults"]


@pytest.mark.parametrize("name", ["is_secret", "is_anonymous", "location_id"])
def test_what_has_no_default_must_be_stated_somewhere(tmp_path: Path, name: str) -> None:
    own = re.sub(rf"^{name} = .*\n", "", TOP + CHANNEL, flags=re.MULTILINE).replace('"webform"', '"email"')
    found = mistakes(write(tmp_path, own))
    assert "no built-in default" in found[f"channels[web].defaults.{name}"]
    write(tmp_path, f'[fields.{name}]\nfrom = "x"\n', "own.toml")
    assert read(tmp_path, own.replace('"email"', '"own.toml"')).channels


def test_a_source_must_be_stated_somewhere(tmp_path: Path) -> None:
    own = changed('source = "Website Institusi"\n', "")
    assert "Email Instansi" in mistakes(write(tmp_path, own))["channels[web].source"]
    with_default = own.replace("[channels.defaults]", '[channels.defaults]\nsource = "Website"')
    assert read(tmp_path, with_default).channels[0].settings.report_defaults()["source"] == "Website"


def test_a_mappings_mistakes_are_placed_in_its_own_file_and_told_once(tmp_path: Path) -> None:
    own = write(tmp_path, '[fields.title]\nfrom = "judul"\nthen = ["strip_htm"]\n[hold]\nkurang = 1\n', "own.toml")
    text = changed('"webform"', '"own.toml"') + CHANNEL.replace('"webform"', '"own.toml"').replace('"web"', '"dua"')
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, text))
    said = [str(mistake) for mistake in caught.value.mistakes]
    assert [line.startswith(f"{own}:{number}: ") for line, number in zip(said, (3, 5), strict=True)] == [True, True]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("channels = 3\n" + TOP, "channels"),
        ("channels = [1]\n" + TOP, "channels.0"),
        (TOP + CHANNEL.replace("[[channels]]", "[channels]"), "channels"),
        (changed("[channels.options]", "options = 3\n[channels.x]"), "channels[web].options"),
        ("gateway = 3\n[lapor]\nbase_url = 'https://x'\ntoken = 'env:LAPOR_TOKEN'\n", "gateway"),
        (changed('name = "web"', "name = 3"), "channels[1].name"),
        (changed('connector = "sql"', "connector = 3"), "channels[web].connector"),
        (changed('mapping = "webform"', "mapping = 3"), "channels[web].mapping"),
        (changed("start = 2026-11-01", "start = 10:00:00"), "channels[web].start"),
    ],
)
def test_a_wrong_shape_is_a_mistake_and_no_traceback(tmp_path: Path, text: str, key: str) -> None:
    found = mistakes(write(tmp_path, text))
    assert key in found or any(known.startswith(key.replace(".0", "[1]")) for known in found)


def test_a_file_that_is_missing_or_no_toml_is_said_so_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "gone.toml")
    path = write(tmp_path, '[gateway]\nid = "a"\nid = "b"\nx = [\n')
    with pytest.raises(ConfigError, match=re.escape(f"{path}:3: it is not valid TOML")):
        load(path)
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(path)


# Secrets

LITERALS = [
    ('token = "env:LAPOR_TOKEN"', 'token = "p4ssw0rd"', "lapor.token"),
    ('token = "env:LAPOR_TOKEN"', 'token = ["p4ssw0rd"]', "lapor.token"),
    ('token = "env:LAPOR_TOKEN"', 'token = "vault:p4ssw0rd"', "lapor.token"),
    ("sqlite:///var/gateway.db", "postgresql+psycopg://u:p4ssw0rd@h/db", "gateway.state"),
    ("spool =", 'state_password = "p4ssw0rd"\nspool =', "gateway.state_password"),
    ("https://lapor.test", "https://u:p4ssw0rd@lapor.test", "lapor.base_url"),
    ("sqlite:///web.db", "mysql+pymysql://u:p4ssw0rd@h/db", "channels[web].options.url"),
    ('table = "pengaduan"', 'password = "p4ssw0rd"\ntable = "x"', "channels[web].options.password"),
]


@pytest.mark.parametrize(("old", "new", "key"), LITERALS)
def test_a_literal_secret_is_refused_and_never_quoted(tmp_path: Path, old: str, new: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, changed(old, new)))
    assert [mistake.key for mistake in caught.value.mistakes] == [key]
    said = f"{caught.value} {caught.value!r}"
    assert 'env:NAME" or "file:PATH' in said
    assert "p4ssw0rd" not in said


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("env:NOWHERE", "NOWHERE is not set"),
        ("file:gone", "cannot be read"),
        ("file:empty", "is empty"),
        ("env:", "env:NAME"),
    ],
)
def test_a_secret_that_is_not_there_is_said_so(tmp_path: Path, reference: str, said: str) -> None:
    (tmp_path / "empty").write_text(" \n")
    assert said in mistakes(write(tmp_path, changed("env:LAPOR_TOKEN", reference)))["lapor.token"]


def test_a_token_that_no_header_can_carry_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for token in ("baris\nbaru", "kunci–panjang"):
        monkeypatch.setenv("LAPOR_TOKEN", token)
        found = mistakes(write(tmp_path))
        assert set(found) == {"lapor.token"}
        assert token not in found["lapor.token"]


# The environment


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER", "lain")
    monkeypatch.setenv("LAPOR_GATEWAY_LAPOR__BASE_URL", "https://lain.test")
    monkeypatch.setenv("LAPOR_GATEWAY_LAPOR__TOKEN", "env:OTHER")
    monkeypatch.setenv("LAPOR_GATEWAY_LAPOR__WORKERS", "9")
    monkeypatch.setenv("LAPOR_GATEWAY_LAPOR__IN_DOUBT_WAIT", "3m")
    monkeypatch.setenv("LAPOR_GATEWAY_LOG__FORMAT", "json")
    monkeypatch.setenv("LAPOR_GATEWAY_CORPORA", "/somewhere")
    monkeypatch.setenv("LAPOR_GATEWAY_GATEWAY__STATE", "sqlite:///lain.db")
    monkeypatch.setenv("LAPOR_GATEWAY_GATEWAY__TIMEZONE", "Asia/Jayapura")
    monkeypatch.setenv("LAPOR_GATEWAY_GATEWAY__SPOOL", "/tmp/spool")
    monkeypatch.setenv("LAPOR_GATEWAY_LAPOR__PATHS__COMPLAINTS", "/laporan")
    monkeypatch.setenv("LAPOR_GATEWAY_LAPOR__SEND_NIK", "true")
    monkeypatch.setenv("LAPOR_GATEWAY_LAPOR__RATE", "9/s")
    config = read(tmp_path)
    assert config.gateway.state.database == str(tmp_path.resolve() / "lain.db")
    assert (config.gateway.timezone.key, config.gateway.spool) == ("Asia/Jayapura", Path("/tmp/spool"))
    assert (config.lapor.paths.complaints, config.lapor.paths.complaint) == ("/laporan", "/complaints/{tracking_id}")
    assert (config.lapor.send_nik, config.lapor.rate) == (True, 9.0)
    assert (config.lapor.base_url, config.lapor.workers) == ("https://lain.test", 9)
    assert config.lapor.in_doubt_wait == timedelta(minutes=3)
    assert config.lapor.token.get_secret_value() == "lain"
    assert (config.log.format, config.lapor.per_day) == ("json", 5000)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LAPOR__TOKEN", "p4ssw0rd", "env:NAME"),
        ("GATEWAY__STATE", "postgresql+psycopg://u:p4ssw0rd@h/db", "env:NAME"),
        ("LAPOR__BASE_URL", "https://u:p4ssw0rd@lapor.test", "env:NAME"),
        ("LAPOR__WORKERS", "p4ssw0rd", "whole number"),
        ("LAPOR__TOKN", "p4ssw0rd", 'did you mean "token"'),
        ("LAPOR", "{p4ssw0rd", ""),
    ],
)
def test_a_mistake_in_the_environment_names_its_variable_and_no_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"LAPOR_GATEWAY_{name}", value)
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path))
    [mistake] = caught.value.mistakes
    assert said in str(mistake)
    assert "environment" in str(mistake)
    assert "p4ssw0rd" not in f"{caught.value}{caught.value.__cause__}"
    assert mistake.line is None


@pytest.mark.parametrize("name", ["LAPOR_GATEWAY_CHANNELS", "lapor_gateway_channels"])
def test_channels_do_not_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "[]")
    assert "environment" in mistakes(write(tmp_path))["channels"]


# What belongs together


def test_the_fields_that_may_be_renamed_are_those_that_the_client_sends() -> None:
    whole: dict[str, Any] = values(
        institution_id="1", category_id="1", latitude=1.0, longitude=1.0, reporter_email="a@b.co", reporter_nik="1" * 16
    )
    assert {*_fields(Report.of(whole)), "external_id", "attachment[]"} == set(FORM_FIELDS)
