"""`make bench`: every figure of the project in one run. Names after it choose some: `make bench ARGS=sheets`."""

from __future__ import annotations

import sys

from tests.bench import faults, listing, mails, rows, sheets, submitting, tracking
from tests.bench.report import tell

_BENCHES = {
    "submitting": submitting.measure,
    "faults": faults.measure,
    "listing": listing.measure,
    "rows": rows.measure,
    "mails": mails.measure,
    "sheets": sheets.measure,
    "tracking": tracking.measure,
}


def main() -> int:
    chosen = sys.argv[1:] or list(_BENCHES)
    return tell([figure for name in chosen for figure in _BENCHES[name]()])


if __name__ == "__main__":
    sys.exit(main())
