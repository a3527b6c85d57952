"""Which files belong to a row, in a folder, at an address or in a column, and how do they come into the spool?

A file that cannot be had stops no report: it stands among its attachments without content, so that people see its name.
Only where the whole folder or server is away does the round wait for it.
"""

from __future__ import annotations

import base64
import binascii
import json
import mimetypes
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from connectors import spool
from connectors.contract import Attachment, Finding, Misconfigured, Scalar, Unreachable
from connectors.identity import digest
from connectors.sql_file_options import FileOptions
from connectors.web import Web, place

MOST = 20
"""Files of one column of one row; more are named."""
_MOST_NAMED = 100
_LOOKED_AT = 10
_SEPARATOR = re.compile(r"[,;|\n]")
_NOTHING = frozenset({"", "-", "--", "0", "null", "none", "nil", "tidak ada", "n/a", "[]", "{}"})
_DATA_URI = re.compile(r"data:(?P<kind>[\w.+-]+/[\w.+-]+)?[^,]{0,80};base64,", re.IGNORECASE)
_NAMED = ("path", "file", "filename", "file_name", "nama", "name", "url")
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class NotToBeHadError(Exception):
    """There is no such file, it may not be read, or it is too large."""


class Files:
    """Fetches the files of rows; one object serves one round. To be closed."""

    def __init__(self, options: Sequence[FileOptions], folder: Path) -> None:
        self._options = options
        self._spool = folder
        self._webs: dict[str, Web] = {}

    @property
    def blobs(self) -> Mapping[str, int]:
        """The columns that hold files, with the most bytes of one."""
        return {each.column: each.max_bytes for each in self._options if each.blob}

    @property
    def columns(self) -> Sequence[str]:
        """All columns that must be there."""
        return [name for each in self._options for name in (each.column, each.name) if name]

    def of(self, fields: Mapping[str, Scalar], blobs: Mapping[str, bytes | str | None]) -> Sequence[Attachment]:
        """A row's files, in the spool. Raises Unreachable where folder, server or spool are away."""
        found = [attachment for each in self._options for attachment in self._of_column(each, fields, blobs)]
        return list({(one.sha256, one.name): one for one in found}.values())

    def check(self, rows: Sequence[Mapping[str, Scalar]]) -> Sequence[Finding]:
        """Whether files that the last rows name can be had."""
        return [self._looked(each, rows) for each in self._options if not each.blob]

    def _looked(self, options: FileOptions, rows: Sequence[Mapping[str, Scalar]]) -> Finding:
        named = [name for row in rows for name in self._names(options, row)][:_LOOKED_AT]
        place_of = str(options.folder or options.url)
        try:
            had = sum(self._can_be_had(options, name) for name in named)
        except Unreachable as error:
            return Finding(ok=False, text=f"files of {options.column}: {error}")
        text = f"files of {options.column}: {had} of {len(named)} looked for are at {place_of}"
        return Finding(ok=bool(had) or not named, text=text if had or not named else f"{text}; is that the place?")

    def _can_be_had(self, options: FileOptions, name: str) -> bool:
        try:
            self._content(options, name)
        except NotToBeHadError:
            return False
        return True

    def close(self) -> None:
        """Let go of connections."""
        for web in self._webs.values():
            web.close()

    def _of_column(
        self, options: FileOptions, fields: Mapping[str, Scalar], blobs: Mapping[str, bytes | str | None]
    ) -> Iterator[Attachment]:
        if options.blob:
            yield from self._held(options, fields, blobs.get(options.column))
            return
        for number, name in enumerate(self._names(options, fields)):
            try:
                content = self._content(options, name) if number < MOST else None
            except NotToBeHadError:
                yield missing(self._spool, name)
            else:
                yield missing(self._spool, name) if content is None else self._kept(name, content)

    def _held(
        self, options: FileOptions, fields: Mapping[str, Scalar], blob: bytes | str | None
    ) -> Iterator[Attachment]:
        named = str(fields.get(options.name) or "") if options.name else ""
        if blob is None:
            if fields.get(options.column) is not None:  # it is there and too large
                yield missing(self._spool, named or options.column)
            return
        content, kind = decoded(blob)
        if content:
            yield self._kept(named or f"{options.column}{mimetypes.guess_extension(kind or '') or ''}", content, kind)

    def _kept(self, name: str, content: bytes, kind: str | None = None) -> Attachment:
        media_type = kind or mimetypes.guess_type(_base(name))[0] or "application/octet-stream"
        return spool.keep(self._spool, _base(name), media_type, content)

    def _names(self, options: FileOptions, fields: Mapping[str, Scalar]) -> Sequence[str]:
        return names_in(fields.get(options.column), lambda text: self._is_one(options, text))

    def _content(self, options: FileOptions, name: str) -> bytes:
        return self._in_folder(options, name) if options.folder else self._at_address(options, name)

    def _is_one(self, options: FileOptions, text: str) -> bool:
        """Whether a text with commas in it is the name of one file."""
        if options.folder is None:
            return False
        try:
            return inside(options.folder, text).is_file()
        except (NotToBeHadError, OSError):
            return False

    def _in_folder(self, options: FileOptions, name: str) -> bytes:
        assert options.folder is not None
        if not options.folder.is_dir():
            raise Unreachable(f"the folder {options.folder} with the files is not there: is its disk mounted?")
        try:
            return _content(inside(options.folder, name), options.max_bytes)
        except OSError:
            raise NotToBeHadError from None

    def _at_address(self, options: FileOptions, name: str) -> bytes:
        base = str(options.url)
        url = address(base, name)
        web = self._webs.get(base) or self._webs.setdefault(base, Web(options.timeout, options.max_bytes))
        try:
            return web.get(url).content
        except Misconfigured:
            raise NotToBeHadError from None
        except Unreachable:
            # One damaged file must not stop all reports, a server that is away must.
            self._require_server(web, base)
            raise NotToBeHadError from None

    def _require_server(self, web: Web, base: str) -> None:
        try:
            web.get(base)
        except Misconfigured:
            return
        except Unreachable:
            raise Unreachable(f"{place(base)}, where the files are, does not answer") from None


def names_in(value: Scalar, is_one: Callable[[str], bool]) -> Sequence[str]:
    """The names in a column: one, several with commas between them, or a JSON list; nothing for what means none."""
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if text.casefold() in _NOTHING:
        return []
    listed = _of_json(text)
    if listed is None:
        listed = [text] if is_one(text) else _SEPARATOR.split(text)
    names = (name.strip().strip("\"'") for name in listed)
    return list(dict.fromkeys(name for name in names if name.casefold() not in _NOTHING))[:_MOST_NAMED]


def _of_json(text: str) -> Sequence[str] | None:
    if text[:1] not in {"[", "{", '"'}:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    items: Iterable[object] = found if isinstance(found, list) else [found]
    texts = (_named(item) if isinstance(item, dict) else item for item in items)
    return [item for item in texts if isinstance(item, str)]


def _named(item: Mapping[str, object]) -> object:
    return next((item[name] for name in _NAMED if isinstance(item.get(name), str)), None)


def inside(folder: Path, name: str) -> Path:
    """The file of that name, wherever below the folder. Raises NotToBeHadError for one that leads out of it."""
    try:
        root = folder.resolve()
        path = (root / name.replace("\\", "/").lstrip("/")).resolve()
    except (ValueError, OSError, RuntimeError):
        raise NotToBeHadError from None
    if not path.is_relative_to(root) or path == root:
        raise NotToBeHadError
    return path


def address(base: str, name: str) -> str:
    """The address of a file below `base`; also of one that is named with its whole address."""
    relative = name.removeprefix(base).replace("\\", "/").lstrip("/")
    parts = unquote(relative).split("/")
    if "://" in relative or ".." in parts or not relative:
        raise NotToBeHadError
    return base + quote(unquote(relative) if name.startswith(base) else relative)


def decoded(blob: bytes | str) -> tuple[bytes, str | None]:
    """A column's file, and its type where it says so: bytes, or text in base64 as a browser sends it."""
    if isinstance(blob, bytes) and not blob.startswith(b"data:"):
        return blob, None
    text = blob.decode("latin-1") if isinstance(blob, bytes) else blob
    told = _DATA_URI.match(text)
    try:
        return base64.b64decode(text[told.end() if told else 0 :], validate=True), told["kind"] if told else None
    except (binascii.Error, ValueError):
        return (blob if isinstance(blob, bytes) else blob.encode("utf-8", "surrogatepass")), None


def missing(folder: Path, name: str) -> Attachment:
    """A file that is named and cannot be had: without content, under a hash that no content has."""
    hashed = digest(["missing", name]) * 2
    return Attachment(spool.safe_name(_base(name)), "application/octet-stream", folder / "missing" / hashed, hashed, 0)


def _base(name: str) -> str:
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _content(path: Path, most: int) -> bytes:
    handle = os.open(path, _OPEN)
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_size > most:
            raise NotToBeHadError
        content = file.read(most + 1)
    if len(content) > most:
        raise NotToBeHadError
    return content
