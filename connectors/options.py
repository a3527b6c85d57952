"""Which types may a connector's options use beyond pydantic's own: secrets by reference, paths, database URLs?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, InstanceOf, SecretStr, WithJsonSchema
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

_folder: ContextVar[Path | None] = ContextVar("config_folder", default=None)
_absent: ContextVar[dict[str, str] | None] = ContextVar("absent_secrets", default=None)

_LONGEST_NAME = 255
"""Bytes of a file's or folder's name."""

SECRET_ADVICE = 'secrets stand outside the configuration: write "env:NAME" or "file:PATH"'


@contextmanager
def relative_to(folder: Path) -> Iterator[None]:
    """Make relative paths in options relative to `folder` while they are validated."""
    token = _folder.set(folder)
    try:
        yield
    finally:
        _folder.reset(token)


@contextmanager
def allowing_absent_secrets() -> Iterator[dict[str, str]]:
    """Let a placeholder stand for each secret that cannot be read here, as on a laptop that has none of them.

    Yields the references of those (`env:NAME`, `file:PATH`), each with the reason.
    """
    absent: dict[str, str] = {}
    token = _absent.set(absent)
    try:
        yield absent
    finally:
        _absent.reset(token)


def resolve_path(path: Path) -> Path:
    """The absolute path that `path` means in a configuration file. Raises ValueError for what can be none."""
    try:
        path = path.expanduser()
    except RuntimeError:
        raise ValueError("the path begins with ~ and the name of nobody on this machine") from None
    if any(len(os.fsencode(part)) > _LONGEST_NAME for part in path.parts) or "\0" in str(path):
        raise ValueError("the path holds a name that no file can have")
    folder = _folder.get()
    return path if path.is_absolute() or folder is None else folder / path


def _read_secret(reference: object) -> object:
    if isinstance(reference, SecretStr):
        return reference
    kind, _, name = reference.partition(":") if isinstance(reference, str) else ("", "", "")
    if kind not in ("env", "file") or not name or "\0" in name:
        raise ValueError(SECRET_ADVICE)
    try:
        return _secret_variable(name) if kind == "env" else _secret_file(resolve_path(Path(name)))
    except ValueError as error:
        absent = _absent.get()
        if absent is None:
            raise
        absent[str(reference)] = str(error)
        return _PLACEHOLDER


_PLACEHOLDER = "absent"


def _secret_variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ValueError(f"the environment variable {name} is not set")
    return value


def _secret_file(path: Path) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the secret's file {path} cannot be read ({type(error).__name__})") from None
    if not value:
        raise ValueError(f"the secret's file {path} is empty")
    return value


def _database_url(text: object) -> object:
    if isinstance(text, URL):
        return text
    try:
        url = make_url(str(text))
    except (ArgumentError, ValueError):
        raise ValueError('expected a database URL such as "mysql+pymysql://user@host/database"') from None
    if url.password is not None or {"password", "passwd"} & {name.lower() for name in url.query}:
        raise ValueError(f"a password stands in the URL; {SECRET_ADVICE}, in a key of its own beside the URL")
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        url = url.set(database=str(resolve_path(Path(str(url.database)))))
    return url


def _zone(name: object) -> object:
    if isinstance(name, ZoneInfo):
        return name
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('expected a time zone such as "Asia/Jakarta", "Asia/Makassar" or "Asia/Jayapura"') from None


_REFERENCE = {"type": "string", "pattern": "^(env|file):.", "description": "env:NAME or file:PATH, never the secret"}
_URL = {"type": "string", "pattern": "^[\\w+]+://", "description": "without a password"}
_ZONE_NAME = {"type": "string", "examples": ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]}

Secret = Annotated[SecretStr, BeforeValidator(_read_secret), WithJsonSchema(_REFERENCE)]
"""A secret named by reference, `env:NAME` or `file:PATH`; never printed."""

ConfigPath = Annotated[Path, AfterValidator(resolve_path)]
"""A path, relative to the configuration file."""

DatabaseURL = Annotated[InstanceOf[URL], BeforeValidator(_database_url), WithJsonSchema(_URL)]
"""An SQLAlchemy URL without a password in it; a relative SQLite path is relative to the configuration file."""

TimeZone = Annotated[ZoneInfo, BeforeValidator(_zone), WithJsonSchema(_ZONE_NAME)]
"""A zone of the IANA database."""
