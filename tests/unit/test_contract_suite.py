"""Can the contract suite fail? Each connector here breaks one promise of the document's example, and is found out."""

from __future__ import annotations

import importlib.util
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

from connectors import registry
from connectors.contract import Answer, Attachment, ConnectorError, Cursor, Entry, Listing, SourceRecord, Unreachable
from connectors.identity import digest
from gateway.testing.contract import IdentityContract, KeyedContract
from gateway.testing.files import FilesContract
from gateway.testing.fixtures import empty_state, gateway
from gateway.testing.replying import ReplierContract
from gateway.testing.round import Gateway

__all__ = ["empty_state", "gateway"]

EXAMPLE = Path(__file__).parents[2] / "docs" / "example-connector"


def module(name: str, file: Path) -> ModuleType:
    """A module of the example, which is not installed here."""
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


JsonFolder: Any = module("lapor_json_folder", EXAMPLE / "lapor_json_folder.py").JsonFolder
FolderSource: Any = module("json_folder_source", EXAMPLE / "tests" / "test_contract.py").FolderSource


class Changed(JsonFolder):
    """The example with each record, or its listing, changed on the way."""

    def record(self, record: SourceRecord) -> SourceRecord:
        return record

    def listing(self, listing: Listing) -> Listing:
        return listing

    def list(self, after: Cursor | None) -> Listing:
        return self.listing(super().list(after))

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        for record in super().read(locators):
            yield self.record(record)


class LosesOne(Changed):
    def listing(self, listing: Listing) -> Listing:
        return replace(listing, entries=listing.entries[1:])


class ReadsTwice(Changed):
    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        yield from super().read([*locators, *locators])


class NeverEnds(Changed):
    def listing(self, listing: Listing) -> Listing:
        return replace(listing, more=True)


class CountsItsKeys(Changed):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._restart = uuid4().hex

    def record(self, record: SourceRecord) -> SourceRecord:
        return replace(record, key=f"{self._restart}-{record.key}")


class KeyFollowsText(Changed):
    def record(self, record: SourceRecord) -> SourceRecord:
        return replace(record, key=digest([str(record.fields["isi"])]))


class VersionNeverChanges(Changed):
    def listing(self, listing: Listing) -> Listing:
        return replace(listing, entries=[replace(entry, version="1") for entry in listing.entries])

    def record(self, record: SourceRecord) -> SourceRecord:
        return replace(record, version="1")


class VersionsDisagree(Changed):
    def record(self, record: SourceRecord) -> SourceRecord:
        return replace(record, version=f"{record.version}x")


class LocatorsOfItsOwn(JsonFolder):
    """Numbers that only the object knows which listed them."""

    def list(self, after: Cursor | None) -> Listing:
        listing: Listing = super().list(after)
        self._places = [entry.locator for entry in listing.entries]
        return replace(listing, entries=[Entry(str(n), entry.version) for n, entry in enumerate(listing.entries)])

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        places = getattr(self, "_places", [])
        for number in locators:
            if int(number) < len(places):
                yield from (replace(one, locator=number) for one in super().read([places[int(number)]]))


class OnlyTheNewest(JsonFolder):
    """A high-water mark over the dates: what comes late is never seen."""

    def list(self, after: Cursor | None) -> Listing:
        listing: Listing = super().list(after)
        dates = {entry.locator: self._date(entry.locator) for entry in listing.entries}
        mark = str((after or {}).get("date", ""))
        entries = [entry for entry in listing.entries if dates[entry.locator] > mark]
        return replace(listing, entries=entries, cursor={"date": max([mark, *dates.values()])}, complete=False)

    def _date(self, name: str) -> str:
        return str(json.loads((self._options.path / name).read_bytes())["tanggal"])


class RemembersWhatItRead(Changed):
    """Progress kept by the connector: what was read once and not stored is lost."""

    def listing(self, listing: Listing) -> Listing:
        known = [name for name in self._memory.read_text().split() if name] if self._memory.exists() else []
        return replace(listing, entries=[one for one in listing.entries if one.locator not in known], complete=False)

    def record(self, record: SourceRecord) -> SourceRecord:
        with self._memory.open("a") as memory:
            memory.write(f"{record.locator}\n")
        return record

    @property
    def _memory(self) -> Path:
        memory: Path = self._options.path.parent.with_name("memory")
        return memory


class TidiesUp(Changed):
    def record(self, record: SourceRecord) -> SourceRecord:
        file = self._options.path / record.locator
        file.rename(file.with_suffix(".done"))
        return record


class NaiveTimes(Changed):
    def record(self, record: SourceRecord) -> SourceRecord:
        assert isinstance(record.received_at, datetime)
        return replace(record, received_at=record.received_at.replace(tzinfo=None))


class DatesInFields(Changed):
    def record(self, record: SourceRecord) -> SourceRecord:
        return replace(record, fields={**record.fields, "tanggal": record.received_at})


class StumblesOverTheVanished(JsonFolder):
    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        files = self._files()
        for name in locators:
            yield self._record(name, json.loads(files[name].read_bytes()), files)


class DownLooksEmpty(JsonFolder):
    def _files(self) -> Mapping[str, Path]:
        try:
            files: Mapping[str, Path] = super()._files()
        except Unreachable:
            return {}
        return files


class LetsErrorsThrough(JsonFolder):
    def _files(self) -> Mapping[str, Path]:
        return {file.name: file for file in self._options.path.iterdir()}


class TellsTheSecret(JsonFolder):
    def _files(self) -> Mapping[str, Path]:
        try:
            files: Mapping[str, Path] = super()._files()
        except Unreachable:
            raise Unreachable("refused: user=gateway password=kata-sandi") from None
        return files


class AnswersAgain(JsonFolder):
    def write_back(self, answer: Answer) -> None:
        super().write_back(replace(answer, id=uuid4().hex))


class AnswersAmongComplaints(JsonFolder):
    def write_back(self, answer: Answer) -> None:
        super().write_back(answer)
        (self._options.path / f"{answer.id}.json").write_text(json.dumps({"isi": answer.text}))


class AnswersWithTheRecord(JsonFolder):
    def write_back(self, answer: Answer) -> None:
        super().write_back(replace(answer, text=f"{answer.text} ({answer.fields['isi']})"))


class FilesLeftInTheirPlace(JsonFolder):
    def _kept(self, photo: Path) -> Attachment:
        kept: Attachment = super()._kept(photo)
        return replace(kept, path=photo)


class HidesThatContentIsItsKey(Changed):
    """Without a key of their own, and without saying so: an edited row passes for a new complaint."""

    def listing(self, listing: Listing) -> Listing:
        return replace(listing, entries=[Entry(f"{one.locator}?{one.version}", one.version) for one in listing.entries])

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        for locator in locators:
            name, _, version = locator.partition("?")
            yield from (replace(one, locator=locator, key=version) for one in super(Changed, self).read([name]))


Promise = Callable[..., None]
BROKEN: Sequence[tuple[type[Any], Promise]] = [
    (LosesOne, KeyedContract.test_every_record_is_listed_and_read_once),
    (ReadsTwice, KeyedContract.test_every_record_is_listed_and_read_once),
    (NeverEnds, KeyedContract.test_every_record_is_listed_and_read_once),
    (CountsItsKeys, KeyedContract.test_keys_are_the_same_again_and_from_a_fresh_connector),
    (KeyFollowsText, KeyedContract.test_an_edit_changes_the_version_but_not_the_key),
    (VersionNeverChanges, KeyedContract.test_an_edit_is_followed_while_the_report_is_unsent),
    (VersionsDisagree, KeyedContract.test_versions_in_listing_and_record_agree),
    (LocatorsOfItsOwn, KeyedContract.test_locators_outlive_the_connector),
    (OnlyTheNewest, KeyedContract.test_late_and_tied_records_are_found),
    (RemembersWhatItRead, KeyedContract.test_a_round_broken_off_in_the_middle_is_made_up_for),
    (TidiesUp, KeyedContract.test_reading_and_checking_change_nothing_at_the_source),
    (NaiveTimes, KeyedContract.test_records_are_made_of_what_the_state_can_keep),
    (DatesInFields, KeyedContract.test_records_are_made_of_what_the_state_can_keep),
    (StumblesOverTheVanished, KeyedContract.test_what_vanishes_between_list_and_read_is_left_out),
    (DownLooksEmpty, KeyedContract.test_a_source_that_is_down_is_unreachable),
    (LetsErrorsThrough, KeyedContract.test_a_round_with_the_source_down_fails_alone),
    (TellsTheSecret, KeyedContract.test_a_source_that_is_down_is_unreachable),
    (AnswersAgain, ReplierContract.test_each_answer_stands_there_once_however_often_it_is_brought),
    (AnswersAmongComplaints, ReplierContract.test_answers_are_no_complaints_and_no_edits),
    (AnswersWithTheRecord, ReplierContract.test_nothing_is_said_of_a_secret_report),
    (FilesLeftInTheirPlace, FilesContract.test_files_arrive_whole_in_the_spool),
    (HidesThatContentIsItsKey, IdentityContract.test_an_edited_row_is_held),
]


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The example's own source, with a secret that must not be told."""
    monkeypatch.setitem(registry.OURS, "json-folder", "lapor_json_folder:JsonFolder")
    made = FolderSource(tmp_path / "bersama")
    made.secret = "kata-sandi"
    return made


@pytest.fixture
def shown(gateway: Gateway, source: Any, capfd: pytest.CaptureFixture[str]) -> Callable[[Promise], None]:
    """Runs one test of the suite as pytest would."""
    at_hand = {"gateway": gateway, "source": source, "capfd": capfd, "sent": "unsent"}

    def run(promise: Promise) -> None:
        wanted = list(inspect.signature(promise).parameters)[1:]
        promise(KeyedContract(), **{name: at_hand[name] for name in wanted})

    return run


@pytest.mark.parametrize(("broken", "promise"), BROKEN, ids=lambda one: one.__name__)
def test_a_broken_connector_fails(
    broken: type[Any], promise: Promise, gateway: Gateway, shown: Callable[[Promise], None]
) -> None:
    gateway.channel = replace(gateway.channel, factory=broken)
    with pytest.raises((AssertionError, pytest.fail.Exception, ConnectorError, LookupError, TypeError)):
        shown(promise)


@pytest.mark.parametrize(
    "promise",
    dict.fromkeys(promise for _, promise in BROKEN if "held" not in promise.__name__),
    ids=lambda one: one.__name__,
)
def test_the_example_itself_passes(promise: Promise, shown: Callable[[Promise], None]) -> None:
    shown(promise)
