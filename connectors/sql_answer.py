"""How does LAPOR's news get into the application's own tables? By the admin's statements, all in one transaction.

A statement may name every field of the record as `:field` (those of `key` as the database compares them), and besides:

    :status       the application's own value for LAPOR's status, of the table `status`
    :previous     the value that we wrote last; before the first time, what `status_column` says
    :tracking_id  :url :answer_id :news        LAPOR's number and page, which answer and which news it is
    :text         the answer as the citizen is to read it
    :words        :responder                   the agency's own words and who wrote them; empty where there are none
    :date         :at                          2026-11-23 and 2026-11-23 08:15:00, in the channel's time zone

An UPDATE with :status is for all news, any other statement for news in words, unless it says itself what it is `for`. A
statement with :status is left out where the application has no value for the status, and one with :words, which sets no
status, where there are no words. `status = :previous` is never true of NULL: where the status may be NULL, write
`status <=> :previous` (MariaDB, MySQL), `status IS NOT DISTINCT FROM :previous` (PostgreSQL) or `status IS :previous`
(SQLite).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, get_args
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from connectors import sql_engine, sql_refusal
from connectors.contract import Answer, ConnectorError, Finding, Misconfigured, News, Scalar, Unanswerable
from connectors.sql_options import PARAMETERS, Canonical, SqlOptions, StatementOptions, WriteBack
from connectors.sql_statement import Statement
from connectors.sql_values import from_json

_LOOKS_READ_ONLY = {
    "postgresql": "SELECT current_setting('transaction_read_only') = 'on'",
    "mysql": "SELECT @@read_only",
    "sqlite": "BEGIN IMMEDIATE",
}
"""Asked at `check`, as no EXPLAIN minds; SQLite can only be asked for its write lock."""
_SOME_DAY = {"date": "2026-11-23", "at": "2026-11-23 08:15:00"}


class Writer:
    """Runs the statements of `write_back`; one object serves one round of one channel."""

    def __init__(self, options: SqlOptions, back: WriteBack, zone: ZoneInfo) -> None:
        self._key = options.key
        self._written = options.written
        self._back = back
        self._zone = zone
        self._url, password = options.writer()
        self._engine = sql_engine.writing(self._url, password, options.manner(zone))
        self._mark = "?" if self._engine.dialect.name == "sqlite" else "%s"
        self._statements = [(number, each, each.statement) for number, each in enumerate(back.statements, 1)]
        self.carries = frozenset[News]().union(*(each.wanted_for for each in back.statements))
        in_words = [each for each in back.statements if each.statement.parameters & {"text", "words"}]
        self.tells = frozenset[News]().union(*(each.wanted_for for each in in_words))

    def carry(self, answer: Answer) -> None:
        """Run what the answer calls for, all of it or nothing.

        Raises Unreachable, Misconfigured (`MissingParent` where a row that it refers to is not there) and Unanswerable.
        """
        if answer.locator is None:
            raise Unanswerable("key_reused", "another record has taken the place of the one that is answered")
        values = self._values(answer)
        wanted = [(number, parsed) for number, each, parsed in self._statements if _wants(each, parsed, answer, values)]
        if not wanted:
            return
        with self._translating("write_back"), self._engine.begin() as connection:
            for number, parsed in wanted:
                with self._translating(f"statement {number}"):
                    self._run(connection, number, parsed, values)

    def check(self, columns: Mapping[str, Scalar]) -> Sequence[Finding]:
        """Let the database explain every statement; `columns` of the source have a value where its type matters."""
        missing = [name for name in self._written if name not in columns]
        findings = [Finding(ok=False, text=f"write_back: the source has no column {name}") for name in missing]
        try:
            with self._translating("log-in"), self._engine.connect() as connection:
                findings += [self._may_write(connection), *self._without_value()]
                return [*findings, *(self._explained(connection, *each, columns) for each in self._statements)]
        except ConnectorError as error:
            return [*findings, Finding(ok=False, text=f"write_back: {error}")]

    def close(self) -> None:
        """Let go of connections."""
        self._engine.dispose()

    def _values(self, answer: Answer) -> Mapping[str, Any]:
        """All parameters; dates as text, which every database takes for the type that it needs."""
        typed = dict(zip(self._key, from_json(str(answer.locator)), strict=True)) if self._key else {}
        status, moment = self._back.status, answer.at.astimezone(self._zone)
        previous = _mapped(status, answer.previous)
        ours = {
            "status": _mapped(status, answer.status),
            "previous": answer.fields.get(self._back.status_column or "") if previous is None else previous,
            "tracking_id": answer.tracking_id,
            "text": answer.text,
            "words": answer.words,
            "responder": answer.responder,
            "news": str(answer.news),
            "url": answer.url,
            "answer_id": answer.id,
            "date": f"{moment:%Y-%m-%d}",
            "at": f"{moment:%Y-%m-%d %H:%M:%S}",
        }
        return {**answer.fields, **typed, **ours}

    def _run(self, connection: sa.Connection, number: int, statement: Statement, values: Mapping[str, Any]) -> None:
        _require(number, statement, values)
        sql, bound = statement.bound(values, self._mark)
        rows = connection.exec_driver_sql(sql, bound).rowcount
        # Without a key several rows may well be one record.
        if statement.verb == "UPDATE" and rows > 1 and self._key:
            raise Misconfigured(f"statement {number} changes {rows} rows for one record; its WHERE must name one row")

    def _may_write(self, connection: sa.Connection) -> Finding:
        found = connection.exec_driver_sql(_LOOKS_READ_ONLY[self._engine.dialect.name])
        refused = found.returns_rows and bool(found.scalar())
        connection.rollback()
        place = sql_engine.place(self._url)
        return Finding(ok=not refused, text=f"write_back: {place} {'is read-only' if refused else 'can be written'}")

    def _without_value(self) -> Sequence[Finding]:
        lacking = [name for name in get_args(Canonical) if name not in self._back.status]
        if not self._back.status or not lacking:
            return []
        text = f"write_back: the application's status stays as it is while LAPOR's is {', '.join(lacking)}"
        return [Finding(ok=True, text=text)]

    def _explained(
        self,
        connection: sa.Connection,
        number: int,
        options: StatementOptions,
        statement: Statement,
        columns: Mapping[str, Scalar],
    ) -> Finding:
        try:
            for value in {**dict.fromkeys(self._back.status.values())} or [None]:
                values = {**columns, **dict.fromkeys(PARAMETERS, "x"), **_SOME_DAY, "status": value, "previous": value}
                _require(number, statement, values)
                sql, bound = statement.bound(values, self._mark)
                with self._translating(f"statement {number}"):
                    connection.exec_driver_sql(f"EXPLAIN {sql}", bound).close()
        except ConnectorError as error:
            return Finding(ok=False, text=f"write_back: {error}")
        finally:
            connection.rollback()
        news = ", ".join(sorted(options.wanted_for))
        return Finding(ok=True, text=f"write_back: statement {number} ({statement.verb}) can be run, for: {news}")

    @contextmanager
    def _translating(self, what: str) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise sql_refusal.translated(error, self._url, what) from None


def _wants(options: StatementOptions, statement: Statement, answer: Answer, values: Mapping[str, Any]) -> bool:
    if answer.news not in options.wanted_for:
        return False
    if "status" in statement.parameters:
        return values["status"] is not None
    return "words" not in statement.parameters or bool(answer.words)


def _require(number: int, statement: Statement, values: Mapping[str, Any]) -> None:
    missing = sorted(statement.parameters.difference(values))
    if missing:
        names = ", ".join(f":{name}" for name in missing)
        raise Misconfigured(
            f"statement {number} names {names}, which is neither a column of the source nor an answer's"
        )


def _mapped(status: Mapping[Any, str | int | bool], canonical: str | None) -> str | int | bool | None:
    return status.get(canonical) if canonical else None
