"""How do new channels come into a configuration: all or none, never over what is there, and only if they are right?"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from gateway.channel_text import NewChannel, channel_text
from gateway.config import examine
from gateway.mistakes import ConfigError, Mistake, Weight


def write(path: Path, channels: Sequence[NewChannel], secrets: Mapping[str, str]) -> tuple[list[Path], list[Mistake]]:
    """Write each channel's file, its mapping and the secrets (path below the configuration's folder: content).

    Returns the files, and what is wrong elsewhere in the configuration. Raises ConfigError where a new channel is not
    right or one of the files is there already; nothing is left behind then.
    """
    root = path.resolve().parent
    with _undone_on_failure() as made:
        for name, value in secrets.items():
            made(_private(root / name), f"{value}\n", 0o600)
        for channel in channels:
            if channel.mapping_text:
                made(_folder(root / "mappings") / f"{channel.name}.toml", channel.mapping_text, 0o644)
        elsewhere = _examined(path, channels)
        files = [_folder(root / "channels.d") / f"{channel.name}.toml" for channel in channels]
        for file, channel in zip(files, channels, strict=True):
            made(file, channel_text(channel), 0o644)
    return files, elsewhere


def write_config(path: Path, text: str, secrets: Mapping[str, str]) -> None:
    """Write a first configuration and its secrets. Raises ConfigError where one of the files is there already."""
    root = path.resolve().parent
    with _undone_on_failure() as made:
        for name, value in secrets.items():
            made(_private(root / name), f"{value}\n", 0o600)
        made(root / path.name, text, 0o644)


def _examined(path: Path, channels: Sequence[NewChannel]) -> list[Mistake]:
    """Raise ConfigError for mistakes in the new files; those of all others are returned."""
    root = path.resolve().parent
    with tempfile.TemporaryDirectory() as folder:
        staged = [Path(folder).resolve() / f"{channel.name}.toml" for channel in channels]
        for file, channel in zip(staged, channels, strict=True):
            file.write_text(channel_text(channel), encoding="utf-8")
        found = [one for one in examine(path, staged).mistakes if one.weight is Weight.MISTAKE]
    own = {*staged, *(root / "mappings" / f"{channel.name}.toml" for channel in channels if channel.mapping_text)}
    wrong = [one for one in found if one.file in own or _names(one, channels)]
    if wrong:
        raise ConfigError([_placed(one, root) for one in wrong])
    return [one for one in found if one not in wrong]


def _names(mistake: Mistake, channels: Sequence[NewChannel]) -> bool:
    """Whether it is of a new channel, wherever it is placed."""
    return any(mistake.key.startswith(f"channels[{channel.name}]") for channel in channels)


def _placed(mistake: Mistake, root: Path) -> Mistake:
    """With the file as it would have been called."""
    file = mistake.file if mistake.file.is_relative_to(root) else root / "channels.d" / mistake.file.name
    return Mistake(file, mistake.line, mistake.key, mistake.text)


Made = Callable[[Path, str, int], None]


@contextmanager
def _undone_on_failure() -> Iterator[Made]:
    """A function that makes a file; after any failure those that it made are gone."""
    made: list[Path] = []

    def make(file: Path, text: str, mode: int) -> None:
        _make(file, text, mode)
        made.append(file)

    whole = False
    try:
        yield make
        whole = True
    finally:
        for file in () if whole else made:
            file.unlink(missing_ok=True)


def _make(file: Path, text: str, mode: int) -> None:
    """A whole file under a name that was free. Raises ConfigError where it is taken, or cannot be written."""
    try:
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as open_file:
                open_file.write(text)
                open_file.flush()
                os.fsync(open_file.fileno())
            Path(temporary).chmod(mode)
            os.link(temporary, file)
        finally:
            Path(temporary).unlink()
    except FileExistsError:
        raise ConfigError([Mistake(file, None, "", "it is there already, and is never overwritten")]) from None
    except OSError as error:
        raise ConfigError([Mistake(file, None, "", f"it cannot be written ({error.strerror})")]) from None


def _folder(folder: Path) -> Path:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigError([Mistake(folder, None, "", f"it cannot be made ({error.strerror})")]) from None
    return folder


def _private(file: Path) -> Path:
    """The file, in a folder that nobody else can look into."""
    fresh = not file.parent.exists()
    _folder(file.parent)
    if fresh:
        file.parent.chmod(0o700)
    return file
