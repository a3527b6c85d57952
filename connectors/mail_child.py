"""What do these mails say? Runs as a process of its own beside the fetching, for a portion of mails at a time.

A request on standard input is a pickled list of mails as bytes, its answer on standard output the list of `Mail`s.
Whatever one of them leads to that nobody has foreseen ends the process; whoever asked then reads them itself.
"""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path


def main() -> None:
    """Answer the requests on standard input until it ends, as it does too when whoever asks is killed."""
    out = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not stand between the answers.
    os.dup2(2, 1)
    # An isolated interpreter does not look beside the script for what belongs to it.
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from connectors.message import parse

    while True:
        try:
            raws = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump([parse(raw) for raw in raws], out, pickle.HIGHEST_PROTOCOL)
        out.flush()


if __name__ == "__main__":
    main()
