"""What can LAPOR be given of this file? Runs as a process of its own, under memory and time limits.

Hostile or broken files may eat all memory or never end; here they take down only this process. It is told its limits
in one line of JSON and answers `{}`; then each further line names a file, and each answer is one line: the content in
base64, its media type, a reason code, a position. What nobody has foreseen ends it: whoever asked draws the conclusion.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any


def main() -> None:
    """Answer the requests on standard input until it ends."""
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    # Whatever a library prints must not stand between the answers.
    os.dup2(2, 1)
    # An isolated interpreter does not look beside the script for what belongs to it.
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from gateway.attachments.paper import document
    from gateway.attachments.photo import picture

    memory = json.loads(sys.stdin.readline())["memory_bytes"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    _tell(out, {})
    for line in sys.stdin:
        request = json.loads(line)
        _allow(request["seconds"])
        _tell(out, _answer(request, document if request["kind"] == "PDF" else picture))


def _answer(request: Mapping[str, Any], make: Callable[[Path, str], Any]) -> Mapping[str, Any]:
    from gateway.attachments.made import Refused

    try:
        made = make(Path(request["path"]), request["kind"])
    except Refused as refusal:
        return {"why": refusal.why}
    except MemoryError:
        return {"why": "attachment_too_large"}
    latitude, longitude = made.position or (None, None)
    return {
        "content": base64.b64encode(made.content).decode("ascii"),
        "media_type": made.media_type,
        "why": made.why,
        "latitude": latitude,
        "longitude": longitude,
        "decoration": made.decoration,
    }


def _allow(seconds: int) -> None:
    """So much processor time for the next file, whatever those before it took."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _tell(out: IO[str], answer: Mapping[str, Any]) -> None:
    out.write(json.dumps(answer) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
