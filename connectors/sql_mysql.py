"""How is MySQL or MariaDB spoken to, of any age: its clock, its letters, its ways to log in?

Text comes in the charset of the connection and is decoded here, so that no odd byte stops the other rows:

    utf8mb4           what every server since 2010 has; `utf8` before
    latin1, …         for servers that know nothing else
    utf8-in-latin1    UTF-8 that an old application wrote over a latin1 connection and that others see as "Ã©"
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pymysql
import sqlalchemy as sa
from pymysql.charset import charset_by_name

from connectors.contract import Misconfigured

MIXED = "utf8-in-latin1"
_CODEC = "lapor_gateway_"
_UNKNOWN_ZONE = 1298
_MISTAKES = {
    *(1044, 1045, 1046, 1049, 1052, 1054, 1060, 1064, 1115, 1142, 1143, 1146, 1275, 1298, 1698, 1792, 2059),
    # Only of statements that write: read-only tables and servers, wrong columns and their number, columns left out
    *(1036, 1093, 1110, 1136, 1265, 1288, 1290, 1305, 1364, 1370),
}
_OLD_PASSWORD = (
    "the server asks for a password in the format of before 2002 (mysql_old_password), which is not safe to send: give "
    "the user a new one (SET old_passwords = 0; SET PASSWORD FOR user = PASSWORD('…'))"
)
_ADVICE = {
    1115: '; an old server may know charset = "utf8" only',
    1275: "; give the user a new password (SET old_passwords = 0; SET PASSWORD FOR user = PASSWORD('…'))",
    1298: "; let the server load its time zones (mysql_tzinfo_to_sql), or give a zone without summer time",
    2059: "; create the user with mysql_native_password or caching_sha2_password",
}


def prepare(engine: sa.Engine, charset: str | None, zone: ZoneInfo | None, statement: str) -> None:
    """Let every connection of the engine begin with `statement`, in that zone and charset.

    Raises Misconfigured for a charset that is not known.
    """
    name = "latin1" if charset == MIXED else charset
    if name is not None and charset_by_name_or_none(name) is None:
        raise Misconfigured(f'charset = "{charset}" is not known; use utf8mb4, utf8, latin1, {MIXED} …')

    def connect(dialect: sa.Dialect, _record: object, arguments: Any, options: Any) -> Any:
        if name is not None:
            options["charset"] = name
        try:
            return dialect.connect(*arguments, **options)
        except RuntimeError as error:  # a way to log in that needs a library which is not there
            raise pymysql.OperationalError(2059, str(error)) from None

    def begin(connection: Any, _record: object) -> None:
        connection.encoding = codec(charset or connection.charset)
        with connection.cursor() as cursor:
            if zone is not None:
                cursor.execute("SET time_zone = %s", (clock(zone),))
            cursor.execute(statement)

    sa.event.listen(engine, "do_connect", connect)
    sa.event.listen(engine, "connect", begin)


def clock(zone: ZoneInfo) -> str:
    """The zone as every server knows it: an offset, or the name where there is summer time."""
    year = datetime.now(UTC).year
    offsets = {datetime(year, month, 1, tzinfo=zone).strftime("%z") for month in range(1, 13)}
    return zone.key if len(offsets) > 1 else f"{(one := offsets.pop())[:3]}:{one[3:5]}"


def mistake(error: BaseException) -> str | None:
    """What the admin has to correct, in the server's words, which hold no data; None for anything else."""
    code = error.args[0] if error.args else None
    if "unknown auth switch request" in str(error) or "'mysql_old_password'" in str(error):
        return _OLD_PASSWORD
    if not isinstance(code, int) or code not in _MISTAKES:
        return None
    return f"{error.args[1]}{_ADVICE.get(code, '')}"


def charset_by_name_or_none(name: str) -> object:
    """What PyMySQL knows of a charset."""
    try:
        return charset_by_name(name) if re.fullmatch(r"\w+", name) else None
    except KeyError:
        return None


def codec(charset: str) -> str:
    """The name of a Python codec for it that never fails to decode. PyMySQL takes nothing but a name."""
    return f"{_CODEC}{charset.replace('-', '_')}"


def _found(name: str) -> codecs.CodecInfo | None:
    charset = name.removeprefix(_CODEC)
    if charset == name:
        return None
    mixed = charset == MIXED.replace("-", "_")
    inner = "utf-8" if mixed else _python_name(charset)

    def encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
        return text.encode(inner, errors), len(text)

    def decode(data: Any, _errors: str = "strict") -> tuple[str, int]:
        raw = bytes(data)
        try:
            return raw.decode(inner), len(raw)
        except UnicodeDecodeError:
            return _decoded_anyhow(raw, "cp1252" if mixed else inner), len(raw)

    return codecs.CodecInfo(encode, decode, name=name)


def _decoded_anyhow(raw: bytes, encoding: str) -> str:
    if encoding == "cp1252":
        # MySQL's latin1 is cp1252 in which the five free places are control characters.
        return "".join(_CP1252[byte] for byte in raw)
    return raw.decode(encoding, errors="replace")


def _python_name(charset: str) -> str:
    known: Mapping[str, str] = {"utf8mb4": "utf-8", "utf8mb3": "utf-8", "utf8": "utf-8", "latin1": "cp1252"}
    found = charset_by_name_or_none(charset)
    return known.get(charset) or str(getattr(found, "encoding", "utf-8"))


_CP1252 = [bytes([n]).decode("cp1252", errors="ignore") or chr(n) for n in range(256)]
codecs.register(_found)
