"""What does it mean when a database refuses what is written, and how is it said without the data?

Databases quote values in their errors, and drivers put them into the SQL: such words are never passed on.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from connectors import sql_engine
from connectors.contract import ConnectorError, Misconfigured, Unanswerable

_SYNTAX = (1064, "42601")
_NOT_OF_THE_ENUMERATION = 1265
_WRONG_VALUE = (1292, 1366, 1367, 1411)
_NO_PARENT = (1452, 1216, "23503")
_TWICE = (1062, 1586)


class MissingParent(Misconfigured):
    """The written row refers to one that is not there: a wrong number in the statement, or a record that is gone."""


def translated(error: SQLAlchemyError, url: URL, what: str) -> ConnectorError:
    """The contract's error for what a database says to `what` (a statement, by its number)."""
    original: Any = error.orig if isinstance(error, DBAPIError) else None
    where, code = f"{what}, {sql_engine.place(url)}", _code(original)
    if code in _SYNTAX:
        return Misconfigured(f"{where}: there is an error in the syntax of the SQL{_near(original)}")
    if isinstance(error, IntegrityError) and code not in _WRONG_VALUE:
        kind = MissingParent if code in _NO_PARENT or "FOREIGN KEY" in str(original) else Misconfigured
        return kind(f"{where}: the row is refused: {_constraint(original, code)}")
    if "for enum" in str(original).partition(":")[0]:
        return Misconfigured(f"{where}: the table `status` has a value that the column does not take")
    if code != _NOT_OF_THE_ENUMERATION and (isinstance(error, DataError) or code in _WRONG_VALUE):
        return Unanswerable("answer_refused", f"{where}: a value is too long or of another kind ({_name(original)})")
    said = sql_engine.translated(error, url)
    return type(said)(f"{what}, {said}")


def _code(original: Any) -> object:
    """MySQL's number, PostgreSQL's SQLSTATE or None."""
    number = original.args[0] if original is not None and original.args else None
    return number if isinstance(number, int) else getattr(original, "sqlstate", None)


def _near(original: Any) -> str:
    """The line of the statement, as PostgreSQL and MySQL say it; not the words near it, which may be a citizen's."""
    _, found, line = str(original).rpartition(" at line ")
    number = line.strip("\"') ")
    return f", line {number}" if found and number.isdigit() else ""


def _constraint(original: Any, code: object) -> str:
    """Which rule of the table it breaks, by names alone."""
    if isinstance(original, sqlite3.Error):
        return str(original)
    diagnosis = getattr(original, "diag", None)
    if diagnosis is not None:
        return f"{_name(original)} {diagnosis.constraint_name or diagnosis.column_name or ''}".strip()
    return f"a key is there already ({code})" if code in _TWICE else str(original.args[-1])


def _name(original: Any) -> str:
    """What the database calls it."""
    code = _code(original)
    return f"{type(original).__name__} {code}" if isinstance(code, int) else type(original).__name__
