"""Does the JSON Schema take what the gateway takes, and refuse the usual slips?"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from connectors import registry
from gateway import config_schema
from gateway.cli.app import app
from mappings import schema as mapping_schema
from mappings.load import PRESETS, presets

ROOT = Path(__file__).parents[2]


def as_json(value: Any) -> Any:
    """TOML's dates as an editor's TOML plug-in hands them to its validator."""
    return json.loads(json.dumps(value, default=lambda item: item.isoformat()))


def example() -> dict[str, Any]:
    return as_json(tomllib.loads((ROOT / "config.example.toml").read_text(encoding="utf-8")))


def wrong(schema: dict[str, Any], content: Any) -> list[str]:
    """The dotted places of everything that the schema refuses."""
    return [".".join(map(str, error.absolute_path)) for error in Draft202012Validator(schema).iter_errors(content)]


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return config_schema.whole()


@pytest.mark.parametrize("make", [config_schema.whole, config_schema.channel_file, mapping_schema.schema])
def test_each_is_a_schema_that_leads_nowhere_wrong(make: Any) -> None:
    made = make()
    Draft202012Validator.check_schema(made)
    refs = set(references(made))
    assert refs
    assert {ref for ref in refs if ref.removeprefix("#/$defs/") not in made["$defs"]} == set()


def references(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        schema = dict(enumerate(schema))
    for name, value in schema.items() if isinstance(schema, dict) else ():
        if name == "$ref":
            yield value
        else:
            yield from references(value)


def test_the_example_configuration_is_right(whole: dict[str, Any]) -> None:
    assert wrong(whole, example()) == []


@pytest.mark.parametrize(
    ("place", "value", "found"),
    [
        ("gateway.timezon", "Asia/Jakarta", "gateway"),
        ("gateway.keep_files", "90", "gateway.keep_files"),
        ("gateway.keep_files", 90, "gateway.keep_files"),
        ("lapor.token", "rahasia-sekali", "lapor.token"),
        ("lapor.rate", 5, "lapor.rate"),
        ("lapor.send_nik", "no", "lapor.send_nik"),
        ("lapor.base_url", None, "lapor"),
        ("deadlines.by_class.1", 0, "deadlines.by_class.1"),
        ("channels.0.start", "kemarin", "channels.0.start"),
        ("channels.0.connector", "imapp", "channels.0.connector"),
        ("channels.0.defaults.is_secret", "tidak", "channels.0.defaults.is_secret"),
        ("channels.0.defaults.is_secre", True, "channels.0.defaults"),
        ("channels.0.options.passwort", "env:A", "channels.0.options"),
        ("channels.0.options.tls", "ssl", "channels.0.options.tls"),
        ("channels.0.options.host", None, "channels.0.options"),
        ("channels.0.options", None, "channels.0"),
        ("channels.1.options.folders", ["INBOX"], "channels.1.options"),
        ("channels.1.options.url", "basisdata", "channels.1.options.url"),
        ("channels.2.options.path", 1, "channels.2.options.path"),
    ],
)
def test_a_usual_slip_is_found_at_its_place(whole: dict[str, Any], place: str, value: Any, found: str) -> None:
    content = example()
    *way, last = place.split(".")
    table = content
    for part in way:
        table = table[int(part)] if part.isdigit() and isinstance(table, list) else table[part]
    if value is None:
        del table[last]
    else:
        table[last] = value
    assert set(wrong(whole, content)) == {found}


def test_profile_manual_needs_no_address_and_no_token(whole: dict[str, Any]) -> None:
    assert wrong(whole, {**example(), "lapor": {"profile": "manual"}}) == []


def test_a_file_of_channels_d_needs_no_name_and_may_hold_several() -> None:
    schema = config_schema.channel_file()
    one = example()["channels"][0]
    assert wrong(schema, one) == []
    assert wrong(schema, {name: value for name, value in one.items() if name != "name"}) == []
    assert wrong(schema, {"channels": [one]}) == []
    assert wrong(schema, {"channels": [{**one, "nme": 1}]}) == ["channels.0"]
    assert wrong(schema, {**one, "start": 5}) == ["start"]


def test_every_connector_has_its_options(whole: dict[str, Any]) -> None:
    assert whole["$defs"]["Channel"]["properties"]["connector"]["enum"] == registry.kinds()
    described = {branch["if"]["properties"]["connector"]["const"] for branch in whole["$defs"]["Channel"]["allOf"]}
    assert described == set(registry.kinds())


def test_defaults_are_written_as_a_file_would() -> None:
    channel = config_schema.whole()["$defs"]["Channel"]["properties"]
    assert (channel["every"]["default"], channel["settle"]["default"]) == ("5m", "0s")
    assert "null" not in json.dumps(config_schema.whole())


@pytest.mark.parametrize("name", presets())
def test_every_preset_is_right(name: str) -> None:
    content = as_json(tomllib.loads((PRESETS / f"{name}.toml").read_text(encoding="utf-8")))
    assert wrong(mapping_schema.schema(), content) == []


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"field": {}}, ""),
        ({"fields": {"judul": {}}}, "fields"),
        ({"fields": {"title": {"from": 1}}}, "fields.title.from"),
        ({"fields": {"title": {"from": "a", "lines": {}}}}, "fields.title"),
        ({"fields": {"title": {"then": ["strip_htm"]}}}, "fields.title.then.0"),
        ({"fields": {"title": {"then": [{"truncate": "x"}]}}}, "fields.title.then.0"),
        ({"hold": {"shorter": 3}}, "hold"),
        ({"hold": {"shorter_than": "x"}}, "hold.shorter_than"),
        ({"form": {}}, "form"),
        ({"tests": [{"name": "a", "fields": {}}]}, "tests.0"),
        ({"tests": [{"name": "a", "fields": {}, "expect": {"judul": ""}}]}, "tests.0.expect"),
    ],
)
def test_a_mappings_slip_is_found(content: dict[str, Any], found: str) -> None:
    assert wrong(mapping_schema.schema(), content) == [found]


@pytest.mark.parametrize("options", [[], ["--channel"], ["--mapping"]])
def test_the_command_prints_nothing_but_the_schema(options: list[str]) -> None:
    said = CliRunner().invoke(app, ["schema", *options])
    assert said.exit_code == 0
    assert json.loads(said.stdout)["$schema"].endswith("2020-12/schema")


def test_two_kinds_at_once_are_refused() -> None:
    assert CliRunner().invoke(app, ["schema", "--channel", "--mapping"]).exit_code == 2
