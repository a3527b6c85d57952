"""Is the state never made in silence, and is the wrong one refused?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command as alembic_command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL, make_url

from gateway.documents import sendable
from state import database, doubles, models
from state.columns import UtcDateTime
from state.database import create, open_state
from state.errors import StateError, StateMissing, StateTooNew
from state.models import CHANNEL, RECORD, RUN, SETTING
from tests.fakes import NOON


@pytest.fixture
def url(tmp_path: Path) -> URL:
    return make_url(f"sqlite:///{tmp_path / 'var' / 'gateway.db'}")


@pytest.fixture
def made(url: URL) -> URL:
    create(url, None, "kaltim").close()
    return url


def test_a_missing_state_is_not_made_by_opening_it(url: URL) -> None:
    with pytest.raises(StateMissing, match="state init"):
        open_state(url, None, "kaltim")
    assert not Path(str(url.database)).exists()


def test_an_empty_file_is_no_state(url: URL) -> None:
    file = Path(str(url.database))
    file.parent.mkdir()
    file.touch()
    with pytest.raises(StateMissing):
        open_state(url, None, "kaltim")


def test_a_file_that_is_no_database_is_said_so(url: URL) -> None:
    file = Path(str(url.database))
    file.parent.mkdir()
    file.write_bytes(b"PK\x03\x04" * 1000)
    with pytest.raises(StateError, match="cannot be used"):
        open_state(url, None, "kaltim")


def test_a_state_is_made_once(made: URL) -> None:
    with pytest.raises(StateError, match="already"):
        create(made, None, "kaltim")
    open_state(made, None, "kaltim").close()


def test_another_gateways_state_is_refused(made: URL) -> None:
    with pytest.raises(StateError, match="belongs to the gateway 'kaltim'"):
        open_state(made, None, "papua")


def test_a_newer_versions_state_is_refused(made: URL) -> None:
    with closing(sqlite3.connect(str(made.database))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(StateTooNew, match="newer"):
        open_state(made, None, "kaltim")


def test_the_migrations_make_exactly_the_models_tables(made: URL) -> None:
    store = open_state(made, None, "kaltim")
    with store.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, models.REPORT.metadata)
    store.close()
    assert differences == []


def test_the_newest_schema_is_the_newest_migration_and_revisions_count_up() -> None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == database.NEWEST
    revisions = [known.revision for known in script.walk_revisions()]
    assert revisions == sorted(revisions, reverse=True)


def test_a_transaction_is_kept_as_a_whole_or_not_at_all(made: URL) -> None:
    store = open_state(made, None, "kaltim")

    def write_and_break() -> None:
        with store.begin() as tx:
            tx.execute(sa.insert(SETTING).values(name="a", value="b"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_break()
    with store.read() as tx:
        assert tx.scalar(sa.select(SETTING.c.value).where(SETTING.c.name == "a")) is None
    store.close()


def test_a_reader_keeps_no_writer_waiting_and_sees_one_moment(made: URL) -> None:
    store = open_state(made, None, "kaltim")
    with store.read() as reading:
        assert reading.scalar(sa.select(sa.func.count()).select_from(SETTING)) == 2
        with store.begin() as tx:
            tx.execute(sa.insert(SETTING).values(name="a", value="b"))
        assert reading.scalar(sa.select(sa.func.count()).select_from(SETTING)) == 2
    store.close()


def test_what_was_committed_survives_a_power_cut(made: URL) -> None:
    store = open_state(made, None, "kaltim")
    with store.read() as tx:
        assert tx.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert tx.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert tx.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    store.close()


def test_a_moment_without_a_zone_is_refused(made: URL) -> None:
    store = open_state(made, None, "kaltim")
    naive = datetime(2026, 11, 23)  # noqa: DTZ001 - the very thing that is refused
    row = {"step": "x", "started_at": naive, "ended_at": NOON, "outcome": "ok"}
    with pytest.raises(sa.exc.StatementError, match="time zone"), store.begin() as tx:
        tx.execute(sa.insert(RUN).values(**row, counts={}, problems=[], message=""))
    with store.read() as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(RUN)) == 0
    store.close()


def test_moments_come_back_aware_and_in_utc() -> None:
    column = UtcDateTime()
    dialect = sa.create_engine("sqlite://").dialect
    there = NOON.astimezone(timezone(timedelta(hours=9)))
    kept = column.process_bind_param(there, dialect)
    assert kept is not None
    assert column.process_result_value(kept, dialect) == NOON
    assert column.process_result_value(kept, dialect).tzinfo is UTC  # type: ignore[union-attr]


def test_an_error_of_the_database_does_not_show_the_data(made: URL) -> None:
    store = open_state(made, None, "kaltim")
    with pytest.raises(StateError) as caught, store.begin() as tx:
        tx.execute(sa.text("INSERT INTO nowhere VALUES (:text)"), {"text": "Budi 0812"})
    assert "Budi" not in f"{caught.value!r}"
    assert caught.value.__suppress_context__
    store.close()


@contextmanager
def older(url: URL, revision: str) -> Iterator[sa.Connection]:
    """A state as that version of the schema made it, to be filled."""
    Path(str(url.database)).parent.mkdir(exist_ok=True)
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic_command.upgrade(config, revision)
        made = {"gateway_id": "kaltim", "created_at": NOON.isoformat()}
        connection.execute(sa.insert(SETTING), [{"name": name, "value": value} for name, value in made.items()])
        channel = {"id": "web", "name": "web", "connector": "sql", "source": "x", "start": "all", "created_at": NOON}
        connection.execute(sa.insert(CHANNEL).values(**channel, first_round_done=True, first_queued=0))
        yield connection
    engine.dispose()


def test_reporters_of_an_older_state_are_known_to_the_next_doubles(url: URL) -> None:
    with older(url, "0003") as tx:
        row = {"channel_id": "web", "key": "1", "locator": "1", "version": "", "disposition": "report"}
        tx.execute(sa.insert(RECORD).values(**row, found_at=NOON, fields={}, attachments=[]))
        tx.exec_driver_sql(
            "INSERT INTO report (id, channel_id, external_id, stage, stage_at, mapped, amendments, reasons, notes, "
            "attempts, absences) VALUES (1, 'web', 'x', 'queued', '2026-11-23T04:00:00.000000', "
            """'{"reporter_phone": "+62811"}', '{"reporter_email": "budi@contoh.id"}', '[]', '[]', 0, 0)"""
        )
    store = open_state(url, None, "kaltim")
    with store.read() as tx:
        for told in ({"reporter_phone": "+62811"}, {"reporter_email": "Budi@contoh.id"}):
            assert [one.id for one in doubles.neighbours(tx, doubles.marks_of(told, {}))] == [1]
    store.close()


def test_files_of_an_older_state_are_sent_as_before(url: URL) -> None:
    old = [
        {"name": name, "media_type": "x/y", "path": "/spool/a", "sha256": "0" * 64, "size": size}
        for name, size in (("FOTO.JPG", 4), ("rekaman.mp4", 4), ("besar.pdf", 3_000_000))
    ]
    with older(url, "0002") as tx:
        row = {"channel_id": "web", "key": "1", "locator": "1", "version": "", "disposition": "report"}
        tx.execute(sa.insert(RECORD).values(**row, found_at=NOON, fields={}, attachments=old))
    store = open_state(url, None, "kaltim")
    with store.read() as tx:
        [attachments] = tx.scalars(sa.select(RECORD.c.attachments))
    store.close()
    assert [item["sent"] and item["sent"]["media_type"] for item in attachments] == ["image/jpeg", None, None]
    assert [document.name for document in sendable(attachments)] == ["FOTO.JPG"]
