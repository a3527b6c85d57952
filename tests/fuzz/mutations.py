"""What can happen to a real mail on its way? Bytes flip, ends are cut, and two mails run into each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

MAILS = Path(__file__).parents[1] / "mails"
_LARGEST = 200_000
"""Bytes: what a larger mail holds beyond is a file's content, which says nothing new."""
_ODD = (
    b"\x00",
    b"\xff",
    b"\r",
    b"\n\n",
    b"--",
    b"=?",
    b"?=",
    b";",
    b'"',
    b"<",
    b"&#",
    b"> ",
    b"=\n",
    b"\xe2\x80",
    b"Content-Type: ",
)


def seeds(*folders: Path) -> Sequence[bytes]:
    """The project's own mails, and those of the folders that exist."""
    paths = [*sorted(MAILS.glob("*.eml")), *(path for folder in folders for path in sorted(folder.rglob("*")))]
    return [path.read_bytes()[:_LARGEST] for path in paths if path.is_file()]


def mutated(mails: Sequence[bytes], chance: Random) -> bytes:
    """One of the mails after one to six mishaps."""
    raw = chance.choice(mails)
    for _ in range(chance.randint(1, 6)):
        raw = chance.choice(_MISHAPS)(raw, mails, chance)
    return raw[: 2 * _LARGEST]


def _flipped(raw: bytes, _mails: Sequence[bytes], chance: Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(chance.randint(1, 20) if raw else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut(raw: bytes, _mails: Sequence[bytes], chance: Random) -> bytes:
    return raw[: chance.randint(0, len(raw))]


def _spliced(raw: bytes, mails: Sequence[bytes], chance: Random) -> bytes:
    other = chance.choice(mails)
    return raw[: chance.randint(0, len(raw))] + other[chance.randint(0, len(other)) :]


def _shuffled(raw: bytes, _mails: Sequence[bytes], chance: Random) -> bytes:
    lines = raw.split(b"\n")
    start = chance.randrange(len(lines))
    some = lines[start : start + chance.randint(2, 30)]
    chance.shuffle(some)
    return b"\n".join(lines[:start] + some + lines[start + len(some) :])


def _doubled(raw: bytes, _mails: Sequence[bytes], chance: Random) -> bytes:
    start = chance.randint(0, len(raw))
    chunk = raw[start : start + chance.randint(1, 400)]
    return raw[:start] + chunk * chance.randint(2, 40) + raw[start:]


def _dropped(raw: bytes, _mails: Sequence[bytes], chance: Random) -> bytes:
    lines = raw.split(b"\n")
    del lines[chance.randrange(len(lines))]
    return b"\n".join(lines)


def _pricked(raw: bytes, _mails: Sequence[bytes], chance: Random) -> bytes:
    at = chance.randint(0, len(raw))
    return raw[:at] + chance.choice(_ODD) * chance.randint(1, 30) + raw[at:]


def _other_ends(raw: bytes, _mails: Sequence[bytes], chance: Random) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\n", chance.choice([b"\r\n", b"\r", b"\n\r"]))


_MISHAPS: Sequence[Callable[[bytes, Sequence[bytes], Random], bytes]] = (
    _flipped, _cut, _spliced, _shuffled, _doubled, _dropped, _pricked, _other_ends,
)  # fmt: skip
