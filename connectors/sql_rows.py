"""What is selected from: a table under any name, with a condition of the admin's, or an admin's query?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

_PART = re.compile(r'"(?P<double>(?:[^"]|"")+)"|`(?P<back>(?:[^`]|``)+)`|\[(?P<square>[^\]]+)\]|(?P<plain>[^."`\[\]]+)')
NAMING_ADVICE = "; give the columns of the query distinct names (SELECT a.id, b.id AS b_id)"


@dataclass(frozen=True, slots=True)
class Rows:
    """The source's rows. Every SELECT of them carries the admin's condition, so that the table's indexes are used."""

    place: sa.FromClause
    condition: sa.ColumnElement[bool] | None = None
    named: tuple[str | None, str] | None = None
    """Schema and name, where it is a table or view."""

    def select(self, *wanted: Any) -> sa.Select[Any]:
        """A SELECT of columns or expressions."""
        query = sa.select(*wanted).select_from(self.place)
        return query if self.condition is None else query.where(self.condition)

    def columns(self, connection: sa.Connection) -> Sequence[str]:
        """The names of the columns, as the database has them now."""
        return list(connection.execute(self.select(sa.text("*")).limit(0)).keys())

    def count(self, connection: sa.Connection) -> int:
        """How many there are."""
        return connection.scalar(self.select(sa.func.count())) or 0


def rows_of(query: str | None, table: str | None, where: str | None) -> Rows:
    """What to select from: the table, or the admin's SELECT wrapped as a subquery."""
    if table is not None:
        schema, name = table_name(table)
        place = sa.table(_quoted(name), schema=_quoted(schema) if schema else None)
        # The line break ends a comment at the end of the condition.
        condition = sa.text(f"({_literal(where)}\n)") if where else None
        return Rows(place, condition, (schema, name))  # type: ignore[arg-type]
    inner = str(query).strip().rstrip(";")
    return Rows(sa.text(f"({_literal(inner)}\n) AS source_rows"))  # type: ignore[arg-type]


def table_name(text: str) -> tuple[str | None, str]:
    """Schema and name: `skema.tabel`, `Pengaduan Warga`, `"Nama.Dengan.Titik"`. Raises ValueError, for the admin."""
    parts, at = [], 0
    text = text.strip()
    while found := _PART.match(text, at):
        parts.append(_unquoted(found))
        at = found.end()
        if text[at : at + 1] != ".":
            break
        at += 1
    if at != len(text) or not 1 <= len(parts) <= 2 or text.endswith("."):
        raise ValueError('expected a table such as pengaduan, skema.pengaduan or "Nama.Dengan.Titik" in double quotes')
    return (parts[0], parts[1]) if len(parts) == 2 else (None, parts[0])


def _unquoted(found: re.Match[str]) -> str:
    if found["double"]:
        return found["double"].replace('""', '"')
    if found["back"]:
        return found["back"].replace("``", "`")
    return found["square"] or found["plain"].strip()


def _quoted(name: str) -> sa.quoted_name:
    return sa.quoted_name(name, quote=True)


def _literal(sql: str) -> str:
    """A colon in the admin's SQL is never a parameter of ours."""
    return sql.replace(":", "\\:")
