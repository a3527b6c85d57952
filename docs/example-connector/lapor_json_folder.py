"""Which complaints has another program put into a folder, a JSON file each, with their photos beside them?"""

from __future__ import annotations

import json
import mimetypes
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from pydantic import model_validator

from connectors import contract, spool
from connectors.contract import (
    Answer,
    Attachment,
    ChannelContext,
    Cursor,
    Entry,
    Finding,
    Listing,
    Misconfigured,
    News,
    Problem,
    SourceRecord,
    Unanswerable,
    Unreachable,
)
from connectors.identity import digest, scalar
from connectors.options import ConfigPath

LARGEST_JSON = 1_000_000
LARGEST_PHOTO = 50_000_000


class JsonFolderOptions(contract.Options):
    """`[channels.options]`: where complaints come from and, if answers are wanted, where these go."""

    path: ConfigPath
    answers: ConfigPath | None = None

    def source(self) -> str:
        return f"JSON files in {self.path}, keyed by their names"

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.answers is not None and self.answers.resolve() == self.path.resolve():
            raise ValueError("answers must be another folder than path: they would be read as complaints")
        return self


class Damaged(Exception):
    """One file cannot be taken for a complaint; `code` is a reason of the gateway's catalogue."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class JsonFolder:
    """The folder as a source of records."""

    Options: ClassVar[type[contract.Options]] = JsonFolderOptions
    keyed_by_content = False

    def __init__(self, options: JsonFolderOptions, channel: ChannelContext) -> None:
        self._options = options
        self._channel = channel
        self.carries = frozenset(News) - {News.STATUS} if options.answers else frozenset()
        self.tells = self.carries

    def list(self, after: Cursor | None) -> Listing:
        files = self._files()
        entries, problems = [], []
        for name in sorted(name for name in files if name.endswith(".json")):
            try:
                said = content_of(files[name])
            except Damaged as error:
                problems.append(Problem(name.encode(errors="replace").decode(), error.code, str(error)))
            else:
                entries += [Entry(name, version_of(said, files))] if said is not None else []
        shape = {"rows": len(entries)}
        return Listing(entries, None, more=False, shape=shape, problems=problems, complete=not problems)

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        files = self._files()
        for name in locators:
            try:
                said = content_of(files[name]) if name in files else None
            except Damaged:
                continue  # It was well a moment ago: the next listing tells of it.
            if said is not None:
                yield self._record(name, said, files)

    def check(self) -> Sequence[Finding]:
        listing = self.list(None)
        findings = [Finding(ok=True, text=f"{len(listing.entries)} complaint(s) in {self._options.path}")]
        findings += [Finding(ok=False, text=f"{one.where}: {one.detail}") for one in listing.problems]
        answers = self._options.answers
        if answers is not None and not os.access(answers, os.W_OK | os.X_OK):
            findings.append(Finding(ok=False, text=f"answers: there is no folder {answers} that can be written to"))
        return findings

    def write_back(self, answer: Answer) -> None:
        if self._options.answers is None:
            raise Misconfigured("the channel has no `answers`")
        if answer.locator is None:
            raise Unanswerable("record_gone", "another complaint has taken the name of its file")
        message = {"berkas": answer.locator, "lapor": answer.tracking_id, "kabar": answer.news.value}
        message |= {"judul": answer.subject, "pesan": answer.text}
        file = self._options.answers / f"{answer.id}.json"
        try:
            if not file.exists():
                file.parent.stat()  # A share that is away must not become a new, empty folder.
                spool.put(file, json.dumps(message, ensure_ascii=False, indent=1).encode())
                file.chmod(0o640)
        except OSError as error:
            raise Unreachable(f"answers: {file.parent} cannot be written to ({error.strerror})") from None

    def close(self) -> None:
        """Nothing is held open."""

    def _files(self) -> Mapping[str, Path]:
        """The folder's own files by name. Names in a JSON file are only looked up here, so they lead nowhere else."""
        try:
            with os.scandir(self._options.path) as found:
                return {one.name: Path(one.path) for one in found if one.is_file(follow_symlinks=False)}
        except (NotADirectoryError, PermissionError) as error:
            raise Misconfigured(f"path: {self._options.path} cannot be listed ({error.strerror})") from None
        except OSError as error:
            raise Unreachable(f"path: {self._options.path} cannot be reached ({error.strerror})") from None

    def _record(self, name: str, said: Mapping[str, Any], files: Mapping[str, Path]) -> SourceRecord:
        photos = [self._kept(files[photo]) if photo in files else None for photo in photos_of(said)]
        return SourceRecord(
            locator=name,
            key=name.removesuffix(".json"),
            version=version_of(said, files),
            received_at=moment_of(said.get("tanggal"), self._channel.timezone),
            # An edit is what shows in the fields: without this one a photo that comes late would change nothing.
            fields={**{column: scalar(value) for column, value in said.items()}, "foto_hilang": photos.count(None)},
            attachments=[photo for photo in photos if photo is not None],
            doubts=["file_missing"] if None in photos else [],
        )

    def _kept(self, photo: Path) -> Attachment | None:
        """The photo in the spool; None where it cannot be had."""
        media_type = mimetypes.guess_type(photo.name)[0] or "application/octet-stream"
        try:
            content = photo.read_bytes() if photo.stat().st_size <= LARGEST_PHOTO else None
        except OSError:
            return None
        return None if content is None else spool.keep(self._channel.spool, photo.name, media_type, content)


def content_of(file: Path) -> Mapping[str, Any] | None:
    """What the file says; None where it is gone meanwhile. Raises Damaged, with nothing of the content in it."""
    try:
        if file.stat().st_size > LARGEST_JSON:
            raise Damaged("file_too_large", f"it is larger than {LARGEST_JSON} bytes")
        said = json.loads(file.read_bytes())
        # What the state could not keep fails here: NaN, half an emoji, a file name in another encoding.
        json.dumps([file.name, said], ensure_ascii=False, allow_nan=False).encode()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Damaged("file_unreadable", f"it cannot be opened ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise Damaged("file_unreadable", "it is no JSON, or its name is no UTF-8") from None
    if not isinstance(said, dict):
        raise Damaged("file_unreadable", "it is no JSON object {…}")
    return said


def version_of(said: Mapping[str, Any], files: Mapping[str, Path]) -> str:
    """What it says and which photos are there: a photo that comes late is an edit, another indentation is none."""
    return digest([json.dumps(said, sort_keys=True), *(photo for photo in photos_of(said) if photo in files)])


def photos_of(said: Mapping[str, Any]) -> Sequence[str]:
    """The names of its photos."""
    named = said.get("foto") or []
    return [str(name) for name in named] if isinstance(named, list) else [str(named)]


def moment_of(said: object, zone: ZoneInfo) -> datetime | date | None:
    """When the citizen wrote: aware, or a day where no time is stated, or None where neither can be read."""
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
