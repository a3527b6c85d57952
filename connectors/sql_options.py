"""What can be said in `[channels.options]` of a database, to read it and to write LAPOR's answers back?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, Field, SecretStr, field_validator, model_validator
from sqlalchemy.engine import URL

from connectors import contract
from connectors.contract import News
from connectors.options import ConfigPath, DatabaseURL, Secret, TimeZone
from connectors.sql_engine import Manner
from connectors.sql_file_options import FileOptions
from connectors.sql_rows import table_name
from connectors.sql_spans import Span
from connectors.sql_statement import Statement, parse

Canonical = Literal[
    "received",
    "disposed",
    "in_progress",
    "replied",
    "pending",
    "closed",
    "archived",
    "blocked",
    "returned",
    "unknown",
]
"""LAPOR's statuses as the gateway calls them."""

PARAMETERS = frozenset(
    "status previous tracking_id text words responder news url answer_id date at".split()  # as in `sql_answer`
)
"""What statements may name besides the record's own fields; where both have a name, these win."""

_CARRIED = frozenset(News) - {News.RECEIVED}
_IN_WORDS = _CARRIED - {News.STATUS}


class _Part(BaseModel):
    model_config = contract.Options.model_config


class StatementOptions(_Part):
    """An INSERT or UPDATE, and the news that it is for."""

    sql: str
    news: tuple[News, ...] = Field(default=(), alias="for", description="default: see `wanted_for`")

    @field_validator("sql")
    @classmethod
    def _may_be_run(cls, sql: str) -> str:
        parsed = parse(sql)
        where = parsed.condition if parsed.verb == "UPDATE" else parsed.tokens
        if not {token.text for token in where if token.kind == "parameter"} - PARAMETERS:
            raise ValueError("it does not say which record it is about: name a field of the record, such as :id")
        return sql

    @field_validator("news")
    @classmethod
    def _is_carried(cls, news: tuple[News, ...]) -> tuple[News, ...]:
        if News.RECEIVED in news:
            raise ValueError('"received" is never written back: LAPOR knows nothing of the report then')
        return news

    @property
    def statement(self) -> Statement:
        """The statement, understood."""
        return parse(self.sql)

    @property
    def wanted_for(self) -> frozenset[News]:
        """The news that it is for. By default a status goes with every news, and anything else with news in words."""
        if self.news:
            return frozenset(self.news)
        parsed = self.statement
        return _CARRIED if parsed.verb == "UPDATE" and "status" in parsed.parameters else _IN_WORDS


def _as_table(given: object) -> object:
    return {"sql": given} if isinstance(given, str) else given


class WriteBack(_Part):
    """`[channels.options.write_back]`: how LAPOR's status and answers come into the application's own tables."""

    url: DatabaseURL | None = Field(default=None, description="default: the channel's; better a user who may write")
    password: Secret | None = Field(default=None, description="default for the same user and host: the channel's")
    status_column: str | None = Field(default=None, description="the field of the record with the application's status")
    writes: tuple[str, ...] = Field(default=(), description="other fields of the record that the statements change")
    status: Mapping[Canonical, str | int | bool] = Field(
        default_factory=dict, description="the application's own values"
    )
    statements: tuple[Annotated[StatementOptions, BeforeValidator(_as_table)], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_what_statements_name(self) -> WriteBack:
        used = frozenset[str]().union(*(each.statement.parameters for each in self.statements))
        if "previous" in used and self.status_column is None:
            raise ValueError(":previous needs `status_column`, the field that holds the status before our first one")
        if "status" in used and not self.status:
            raise ValueError(
                ":status needs the table `status`: which value does the application have for which status?"
            )
        return self


class SqlOptions(contract.Options):
    """`[channels.options]` of a database."""

    url: DatabaseURL = Field(description="SQLAlchemy URL without a password")
    password: Secret | None = None
    ca_file: ConfigPath | None = Field(default=None, description="encrypts the connection and verifies the server")
    charset: str | None = Field(default=None, description="of the connection, for old databases; default: UTF-8")
    table: str | None = Field(default=None, description="a table or view, with its schema if need be: public.pengaduan")
    where: str | None = Field(default=None, description="a condition on the table's rows, such as deleted_at IS NULL")
    query: str | None = Field(default=None, description="any SELECT; joins need column aliases where names repeat")
    key: tuple[str, ...] = Field(default=(), description="the columns that say which record it is")
    identity: tuple[str, ...] = Field(
        default=(), description="for a table without a key: the columns that tell rows apart"
    )
    updated: str | None = Field(default=None, description="a column that changes with every edit")
    whole_every: Span | None = Field(default=None, description="with `updated`: how often all keys are listed")
    overlap: Span = Field(default=timedelta(hours=1), description="with `whole_every`: how late a row may commit")
    timezone: TimeZone | None = Field(default=None, description="of dates with time; default: the gateway's")
    session_timezone: Literal["channel", "server"] = Field(
        default="channel", description="in which zone the database tells moments; server: as the application sees them"
    )
    batch_size: int = Field(default=500, ge=1, le=10_000, description="rows read at once")
    recheck: int = Field(default=200, ge=0, le=10_000, description="without `updated`: last rows looked at for edits")
    attachments: tuple[FileOptions, ...] = Field(default=(), description="columns that hold or name files")
    write_back: WriteBack | None = Field(default=None, description="writing LAPOR's answers into the application")

    @field_validator("table")
    @classmethod
    def _is_a_name(cls, table: str | None) -> str | None:
        if table is not None:
            table_name(table)
        return table

    @field_validator("charset")
    @classmethod
    def _is_a_charset(cls, charset: str | None) -> str | None:
        if charset is not None and not re.fullmatch(r"[A-Za-z0-9_-]+", charset):
            raise ValueError('expected a charset such as "latin1"')
        return charset

    @model_validator(mode="after")
    def _short_rounds_have_what_they_need(self) -> SqlOptions:
        if self.whole_every is not None and not (self.key and self.updated):
            raise ValueError("`whole_every` needs `key` and `updated`: it is by `updated` that changes are found")
        if self.where is not None and self.table is None:
            raise ValueError("`where` belongs to `table`; a `query` has its own WHERE")
        if self.identity and any(each.blob for each in self.attachments):
            raise ValueError("files in a column (`blob`) need a `key`: without it every round would read them all")
        return self

    @model_validator(mode="after")
    def _one_source_one_identity(self) -> SqlOptions:
        if (self.table is None) == (self.query is None):
            raise ValueError("give either `table` or `query`")
        if bool(self.key) == bool(self.identity):
            raise ValueError(
                "give either `key` (columns that name a record) or `identity` (columns that tell rows apart)"
            )
        return self

    @model_validator(mode="after")
    def _writing_keeps_the_identity(self) -> SqlOptions:
        changed = {name.casefold() for name in self.written}.union(self._assigned())
        taken = sorted(name for name in (*self.key, *self.identity) if name.casefold() in changed)
        if taken:
            raise ValueError(f"write_back changes {', '.join(taken)}: the record would then be taken for a new one")
        return self

    def source(self) -> str:
        by = f"key={','.join(self.key)}" if self.key else f"identity={','.join(self.identity)}"
        what = f"table={self.table}" if self.table else "query"
        return f"{self.url.render_as_string(hide_password=True)} {what} {by}"

    def manner(self, zone: ZoneInfo) -> Manner:
        """How the database is spoken to, in that zone."""
        return Manner(
            zone if self.session_timezone == "channel" else None,
            self.charset.lower() if self.charset else None,
            self.ca_file,
        )

    @property
    def written(self) -> Sequence[str]:
        """The fields of a record that are the gateway's to change: no edit by a citizen."""
        back = self.write_back
        return [*([back.status_column] if back.status_column else []), *back.writes] if back else []

    def writer(self) -> tuple[URL, SecretStr | None]:
        """Who logs in to write, and the password. The channel's own goes to nobody but the same user and host."""
        url = self.write_back.url if self.write_back else None
        own = self.write_back.password if self.write_back else None
        if url is None or _login(url) == _login(self.url):
            own = own or self.password
        return url or self.url, own

    def _assigned(self) -> Sequence[str]:
        statements = [each.statement for each in self.write_back.statements] if self.write_back else []
        return [name for parsed in statements if parsed.verb == "UPDATE" for name in parsed.assigned]


def _login(url: URL) -> tuple[Any, ...]:
    return url.username, url.host, url.port
