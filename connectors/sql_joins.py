"""In which other table does the reporter of a complaint stand, and how are the two joined?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Dialect

_PERSON = re.compile(
    r"(^|_)(nama|name|fullname|telp|telepon|phone|hp|wa|whatsapp|email|surel|nik|ktp|alamat)(_|$)", re.I
)
_NAMED = re.compile(r"(^|_)(nama|name|fullname|telp|telepon|phone|hp|email)(_|$)", re.IGNORECASE)
_SECRET = re.compile(r"passw|pwd|sandi|token|salt|secret|(^|_)(pass|pin|otp)($|_)", re.IGNORECASE)
_GENERIC = {"id", "status", "level", "role"}


@dataclass(frozen=True, slots=True)
class Link:
    """A column that names a row of another table."""

    column: str
    table: str
    referred: str


@dataclass(frozen=True, slots=True)
class Described:
    """A table as far as joins need it."""

    name: str
    schema: str | None
    columns: Sequence[str]
    key: Sequence[str]
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Join:
    """A SELECT over two tables with a name of its own for each column."""

    other: str
    sql: str
    added: Sequence[str]
    note: str


def queries(table: Described, others: Sequence[Described], dialect: Dialect) -> Iterator[Join]:
    """Joins of the table with each table of persons that a foreign key names, or a column of the key's name."""
    known = {other.name: other for other in others if other.schema == table.schema and other.name != table.name}
    declared = [link for link in table.links if link.table in known]
    taken = {link.column for link in declared}
    implied = [link for other in known.values() for link in _implied(table, other) if link.column not in taken]
    for link in [*declared, *implied]:
        other = known[link.table]
        wanted = [name for name in other.columns if _PERSON.search(name)]
        if any(_NAMED.search(name) for name in wanted):
            yield _join(table, other, link, wanted, dialect, "foreign key" if link in declared else "same column name")


def is_secret(column: str) -> bool:
    """Whether a column holds passwords or the like: nothing of it is ever read."""
    return _SECRET.search(column) is not None


def _implied(table: Described, other: Described) -> Iterator[Link]:
    """Many applications declare no foreign keys: `nik` here and `nik` as the key there is one."""
    if len(other.key) == 1:
        column = other.key[0]
        if column in table.columns and list(table.key) != [column] and column.casefold() not in _GENERIC:
            yield Link(column, other.name, column)


def _join(table: Described, other: Described, link: Link, wanted: Sequence[str], dialect: Dialect, why: str) -> Join:
    quote = dialect.identifier_preparer.quote
    here = {name.casefold() for name in table.columns}
    added = {
        name: name if name.casefold() not in here else f"pelapor_{name}" for name in wanted if name != link.referred
    }
    own = (f"{quote(table.name)}.{quote(name)}" for name in table.columns)
    theirs = (f"{quote(other.name)}.{quote(name)} AS {quote(alias)}" for name, alias in added.items())
    prefix = f"{quote(table.schema)}." if table.schema else ""
    # LEFT JOIN: a complaint whose reporter was deleted is a complaint all the same.
    sql = (
        f"SELECT {', '.join([*own, *theirs])}\n"
        f"FROM {prefix}{quote(table.name)}\n"
        f"LEFT JOIN {prefix}{quote(other.name)}\n"
        f"  ON {quote(other.name)}.{quote(link.referred)} = {quote(table.name)}.{quote(link.column)}"
    )
    return Join(other.name, sql, list(added.values()), f"joined by {link.column} ({why})")
