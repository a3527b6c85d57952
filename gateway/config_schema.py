"""What may stand in the configuration, as a JSON Schema for editors? Made of the models that check it.

It is never stricter than the gateway: of a value that a connector takes in a shape of its own it says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from connectors import registry
from gateway.lapor_settings import MANUAL
from gateway.settings import ChannelSettings, Settings
from mappings.load import presets
from mappings.report import FIELDS, PRIVACY, Classification

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CHANNEL = "Channel"
_NUMBERS = ("latitude", "longitude")
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


class _Generator(GenerateJsonSchema):
    """Pydantic's, but lenient: where only code can tell what is accepted, everything is."""

    def handle_invalid_for_json_schema(self, schema: core_schema.CoreSchema, error_info: str) -> JsonSchemaValue:
        return {}

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        declared = "json_schema_input_schema" in schema or schema["schema"]["type"] == "model-fields"
        return super().function_before_schema(schema) if declared else {}

    def encode_default(self, dft: Any) -> Any:
        return _written(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def whole() -> dict[str, Any]:
    """The schema of `config.toml`."""
    defs = _definitions()
    settings = defs.pop(Settings.__name__)
    settings["properties"]["channels"] = {"type": "array", "items": {"$ref": f"#/$defs/{_CHANNEL}"}}
    return {"$schema": DIALECT, "title": "The configuration of lapor-gateway", **_titled(settings), "$defs": defs}


def channel_file() -> dict[str, Any]:
    """The schema of a file in `channels.d`: one channel, whose name is the file's, or several under `[[channels]]`."""
    defs = _definitions()
    defs.pop(Settings.__name__)
    one = {**defs[_CHANNEL], "required": [name for name in defs[_CHANNEL]["required"] if name != "name"]}
    listed = {"type": "array", "items": {"$ref": f"#/$defs/{_CHANNEL}"}}
    several = {"properties": {"channels": listed}, "additionalProperties": False}
    choice = {"if": {"required": ["channels"]}, "then": several, "else": one}
    return {"$schema": DIALECT, "title": "Channels of lapor-gateway", "type": "object", **choice, "$defs": defs}


def _definitions() -> dict[str, Any]:
    """Every table by name, that of a channel with the options of each connector that is installed."""
    kinds = {kind: model for kind in registry.kinds() if (model := _options(kind)) is not None}
    models: list[type[BaseModel]] = [Settings, ChannelSettings, *kinds.values()]
    refs, made = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/$defs/{model}", schema_generator=_Generator
    )
    defs: dict[str, Any] = _plain(made["$defs"])
    channel = defs.pop(refs[ChannelSettings, "validation"]["$ref"].rsplit("/", 1)[1])
    options = {kind: refs[model, "validation"] for kind, model in kinds.items()}
    defs[_CHANNEL] = _channel(channel, options, defs)
    lapor = defs["LaporSettings"]
    lapor["if"] = {"properties": {"profile": {"const": MANUAL}}, "required": ["profile"]}
    lapor["else"] = {"required": ["base_url", "token"]}
    return defs


def _channel(channel: dict[str, Any], options: Mapping[str, Any], defs: Mapping[str, Any]) -> dict[str, Any]:
    """The channel's table, whose options depend on its connector."""
    properties = channel["properties"]
    properties["connector"] = {"enum": registry.kinds(), "description": "what kind of source it is"}
    properties["mapping"] = {
        "anyOf": [{"enum": presets()}, {"type": "string"}],
        "description": "a preset, or the path of a mapping file",
    }
    properties["defaults"] = _defaults()
    channel["allOf"] = [
        {
            "if": {"properties": {"connector": {"const": kind}}, "required": ["connector"]},
            "then": {"properties": {"options": ref}, **_required(defs[ref["$ref"].rsplit("/", 1)[1]])},
        }
        for kind, ref in options.items()
    ]
    return channel


def _required(options: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"required": ["options"]} if options.get("required") else {}


def _defaults() -> dict[str, Any]:
    """Report fields that a channel states."""
    kinds: dict[str, Any] = {name: {"type": "string", "minLength": 1} for name in FIELDS}
    kinds |= {name: {"type": "boolean"} for name in PRIVACY} | {name: {"type": "number"} for name in _NUMBERS}
    kinds["classification"] = {"enum": [each.value for each in Classification]}
    about = "report fields that the channel itself lacks"
    return {"type": "object", "properties": kinds, "additionalProperties": False, "description": about}


def _options(kind: str) -> type[BaseModel] | None:
    try:
        return registry.load(kind).Options
    except (registry.UnknownConnector, ImportError):
        return None


def _titled(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in ("title", "description")}


def _plain(schema: Any) -> Any:
    """Without what TOML does not have: null, as a type or as a default. And without titles, which say nothing new."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema if item != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _plain(value) for name, value in schema.items() if not _is_noise(name, value)}
    choices = inner.get("anyOf", ())
    if len(choices) == 1:
        inner = {**choices[0], **{name: value for name, value in inner.items() if name != "anyOf"}}
    if inner.get("type") == "string" and not isinstance(inner.get("default", ""), str):
        del inner["default"]
    return inner


def _is_noise(name: str, value: Any) -> bool:
    return (name == "default" and value is None) or (name == "title" and isinstance(value, str))


def _written(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0 and size <= max(seconds, 1))
    return f"{seconds // size}{unit}"
