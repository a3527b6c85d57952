"""In which portions and in which order are a page's records read and kept?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from connectors.contract import Listing, SourceRecord
from mappings.report import CONTENT_MAX

BATCH = 200
"""Records that are kept in one transaction."""


def by_thread(records: Sequence[SourceRecord]) -> Sequence[Sequence[SourceRecord]]:
    """Records that answer others of the same batch come after them."""
    begun = {record.thread for record in records if record.thread}
    following = [record for record in records if begun & set(record.answers_to) - {record.thread}]
    if not following or len(following) == len(records):
        return [records]
    first = [record for record in records if record not in following]
    return [first, *by_thread(following)]


def is_costly(record: SourceRecord) -> bool:
    """Whether files must be decoded, or a letter be printed, for it."""
    return bool(record.attachments) or any(len(str(value)) > CONTENT_MAX for value in record.fields.values())


def digest(listing: Listing) -> str:
    hashed = hashlib.sha256()
    for entry in listing.entries:
        hashed.update(f"{entry.locator}\x1f{entry.version}\x1e".encode("utf-8", "surrogatepass"))
    return hashed.hexdigest()


def batches(records: Iterator[SourceRecord]) -> Iterator[Sequence[SourceRecord]]:
    batch: list[SourceRecord] = []
    for record in records:
        batch.append(record)
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
