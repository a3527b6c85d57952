"""May only one process send from a state?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from state.errors import AnotherWriter
from state.writer import only_writer
from tests.fakes import make_config, open_store


def test_a_second_writer_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    with open_store(config) as store, open_store(config) as other:
        with only_writer(store) as writer:
            assert writer.holds()
            with pytest.raises(AnotherWriter, match="stop it first"), only_writer(other):
                pass
        with only_writer(other) as writer:
            assert writer.holds()


def test_the_lock_of_a_process_that_ended_hinders_nobody(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    script = (
        "import os, sys; from filelock import FileLock; "
        "lock = FileLock(sys.argv[1]); lock.acquire(timeout=0); "
        "print('held', flush=True); sys.stdin.read(); os._exit(9)"
    )
    with open_store(config) as store:
        arguments = [sys.executable, "-c", script, f"{store.where}.lock"]
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(AnotherWriter), only_writer(store):
                pass
            holder.kill()
            holder.wait()
        with only_writer(store) as writer:
            assert writer.holds()


def test_an_error_in_the_work_lets_go_too(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    with open_store(config) as store:
        with pytest.raises(RuntimeError), only_writer(store):
            raise RuntimeError
        with only_writer(store) as writer:
            assert writer.holds()
