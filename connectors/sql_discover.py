"""Which tables has this database, how many rows, which columns and keys, and who belongs to whom?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from connectors import discovery, sql_engine, sql_joins
from connectors.contract import ChannelContext, Misconfigured
from connectors.discovery import SAMPLE_ROWS, Column, Discovery, Place, Question
from connectors.identity import scalar
from connectors.options import DatabaseURL, Secret

_MOST_TABLES = 60
_SERVERS = ("mysql", "mariadb", "postgresql")
_DRIVERS = {"mysql": "mysql+pymysql", "mariadb": "mysql+pymysql", "postgresql": "postgresql+psycopg"}
_BINARY = (sa.LargeBinary, sa.types._Binary)  # noqa: SLF001 - the base of every BLOB and BYTEA
_DATES = (sa.DateTime, sa.types.TIMESTAMP)
_EDITED = ("updated", "update", "modified", "diubah", "ubah", "edited", "changed")


class SqlAccess(discovery.Access):
    """What suffices to log in to a database."""

    url: DatabaseURL
    password: Secret | None = None


class SqlDiscoverer:
    """Looks at tables and views in a read-only transaction."""

    Access: ClassVar[type[BaseModel]] = SqlAccess
    source: ClassVar[str] = "Website Institusi"
    questions: ClassVar[Sequence[Question]] = (
        Question("system", "Which database is it?", "mysql", (*_SERVERS, "sqlite")),
        Question("file", "Where is the database's file?", only_if=("system", ("sqlite",))),
        Question("host", "On which host does it run?", "127.0.0.1", only_if=("system", _SERVERS)),
        Question("port", "Another port than the usual one? Enter for the usual one", "", only_if=("system", _SERVERS)),
        Question("database", "What is the database called?", only_if=("system", _SERVERS)),
        Question("user", "Which user may read it? One with SELECT only is best", only_if=("system", _SERVERS)),
        Question("password", "That user's password; Enter for none", "", hidden=True, only_if=("system", _SERVERS)),
    )

    def options(self, answers: Mapping[str, str]) -> dict[str, object]:
        if answers["system"] == "sqlite":
            return {"url": f"sqlite:///{answers['file']}"}
        port = answers.get("port", "")
        if port and not port.isdigit():
            raise ValueError("the port is a number, such as 3306")
        driver = _DRIVERS[answers["system"]]
        url = URL.create(
            driver, answers["user"], None, answers["host"], int(port) if port else None, answers["database"]
        )
        secret = {"password": answers["password"]} if answers.get("password") else {}
        return {"url": url.render_as_string(hide_password=False), **secret}

    def discover(self, access: SqlAccess, channel: ChannelContext) -> Discovery:
        engine = sql_engine.read_only(access.url, access.password)
        try:
            with engine.connect() as connection:
                return _look(connection)
        except SQLAlchemyError as error:
            raise sql_engine.translated(error, access.url) from None
        finally:
            engine.dispose()


@dataclass(frozen=True, slots=True)
class _Table:
    """A table or view as the database describes it."""

    name: str
    """With its schema where that is not the usual one."""
    described: sql_joins.Described
    columns: Sequence[Mapping[str, Any]]


def _look(connection: sa.Connection) -> Discovery:
    tables = list(_tables(connection))
    if not tables:
        raise Misconfigured("this user sees no table; let it SELECT from the application's tables")
    places = [_place(connection, table) for table in tables[:_MOST_TABLES]]
    described = [table.described for table in tables[:_MOST_TABLES]]
    for place, table in zip(list(places), tables, strict=False):
        for query in sql_joins.queries(table.described, described, connection.dialect):
            places.append(_joined(connection, place, query))
    over = len(tables) - _MOST_TABLES
    return Discovery(places, [f"{over} more tables were not looked into"] if over > 0 else [])


def _tables(connection: sa.Connection) -> Iterator[_Table]:
    inspector = sa.inspect(connection)
    schemas: list[str | None] = [None]
    if connection.dialect.name == "postgresql":
        usual = inspector.default_schema_name
        others = (name for name in inspector.get_schema_names() if name not in {usual, "information_schema"})
        schemas += sorted(name for name in others if not name.startswith("pg_"))
    for schema in schemas:
        views = set(inspector.get_view_names(schema))
        for name in [*sorted(inspector.get_table_names(schema)), *sorted(views)]:
            yield _described(inspector, name, schema, is_view=name in views)


def _described(inspector: sa.Inspector, name: str, schema: str | None, *, is_view: bool) -> _Table:
    columns = inspector.get_columns(name, schema)
    key = [] if is_view else list(inspector.get_pk_constraint(name, schema)["constrained_columns"])
    found = [] if is_view else inspector.get_foreign_keys(name, schema)
    links = [
        sql_joins.Link(one["constrained_columns"][0], one["referred_table"], one["referred_columns"][0])
        for one in found
        if len(one["constrained_columns"]) == 1 and one.get("referred_schema") == schema
    ]
    full = f"{schema}.{name}" if schema else name
    readable = [column["name"] for column in columns if not isinstance(column["type"], _BINARY)]
    readable = [column for column in readable if not sql_joins.is_secret(column)]
    return _Table(full, sql_joins.Described(name, schema, readable, key, links), columns)


def _place(connection: sa.Connection, table: _Table) -> Place:
    own = table.described
    source = sa.table(own.name, *(sa.column(name) for name in own.columns), schema=own.schema)
    order = [source.c[name].desc() for name in own.key if name in source.c]
    rows = connection.execute(sa.select(*source.c).order_by(*order).limit(SAMPLE_ROWS)) if own.columns else ()
    samples = [{name: scalar(value) for name, value in row._mapping.items()} for row in rows]  # noqa: SLF001 - public
    count = connection.scalar(sa.select(sa.func.count()).select_from(source))
    key = own.key or discovery.unique_key(own.columns, samples, (f"id_{own.name}",))
    left = [column["name"] for column in table.columns if column["name"] not in own.columns]
    notes = [
        "" if own.key else "no primary key",
        f"not shown: {', '.join(left)} (binary, or a password)" if left else "",
    ]
    return Place(
        table.name,
        {"table": table.name},
        count,
        [Column(column["name"], str(column["type"]).lower()) for column in table.columns],
        key,
        rows=samples,
        dates=[column["name"] for column in table.columns if _says_edit(column)],
        note="; ".join(filter(None, notes)),
    )


def _says_edit(column: Mapping[str, Any]) -> bool:
    return isinstance(column["type"], _DATES) and any(word in column["name"].casefold() for word in _EDITED)


def _joined(connection: sa.Connection, base: Place, join: sql_joins.Join) -> Place:
    """The table with who belongs to it: what most complaint applications need."""
    quote = connection.dialect.identifier_preparer.quote
    order = f"ORDER BY {', '.join(f'{quote(name)} DESC' for name in base.key)} " if base.key else ""
    limited = f"SELECT * FROM ({join.sql}) AS source_rows {order}LIMIT {SAMPLE_ROWS}".replace(":", "\\:")
    rows = connection.execute(sa.text(limited)).mappings()
    samples = [{str(name): scalar(value) for name, value in row.items()} for row in rows]
    columns = [*base.columns, *(Column(name) for name in join.added)]
    return Place(
        f"{base.name} + {join.other}",
        {"query": join.sql},
        base.count,
        columns,
        base.key,
        rows=samples,
        dates=base.dates,
        note=join.note,
    )
